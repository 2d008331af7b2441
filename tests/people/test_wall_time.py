from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.wall_time import (
    SUNDAY_TO_THURSDAY,
    UnknownZone,
    WorkingWeek,
    add_working_time,
    in_quiet_hours,
    local_day,
    morning_of,
    next_allowed,
    wall_of,
    wall_to_utc,
    working_time_between,
)

ZONES = (
    "UTC",
    "Europe/London",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Pacific/Apia",
)
moments = st.datetimes(
    min_value=datetime(2026, 1, 1), max_value=datetime(2028, 12, 31)
).map(lambda moment: moment.replace(tzinfo=UTC, microsecond=0))
zones = st.sampled_from(ZONES)
clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "wall", "moment"),
    [
        (
            "Europe/London",
            date(2027, 3, 28),
            time(1, 30),
            utc(2027, 3, 28, 1, 30),
        ),
        (
            "Europe/London",
            date(2027, 10, 31),
            time(1, 30),
            utc(2027, 10, 31, 0, 30),
        ),
        (
            "America/New_York",
            date(2027, 3, 14),
            time(2, 30),
            utc(2027, 3, 14, 7, 30),
        ),
        (
            "Australia/Lord_Howe",
            date(2027, 10, 3),
            time(2, 15),
            utc(2027, 10, 2, 15, 45),
        ),
        (
            "Africa/Cairo",
            date(2027, 4, 30),
            time(0, 30),
            utc(2027, 4, 29, 22, 30),
        ),
        (
            "Africa/Casablanca",
            date(2027, 2, 7),
            time(2, 30),
            utc(2027, 2, 7, 1, 30),
        ),
    ],
)
def test_the_odd_hours_of_the_year(zone, day, wall, moment):
    assert wall_to_utc(day, wall, zone) == moment


def test_a_gap_at_midnight_keeps_its_day():
    moment = wall_to_utc(date(2027, 4, 30), time(0, 30), "Africa/Cairo")

    assert local_day(moment, "Africa/Cairo") == date(2027, 4, 30)


def test_the_second_coming_is_never_meant_even_when_marked():
    second = time(1, 30, fold=1)

    moment = wall_to_utc(date(2027, 10, 31), second, "Europe/London")

    assert moment == utc(2027, 10, 31, 0, 30)


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "Europe/"])
def test_a_zone_that_is_none_says_so(name):
    with pytest.raises(UnknownZone):
        wall_to_utc(date(2027, 1, 1), time(9), name)


def test_the_morning_is_the_persons_own():
    morning = morning_of(date(2027, 3, 5), "Asia/Kathmandu")

    assert morning == utc(2027, 3, 5, 1, 15)


@given(moment=moments, zone=zones)
def test_what_the_clock_shows_once_leads_back_to_its_moment(moment, zone):
    wall = wall_of(moment, zone)

    back = wall_to_utc(wall.date(), wall.time(), zone)

    assert back == moment or wall.fold == 1


# Quiet hours

FRIDAY_NOON = utc(2027, 3, 5, 12)
FRIDAY_NIGHT = utc(2027, 3, 5, 22)
FRIDAY, SATURDAY = 4, 5


def test_noon_is_not_quiet_and_late_evening_is():
    quiet = [
        in_quiet_hours(FRIDAY_NOON, "UTC"),
        in_quiet_hours(FRIDAY_NIGHT, "UTC"),
        in_quiet_hours(utc(2027, 3, 5, 6, 59), "UTC"),
        in_quiet_hours(utc(2027, 3, 5, 7), "UTC"),
    ]

    assert quiet == [False, True, True, False]


def test_quiet_is_judged_where_the_person_lives():
    assert in_quiet_hours(FRIDAY_NOON, "Pacific/Auckland")


def test_a_day_off_is_quiet_all_day():
    assert in_quiet_hours(FRIDAY_NOON, "UTC", day_off=FRIDAY)


def test_equal_times_mean_no_quiet_hours():
    quiet = in_quiet_hours(FRIDAY_NIGHT, "UTC", quiet_from=time(8), quiet_until=time(8))

    assert not quiet


def test_a_message_at_night_waits_for_the_morning():
    assert next_allowed(FRIDAY_NIGHT, "UTC") == utc(2027, 3, 6, 7)


def test_a_message_before_the_day_off_waits_for_the_morning_after():
    allowed = next_allowed(FRIDAY_NIGHT, "UTC", day_off=SATURDAY)

    assert allowed == utc(2027, 3, 7, 7)


def test_a_message_that_would_come_too_late_is_not_sent():
    allowed = next_allowed(FRIDAY_NIGHT, "UTC", not_after=utc(2027, 3, 6, 6))

    assert allowed is None


def test_clocks_that_leap_over_the_end_of_quiet_end_it_there():
    before = utc(2027, 3, 28, 0, 30)

    allowed = next_allowed(
        before, "Europe/London", quiet_from=time(22), quiet_until=time(1, 30)
    )

    assert allowed == utc(2027, 3, 28, 1, 0)


@given(
    now=moments,
    zone=zones,
    quiet_from=clocks,
    quiet_until=clocks,
    day_off=st.none() | st.integers(0, 6),
)
def test_the_next_allowed_moment_is_allowed_and_none_before_it_is(
    now, zone, quiet_from, quiet_until, day_off
):
    rules = {"quiet_from": quiet_from, "quiet_until": quiet_until, "day_off": day_off}

    allowed = next_allowed(now, zone, **rules)

    assert allowed >= now
    assert not in_quiet_hours(allowed, zone, **rules)
    step = timedelta(minutes=10)
    between = (now + n * step for n in range((allowed - now) // step))
    assert all(in_quiet_hours(moment, zone, **rules) for moment in between)


# Working time

WEEK = WorkingWeek()


def test_four_working_hours_from_friday_afternoon_end_on_monday():
    friday_at_three = utc(2027, 3, 5, 15)

    due = add_working_time(friday_at_three, 4, "UTC", WEEK)

    assert due == utc(2027, 3, 8, 11)


def test_where_friday_is_the_weekend_sunday_counts():
    thursday_at_three = wall_to_utc(date(2027, 3, 4), time(15), "Africa/Cairo")
    week = WorkingWeek(days=SUNDAY_TO_THURSDAY)

    due = add_working_time(thursday_at_three, 4, "Africa/Cairo", week)

    assert due == wall_to_utc(date(2027, 3, 7), time(11), "Africa/Cairo")


def test_holidays_do_not_count():
    monday = date(2027, 3, 8)
    week = WorkingWeek(holidays=frozenset({monday}))

    due = add_working_time(utc(2027, 3, 5, 15), 4, "UTC", week)

    assert due == utc(2027, 3, 9, 11)


def test_two_working_days_across_a_change_of_clocks_keep_the_hour_on_the_wall():
    friday_at_ten = wall_to_utc(date(2027, 3, 26), time(10), "Europe/London")
    hours = 2 * WEEK.day_length / timedelta(hours=1)

    due = add_working_time(friday_at_ten, hours, "Europe/London", WEEK)

    assert due == wall_to_utc(date(2027, 3, 30), time(10), "Europe/London")


def test_a_night_shift_is_working_time_too():
    week = WorkingWeek(begins=time(22), ends=time(6))

    due = add_working_time(utc(2027, 3, 5, 23), 5, "UTC", week)

    assert due == utc(2027, 3, 6, 4)


def test_a_week_without_working_days_is_refused():
    week = WorkingWeek(days=frozenset())

    with pytest.raises(ValueError, match="no working time"):
        add_working_time(FRIDAY_NOON, 1, "UTC", week)


@given(start=moments, hours=st.integers(0, 120), zone=zones)
def test_the_time_added_is_the_time_that_passed(start, hours, zone):
    due = add_working_time(start, hours, zone, WEEK)

    assert working_time_between(start, due, zone, WEEK) == timedelta(hours=hours)
