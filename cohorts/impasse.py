"""Rules that cannot all be kept: which clash, and the fewest to relax. Pure.

Only what is certain is said. Each clash is a small set of rules of which the numbers
alone show that they cannot hold together, whoever sits where and whatever becomes of
all others. The fewest rules that touch every clash are set aside in thought, and
clashes looked for among what is left, until none is found: so nothing smaller can do.
Up to nine people every arrangement is tried besides, so that what is told is also
enough. In larger pools none found does not mean that all can be kept. The page finds
the words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import combinations

import numpy as np

from cohorts.fewest import fewest_that_meet
from cohorts.weighing import EVERY_START, Candidate, Key, Pool, Rules, Size, bits
from people.availability import HALF_HOURS


class Kind(StrEnum):
    SIZE = "size"  # how large groups are, or how many
    HOURS = "hours"  # the hours of `people`
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
    """Rules that cannot hold together; the one that is easiest to change first."""

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
    certain: bool = False  # without these, all the others can be kept


SIZE, ORGANISATION = Rule(kind=Kind.SIZE), Rule(kind=Kind.ORGANISATION)
MOST_TURNS = 60
TRIED_UP_TO = 9  # people


def impasse(
    candidates: Sequence[Candidate],
    *,
    groups: int,
    size: Size,
    rules: Rules,
    try_up_to: int = TRIED_UP_TO,
) -> Impasse:
    """What certainly stands in the way; nothing, if the numbers show nothing."""
    ordered = sorted(candidates, key=lambda one: str(one.key))
    pool = Pool(ordered, rules=rules, groups=groups, size=size)
    clashes: list[Clash] = []
    relax: tuple[Rule, ...] = ()
    for _ in range(MOST_TURNS):
        known = {frozenset(clash.rules) for clash in clashes}
        more = [
            clash
            for clash in _clashes(_Left(pool, frozenset(relax)))
            if frozenset(clash.rules) not in known
        ]
        if not more:
            break
        clashes += more
        relax = fewest(clashes)
    clashes.sort(key=lambda clash: (len(clash.rules), _told(clash.rules)))
    certain = False
    if pool.count <= try_up_to:
        # of sets alike in number the one already told, if it is enough
        relax = _by_trying(pool, at_least=relax)
        certain = True
    return Impasse(clashes=tuple(clashes), relax=relax, certain=certain)


def _told(rules: tuple[Rule, ...]) -> list[str]:
    return [repr(rule) for rule in rules]


class _Left:
    """A pool without the rules that are set aside."""

    def __init__(self, pool: Pool, aside: frozenset[Rule]) -> None:
        self.pool = pool
        self.sizes = SIZE not in aside
        self.capped = bool(pool.organisations) and ORGANISATION not in aside
        self.starts = [
            EVERY_START if _hours(pool, n) in aside else starts
            for n, starts in enumerate(pool.starts)
        ]
        self.pinned = {
            n: group
            for n, group in sorted(pool.pinned.items())
            if _pin(pool, n) not in aside
        }
        self.together = [
            pair for pair in _pairs(pool, Kind.TOGETHER) if pair[0] not in aside
        ]
        self.apart = [pair for pair in _pairs(pool, Kind.APART) if pair[0] not in aside]
        self.alone = [one for one in _not_alone(pool) if one[0] not in aside]

    def rules(self) -> set[Rule]:
        """All that could give."""
        pool = self.pool
        return {
            *(SIZE, ORGANISATION),
            *(_hours(pool, n) for n in range(pool.count)),
            *(_pin(pool, n) for n in self.pinned),
            *(rule for rule, _ in (*self.together, *self.apart)),
            *(rule for rule, *_ in self.alone),
        }

    def shared(self, people: Sequence[int]) -> int:
        starts = EVERY_START
        for one in people:
            starts &= self.starts[one]
        return starts

    def no_hour(self, people: Sequence[int]) -> list[int]:
        """Few of them who share no hour: none could be left out and it still hold."""
        left = list(people)
        if self.shared(left):
            return []
        for one in people:
            without = [other for other in left if other != one]
            if not self.shared(without):
                left = without
        return left

    def linked(self) -> list[tuple[list[int], list[_Pair]]]:
        """Those whom rules of together hold in one group, each after one they are tied
        to, and the rules that do it."""
        near: dict[int, list[tuple[int, _Pair]]] = {}
        for rule, (one, other) in self.together:
            near.setdefault(one, []).append((other, (rule, (one, other))))
            near.setdefault(other, []).append((one, (rule, (one, other))))
        seen: set[int] = set()
        found = []
        for begin in sorted(near):
            if begin in seen:
                continue
            people, rules = [begin], []
            seen.add(begin)
            for at in people:
                for other, pair in near[at]:
                    if other not in seen:
                        seen.add(other)
                        people.append(other)
                        rules.append(pair)
            found.append((people, rules))
        return found


_Pair = tuple[Rule, tuple[int, int]]


def _keys(pool: Pool, people: Sequence[int]) -> tuple[Key, ...]:
    return tuple(pool.candidates[n].key for n in people)


def _hours(pool: Pool, person: int) -> Rule:
    return Rule(kind=Kind.HOURS, people=_keys(pool, [person]))


def _pin(pool: Pool, person: int) -> Rule:
    return Rule(kind=Kind.PINNED, people=_keys(pool, [person]))


def _pairs(pool: Pool, kind: Kind) -> list[_Pair]:
    masks = pool.apart if kind == Kind.APART else [both for _, both in pool.together]
    found = []
    for mask in dict.fromkeys(masks):
        one, other = bits(mask)
        rule = Rule(kind=kind, people=_keys(pool, (one, other)))
        found.append((rule, (one, other)))
    return found


def _not_alone(pool: Pool) -> list[tuple[Rule, int, int]]:
    """For each value that somebody minds to be alone with: who has it, who minds."""
    found = []
    for trait in sorted(pool.rules.protected):
        values = sorted({v for one in pool.candidates for v in one.values(trait)})
        for value in values:
            holders = minding = 0
            for n, one in enumerate(pool.candidates):
                if value in one.values(trait):
                    holders |= 1 << n
                    minding |= (trait not in one.alone_is_fine) << n
            if minding:
                rule = Rule(kind=Kind.NOT_ALONE, trait=trait, value=value)
                found.append((rule, holders, minding))
    return found


# Clashes


def _clashes(left: _Left) -> Iterator[Clash]:
    if left.sizes:
        yield from _sizes(left)
        yield from _organisations(left)
    yield from _alone(left)
    yield from _no_hours(left)
    yield from _links(left)
    yield from _crowd(left)
    yield from _pins(left)


def _sizes(left: _Left) -> Iterator[Clash]:
    pool = left.pool
    needed = pool.groups * pool.size[0]
    if pool.count < needed:
        yield Clash(
            rules=(SIZE,),
            count=pool.count,
            limit=needed,
            enough=pool.count // pool.size[0],  # groups
        )


def _organisations(left: _Left) -> Iterator[Clash]:
    """Too many of one house for all groups; those who may wait are counted off."""
    pool = left.pool
    for holders in pool.organisations if left.capped else ():
        people = tuple(bits(holders))
        seats = pool.groups * pool.cap + pool.must_wait
        if pool.groups and len(people) > seats:
            yield Clash(
                rules=(ORGANISATION, SIZE),
                people=_keys(pool, people),
                count=len(people),
                limit=seats,
                enough=-(-(len(people) - pool.must_wait) // pool.groups),
            )


def _alone(left: _Left) -> Iterator[Clash]:
    """Whoever minds to be the only one, and has nobody to sit with, nor may wait."""
    pool = left.pool
    if pool.must_wait:
        return
    apart = {frozenset(pair): rule for rule, pair in left.apart}
    for rule, holders, minding in left.alone:
        for one in bits(minding):
            others = [other for other in bits(holders) if other != one]
            why: list[Rule] = []
            for other in others:
                kept_apart = apart.get(frozenset({one, other}))
                if kept_apart is not None:
                    why.append(kept_apart)
                elif not left.starts[one] & left.starts[other]:
                    why += [_hours(pool, one), _hours(pool, other)]
                else:
                    break
            else:
                yield Clash(
                    rules=tuple(dict.fromkeys((rule, *why))),
                    people=_keys(pool, [one]),
                    count=1,
                    limit=2,
                )


def _no_hours(left: _Left) -> Iterator[Clash]:
    pool = left.pool
    if pool.must_wait:
        return
    for n, starts in enumerate(left.starts):
        if not starts:
            yield Clash(rules=(_hours(pool, n),), people=_keys(pool, [n]))
    if not left.sizes or not pool.groups:
        return
    strangers = _never_two(left)
    if len(strangers) > pool.groups:
        some = strangers[: pool.groups + 1]
        yield Clash(
            # more groups, or the hours of one of them
            rules=(SIZE, *(_hours(pool, one) for one in some)),
            people=_keys(pool, some),
            count=len(strangers),
            limit=pool.groups,
            enough=len(strangers),  # groups
        )
    else:
        yield from _scarce(left)


def _never_two(left: _Left) -> list[int]:
    """People of whom no two share an hour, as many as a greedy look finds."""
    of_bytes = b"".join(one.to_bytes(HALF_HOURS // 8, "little") for one in left.starts)
    half_hours = np.unpackbits(np.frombuffer(of_bytes, np.uint8), bitorder="little")
    able = half_hours.reshape(len(left.starts), HALF_HOURS).astype(np.float32)
    some = np.flatnonzero(able.any(axis=1))
    share = (able[some] @ able[some].T) > 0
    open_ = np.ones(len(some), bool)
    found: list[int] = []
    while open_.any():
        many = np.where(open_, (share & open_).sum(axis=1), len(some) + 1)
        chosen = int(many.argmin())
        found.append(int(some[chosen]))
        open_ &= ~share[chosen]
    return found


def _scarce(left: _Left) -> Iterator[Clash]:
    """Of those with few hours, more than all groups at those hours could seat.

    If whoever has only the hours H is more than one group's seats, those who can make
    none of these hours must be seated in other groups: there are not so many.
    """
    pool, most = left.pool, left.pool.size[1]
    alike = Counter(left.starts)
    for starts, many in sorted(alike.items()):
        if not starts or starts == EVERY_START or many < 2 or not most:
            continue
        inside = [n for n, own in enumerate(left.starts) if own and not own & ~starts]
        outside = [n for n, own in enumerate(left.starts) if own and not own & starts]
        own_groups = -(-len(inside) // most), -(-len(outside) // most)
        if sum(own_groups) > pool.groups:
            # as few as show it
            some = inside[: (own_groups[0] - 1) * most + 1]
            others = outside[: max(0, (pool.groups - own_groups[0]) * most + 1)]
            yield Clash(
                rules=(SIZE, *(_hours(pool, one) for one in [*some, *others])),
                people=_keys(pool, inside),
                count=sum(own_groups),
                limit=pool.groups,
                enough=sum(own_groups),
            )


def _links(left: _Left) -> Iterator[Clash]:
    pool = left.pool
    apart = {frozenset(pair): rule for rule, pair in left.apart}
    for linked, ways in left.linked():
        if len(linked) <= pool.must_wait:  # all of them may wait
            continue
        if left.sizes and len(linked) > pool.size[1]:
            # from one end and from the other: what both have is likely to be enough
            for end in (linked[0], linked[-1]):
                yield Clash(
                    rules=(*_next_to(ways, end, pool.size[1]), SIZE),
                    people=_keys(pool, linked),
                    count=len(linked),
                    limit=pool.size[1],
                    enough=len(linked),
                )
        without = left.no_hour(linked)
        if without:
            yield Clash(
                rules=(*_tying(ways, without), *(_hours(pool, n) for n in without)),
                people=_keys(pool, without),
            )
        for holders in pool.organisations if left.capped else ():
            of_house = [one for one in linked if holders >> one & 1]
            if len(of_house) > pool.cap:
                some = of_house[: pool.cap + 1]
                yield Clash(
                    rules=(ORGANISATION, *_tying(ways, some)),
                    people=_keys(pool, some),
                    count=len(of_house),
                    limit=pool.cap,
                    enough=len(of_house),
                )
        for pair in combinations(sorted(linked), 2):
            rule = apart.get(frozenset(pair))
            if rule is not None:
                yield Clash(
                    rules=(rule, *_tying(ways, pair)), people=_keys(pool, linked)
                )
        held = [one for one in linked if one in left.pinned]
        for one, other in combinations(sorted(held), 2):
            if left.pinned[one] != left.pinned[other]:
                pins = (_pin(pool, one), _pin(pool, other))
                yield Clash(
                    rules=(*_tying(ways, (one, other)), *pins),
                    people=_keys(pool, (one, other)),
                )


def _next_to(ways: Sequence[_Pair], begin: int, many: int) -> tuple[Rule, ...]:
    """Of a tree of pairs, so many that hang together with one person."""
    tied, rules = {begin}, list[Rule]()
    open_ = list(ways)
    while len(rules) < many:
        touching = next(pair for pair in open_ if tied & {*pair[1]})
        open_.remove(touching)
        rules.append(touching[0])
        tied.update(touching[1])
    return tuple(rules)


def _tying(ways: Sequence[_Pair], people: Sequence[int]) -> tuple[Rule, ...]:
    """Of a tree of pairs, those that tie these people."""
    kept = list(ways)
    while True:
        ends = Counter(one for _, pair in kept for one in pair)
        loose = {one for one, many in ends.items() if many == 1} - {*people}
        if not loose:
            return tuple(rule for rule, _ in kept)
        kept = [(rule, pair) for rule, pair in kept if not loose & {*pair}]


def _crowd(left: _Left) -> Iterator[Clash]:
    """People of whom each two are to be apart, more than there are groups."""
    pool = left.pool
    if not left.sizes or pool.must_wait:
        return
    apart = {frozenset(pair): rule for rule, pair in left.apart}
    crowd = _all_apart([pair for _, pair in left.apart])
    if len(crowd) > pool.groups:
        some = crowd[: pool.groups + 1]
        yield Clash(
            rules=(SIZE, *(apart[frozenset(two)] for two in combinations(some, 2))),
            people=_keys(pool, some),
            count=len(crowd),
            limit=pool.groups,
            enough=len(crowd),  # groups
        )


def _all_apart(apart: Sequence[tuple[int, int]]) -> list[int]:
    """As many as a greedy look finds."""
    near: dict[int, set[int]] = {}
    for one, other in apart:
        near.setdefault(one, set()).add(other)
        near.setdefault(other, set()).add(one)
    best: list[int] = []
    for begin in sorted(near):
        found, open_ = [begin], set(near[begin])
        while open_:
            chosen = min(open_, key=lambda one: (-len(near[one] & open_), one))
            found.append(chosen)
            open_ &= near[chosen]
        best = max(best, sorted(found), key=len)
    return best


def _pins(left: _Left) -> Iterator[Clash]:
    pool = left.pool
    held: dict[int, list[int]] = {}
    for person, group in left.pinned.items():
        held.setdefault(group, []).append(person)

    def pins(people: Sequence[int]) -> tuple[Rule, ...]:
        return tuple(_pin(pool, one) for one in people)

    for people in held.values():
        if left.sizes and len(people) > pool.size[1]:
            yield Clash(
                rules=(SIZE, *pins(people[: pool.size[1] + 1])),
                people=_keys(pool, people),
                count=len(people),
                limit=pool.size[1],
                enough=len(people),
            )
        without = left.no_hour(people)
        if without:
            yield Clash(
                rules=(*pins(without), *(_hours(pool, one) for one in without)),
                people=_keys(pool, without),
            )
        for holders in pool.organisations if left.capped else ():
            of_house = [one for one in people if holders >> one & 1]
            if len(of_house) > pool.cap:
                yield Clash(
                    rules=(ORGANISATION, *pins(of_house[: pool.cap + 1])),
                    people=_keys(pool, of_house),
                    count=len(of_house),
                    limit=pool.cap,
                    enough=len(of_house),
                )
    for rule, (one, other) in left.apart:
        if left.pinned.get(one, -1) == left.pinned.get(other, -2):
            yield Clash(
                rules=(rule, *pins((one, other))), people=_keys(pool, (one, other))
            )


# The fewest


def fewest(clashes: Sequence[Clash]) -> tuple[Rule, ...]:
    """The fewest rules of which every clash has one; of sets alike in number, the one
    with rules that are told first."""
    told = [tuple(clash.rules) for clash in clashes]
    told.sort(key=lambda rules: (len(rules), _told(rules)))
    # whatever touches the smaller one touches the larger as well
    left: list[tuple[Rule, ...]] = []
    for rules in told:
        if not any({*rules} >= {*smaller} for smaller in left):
            left.append(rules)
    where: dict[Rule, list[int]] = {}
    for n, rules in enumerate(left):
        for rule in rules:
            where.setdefault(rule, []).append(n)
    # of rules in the same clashes the first stands for all
    stands: dict[tuple[int, ...], Rule] = {}
    for rule, clashing in where.items():
        stands.setdefault(tuple(clashing), rule)
    sets = [
        [number for number, touched in enumerate(stands) if n in touched]
        for n in range(len(left))
    ]
    chosen = [*stands.values()]
    return tuple(chosen[number] for number in fewest_that_meet(sets, of=len(chosen)))


# All arrangements of few people


def _by_trying(pool: Pool, *, at_least: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """The fewest rules without which all others hold in some arrangement: those known
    to be needed, if they are enough."""
    if _Trying(_Left(pool, frozenset(at_least))).within(0) is not None:
        return at_least
    trying = _Trying(_Left(pool, frozenset()))
    for many in range(len(at_least), len(trying.left.rules()) + 1):
        found = trying.within(many)
        if found is not None:
            return tuple(sorted(found, key=repr))
    raise AssertionError("Without any rule, everybody can sit.")


class _Trying:
    """Splits people into groups, one group after the other, and tells the rules that
    breaks."""

    def __init__(self, left: _Left) -> None:
        self.left, self.pool = left, left.pool
        self.breaks = cache(self._breaks)

    def _breaks(self, group: int) -> frozenset[Rule]:
        """The rules that a group breaks, but those of size and pins."""
        left, pool, found = self.left, self.pool, set[Rule]()
        people = list(bits(group))
        if not left.shared(people):
            missing = min(
                (
                    [n for n in people if not left.starts[n] >> at & 1]
                    for at in range(HALF_HOURS)
                ),
                key=len,
            )
            found.update(_hours(pool, n) for n in missing)
        for rule, pair in left.apart:
            if all(group >> one & 1 for one in pair):
                found.add(rule)
        for rule, (one, other) in left.together:
            if (group >> one ^ group >> other) & 1:
                found.add(rule)
        for rule, holders, minding in left.alone:
            if (group & holders).bit_count() == 1 and group & holders & minding:
                found.add(rule)
        if left.capped and any(
            (group & holders).bit_count() > pool.cap for holders in pool.organisations
        ):
            found.add(ORGANISATION)
        return frozenset(found)

    def within(self, most: int) -> frozenset[Rule] | None:
        """So many rules, or fewer, of which all break somewhere and none else."""
        pool, pinned = self.pool, self.left.pinned
        for any_size in (False, True):
            given = frozenset({SIZE} if any_size and self.left.sizes else ())
            if not any_size and not self.left.sizes:
                continue
            for many in range(pool.must_wait + 1):
                for wait in combinations(range(pool.count), many):
                    pins = {_pin(pool, one) for one in wait if one in pinned}
                    found = self._split(
                        pool.everybody & ~sum(1 << one for one in wait),
                        (),
                        given | pins,
                        most=most,
                        any_size=any_size,
                    )
                    if found is not None:
                        return found
        return None

    def _split(
        self,
        rest: int,
        groups: tuple[int, ...],
        broken: frozenset[Rule],
        *,
        most: int,
        any_size: bool,
    ) -> frozenset[Rule] | None:
        if len(broken) > most:
            return None
        least, largest = self.pool.size
        if not rest:
            if not any_size and least and len(groups) < self.pool.groups:
                return None
            broken |= self._pins_that_give(groups)
            return broken if len(broken) <= most else None
        if not any_size and len(groups) == self.pool.groups:
            return None
        first = rest & -rest
        others = more = rest ^ first
        while True:
            group = first | more
            if any_size or least <= group.bit_count() <= largest:
                found = self._split(
                    rest ^ group,
                    (*groups, group),
                    broken | self.breaks(group),
                    most=most,
                    any_size=any_size,
                )
                if found is not None:
                    return found
            if not more:
                return None
            more = (more - 1) & others

    def _pins_that_give(self, groups: tuple[int, ...]) -> frozenset[Rule]:
        """The fewest, when groups may be numbered as they please."""
        held: dict[int, int] = {}
        for person, group in self.left.pinned.items():
            held[group] = held.get(group, 0) | 1 << person
        seated = sum(groups)

        def number(open_: list[int], left: tuple[int, ...]) -> int:
            """The mask of those who do not sit where they are pinned."""
            if not open_:
                return 0
            mine = held[open_[0]] & seated
            ways = [mine | number(open_[1:], left)]
            for some in left:
                if some & mine:
                    rest = tuple(other for other in left if other != some)
                    ways.append(mine & ~some | number(open_[1:], rest))
            return min(ways, key=int.bit_count)

        away = number(sorted(held), groups)
        return frozenset(_pin(self.pool, one) for one in bits(away))
