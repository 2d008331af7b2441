"""Beginning a program, and giving people their tasks in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.timezone import now as this_moment
from django.utils.translation import gettext as _

from cohorts.addresses import free_slug
from cohorts.models import Appointment, Program, Review, Score, appoint
from cohorts.rights import serves
from cohorts.welcomes import APPOINTED
from people import outbox
from people.models import User, record
from people.refusal import Refused


def may_begin_programs(person: Any) -> bool:
    """Those who run this house: staff, and leads, who may begin another."""
    if not person.is_authenticated:
        return False
    return (
        person.is_staff
        or person.is_superuser
        or Appointment.objects.active()
        .filter(person=person, role=Appointment.Role.LEAD)
        .exists()
    )


@transaction.atomic
def begin(
    *,
    name: str,
    by: User,
    client_key: UUID | None = None,
    purpose: str = "",
    languages: Sequence[str] = (),
    timezone: str = "UTC",
    hours_per_month: Decimal | int = 6,
    contact_email: str = "",
    is_demo: bool = False,
    now: datetime | None = None,
) -> Program:
    """Begin a program; who begins it leads it. The same form twice begins one.

    The demo's is begun from the command line, by somebody it brings along.
    """
    now = now or this_moment()
    if not (is_demo or may_begin_programs(by)):
        raise PermissionDenied(_("Only those who run this house begin programs."))
    if client_key is not None:
        earlier = Program.objects.filter(pk=client_key, appointments__person=by).first()
        if earlier is not None:
            return earlier
    values: dict[str, Any] = {"pk": client_key} if client_key else {}
    program = Program(
        name=name,
        slug=free_slug(name, Program),
        purpose=purpose,
        languages=list(languages),
        timezone=timezone,
        hours_per_month=hours_per_month,
        contact_email=contact_email,
        is_demo=is_demo,
        created_at=now,
        **values,
    )
    try:
        with transaction.atomic():
            program.save(force_insert=True)
    except IntegrityError:
        if client_key is None:
            raise
        # Sent twice at the same moment: the other one won.
        return Program.objects.filter(appointments__person=by).get(pk=client_key)
    appoint(by, to=program, role=Appointment.Role.LEAD, at=now)
    record("program.begin", by=by, about=program, place=program.pk)
    return program


def must_lead(person: Any, program: Program) -> None:
    if (
        not Appointment.objects.active()
        .filter(person=person, program=program, role=Appointment.Role.LEAD)
        .exists()
    ):
        raise PermissionDenied(_("Only the leads of the program may do this."))


@transaction.atomic
def give_task(
    to: str,
    *,
    program: Program,
    role: str,
    by: User,
    called: str = "",
    now: datetime | None = None,
) -> Appointment:
    """Appoint the person of this mail address; a new one signs in by mailed code."""
    must_lead(by, program)
    email = to.strip().lower()
    person = User.objects.filter(email__iexact=email).first()
    if person is None:
        try:
            with transaction.atomic():
                person = User.objects.create_user(email, called=called)
        except IntegrityError:
            person = User.objects.get(email__iexact=email)
    appointment = appoint(person, to=program, role=role, at=now)
    outbox.queue(APPOINTED, to=person, about=appointment, key=str(appointment.pk))
    record("program.appoint", by=by, about=appointment, place=program.pk)
    return appointment


@transaction.atomic
def end_task(
    appointment: Appointment, *, by: User, now: datetime | None = None
) -> None:
    """End somebody's task. A program keeps one lead at least."""
    program = appointment.program
    if appointment.person_id != by.pk:
        must_lead(by, program)
    # The program's row is the turnstile: two leads who end each other's tasks.
    Program.objects.select_for_update().get(pk=program.pk)
    leads = Appointment.objects.active().filter(
        program=program, role=Appointment.Role.LEAD
    )
    appointment.refresh_from_db()
    if appointment.ended_at is not None:
        return
    if appointment.role == Appointment.Role.LEAD and leads.count() == 1:
        raise Refused(
            _("A program needs a lead. Appoint another one first, then end this task.")
        )
    appointment.ended_at = now or timezone.now()
    appointment.save(update_fields=["ended_at"])
    _give_back_readings(appointment)
    record("program.end_task", by=by, about=appointment, place=program.pk)


def _give_back_readings(appointment: Appointment) -> None:
    """Who reads no longer leaves what they had not begun to others.

    What was begun or read stays: it is theirs, and counts when it is finished.
    """
    readers = (Appointment.Role.REVIEWER, Appointment.Role.LEAD)
    if serves(appointment.person, appointment.program, *readers):
        return
    scored = Score.objects.unsealed("whether anything is scored yet")
    Review.objects.unsealed("somebody left: what they had not begun").filter(
        ~Exists(scored.filter(review=OuterRef("pk"))),
        program=appointment.program,
        reviewer=appointment.person,
        state__in=(Review.State.ASSIGNED, Review.State.SKIPPED),
    ).delete()
