"""What the chapters of the demo share: the moment it is told at, and who is in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cohorts.models import Cohort, Membership, Program
from people.models import User
from people.past import relived
from people.wall_time import wall_to_utc

HOME = "Africa/Nairobi"


@dataclass
class World:
    """The demo as far as it has been told. Everything is dated from `now`."""

    now: datetime
    program: Program = field(init=False)
    baobab: Cohort = field(init=False)
    mangrove: Cohort = field(init=False)
    people: dict[str, User] = field(default_factory=dict)
    seats: dict[str, Membership] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The day it is in Nairobi."""
        return self.now.astimezone(ZoneInfo(HOME)).date()

    def day(self, days: int) -> date:
        return self.today + timedelta(days=days)

    def at(self, days: int, hour: int = 10, minute: int = 0) -> datetime:
        """That hour in Nairobi, so many days from today; what is past stays past."""
        moment = wall_to_utc(self.day(days), time(hour, minute), HOME)
        return moment if days > 0 else min(moment, self.now - timedelta(minutes=1))

    @contextmanager
    def on(self, days: int, hour: int = 10, minute: int = 0) -> Iterator[datetime]:
        """Tell what happened then: nobody is written to about it any more."""
        with relived(self.at(days, hour, minute)) as moment:
            yield moment
