"""The three bands, for the leads of a call: what readings propose, what people say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cohorts import banding, deciding, quotas
from cohorts.access import lead_call_page
from cohorts.forms.selection import (
    DeclineForm,
    MoveForm,
    ReasonForm,
)
from cohorts.models import (
    Application,
    Band,
    BandMove,
    Intake,
    Placement,
)
from cohorts.views.applications import ticked_in
from cohorts.views.calls import person_of

PAGE_SIZE = 50
NOWHERE = "none"
FILTERS = {
    "": gettext_lazy("all who are still open"),
    NOWHERE: gettext_lazy("in no band"),
    **dict(Band.choices),
}


@dataclass(frozen=True, kw_only=True)
class BandRow:
    """One application on the page of bands."""

    key: UUID
    code: str
    called: str
    band: str
    reason: str
    ticket: str  # what the tick sends: which one, and the edition that was seen
    proposal: banding.Proposal | None
    is_ticked: bool = False

    @property
    def band_label(self) -> Any:
        return Band(self.band).label if self.band else ""

    @property
    def proposed_label(self) -> Any:
        return Band(self.proposal.band).label if self.proposal else ""

    @property
    def differs(self) -> bool:
        return bool(self.proposal and self.band and self.proposal.band != self.band)


@lead_call_page
def band_list(request: HttpRequest, intake: Intake) -> HttpResponse:
    """Every open application with what the readings propose; moved by the form."""
    if request.method == "POST":
        return _moved(request, intake)
    return _bands_page(request, intake, MoveForm())


def _moved(request: HttpRequest, intake: Intake) -> HttpResponse:
    form = MoveForm(request.POST)
    seen = ticked_in(request)
    if not seen:
        form.add_error(None, _("Tick at least one application first."))
    if form.is_valid():
        try:
            n = banding.place(
                intake,
                seen,
                band=form.cleaned_data["band"],
                reason=form.cleaned_data["reason"],
                by=person_of(request),
                now=timezone.now(),
            )
        except banding.Overtaken as overtaken:
            form.add_error(None, str(overtaken.sentence))
            return _bands_page(
                request, intake, form, ticked=set(seen), overlaps=overtaken.overlaps
            )
        messages.success(
            request,
            ngettext(
                "%(n)s application moved. Nobody is told.",
                "%(n)s applications moved. Nobody is told.",
                n,
            )
            % {"n": n},
        )
        where = redirect("cohorts:band_list", intake.slug)
        if request.GET:
            where["Location"] += f"?{request.GET.urlencode()}"
        return where
    return _bands_page(request, intake, form, ticked=set(seen))


def _bands_page(
    request: HttpRequest,
    intake: Intake,
    form: MoveForm,
    *,
    ticked: Iterable[UUID] = (),
    overlaps: Iterable[banding.Overlap] = (),
) -> HttpResponse:
    person = person_of(request)
    found = banding.outlook(intake, by=person)
    shown = request.GET.get("band", "")
    bands = dict(
        Placement.objects.visible_to(person)
        .filter(intake=intake)
        .values_list("application", "band")
    )
    still_open = list(
        Application.objects.visible_to(person)
        .submitted()
        .filter(intake=intake, outcome__in=banding.OPEN)
        .order_by("submitted_at", "pk")
        .values_list("pk", flat=True)
    )
    wanted = [
        key
        for key in _in_order(still_open, found)
        if not shown or bands.get(key, NOWHERE) == shown
    ]
    page = Paginator(wanted, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "cohorts/band_list.html",
        {
            "intake": intake,
            "form": form,
            "page": page,
            "rows": _rows(request, list(page.object_list), found, set(ticked)),
            "overlaps": overlaps,
            "outlook": found,
            "filters": [
                (key, label, _how_many(key, still_open, bands))
                for key, label in FILTERS.items()
            ],
            "shown": shown,
            "to_follow": sum(key not in bands for key in found.proposals)
            if found.is_enough
            else 0,
            "is_fixed": quotas.is_fixed(intake),
            "address": request.GET.urlencode(),
        },
        status=422 if form.is_bound else 200,
    )


def _how_many(key: str, still_open: list[UUID], bands: dict[UUID, str]) -> int:
    return sum(not key or bands.get(one, NOWHERE) == key for one in still_open)


def _in_order(still_open: list[UUID], found: banding.Outlook) -> list[UUID]:
    """By their place where readings are enough; else as they came."""
    if not found.is_enough:
        return still_open
    place = {key: n for n, key in enumerate(found.order)}
    return sorted(still_open, key=lambda key: place.get(key, len(place)))


def _rows(
    request: HttpRequest,
    keys: list[UUID],
    found: banding.Outlook,
    ticked: set[UUID],
) -> list[BandRow]:
    people = Application.objects.visible_to(request.user).in_bulk(keys)
    stands = {
        one.application_id: one
        for one in Placement.objects.visible_to(request.user).filter(
            application__in=keys
        )
    }
    rows = []
    for key in keys:
        if key not in people:
            continue
        stand = stands.get(key)
        rows.append(
            BandRow(
                key=key,
                code=people[key].code,
                called=people[key].called,
                band=stand.band if stand else "",
                reason=stand.reason if stand else "",
                ticket=f"{key}:{stand.edition if stand else 0}",
                proposal=found.proposals.get(key) if found.is_enough else None,
                is_ticked=key in ticked,
            )
        )
    return rows


@lead_call_page
def band_history(
    request: HttpRequest, intake: Intake, application_id: UUID
) -> HttpResponse:
    """Every move of one application between the bands, with its reason."""
    application = get_object_or_404(
        Application.objects.visible_to(request.user), intake=intake, pk=application_id
    )
    moves = (
        BandMove.objects.visible_to(request.user)
        .filter(application=application)
        .select_related("moved_by")
        .order_by("moved_at", "pk")
    )
    return render(
        request,
        "cohorts/band_history.html",
        {"intake": intake, "application": application, "moves": moves},
    )


@lead_call_page
def band_follow(request: HttpRequest, intake: Intake) -> HttpResponse:
    """Put those in no band where the readings propose, after a look, with a reason."""
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        n = banding.follow(
            intake,
            reason=form.cleaned_data["reason"],
            by=person_of(request),
            now=timezone.now(),
        )
        messages.success(
            request,
            ngettext(
                "%(n)s application moved. Nobody is told.",
                "%(n)s applications moved. Nobody is told.",
                n,
            )
            % {"n": n},
        )
        return redirect("cohorts:band_list", intake.slug)
    found = banding.outlook(intake, by=person_of(request))
    placed = set(
        Placement.objects.visible_to(request.user)
        .filter(intake=intake)
        .values_list("application", flat=True)
    )
    moving = [p.band for key, p in found.proposals.items() if key not in placed]
    return render(
        request,
        "cohorts/band_follow.html",
        {
            "intake": intake,
            "form": form,
            "outlook": found,
            "counts": [(label, moving.count(band)) for band, label in Band.choices],
        },
        status=422 if form.is_bound else 200,
    )


@lead_call_page
def band_pending(request: HttpRequest, intake: Intake, band: str) -> HttpResponse:
    """Make what a band means a pending decision: an offer, or a refusal."""
    if band not in (Band.ACCEPT, Band.DECLINE):
        return redirect("cohorts:band_list", intake.slug)
    declining = band == Band.DECLINE
    form = DeclineForm(request.POST or None) if declining else None
    person = person_of(request)
    if request.method == "POST" and (form is None or form.is_valid()):
        n = banding.set_pending(
            intake,
            band=band,
            reasons=form.cleaned_data["reasons"] if form else "",
            by=person,
            now=timezone.now(),
        )
        messages.success(
            request,
            ngettext(
                "%(n)s decision is set. Nobody is told yet.",
                "%(n)s decisions are set. Nobody is told yet.",
                n,
            )
            % {"n": n},
        )
        return redirect("cohorts:decision_letters", intake.slug)
    return render(
        request,
        "cohorts/band_pending.html",
        {
            "intake": intake,
            "form": form,
            "declining": declining,
            "n": len(deciding.undecided(intake, band, by=person)),
        },
        status=422 if form is not None and form.is_bound else 200,
    )
