"""Rules that cannot all be kept: which clash, and the fewest to relax. Pure.

Only what is certain is said. Each clash is a small set of rules of which the numbers
alone show that they cannot hold together, whoever sits where; none found does not mean
that all can be kept. The page finds the words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

import numpy as np

from cohorts.weighing import EVERY_START, Candidate, Key, Pool, Rules, Size, bits
from people.availability import HALF_HOURS


class Kind(StrEnum):
    SIZE = "size"  # how large groups are, or how many
    HOURS = "hours"  # the length of a meeting, or the hours of `people`
    ORGANISATION = "organisation"
    NOT_ALONE = "not_alone"
    TOGETHER = "together"
    APART = "apart"
    PINNED = "pinned"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule that could give: of these people, of this trait."""

    kind: Kind
    people: tuple[Key, ...] = ()
    trait: str = ""
    value: str = ""


@dataclass(frozen=True, kw_only=True)
class Clash:
    """Rules that cannot hold together. With fewer of them, these numbers allow it."""

    rules: tuple[Rule, ...]
    people: tuple[Key, ...] = ()  # on whom it shows
    count: int = 0  # there are so many
    limit: int = 0  # and so many can be
    # what number would do for the first rule, where a number is its point
    enough: int | None = None


@dataclass(frozen=True, kw_only=True)
class Impasse:
    clashes: tuple[Clash, ...]  # the smallest first
    relax: tuple[Rule, ...]  # the fewest that touch every clash


def impasse(
    candidates: Sequence[Candidate], *, groups: int, size: Size, rules: Rules
) -> Impasse:
    """What certainly stands in the way; nothing, if the numbers show nothing."""
    ordered = sorted(candidates, key=lambda one: str(one.key))
    pool = Pool(ordered, rules=rules, groups=groups, size=size)
    clashes = sorted(
        _clashes(pool), key=lambda clash: (len(clash.rules), _told(clash.rules))
    )
    return Impasse(clashes=tuple(clashes), relax=fewest(clashes))


def _told(rules: tuple[Rule, ...]) -> list[str]:
    return [repr(rule) for rule in rules]


def _clashes(pool: Pool) -> Iterator[Clash]:
    yield from _sizes(pool)
    yield from _organisations(pool)
    yield from _alone(pool)
    yield from _hours(pool)
    yield from _pairs(pool)
    yield from _pins(pool)


def _sizes(pool: Pool) -> Iterator[Clash]:
    needed = pool.groups * pool.size[0]
    if pool.count < needed:
        yield Clash(
            rules=(Rule(kind=Kind.SIZE),),
            count=pool.count,
            limit=needed,
            enough=pool.count // pool.size[0],  # groups
        )


def _organisations(pool: Pool) -> Iterator[Clash]:
    """Too many of one house for all groups; those who may wait are counted off."""
    for holders in pool.organisations:
        people = tuple(bits(holders))
        seats = pool.groups * pool.cap + pool.must_wait
        if pool.groups and len(people) > seats:
            yield Clash(
                rules=(Rule(kind=Kind.ORGANISATION),),
                people=_keys(pool, people),
                count=len(people),
                limit=seats,
                enough=-(-(len(people) - pool.must_wait) // pool.groups),
            )


def _alone(pool: Pool) -> Iterator[Clash]:
    """The only one of all, who minds, and for whom there is no place to wait."""
    if pool.must_wait:
        return
    said: dict[tuple[str, str], list[int]] = {}
    for n, one in enumerate(pool.candidates):
        for trait in sorted(pool.rules.protected):
            for value in sorted(one.values(trait)):
                said.setdefault((trait, value), []).append(n)
    for (trait, value), people in sorted(said.items()):
        (first, *others) = people
        if not others and trait not in pool.candidates[first].alone_is_fine:
            yield Clash(
                rules=(Rule(kind=Kind.NOT_ALONE, trait=trait, value=value),),
                people=_keys(pool, people),
                count=1,
                limit=2,
            )


def _hours(pool: Pool) -> Iterator[Clash]:
    for n, starts in enumerate(pool.starts):
        if not starts and not pool.must_wait:
            key = pool.candidates[n].key
            yield Clash(rules=(Rule(kind=Kind.HOURS, people=(key,)),), people=(key,))
    if pool.must_wait:
        return
    strangers = _never_two(pool)
    if len(strangers) > pool.groups:
        keys = _keys(pool, strangers[: pool.groups + 1])
        yield Clash(
            # more groups, or the hours of one of them
            rules=(
                Rule(kind=Kind.SIZE),
                *(Rule(kind=Kind.HOURS, people=(key,)) for key in keys),
            ),
            people=keys,
            count=len(strangers),
            limit=pool.groups,
            enough=len(strangers),  # groups
        )
    elif pool.groups:
        yield from _scarce(pool)


def _never_two(pool: Pool) -> list[int]:
    """People of whom no two share an hour, as many as a greedy look finds."""
    able = np.zeros((pool.count, HALF_HOURS), np.float32)
    for n, starts in enumerate(pool.starts):
        able[n, list(bits(starts))] = 1
    some = np.flatnonzero(able.any(axis=1))
    share = (able[some] @ able[some].T) > 0
    left = np.ones(len(some), bool)
    found: list[int] = []
    while left.any():
        many = np.where(left, (share & left).sum(axis=1), len(some) + 1)
        chosen = int(many.argmin())
        found.append(int(some[chosen]))
        left &= ~share[chosen]
    return found


def _scarce(pool: Pool) -> Iterator[Clash]:
    """Of those with few hours, more than all groups at those hours could seat.

    If whoever has only the hours H is more than one group's seats, and groups meet at
    other hours too, others must be seated elsewhere: counted for each person's hours.
    """
    alike = Counter(pool.starts)
    seats = pool.groups * pool.size[1]
    for starts, many in sorted(alike.items()):
        if not starts or starts == EVERY_START or many < 2:
            continue
        # those who can make none of these hours need groups of their own
        outside = [n for n, own in enumerate(pool.starts) if own and not own & starts]
        own_groups = -(-many // pool.size[1]) + -(-len(outside) // pool.size[1])
        if own_groups > pool.groups and many + len(outside) <= seats:
            people = [n for n, own in enumerate(pool.starts) if own == starts]
            yield Clash(
                rules=(
                    Rule(kind=Kind.SIZE),
                    Rule(kind=Kind.HOURS, people=_keys(pool, people)),
                ),
                people=_keys(pool, people),
                count=own_groups,
                limit=pool.groups,
                enough=own_groups,
            )


def _pairs(pool: Pool) -> Iterator[Clash]:
    apart = {frozenset(bits(both)) for both in pool.apart}
    for linked in _linked(pool):
        if len(linked) <= pool.must_wait:  # all of them may wait
            continue
        chain = [
            (n, m)
            for n, m in (tuple(bits(both)) for _, both in pool.together)
            if n in linked and m in linked
        ]
        rules = tuple(
            Rule(kind=Kind.TOGETHER, people=_keys(pool, pair)) for pair in chain
        )
        if len(linked) > pool.size[1]:
            yield Clash(
                rules=(*rules, Rule(kind=Kind.SIZE)),
                people=_keys(pool, linked),
                count=len(linked),
                limit=pool.size[1],
                enough=len(linked),
            )
        shared = EVERY_START
        for n in linked:
            shared &= pool.starts[n]
        if not shared and all(pool.starts[n] for n in linked) and not pool.must_wait:
            yield Clash(rules=rules, people=_keys(pool, linked))
        for pair in combinations(sorted(linked), 2):
            if frozenset(pair) in apart:
                way = _way(chain, *pair)
                yield Clash(
                    rules=(
                        Rule(kind=Kind.APART, people=_keys(pool, pair)),
                        *(
                            Rule(kind=Kind.TOGETHER, people=_keys(pool, step))
                            for step in way
                        ),
                    ),
                    people=_keys(pool, linked),
                )
    crowd = _all_apart(apart)
    if len(crowd) > pool.groups and not pool.must_wait:
        crowd = crowd[: pool.groups + 1]
        yield Clash(
            rules=tuple(
                Rule(kind=Kind.APART, people=_keys(pool, pair))
                for pair in combinations(crowd, 2)
            ),
            people=_keys(pool, crowd),
            count=len(crowd),
            limit=pool.groups,
        )


def _linked(pool: Pool) -> list[list[int]]:
    """Those whom rules of together hold in one group, each set once."""
    sets: list[set[int]] = []
    for _, both in pool.together:
        pair = set(bits(both))
        touching = [one for one in sets if one & pair]
        sets = [one for one in sets if not one & pair]
        sets.append(pair.union(*touching))
    return [sorted(one) for one in sets]


def _way(
    chain: Sequence[tuple[int, int]], begin: int, end: int
) -> list[tuple[int, int]]:
    """The shortest way along pairs from one to the other."""
    came: dict[int, tuple[int, tuple[int, int]] | None] = {begin: None}
    queue = [begin]
    for at in queue:
        for pair in chain:
            if at in pair:
                other = pair[1] if pair[0] == at else pair[0]
                if other not in came:
                    came[other] = at, pair
                    queue.append(other)
    way, at = [], end
    while (step := came[at]) is not None:
        at, pair = step
        way.append(pair)
    return way


def _all_apart(apart: set[frozenset[int]]) -> list[int]:
    """People of whom each two are to be apart, as many as a greedy look finds."""
    near: dict[int, set[int]] = {}
    for one, other in (sorted(pair) for pair in apart):
        near.setdefault(one, set()).add(other)
        near.setdefault(other, set()).add(one)
    best: list[int] = []
    for begin in sorted(near):
        found, left = [begin], set(near[begin])
        while left:
            chosen = min(left, key=lambda one: (-len(near[one] & left), one))
            found.append(chosen)
            left &= near[chosen]
        best = max(best, sorted(found), key=len)
    return best


def _pins(pool: Pool) -> Iterator[Clash]:
    held: dict[int, list[int]] = {}
    for person, group in sorted(pool.pinned.items()):
        held.setdefault(group, []).append(person)

    def pins(people: Sequence[int]) -> tuple[Rule, ...]:
        return tuple(
            Rule(kind=Kind.PINNED, people=_keys(pool, [one])) for one in people
        )

    for people in held.values():
        if len(people) > pool.size[1]:
            yield Clash(
                rules=(Rule(kind=Kind.SIZE), *pins(people)),
                people=_keys(pool, people),
                count=len(people),
                limit=pool.size[1],
                enough=len(people),
            )
        without = _no_hour(pool, people)
        if without:
            yield Clash(rules=pins(without), people=_keys(pool, without))
        for holders in pool.organisations:
            of_house = [one for one in people if holders >> one & 1]
            if len(of_house) > pool.cap:
                of_house = of_house[: pool.cap + 1]
                yield Clash(
                    rules=(
                        Rule(kind=Kind.ORGANISATION),
                        *pins(of_house),
                    ),
                    people=_keys(pool, of_house),
                    count=len(of_house),
                    limit=pool.cap,
                    enough=len(of_house),
                )
    for both in pool.apart:
        pair = tuple(bits(both))
        groups = {pool.pinned.get(one, -1 - one) for one in pair}
        if len(groups) == 1:
            rule = Rule(kind=Kind.APART, people=_keys(pool, pair))
            yield Clash(rules=(rule, *pins(pair)), people=_keys(pool, pair))
    for _, both in pool.together:
        pair = tuple(bits(both))
        if {*pair} <= pool.pinned.keys() and len({pool.pinned[n] for n in pair}) > 1:
            rule = Rule(kind=Kind.TOGETHER, people=_keys(pool, pair))
            yield Clash(rules=(rule, *pins(pair)), people=_keys(pool, pair))


def _no_hour(pool: Pool, people: Sequence[int]) -> list[int]:
    """Few of them who share no hour: none could be left out and it still hold."""

    def shared(some: Sequence[int]) -> int:
        starts = EVERY_START
        for one in some:
            starts &= pool.starts[one]
        return starts

    left = list(people)
    if shared(left):
        return []
    for one in people:
        without = [other for other in left if other != one]
        if not shared(without):
            left = without
    return left


def _keys(pool: Pool, people: Sequence[int]) -> tuple[Key, ...]:
    return tuple(pool.candidates[n].key for n in people)


def fewest(clashes: Sequence[Clash]) -> tuple[Rule, ...]:
    """The fewest rules of which every clash has one: all sets by size, while there are
    few rules; else the one that touches most clashes, again and again."""
    left = [frozenset(clash.rules) for clash in clashes]
    # a clash of one rule leaves no choice
    chosen = [next(iter(one)) for one in left if len(one) == 1]
    chosen = list(dict.fromkeys(chosen))
    left = [one for one in left if not one & set(chosen)]
    often = Counter(rule for one in left for rule in one)
    # of rules in the same clashes one stands for all
    kinds: dict[tuple[int, ...], Rule] = {}
    for rule in sorted(often, key=repr):
        kinds.setdefault(tuple(n for n, one in enumerate(left) if rule in one), rule)
    open_rules = list(kinds.values())
    if len(open_rules) <= SO_FEW:
        for many in range(len(open_rules) + 1):
            for some in combinations(open_rules, many):
                if all(one & set(some) for one in left):
                    return tuple([*chosen, *some])
    while left:
        often = Counter(rule for one in left for rule in one)
        best = min(often, key=lambda rule: (-often[rule], repr(rule)))
        chosen.append(best)
        left = [one for one in left if best not in one]
    return tuple(chosen)


SO_FEW = 16  # rules
