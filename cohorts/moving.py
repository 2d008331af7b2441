"""Moves by hand on a board: one at a time, each weighed at once, each to be undone.

Somebody may have moved people meanwhile: then the page that was looked at is stale, and
both wishes are shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cohorts.mending import steps
from cohorts.models import Application, Composition, CompositionGroup, Move, Seat
from cohorts.seating import (
    Asked,
    groups_of,
    locked,
    must_lead,
    people_on,
    pins_of,
    seats_of,
    weigh_again,
)
from people.models import User
from people.refusal import Refused


class Stale(Refused):
    """Somebody else moved people since the page was made; both wishes are shown."""


@transaction.atomic
def move(
    seat: Seat,
    *,
    to: CompositionGroup | None,
    by: User,
    edition: int,
    now: datetime | None = None,
) -> Composition:
    """Put one person into another group, or let them wait. Re-weighed at once."""
    composition = _for_moving(seat.composition_id, by=by, edition=edition)
    if to is not None and to.composition_id != composition.pk:
        raise PermissionDenied(_("This group belongs to another proposal."))
    seats, seat = _with(composition, seat)
    if seat.group_id == (to.pk if to else None):
        return composition
    Move.objects.create(
        program_id=composition.program_id,
        composition=composition,
        seat=seat,
        came_from=seat.group,
        went_to=to,
        moved_by=by,
        moved_at=now or timezone.now(),
    )
    _place(seat, to)
    return weigh_again(composition, seats)


@transaction.atomic
def swap(
    seat: Seat, other: Seat, *, by: User, edition: int, now: datetime | None = None
) -> Composition:
    """Two people change places."""
    composition = _for_moving(seat.composition_id, by=by, edition=edition)
    seats, seat = _with(composition, seat)
    other = next((s for s in seats if s.pk == other.pk), other)
    if other.composition_id != composition.pk or other.group_id == seat.group_id:
        raise Refused(_("Choose somebody who sits elsewhere."))
    Move.objects.create(
        program_id=composition.program_id,
        composition=composition,
        seat=seat,
        came_from=seat.group,
        went_to=other.group,
        swapped_with=other,
        moved_by=by,
        moved_at=now or timezone.now(),
    )
    here, there = seat.group, other.group
    _place(seat, there)
    _place(other, here)
    return weigh_again(composition, seats)


@transaction.atomic
def undo(
    composition: Composition, *, by: User, edition: int, now: datetime | None = None
) -> Move | None:
    """Take the last move back; None when there is none left."""
    composition = _for_moving(composition.pk, by=by, edition=edition)
    last = last_move(composition)
    if last is None:
        return None
    seats, seat = _with(composition, last.seat)
    if last.swapped_with_id:
        other = next(s for s in seats if s.pk == last.swapped_with_id)
        _place(other, last.went_to)
    _place(seat, last.came_from)
    last.undone_at = now or timezone.now()
    last.save(update_fields=["undone_at"])
    weigh_again(composition, seats)
    return last


def last_move(composition: Composition) -> Move | None:
    return (
        Move.objects.unsealed("the moves of a proposal at hand")
        .filter(composition=composition, undone_at=None)
        .select_related("seat__application", "came_from", "went_to")
        .order_by("-moved_at", "-pk")
        .first()
    )


@transaction.atomic
def pin(seat: Seat, *, pinned: bool, by: User, edition: int) -> Composition:
    """Hold somebody where they sit; the next proposal keeps them there."""
    composition = _for_moving(seat.composition_id, by=by, edition=edition)
    seats, seat = _with(composition, seat)
    if pinned and seat.group is None:
        raise Refused(_("Only somebody who sits in a group can be held there."))
    seat.pinned = pinned
    seat.save(update_fields=["pinned"])
    return weigh_again(composition, seats)


def _for_moving(pk: UUID, *, by: User, edition: int) -> Composition:
    composition = locked(pk)
    must_lead(by, composition)
    if not composition.is_open:
        raise Refused(_("This proposal is no longer open to moves."))
    if composition.edition != edition:
        raise Stale(
            _(
                "Somebody moved people while you were looking. The board below is as "
                "it stands now; your choice is still set. Press again if you still "
                "want it."
            )
        )
    return composition


def _with(composition: Composition, seat: Seat) -> tuple[list[Seat], Seat]:
    """All seats with their people, and the one meant as it is among them."""
    seats = list(
        seats_of(composition).select_related("application", "group").order_by("pk")
    )
    for one in seats:
        if one.pk == seat.pk:
            return seats, one
    raise PermissionDenied(_("This seat belongs to another proposal."))


def _place(seat: Seat, group: CompositionGroup | None) -> None:
    seat.group = group
    if group is None:
        seat.pinned = False
    seat.save(update_fields=["group", "pinned"])


@dataclass(frozen=True, kw_only=True)
class WayOut:
    """A single step after which fewer rules are broken."""

    seat: Seat
    to: CompositionGroup | None
    swap_with: Seat | None
    broken: int


def ways_out(
    composition: Composition, *, circle: CompositionGroup | None = None, most: int = 3
) -> list[WayOut]:
    """The smallest changes that mend most; none, if no single step helps. Of one
    circle: those in which somebody comes or goes there."""
    return ways_out_of_each(composition, [circle], most=most)[0]


def ways_out_of_each(
    composition: Composition,
    circles: Iterable[CompositionGroup | None],
    *,
    most: int = 3,
) -> list[list[WayOut]]:
    """The same for several circles at once; None stands for all of them together."""
    asked = Asked.of(composition)
    groups = groups_of(composition)
    seats = list(seats_of(composition).select_related("application", "group"))
    of = {str(seat.application_id): seat for seat in seats}
    at: dict[UUID, list[str]] = {group.pk: [] for group in groups}
    for seat in seats:
        if seat.group_id in at:
            at[seat.group_id].append(str(seat.application_id))
    people, rules = people_on(seats, asked), asked.rules(pins_of(seats))
    return [
        [
            WayOut(
                seat=of[str(way.key)],
                to=groups[way.to] if way.to < len(groups) else None,
                swap_with=of.get(str(way.swap_with)),
                broken=way.broken,
            )
            for way in steps(
                [at[group.pk] for group in groups],
                people,
                rules=rules,
                size=asked.size,
                touching=circle.position if circle else None,
                most=most,
            )
        ]
        for circle in circles
    ]


# Keeping up with people who change their mind


@dataclass(frozen=True)
class Difference:
    """Who came and who went since the proposal was made."""

    came: frozenset[UUID] = field(default_factory=frozenset)
    went: frozenset[UUID] = field(default_factory=frozenset)

    def __bool__(self) -> bool:
        return bool(self.came or self.went)


def difference(composition: Composition) -> Difference:
    now = set(
        Application.objects.unsealed("whether the proposal is still up to date")
        .may_be_seated()
        .filter(intake=composition.intake_id)
        .values_list("pk", flat=True)
    )
    seated = set(seats_of(composition).values_list("application", flat=True))
    return Difference(frozenset(now - seated), frozenset(seated - now))


@transaction.atomic
def bring_up_to_date(composition: Composition, *, by: User, edition: int) -> Difference:
    """Newcomers wait; those who refused or withdrew leave the board."""
    composition = _for_moving(composition.pk, by=by, edition=edition)
    changed = difference(composition)
    if changed:
        seats_of(composition).filter(application__in=changed.went).delete()
        Seat.objects.bulk_create(
            Seat(
                program_id=composition.program_id,
                composition=composition,
                application_id=pk,
            )
            for pk in sorted(changed.came)
        )
        seats = list(seats_of(composition).select_related("application", "group"))
        weigh_again(composition, seats)
    return changed
