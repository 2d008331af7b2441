"""What may be shown about people. K is 10 and numbers are rounded to 5."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measurement.suppression import (
    ALL,
    NARROWEST,
    Rules,
    Shown,
    attack,
    lines,
    protect,
    protect_share,
)

RULES = Rules()


def by_row(**counts):
    return {(row, ""): count for row, count in counts.items()}


def test_large_groups_are_rounded_each_by_itself():
    safe = protect(by_row(africa=23, asia=18), RULES)

    assert {row: cell.value for (row, _), cell in safe.cells.items()} == {
        "africa": 25,
        "asia": 20,
        ALL: 40,
    }


def test_a_small_group_is_hidden_and_takes_a_second_along():
    safe = protect(by_row(africa=40, asia=25, europe=3), RULES)

    assert {row: cell.shown for (row, _), cell in safe.cells.items()} == {
        "africa": Shown.VALUE,
        "asia": Shown.COMPLEMENT,
        "europe": Shown.SMALL,
        ALL: Shown.VALUE,
    }


def test_nobody_at_all_is_a_small_group_too():
    safe = protect(by_row(africa=40, asia=25, europe=0, pacific=0), RULES)

    assert safe.cells["europe", ""].shown == Shown.SMALL


def test_few_people_show_only_their_rounded_total():
    safe = protect(by_row(africa=14, asia=13), RULES)

    assert (safe.kept, safe.why) == ("total", "few")
    assert [cell.value for cell in safe.cells.values()] == [25]


def test_fewer_than_the_threshold_show_nothing():
    assert protect(by_row(africa=9), RULES).cells == {}


def test_a_program_may_not_go_below_five():
    with pytest.raises(ValueError, match="never shown"):
        Rules(threshold=4)


@pytest.mark.parametrize(
    ("part", "whole", "seen"),
    [
        (38, 120, (40, 120)),
        (4, 120, None),
        (118, 120, None),  # would tell of the two outside
    ],
)
def test_a_share_needs_a_crowd_on_both_sides(part, whole, seen):
    assert protect_share(part, whole, RULES) == seen


tables = st.dictionaries(
    st.tuples(st.sampled_from("abcd"), st.sampled_from("xyz")),
    st.integers(0, 60),
    min_size=1,
)


@given(tables)
def test_no_sum_has_a_single_hidden_part(counts):
    cells = protect(counts, RULES).cells
    for parts, _total in lines(cells):
        gone = [key for key in parts if cells[key].shown != Shown.VALUE]

        assert len(gone) != 1 or len(parts) == 1


@given(tables, st.sampled_from([5, 10, 15]))
def test_the_attacker_never_narrows_a_hidden_cell(counts, threshold):
    rules = Rules(threshold=threshold)
    cells = protect(counts, rules).cells
    bounds = attack(cells, rules)
    for key, cell in cells.items():
        low, high = bounds[key]

        assert cell.shown == Shown.VALUE or high - low + 1 >= NARROWEST


@given(tables)
def test_what_the_attacker_believes_holds_the_truth(counts):
    """Sound: the real counts always lie within the bounds it finds."""
    safe = protect(counts, RULES)
    bounds = attack(safe.cells, RULES)
    if safe.kept == "all":
        for key in safe.cells:
            if ALL in key:
                continue
            low, high = bounds[key]

            assert low <= counts.get(key, 0) <= high


@given(tables)
def test_a_shown_number_is_rounded_and_never_small(counts):
    for cell in protect(counts, RULES).cells.values():
        if cell.value is not None:
            assert cell.value % 5 == 0
            assert cell.value >= RULES.threshold
