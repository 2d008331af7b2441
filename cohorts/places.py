"""Where a person has a place: cohorts they sit in, programs they serve.

Two queries, each made when a page first asks and kept for that request.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from cohorts.models import Appointment, Membership
from people.models import User
from people.prepared import prepared


class Places:
    """The places of one person; none for nobody."""

    def __init__(self, person: Any) -> None:
        self.person = person

    @cached_property
    def memberships(self) -> tuple[Membership, ...]:
        """Where the person sits, open cohorts first."""
        if not self.person.is_authenticated:
            return ()
        # NULL sorts last in PostgreSQL, so turn it round here.
        seats = _seats_of(self.person)
        return tuple(sorted(seats, key=lambda m: m.cohort.is_finished))

    @cached_property
    def appointments(self) -> tuple[Appointment, ...]:
        if not self.person.is_authenticated:
            return ()
        return tuple(_tasks_of(self.person))

    @property
    def are_known(self) -> bool:
        """Whether both have been asked for: then nothing here costs a query."""
        return {"memberships", "appointments"} <= self.__dict__.keys()

    def ask(self) -> None:
        """Ask now, for a page that may not ask later."""
        _asked = self.memberships, self.appointments

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
    """Where `person` has a place now."""
    return Places(person)


@prepared
def _seats_of(person: User) -> QuerySet[Membership]:
    return (
        Membership.objects.active()
        .filter(person=person)
        .select_related("cohort__program")
        .order_by("cohort__finished_at", "-joined_at", "pk")
    )


@prepared
def _tasks_of(person: User) -> QuerySet[Appointment]:
    return (
        Appointment.objects.active()
        .filter(person=person)
        .select_related("program")
        .order_by("program__name", "role")
    )


def places_for(request: HttpRequest) -> Places:
    if not hasattr(request, "_places"):
        request._places = places_of(request.user)  # type: ignore[attr-defined]
    return request._places  # type: ignore[attr-defined]
