"""The bound holds for every arrangement; the search keeps to it and to the rules."""

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cohorts.arranging import Work, arrange
from cohorts.bounding import bound, bound_of
from cohorts.compose import Effort, try_all, worth
from cohorts.tally import Tally
from cohorts.weighing import Candidate, Pool, Rules
from people.availability import HALF_HOURS

HOURS = [
    frozenset(range(HALF_HOURS)),
    frozenset(range(18, 26)),
    frozenset(range(20, 24)),
    frozenset(range(66, 72)),
    frozenset(range(18, 23)) | frozenset(range(66, 70)),
]
LITTLE = Work(rounds=60, dives=20, beginnings=2, exchanges=150, steps=20, inner=15)
of_pools = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@st.composite
def small_pools(draw, most=5):
    count = draw(st.integers(1, most))
    keys = st.sampled_from(range(count))
    values = st.sampled_from(["", "x", "x", "y", "z", frozenset({"x", "y"})])
    tags = st.frozensets(st.sampled_from(["data", "law"]), max_size=2)
    people = [
        Candidate(
            key=n,
            traits={"role": draw(values), "region": draw(values)},
            alone_is_fine=draw(st.frozensets(st.just("role"))),
            organisation=draw(st.sampled_from(["", "bank", "clinic"])),
            free=draw(st.sampled_from([*HOURS, None])),
            offers=draw(tags),
            needs=draw(tags),
            ties=draw(st.frozensets(keys, max_size=2)),
        )
        for n in range(count)
    ]
    apart = st.tuples(keys, keys).filter(lambda pair: pair[0] != pair[1])
    rules = Rules(
        protected=draw(st.frozensets(st.just("role"))),
        vary=draw(st.sampled_from([(), ("role",), ("role", "region")])),
        organisation_cap=draw(st.sampled_from([None, 1, 2])),
        apart=tuple(draw(st.lists(apart, max_size=1))) if count > 1 else (),
        together=tuple(draw(st.lists(apart, max_size=1))) if count > 1 else (),
        required=draw(st.frozensets(st.just("law"))),
    )
    groups = draw(st.integers(1, 3))
    places = st.integers(0, groups - 1)
    rules = replace(rules, pins=draw(st.dictionaries(keys, places, max_size=2)))
    least = draw(st.integers(0, 3))
    size = (least, least + draw(st.integers(0, 3)))
    return Pool(people, rules=rules, groups=groups, size=size)


def every_arrangement(pool):
    """Points, and the strengths of the groups, of all of them."""
    masks = range(1 << pool.count)
    weighed = [pool.weigh(mask) for mask in masks]
    points = np.array([one.points for one in weighed])
    strength = np.array([one.strength for one in weighed])
    waiting = np.array([pool.weigh_waiting(mask) for mask in masks])
    places = np.indices((pool.groups + 1,) * pool.count, np.int8)
    places = places.reshape(pool.count, -1)
    for person, group in pool.pinned.items():
        places = places[:, places[person] == group]
    ones = 1 << np.arange(pool.count)
    of_group = [ones @ (places == group) for group in range(pool.groups + 1)]
    broken = waiting[of_group[-1]] + sum(points[mask] for mask in of_group[:-1])
    return broken, np.stack([strength[mask] for mask in of_group[:-1]])


def best_there_is(pool):
    """Points, and the mean of the mean and the weakest strength, of the best."""
    points, strengths = every_arrangement(pool)
    value = (strengths.min(axis=0) + strengths.mean(axis=0)) / 2
    return points.min(), value[points == points.min()].max()


@of_pools
@given(pool=small_pools())
def test_no_arrangement_that_keeps_the_rules_is_above_the_bound(pool):
    points, value = best_there_is(pool)

    for rounds in (1, 7, 80):
        at_most = bound_of(pool, rounds=rounds)

        # of rules that cannot all be kept, nothing is claimed
        assert points > 0 or value <= (at_most if at_most is not None else 0)


@of_pools
@given(pool=small_pools(most=12), data=st.data())
def test_many_groups_at_once_weigh_what_each_weighs(pool, data):
    tally = Tally(pool)
    people = st.lists(st.booleans(), min_size=pool.count, max_size=pool.count)
    groups = np.array([data.draw(people) for _ in range(3)], bool)

    counts = groups @ tally.rows[: pool.count]
    size = groups.sum(axis=1)
    tied = np.array(
        [tally.ties[np.ix_(row, row)].sum() / 2 for row in map(np.flatnonzero, groups)]
    )
    run = np.zeros(3)
    for n, row in enumerate(groups):
        for length, table in enumerate(tally.can_make, start=1):
            if table[:, : pool.count][:, row].all(axis=1).any():
                run[n] = length
    strength = tally.strength(counts, size, tied, run)

    for n, row in enumerate(groups):
        mask = sum(1 << int(person) for person in np.flatnonzero(row))
        assert strength[n] == pytest.approx(pool.weigh(mask).strength, abs=1e-6)


def large_pool(count, *, seed, groups, size):
    chance = random.Random(seed)
    tags = ["data", "law", "care", "press"]
    people = [
        Candidate(
            key=n,
            traits={
                "region": chance.choice(["Africa", "Americas", "Asia"]),
                "role": chance.choice(["lead", "lead", "front line", ""]),
                "gender": chance.choice(["woman", "man", "woman", "man", "other"]),
            },
            alone_is_fine=frozenset(["gender"] if chance.random() < 0.3 else []),
            organisation=f"organisation {chance.randrange(count // 2)}",
            free=frozenset(
                half_hour
                for day in chance.choice([[1], [3], [1, 3]])
                for half_hour in range(day * 48 + 26, day * 48 + 36)
            ),
            offers=frozenset(chance.sample(tags, 2)),
            needs=frozenset(chance.sample(tags, 1)),
            ties=frozenset({chance.randrange(count)}),
        )
        for n in range(count)
    ]
    rules = Rules(
        protected=frozenset({"gender"}), vary=("region", "role"), organisation_cap=2
    )
    return Pool(people, rules=rules, groups=groups, size=size)


@pytest.mark.parametrize("seed", range(3))
def test_sixty_people_keep_all_rules_and_come_near_the_bound(seed):
    pool = large_pool(60, seed=seed, groups=5, size=(10, 14))

    made = arrange(pool, seed=seed, work=LITTLE)

    weighed = [pool.weigh(mask) for mask in made.masks[:-1]]
    assert made.masks[-1] == 0
    assert sum(one.points for one in weighed) == made.broken == 0
    value = (
        min(one.strength for one in weighed)
        + sum(one.strength for one in weighed) / len(weighed)
    ) / 2
    assert made.value == pytest.approx(value, abs=1e-6)
    assert made.at_most * 0.94 < value <= made.at_most


def test_the_watch_sees_it_grow_and_stops_it_with_the_best_so_far():
    pool = large_pool(40, seed=1, groups=4, size=(8, 12))
    seen = []

    def enough(step):
        seen.append(step)
        return step.done < 0.5

    made = arrange(pool, seed=1, work=LITTLE, watch=enough)

    assert seen[-1].done >= 0.5
    assert sum(step.done >= 0.5 for step in seen) == 1
    assert seen[-1].at_most == made.at_most
    assert made.value >= max(step.value for step in seen if not step.broken)


def test_the_same_seed_makes_the_same_groups():
    pool = large_pool(40, seed=2, groups=4, size=(8, 12))

    one, other = (arrange(pool, seed=5, work=LITTLE).masks for _ in range(2))

    assert one == other


def test_whoever_is_pinned_stays():
    people = large_pool(30, seed=3, groups=3, size=(8, 12)).candidates
    rules = Rules(pins={0: 2, 1: 2, 2: 0}, vary=("region",))
    pool = Pool(people, rules=rules, groups=3, size=(8, 12))

    masks = arrange(pool, seed=1, work=LITTLE).masks

    assert (masks[2] & 1, masks[2] >> 1 & 1, masks[0] >> 2 & 1) == (1, 1, 1)


def test_more_rounds_do_not_make_the_bound_worse():
    tally = Tally(large_pool(60, seed=4, groups=5, size=(10, 14)))

    assert bound(tally, rounds=200).at_most <= bound(tally, rounds=1).at_most + 1e-9


@of_pools
@given(pool=small_pools(most=6))
def test_trying_all_is_as_good_as_the_best_of_every_arrangement(pool):
    points, value = best_there_is(pool)

    found = worth(pool, try_all(pool, random.Random(1), Effort(moves=1)))

    assert found[0] == points
    assert -found[1] == pytest.approx(value, abs=1e-8)
