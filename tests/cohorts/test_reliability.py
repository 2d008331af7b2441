"""Agreement between reviewers, against values printed in the literature."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohorts.reliability import Verdict, alpha, verdict

# Krippendorff 2011, example C: four observers, twelve units, missing values.
OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]
UNITS = [[v for v in unit if v is not None] for unit in zip(*OBSERVERS, strict=True)]


def test_the_interval_value_of_the_literature():
    assert round(alpha(UNITS), 3) == 0.849


def test_the_ordinal_value_of_the_literature():
    assert round(alpha(UNITS, ordered_only=True), 3) == 0.815


def test_the_binary_value_of_the_literature():
    """Example A: two observers, ten units, yes and no; alpha is 0.095."""
    meg = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0]
    owen = [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]

    assert round(alpha(zip(meg, owen, strict=True)), 3) == 0.095


def test_one_voice_is_one():
    assert alpha([[1, 1, 1], [4, 4], [2, 2]]) == 1.0


def test_saying_the_opposite_is_below_nothing():
    assert alpha([[1, 4], [4, 1], [1, 4]]) < 0


@pytest.mark.parametrize("units", [[], [[3]], [[1], [4]], [[2, 2], [2, 2]]])
def test_what_cannot_be_said_is_not_said(units):
    assert alpha(units) is None


def test_what_was_read_once_changes_nothing():
    assert alpha([*UNITS, [5], []]) == alpha(UNITS)


def test_levels_dealt_out_by_chance_are_near_nothing():
    dice = random.Random(3)
    units = [[dice.randint(1, 4) for _ in range(3)] for _ in range(2000)]

    assert abs(alpha(units)) < 0.03
    assert abs(alpha(units, ordered_only=True)) < 0.03


@given(
    st.lists(st.lists(st.integers(1, 4), max_size=4), max_size=12),
    st.booleans(),
    st.randoms(),
)
def test_neither_the_order_of_units_nor_of_values_counts(units, ordered, dice):
    shuffled = [dice.sample(unit, len(unit)) for unit in units]
    dice.shuffle(shuffled)

    found = alpha(shuffled, ordered_only=ordered)
    expected = alpha(units, ordered_only=ordered)

    assert (found is None) == (expected is None)
    assert found == pytest.approx(expected) if found is not None else True


@given(st.lists(st.lists(st.integers(1, 4), max_size=4), max_size=12))
def test_it_equals_the_sum_over_all_pairs_written_out(units):
    pairable = [unit for unit in units if len(unit) > 1]
    values = [v for unit in pairable for v in unit]
    n = len(values)
    seen = sum(
        (a - b) ** 2 / (len(unit) - 1) for unit in pairable for a in unit for b in unit
    )
    by_chance = sum((a - b) ** 2 for a in values for b in values)

    found = alpha(units)

    if by_chance == 0:
        assert found is None
    else:
        assert found == pytest.approx(1 - (n - 1) * seen / by_chance)


@pytest.mark.parametrize(
    ("value", "means"),
    [
        (None, Verdict.UNKNOWN),
        (0.8, Verdict.HOLDS),
        (0.7, Verdict.TENTATIVE),
        (0.5, Verdict.WEAK),
        (0.05, Verdict.CHANCE),
        (-0.4, Verdict.CHANCE),
    ],
)
def test_what_it_means(value, means):
    assert verdict(value) is means
