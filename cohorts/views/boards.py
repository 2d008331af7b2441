"""The composing board: one proposal, looked at and moved on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from cohorts import moving, seating, solving
from cohorts.access import composing_page, reader
from cohorts.board import (
    BLANK,
    WAITING,
    Board,
    Card,
    Circle,
    Look,
    account_of,
    as_proposed,
    board_of,
    called_so,
    everybody_on,
    impasse_of,
    speaker_for,
)
from cohorts.forms.composing import (
    GroupsForm,
)
from cohorts.models import (
    Cohort,
    Composition,
    CompositionGroup,
    Intake,
    Seat,
)
from cohorts.reasons import bridges_opened, how_good
from cohorts.tie_map import tie_map_of
from people.knocks import stream_url

PAGE = "cohorts/composition_board.html"


@composing_page
def composition_board(
    request: HttpRequest, intake: Intake, composition: Composition
) -> HttpResponse:
    if composition.state == Composition.State.COMPOSING:
        return _waiting(request, intake, composition)
    if _is_htmx(request) and request.method == "GET":
        # What asked was the page of a search that has ended since.
        return HttpResponse(headers={"HX-Refresh": "true"})
    touched = _as_key(request.GET.get("moved", ""))
    said, find = "", request.GET.get("find", "").strip()[:200]
    if find:
        found = called_so(composition, find, viewer=request.user)
        if found:
            return redirect(_at(composition, found))
        said = _("Nobody here is called “%s”.") % find
    return _board(request, intake, composition, touched=touched, said=said, find=find)


def _at(composition: Composition, touched: UUID | None, query: str = "") -> str:
    """The address of the board, and on it of whoever was touched."""
    asked = QueryDict(query, mutable=True)
    if touched:
        asked["moved"] = str(touched)
    url = reverse(
        "cohorts:composition_board", args=[composition.intake.slug, composition.number]
    )
    at = f"{url}?{asked.urlencode()}" if asked else url
    return f"{at}#seat-{touched}" if touched else at


def _waiting(
    request: HttpRequest, intake: Intake, composition: Composition
) -> HttpResponse:
    """How far the search is; a part of it to htmx, which asks again and again."""
    page = "cohorts/composition_waiting.html"
    progress = composition.progress
    silent = timezone.now() - (composition.heard_at or composition.made_at)
    return render(
        request,
        f"{page}#progress" if _is_htmx(request) else page,
        {
            "intake": intake,
            "composition": composition,
            "stream": stream_url(solving.room_of(composition.pk)),
            "how_good": how_good(progress),
            "done": round(100 * progress.get("done", 0)),
            "is_ending": composition.enough is not None,
            "is_silent": silent > solving.LONGEST_SILENCE,
            "impasse": impasse_of(composition, intake, viewer=request.user),
        },
    )


@require_POST
@composing_page
def composition_enough(
    request: HttpRequest, intake: Intake, composition: Composition
) -> HttpResponse:
    """Satisfied with the best so far: the search ends with it."""
    solving.be_satisfied(composition, by=reader(request))
    return redirect("cohorts:composition_board", intake.slug, composition.number)


def _board(
    request: HttpRequest,
    intake: Intake,
    composition: Composition,
    *,
    touched: UUID | None = None,
    wanted: str = "",
    find: str = "",
    said: str = "",
    status: int = 200,
) -> HttpResponse:
    board = board_of(
        composition,
        intake,
        viewer=request.user,
        look=_look(request),
        touched=touched,
        wanted=wanted,
    )
    board.waiting.cards = _card(request, board, board.waiting).of_all(
        board.waiting.people
    )
    if board.circles:
        card = _card(request, board, board.circles[0])
        for circle in board.circles:
            circle.cards = card.of_all(circle.people)
    changed = (
        moving.difference(composition) if composition.is_open else moving.Difference()
    )
    standing = (
        Composition.objects.visible_to(request.user)
        .standing()
        .exclude(state=Composition.State.COMPOSING)
        .filter(intake=intake)
    )
    return render(
        request,
        f"{PAGE}#board_and_status" if _is_htmx(request) else PAGE,
        {
            "intake": intake,
            "composition": composition,
            "board": board,
            "changed": changed,
            "others": standing.count(),
            "last": moving.last_move(composition) if composition.is_open else None,
            "said": said,
            "find": find,
            "title": _title(len(board.circles)),
            "how_good": as_proposed(composition),
            "opened": _opened(composition),
            "impasse": impasse_of(composition, intake, viewer=request.user)
            if composition.broken
            else None,
        },
        status=status,
    )


def _look(request: HttpRequest) -> Look:
    return Look.said(request.GET.get("open", ""))


def _card(request: HttpRequest, board: Board, circle: Circle) -> Card:
    return Card(
        render_to_string(
            f"{PAGE}#person",
            {
                "one": BLANK,
                "board": board,
                "circle": circle,
                "composition": board.composition,
                "intake": board.composition.intake,
            },
            request,
        )
    )


def _opened(composition: Composition) -> str:
    found = composition.facts.get("bridges")
    return bridges_opened(found["opened"], found["clusters"]) if found else ""


def _title(count: int) -> str:
    return ngettext("Composing one cohort", "Composing %(n)s cohorts", count) % {
        "n": count
    }


def _edition(request: HttpRequest) -> int:
    text = request.POST.get("edition", "")
    is_number = text.isascii() and text.isdigit() and len(text) < 9
    return int(text) if is_number else -1


def _seat(request: HttpRequest, composition: Composition, pk: UUID | None) -> Seat:
    return get_object_or_404(
        Seat.objects.visible_to(request.user).select_related(
            "application", "group", "composition"
        ),
        composition=composition,
        pk=pk,
    )


def _moved(
    request: HttpRequest,
    intake: Intake,
    composition: Composition,
    act: Callable[[], Any],
    *,
    said: Callable[[], str],
    touched: UUID | None = None,
    wanted: str = "",
) -> HttpResponse:
    """Do it, then show the board: a part of it to htmx, a fresh page to others."""
    try:
        act()
    except moving.Stale as stale:
        composition.refresh_from_db()
        composition.intake = intake
        return _board(
            request,
            intake,
            composition,
            touched=touched,
            wanted=wanted,
            said=str(stale.sentence),
            status=409,
        )
    composition.refresh_from_db()
    composition.intake = intake
    if _is_htmx(request):
        return _board(request, intake, composition, touched=touched, said=said())
    messages.success(request, said())
    return redirect(_at(composition, touched, request.GET.urlencode()))


@require_POST
@composing_page
def seat_move(
    request: HttpRequest, intake: Intake, composition: Composition, seat_id: UUID
) -> HttpResponse:
    seat = _seat(request, composition, seat_id)
    wanted = request.POST.get("to", "")
    to = None
    if wanted != WAITING:
        to = get_object_or_404(
            CompositionGroup.objects.visible_to(request.user),
            composition=composition,
            pk=_as_key(wanted),
        )
    name = seat.application.called

    def said() -> str:
        if to is None:
            return _("%(name)s waits now.") % {"name": name}
        return _("%(name)s sits in %(group)s now.") % {"name": name, "group": to.name}

    return _moved(
        request,
        intake,
        composition,
        lambda: moving.move(seat, to=to, by=reader(request), edition=_edition(request)),
        said=said,
        touched=seat.pk,
        wanted=wanted,
    )


@require_POST
@composing_page
def seat_swap(
    request: HttpRequest, intake: Intake, composition: Composition, seat_id: UUID
) -> HttpResponse:
    seat = _seat(request, composition, seat_id)
    other = _seat(request, composition, _as_key(request.POST.get("other", "")))
    return _moved(
        request,
        intake,
        composition,
        lambda: moving.swap(seat, other, by=reader(request), edition=_edition(request)),
        said=lambda: (
            _("%(one)s and %(other)s changed places.")
            % {"one": seat.application.called, "other": other.application.called}
        ),
        touched=seat.pk,
    )


@require_POST
@composing_page
def seat_pin(
    request: HttpRequest, intake: Intake, composition: Composition, seat_id: UUID
) -> HttpResponse:
    seat = _seat(request, composition, seat_id)
    pinned = request.POST.get("pinned") == "1"
    return _moved(
        request,
        intake,
        composition,
        lambda: moving.pin(
            seat, pinned=pinned, by=reader(request), edition=_edition(request)
        ),
        said=lambda: (
            (_("%(name)s is held here.") if pinned else _("%(name)s is free to move."))
            % {"name": seat.application.called}
        ),
        touched=seat.pk,
    )


@require_POST
@composing_page
def composition_undo(
    request: HttpRequest, intake: Intake, composition: Composition
) -> HttpResponse:
    undone: list[Any] = []

    def act() -> None:
        undone.append(
            moving.undo(composition, by=reader(request), edition=_edition(request))
        )

    def said() -> str:
        if not undone or undone[0] is None:
            return _("There is no move to take back.")
        return _("%(name)s is back where they were.") % {
            "name": undone[0].seat.application.called
        }

    last = moving.last_move(composition)
    return _moved(
        request,
        intake,
        composition,
        act,
        said=said,
        touched=last.seat_id if last else None,
    )


@require_POST
@composing_page
def composition_update(
    request: HttpRequest, intake: Intake, composition: Composition
) -> HttpResponse:
    return _moved(
        request,
        intake,
        composition,
        lambda: moving.bring_up_to_date(
            composition, by=reader(request), edition=_edition(request)
        ),
        said=lambda: _("The proposal is up to date; newcomers wait."),
    )


@composing_page
def seat_page(
    request: HttpRequest, intake: Intake, composition: Composition, seat_id: UUID
) -> HttpResponse:
    """One person on the board: why here, hold, change places."""
    seat = _seat(request, composition, seat_id)
    groups = seating.groups_of(composition)
    everybody = everybody_on(composition, viewer=request.user)
    speaker = speaker_for(composition, intake, everybody, groups)
    waiting = next(
        (
            one
            for one in composition.facts.get("unplaced", ())
            if one["key"] == str(seat.application_id)
        ),
        None,
    )
    named: dict[Any, str] = {group.pk: group.name for group in groups}
    named[None] = _("Waiting")
    words = _("%(name)s (%(group)s)")
    return render(
        request,
        "cohorts/composition_seat.html",
        {
            "intake": intake,
            "composition": composition,
            "seat": seat,
            "why": [speaker.because(b) for b in seat.because],
            "waiting": speaker.waiting(waiting) if waiting else "",
            "elsewhere": format_html_join(
                "",
                '<option value="{}">{}</option>',
                (
                    (one.seat, words % {"name": one.called, "group": named[one.group]})
                    for one in everybody
                    if one.group != seat.group_id
                ),
            ),
        },
    )


@composing_page
def composition_ways_out(
    request: HttpRequest, intake: Intake, composition: Composition
) -> HttpResponse:
    """The smallest changes that mend most; takes some seconds for many people."""
    number = request.GET.get("circle", "")
    groups = seating.groups_of(composition)
    circle = next((g for g in groups if str(g.position + 1) == number), None)
    ways = moving.ways_out(composition, circle=circle) if composition.is_open else []
    context = {
        "intake": intake,
        "composition": composition,
        "ways": ways,
        "circle": circle,
    }
    if _is_htmx(request):
        context["swaps_board"] = True
        return render(request, "cohorts/composition_ways.html", context)
    return render(request, "cohorts/composition_ways_out.html", context)


@composing_page
def composition_why(
    request: HttpRequest, intake: Intake, composition: Composition
) -> HttpResponse:
    account = account_of(composition, speaker_for(composition, intake))
    return render(
        request,
        "cohorts/composition_why.html",
        {"intake": intake, "composition": composition, "account": account},
    )


@composing_page
def composition_ties(
    request: HttpRequest, intake: Intake, composition: Composition
) -> HttpResponse:
    """Who knows whom, before and after: a map, and the same in words."""
    seats = list(
        Seat.objects.visible_to(request.user)
        .filter(composition=composition)
        .select_related("application")
        .order_by("application__called", "pk")
    )
    drawn = tie_map_of(composition, seats, seating.groups_of(composition))
    return render(
        request,
        "cohorts/composition_ties.html",
        {"intake": intake, "composition": composition, "map": drawn},
    )


@composing_page
def composition_groups(
    request: HttpRequest, intake: Intake, composition: Composition
) -> HttpResponse:
    groups = seating.groups_of(composition)
    taken = Cohort.objects.filter(program=intake.program_id).names_taken()
    form = GroupsForm(request.POST or None, groups=groups, taken=taken)
    if request.method == "POST" and form.is_valid():
        seating.name_groups(composition, names=form.named, by=reader(request))
        messages.success(request, _("Saved."))
        return redirect("cohorts:composition_board", intake.slug, composition.number)
    return render(
        request,
        "cohorts/composition_groups.html",
        {"intake": intake, "composition": composition, "form": form},
        status=422 if form.errors else 200,
    )


def _is_htmx(request: HttpRequest) -> bool:
    return bool(request.htmx)  # type: ignore[attr-defined]


def _as_key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
