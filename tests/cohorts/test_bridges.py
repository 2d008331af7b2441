"""The worked values of structural holes, and what a plan opens."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cohorts.bridges import (
    Bridge,
    bridges,
    communities,
    constraint,
    effective_size,
    ties_of,
)

TRIANGLES = [("a", "b"), ("b", "c"), ("a", "c"), ("x", "y"), ("y", "z"), ("x", "z")]


def triangles(*more):
    return ties_of("abcxyz", [*TRIANGLES, *more])


def test_the_hub_of_a_star_of_four():
    star = ties_of(["hub", *range(4)], [("hub", n) for n in range(4)])

    assert effective_size(star, "hub") == 4
    assert constraint(star, "hub") == 0.25


def test_two_triangles_apart():
    ties = triangles()

    assert {effective_size(ties, one) for one in "abcxyz"} == {1}
    assert {constraint(ties, one) for one in "abcxyz"} == {1.125}


def test_one_tie_between_two_triangles_opens_both_its_ends():
    ties = triangles(("c", "x"))

    for end in "cx":
        assert effective_size(ties, end) == pytest.approx(2.333, abs=5e-4)
        assert constraint(ties, end) == pytest.approx(0.611, abs=5e-4)


def test_who_has_no_ties_yet_has_no_constraint():
    ties = ties_of("ab", [("a", "stranger"), ("b", "b")])

    assert (effective_size(ties, "a"), constraint(ties, "a")) == (0, None)
    assert bridges(ties, [["a", "b"]]).no_ties_yet == ("a", "b")


def test_communities_are_found():
    assert communities(triangles(("c", "x")), seed=1) == (
        frozenset("abc"),
        frozenset("xyz"),
    )


def test_a_plan_tells_what_it_opens():
    told = bridges(triangles(), [["a", "x"], ["b", "c", "y"]])

    assert told.opened == (
        Bridge(people=("a", "x"), group=0),
        Bridge(people=("b", "y"), group=1),
        Bridge(people=("c", "y"), group=1),
    )
    assert (told.clusters, told.joined) == (2, ((0, 1),))
    assert told.bridging_nothing == tuple("abcxyz")
    assert told.no_ties_yet == ()
    (of_a,) = (one for one in told.reach if one.person == "a")
    assert (of_a.before, of_a.held_before) == (1, 1.125)
    assert of_a.after == pytest.approx(2.333, abs=5e-4)
    assert of_a.held_after == pytest.approx(2 * (4 / 9) ** 2 + 1 / 9)


def test_a_bridge_that_was_there_is_not_opened_again():
    told = bridges(triangles(("c", "x")), [["c", "x"]])

    assert (told.opened, told.joined) == ((), ())
    assert told.bridging_nothing == ("a", "b", "y", "z")


def test_nobody_and_nothing():
    told = bridges({}, [[], []])

    assert (told.communities, told.opened, told.clusters) == ((), (), 0)


@settings(max_examples=50, deadline=None)
@given(
    pairs=st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), max_size=40),
    seed=st.integers(0, 9),
)
def test_the_same_ties_and_seed_give_the_same_communities(pairs, seed):
    people = list(range(15))
    shuffled = random.Random(seed).sample(people, len(people))

    found = communities(ties_of(people, pairs), seed=seed)
    again = communities(ties_of(shuffled, pairs[::-1]), seed=seed)

    ties = ties_of(people, pairs)
    assert found == again
    assert set().union(*found) == {one for one in people if ties[one]}
    assert sum(map(len, found)) == sum(bool(ties[one]) for one in people)
