"""Signatures under a proposal: each is given to exactly the arrangement that stands."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.models import (
    Appointment,
    Composition,
    CompositionSignature,
    Membership,
    arrangement_hash,
)
from cohorts.seating import groups_of, locked, must_lead, seats_of
from cohorts.welcomes import ASKED_TO_SIGN
from people import outbox
from people.models import User, record
from people.refusal import Refused


def arrangement_of(composition: Composition) -> str:
    return arrangement_hash(
        seats_of(composition).values_list("application_id", "group_id")
    )


def signatures_of(composition: Composition) -> list[CompositionSignature]:
    return list(
        CompositionSignature.objects.unsealed("the signatures of a proposal at hand")
        .filter(composition=composition)
        .select_related("person")
        .order_by("asked_at", "pk")
    )


def answers_that_hold(composition: Composition) -> list[CompositionSignature]:
    """Those given to exactly the arrangement that stands, by people who still may:
    any move voids the others."""
    stands = arrangement_of(composition)
    may = set(_could_sign(composition).values_list("pk", flat=True))
    return [
        one
        for one in signatures_of(composition)
        if one.arrangement == stands and one.person_id in may
    ]


def may_sign(person: User, composition: Composition) -> bool:
    """The leads, and whoever a lead asked, as long as they are what they were asked as.

    Who has left the program reads no names any more, and signs nothing.
    """
    if _leads(composition).filter(person=person).exists():
        return True
    asked = CompositionSignature.objects.visible_to(person).filter(
        composition=composition, person=person
    )
    return asked.exists() and _could_sign(composition).filter(pk=person.pk).exists()


def _leads(composition: Composition) -> QuerySet[Appointment]:
    return Appointment.objects.active().filter(
        program=composition.program_id, role=Appointment.Role.LEAD
    )


def _could_sign(composition: Composition) -> QuerySet[User]:
    """The program's leads and facilitators, and whoever is to hold a group."""
    holding = (
        Membership.objects.active()
        .facilitators()
        .filter(cohort__program=composition.program_id)
    )
    named = {g.facilitator_email for g in groups_of(composition)} - {""}
    return (
        User.objects.filter(pk__in=_leads(composition).values("person"))
        | User.objects.filter(pk__in=holding.values("person"))
        | User.objects.filter(email__in=named)
    )


def who_could_sign(composition: Composition) -> list[User]:
    """The program's leads and facilitators who are not asked yet."""
    asked = [one.person_id for one in signatures_of(composition)]
    people = _could_sign(composition).exclude(pk__in=asked)
    return list(people.order_by("called", "pk"))


@transaction.atomic
def ask_to_sign(
    composition: Composition, person: User, *, by: User, now: datetime | None = None
) -> CompositionSignature:
    """Ask somebody of the program for their signature; they see names and groups."""
    must_lead(by, composition)
    if not composition.is_open:
        raise Refused(_("This proposal is no longer open to signatures."))
    allowed = {one.pk for one in who_could_sign(composition)}
    earlier = next(
        (s for s in signatures_of(composition) if s.person_id == person.pk), None
    )
    if earlier is not None:
        return earlier
    if person.pk not in allowed:
        raise Refused(_("Ask a lead or a facilitator of this program."))
    asked = CompositionSignature.objects.create(
        program_id=composition.program_id,
        composition=composition,
        person=person,
        asked_at=now or timezone.now(),
    )
    outbox.queue(ASKED_TO_SIGN, to=person, about=asked, key=str(asked.pk))
    record("composition.ask", by=by, about=composition, place=composition.program_id)
    return asked


@transaction.atomic
def sign(
    composition: Composition,
    *,
    by: User,
    arrangement: str,
    agrees: bool = True,
    note: str = "",
    now: datetime | None = None,
) -> CompositionSignature:
    """Sign the arrangement whose hash the page carried, or say what would mend it."""
    composition = locked(composition.pk)
    if not may_sign(by, composition):
        raise PermissionDenied(_("Only leads and those they ask sign a proposal."))
    if not composition.is_open:
        raise Refused(_("This proposal is no longer open to signatures."))
    stands = arrangement_of(composition)
    if agrees and arrangement != stands:
        raise Refused(_("People were moved while you were reading. Please look again."))
    if agrees and composition.broken:
        raise Refused(
            ngettext(
                "One rule is still broken. Mend it, or change what is asked.",
                "%(n)s rules are still broken. Mend them, or change what is asked.",
                composition.broken,
            )
            % {"n": composition.broken}
        )
    answer = (
        CompositionSignature.Answer.SIGNED
        if agrees
        else CompositionSignature.Answer.REFUSED
    )
    given, _made = CompositionSignature.objects.unsealed(
        "one's own answer"
    ).update_or_create(
        composition=composition,
        person=by,
        defaults={
            "program_id": composition.program_id,
            "answer": answer,
            "answered_at": now or timezone.now(),
            "arrangement": stands,
            "note": note,
        },
    )
    record(
        f"composition.{answer}",
        by=by,
        about=composition,
        place=composition.program_id,
    )
    return given
