"""On which days people rest, where they live."""

from __future__ import annotations

from babel.core import get_global

from people.clock import todays_name
from people.wall_time import WorkingWeek

THURSDAY, FRIDAY, SATURDAY, SUNDAY = 3, 4, 5, 6
SATURDAY_AND_SUNDAY = frozenset({SATURDAY, SUNDAY})

# The countries whose week rests on other days, after the week data of Unicode's CLDR,
# with those that it lacks or that changed since.
ELSEWHERE = {
    frozenset({FRIDAY, SATURDAY}): "BD BH DZ EG IL IQ JO KW LY MV OM PS QA SA SD SY YE",
    frozenset({THURSDAY, FRIDAY}): "AF",
    frozenset({FRIDAY}): "DJ IR SO",
    frozenset({SATURDAY}): "NP",
}


def weekend_in(zone: str) -> frozenset[int]:
    """The days of rest of the country of a zone, Monday is 0."""
    country = get_global("zone_territories").get(todays_name(zone), "")
    return next(
        (days for days, lands in ELSEWHERE.items() if country in lands.split()),
        SATURDAY_AND_SUNDAY,
    )


def working_week_in(zone: str, *, day_off: int | None = None) -> WorkingWeek:
    """Nine to five on the working days of a place, without one's own day off."""
    rests = weekend_in(zone) | ({day_off} if day_off is not None else set())
    return WorkingWeek(days=frozenset(range(7)) - rests)
