"""Quotas that cannot hold together: which of them clash, and what has to give."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cohorts.clashes import TooFewPeople, can_hold, least_relaxation, smallest_clash
from cohorts.panels import Quota

# Nine people: three women, of whom one lives in the north.
NINE = [
    {"gender": "woman", "region": "north"},
    *[{"gender": "woman", "region": "south"}] * 2,
    *[{"gender": "man", "region": "north"}] * 4,
    *[{"gender": "man", "region": "south"}] * 2,
]


def quota(trait, value, least, most):
    return Quota(trait=trait, value=value, least=least, most=most)


def test_quotas_that_hold_have_no_clash_and_give_nothing():
    quotas = [quota("gender", "woman", 2, 3), quota("region", "north", 1, 3)]

    assert smallest_clash(NINE, quotas, seats=4) == []
    assert least_relaxation(NINE, quotas, seats=4) == []


def test_only_the_quotas_that_clash_are_named():
    women = quota("gender", "woman", 3, 4)
    north = quota("region", "north", 3, 4)
    men = quota("gender", "man", 0, 4)

    assert smallest_clash(NINE, [men, women, north], seats=4) == [women, north]


def test_a_quota_that_nobody_can_fill_clashes_by_itself():
    four = quota("gender", "woman", 4, 5)

    assert smallest_clash(NINE, [quota("region", "north", 1, 5), four], seats=5) == [
        four
    ]


def test_what_gives_is_what_loses_least():
    women = quota("gender", "woman", 3, 4)
    north = quota("region", "north", 3, 4)

    (given_way,) = least_relaxation(NINE, [women, north], seats=4)

    assert given_way.becomes.least == 2


def test_a_small_group_keeps_its_seat_before_a_large_one():
    pool = [{"speaks": "Luo"}, *[{"speaks": "English"}] * 9]
    few = quota("speaks", "Luo", 1, 1)
    many = quota("speaks", "English", 4, 4)

    (given_way,) = least_relaxation(pool, [few, many], seats=4)

    assert (given_way.was, given_way.becomes.least) == (many, 3)


def test_too_few_people_are_no_matter_of_quotas():
    with pytest.raises(TooFewPeople):
        smallest_clash(NINE, [], seats=10)


@st.composite
def tasks(draw):
    pool = [
        {"a": draw(st.integers(1, 2)), "b": draw(st.integers(1, 3))}
        for _ in range(draw(st.integers(1, 7)))
    ]
    quotas = []
    for trait, value in [("a", 1), ("a", 2), ("b", 1), ("b", 2)]:
        least = draw(st.integers(0, 3))
        quotas.append(quota(trait, value, least, least + draw(st.integers(0, 1))))
    return pool, quotas, draw(st.integers(1, len(pool)))


def kept_by_some_choice(pool, quotas, seats):
    return any(
        all(
            q.least <= sum(q.counts(person) for person in chosen) <= q.most
            for q in quotas
        )
        for chosen in combinations(pool, seats)
    )


@settings(max_examples=80, deadline=None)
@given(tasks())
def test_a_clash_is_one_and_no_smaller_one_exists(task):
    pool, quotas, seats = task

    clash = smallest_clash(pool, quotas, seats=seats)

    holds = kept_by_some_choice(pool, quotas, seats)
    assert can_hold(pool, quotas, seats=seats) == holds
    assert bool(clash) != holds
    assert not clash or not kept_by_some_choice(pool, clash, seats)
    for fewer in combinations(quotas, max(len(clash) - 1, 0)):
        assert kept_by_some_choice(pool, fewer, seats)


@settings(max_examples=80, deadline=None)
@given(tasks())
def test_what_gives_makes_the_quotas_hold_and_less_would_not(task):
    pool, quotas, seats = task

    gives = {r.was: r.becomes for r in least_relaxation(pool, quotas, seats=seats)}

    assert kept_by_some_choice(pool, [gives.get(q, q) for q in quotas], seats)
    for was, becomes in gives.items():
        nearer = quota(
            was.trait,
            was.value,
            becomes.least + (becomes.least < was.least),
            becomes.most - (becomes.most > was.most),
        )
        back = [nearer if q == was else gives.get(q, q) for q in quotas]
        assert not kept_by_some_choice(pool, back, seats)
