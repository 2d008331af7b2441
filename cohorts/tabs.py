"""The way round the house: five links at most, and the place they lead round.

A person with several cohorts or programs stands in one place at a time: the one
the page is about, else the one they chose last, else their first.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.urls import is_valid_path
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from cohorts.models import Appointment, Cohort, Membership, Program
from cohorts.places import Places, places_for

PLACE_COOKIE = "place"


@dataclass(frozen=True)
class Tab:
    label: str
    url: str
    icon: str
    is_current: bool = False

    @property
    def drawing(self) -> str:
        return f"components/icons/{self.icon}.svg"


@dataclass(frozen=True)
class Place:
    """Where a person stands: a cohort they sit in, or a program they serve."""

    key: str  # "c/birch" or "p/riverbend": what the cookie remembers
    slug: str
    name: str
    url: str
    membership: Membership | None = None
    roles: frozenset[str] = frozenset()


@lru_cache(maxsize=64)
def _is_built(path: str) -> bool:
    return bool(is_valid_path(path))


def places_to_stand(places: Places) -> list[Place]:
    """Every place of the person, cohorts first; a program once for all its tasks."""
    found = [
        Place(
            key=f"c/{m.cohort.slug}",
            slug=m.cohort.slug,
            name=m.cohort.name,
            url=f"/c/{m.cohort.slug}/",
            membership=m,
            roles=frozenset(
                a.role
                for a in places.appointments
                if a.program_id == m.cohort.program_id
            ),
        )
        for m in places.memberships
    ]
    programs: dict[Any, tuple[Program, set[str]]] = {}
    for appointment in places.appointments:
        programs.setdefault(appointment.program_id, (appointment.program, set()))[
            1
        ].add(appointment.role)
    return found + [
        Place(
            key=f"p/{program.slug}",
            slug=program.slug,
            name=program.name,
            url=_door_of(program, roles),
            roles=frozenset(roles),
        )
        for program, roles in programs.values()
    ]


def _door_of(program: Program, roles: set[str]) -> str:
    if roles & {Appointment.Role.LEAD, Appointment.Role.REVIEWER}:
        return "/f/"
    if roles == {Appointment.Role.THIRD_PARTY}:
        return "/in-confidence/"
    return f"/evidence/{program.slug}/"


def place_of(request: HttpRequest, stands: list[Place]) -> Place | None:
    cohort, program = (getattr(request, name, None) for name in ("cohort", "program"))
    wanted = (
        f"c/{cohort.slug}" if isinstance(cohort, Cohort) else "",
        f"p/{program.slug}" if isinstance(program, Program) else "",
        request.COOKIES.get(PLACE_COOKIE, ""),
    )
    for key in wanted:
        for stand in stands:
            if stand.key == key:
                return stand
    return stands[0] if stands else None


def tabs_of(request: HttpRequest, place: Place | None) -> list[Tab]:
    """The tabs of the place; a page that is not built yet gives no tab."""
    here = request.path
    wanted = [
        (label, url, icon) for label, url, icon in _wanted(place) if _is_built(url)
    ]
    # /c/birch/promises/4/ lies under both Cohort and Promises: the longest wins.
    current = max(
        (url for _label, url, _icon in wanted if here.startswith(url)),
        key=len,
        default="",
    )
    return [Tab(label, url, icon, url == current) for label, url, icon in wanted]


def _wanted(place: Place | None) -> list[tuple[str, str, str]]:
    today = (_("Today"), "/today/", "today")
    library = (_("Library"), "/library/", "library")
    me = (_("Me"), "/me/", "me")
    if place is None:
        return [today, library, me]
    seat = place.membership
    if seat is not None and seat.is_facilitator:
        return [
            today,
            (_("Week"), "/f/", "week"),
            (_("Cohort"), f"/c/{place.slug}/", "cohort"),
            (_("Sessions"), f"/c/{place.slug}/sessions/", "sessions"),
            library,
        ]
    if seat is not None:
        return [
            today,
            (_("Cohort"), f"/c/{place.slug}/", "cohort"),
            (_("Promises"), f"/c/{place.slug}/promises/", "promises"),
            library,
            me,
        ]
    program = place.slug
    evidence = (_("Evidence"), f"/evidence/{program}/", "evidence")
    if Appointment.Role.LEAD in place.roles:
        return [
            today,
            (_("Calls"), "/f/calls/", "calls"),
            (_("Compose"), "/f/compose/", "compose"),
            library,
            evidence,
        ]
    if Appointment.Role.REVIEWER in place.roles:
        return [today, (_("Reading"), "/f/calls/", "calls"), library, me]
    if Appointment.Role.FUNDER in place.roles:
        return [today, evidence, library, me]
    if Appointment.Role.THIRD_PARTY in place.roles:
        return [today, (_("In confidence"), "/in-confidence/", "cohort"), library, me]
    return [today, library, me]


@dataclass(frozen=True)
class Shell:
    """What the frame of a page shows of its reader's places."""

    tabs: list[Tab]
    place: Place | None
    others: list[Place]


def shell_for(request: HttpRequest) -> Shell:
    stands = places_to_stand(places_for(request))
    place = place_of(request, stands)
    return Shell(
        tabs=tabs_of(request, place),
        place=place,
        others=[stand for stand in stands if stand is not place],
    )


def context(request: HttpRequest) -> dict[str, Any]:
    """For templates: `places` and `shell`, asked for only by pages that show them."""
    return {
        "places": SimpleLazyObject(lambda: places_for(request)),
        "shell": SimpleLazyObject(lambda: shell_for(request)),
    }
