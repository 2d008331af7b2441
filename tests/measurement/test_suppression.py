"""What may be shown about people. K is 10 and numbers are rounded to 5."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from measurement.suppression import (
    ALL,
    NARROWEST,
    Rules,
    Shown,
    attack,
    lines,
    people_moved,
    percent,
    protect,
    protect_mean,
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
        "asia": Shown.SMALL,  # hidden like the other: which is small stays open
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
def test_no_sum_has_a_single_unknown(counts):
    """A hidden sum is an unknown as well: its shown parts would tell it."""
    cells = protect(counts, RULES).cells
    for parts, total in lines(cells):
        gone = [k for k in [*parts, total] if cells[k].shown != Shown.VALUE]

        assert len(gone) != 1


def test_a_row_whose_sum_is_hidden_hides_a_part_as_well():
    counts = {("a", "x"): 12, ("a", "y"): 12, ("b", "x"): 4, ("b", "y"): 4}
    counts |= {("c", "x"): 25, ("c", "y"): 25}

    safe = protect(counts, RULES)

    hidden = {key for key, cell in safe.cells.items() if cell.shown != Shown.VALUE}
    assert {("b", ALL), ("a", ALL)} <= hidden
    assert {("a", "x"), ("a", "y")} & hidden


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


one_dimension = st.dictionaries(
    st.tuples(st.sampled_from("abc"), st.just("")), st.integers(0, 25), min_size=1
)


@settings(max_examples=25, deadline=None)
@given(one_dimension, st.sampled_from([5, 10]))
def test_no_hidden_cell_is_narrowed_by_trying_every_table(counts, threshold):
    """The strongest attacker there is, for small tables: all that could look so."""
    rules = Rules(threshold=threshold)
    cells = protect(counts, rules).cells
    parts = [key for key in cells if ALL not in key]
    hidden = [key for key in parts if cells[key].shown != Shown.VALUE]
    if not hidden:
        return
    low, high = rules.could_be(cells[ALL, ""].value)
    spans = [
        range(high + 1) if key in hidden else _span(rules.could_be(cells[key].value))
        for key in parts
    ]

    possible = {key: set() for key in hidden}
    for guess in product(*spans):
        if low <= sum(guess) <= high:
            for key, count in zip(parts, guess, strict=True):
                if key in possible:
                    possible[key].add(count)

    assert all(len(values) >= NARROWEST for values in possible.values())
    assert all(counts[key] in values for key, values in possible.items())


def _span(bounds):
    return range(bounds[0], bounds[1] + 1)


@pytest.mark.parametrize(
    ("part", "whole", "span"),
    [
        (40, 120, (33, 33)),
        (10, 40, (20, 40)),
        (40, 40, (80, 100)),
        (10, 400, (0, 5)),
        (395, 400, (95, 100)),
        (400, 400, (95, 100)),
        (0, 0, None),
        (50, 45, None),
    ],
)
def test_a_percentage_is_never_none_or_all_and_of_few_people_a_band(part, whole, span):
    assert percent(part, whole) == span


def test_a_mean_needs_enough_answers():
    assert protect_mean(37.5, 10, RULES) == 3.8
    assert protect_mean(36, 9, RULES) is None


def test_how_many_people_moved_between_two_tables():
    before = by_row(africa=20, asia=20)

    assert people_moved(before, by_row(africa=24, asia=17)) == 4
    assert people_moved(before, by_row(africa=20, asia=20, europe=3)) == 3
    assert people_moved(before, before) == 0


@given(tables)
def test_a_shown_number_is_rounded_and_never_small(counts):
    for cell in protect(counts, RULES).cells.values():
        if cell.value is not None:
            assert cell.value % 5 == 0
            assert cell.value >= RULES.threshold
