"""Who may act in a program; asked by the functions that act, with their actor."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from cohorts.models import Appointment, Cohort, Membership, Program
from people.models import User


def serves(person: Any, program: Program, *roles: str) -> bool:
    return bool(person and person.is_authenticated) and (
        Appointment.objects.active()
        .filter(person=person, program=program, role__in=roles)
        .exists()
    )


def must_lead(person: Any, program: Program) -> None:
    if not serves(person, program, Appointment.Role.LEAD):
        raise PermissionDenied(_("Only the leads of the program may do this."))


def must_read_applications(person: Any, program: Program) -> None:
    if not serves(person, program, Appointment.Role.LEAD, Appointment.Role.REVIEWER):
        raise PermissionDenied(_("Only reviewers of the program may do this."))


def may_keep(person: Any, cohort: Cohort) -> bool:
    """Its facilitators and the leads of its program say who sits in a cohort."""
    if not person or not person.is_authenticated:
        return False
    seats = Membership.objects.active().facilitators()
    return (
        seats.filter(person=person, cohort=cohort).exists()
        or Appointment.objects.active()
        .filter(person=person, program=cohort.program_id, role=Appointment.Role.LEAD)
        .exists()
    )


def must_keep(person: Any, cohort: Cohort) -> None:
    if not may_keep(person, cohort):
        raise PermissionDenied(
            _("Only the cohort's facilitators and the program's leads may do this.")
        )


def whom_to_ask(cohort: Cohort) -> list[User]:
    """The people to talk to: the cohort's facilitators, else the program's leads."""
    seats = (
        Membership.objects.active()
        .facilitators()
        .filter(cohort=cohort)
        .select_related("person")
        .order_by("joined_at", "pk")
    )
    people = [seat.person for seat in seats]
    if people:
        return people
    leads = (
        Appointment.objects.active()
        .filter(program=cohort.program_id, role=Appointment.Role.LEAD)
        .select_related("person")
        .order_by("appointed_at", "pk")
    )
    return [lead.person for lead in leads]
