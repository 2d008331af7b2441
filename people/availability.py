"""A person's usual week by half-hours, and what several weeks have in common. Pure.

A week is a text of 336 digits, Monday 00:00 first, in the person's own zone:
0 not possible, 1 if it must be, 2 fine, 3 gladly. An empty text means nothing was said.
UTC half-hours are numbered the same way, 0 to 335, and the week is a ring.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from people.wall_time import zone_of

HALF_HOUR = timedelta(minutes=30)
HALF_HOURS = 336
A_DAY = 48
COMFORTS = (0, 1, 2, 3)
NEVER = "0" * HALF_HOURS

Free = frozenset[int]


class NotAWeek(ValueError):
    """The text is not 336 digits from 0 to 3."""


def parse(week: str) -> tuple[int, ...]:
    if len(week) != HALF_HOURS or not set(week) <= set("0123"):
        raise NotAWeek(f"{len(week)} characters")
    return tuple(map(int, week))


def is_week(week: str) -> bool:
    try:
        parse(week)
    except NotAWeek:
        return False
    return True


def write(comforts: Mapping[int, int]) -> str:
    """The text of a week, from the half-hours that somebody filled in."""
    for half_hour, comfort in comforts.items():
        if not 0 <= half_hour < HALF_HOURS or comfort not in COMFORTS:
            raise NotAWeek(f"{comfort} at {half_hour}")
    return "".join(str(comforts.get(half_hour, 0)) for half_hour in range(HALF_HOURS))


@dataclass(frozen=True, kw_only=True)
class Span:
    """Half-hours in a row with one comfort, within one day: a line to read."""

    weekday: int
    starts: time
    ends: time  # 00:00 is the end of the day
    comfort: int


def spans(week: str) -> tuple[Span, ...]:
    """The week as spans, the impossible hours left out."""
    comforts = parse(week)
    found = []
    for weekday in range(7):
        day = comforts[weekday * A_DAY : (weekday + 1) * A_DAY]
        begins = 0
        for half_hour in range(1, A_DAY + 1):
            if half_hour < A_DAY and day[half_hour] == day[begins]:
                continue
            if day[begins]:
                found.append(
                    Span(
                        weekday=weekday,
                        starts=_clock(begins),
                        ends=_clock(half_hour % A_DAY),
                        comfort=day[begins],
                    )
                )
            begins = half_hour
    return tuple(found)


def _clock(half_hour: int) -> time:
    return time(half_hour // 2, 30 * (half_hour % 2))


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def comfort_in_utc(week: str, zone: str, *, monday: date) -> tuple[int, ...]:
    """The comforts along UTC half-hours, as the clocks stand in that Monday's week.

    In a zone off by 15 or 45 minutes a UTC half-hour touches two of the person's
    half-hours: the less comfortable one counts, so that nobody is promised a quarter
    they do not have.
    """
    comforts, place = parse(week), zone_of(zone)
    begins = datetime.combine(monday_of(monday), time(0), tzinfo=UTC)
    found = []
    for half_hour in range(HALF_HOURS):
        starts = begins + half_hour * HALF_HOUR
        first = _half_hour_of(starts.astimezone(place))
        last = _half_hour_of(
            (starts + HALF_HOUR - timedelta(seconds=1)).astimezone(place)
        )
        found.append(min(comforts[first], comforts[last]))
    return tuple(found)


def _half_hour_of(wall: datetime) -> int:
    return wall.weekday() * A_DAY + wall.hour * 2 + (wall.minute >= 30)


def free_in_utc(week: str, zone: str, *, monday: date, at_least: int = 1) -> Free:
    """The UTC half-hours at which the person can meet, in the week of that Monday."""
    comforts = comfort_in_utc(week, zone, monday=monday)
    return frozenset(n for n, comfort in enumerate(comforts) if comfort >= at_least)


def free_throughout(
    week: str, zone: str, *, mondays: Iterable[date], at_least: int = 1
) -> Free:
    """Free in each of these weeks: summer time may begin in the midst of a cohort."""
    return shared(
        free_in_utc(week, zone, monday=monday, at_least=at_least) for monday in mondays
    )


def shared(frees: Iterable[Free]) -> Free:
    """The half-hours that all of them have. Of nobody, none."""
    each = list(frees)
    return frozenset.intersection(*each) if each else frozenset()


@dataclass(frozen=True, kw_only=True, order=True)
class Slot:
    """Half-hours in a row; one that runs past Sunday's end goes on at 0."""

    start: int
    length: int

    def half_hours(self) -> Iterator[int]:
        return ((self.start + n) % HALF_HOURS for n in range(self.length))


def slots(free: Free, *, at_least: int = 1) -> tuple[Slot, ...]:
    """The stretches of free half-hours that are long enough to meet in."""
    if len(free) == HALF_HOURS:
        whole_week = Slot(start=0, length=HALF_HOURS)
        return (whole_week,) if at_least <= HALF_HOURS else ()
    found = []
    for start in sorted(free):
        if (start - 1) % HALF_HOURS in free:
            continue
        length = 1
        while (start + length) % HALF_HOURS in free:
            length += 1
        if length >= at_least:
            found.append(Slot(start=start, length=length))
    return tuple(found)


# Who carries the awkward hours


def burden(comforts: Sequence[int], slot: Slot) -> int:
    """What meeting then asks, by the worst half-hour: 0 gladly, 3 not possible."""
    return 3 - min(comforts[half_hour] for half_hour in slot.half_hours())


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A time to meet, and what it would ask of each person."""

    slot: Slot
    burdens: Mapping[str, int]


def fairest(
    comforts: Mapping[str, Sequence[int]],
    *,
    length: int,
    carried: Mapping[str, int] | None = None,
) -> tuple[Offer, ...]:
    """The times at which all can meet, the fairest first.

    Fairest leaves the most burdened person least burdened, then the next one (leximin),
    with what each has ``carried`` in former meetings added. Earlier in the week wins
    between equals.
    """
    if not comforts:
        return ()
    carried = carried or {}
    offers = []
    for start in range(HALF_HOURS):
        slot = Slot(start=start, length=length)
        burdens = {who: burden(week, slot) for who, week in comforts.items()}
        if max(burdens.values()) < 3:
            offers.append(Offer(slot=slot, burdens=burdens))

    def heaviest_first(offer: Offer) -> list[int]:
        totals = (carried.get(who, 0) + b for who, b in offer.burdens.items())
        return sorted(totals, reverse=True)

    return tuple(sorted(offers, key=heaviest_first))
