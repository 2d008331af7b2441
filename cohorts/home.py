"""The sections of a cohort's page. Higher apps add theirs in `sections.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from cohorts.models import Cohort, Membership


@dataclass(frozen=True, kw_only=True)
class Section:
    """One block of the page: a template and what it shows."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)
    order: int = 50
    aside: bool = False


# A maker returns None when there is nothing to show.
Maker = Callable[[HttpRequest, Cohort, Membership], Section | None]

_makers: list[Maker] = []


def section(maker: Maker) -> Maker:
    """Register a section of every cohort's page (from `AppConfig.ready`)."""
    _makers.append(maker)
    return maker


def sections_of(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> list[Section]:
    made = [maker(request, cohort, membership) for maker in _makers]
    return sorted((s for s in made if s is not None), key=lambda s: s.order)


# --- The week of those who hold cohorts --------------------------------------


@dataclass(frozen=True, kw_only=True)
class Concern:
    """One thing that asks for a facilitator: a person to call, a stuck request."""

    kind: str  # "To call", "Stuck": a translated word
    title: str
    url: str
    detail: str = ""
    person: Any = None
    cohort: Cohort | None = None
    until: datetime | None = None  # sorts the list; None comes last


# maker(request, cohorts the reader facilitates, now) -> what asks for them.
ConcernMaker = Callable[[HttpRequest, Sequence[Cohort], datetime], Iterable[Concern]]

_concerns: list[ConcernMaker] = []


def concern(maker: ConcernMaker) -> ConcernMaker:
    """Register what belongs on the week page: two queries at most, for all cohorts."""
    _concerns.append(maker)
    return maker


def concerns_of(
    request: HttpRequest, cohorts: Sequence[Cohort], *, now: datetime
) -> list[Concern]:
    made = [c for maker in _concerns for c in maker(request, cohorts, now)]
    return sorted(made, key=lambda c: (c.until is None, c.until or now))


# --- The circles of a program, for its leads -----------------------------------


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One thing a lead may know of a circle, in a few words."""

    cohort: Cohort
    says: str
    urgent: bool = False


# maker(request, cohorts that the reader leads, now) -> what stands beside them
StandingMaker = Callable[[HttpRequest, Sequence[Cohort], datetime], Iterable[Standing]]

_standings: list[StandingMaker] = []


def standing(maker: StandingMaker) -> StandingMaker:
    """Register what leads see beside each circle: one query, for all of them."""
    _standings.append(maker)
    return maker


def with_standings(
    request: HttpRequest, cohorts: Sequence[Cohort], *, now: datetime
) -> list[tuple[Cohort, list[Standing]]]:
    """Each circle with what stands beside it, in their order."""
    found: dict[Any, list[Standing]] = {cohort.pk: [] for cohort in cohorts}
    if cohorts:
        for maker in _standings:
            for one in maker(request, cohorts, now):
                found[one.cohort.pk].append(one)
    return [(cohort, found[cohort.pk]) for cohort in cohorts]
