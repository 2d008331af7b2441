"""The participation agreement: offered in versions, signed letter by letter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cohorts.models import (
    Agreement,
    Membership,
    Program,
    Signature,
    hash_of_text,
)
from cohorts.rights import must_lead, whom_to_ask
from cohorts.welcomes import AGREEMENT, NOT_SIGNED
from people import outbox
from people.models import User, create_once, record
from people.prepared import prepared
from people.refusal import Refused


def in_force(program: Program) -> Agreement | None:
    """The newest version; None while the program asks for none."""
    return Agreement.objects.filter(program=program).order_by("-number").first()


@transaction.atomic
def offer(
    program: Program,
    *,
    text: str,
    by: User,
    language: str = "",
    after: int | None = None,
    client_key: UUID | None = None,
    now: datetime | None = None,
) -> Agreement:
    """Put a new version in force; everyone in the program's open cohorts is asked anew.

    The same text again is the same version: nobody signs twice for nothing. `after`
    is the number of the version that the page was made from (0: none); when another
    lead put one in force meanwhile, it is refused.
    """
    must_lead(by, program)
    now = now or timezone.now()
    text = text.replace("\r\n", "\n").strip()
    Program.objects.select_for_update().get(pk=program.pk)
    current = in_force(program)
    if current is not None and current.sha256 == hash_of_text(text):
        return current
    if after is not None and after != (current.number if current else 0):
        raise Refused(
            _(
                "Another lead has put a new text in force while you were writing. "
                "Yours is still in the form; look at what changed, then send it again "
                "to put yours in force."
            )
        )
    agreement, is_new = create_once(
        Agreement,
        client_key=client_key,
        program=program,
        number=(current.number if current else 0) + 1,
        text=text,
        sha256=hash_of_text(text),
        language=language,
        offered_at=now,
        offered_by=by,
    )
    if is_new:
        seats = (
            Membership.objects.active()
            .filter(cohort__program=program, cohort__finished_at=None)
            .select_related("person")
            .order_by("person", "pk")
            .distinct("person")
        )
        for seat in seats:
            outbox.queue(
                AGREEMENT,
                to=seat.person,
                about=agreement,
                key=str(agreement.pk),
                send_after=now,
            )
        record("agreement.offer", by=by, about=agreement, place=program.pk)
    return agreement


def sign(
    agreement: Agreement,
    *,
    by: User,
    name_typed: str,
    sha256: str,
    now: datetime | None = None,
) -> Signature:
    """Sign the text whose hash the page carried. Signing twice keeps the first."""
    name = " ".join(name_typed.split())
    if not name:
        raise Refused(_("Type your name to sign."))
    if sha256 != agreement.sha256:
        raise Refused(
            _("The agreement changed while you were reading. Please read it again.")
        )
    return _answer(agreement, by=by, name_typed=name, signed_at=now or timezone.now())


def decline(
    agreement: Agreement, *, by: User, note: str = "", now: datetime | None = None
) -> Signature:
    """Say no to this version. The seat stays until people have talked."""
    return _answer(agreement, by=by, note=note, declined_at=now or timezone.now())


@transaction.atomic
def _answer(agreement: Agreement, *, by: User, **answer: Any) -> Signature:
    _must_be_asked(agreement, by)
    # The person's own row is the turnstile for two pages answered at once.
    User.objects.select_for_update().get(pk=by.pk)
    earlier = Signature.objects.visible_to(by).filter(person=by, agreement=agreement)
    given = earlier.first()
    if given is not None and (given.signed_at or answer.get("declined_at")):
        return given
    values = {
        "name_typed": "",
        "note": "",
        "signed_at": None,
        "declined_at": None,
        "text": agreement.text,
        "sha256": agreement.sha256,
        **answer,
    }
    if given is None:
        given = Signature(program=agreement.program, agreement=agreement, person=by)
    for name, value in values.items():
        setattr(given, name, value)
    given.save()
    act = "agreement.sign" if given.signed_at else "agreement.decline"
    record(act, by=by, about=agreement, place=agreement.program_id)
    if given.declined_at:
        _ask_somebody_to_talk(given, now=given.declined_at)
    return given


def _ask_somebody_to_talk(declined: Signature, *, now: datetime) -> None:
    """Whoever said no finds somebody to talk to, and need not be the first to write."""
    seats = (
        Membership.objects.active()
        .filter(
            person=declined.person,
            cohort__program=declined.program_id,
            cohort__finished_at=None,
        )
        .select_related("cohort")
        .order_by("joined_at", "pk")
    )
    people = {one.pk: one for seat in seats for one in whom_to_ask(seat.cohort)}
    people.pop(declined.person_id, None)
    for one in people.values():
        outbox.queue(
            NOT_SIGNED, to=one, about=declined, key=str(declined.pk), send_after=now
        )


def _must_be_asked(agreement: Agreement, person: User) -> None:
    sits = Membership.objects.active().filter(
        person=person, cohort__program=agreement.program_id
    )
    if not sits.exists():
        raise PermissionDenied(_("This agreement is for people of the program."))
    newest = in_force(agreement.program)
    if newest is None or newest.pk != agreement.pk:
        raise Refused(
            _("The agreement changed while you were reading. Please read it again.")
        )


def answer_of(person: User, agreement: Agreement) -> Signature | None:
    return (
        Signature.objects.visible_to(person)
        .filter(person=person, agreement=agreement)
        .first()
    )


def unanswered(person: User, programs: Iterable[UUID]) -> list[Agreement]:
    """The agreements in force in these programs that the person has not answered."""
    return _unanswered(person, list(programs))


@prepared
def _unanswered(person: User, programs: list[UUID]) -> QuerySet[Agreement]:
    mine = Signature.objects.visible_to(person).filter(person=person)
    return (
        Agreement.objects.in_force()
        .filter(program__in=programs)
        .exclude(pk__in=mine.values("agreement"))
        .defer("text")
        .select_related("program")
        .order_by("offered_at", "pk")
    )


def signatures_of(person: User, program: Program) -> list[Signature]:
    """What the person signed in this program, newest first, with the exact texts."""
    return list(
        Signature.objects.visible_to(person)
        .filter(person=person, program=program)
        .exclude(signed_at=None)
        .select_related("agreement")
        .order_by("-agreement__number")
    )


def answers_of(people: Iterable[UUID], agreement: Agreement) -> dict[UUID, bool]:
    """Who answered it, and whether by signing: facilitators see no more than that."""
    return {
        person: signed is not None
        for person, signed in Signature.objects.unsealed(
            "whether somebody signed, not what they wrote"
        )
        .filter(agreement=agreement, person__in=list(people))
        .values_list("person", "signed_at")
    }


def signed_by(people: Iterable[UUID], agreement: Agreement) -> set[UUID]:
    """Who of these people signed it."""
    return {one for one, signed in answers_of(people, agreement).items() if signed}


@dataclass(frozen=True)
class Answers:
    """How a version was answered, for the leads."""

    asked: int
    signed: int
    declined: list[Signature]


def answers_to(agreement: Agreement, *, by: User) -> Answers:
    """Of the people who sit in the program's open cohorts now."""
    must_lead(by, agreement.program)
    seated = (
        Membership.objects.active()
        .filter(cohort__program=agreement.program_id, cohort__finished_at=None)
        .values("person")
        .distinct()
    )
    given = Signature.objects.visible_to(by).filter(
        agreement=agreement, person__in=seated
    )
    return Answers(
        asked=seated.count(),
        signed=given.exclude(signed_at=None).count(),
        declined=list(
            given.exclude(declined_at=None)
            .select_related("person")
            .order_by("declined_at", "pk")
        ),
    )
