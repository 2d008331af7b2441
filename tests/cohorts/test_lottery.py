"""A lottery in which the smallest chance is as large as the quotas allow.

What the lottery claims is never believed: panels are checked here against the quotas,
chances are counted from the panels, and the best chances are found a second time, over
all panels one by one.
"""

from fractions import Fraction
from itertools import combinations

import highspy
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cohorts.lottery import WHOLE, fair_lottery
from cohorts.panels import NoPanel, Quota

NEAR = 1e-6


def quota(trait, value, least, most):
    return Quota(trait=trait, value=value, least=least, most=most)


def person(**traits):
    return traits


# One woman in the north and one in the south, two and three men.
SEVEN = [
    person(gender="woman", region="north"),
    person(gender="woman", region="south"),
    *[person(gender="man", region="north")] * 2,
    *[person(gender="man", region="south")] * 3,
]
SOME_OF_EACH = [quota("gender", "woman", 1, 2), quota("region", "north", 1, 2)]


# --- A second way to the same answer ------------------------------------------------


def all_panels(pool, quotas, seats):
    """Every choice of people that keeps the quotas, shape (panels, people)."""
    return np.array(
        [
            [number in chosen for number in range(len(pool))]
            for chosen in combinations(range(len(pool)), seats)
            if all(
                q.least <= sum(q.counts(pool[i]) for i in chosen) <= q.most
                for q in quotas
            )
        ],
        float,
    )


def best_by_all_panels(panels):
    """Leximin over every mixture of these panels: a chance for each person.

    In each round the smallest chance is raised; then each person who is left is asked
    by herself whether she could have more than that, and settled if she could not.
    """
    people = panels.shape[1]
    settled = np.full(people, np.nan)
    while np.isnan(settled).any():
        left = np.flatnonzero(np.isnan(settled))
        smallest = largest(panels, settled, left, raised=left)
        for one in left:
            held = np.where(np.isnan(settled), smallest, settled)
            if largest(panels, held, left, raised=[one]) < smallest + NEAR / 10:
                settled[one] = smallest
    return settled


def largest(panels, held, left, *, raised):
    """The largest chance that all of `raised` can have while the others keep theirs."""
    count, people = panels.shape
    low = np.where(np.isnan(held), 0.0, held - 1e-10)
    low[raised] = 0.0
    table = np.zeros((people + 1, count + 1))
    table[:people, :count], table[people, :count] = panels.T, 1
    table[list(raised), count] = -1
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = count + 1, people + 1
    program.col_cost_ = np.append(np.zeros(count), -1.0)
    program.col_lower_ = np.zeros(count + 1)
    program.col_upper_ = np.ones(count + 1)
    program.row_lower_ = np.append(low, 1.0)
    program.row_upper_ = np.append(np.full(people, highspy.kHighsInf), 1.0)
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_ = np.arange(people + 2) * (count + 1)
    program.a_matrix_.index_ = np.tile(np.arange(count + 1), people + 1)
    program.a_matrix_.value_ = table.ravel()
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.passModel(program)
    solver.run()
    return -solver.getObjectiveValue()


def chance_of_each(mixture):
    return [float(mixture.chances[kind]) for kind in mixture.kind_of]


def keeps(mixture, quotas, seats):
    return all(
        sum(panel) == seats
        and all(0 <= n <= size for n, size in zip(panel, mixture.people, strict=True))
        and all(
            q.least
            <= sum(n for n, kind in zip(panel, mixture.kinds, strict=True) if i in kind)
            <= q.most
            for i, q in enumerate(quotas)
        )
        for panel in mixture.panels
    )


# --- Worked values ------------------------------------------------------------------


def test_seven_people_and_three_seats_give_nobody_less_than_two_fifths():
    mixture = fair_lottery(SEVEN, SOME_OF_EACH, seats=3)

    assert float(min(mixture.chances)) == pytest.approx(0.4, abs=1e-9)
    assert len(all_panels(SEVEN, SOME_OF_EACH, 3)) == 21
    assert keeps(mixture, SOME_OF_EACH, 3)


def test_without_quotas_everybody_has_the_same_chance():
    mixture = fair_lottery([person()] * 10, [], seats=3)

    assert mixture.chances == (Fraction(3, 10),)


def test_a_person_whom_the_quotas_demand_is_sure_of_her_seat():
    pool = [person(speaks="Dholuo"), *[person(speaks="English")] * 9]

    mixture = fair_lottery(pool, [quota("speaks", "Dholuo", 1, 1)], seats=4)

    assert chance_of_each(mixture) == pytest.approx([1, *[1 / 3] * 9])


def test_who_gave_several_answers_counts_for_each():
    pool = [
        person(speaks=frozenset({"Dholuo", "English"})),
        *[person(speaks=frozenset({"English"}))] * 3,
    ]

    mixture = fair_lottery(
        pool,
        [quota("speaks", "Dholuo", 1, 1), quota("speaks", "English", 2, 2)],
        seats=2,
    )

    assert chance_of_each(mixture) == pytest.approx([1, *[1 / 3] * 3])


def test_where_parts_of_people_would_reach_more_than_whole_ones_the_whole_ones_count():
    # Any two of the first three share a trait that only one seat may have, so one of
    # them sits at most; half of each would keep every quota too, but nobody is half.
    pool = [
        person(a=1, b=1, c=0),
        person(a=1, b=0, c=1),
        person(a=0, b=1, c=1),
        person(a=0, b=0, c=0),
        person(a=0, b=0, c=0),
    ]
    quotas = [quota(trait, 1, 0, 1) for trait in "abc"]

    mixture = fair_lottery(pool, quotas, seats=2)

    expected = best_by_all_panels(all_panels(pool, quotas, 2))
    assert chance_of_each(mixture) == pytest.approx(list(expected), abs=NEAR)
    assert min(mixture.chances) == pytest.approx(Fraction(1, 3), abs=NEAR)


# Nobody gives two of three answers that stand side by side more than one seat each.
THREE_IN_A_RING = [
    *[person(ring=frozenset({place, (place + 1) % 3})) for place in range(3)],
    *[person()] * 2,
]
ONE_EACH = [quota("ring", place, 0, 1) for place in range(3)]


def test_what_is_proved_is_said_to_be():
    mixture = fair_lottery(THREE_IN_A_RING, ONE_EACH, seats=2)

    assert mixture.is_proved
    assert mixture.bound == pytest.approx(1 / 3, abs=NEAR)
    assert min(mixture.chances) == pytest.approx(Fraction(1, 3), abs=NEAR)


def test_a_search_that_may_not_go_on_claims_no_proof_and_tells_the_bound():
    rings = [
        person(**{f"r{ring}": frozenset({place, (place + 1) % 5})})
        for ring in range(4)
        for place in range(5)
    ]
    pool = [*rings, *[person()] * 10]
    quotas = [quota(f"r{ring}", place, 0, 1) for ring in range(4) for place in range(5)]

    given_up = fair_lottery(pool, quotas, seats=14, nodes=0)
    proved = fair_lottery(pool, quotas, seats=14)

    assert keeps(given_up, quotas, 14)
    assert not given_up.is_proved
    assert proved.is_proved
    assert min(given_up.chances) <= min(proved.chances) + Fraction(1, 10**7)
    assert given_up.bound >= float(min(proved.chances)) - NEAR


# --- What holds for every pool ------------------------------------------------------


@st.composite
def tasks(draw):
    """A small pool, quotas that at least one choice of people keeps, and seats."""
    traits = {"a": 3, "b": 2, "c": 2}
    size = draw(st.integers(2, 9))
    pool = [
        {name: draw(st.integers(1, values)) for name, values in traits.items()}
        for _ in range(size)
    ]
    seats = draw(st.integers(1, size))
    chosen = draw(st.permutations(pool))[:seats]
    quotas = []
    for name, values in traits.items():
        for value in range(1, values + 1):
            if draw(st.booleans()):
                has = sum(one[name] == value for one in chosen)
                spare = draw(st.integers(0, 1))
                quotas.append(quota(name, value, max(has - spare, 0), has + spare))
    return pool, quotas, seats


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tasks())
def test_no_mixture_of_panels_treats_those_worst_off_better(task):
    pool, quotas, seats = task

    mixture = fair_lottery(pool, quotas, seats=seats)

    expected = best_by_all_panels(all_panels(pool, quotas, seats))
    assert sorted(chance_of_each(mixture)) == pytest.approx(sorted(expected), abs=NEAR)
    assert keeps(mixture, quotas, seats)
    assert sum(mixture.weights) == WHOLE


@settings(max_examples=20, deadline=None)
@given(tasks(), st.integers(0, 5))
def test_the_same_pool_and_seed_give_the_same_panels_and_weights(task, seed):
    pool, quotas, seats = task

    once = fair_lottery(pool, quotas, seats=seats, seed=seed)

    assert fair_lottery(pool, quotas, seats=seats, seed=seed) == once


@settings(max_examples=20, deadline=None)
@given(tasks(), st.randoms(use_true_random=False))
def test_the_order_in_which_people_applied_gives_nobody_another_chance(task, random):
    pool, quotas, seats = task
    order = list(range(len(pool)))
    random.shuffle(order)

    mixed = fair_lottery([pool[i] for i in order], quotas, seats=seats)

    straight = chance_of_each(fair_lottery(pool, quotas, seats=seats))
    assert chance_of_each(mixed) == [straight[i] for i in order]


# --- Hard days ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pool", "quotas", "seats"),
    [
        ([], [], 3),
        ([person()] * 3, [], 4),
        ([person(a=1)] * 5, [quota("a", 2, 1, 5)], 3),
        ([person(a=1)] * 5, [quota("a", 1, 0, 2)], 3),
    ],
    ids=[
        "nobody applied",
        "three for four seats",
        "nobody of these",
        "too many of one",
    ],
)
def test_seats_and_quotas_that_no_choice_of_people_keeps_are_refused(
    pool, quotas, seats
):
    with pytest.raises(NoPanel):
        fair_lottery(pool, quotas, seats=seats)


def test_as_many_people_as_seats_all_sit():
    mixture = fair_lottery(SEVEN, SOME_OF_EACH[:0], seats=7)

    assert set(mixture.chances) == {1}
