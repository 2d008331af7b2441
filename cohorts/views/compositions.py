"""Proposals of cohorts: ask for one, wait for it, compare, set aside."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cohorts import seating, solving
from cohorts.access import composing_page, reader
from cohorts.board import (
    as_proposed,
    speaker_of,
)
from cohorts.forms.composing import (
    ComposeForm,
)
from cohorts.models import (
    Cohort,
    Composition,
    Intake,
    Seat,
)
from cohorts.places import places_for
from cohorts.tasks import solve_composition
from people.access import signed_in
from people.tasks import knock


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
        return _begin(
            request,
            intake,
            form.asked,
            keep=kept,
            loose=loose,
            client_key=form.key,
        )
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


@require_POST
@composing_page
def composition_ease(
    request: HttpRequest, intake: Intake, composition: Composition
) -> HttpResponse:
    """The same proposal again, but for the rules that were chosen to give."""
    easings = solving.easings_of(composition, _numbers(request, "ease"))
    if not easings:
        raise Http404
    asked, loose = solving.eased(seating.Asked.of(composition), easings)
    return _begin(
        request,
        intake,
        asked,
        keep=composition,
        loose=loose,
        client_key=_key_of(request, easings),
    )


def _begin(
    request: HttpRequest, intake: Intake, asked: seating.Asked, **more: Any
) -> HttpResponse:
    begun = seating.propose(
        intake,
        asked=asked,
        by=reader(request),
        names=ComposeForm.names(
            asked.groups,
            taken=Cohort.objects.filter(program=intake.program_id).names_taken(),
        ),
        **more,
    )
    if solving.is_quick(begun):
        solving.solve(begun.pk)
    else:
        transaction.on_commit(lambda: knock(solve_composition, str(begun.pk)))
    return redirect("cohorts:composition_board", intake.slug, begun.number)


def _key_of(request: HttpRequest, easings: Collection[int]) -> UUID | None:
    """Pressed twice, one button begins one proposal; another begins its own."""
    try:
        page = UUID(request.POST.get("client_key", ""))
    except ValueError:
        return None
    return uuid5(page, ",".join(map(str, sorted(easings))))


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
        one.told = as_proposed(one)  # type: ignore[attr-defined]
    pair = _pair_of(request, proposals)
    return render(
        request,
        "cohorts/composition_compare.html",
        {
            "intake": intake,
            "proposals": proposals,
            "rows": _side_by_side(proposals, seated),
            "pair": pair,
            "elsewhere": _elsewhere(*pair) if pair else [],
        },
    )


def _side_by_side(
    proposals: Sequence[Composition], seated: Mapping[Any, Any]
) -> list[tuple[str, list[Any], bool]]:
    """What is compared, what is true of each, and whether they differ in it."""
    columns = []
    for one in proposals:
        facts = one.facts.get("groups", [])
        rows = seated.get(one.pk, {})
        bridges = one.facts.get("bridges", {}).get("opened")
        columns.append(
            (
                one.broken,
                rows.get("seated", 0),
                rows.get("waiting", 0),
                _("%(n)s of %(all)s")
                % {"n": sum(bool(g["meeting"]) for g in facts), "all": len(facts)},
                sum(len(g["needs"]) - len(g["covered"]) for g in facts),
                "–" if bridges is None else bridges,
            )
        )
    labels = (
        _("Rules broken"),
        _("Seated"),
        _("Waiting"),
        _("Circles with an hour for all"),
        _("Questions nobody answers"),
        _("Bridges between clusters"),
    )
    return [
        (label, list(cells), len(set(cells)) > 1)
        for label, cells in zip(labels, zip(*columns, strict=True), strict=False)
    ]


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
