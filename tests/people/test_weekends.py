"""On which days people rest, where they live."""

import pytest

from people.weekends import (
    FRIDAY,
    SATURDAY,
    SUNDAY,
    THURSDAY,
    weekend_in,
    working_week_in,
)


@pytest.mark.parametrize(
    ("zone", "days"),
    [
        ("Africa/Nairobi", {SATURDAY, SUNDAY}),
        ("Africa/Cairo", {FRIDAY, SATURDAY}),
        ("Asia/Kabul", {THURSDAY, FRIDAY}),
        ("Asia/Tehran", {FRIDAY}),
        ("Asia/Kathmandu", {SATURDAY}),
        ("Asia/Katmandu", {SATURDAY}),  # the older name of the same place
        ("UTC", {SATURDAY, SUNDAY}),
        ("Nowhere/Yet", {SATURDAY, SUNDAY}),
    ],
)
def test_each_place_rests_on_its_own_days(zone, days):
    assert weekend_in(zone) == days


def test_ones_own_day_off_is_no_working_day():
    week = working_week_in("Africa/Cairo", day_off=2)

    assert week.days == {6, 0, 1, 3}
