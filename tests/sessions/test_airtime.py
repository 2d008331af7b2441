import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.airtime import (
    asks_for_a_nudge,
    dues,
    equality,
    not_yet_heard,
    own_share,
    quieter_first,
    trend,
)

CIRCLE = ["ada", "ben", "kim", "sol"]
circles = st.dictionaries(st.integers(0, 20), st.integers(0, 3600), min_size=2)


def spoke(*minutes):
    return dict(zip(CIRCLE, minutes, strict=True))


@pytest.mark.parametrize(
    ("minutes", "index"),
    [((5, 5, 5, 5), 1.0), ((20, 0, 0, 0), 0.0), ((10, 6, 3, 1), 0.5)],
)
def test_the_worked_values(minutes, index):
    assert equality(spoke(*minutes)) == pytest.approx(index, abs=1e-12)


def test_a_client_who_uses_exactly_the_scripted_time_is_no_talker():
    as_scripted = spoke(12, 3, 3, 2)

    assert equality(as_scripted, expected=as_scripted) == pytest.approx(1.0)


def test_who_had_nothing_to_say_by_role_is_left_out():
    found = dues(spoke(10, 10, 0, 0), expected=spoke(10, 10, 0, 0))

    assert found == {"ada": 1.0, "ben": 1.0}


@pytest.mark.parametrize("seconds", [{}, {"ada": 60}, {"ada": 0, "ben": 0}])
def test_where_there_is_nothing_to_compare_there_is_no_index(seconds):
    assert equality(seconds) is None


def test_not_yet_heard_in_the_order_of_the_circle():
    assert not_yet_heard(CIRCLE, {"ben": 40, "kim": 0}) == ["ada", "kim", "sol"]


def test_the_quieter_speak_first_and_equals_keep_their_order():
    assert quieter_first(CIRCLE, {"ada": 90, "kim": 30}) == ["ben", "sol", "kim", "ada"]


def test_each_sees_their_own_share():
    assert own_share(spoke(10, 6, 3, 1), "ben") == pytest.approx(0.3)
    assert own_share({}, "ben") == 0


@pytest.mark.parametrize(
    ("history", "asks"),
    [
        ([0.4, 0.4, 1.0], True),
        ([0.4, 1.0, 0.4], True),
        ([0.4, 0.4, 1.0, 1.0], False),
        ([0.5, 0.5, 0.5], False),
        ([0.1], False),
    ],
)
def test_a_nudge_after_two_of_the_last_three(history, asks):
    assert asks_for_a_nudge(history) is asks


def test_the_trend_follows_the_latest_session_most():
    assert trend([]) is None
    assert trend([1.0, 0.0]) == 0.5
    assert trend([1.0, 1.0, 0.0]) == 0.5


@given(seconds=circles)
def test_the_index_is_between_none_and_one(seconds):
    index = equality(seconds)

    assert index is None or 0 <= index <= 1


@given(seconds=circles, times=st.integers(1, 60))
def test_minutes_or_seconds_are_the_same(seconds, times):
    longer = {person: spoken * times for person, spoken in seconds.items()}

    assert equality(longer) == pytest.approx(equality(seconds))


@given(seconds=circles)
def test_giving_time_from_the_loudest_to_the_quietest_makes_it_more_equal(seconds):
    loudest = max(seconds, key=seconds.__getitem__)
    quietest = min(seconds, key=seconds.__getitem__)
    gift = (seconds[loudest] - seconds[quietest]) / 4
    after = {
        **seconds,
        loudest: seconds[loudest] - gift,
        quietest: seconds[quietest] + gift,
    }

    if equality(seconds) is not None and gift:
        assert equality(after) > equality(seconds)
