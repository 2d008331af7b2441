"""Composing cohorts: propose, look, move, sign, publish."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from cohorts import moving, publishing, seating, signing, solving
from cohorts.access import composing_page, reader
from cohorts.board import (
    BLANK,
    WAITING,
    Board,
    Card,
    Circle,
    board_of,
    impasse_of,
    seats_on,
    speaker_for,
    speaker_of,
)
from cohorts.forms.composing import (
    AskForm,
    ComposeForm,
    GroupsForm,
    SignatureForm,
)
from cohorts.models import (
    Appointment,
    Composition,
    CompositionGroup,
    CompositionSignature,
    Intake,
    Seat,
)
from cohorts.places import places_for
from cohorts.reasons import bridges_opened, how_good
from cohorts.tasks import solve_composition
from cohorts.tie_map import tie_map_of
from people.access import signed_in
from people.tasks import knock

PAGE = "cohorts/composition_board.html"


@signed_in
def composition_list(request: HttpRequest) -> HttpResponse:
    """The calls of one's programs, and how far their composing is."""
    led = [program.pk for program in places_for(request).leads]
    if not led:
        raise Http404
    intakes = (
        Intake.objects.filter(program__in=led)
        .select_related("program")
        .order_by("-created_at", "pk")
    )
    standing: dict[Any, list[Composition]] = {}
    for one in (
        Composition.objects.visible_to(request.user)
        .standing()
        .filter(program__in=led)
        .defer("facts", "rules")
        .order_by("number")
    ):
        standing.setdefault(one.intake_id, []).append(one)
    rows = [(intake, standing.get(intake.pk, [])) for intake in intakes]
    return render(request, "cohorts/composition_list.html", {"rows": rows})


@composing_page
def composition_latest(request: HttpRequest, intake: Intake) -> HttpResponse:
    """The proposal that was made last, or the form for a first one."""
    standing = dict(
        Composition.objects.visible_to(request.user)
        .filter(intake=intake)
        .exclude(state=Composition.State.SET_ASIDE)
        .order_by("number")
        .values_list("state", "number")
    )
    # By state, the highest number of each: the published one first.
    number = standing.get(Composition.State.PUBLISHED) or max(
        standing.values(), default=None
    )
    if number is not None:
        return redirect("cohorts:composition_board", intake.slug, number)
    return redirect("cohorts:composition_new", intake.slug)


@composing_page
def composition_new(request: HttpRequest, intake: Intake) -> HttpResponse:
    """The form of a proposal; of another one as before, or with something eased."""
    people = seating.to_be_seated(intake)
    kept = _kept(request, intake)
    easings: dict[int, dict[str, Any]] = {}
    initial: dict[str, Any] = {}
    loose: frozenset[str] = frozenset()
    if kept:
        easings = solving.easings_of(kept, _numbers(request, "ease"))
        asked, loose = solving.eased(seating.Asked.of(kept), easings)
        initial = _as_before(asked, people)
    form = ComposeForm(
        request.POST or None,
        intake=intake,
        codes={one.code.upper(): str(one.pk) for one in people},
        initial=initial,
    )
    if people and request.method == "POST" and form.is_valid():
        begun = seating.propose(
            intake,
            asked=form.asked,
            by=reader(request),
            names=form.names(form.asked.groups),
            keep=kept,
            loose=loose,
            client_key=form.key,
        )
        if solving.is_quick(begun):
            solving.solve(begun.pk)
        else:
            transaction.on_commit(lambda: knock(solve_composition, str(begun.pk)))
        return redirect("cohorts:composition_board", intake.slug, begun.number)
    speaker = speaker_of(intake, people)
    return render(
        request,
        "cohorts/composition_new.html",
        {
            "intake": intake,
            "form": form,
            "count": len(people),
            "kept": kept,
            "holds": bool(kept) and _holds(kept, loose),
            "eased": [(n, speaker.easing(one)) for n, one in easings.items()],
        },
        status=422 if form.errors else 200,
    )


def _holds(kept: Composition | None, loose: Collection[str]) -> bool:
    held = seating.seats_of(kept).filter(pinned=True, group__isnull=False)
    return held.exclude(application__in=loose).exists()


def _numbers(request: HttpRequest, name: str) -> list[int]:
    said = request.POST.getlist(name) or request.GET.getlist(name)
    return [int(text) for text in said if _is_number(text)]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6


def _kept(request: HttpRequest, intake: Intake) -> Composition | None:
    number = request.POST.get("keep") or request.GET.get("keep") or ""
    if not _is_number(number):
        return None
    return get_object_or_404(
        Composition.objects.visible_to(request.user), intake=intake, number=int(number)
    )


def _as_before(asked: seating.Asked, people: list[Any]) -> dict[str, Any]:
    """What was asked, as the form writes it."""
    code_of = {str(one.pk): one.code for one in people}

    def lines(pairs: tuple[tuple[str, str], ...]) -> str:
        return "\n".join(
            f"{code_of[a]} {code_of[b]}"
            for a, b in pairs
            if a in code_of and b in code_of
        )

    return {
        "groups": asked.groups,
        "size_min": asked.size_min,
        "size_max": asked.size_max,
        "meeting": asked.meeting,
        "organisation_cap": asked.organisation_cap,
        "protected": list(asked.protected),
        "vary": list(asked.vary),
        "required": ", ".join(asked.required),
        "reach": asked.reach,
        "together": lines(asked.together),
        "apart": lines(asked.apart),
        "hours_open": " ".join(code_of[k] for k in asked.hours_open if k in code_of),
    }


# The board


@composing_page
def composition_board(
    request: HttpRequest, intake: Intake, composition: Composition
) -> HttpResponse:
    if composition.state == Composition.State.COMPOSING:
        return _waiting(request, intake, composition)
    if _is_htmx(request) and request.method == "GET":
        # What asked was the page of a search that has ended since.
        return HttpResponse(headers={"HX-Refresh": "true"})
    touched = request.GET.get("moved", "")
    return _board(request, intake, composition, touched=_as_key(touched))


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


def _is_htmx(request: HttpRequest) -> bool:
    return bool(request.htmx)  # type: ignore[attr-defined]


def _as_key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _board(
    request: HttpRequest,
    intake: Intake,
    composition: Composition,
    *,
    touched: UUID | None = None,
    wanted: str = "",
    said: str = "",
    status: int = 200,
) -> HttpResponse:
    board = board_of(
        composition, intake, viewer=request.user, touched=touched, wanted=wanted
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
            "title": _title(len(board.circles)),
            "how_good": _as_proposed(composition),
            "opened": _opened(composition),
            "impasse": impasse_of(composition, intake, viewer=request.user)
            if composition.broken
            else None,
        },
        status=status,
    )


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


def _as_proposed(composition: Composition) -> str:
    """How good the search said it is, unless people were moved since."""
    if "value" not in composition.progress or composition.was_touched:
        return ""
    return "" if composition.broken else how_good(composition.progress)


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
    url = reverse("cohorts:composition_board", args=[intake.slug, composition.number])
    return redirect(f"{url}?moved={touched}#seat-{touched}" if touched else url)


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
    seats = seats_on(composition, viewer=request.user)
    speaker = speaker_for(composition, intake, seats, groups)
    elsewhere = [s for s in seats if s.group_id != seat.group_id]
    waiting = next(
        (
            one
            for one in composition.facts.get("unplaced", ())
            if one["key"] == str(seat.application_id)
        ),
        None,
    )
    named: dict[Any, str] = {group.pk: group.name for group in groups}
    return render(
        request,
        "cohorts/composition_seat.html",
        {
            "intake": intake,
            "composition": composition,
            "seat": seat,
            "why": [speaker.because(b) for b in seat.because],
            "waiting": speaker.waiting(waiting) if waiting else "",
            "elsewhere": [
                (s.pk, s.application.called, named.get(s.group_id, _("Waiting")))
                for s in elsewhere
            ],
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
    return render(
        request,
        "cohorts/composition_ways_out.html",
        {"intake": intake, "composition": composition, "ways": ways, "circle": circle},
    )


@composing_page
def composition_why(
    request: HttpRequest, intake: Intake, composition: Composition
) -> HttpResponse:
    board = board_of(composition, intake, viewer=request.user)
    return render(
        request,
        "cohorts/composition_why.html",
        {"intake": intake, "composition": composition, "board": board},
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
def composition_compare(request: HttpRequest, intake: Intake) -> HttpResponse:
    proposals = list(
        Composition.objects.visible_to(request.user)
        .standing()
        .filter(intake=intake)
        .exclude(state=Composition.State.COMPOSING)
        .select_related("made_by")
        .order_by("number")
    )
    seated: dict[Any, Any] = {
        row["composition"]: row
        for row in Seat.objects.visible_to(request.user)
        .filter(composition__in=[p.pk for p in proposals])
        .values("composition")
        .annotate(
            seated=Count("pk", filter=Q(group__isnull=False)),
            waiting=Count("pk", filter=Q(group=None)),
        )
        .order_by()
    }
    for one in proposals:
        facts = one.facts.get("groups", [])
        found = one.facts.get("bridges", {})
        rows = seated.get(one.pk, {})
        one.told = {  # type: ignore[attr-defined]
            "how_good": _as_proposed(one),
            "seated": rows.get("seated", 0),
            "waiting": rows.get("waiting", 0),
            "unmet": sum(len(g["needs"]) - len(g["covered"]) for g in facts),
            "meeting": sum(bool(g["meeting"]) for g in facts),
            "circles": len(facts),
            "bridges": found.get("opened"),
        }
    pair = _pair_of(request, proposals)
    return render(
        request,
        "cohorts/composition_compare.html",
        {
            "intake": intake,
            "proposals": proposals,
            "pair": pair,
            "elsewhere": _elsewhere(*pair) if pair else [],
        },
    )


def _pair_of(
    request: HttpRequest, proposals: list[Composition]
) -> tuple[Composition, Composition] | None:
    """The two that are held side by side: those asked for, else the last two."""
    if len(proposals) < 2:
        return None
    known = {str(one.number): one for one in proposals}
    first = known.get(request.GET.get("one", ""), proposals[-2])
    second = known.get(request.GET.get("other", ""), proposals[-1])
    return (first, second) if first != second else None


def _elsewhere(one: Composition, other: Composition) -> list[tuple[str, str, str]]:
    """Name, where in the first, where in the second."""

    def where(seat: Seat | None) -> str:
        if seat is None:
            return _("not in it")
        return seat.group.name if seat.group else _("Waiting")

    return [
        (application.called, where(here), where(there))
        for application, here, there in seating.sit_elsewhere(one, other)
    ]


@composing_page
def composition_groups(
    request: HttpRequest, intake: Intake, composition: Composition
) -> HttpResponse:
    groups = seating.groups_of(composition)
    form = GroupsForm(request.POST or None, groups=groups)
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


@composing_page
def composition_set_aside(
    request: HttpRequest, intake: Intake, composition: Composition
) -> HttpResponse:
    if request.method == "POST":
        seating.set_aside(composition, by=reader(request))
        messages.success(request, _("The proposal is set aside."))
        return redirect("cohorts:composition_compare", intake.slug)
    return render(
        request,
        "components/confirm.html",
        {
            "question": _("Set proposal %(n)s aside?") % {"n": composition.number},
            "consequence": _("The search ends, and nothing of it is kept.")
            if composition.state == Composition.State.COMPOSING
            else _("It leaves the list. Nothing was sent from it."),
            "action": _("Set it aside"),
            "back": reverse(
                "cohorts:composition_board", args=[intake.slug, composition.number]
            ),
        },
    )


# Signing and publishing


def _to_sign(request: HttpRequest, composition_id: UUID) -> Composition:
    """The proposal, for its leads and for those who were asked to sign it."""
    composition = (
        Composition.objects.unsealed("whoever may sign it reads names and groups")
        .select_related("intake__program")
        .filter(pk=composition_id)
        .first()
    )
    if composition is None or not signing.may_sign(reader(request), composition):
        raise Http404
    return composition


@signed_in
def composition_sign(request: HttpRequest, composition_id: UUID) -> HttpResponse:
    composition = _to_sign(request, composition_id)
    form = SignatureForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = signing.sign(
            composition,
            by=reader(request),
            arrangement=form.cleaned_data["arrangement"],
            agrees=request.POST.get("answer") == "sign",
            note=form.cleaned_data["note"],
        )
        messages.success(
            request,
            _("Signed, exactly as it stands.")
            if given.answer == CompositionSignature.Answer.SIGNED
            else _("Your answer is kept; talk with those who made the proposal."),
        )
        return redirect("cohorts:composition_sign", composition.pk)
    return _sign_page(request, composition, form)


def _sign_page(
    request: HttpRequest, composition: Composition, form: SignatureForm
) -> HttpResponse:
    leads = list(
        Appointment.objects.active()
        .filter(program=composition.program_id, role=Appointment.Role.LEAD)
        .values_list("person", flat=True)
    )
    is_lead = request.user.pk in leads
    arrangement = signing.arrangement_of(composition)
    could = [
        one
        for one in (signing.who_could_sign(composition) if is_lead else [])
        if one.pk != request.user.pk
    ]
    seats = (
        seating.seats_of(composition)
        .select_related("application")
        .order_by("application__called", "pk")
    )
    by_group: dict[Any, list[str]] = {}
    for seat in seats:
        by_group.setdefault(seat.group_id, []).append(seat.application.called)
    groups = [(g, by_group.get(g.pk, [])) for g in seating.groups_of(composition)]
    signatures = signing.signatures_of(composition)
    mine = next((s for s in signatures if s.person_id == request.user.pk), None)
    return render(
        request,
        "cohorts/composition_sign.html",
        {
            "composition": composition,
            "intake": composition.intake,
            "groups": groups,
            "waiting": by_group.get(None, []),
            "signatures": [(s, s.arrangement == arrangement) for s in signatures],
            "has_signed": bool(
                mine and mine.answer == "signed" and mine.arrangement == arrangement
            ),
            "arrangement": arrangement,
            "is_lead": is_lead,
            "alone": is_lead and not could and len(signatures) < 2,
            "hindering": publishing.what_hinders(composition)
            if composition.is_open
            else [],
            "ask_form": AskForm(people=could) if could else None,
            "form": form,
        },
        status=422 if form.errors else 200,
    )


@require_POST
@composing_page
def composition_ask(
    request: HttpRequest, intake: Intake, composition: Composition
) -> HttpResponse:
    form = AskForm(request.POST, people=signing.who_could_sign(composition))
    if form.is_valid():
        person = form.cleaned_data["person"]
        signing.ask_to_sign(composition, person, by=reader(request))
        messages.success(
            request, _("%(name)s is asked to sign.") % {"name": person.name}
        )
    return redirect("cohorts:composition_sign", composition.pk)


@composing_page
def composition_publish(
    request: HttpRequest, intake: Intake, composition: Composition
) -> HttpResponse:
    sign_url = reverse("cohorts:composition_sign", args=[composition.pk])
    if request.method == "POST":
        made = publishing.publish(composition, by=reader(request))
        messages.success(
            request,
            ngettext(
                "One cohort is made; its invitations are on their way.",
                "%(n)s cohorts are made; their invitations are on their way.",
                len(made),
            )
            % {"n": len(made)},
        )
        return redirect("cohorts:composition_board", intake.slug, composition.number)
    hindering = publishing.what_hinders(composition) if composition.is_open else []
    if hindering or not composition.is_open:
        return redirect(sign_url)
    count = seating.seats_of(composition).filter(group__isnull=False).count()
    return render(
        request,
        "components/confirm.html",
        {
            "question": _("Make these cohorts and invite everybody?"),
            "consequence": ngettext(
                "One invitation leaves now. This cannot be undone.",
                "%(n)s invitations leave now. This cannot be undone.",
                count,
            )
            % {"n": count},
            "action": _("Make the cohorts"),
            "back": sign_url,
        },
    )
