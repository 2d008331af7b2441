from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.availability import (
    HALF_HOURS,
    NEVER,
    NotAWeek,
    Slot,
    Span,
    burden,
    comfort_in_utc,
    fairest,
    free_in_utc,
    free_throughout,
    is_week,
    monday_of,
    parse,
    shared,
    slots,
    spans,
    write,
)

WINTER = date(2027, 1, 4)
SUMMER = date(2027, 7, 5)
MONDAY_NINE = 18
weeks = st.text("0123", min_size=HALF_HOURS, max_size=HALF_HOURS)
frees = st.frozensets(st.integers(0, HALF_HOURS - 1))


def monday_from_nine_to_eleven(comfort=2):
    return write({half_hour: comfort for half_hour in range(18, 22)})


@given(week=weeks)
def test_a_week_is_written_as_it_was_read(week):
    assert write(dict(enumerate(parse(week)))) == week


@pytest.mark.parametrize("text", ["", "0" * 335, "4" + "0" * 335, "٣" + "0" * 335])
def test_what_is_no_week_is_refused(text):
    assert not is_week(text)
    with pytest.raises(NotAWeek):
        parse(text)


@pytest.mark.parametrize("cells", [{336: 1}, {-1: 1}, {0: 4}])
def test_a_half_hour_or_a_comfort_that_is_none_is_refused(cells):
    with pytest.raises(NotAWeek):
        write(cells)


def test_a_week_reads_as_spans():
    week = write({0: 1, 1: 1, 2: 3, 94: 2, 95: 2, 96: 2})

    assert spans(week) == (
        Span(weekday=0, starts=time(0), ends=time(1), comfort=1),
        Span(weekday=0, starts=time(1), ends=time(1, 30), comfort=3),
        Span(weekday=1, starts=time(23), ends=time(0), comfort=2),
        Span(weekday=2, starts=time(0), ends=time(0, 30), comfort=2),
    )


def test_the_same_morning_is_another_hour_in_summer():
    week = monday_from_nine_to_eleven()

    winter = free_in_utc(week, "Europe/Paris", monday=WINTER)
    summer = free_in_utc(week, "Europe/Paris", monday=SUMMER)

    assert winter == {16, 17, 18, 19}
    assert summer == {14, 15, 16, 17}


def test_a_cohort_across_a_change_of_clocks_keeps_only_what_holds_before_and_after():
    week = monday_from_nine_to_eleven()

    free = free_throughout(week, "Europe/Paris", mondays=[WINTER, SUMMER])

    assert free == {16, 17}


def test_a_half_hour_zone_moves_by_half_hours():
    free = free_in_utc(monday_from_nine_to_eleven(), "Asia/Kolkata", monday=WINTER)

    assert free == {7, 8, 9, 10}


def test_a_quarter_hour_zone_loses_the_half_hours_that_are_not_whole():
    free = free_in_utc(monday_from_nine_to_eleven(), "Asia/Kathmandu", monday=WINTER)

    # 09:00 to 11:00 there is 03:15 to 05:15 UTC, so 03:30 to 05:00 is whole
    assert free == {7, 8, 9}


def test_monday_morning_far_east_is_sunday_in_utc():
    free = free_in_utc(write({0: 2}), "Pacific/Auckland", monday=SUMMER)

    assert free == {6 * 48 + 24}


def test_any_day_of_the_week_names_its_monday():
    assert monday_of(date(2027, 3, 7)) == date(2027, 3, 1)


@given(week=weeks)
def test_in_utc_a_week_stays_as_it_is(week):
    assert comfort_in_utc(week, "UTC", monday=SUMMER) == parse(week)


@given(week=weeks, zone=st.sampled_from(["Asia/Kathmandu", "Pacific/Chatham"]))
def test_rounding_never_promises_more_than_was_said(week, zone):
    said = sum(comfort > 0 for comfort in parse(week))

    assert len(free_in_utc(week, zone, monday=SUMMER)) <= said


def test_what_all_have_in_common():
    assert shared([frozenset({1, 2, 3}), frozenset({2, 3, 4})]) == {2, 3}
    assert shared([]) == frozenset()


def test_slots_go_round_the_end_of_the_week():
    free = frozenset({334, 335, 0, 10, 11})

    assert slots(free, at_least=3) == (Slot(start=334, length=3),)


def test_a_whole_free_week_is_one_slot():
    assert slots(frozenset(range(HALF_HOURS))) == (Slot(start=0, length=HALF_HOURS),)


@given(free=frees)
def test_slots_hold_each_free_half_hour_once(free):
    found = [half_hour for slot in slots(free) for half_hour in slot.half_hours()]

    assert sorted(found) == sorted(free)


def test_the_burden_is_that_of_the_worst_half_hour():
    comforts = parse(write({0: 3, 1: 1}))

    assert burden(comforts, Slot(start=0, length=1)) == 0
    assert burden(comforts, Slot(start=0, length=2)) == 2
    assert burden(comforts, Slot(start=1, length=2)) == 3


def test_the_awkward_hour_goes_round():
    comforts = {
        "Amina": parse(write({0: 3, 10: 1})),
        "Jo": parse(write({0: 1, 10: 3})),
    }

    first = fairest(comforts, length=1)
    next_time = fairest(comforts, length=1, carried={"Amina": 0, "Jo": 2})

    assert [offer.slot.start for offer in first] == [0, 10]
    assert [offer.slot.start for offer in next_time] == [10, 0]


def test_no_time_at_all_is_no_offer():
    comforts = {"Amina": parse(NEVER), "Jo": parse(write({0: 3}))}

    assert fairest(comforts, length=1) == ()
    assert fairest({}, length=1) == ()
