"""Where a person has a place: cohorts they sit in, programs they serve.

Two queries, made when a page first asks and kept for that request.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from cohorts.models import Appointment, Membership


@dataclass(frozen=True)
class Places:
    memberships: tuple[Membership, ...] = ()
    appointments: tuple[Appointment, ...] = ()

    def programs(self, role: str) -> list[Any]:
        return [a.program for a in self.appointments if a.role == role]

    @property
    def leads(self) -> list[Any]:
        return self.programs(Appointment.Role.LEAD)

    @property
    def reviews(self) -> list[Any]:
        return self.programs(Appointment.Role.REVIEWER)

    @property
    def funds(self) -> list[Any]:
        return self.programs(Appointment.Role.FUNDER)

    @property
    def facilitates(self) -> list[Membership]:
        return [m for m in self.memberships if m.is_facilitator]

    @property
    def needs_second_key(self) -> bool:
        """Whether others trust this person with what is theirs.

        Leads, facilitators, reviewers, funders; and whoever is called in for repair.
        """
        return bool(self.appointments or self.facilitates)

    @property
    def home(self) -> Membership | None:
        """The cohort that the tabs lead to when the page is about none."""
        return self.memberships[0] if self.memberships else None


def places_of(person: Any) -> Places:
    """Where `person` has a place now, open cohorts first."""
    if not person.is_authenticated:
        return Places()
    memberships = (
        Membership.objects.active()
        .filter(person=person)
        .select_related("cohort__program")
        .order_by("cohort__finished_at", "-joined_at", "pk")
    )
    appointments = (
        Appointment.objects.active()
        .filter(person=person)
        .select_related("program")
        .order_by("program__name", "role")
    )
    # Open ones first: NULL sorts last in PostgreSQL, so turn it round here.
    seats = sorted(memberships, key=lambda m: m.cohort.is_finished)
    return Places(tuple(seats), tuple(appointments))


def places_for(request: HttpRequest) -> Places:
    if not hasattr(request, "_places"):
        request._places = places_of(request.user)  # type: ignore[attr-defined]
    return request._places  # type: ignore[attr-defined]
