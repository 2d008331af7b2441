"""Days that people remember the charter by: "as it stood on the day of session 4".

Higher apps tell theirs (from `AppConfig.ready`); the charter itself knows only dates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from cohorts.models import Cohort


@dataclass(frozen=True, kw_only=True)
class Day:
    """One choice: what people call it, and the day where the cohort lives."""

    name: str
    on: date


Teller = Callable[[Any, Cohort], Iterable[Day]]

_tellers: list[Teller] = []


def remembers(teller: Teller) -> Teller:
    _tellers.append(teller)
    return teller


def days_of(viewer: Any, cohort: Cohort) -> list[Day]:
    """The newest first."""
    told = [day for teller in _tellers for day in teller(viewer, cohort)]
    return sorted(told, key=lambda day: day.on, reverse=True)
