"""When a person answers: the hours of their own working days, where they live.

A window of two days that is asked for on a Friday afternoon ends on Tuesday for whoever
rests on Saturday and Sunday, and on Tuesday too, but earlier or later, for whoever
rests on Friday and Saturday. Days away do not count for what is put to one person.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Protocol

from people.wall_time import WorkingWeek, add_working_time

USUAL = "01234"
# Places whose usual week is another; Monday is 0. Anyone may say otherwise.
_SUNDAY_TO_THURSDAY = "60123"
_SUNDAY_TO_FRIDAY = "601234"
_SATURDAY_TO_THURSDAY = "560123"
USUAL_IN = {
    "Africa/Algiers": _SUNDAY_TO_THURSDAY,
    "Africa/Cairo": _SUNDAY_TO_THURSDAY,
    "Africa/Djibouti": _SATURDAY_TO_THURSDAY,
    "Africa/Khartoum": _SUNDAY_TO_THURSDAY,
    "Africa/Tripoli": _SUNDAY_TO_THURSDAY,
    "Asia/Aden": _SUNDAY_TO_THURSDAY,
    "Asia/Amman": _SUNDAY_TO_THURSDAY,
    "Asia/Baghdad": _SUNDAY_TO_THURSDAY,
    "Asia/Bahrain": _SUNDAY_TO_THURSDAY,
    "Asia/Damascus": _SUNDAY_TO_THURSDAY,
    "Asia/Dhaka": _SUNDAY_TO_THURSDAY,
    "Asia/Gaza": _SUNDAY_TO_THURSDAY,
    "Asia/Hebron": _SUNDAY_TO_THURSDAY,
    "Asia/Jerusalem": _SUNDAY_TO_THURSDAY,
    "Asia/Kabul": _SATURDAY_TO_THURSDAY,
    "Asia/Kathmandu": _SUNDAY_TO_FRIDAY,
    "Asia/Kuwait": _SUNDAY_TO_THURSDAY,
    "Asia/Muscat": _SUNDAY_TO_THURSDAY,
    "Asia/Qatar": _SUNDAY_TO_THURSDAY,
    "Asia/Riyadh": _SUNDAY_TO_THURSDAY,
    "Indian/Maldives": _SUNDAY_TO_THURSDAY,
}

HOURS_A_DAY = WorkingWeek().day_length / timedelta(hours=1)


class Answers(Protocol):
    """Somebody with a place and, if they said so, a week of their own."""

    timezone: str
    working_days: str
    away_from: date | None
    away_until: date | None


def usual_days(zone: str) -> str:
    return USUAL_IN.get(zone, USUAL)


def week_of(person: Answers, *, with_absence: bool = True) -> WorkingWeek:
    """Their working week; what they have not said is as usual where they live."""
    days = person.working_days or usual_days(person.timezone)
    away: frozenset[date] = frozenset()
    if with_absence and person.away_from is not None:
        until = person.away_until or person.away_from
        away = frozenset(
            person.away_from + timedelta(days=n)
            for n in range((until - person.away_from).days + 1)
        )
    return WorkingWeek(days=frozenset(map(int, days)), holidays=away)


def after(
    person: Answers, days: float, *, now: datetime, with_absence: bool = True
) -> datetime:
    """So many of this person's working days from now; half ones count by the hour."""
    week = week_of(person, with_absence=with_absence)
    return add_working_time(now, days * HOURS_A_DAY, person.timezone, week)


def after_all(people: Iterable[Answers], days: float, *, now: datetime) -> datetime:
    """When the window is over for the last of them, so that nobody is outrun.

    A circle does not wait for whoever is away: they are heard when they are back.
    Raises ValueError where there is nobody.
    """
    return max(after(one, days, now=now, with_absence=False) for one in people)
