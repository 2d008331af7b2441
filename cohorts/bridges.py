"""Who works with whom already, and what a plan of groups adds to it. Pure.

Ties are between two and have no direction. Communities are found by Louvain's method
(Blondel and others 2008); effective size is Borgatti's form (1997) and constraint is
Burt's (1992). None of it is a mark on a person: it says which doors a plan opens.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

Key = Hashable
Ties = Mapping[Key, frozenset[Key]]


def ties_of(
    people: Iterable[Key], pairs: Iterable[tuple[Key, Key]]
) -> dict[Key, frozenset[Key]]:
    """Each person with those they are tied to; of others, and of oneself, nothing."""
    found: dict[Key, set[Key]] = {one: set() for one in people}
    for one, other in pairs:
        if one != other and one in found and other in found:
            found[one].add(other)
            found[other].add(one)
    return {one: frozenset(tied) for one, tied in found.items()}


def effective_size(ties: Ties, person: Key) -> float:
    """How many of one's ties lead somewhere else; 0 for who has none."""
    tied = ties[person]
    if not tied:
        return 0.0
    among = sum(len(ties[one] & tied) for one in tied) / 2
    return len(tied) - 2 * among / len(tied)


def constraint(ties: Ties, person: Key) -> float | None:
    """How much one's ties lead back to one another; None for who has no ties yet."""
    tied = ties[person]
    if not tied:
        return None
    each = 1 / len(tied)
    # by way of somebody both are tied to
    return sum(
        (each + sum(each / len(ties[way]) for way in tied & ties[one])) ** 2
        for one in _in_order(tied)
    )


def communities(ties: Ties, *, seed: int) -> tuple[frozenset[Key], ...]:
    """Who hangs together, the largest first. Whoever has no ties is in none.

    Each person moves to the community that gains most modularity, until nobody wants
    to; then communities move as if they were people. The same ties and seed give the
    same communities, however the people are listed.
    """
    people = [one for one in _in_order(ties) if ties[one]]
    number = {one: n for n, one in enumerate(people)}
    weights: list[dict[int, float]] = [
        {number[other]: 1.0 for other in _in_order(ties[one])} for one in people
    ]
    inside = [0.0] * len(people)  # ties within each of what moves, both ways
    members = [{n} for n in range(len(people))]
    chance = random.Random(seed)
    while True:
        home = _settle(weights, inside, chance)
        found = sorted(set(home))
        if len(found) == len(weights):
            break
        place = {community: n for n, community in enumerate(found)}
        merged: list[dict[int, float]] = [{} for _ in found]
        new_inside = [0.0] * len(found)
        new_members: list[set[int]] = [set() for _ in found]
        for n, near in enumerate(weights):
            here = place[home[n]]
            new_inside[here] += inside[n]
            new_members[here] |= members[n]
            for other, weight in near.items():
                there = place[home[other]]
                if there == here:
                    new_inside[here] += weight
                else:
                    merged[here][there] = merged[here].get(there, 0.0) + weight
        weights, inside, members = merged, new_inside, new_members
    listed = [sorted(some) for some in members]
    listed.sort(key=lambda some: (-len(some), some))
    return tuple(frozenset(people[n] for n in some) for some in listed)


def _settle(
    weights: Sequence[Mapping[int, float]],
    inside: Sequence[float],
    chance: random.Random,
) -> list[int]:
    """For each which community it ends in, all beginning alone."""
    home = list(range(len(weights)))
    degree = [
        sum(near.values()) + loops for near, loops in zip(weights, inside, strict=True)
    ]
    weight_of = list(degree)
    total = sum(degree)
    order = list(range(len(weights)))
    chance.shuffle(order)
    moved = True
    while moved:
        moved = False
        for n in order:
            weight_of[home[n]] -= degree[n]
            to: dict[int, float] = {home[n]: 0.0}
            for other, weight in weights[n].items():
                to[home[other]] = to.get(home[other], 0.0) + weight
            gain = {
                there: weight - weight_of[there] * degree[n] / total
                for there, weight in to.items()
            }
            best = min(gain, key=lambda there: (-round(gain[there], 9), there))
            if gain[best] > gain[home[n]] + 1e-9:
                home[n], moved = best, True
            weight_of[home[n]] += degree[n]
    return home


@dataclass(frozen=True, kw_only=True)
class Bridge:
    """Two who did not know each other, of two communities."""

    people: tuple[Key, Key]
    group: int


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What a plan changes for one person; shown to them, never ranked."""

    person: Key
    before: float  # effective size
    after: float
    held_before: float | None  # constraint; None where there are no ties yet
    held_after: float | None


@dataclass(frozen=True, kw_only=True)
class Bridges:
    communities: tuple[frozenset[Key], ...]
    no_ties_yet: tuple[Key, ...]
    bridging_nothing: tuple[Key, ...]  # all their ties lie in their own community
    opened: tuple[Bridge, ...]  # between people of two communities
    # pairs of communities, by number, that no tie joined and a group now does
    joined: tuple[tuple[int, int], ...]
    reach: tuple[Reach, ...]

    @property
    def clusters(self) -> int:
        """Between so many communities bridges are opened."""
        home = {one: n for n, some in enumerate(self.communities) for one in some}
        return len({home[one] for bridge in self.opened for one in bridge.people})


def bridges(ties: Ties, groups: Sequence[Collection[Key]], *, seed: int = 0) -> Bridges:
    """What groups in which all come to know one another add to the ties there are."""
    found = communities(ties, seed=seed)
    home = {one: n for n, some in enumerate(found) for one in some}
    after = {one: set(tied) for one, tied in ties.items()}
    opened = []
    for n, group in enumerate(groups):
        for one, other in combinations(_in_order(set(group) & ties.keys()), 2):
            known_ones = one in home and other in home
            if known_ones and other not in ties[one] and home[one] != home[other]:
                opened.append(Bridge(people=(one, other), group=n))
            after[one].add(other)
            after[other].add(one)
    then = {one: frozenset(tied) for one, tied in after.items()}

    def pair(one: Key, other: Key) -> tuple[int, int]:
        first, second = sorted((home[one], home[other]))
        return first, second

    known = {
        pair(one, other)
        for one, tied in ties.items()
        for other in tied
        if home[one] != home[other]
    }
    people = _in_order(ties)
    return Bridges(
        communities=found,
        no_ties_yet=tuple(one for one in people if not ties[one]),
        bridging_nothing=tuple(
            one
            for one in people
            if ties[one] and {home[other] for other in ties[one]} <= {home[one]}
        ),
        opened=tuple(opened),
        joined=tuple(sorted({pair(*bridge.people) for bridge in opened} - known)),
        reach=tuple(
            Reach(
                person=one,
                before=effective_size(ties, one),
                after=effective_size(then, one),
                held_before=constraint(ties, one),
                held_after=constraint(then, one),
            )
            for one in people
        ),
    )


def _in_order(people: Iterable[Key]) -> list[Key]:
    return sorted(people, key=lambda one: (str(one), repr(one)))
