"""When a person answers: the hours of their own working days, where they live.

A window of two days that is asked for on a Friday afternoon ends on Tuesday for whoever
rests on Saturday and Sunday, and on Tuesday too, but earlier or later, for whoever
rests on Friday and Saturday. Days away do not count for what is put to one person.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Protocol

from people.models import User
from people.wall_time import WorkingWeek, add_working_time
from people.weekends import working_week_in

# Nobody chose it: a quiet day that was chosen is no working day, this one says nothing.
NOT_CHOSEN = User._meta.get_field("day_off").get_default()

HOURS_A_DAY = WorkingWeek().day_length / timedelta(hours=1)


class Answers(Protocol):
    """Somebody with a place and, if they said so, a week of their own."""

    timezone: str
    day_off: int | None
    working_days: str
    away_from: date | None
    away_until: date | None


def usual_days(person: Answers) -> frozenset[int]:
    """Those of their place, without the quiet day that they chose."""
    chosen = None if person.day_off == NOT_CHOSEN else person.day_off
    return working_week_in(person.timezone, day_off=chosen).days


def week_of(person: Answers, *, with_absence: bool = True) -> WorkingWeek:
    """Their working week; what they have not said is as usual where they live."""
    said = frozenset(map(int, person.working_days))
    away: frozenset[date] = frozenset()
    if with_absence and person.away_from is not None:
        until = person.away_until or person.away_from
        away = frozenset(
            person.away_from + timedelta(days=n)
            for n in range((until - person.away_from).days + 1)
        )
    return WorkingWeek(days=said or usual_days(person), holidays=away)


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
