"""Three bands: accept, lottery, decline. Proposed from readings, put by people.

The readings say of a place how far it may lie from the line under the last seat.
That is a proposal: nothing is in a band before a lead put it there, with a reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts import deciding, reckoning, severity
from cohorts.models import (
    Application,
    Band,
    BandMove,
    Intake,
    Placement,
    Standing,
)
from cohorts.quotas import lock, refuse_if_fixed
from cohorts.rights import must_lead
from people.models import User, record
from people.refusal import Refused

BAND_OF = {
    severity.Band.ABOVE.value: Band.ACCEPT.value,
    severity.Band.OVERLAP.value: Band.LOTTERY.value,
    severity.Band.BELOW.value: Band.DECLINE.value,
}
OPEN = (Application.Outcome.NONE, Application.Outcome.WAITLISTED)


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What the readings say of one application: its band, and the place's interval."""

    band: str
    low: int
    high: int


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """The proposals, or how many applications still lack readings."""

    proposals: Mapping[UUID, Proposal]
    order: Sequence[UUID]  # best first
    lacking: int = 0
    as_of: datetime | None = None

    @property
    def is_enough(self) -> bool:
        return bool(self.proposals) and not self.lacking


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """One application that another lead moved while somebody was looking."""

    called: str
    wanted: str
    stands: str
    reason: str
    by: str


class Overtaken(Refused):
    """Another lead was quicker; both wishes are shown and nothing was moved."""

    def __init__(self, overlaps: Sequence[Overlap]):
        super().__init__(
            _(
                "Another lead moved some of these while you were looking. Nothing was "
                "moved; what stands now is below. Send again to have it your way."
            )
        )
        self.overlaps = overlaps


def outlook(intake: Intake, *, by: User) -> Outlook:
    """What the readings propose. Nothing, as long as some application lacks them.

    A place among those that were read says nothing about one among all.
    """
    reckoned = reckoning.latest(intake, by=by)
    if reckoned is None:
        return Outlook(proposals={}, order=())
    places = {
        one.application: one for one in reckoning.places_of(reckoned, reckoned.places)
    }
    wanted = max(intake.readings_wanted, 1)
    standing = set(
        Standing.objects.visible_to(by)
        .filter(intake=intake, application__state=Application.State.SUBMITTED)
        .values_list("application", flat=True)
    )
    return Outlook(
        proposals={
            key: Proposal(
                band=BAND_OF[one.band(intake.seats)], low=one.low, high=one.high
            )
            for key, one in places.items()
            if key in standing
        },
        order=[key for key in places if key in standing],
        lacking=sum(
            key not in places or places[key].readings < wanted for key in standing
        ),
        as_of=reckoned.as_of,
    )


def counted(intake: Intake, *, by: User) -> dict[str, int]:
    """How many still open applications are in each band, and in none ("")."""
    found = dict.fromkeys(["", *Band.values], 0)
    found.update(
        Placement.objects.visible_to(by)
        .filter(
            intake=intake,
            application__state=Application.State.SUBMITTED,
            application__outcome__in=OPEN,
        )
        .values_list("band")
        .annotate(n=Count("pk"))
    )
    still_open = Application.objects.visible_to(by).filter(
        intake=intake, state=Application.State.SUBMITTED, outcome__in=OPEN
    )
    found[""] = still_open.count() - sum(found[band] for band in Band.values)
    return found


@transaction.atomic
def place(
    intake: Intake,
    seen: Mapping[UUID, int],
    *,
    band: str,
    reason: str,
    by: User,
    now: datetime,
) -> int:
    """Put these into a band. `seen`: application → the edition on the page, 0 if none.

    Who is there already stays, so that a form sent twice moves once. Raises Overtaken
    when another lead moved one of them meanwhile. Returns how many moved.
    """
    must_lead(by, intake.program)
    lock(intake)
    refuse_if_fixed(intake)
    applications = {
        one.pk: one
        for one in Application.objects.visible_to(by)
        .submitted()
        .filter(intake=intake, pk__in=list(seen), outcome__in=OPEN)
    }
    stands = {
        one.application_id: one
        for one in Placement.objects.visible_to(by)
        .filter(intake=intake, application__in=applications)
        .select_related("placed_by")
    }
    moving = [
        key
        for key in sorted(applications)
        if key not in stands or stands[key].band != band
    ]
    overlaps = [
        _overlap(applications[key], stands.get(key), wanted=band)
        for key in moving
        if _edition(stands.get(key)) != seen[key]
    ]
    if overlaps:
        raise Overtaken(overlaps)
    _put(intake, moving, stands, band=band, reason=reason, by=by, now=now)
    return len(moving)


def _edition(stands: Placement | None) -> int:
    return stands.edition if stands else 0


def _overlap(
    application: Application, stands: Placement | None, *, wanted: str
) -> Overlap:
    return Overlap(
        called=application.called,
        wanted=str(Band(wanted).label),
        stands=str(stands.get_band_display()) if stands else _("in no band"),
        reason=stands.reason if stands else "",
        by=str(stands.placed_by.name) if stands and stands.placed_by else "",
    )


def _put(
    intake: Intake,
    moving: Sequence[UUID],
    stands: Mapping[UUID, Placement],
    *,
    band: str,
    reason: str,
    by: User,
    now: datetime,
) -> None:
    rest: dict[str, Any] = {"program_id": intake.program_id, "reason": reason}
    moves = [
        BandMove(
            application_id=key,
            came_from=stands[key].band if key in stands else "",
            went_to=band,
            moved_by=by,
            moved_at=now,
            **rest,
        )
        for key in moving
    ]
    fresh = [
        Placement(
            application_id=key,
            intake=intake,
            band=band,
            placed_by=by,
            placed_at=now,
            **rest,
        )
        for key in moving
        if key not in stands
    ]
    Placement.objects.unsealed("a lead moves rows read as a lead").filter(
        pk__in=[stands[key].pk for key in moving if key in stands]
    ).update(
        band=band,
        reason=reason,
        placed_by=by,
        placed_at=now,
        edition=F("edition") + 1,
    )
    Placement.objects.bulk_create(fresh, batch_size=1000)
    BandMove.objects.bulk_create(moves, batch_size=1000)
    if moves:
        record("band.move", by=by, about=intake, place=intake.program_id)


@transaction.atomic
def follow(intake: Intake, *, reason: str, by: User, now: datetime) -> int:
    """Put those in no band where the readings propose. Returns how many.

    Refused while readings are lacking.
    """
    must_lead(by, intake.program)
    found = outlook(intake, by=by)
    if not found.is_enough:
        raise Refused(
            ngettext(
                "%(n)s application still lacks readings, so nothing is proposed.",
                "%(n)s applications still lack readings, so nothing is proposed.",
                found.lacking,
            )
            % {"n": found.lacking}
        )
    placed = set(
        Placement.objects.visible_to(by)
        .filter(intake=intake)
        .values_list("application", flat=True)
    )
    moved = 0
    for band in Band.values:
        seen = {
            key: 0
            for key, proposal in found.proposals.items()
            if proposal.band == band and key not in placed
        }
        moved += place(intake, seen, band=band, reason=reason, by=by, now=now)
    return moved


def set_pending(
    intake: Intake, *, band: str, reasons: str = "", by: User, now: datetime
) -> int:
    """Make the decision of a band pending: an offer, or a refusal with reasons.

    Nobody is told before the letters leave. Returns how many were set.
    """
    outcome = {
        Band.ACCEPT.value: Application.Outcome.OFFERED,
        Band.DECLINE.value: Application.Outcome.DECLINED,
    }[band]
    return deciding.decide(
        intake,
        deciding.undecided(intake, band, by=by),
        outcome=outcome,
        reasons=reasons,
        by=by,
        now=now,
    )
