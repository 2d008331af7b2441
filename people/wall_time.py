"""Wall-clock time of a place, and the moment it stands for. Pure: no clock is read.

The one rule for the two odd hours of the year: a time in the gap is read with the
offset before the gap, a time that comes twice is its first coming. Python's ``fold=0``
is that rule.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MORNING = time(7)
QUIET_FROM = time(19)
QUIET_UNTIL = time(7)

DAY = timedelta(days=1)
MIDNIGHT = time(0)


class UnknownZone(ValueError):
    """The name is not one of the time zone database."""


def zone_of(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise UnknownZone(name) from error


def wall_to_utc(day: date, wall: time, zone: str) -> datetime:
    """The moment at which that place's clocks show that time on that day."""
    local = datetime.combine(day, wall.replace(tzinfo=None, fold=0))
    return local.replace(tzinfo=zone_of(zone)).astimezone(UTC)


def wall_of(moment: datetime, zone: str) -> datetime:
    """The same moment, as that place's clocks show it."""
    return moment.astimezone(zone_of(zone))


def local_day(moment: datetime, zone: str) -> date:
    return wall_of(moment, zone).date()


def morning_of(day: date, zone: str, *, at: time = MORNING) -> datetime:
    """When that day's morning begins for somebody who lives there."""
    return wall_to_utc(day, at, zone)


# Quiet hours


def in_quiet_hours(
    now: datetime,
    zone: str,
    *,
    quiet_from: time = QUIET_FROM,
    quiet_until: time = QUIET_UNTIL,
    day_off: int | None = None,
) -> bool:
    """Whether this person wants no messages now.

    ``day_off`` is a weekday, Monday 0. Equal times mean no quiet hours at all.
    """
    wall = wall_of(now, zone)
    if wall.weekday() == day_off:
        return True
    clock = wall.time().replace(fold=0)
    if quiet_from <= quiet_until:
        return quiet_from <= clock < quiet_until
    return clock >= quiet_from or clock < quiet_until


def next_allowed(
    now: datetime,
    zone: str,
    *,
    quiet_from: time = QUIET_FROM,
    quiet_until: time = QUIET_UNTIL,
    day_off: int | None = None,
    not_after: datetime | None = None,
) -> datetime | None:
    """The first moment from now on, now included, outside the quiet hours.

    None when that moment comes after the message has lost its use (``not_after``): it
    then becomes a line on Today instead.
    """

    def quiet(moment: datetime) -> bool:
        return in_quiet_hours(
            moment,
            zone,
            quiet_from=quiet_from,
            quiet_until=quiet_until,
            day_off=day_off,
        )

    moment = now.astimezone(UTC)
    if quiet(moment):
        # a day off is one day in seven, so a fortnight always holds an allowed moment
        starts = (
            start
            for start in _starts(moment, zone, quiet_until)
            if start > moment and not quiet(start)
        )
        moment = next(starts)
    return None if not_after is not None and moment > not_after else moment


def _starts(moment: datetime, zone: str, quiet_until: time) -> Iterator[datetime]:
    """Every moment, in order, at which quiet may turn into not quiet."""
    first = local_day(moment, zone) - DAY
    for n in range(15):
        day = first + n * DAY
        begins = wall_to_utc(day, MIDNIGHT, zone)
        ends = wall_to_utc(day + DAY, MIDNIGHT, zone)
        found = {begins, wall_to_utc(day, quiet_until, zone)}
        leap = _leap(begins, ends, zone)
        if leap is not None:  # the clocks may leap straight over `quiet_until`
            found.add(leap)
        yield from sorted(found)


def _leap(begins: datetime, ends: datetime, zone: str) -> datetime | None:
    """The moment within a day at which the clocks were changed, if they were."""
    offset = wall_of(begins, zone).utcoffset()
    if wall_of(ends, zone).utcoffset() == offset:
        return None
    low, high = 0, int((ends - begins).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if wall_of(begins + timedelta(seconds=middle), zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return begins + timedelta(seconds=high)


# Working time


@dataclass(frozen=True, kw_only=True)
class WorkingWeek:
    """When somebody answers; Monday is 0. The hours may run past midnight."""

    days: frozenset[int] = frozenset({0, 1, 2, 3, 4})
    begins: time = time(9)
    ends: time = time(17)
    holidays: frozenset[date] = frozenset()

    @property
    def day_length(self) -> timedelta:
        """One working day, as the clocks show it."""
        begins = timedelta(hours=self.begins.hour, minutes=self.begins.minute)
        ends = timedelta(hours=self.ends.hour, minutes=self.ends.minute)
        return ends - begins if ends > begins else ends - begins + DAY

    def works_on(self, day: date) -> bool:
        return day.weekday() in self.days and day not in self.holidays


SUNDAY_TO_THURSDAY = frozenset({6, 0, 1, 2, 3})

# a year and a half of holidays in a row is a mistake, not a holiday
LONGEST_REST = 550


def working_windows(
    start: datetime, zone: str, week: WorkingWeek
) -> Iterator[tuple[datetime, datetime]]:
    """The stretches of working time from a moment on; the first may be cut by it."""
    day, rested = local_day(start, zone) - DAY, 0
    while rested < LONGEST_REST:
        if week.works_on(day):
            overnight = week.ends <= week.begins
            begins = wall_to_utc(day, week.begins, zone)
            ends = wall_to_utc(day + DAY if overnight else day, week.ends, zone)
            begins = max(begins, start.astimezone(UTC))
            if begins < ends:
                rested = 0
                yield begins, ends
        rested += 1
        day += DAY
    raise ValueError("This working week has no working time.")


def add_working_time(
    start: datetime, hours: float, zone: str, week: WorkingWeek
) -> datetime:
    """When so many hours of this person's own working time will have passed."""
    left = timedelta(hours=hours)
    for begins, ends in working_windows(start, zone, week):
        if begins + left <= ends:
            return begins + left
        left -= ends - begins
    raise AssertionError("working windows never end")


def working_time_between(
    start: datetime, end: datetime, zone: str, week: WorkingWeek
) -> timedelta:
    """How much of the time between two moments was this person's working time."""
    passed = timedelta()
    for begins, ends in working_windows(start, zone, week):
        if begins >= end:
            break
        passed += min(ends, end) - begins
    return passed
