"""Who to turn to: the people and the outside contacts that the charter names.

The clause keeps keys; names and addresses are read when they are shown. Whoever leaves
the circle drops out by that, and its facilitators are told that the clause names them.
An outside contact stands here with their own yes and goes at their first word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from charters.models import OutsideContact
from charters.values import Source, Values, keys_of
from cohorts.models import Cohort, Membership
from people.models import User, create_once, record
from people.prepared import prepared
from people.refusal import Refused

MOST_CONTACTS = 12


@dataclass(frozen=True, kw_only=True)
class Who:
    """Whom the charter in force names, as far as they are still there."""

    people: tuple[Membership, ...] = ()
    # Of them, those who may be asked as the third in a repair conversation.
    thirds: frozenset[UUID] = frozenset()
    outside: tuple[OutsideContact, ...] = ()
    source: Source | None = None

    @property
    def is_empty(self) -> bool:
        return not self.people and not self.outside


def who(cohort: Cohort, values: Values, *, viewer: Any) -> Who:
    """For the people of this cohort. Two queries, none where nobody is named."""
    said = values.support
    people, outside = keys_of(said.people), keys_of(said.outside)
    return Who(
        people=tuple(_seated(cohort, people)) if people else (),
        thirds=frozenset(keys_of(said.third)),
        outside=tuple(_standing(viewer, cohort, outside)) if outside else (),
        source=values.source("support"),
    )


@prepared
def _seated(cohort: Cohort, keys: list[UUID]) -> QuerySet[Membership]:
    return (
        Membership.objects.active()
        .filter(cohort=cohort, pk__in=keys, person__is_active=True)
        .select_related("person")
        .order_by("joined_at", "pk")
    )


@prepared
def _standing(
    viewer: Any, cohort: Cohort, keys: list[UUID]
) -> QuerySet[OutsideContact]:
    return (
        OutsideContact.objects.visible_to(viewer)
        .standing()
        .filter(cohort=cohort, pk__in=keys)
        .order_by("added_at", "pk")
    )


@dataclass(frozen=True, kw_only=True)
class Choices:
    """Whom a clause of this cohort may name."""

    people: Sequence[tuple[str, str]] = ()
    outside: Sequence[tuple[str, str]] = ()


def choices(cohort: Cohort) -> Choices:
    seats = (
        Membership.objects.active()
        .filter(cohort=cohort, person__is_active=True)
        .select_related("person")
        .order_by("joined_at", "pk")
    )
    contacts = (
        OutsideContact.objects.unsealed("offered to whoever words a clause here")
        .standing()
        .filter(cohort=cohort)
        .order_by("added_at", "pk")
    )
    return Choices(
        people=[(str(seat.pk), seat.person.name) for seat in seats],
        outside=[(str(contact.pk), contact.name) for contact in contacts],
    )


@transaction.atomic
def add(
    *,
    by: Membership,
    name: str,
    reach: str,
    role: str = "",
    tongues: str = "",
    hours: str = "",
    said_yes: bool = False,
    client_key: UUID | None = None,
    now: datetime | None = None,
) -> OutsideContact:
    """Write down somebody outside; they are shown once a clause in force names them."""
    by.cohort.must_be_open()
    if by.left_at is not None:
        raise Refused(_("Only people of this cohort can do that."))
    if not said_yes:
        raise Refused(_("Ask them first: nobody is named without their own yes."))
    # The cohort's row is the turnstile for the count.
    Cohort.objects.select_for_update(of=("self",)).get(pk=by.cohort_id)
    made, is_new = create_once(
        OutsideContact,
        client_key=client_key,
        cohort=by.cohort,
        added_by=by,
        name=name.strip(),
        role=role.strip(),
        reach=reach.strip(),
        tongues=tongues.strip(),
        hours=hours.strip(),
        added_at=now or timezone.now(),
    )
    if is_new:
        # Counted with it, so that the last one that fits may be sent twice.
        known = OutsideContact.objects.unsealed("only counted, for the limit")
        if known.standing().filter(cohort=by.cohort_id).count() > MOST_CONTACTS:
            raise Refused(
                _("There are %(most)d already. Strike one out first.")
                % {"most": MOST_CONTACTS}
            )
        record("contact.add", by=by.person, about=made, place=by.cohort_id)
    return made


@transaction.atomic
def strike(
    contact: OutsideContact, *, by: User, now: datetime | None = None
) -> OutsideContact:
    """Their words go at once, everywhere; by who added them, or by a facilitator."""
    contact = (
        OutsideContact.objects.unsealed("the one that the actor was shown, locked")
        .select_for_update(of=("self",))
        .get(pk=contact.pk)
    )
    seat = Membership.objects.active().filter(cohort=contact.cohort_id, person=by)
    mine = seat.first()
    if mine is None or not (mine.is_facilitator or mine.pk == contact.added_by_id):
        raise Refused(
            _("Whoever wrote a contact down, or a facilitator, strikes it out.")
        )
    if contact.struck_at is None:
        contact.struck_at = now or timezone.now()
        contact.name = contact.role = contact.reach = ""
        contact.tongues = contact.hours = ""
        contact.save()
        record("contact.strike", by=by, about=contact, place=contact.cohort_id)
    return contact
