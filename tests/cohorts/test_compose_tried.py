"""Up to nine people: as good as the best of every arrangement, judged in full."""

import random
import statistics

import numpy as np
import pytest

from cohorts.compose import Effort, compose
from cohorts.weighing import (
    ALONE,
    GROUP_RULE,
    LEFT_WAITING,
    PLENTY_OF_HOURS,
    Candidate,
    Code,
    Rules,
    Weights,
    look_at,
)
from people.availability import HALF_HOURS

TAGS = ("data", "law", "care", "press")
HOURS = (
    frozenset(range(18, 27)),
    frozenset(range(21, 30)),
    frozenset(range(18, 22)) | frozenset(range(66, 72)),
    frozenset(range(66, 71)),
    frozenset(range(HALF_HOURS)),
    None,
)


def nine(seed, *, count=9):
    """A pool, and the question: every rule there is, now and then."""
    chance = random.Random(f"nine {seed}")
    people = [
        Candidate(
            key=n,
            traits={
                "region": chance.choice(["Africa", "Americas", "Asia", ""]),
                "language": frozenset(chance.sample(["ar", "en", "sw"], 2 - n % 2)),
                "gender": chance.choice(["woman", "man", "woman", "man", "other"]),
            },
            alone_is_fine=frozenset(["gender"] if chance.random() < 0.3 else []),
            organisation=chance.choice(["", "bank", "clinic", "school"]),
            free=chance.choice(HOURS),
            offers=frozenset(chance.sample(TAGS, chance.randrange(3))),
            needs=frozenset(chance.sample(TAGS, chance.randrange(3))),
            ties=frozenset({chance.randrange(count)} - {n}),
        )
        for n in range(count)
    ]
    one, two, three, four = chance.sample(range(count), 4)
    groups = chance.choice([2, 3, 3])
    rules = Rules(
        protected=frozenset({"gender"}),
        vary=chance.choice([("region", "language"), ("region",)]),
        organisation_cap=chance.choice([1, 2, None]),
        together=((one, two),) if chance.random() < 0.5 else (),
        apart=((two, three), (one, four)) if chance.random() < 0.5 else (),
        pins={four: groups - 1} if chance.random() < 0.3 else {},
        required=frozenset({"care"} if chance.random() < 0.3 else ()),
    )
    size = chance.choice([(2, 4), (3, 3), (2, 5), (0, 4)])
    return people, {"groups": groups, "size": size, "rules": rules}


def judged(people, question):
    """Points and strength of every set of people, from the words for a page."""
    rules, weights = question["rules"], Weights()
    offered = {tag for one in people for tag in one.offers}
    mixed = [
        trait
        for trait in rules.vary
        if len({value for one in people for value in one.values(trait)}) > 1
    ]
    points, strength = [], []
    for mask in range(1 << len(people)):
        group = [one for n, one in enumerate(people) if mask >> n & 1]
        facts = look_at(group, rules=rules, size=question["size"], pool=people)
        points.append(
            sum(
                finding.breaks
                * (ALONE if finding.code == Code.ONLY_ONE else GROUP_RULE)
                for finding in facts.findings
            )
        )
        varied = [facts.variety[trait] for trait in mixed]
        needs = [tag for tag in facts.needs if tag in offered]
        met = len(facts.covered) / len(needs) if needs else 1.0
        longest = facts.meeting[0].length - rules.meeting + 1 if facts.meeting else 0
        strength.append(
            weights.covered * met
            + weights.varied * (statistics.fmean(varied) if varied else 1.0)
            + weights.bridging * max(0.0, 1 - facts.tied_pairs / len(group))
            + weights.hours * min(longest, PLENTY_OF_HOURS) / PLENTY_OF_HOURS
            if group
            else 0.0
        )
    return np.array(points), np.array(strength)


def best_of_every_arrangement(people, question):
    points, strength = judged(people, question)
    count, groups, rules = len(people), question["groups"], question["rules"]
    places = np.indices((groups + 1,) * count, np.int8).reshape(count, -1)
    for person, group in rules.pins.items():
        places = places[:, places[person] == group]
    ones = 1 << np.arange(count)
    masks = [ones @ (places == group) for group in range(groups + 1)]
    must_wait = max(0, count - groups * question["size"][1])
    waits = np.bitwise_count(masks[groups])
    broken = np.maximum(waits.astype(int) - must_wait, 0) * LEFT_WAITING
    for first, second in rules.together:
        waiting = masks[groups]
        broken += ((waiting >> first & 1) > (waiting >> second & 1)) * GROUP_RULE
    broken += sum(points[mask] for mask in masks[:groups])
    each = np.stack([strength[mask] for mask in masks[:groups]])
    value = np.where(
        broken == broken.min(), (each.min(axis=0) + each.mean(axis=0)) / 2, -1
    )
    return broken.min(), value.max()


@pytest.mark.parametrize("seed", range(8))
def test_nine_people_sit_as_well_as_in_the_best_of_every_arrangement(seed):
    people, question = nine(seed)

    made = compose(people, seed=seed, **question)

    broken, value = best_of_every_arrangement(people, question)
    assert made.best_there_is
    assert made.value == pytest.approx(value, abs=1e-8)
    assert made.broken == broken // 1000
    assert (made.at_most is None) == (broken > 0)


@pytest.mark.parametrize("seed", range(8))
def test_no_arrangement_of_nine_is_above_the_bound_of_the_search(seed):
    people, question = nine(seed)
    searching = Effort(moves=2_000, try_all_up_to=0)

    made = compose(people, seed=seed, effort=searching, **question)

    broken, value = best_of_every_arrangement(people, question)
    assert made.broken >= broken // 1000
    assert made.broken or made.value <= value + 1e-8 <= made.at_most + 2e-8
