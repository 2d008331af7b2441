"""Where a person has a place: cohorts they sit in, programs they serve.

One query, made when a page first asks and kept for that request.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from typing import Any

from django.db import models
from django.db.models import Value
from django.http import HttpRequest

from cohorts.models import Appointment, Cohort, Membership, Program
from people.models import User
from people.prepared import prepared

FIRST = datetime.min.replace(tzinfo=UTC)


class Places:
    """The places of one person; none for nobody."""

    def __init__(self, person: Any) -> None:
        self.person = person

    @cached_property
    def found(self) -> tuple[tuple[Membership, ...], tuple[Appointment, ...]]:
        if not self.person.is_authenticated:
            return (), ()
        return _seats_and_tasks(self.person)

    @property
    def memberships(self) -> tuple[Membership, ...]:
        """Where the person sits, open cohorts first."""
        return self.found[0]

    @property
    def appointments(self) -> tuple[Appointment, ...]:
        return self.found[1]

    @property
    def are_known(self) -> bool:
        """Whether they have been asked for: then nothing here costs a query."""
        return "found" in self.__dict__

    def ask(self) -> None:
        """Ask now, for a page that may not ask later."""
        _asked = self.found

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


def _columns(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


SEAT, TASK = _columns(Membership), _columns(Appointment)
COHORT, PROGRAM = _columns(Cohort), _columns(Program)
WHOLE_ROW: tuple[tuple[Any, list[str]], ...] = (
    (Membership, SEAT),
    (Cohort, COHORT),
    (Appointment, TASK),
    (Program, PROGRAM),
)
NONE = Value(None, output_field=models.TextField())


@prepared
def _rows_of(person: User) -> models.QuerySet[Any, tuple[Any, ...]]:
    """Seats and tasks in one query, for every page asks for both.

    Each row: a membership and its cohort or as many empty places, an appointment or
    as many empty places, and the program.
    """
    seats = (
        Membership.objects.active()
        .filter(person=person)
        .values_list(
            *SEAT,
            *[f"cohort__{name}" for name in COHORT],
            *[NONE] * len(TASK),
            *[f"cohort__program__{name}" for name in PROGRAM],
        )
    )
    tasks = (
        Appointment.objects.active()
        .filter(person=person)
        .values_list(
            *[NONE] * (len(SEAT) + len(COHORT)),
            *TASK,
            *[f"program__{name}" for name in PROGRAM],
        )
    )
    return seats.union(tasks, all=True)


def _seats_and_tasks(
    person: User,
) -> tuple[tuple[Membership, ...], tuple[Appointment, ...]]:
    seats: list[Membership] = []
    tasks: list[Appointment] = []
    for row in _rows_of(person):
        cells = iter(row)
        seat, cohort, task, program = (
            model.from_db("default", columns, list(islice(cells, len(columns))))
            for model, columns in WHOLE_ROW
        )
        if seat.pk is not None:
            seat.cohort, cohort.program = cohort, program
            seats.append(seat)
        else:
            task.program = program
            tasks.append(task)
    seats.sort(key=lambda m: (m.joined_at, m.pk), reverse=True)
    # Open ones first, then those that finished, the first to finish first.
    seats.sort(key=lambda m: m.cohort.finished_at or FIRST)
    tasks.sort(key=lambda a: (a.program.name, a.role))
    return tuple(seats), tuple(tasks)


def places_for(request: HttpRequest) -> Places:
    if not hasattr(request, "_places"):
        request._places = places_of(request.user)  # type: ignore[attr-defined]
    return request._places  # type: ignore[attr-defined]
