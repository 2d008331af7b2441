"""What is true of a group: which rules it breaks, what it covers, how it mixes.

Pure. ``look_at`` says it in full, for a page; ``Pool.weigh`` says the same in numbers,
many thousand times a second, for a solver. A property test keeps the two in step.
"""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, reduce
from itertools import combinations
from operator import and_
from typing import NamedTuple

from people.availability import HALF_HOURS, Slot, slots

Key = Hashable


@dataclass(frozen=True, kw_only=True)
class Candidate:
    key: Key
    traits: Mapping[str, str | frozenset[str]] = field(default_factory=dict)
    alone_is_fine: frozenset[str] = frozenset()  # traits
    organisation: str = ""
    free: frozenset[int] | None = None  # half-hours of the week in UTC; None: not said
    offers: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    ties: frozenset[Key] = frozenset()  # people they already work with

    def values(self, trait: str) -> frozenset[str]:
        value = self.traits.get(trait, "")
        if isinstance(value, str):
            return frozenset({value}) if value else frozenset()
        return value


@dataclass(frozen=True, kw_only=True)
class Weights:
    """What makes a group strong, the most important part first; each is 0 to 1."""

    covered: float = 0.4
    varied: float = 0.3
    bridging: float = 0.2
    hours: float = 0.1


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What every group must keep, and what it should mix."""

    meeting: int = 3  # half-hours in a row that all of a group must share
    protected: frozenset[str] = frozenset()  # traits in which nobody is the only one
    vary: tuple[str, ...] = ()
    organisation_cap: int | None = 2
    together: tuple[tuple[Key, Key], ...] = ()
    apart: tuple[tuple[Key, Key], ...] = ()
    pins: Mapping[Key, int] = field(default_factory=dict)  # person → group
    required: frozenset[str] = frozenset()  # expertise that every group needs
    weights: Weights = Weights()


Size = tuple[int, int]  # at least, at most


class Code(StrEnum):
    # hard: a group that breaks one is not yet a cohort
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    NO_SHARED_HOURS = "no_shared_hours"  # `people` cannot make the best time there is
    PARTED = "parted"
    NOT_KEPT_APART = "not_kept_apart"
    ORGANISATION_OVER_CAP = "organisation_over_cap"
    ONLY_ONE = "only_one"
    # soft: to look at
    NEED_UNMET = "need_unmet"
    SKEWED = "skewed"
    ALONE_AND_FINE = "alone_and_fine"
    HOURS_NOT_SAID = "hours_not_said"


HARD = frozenset(
    {
        Code.TOO_SMALL,
        Code.TOO_LARGE,
        Code.NO_SHARED_HOURS,
        Code.PARTED,
        Code.NOT_KEPT_APART,
        Code.ORGANISATION_OVER_CAP,
        Code.ONLY_ONE,
    }
)

# A value held by so large a part of a group may drown the others.
SKEWED_FROM = 0.7
SKEWED_IN_GROUPS_OF = 4


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something to tell about a group, as data: the page finds the words."""

    code: Code
    people: tuple[Key, ...] = ()
    trait: str = ""
    value: str = ""  # of the trait; or the tag, or the organisation
    count: int = 0
    limit: int = 0  # of somebody alone: how many of the whole pool share the value
    breaks: int = 0  # how much it adds to the count of broken rules

    @property
    def hard(self) -> bool:
        return self.code in HARD


@dataclass(frozen=True, kw_only=True)
class Facts:
    """A group as a board shows it."""

    people: tuple[Key, ...]
    meeting: tuple[Slot, ...]  # when all can meet, the longest first
    best_slot: Slot | None  # else when most can
    balance: Mapping[str, tuple[tuple[str, int], ...]]  # the commonest value first
    variety: Mapping[str, float]  # 0 all alike, 1 as mixed as can be
    needs: tuple[str, ...]
    covered: tuple[str, ...]
    tied_pairs: int
    findings: tuple[Finding, ...]

    @property
    def broken(self) -> int:
        return sum(finding.breaks for finding in self.findings)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What asks for a second look: all but what somebody said is fine."""
        return tuple(f for f in self.findings if f.code != Code.ALONE_AND_FINE)


# In full, for the page


def look_at(
    group: Sequence[Candidate],
    *,
    rules: Rules,
    size: Size,
    pool: Collection[Candidate] | None = None,
) -> Facts:
    """All there is to tell about one group.

    Of the rules that tie two people together the group of the first one answers for a
    pair that was parted, provided both are in the ``pool`` (by default, this group
    alone).
    """
    known = {one.key for one in (group if pool is None else pool)}
    common = _common_hours(group)
    meeting = tuple(
        sorted(
            slots(common, at_least=rules.meeting), key=lambda s: (-s.length, s.start)
        )
    )
    needs, covered = _needs(group, rules)
    best_slot, missing = (None, ()) if meeting else _best_slot(group, rules.meeting)
    findings = [
        *_size_findings(group, size),
        *(
            [
                Finding(
                    code=Code.NO_SHARED_HOURS,
                    people=missing,
                    count=len(group) - len(missing),
                    limit=len(group),
                    breaks=len(missing),
                )
            ]
            if missing
            else []
        ),
        *_pair_findings(group, rules, known),
        *_organisation_findings(group, rules),
        *_alone_findings(group, rules, pool or group),
        *(
            Finding(code=Code.NEED_UNMET, value=tag)
            for tag in needs
            if tag not in covered
        ),
        *_skewed_findings(group, rules),
        *_hours_not_said(group),
    ]
    return Facts(
        people=tuple(one.key for one in group),
        meeting=meeting,
        best_slot=best_slot,
        balance={
            trait: tuple(
                sorted(_count(group, trait).items(), key=lambda c: (-c[1], c[0]))
            )
            for trait in sorted({*rules.vary, *rules.protected})
        },
        variety={
            trait: blau(
                _count(group, trait).values(), kinds=_kinds(pool or group, trait)
            )
            for trait in rules.vary
        },
        needs=needs,
        covered=covered,
        tied_pairs=sum(
            b.key in a.ties or a.key in b.ties for a, b in combinations(group, 2)
        ),
        findings=tuple(findings),
    )


def blau(counts: Iterable[int], *, kinds: int) -> float:
    """Blau's index over the largest it can be with so many kinds: 0 alike, 1 mixed."""
    found = [count for count in counts if count]
    total = sum(found)
    possible = min(total, kinds)
    if possible < 2:
        return 0.0
    index = 1 - sum(count * count for count in found) / (total * total)
    return index / (1 - 1 / possible)


def _count(group: Iterable[Candidate], trait: str) -> Counter[str]:
    return Counter(value for one in group for value in one.values(trait))


def _kinds(group: Iterable[Candidate], trait: str) -> int:
    return len(_count(group, trait))


def _common_hours(group: Sequence[Candidate]) -> frozenset[int]:
    said = [one.free for one in group if one.free is not None]
    if not group:
        return frozenset()
    return reduce(and_, said, frozenset(range(HALF_HOURS)))


def _best_slot(
    group: Sequence[Candidate], length: int
) -> tuple[Slot | None, tuple[Key, ...]]:
    """The time that most can make, and who cannot."""
    if not group:
        return None, ()
    best: tuple[int, Slot, tuple[Key, ...]] | None = None
    for start in range(HALF_HOURS):
        slot = Slot(start=start, length=length)
        half_hours = frozenset(slot.half_hours())
        missing = tuple(
            one.key
            for one in group
            if one.free is not None and not half_hours <= one.free
        )
        if best is None or len(missing) < best[0]:
            best = len(missing), slot, missing
    assert best is not None
    return best[1], best[2]


def _size_findings(group: Sequence[Candidate], size: Size) -> Iterator[Finding]:
    least, most = size
    count = len(group)
    if count < least:
        yield Finding(
            code=Code.TOO_SMALL, count=count, limit=least, breaks=least - count
        )
    if count > most:
        yield Finding(code=Code.TOO_LARGE, count=count, limit=most, breaks=count - most)


def _pair_findings(
    group: Sequence[Candidate], rules: Rules, known: Collection[Key]
) -> Iterator[Finding]:
    here = {one.key for one in group}
    for first, second in rules.together:
        if first in here and second not in here and second in known:
            yield Finding(code=Code.PARTED, people=(first, second), breaks=1)
    for first, second in rules.apart:
        if first in here and second in here:
            yield Finding(code=Code.NOT_KEPT_APART, people=(first, second), breaks=1)


def _organisation_findings(
    group: Sequence[Candidate], rules: Rules
) -> Iterator[Finding]:
    if rules.organisation_cap is None:
        return
    of = Counter(one.organisation for one in group if one.organisation)
    for organisation, count in sorted(of.items()):
        if count > rules.organisation_cap:
            yield Finding(
                code=Code.ORGANISATION_OVER_CAP,
                people=tuple(p.key for p in group if p.organisation == organisation),
                value=organisation,
                count=count,
                limit=rules.organisation_cap,
                breaks=count - rules.organisation_cap,
            )


def _alone_findings(
    group: Sequence[Candidate], rules: Rules, pool: Collection[Candidate]
) -> Iterator[Finding]:
    for trait in sorted(rules.protected):
        for value, count in sorted(_count(group, trait).items()):
            if count != 1:
                continue
            (alone,) = (one for one in group if value in one.values(trait))
            fine = trait in alone.alone_is_fine
            yield Finding(
                code=Code.ALONE_AND_FINE if fine else Code.ONLY_ONE,
                people=(alone.key,),
                trait=trait,
                value=value,
                count=1,
                limit=_count(pool, trait)[value],
                breaks=0 if fine else 1,
            )


def _needs(
    group: Sequence[Candidate], rules: Rules
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the group needs, and what of it somebody *else* offers."""
    needs = {tag for one in group for tag in one.needs} | (
        rules.required if group else frozenset()
    )
    covered = []
    for tag in sorted(needs):
        offering = {one.key for one in group if tag in one.offers}
        needing = {one.key for one in group if tag in one.needs}
        alone = len(offering) == 1 and offering == needing
        if offering and (not alone or tag in rules.required):
            covered.append(tag)
    return tuple(sorted(needs)), tuple(covered)


def _skewed_findings(group: Sequence[Candidate], rules: Rules) -> Iterator[Finding]:
    if len(group) < SKEWED_IN_GROUPS_OF:
        return
    for trait in rules.vary:
        counted = _count(group, trait)
        for value, count in sorted(counted.items()):
            if len(counted) > 1 and count >= SKEWED_FROM * len(group):
                yield Finding(
                    code=Code.SKEWED,
                    trait=trait,
                    value=value,
                    count=count,
                    limit=len(group),
                )


def _hours_not_said(group: Sequence[Candidate]) -> Iterator[Finding]:
    people = tuple(one.key for one in group if one.free is None)
    if people:
        yield Finding(code=Code.HOURS_NOT_SAID, people=people, count=len(people))


# In numbers, for a solver

# Points of one broken rule. All count alike; between arrangements that break as many,
# those come first in which a group can meet, then those that leave nobody waiting.
BROKEN = 1000
GROUP_RULE = BROKEN + 2
LEFT_WAITING = BROKEN + 1
ALONE = BROKEN

# from so many shared beginnings in a row on, a group has choice enough
PLENTY_OF_HOURS = 4

EVERY_START = (1 << HALF_HOURS) - 1


class Weighed(NamedTuple):
    points: int  # of broken rules
    unmet: int  # needs that somebody in the pool could have met
    strength: float  # 0 to 1


class Pool:
    """The candidates as bits: a group is an integer, as is all it is held against."""

    def __init__(
        self,
        candidates: Sequence[Candidate],
        *,
        rules: Rules,
        groups: int,
        size: Size,
    ) -> None:
        self.candidates = candidates
        self.rules = rules
        self.groups = groups
        self.size = size
        self.count = len(candidates)
        self.everybody = (1 << self.count) - 1
        self.place = {one.key: n for n, one in enumerate(candidates)}
        self.starts = [_starts(one.free, rules.meeting) for one in candidates]
        self.pinned = {
            self.place[key]: group
            for key, group in rules.pins.items()
            if key in self.place
        }
        self.must_wait = max(0, self.count - groups * size[1])
        self._seen: dict[int, Weighed] = {}
        self._read_rules()

    def mask(self, keys: Iterable[Key]) -> int:
        return sum(1 << self.place[key] for key in set(keys))

    def people(self, mask: int) -> list[Candidate]:
        return [one for n, one in enumerate(self.candidates) if mask >> n & 1]

    def _holders(self, holds: Iterable[bool]) -> int:
        return sum(1 << n for n, held in enumerate(holds) if held)

    def _read_rules(self) -> None:
        people, rules = self.candidates, self.rules
        self.ties = [0] * self.count
        for n, one in enumerate(people):
            for key in one.ties:
                other = self.place.get(key)
                if other is not None and other != n:
                    self.ties[n] |= 1 << other
                    self.ties[other] |= 1 << n

        self.alone: list[tuple[int, int]] = []
        for trait in sorted(rules.protected):
            minding = self._holders(trait not in one.alone_is_fine for one in people)
            for value in sorted(_count(people, trait)):
                holders = self._holders(value in one.values(trait) for one in people)
                if holders & minding:
                    self.alone.append((holders, minding))

        self.vary: list[tuple[int, list[int]]] = []
        for trait in rules.vary:
            values = sorted(_count(people, trait))
            if len(values) > 1:
                masks = [
                    self._holders(value in one.values(trait) for one in people)
                    for value in values
                ]
                self.vary.append((len(values), masks))

        self.organisations: list[int] = []
        cap = self.cap = (
            rules.organisation_cap if rules.organisation_cap is not None else 0
        )
        if rules.organisation_cap is not None:
            of = Counter(one.organisation for one in people if one.organisation)
            self.organisations = [
                self._holders(one.organisation == organisation for one in people)
                for organisation, number in sorted(of.items())
                if number > cap
            ]

        def pairs(of: Iterable[tuple[Key, Key]]) -> list[tuple[int, int]]:
            return [
                (
                    1 << self.place[first],
                    1 << self.place[first] | 1 << self.place[second],
                )
                for first, second in of
                if first in self.place and second in self.place and first != second
            ]

        self.together = pairs(rules.together)
        self.apart = [both for _, both in pairs(rules.apart)]

        self.needs: list[tuple[int, int, bool]] = []
        tags = {tag for one in people for tag in one.needs} | rules.required
        for tag in sorted(tags):
            offering = self._holders(tag in one.offers for one in people)
            needing = self._holders(tag in one.needs for one in people)
            if offering:  # what nobody offers is told, and weighs nothing
                self.needs.append((needing, offering, tag in rules.required))

    def weigh(self, group: int) -> Weighed:
        """One group in numbers."""
        seen = self._seen.get(group)
        if seen is None:
            if len(self._seen) > 400_000:  # some 80 MB
                self._seen.clear()
            seen = self._seen[group] = self._weigh(group)
        return seen

    def _weigh(self, group: int) -> Weighed:
        least, most = self.size
        count = group.bit_count()
        broken = max(least - count, count - most, 0)

        starts, everybody_else, tied = EVERY_START, group, 0
        all_starts, all_ties = self.starts, self.ties
        while everybody_else:
            bit = everybody_else & -everybody_else
            everybody_else ^= bit
            n = bit.bit_length() - 1
            starts &= all_starts[n]
            tied += (all_ties[n] & group).bit_count()
        if not starts:
            broken += count - self.most_at_once(group)

        for first, both in self.together:
            if group & first and group & both != both:
                broken += 1
        for both in self.apart:
            if group & both == both:
                broken += 1
        for holders in self.organisations:
            over = (group & holders).bit_count() - self.cap
            if over > 0:
                broken += over
        alone = 0
        for holders, minding in self.alone:
            held = group & holders
            if held and not held & (held - 1) and held & minding:
                alone += 1

        unmet = wanted = 0
        for needing, offering, required in self.needs:
            needed = group & needing
            if not needed and not (required and group):
                continue
            wanted += 1
            offered = group & offering
            if not offered or (
                not required and offered == needed and not offered & (offered - 1)
            ):
                unmet += 1

        if not count:
            return Weighed(broken * GROUP_RULE, 0, 0.0)
        weights = self.rules.weights
        hours = in_a_row(starts) / PLENTY_OF_HOURS
        strength = (
            weights.covered * (1 - unmet / wanted if wanted else 1.0)
            + weights.varied * self._variety(group)
            + weights.bridging * max(0.0, 1 - tied / (2 * count))
            + weights.hours * hours
        )
        return Weighed(broken * GROUP_RULE + alone * ALONE, unmet, strength)

    def _variety(self, group: int) -> float:
        if not self.vary:
            return 1.0
        mixed = 0.0
        for kinds, masks in self.vary:
            total = squares = 0
            for holders in masks:
                held = (group & holders).bit_count()
                total += held
                squares += held * held
            possible = total if total < kinds else kinds
            if possible > 1:
                mixed += (1 - squares / (total * total)) / (1 - 1 / possible)
        return mixed / len(self.vary)

    def most_at_once(self, group: int) -> int:
        """How many of a group can make the time that most can.

        Binary counters, one per half-hour, all of them counted up at once.
        """
        planes: list[int] = []
        for n in bits(group):
            carry = self.starts[n]
            for k, plane in enumerate(planes):
                if not carry:
                    break
                planes[k], carry = plane ^ carry, plane & carry
            if carry:
                planes.append(carry)
        best, where = 0, EVERY_START
        for k in range(len(planes) - 1, -1, -1):
            if where & planes[k]:
                where &= planes[k]
                best += 1 << k
        return best

    def weigh_waiting(self, waiting: int) -> int:
        """Points of those who wait though there was a seat, and of pairs so parted."""
        points = max(0, waiting.bit_count() - self.must_wait) * LEFT_WAITING
        for first, both in self.together:
            if waiting & first and waiting & both != both:
                points += GROUP_RULE
        return points

    @cached_property
    def free_at(self) -> list[int]:
        """Who can begin to meet at each half-hour of the week."""
        return [
            self._holders(starts >> half_hour & 1 == 1 for starts in self.starts)
            for half_hour in range(HALF_HOURS)
        ]


def bits(mask: int) -> Iterator[int]:
    """The places of the ones, the lowest first."""
    while mask:
        bit = mask & -mask
        mask ^= bit
        yield bit.bit_length() - 1


def in_a_row(starts: int) -> int:
    """How many beginnings follow one another, at most plenty: time to run over."""
    run = 0
    while starts and run < PLENTY_OF_HOURS:
        run += 1
        starts &= (starts >> 1 | starts << (HALF_HOURS - 1)) & EVERY_START
    return run


def _starts(free: frozenset[int] | None, length: int) -> int:
    """The half-hours from which on somebody is free for a whole meeting."""
    if free is None:
        return EVERY_START
    mask = sum(1 << half_hour for half_hour in free)
    starts = mask
    for n in range(1, length):
        starts &= mask >> n | mask << (HALF_HOURS - n)
    return starts & EVERY_START
