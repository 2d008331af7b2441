"""How good composed groups are, how far from the bound, beside simpler ways.

    nice .venv/bin/python -m benchmarks.compose [60 200 500 1000] [--seeds 1] [--alone]
        [--kind usual|alike|different|rules]

The pools are made up from a seed, like applicants of a call over the world. Regions
with their clocks, one of them off by a half-hour; of six parts of the day two to five
that suit, on four to seven days, and now and then another: 28 to 94 hours a week, 57 in
the middle, which is generous. Traits unevenly spread, each not told by one in 25; three
in ten do not mind being the only one. Organisations of uneven size, but none larger
than all groups together may seat, so that the rules can be kept. A few offers, needs
and ties. Kinds of other character: everybody alike, everybody different (traits of
forty and of ninety values), and many rules (two protected traits, every fifth person in
a pair to be together or apart).

Each line is one pool: broken rules, the value (mean of the mean and the weakest
strength), how far it is from a bound that holds for every arrangement, the processor
seconds of search and bound together, and the largest memory of the process so far. The
simpler ways, random, greedy and annealing by single moves, get the same processor
seconds and the same objective; --alone leaves them out.
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from cohorts.arranging import Work, arrange
from cohorts.compose import Arrangement, Effort, Worth, begin, search, worth
from cohorts.weighing import BROKEN, Candidate, Pool, Rules

ZONES = (  # region, offset from UTC in half-hours, how many in a hundred
    ("East Africa", 6, 18),
    ("West Africa", 2, 12),
    ("Southern Africa", 4, 10),
    ("Europe", 4, 14),
    ("South Asia", 11, 14),
    ("South-East Asia", 15, 8),
    ("Latin America", -8, 14),
    ("North America", -10, 10),
)
HABITS = (14, 18, 24, 28, 34, 38)  # half-hours of the local day
TRAITS = {
    "gender": (("woman", 52), ("man", 40), ("non-binary", 8)),
    "sector": (
        ("health", 28),
        ("education", 24),
        ("justice", 18),
        ("climate", 14),
        ("care", 10),
        ("press", 6),
    ),
    "role": (("front line", 45), ("lead", 35), ("public office", 12), ("funder", 8)),
}
TAGS = (
    *("data", "law", "care", "press", "funds", "policy"),
    *("design", "repair", "story", "health", "teaching", "maps"),
)
RULES = Rules(
    protected=frozenset({"gender"}),
    vary=("region", "gender", "sector", "role"),
    organisation_cap=2,
)
SHAPES = {  # people: groups, and how large each may be
    60: (4, (12, 18)),
    200: (12, (14, 19)),
    500: (25, (18, 22)),
    1000: (40, (22, 28)),
}


def applicants(count: int, *, seed: int) -> list[Candidate]:
    chance = random.Random(f"pool {seed} {count}")
    common = [1 / (1 + place / 3) for place in range(len(TAGS))]
    people = [_applicant(n, count, chance, common) for n in range(count)]
    # of one organisation no more than all groups could seat
    groups, of = SHAPES[count][0], Counter[str]()
    for n, one in enumerate(people):
        of[one.organisation] += 1
        if of[one.organisation] > groups * (RULES.organisation_cap or 0):
            people[n] = replace(one, organisation="")
    return people


def _applicant(
    n: int, count: int, chance: random.Random, common: list[float]
) -> Candidate:
    region, offset, _ = chance.choices(ZONES, [zone[2] for zone in ZONES])[0]
    habits = chance.sample(HABITS, chance.choice((2, 3, 3, 4, 5)))
    days = chance.sample(range(7), chance.choice((4, 4, 5, 6, 7)))
    free = set()
    for day in range(7):
        for habit in HABITS:
            if (day in days and habit in habits) or chance.random() < 0.18:
                hours = range(habit, habit + 5 + (habit % 4 == 2))
                free |= {(day * 48 + hour - offset) % 336 for hour in hours}
    traits = {"region": region}
    for trait, values in TRAITS.items():
        if chance.random() < 0.96:
            names, weights = zip(*values, strict=True)
            traits[trait] = chance.choices(names, weights)[0]
    known = (chance.randrange(count) for _ in range(chance.choice((0, 0, 1, 1, 2, 3))))
    house = f"organisation {int(count * 0.6 * chance.random() ** 1.5)}"
    return Candidate(
        key=n,
        traits=traits,
        alone_is_fine=frozenset({"gender"} if chance.random() < 0.3 else ()),
        organisation=house if chance.random() < 0.8 else "",
        free=frozenset(free),
        offers=frozenset(chance.choices(TAGS, common, k=chance.choice((1, 2, 3)))),
        needs=frozenset(chance.choices(TAGS, common, k=chance.choice((0, 1, 2)))),
        ties=frozenset(known) - {n},
    )


def pool_of(count: int, *, seed: int, kind: str = "usual") -> Pool:
    groups, size = SHAPES[count]
    people, rules = applicants(count, seed=seed), RULES
    chance = random.Random(f"{kind} {seed} {count}")
    if kind == "alike":
        people = [replace(one, traits=people[0].traits) for one in people]
    if kind == "different":
        people = [
            replace(
                one,
                traits={
                    "sector": f"sector {chance.randrange(90)}",
                    "region": f"region {chance.randrange(40)}",
                },
            )
            for one in people
        ]
    if kind == "rules":
        some = chance.sample(range(count), count // 5)
        pairs = tuple(zip(some[::2], some[1::2], strict=True))
        rules = replace(
            RULES,
            protected=frozenset({"gender", "role"}),
            together=tuple(
                pair
                for pair in pairs[::4]
                if (people[pair[0]].free or set()) & (people[pair[1]].free or set())
            ),
            apart=tuple(pair for n, pair in enumerate(pairs) if n % 4),
        )
    return Pool(people, rules=rules, groups=groups, size=size)


# Simpler ways


def at_random(pool: Pool, chance: random.Random, seconds: float) -> Arrangement:
    def once() -> Arrangement:
        people = list(range(pool.count))
        chance.shuffle(people)
        masks = [0] * (pool.groups + 1)
        for place, person in enumerate(people):
            masks[place % pool.groups] |= 1 << person
        return masks

    return _again(pool, once, seconds)


def greedily(pool: Pool, chance: random.Random, seconds: float) -> Arrangement:
    return _again(pool, lambda: begin(pool, chance), seconds)


def _again(pool: Pool, once: Callable[[], Arrangement], seconds: float) -> Arrangement:
    """The best of as many as there is time for."""
    until = time.process_time() + seconds
    best = once()
    while time.process_time() < until:
        best = min(best, once(), key=lambda masks: worth(pool, masks))
    return best


def annealing(pool: Pool, chance: random.Random, seconds: float) -> Arrangement:
    """Once as slowly as there is time for, and again with what is left of it."""
    begun = time.process_time()
    best = search(pool, random.Random(0), Effort(moves=20_000))
    pace = 20_000 / (time.process_time() - begun)
    while (left := begun + seconds - time.process_time()) > 0:
        found = search(pool, chance, Effort(moves=max(1000, int(pace * left))))
        best = min(best, found, key=lambda masks: worth(pool, masks))
    return best


WAYS = {"random": at_random, "greedy": greedily, "annealing": annealing}


def line(name: str, found: Worth, at_most: float, seconds: float) -> str:
    points, value = found
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return (
        f"{name:>14}  broken {points // BROKEN:>4}  value {-value:.4f}"
        f"  below the bound {100 * (1 + value / at_most):6.2f} %"
        f"  {seconds:6.1f} s  {memory:>5} MB"
    )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("people", nargs="*", type=int, default=list(SHAPES))
    asked.add_argument("--seeds", type=int, default=1)
    asked.add_argument("--alone", action="store_true")
    asked.add_argument("--kind", default="usual")
    given = asked.parse_args()
    for count in given.people:
        for seed in range(1, given.seeds + 1):
            pool = pool_of(count, seed=seed, kind=given.kind)
            begun, looked = time.process_time(), time.perf_counter()
            made = arrange(pool, seed=seed, work=Work.usual(count))
            seconds = time.process_time() - begun
            waited = time.perf_counter() - looked
            assert made.at_most is not None
            print(
                f"{count} people, {pool.groups} groups, seed {seed}:"
                f" no arrangement above {made.at_most:.4f}, after {waited:.0f} s"
            )
            if made.cannot_be:
                print("  proven: in no arrangement are all rules kept")
            found = worth(pool, made.masks)
            print(line("search", found, made.at_most, seconds), flush=True)
            if given.alone:
                continue
            for name, way in WAYS.items():
                pool = pool_of(count, seed=seed, kind=given.kind)
                begun = time.process_time()
                masks = way(pool, random.Random(seed), seconds)
                took = time.process_time() - begun
                print(line(name, worth(pool, masks), made.at_most, took), flush=True)


if __name__ == "__main__":
    main()
