"""Windows that are counted in the working time of whoever answers."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people import working
from people.models import User
from people.wall_time import wall_of

FRIDAY = datetime(2027, 3, 5, 10, tzinfo=UTC)


def somebody(zone, **more):
    return User(timezone=zone, **more)


@pytest.mark.parametrize(
    ("zone", "ends"),
    [
        # 13:00 in Nairobi: four hours are left of Friday, four come on Monday.
        ("Africa/Nairobi", datetime(2027, 3, 8, 10, tzinfo=UTC)),
        # Friday is a day of rest in Cairo: all of Sunday.
        ("Africa/Cairo", datetime(2027, 3, 7, 15, tzinfo=UTC)),
        # In Kathmandu only Saturday rests: 75 minutes of Friday, the rest on Sunday.
        ("Asia/Kathmandu", datetime(2027, 3, 7, 10, tzinfo=UTC)),
    ],
)
def test_a_day_is_counted_where_the_week_is_theirs(zone, ends):
    assert working.after(somebody(zone), 1, now=FRIDAY) == ends


def test_what_they_say_of_their_week_goes_before_what_is_usual():
    theirs = somebody("Africa/Cairo", working_days="01234")

    ends = working.after(theirs, 1, now=FRIDAY)

    assert ends == datetime(2027, 3, 8, 10, tzinfo=UTC)


def test_days_away_do_not_count():
    away = somebody(
        "Africa/Nairobi", away_from=date(2027, 3, 8), away_until=date(2027, 3, 12)
    )

    ends = working.after(away, 1, now=FRIDAY)

    assert ends == datetime(2027, 3, 15, 10, tzinfo=UTC)


def test_a_circle_waits_for_its_last_one_and_for_nobody_who_is_away():
    nairobi = somebody("Africa/Nairobi")
    away = somebody(
        "Africa/Cairo", away_from=date(2027, 3, 7), away_until=date(2027, 4, 7)
    )

    ends = working.after_all([nairobi, away], 1, now=FRIDAY)

    assert ends == datetime(2027, 3, 8, 10, tzinfo=UTC)


def test_a_working_day_stays_a_working_day_when_the_clocks_change():
    """Berlin, Friday noon to Monday noon; summer time begins on the Sunday."""
    asked = datetime(2027, 3, 26, 11, tzinfo=UTC)

    ends = working.after(somebody("Europe/Berlin"), 1, now=asked)

    assert ends == datetime(2027, 3, 29, 10, tzinfo=UTC)
    assert wall_of(ends, "Europe/Berlin").hour == 12


@given(
    zone=st.sampled_from(
        ["Europe/Berlin", "Africa/Cairo", "America/Recife", "Asia/Kathmandu"]
    ),
    days=st.sampled_from([0.5, 1, 1.5, 2, 5]),
    now=st.datetimes(
        datetime(2027, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC)
    ),
)
def test_a_window_ends_while_they_work_and_a_longer_one_later(zone, days, now):
    one = somebody(zone)
    week = working.week_of(one)

    ends = working.after(one, days, now=now)

    local = wall_of(ends, zone)
    assert ends > now
    assert local.weekday() in week.days
    assert week.begins <= local.time() <= week.ends
    assert working.after(one, days + 1, now=now) - ends >= timedelta(hours=22)
