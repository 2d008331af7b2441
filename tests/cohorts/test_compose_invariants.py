"""What holds of every proposal, tried on a thousand pools, from the raw answers."""

import random
from collections import Counter

import pytest

from cohorts.bounding import bound
from cohorts.compose import Effort, compose
from cohorts.tally import Tally
from cohorts.weighing import Candidate, Pool, Rules
from people.availability import HALF_HOURS
from tests.cohorts.test_compose_tried import best_of_every_arrangement

TAGS = ("data", "law", "care", "press", "story", "maps")
EVENINGS = [frozenset(range(48 * day + 18, 48 * day + 22)) for day in range(4)]
WEEK = frozenset(range(HALF_HOURS))


def some_people(seed, *, least, most):
    """A pool, and the question; mostly such that the rules can be kept."""
    chance = random.Random(f"some {seed}")
    count = chance.randrange(least, most + 1)
    groups = chance.choice([2, 2, 3]) if count > 5 else chance.choice([1, 2])
    people = [
        Candidate(
            key=n,
            traits={
                "region": chance.choice(["Africa", "Americas", "Asia", ""]),
                "language": frozenset(chance.sample(["ar", "en", "sw"], 1 + n % 2)),
                "gender": chance.choice(["woman", "man", "woman", "man", "other"]),
            },
            alone_is_fine=frozenset(["gender"] if chance.random() < 0.5 else []),
            organisation=chance.choice(["", "", "bank", "clinic", "school"]),
            free=frozenset().union(*chance.sample(EVENINGS, chance.choice([1, 2, 3])))
            if chance.random() < 0.9
            else None,
            offers=frozenset(chance.sample(TAGS, chance.randrange(2))),
            needs=frozenset(chance.sample(TAGS, chance.randrange(3))),
            ties=frozenset(chance.sample(range(count), chance.randrange(2))) - {n},
        )
        for n in range(count)
    ]
    one, two, three = chance.sample(range(count), 3)
    rules = Rules(
        protected=frozenset({"gender"} if chance.random() < 0.6 else ()),
        vary=chance.choice([(), ("region",), ("language", "gender", "region")]),
        organisation_cap=chance.choice([1, 2, 2, None]),
        together=((one, two),) if chance.random() < 0.3 else (),
        apart=((two, three),) if chance.random() < 0.4 else (),
        pins={three: groups - 1} if chance.random() < 0.2 else {},
        required=frozenset({"care"} if chance.random() < 0.2 else ()),
    )
    each = -(-count // groups)
    size = (chance.choice([0, 1, max(1, count // groups - 1)]), each + 1)
    return people, {"groups": groups, "size": size, "rules": rules}


def check(people, question, made):
    rules, size = question["rules"], question["size"]
    group_of = {seat.key: seat.group for seat in made.seats}
    waiting = [one.key for one in made.unplaced]
    assert sorted([*group_of, *waiting]) == [one.key for one in people]
    for key, group in rules.pins.items():
        assert group_of[key] == group
    if made.broken:
        # what is broken is told, of a group or of somebody who waits
        assert waiting or any(finding.hard for finding in made.findings)
        return
    assert made.value <= made.at_most + 1e-8
    assert len(waiting) == max(0, len(people) - question["groups"] * size[1])
    for first, second in rules.together:
        assert group_of.get(first) == group_of.get(second)
    for first, second in rules.apart:
        assert first in waiting or group_of.get(first) != group_of.get(second)
    for number in range(question["groups"]):
        group = [one for one in people if group_of.get(one.key) == number]
        assert size[0] <= len(group) <= size[1]
        open_ = WEEK.intersection(*(one.free for one in group if one.free is not None))
        assert any(
            {(at + n) % HALF_HOURS for n in range(rules.meeting)} <= open_
            for at in open_
        )
        houses = Counter(one.organisation for one in group if one.organisation)
        assert max(houses.values(), default=0) <= (rules.organisation_cap or len(group))
        for trait in rules.protected:
            told = Counter(value for one in group for value in one.values(trait))
            for one in group:
                if trait not in one.alone_is_fine:
                    assert all(told[value] > 1 for value in one.values(trait))


def test_a_thousand_pools_keep_what_must_hold():
    kept = 0
    for seed in range(1000):
        people, question = some_people(seed, least=3, most=6)

        made = compose(people, seed=seed, **question)

        check(people, question, made)
        kept += not made.broken
    assert kept > 300


@pytest.mark.parametrize("seed", range(12))
def test_the_search_keeps_what_must_hold(seed):
    people, question = some_people(seed, least=10, most=16)

    made = compose(people, seed=seed, effort=Effort(moves=2_000), **question)

    check(people, question, made)


@pytest.mark.parametrize("seed", range(40))
def test_cases_never_bring_the_bound_below_what_can_be(seed):
    people, question = some_people(seed, least=6, most=8)
    pool = Pool(people, **question)

    broken, value = best_of_every_arrangement(people, question)

    for rounds in (8, 60):
        found = bound(Tally(pool), rounds=rounds)
        assert broken or not found.cannot_be
        assert broken or value <= found.at_most + 1e-8
