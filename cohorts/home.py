"""The sections of a cohort's page. Higher apps add theirs in `sections.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
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
