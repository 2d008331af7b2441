"""Single steps that mend: as many and as good as if every step there is were tried."""

import random

import pytest

from cohorts import mending
from cohorts.compose import examine, ways_out
from cohorts.weighing import Candidate, Rules

RULES = Rules(protected=frozenset({"language"}), organisation_cap=1)
SIZE = (3, 5)


def people(seed, count=12):
    chance = random.Random(seed)
    return [
        Candidate(
            key=f"p{n:02}",
            traits={"language": chance.choice("abc")},
            organisation=chance.choice(["", "x", "y"]),
            free=frozenset(range(chance.choice((0, 4)), 12)),
        )
        for n in range(count)
    ]


def thrown(candidates, seed, circles=3):
    """Anyhow, and some wait."""
    chance = random.Random(seed)
    groups = [[] for _ in range(circles + 1)]
    for one in candidates:
        chance.choice(groups).append(one.key)
    return groups[:-1]


def applied(groups, step):
    after = [[key for key in group if key != step.key] for group in groups]
    if step.swap_with is not None:
        home = next((n for n, g in enumerate(groups) if step.key in g), None)
        after = [[key for key in g if key != step.swap_with] for g in after]
        if home is not None:
            after[home].append(step.swap_with)
    if step.to < len(groups):
        after[step.to].append(step.key)
    return after


def broken(groups, candidates):
    return examine(groups, candidates, rules=RULES, size=SIZE).broken


@pytest.mark.parametrize("seed", range(30))
def test_the_steps_are_those_that_trying_all_finds(seed):
    candidates = people(seed)
    groups = thrown(candidates, seed)
    asked = {"rules": RULES, "size": SIZE, "most": 1000}

    found = mending.steps(groups, candidates, **asked)
    all_tried = ways_out(groups, candidates, **asked)

    assert [(s.broken, s.swap_with is None) for s in found] == [
        (s.broken, s.swap_with is None) for s in all_tried
    ]


@pytest.mark.parametrize("seed", range(10))
def test_a_step_leaves_as_many_broken_as_it_says(seed):
    candidates = people(seed)
    groups = thrown(candidates, seed)

    for step in mending.steps(groups, candidates, rules=RULES, size=SIZE, most=50):
        assert broken(applied(groups, step), candidates) == step.broken


@pytest.mark.parametrize("seed", range(5))
def test_of_one_circle_somebody_comes_there_or_goes(seed):
    candidates = people(seed)
    groups = thrown(candidates, seed)

    for step in mending.steps(
        groups, candidates, rules=RULES, size=SIZE, touching=1, most=50
    ):
        assert set(applied(groups, step)[1]) != set(groups[1])


def test_who_is_pinned_stays():
    candidates = people(1)
    groups = thrown(candidates, 1)
    pins = {key: n for n, group in enumerate(groups) for key in group}
    held = Rules(protected=RULES.protected, organisation_cap=1, pins=pins)

    found = mending.steps(groups, candidates, rules=held, size=SIZE, most=1000)

    assert {key for s in found for key in (s.key, s.swap_with)} & pins.keys() == set()


def test_where_nothing_is_broken_there_is_nothing_to_do():
    candidates = [Candidate(key=n) for n in range(6)]

    assert (
        mending.steps([[0, 1, 2], [3, 4, 5]], candidates, rules=Rules(), size=SIZE)
        == ()
    )
