"""Letters to people who are asked to join, to sign, or to look at a proposal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cohorts import rights
from cohorts.models import (
    Agreement,
    Appointment,
    CompositionSignature,
    Invitation,
    Membership,
    Reopening,
    Signature,
)
from people.models import User
from people.outbox import Notice, Purpose, register


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What a mail says; `path` leads to the page it speaks of."""

    path: str
    about: Any


def _invitation(person: User | None, pk: UUID) -> Letter | None:
    invitation = (
        Invitation.objects.unsealed("writes the letter that carries this link")
        .live(timezone.now())
        .select_related("cohort__program", "made_by")
        .filter(pk=pk)
        .first()
    )
    if invitation is None or invitation.cohort.is_finished:
        return None
    path = reverse("cohorts:invitation", args=[invitation.secret()])
    return Letter(path=path, about=invitation)


def _agreement(person: User | None, pk: UUID) -> Letter | None:
    """The newest agreement, for somebody who still sits in an open cohort of it."""
    agreement = Agreement.objects.in_force().filter(pk=pk).first()
    seat = (
        Membership.objects.active()
        .filter(
            person=person,
            cohort__program__agreements=pk,
            cohort__finished_at=None,
        )
        .select_related("cohort__program")
        .order_by("joined_at")
        .first()
    )
    if agreement is None or seat is None:
        return None
    path = reverse("cohorts:agreement_sign", args=[seat.cohort.slug])
    return Letter(path=path, about=seat.cohort)


def _asked_to_sign(person: User | None, pk: UUID) -> Letter | None:
    asked = (
        CompositionSignature.objects.visible_to(person)
        .filter(pk=pk, person=person, answer="", composition__state="proposed")
        .select_related("composition__intake")
        .first()
    )
    if asked is None:
        return None
    path = reverse("cohorts:composition_sign", args=[asked.composition_id])
    return Letter(path=path, about=asked.composition.intake)


def _appointment(person: User | None, pk: UUID) -> Letter | None:
    appointment = (
        Appointment.objects.active()
        .filter(pk=pk, person=person)
        .select_related("program")
        .first()
    )
    return (
        None
        if appointment is None
        else Letter(path=reverse("cohorts:today"), about=appointment)
    )


def _reopened(person: User | None, pk: UUID) -> Letter | None:
    """For those who sit in the cohort that was opened, while it is open."""
    asked = (
        Reopening.objects.unsealed("why a cohort opened is told to those in it")
        .filter(pk=pk, cohort__finished_at=None)
        .exclude(agreed_at=None)
        .select_related("cohort", "asked_by", "agreed_by")
        .first()
    )
    if (
        asked is None
        or not Membership.objects.active()
        .filter(person=person, cohort=asked.cohort_id)
        .exists()
    ):
        return None
    path = reverse("cohorts:cohort_home", args=[asked.cohort.slug])
    return Letter(path=path, about=asked)


def _not_signed(person: User | None, pk: UUID) -> Letter | None:
    """For those who keep a cohort in which somebody said no to the agreement.

    Neither the name nor the words leave by mail.
    """
    declined = (
        Signature.objects.unsealed("whether a no still stands")
        .filter(pk=pk)
        .exclude(declined_at=None)
        .first()
    )
    if declined is None:
        return None
    seats = (
        Membership.objects.active()
        .filter(
            person=declined.person_id,
            cohort__program=declined.program_id,
            cohort__finished_at=None,
        )
        .select_related("cohort__program")
        .order_by("joined_at", "pk")
    )
    for seat in seats:
        if rights.may_keep(person, seat.cohort):
            path = reverse("cohorts:cohort_people", args=[seat.cohort.slug])
            return Letter(path=path, about=seat.cohort)
    return None


INVITATION = register(
    Notice(
        name="cohorts.invitation",
        template="cohorts/mail/invitation",
        purpose=Purpose.ACCOUNT,
        reason=_("You get this because somebody wants you in their cohort."),
        find=_invitation,
    )
)
AGREEMENT = register(
    Notice(
        name="cohorts.agreement",
        template="cohorts/mail/agreement",
        purpose=Purpose.DECISION,
        reason=_("You get this because the agreement of your program has changed."),
        find=_agreement,
    )
)
ASKED_TO_SIGN = register(
    Notice(
        name="cohorts.asked_to_sign",
        template="cohorts/mail/asked_to_sign",
        purpose=Purpose.DECISION,
        reason=_("You get this because a lead asks for your signature."),
        find=_asked_to_sign,
    )
)
APPOINTED = register(
    Notice(
        name="cohorts.appointed",
        template="cohorts/mail/appointed",
        purpose=Purpose.ACCOUNT,
        reason=_("You get this because you were given a task in a program."),
        find=_appointment,
    )
)
REOPENED = register(
    Notice(
        name="cohorts.reopened",
        template="cohorts/mail/reopened",
        purpose=Purpose.DECISION,
        reason=_("You get this because a cohort of yours was opened again."),
        find=_reopened,
    )
)
NOT_SIGNED = register(
    Notice(
        name="cohorts.not_signed",
        template="cohorts/mail/not_signed",
        purpose=Purpose.DECISION,
        reason=_("You get this because you keep a cohort."),
        find=_not_signed,
    )
)
