"""Groups that can meet and leave nobody alone; why, for each seat. Pure.

Same candidates, rules, seed and effort: same groups. What the groups
are judged by is in ``cohorts.weighing``. Up to nine people every arrangement is tried;
beyond, ``cohorts.arranging`` looks for it and says how good it could be at most.
Another solver can take its place.
"""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from cohorts import arranging
from cohorts.weighing import (
    BROKEN,
    EVERY_START,
    GROUP_RULE,
    Candidate,
    Code,
    Facts,
    Finding,
    Key,
    Pool,
    Rules,
    Size,
    bits,
    look_at,
)
from people.availability import HALF_HOURS

__all__ = [
    "Because",
    "Candidate",
    "Code",
    "Composition",
    "Effort",
    "Facts",
    "Finding",
    "Move",
    "Rules",
    "Seat",
    "Unplaced",
    "Weighed",
    "compose",
    "examine",
    "ways_out",
]


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How long to look: in moves, never in seconds, so that a seed means something."""

    moves: int
    starts: int = 8  # fresh beginnings that share the moves
    try_all_up_to: int = 9  # people
    work: arranging.Work | None = None  # else as much as the moves allow

    @classmethod
    def usual(cls, people: int) -> "Effort":
        return cls(moves=min(250_000, 20_000 + 1_000 * people))


class Why(StrEnum):
    PINNED = "pinned"
    COVERS_NEED = "covers_need"  # offers what `people` need
    FINDS_HELP = "finds_help"  # needs what `people` offer
    TOGETHER = "together"  # was to be with `people`
    KEEPS_COMPANY = "keeps_company"  # `count` others share the trait
    ALONE_AND_FINE = "alone_and_fine"
    ADDS = "adds"  # the only one here with this value, of a trait to be mixed
    SHARES_HOURS = "shares_hours"  # can begin at `count` half-hours with all the others
    BRIDGES = "bridges"  # has no tie yet to `count` of the others


@dataclass(frozen=True, kw_only=True)
class Because:
    code: Why
    value: str = ""
    trait: str = ""
    people: tuple[Key, ...] = ()
    count: int = 0


@dataclass(frozen=True, kw_only=True)
class Seat:
    key: Key
    group: int
    because: tuple[Because, ...]


class Obstacle(StrEnum):
    NO_SEAT_LEFT = "no_seat_left"
    NO_HOURS = "no_hours"  # no time in the week is long enough for a meeting
    WOULD_BREAK = "would_break"


@dataclass(frozen=True, kw_only=True)
class Unplaced:
    key: Key
    reason: Obstacle
    nearest: int | None = None  # the group in which least would break
    would_break: tuple[Finding, ...] = ()  # there


class Weighing(StrEnum):
    SIZE = "size"
    HOURS = "hours"
    TOGETHER = "together"
    APART = "apart"
    ORGANISATION = "organisation"
    NOT_ALONE = "not_alone"
    NEEDS = "needs"
    WEAKEST_FIRST = "weakest_first"
    VARIETY = "variety"
    BRIDGING = "bridging"
    MORE_HOURS = "more_hours"


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """One thing that was weighed: first the rules, then the wishes in their order."""

    code: Weighing
    hard: bool
    traits: tuple[str, ...] = ()
    limits: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Composition:
    groups: tuple[tuple[Key, ...], ...]
    facts: tuple[Facts, ...]
    seats: tuple[Seat, ...]
    unplaced: tuple[Unplaced, ...]
    broken: int  # rules; 0 is an arrangement that may be published
    weighed: tuple[Weighed, ...]
    not_used: tuple[str, ...]  # traits that were given and played no part
    seed: int | None = None
    best_there_is: bool = False  # all arrangements were tried
    value: float | None = None  # mean of the mean and the weakest strength
    at_most: float | None = None  # no arrangement that keeps the rules has more

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for facts in self.facts for finding in facts.findings)


# A group is an integer of bits, as in Pool; the last one is of those who wait.
Arrangement = list[int]
Solver = Callable[[Pool, random.Random, Effort], Arrangement]


def compose(
    candidates: Sequence[Candidate],
    *,
    groups: int,
    size: Size,
    rules: Rules,
    seed: int,
    effort: Effort | None = None,
    solver: Solver | None = None,
    watch: arranging.Watch | None = None,
) -> Composition:
    """The best arrangement found: fewest broken rules, then the strongest groups, the
    weakest counting as much as all of them together. The watch is told how far it is
    and may stop it.

    Where the rules cannot all be kept, the groups break as few as was found, and their
    facts say which. ValueError when the question itself is muddled (a pin to a group
    that is not).
    """
    _check(candidates, groups=groups, size=size, rules=rules)
    # the order in which people were listed must not matter
    ordered = sorted(candidates, key=lambda one: str(one.key))
    effort = effort or Effort.usual(len(ordered))
    pool = Pool(ordered, rules=rules, groups=groups, size=size)
    all_of_them = solver is None and len(ordered) <= effort.try_all_up_to
    chance, at_most = random.Random(seed), None
    if solver is not None:
        arrangement = solver(pool, chance, effort)
    elif all_of_them:
        arrangement = try_all(pool, chance, effort)
    else:
        arrangement, at_most = look_far(pool, chance, effort, watch)
    points, value = worth(pool, arrangement)
    keys = [
        [one.key for one in candidates if mask >> pool.place[one.key] & 1]
        for mask in arrangement[:-1]
    ]
    found = examine(keys, candidates, rules=rules, size=size)
    return replace(
        found,
        seed=seed,
        best_there_is=all_of_them,
        value=-value,
        # nothing is said of arrangements that break a rule
        at_most=None if points else -value if all_of_them else at_most,
    )


def _check(
    candidates: Sequence[Candidate], *, groups: int, size: Size, rules: Rules
) -> None:
    keys = [one.key for one in candidates]
    if len(set(keys)) != len(keys):
        raise ValueError("A candidate is listed twice.")
    if groups < 0 or not 0 <= size[0] <= size[1]:
        raise ValueError(f"No such sizes: {groups} groups of {size}.")
    if rules.meeting < 1:
        raise ValueError("A meeting takes a half-hour at least.")
    astray = [key for key, group in rules.pins.items() if not 0 <= group < groups]
    if astray:
        raise ValueError(f"Pinned to a group that is not there: {astray}")


# Judging an arrangement


def examine(
    groups: Sequence[Sequence[Key]],
    candidates: Sequence[Candidate],
    *,
    rules: Rules,
    size: Size,
) -> Composition:
    """The same facts and warnings for groups made by hand; quick enough for a move."""
    by_key = {one.key: one for one in candidates}
    seated = [key for group in groups for key in group]
    if len(set(seated)) != len(seated) or not by_key.keys() >= set(seated):
        raise ValueError("Somebody sits twice, or is no candidate.")
    people = [[by_key[key] for key in group] for group in groups]
    facts = tuple(
        look_at(group, rules=rules, size=size, pool=candidates) for group in people
    )
    taken = set(seated)
    waiting = [one for one in candidates if one.key not in taken]
    pool = Pool(candidates, rules=rules, groups=len(groups), size=size)
    left = pool.weigh_waiting(pool.mask(one.key for one in waiting)) // BROKEN
    return Composition(
        groups=tuple(tuple(group) for group in groups),
        facts=facts,
        seats=tuple(
            Seat(
                key=one.key,
                group=n,
                because=tuple(_because(one, n, group, fact, rules)),
            )
            for n, (group, fact) in enumerate(zip(people, facts, strict=True))
            for one in group
        ),
        unplaced=tuple(_unplaced(one, people, facts, pool=pool) for one in waiting),
        broken=sum(fact.broken for fact in facts) + left,
        weighed=_weighed(rules, size),
        not_used=tuple(
            sorted(
                {trait for one in candidates for trait in one.traits}
                - rules.protected
                - set(rules.vary)
            )
        ),
    )


def _because(
    one: Candidate, n: int, group: Sequence[Candidate], facts: Facts, rules: Rules
) -> Iterator[Because]:
    others = [other for other in group if other.key != one.key]
    if rules.pins.get(one.key) == n:
        yield Because(code=Why.PINNED)
    for tag in sorted(one.offers):
        people = tuple(other.key for other in others if tag in other.needs)
        if people:
            yield Because(code=Why.COVERS_NEED, value=tag, people=people)
    for tag in sorted(one.needs):
        people = tuple(other.key for other in others if tag in other.offers)
        if people:
            yield Because(code=Why.FINDS_HELP, value=tag, people=people)
    for first, second in rules.together:
        other_one = {first: second, second: first}.get(one.key)
        if any(other.key == other_one for other in others):
            yield Because(code=Why.TOGETHER, people=(other_one,))
    for trait in sorted({*rules.protected, *rules.vary}):
        for value in sorted(one.values(trait)):
            like = sum(value in other.values(trait) for other in others)
            if trait in rules.protected:
                if like:
                    yield Because(
                        code=Why.KEEPS_COMPANY, trait=trait, value=value, count=like
                    )
                elif trait in one.alone_is_fine:
                    yield Because(code=Why.ALONE_AND_FINE, trait=trait, value=value)
            elif not like and others:
                yield Because(code=Why.ADDS, trait=trait, value=value)
    beginnings = sum(slot.length - rules.meeting + 1 for slot in facts.meeting)
    if beginnings and one.free is not None:
        yield Because(code=Why.SHARES_HOURS, count=beginnings)
    strangers = sum(
        other.key not in one.ties and one.key not in other.ties for other in others
    )
    if strangers:
        yield Because(code=Why.BRIDGES, count=strangers)


def _unplaced(
    one: Candidate,
    groups: Sequence[Sequence[Candidate]],
    facts: Sequence[Facts],
    *,
    pool: Pool,
) -> Unplaced:
    room = [n for n, group in enumerate(groups) if len(group) < pool.size[1]]
    if one.free is not None and not pool.starts[pool.place[one.key]]:
        return Unplaced(key=one.key, reason=Obstacle.NO_HOURS)
    if not room:
        return Unplaced(key=one.key, reason=Obstacle.NO_SEAT_LEFT)
    bit = 1 << pool.place[one.key]
    masks = [pool.mask(person.key for person in group) for group in groups]
    nearest = min(
        room,
        key=lambda n: pool.weigh(masks[n] | bit).points - pool.weigh(masks[n]).points,
    )
    with_them = look_at(
        [*groups[nearest], one],
        rules=pool.rules,
        size=pool.size,
        pool=pool.candidates,
    )
    before = set(facts[nearest].findings)
    return Unplaced(
        key=one.key,
        reason=Obstacle.WOULD_BREAK,
        nearest=nearest,
        would_break=tuple(
            finding
            for finding in with_them.findings
            if finding.hard
            and finding not in before
            and finding.code not in (Code.TOO_SMALL, Code.TOO_LARGE)
        ),
    )


def _weighed(rules: Rules, size: Size) -> tuple[Weighed, ...]:
    cap = rules.organisation_cap
    protected = tuple(sorted(rules.protected))
    found = [
        Weighed(code=Weighing.SIZE, hard=True, limits=size),
        Weighed(code=Weighing.HOURS, hard=True, limits=(rules.meeting,)),
        Weighed(code=Weighing.TOGETHER, hard=True, limits=(len(rules.together),)),
        Weighed(code=Weighing.APART, hard=True, limits=(len(rules.apart),)),
        Weighed(code=Weighing.ORGANISATION, hard=True, limits=(cap or 0,)),
        Weighed(code=Weighing.NOT_ALONE, hard=True, traits=protected),
        Weighed(code=Weighing.NEEDS, hard=False),
        Weighed(code=Weighing.WEAKEST_FIRST, hard=False),
        Weighed(code=Weighing.VARIETY, hard=False, traits=rules.vary),
        Weighed(code=Weighing.BRIDGING, hard=False),
        Weighed(code=Weighing.MORE_HOURS, hard=False),
    ]
    unused = {
        Weighing.TOGETHER: not rules.together,
        Weighing.APART: not rules.apart,
        Weighing.ORGANISATION: cap is None,
        Weighing.NOT_ALONE: not rules.protected,
        Weighing.VARIETY: not rules.vary,
    }
    return tuple(one for one in found if not unused.get(one.code))


# Mending by hand


@dataclass(frozen=True, kw_only=True)
class Move:
    """Put somebody into a group, or change places with somebody there."""

    key: Key
    to: int
    swap_with: Key | None = None
    broken: int  # rules that the whole arrangement would break then


def ways_out(
    groups: Sequence[Sequence[Key]],
    candidates: Sequence[Candidate],
    *,
    rules: Rules,
    size: Size,
    most: int = 2,
) -> tuple[Move, ...]:
    """The single moves, or else swaps, after which fewest rules are broken; none, if no
    single step helps. Pinned people stay where they are."""
    pool = Pool(candidates, rules=rules, groups=len(groups), size=size)
    masks = [pool.mask(group) for group in groups]
    masks.append(pool.everybody & ~sum(masks))
    now = _points(pool, masks)
    movable = [n for n in range(pool.count) if n not in pool.pinned]
    place = _places(pool, masks)
    found: list[tuple[int, int, Move]] = []

    def consider(trial: dict[int, int], move: Move, *, swaps: int) -> None:
        after = now
        for n, mask in trial.items():
            after += _points_at(pool, n, mask) - _points_at(pool, n, masks[n])
        if after < now:
            found.append((after, swaps, replace(move, broken=after // BROKEN)))

    for n in movable:
        bit, here = 1 << n, place[n]
        for to in range(pool.groups):
            if to != here:
                move = Move(key=candidates[n].key, to=to, broken=0)
                consider({here: masks[here] ^ bit, to: masks[to] ^ bit}, move, swaps=0)
    for n in movable:
        for m in movable:
            here, there = place[n], place[m]
            if here == there or there == pool.groups or (m < n and here != pool.groups):
                continue
            both = 1 << n | 1 << m
            move = Move(
                key=candidates[n].key, to=there, swap_with=candidates[m].key, broken=0
            )
            consider(
                {here: masks[here] ^ both, there: masks[there] ^ both}, move, swaps=1
            )
    found.sort(key=lambda way: (way[0] // BROKEN, way[1], way[0]))
    return tuple(move for _, _, move in found[:most])


def _points_at(pool: Pool, n: int, mask: int) -> int:
    return pool.weigh_waiting(mask) if n == pool.groups else pool.weigh(mask).points


def _points(pool: Pool, masks: Arrangement) -> int:
    return sum(_points_at(pool, n, mask) for n, mask in enumerate(masks))


def _places(pool: Pool, masks: Arrangement) -> list[int]:
    return [
        next(n for n, mask in enumerate(masks) if mask >> person & 1)
        for person in range(pool.count)
    ]


# Finding an arrangement

# fewest points, then the greatest mean of the mean and the weakest strength
Worth = tuple[int, float]


def worth(pool: Pool, masks: Arrangement) -> Worth:
    """The smaller, the better."""
    weighed = [pool.weigh(mask) for mask in masks[:-1]]
    points = sum(one.points for one in weighed) + pool.weigh_waiting(masks[-1])
    strengths = [one.strength for one in weighed]
    if not strengths:
        return points, 0.0
    mean = sum(strengths) / len(strengths)
    return points, -round((min(strengths) + mean) / 2, 9)


def try_all(pool: Pool, rng: random.Random, effort: Effort) -> Arrangement:
    """The best of every arrangement there is.

    Group by group; of the ways to have used the same people only those are followed
    that break fewest rules, and of those the ones that no other outdoes both in the
    weakest and in the sum of strengths. What follows cannot tell the others apart.
    """
    own = [0] * pool.groups
    for person, group in pool.pinned.items():
        own[group] |= 1 << person
    held = sum(own)
    ways: dict[int, list[_Way]] = {0: [_Way(0, math.inf, 0.0, ())]}
    for group in range(pool.groups):
        after: dict[int, list[_Way]] = {}
        for used, some in ways.items():
            rest = pool.everybody & ~used & ~held
            more = rest
            while True:
                mask = more | own[group]
                one = pool.weigh(mask)
                front = after.setdefault(used | mask, [])
                for way in some:
                    _follow(
                        front,
                        _Way(
                            way.points + one.points,
                            min(way.weakest, one.strength),
                            way.sum + one.strength,
                            (*way.masks, mask),
                        ),
                    )
                if not more:
                    break
                more = (more - 1) & rest
        ways = after
    best = min(
        (
            [*way.masks, pool.everybody & ~used]
            for used, some in ways.items()
            for way in some
        ),
        key=lambda masks: worth(pool, masks),
    )
    # groups without a pin are alike: whoever is listed first sits in the first
    alike = [group for group in range(pool.groups) if not own[group]]
    listed = sorted((best[group] for group in alike), key=lambda m: (not m, m & -m))
    for group, mask in zip(alike, listed, strict=True):
        best[group] = mask
    return best


class _Way(NamedTuple):
    points: int
    weakest: float
    sum: float
    masks: tuple[int, ...]


def _follow(front: list[_Way], way: _Way) -> None:
    if front and front[0].points < way.points:
        return
    if front and front[0].points > way.points:
        front.clear()
    if any(one.weakest >= way.weakest and one.sum >= way.sum for one in front):
        return
    front[:] = [one for one in front if one.weakest > way.weakest or one.sum > way.sum]
    front.append(way)


def look_far(
    pool: Pool,
    rng: random.Random,
    effort: Effort,
    watch: arranging.Watch | None = None,
) -> tuple[Arrangement, float | None]:
    """The search of ``cohorts.arranging``, and the bound it found; where rules stay
    broken in a small pool, single moves have their turn too."""
    work = effort.work or arranging.Work.within(pool.count, effort.moves)
    made = arranging.arrange(pool, seed=rng.getrandbits(63), work=work, watch=watch)
    best = made.masks
    if worth(pool, best)[0] and pool.count <= SMALL:
        best = min(best, search(pool, rng, effort), key=lambda m: worth(pool, m))
    return best, made.at_most


SMALL = 60


def search(pool: Pool, rng: random.Random, effort: Effort) -> Arrangement:
    """Begin several times with groups that can meet, and refine the best.

    Which hours the groups begin with decides much, so several beginnings share one half
    of the moves; the other half goes to the one that came out best.
    """
    starts = max(1, effort.starts)
    best: Arrangement | None = None
    for n in range(starts):
        masks = begin(pool, rng)
        hot = (WARM, HOT)[n % 2]
        masks = anneal(pool, masks, rng, moves=effort.moves // (2 * starts), hot=hot)
        if best is None or worth(pool, masks) < worth(pool, best):
            best = masks
    assert best is not None
    refined = anneal(pool, best, rng, moves=effort.moves // 2, hot=COOL)
    return min(best, refined, key=lambda masks: worth(pool, masks))


def begin(pool: Pool, rng: random.Random) -> Arrangement:
    """Give each group an hour that many can make; seat those first who have few."""
    masks = [0] * pool.groups
    for person, group in pool.pinned.items():
        masks[group] |= 1 << person
    free = [n for n in range(pool.count) if n not in pool.pinned]
    rng.shuffle(free)
    free.sort(key=lambda n: pool.starts[n].bit_count())
    rank = {n: place for place, n in enumerate(free)}
    unseated = sum(1 << n for n in free)
    rare = sum(1 << n for n in free[: len(free) // 3])
    least, most = pool.size
    usual = min(max(-(-pool.count // max(1, pool.groups)), least), most)

    hours = [EVERY_START] * pool.groups
    for n in range(pool.groups):
        open_starts = EVERY_START
        for person in bits(masks[n]):
            open_starts &= pool.starts[person]
        wanted = max(0, usual - masks[n].bit_count())
        chosen, chosen_for = None, -1.0
        for half_hour in range(HALF_HOURS):
            if open_starts >> half_hour & 1:
                able = pool.free_at[half_hour] & unseated
                seats = min(able.bit_count(), wanted) + (able & rare).bit_count()
                worth_it = seats * rng.uniform(0.85, 1.15)
                if worth_it > chosen_for:
                    chosen, chosen_for = half_hour, worth_it
        if chosen is None:
            continue
        hours[n] = 1 << chosen
        able_now = list(bits(pool.free_at[chosen] & unseated))
        able_now.sort(key=rank.__getitem__)
        for person in able_now[:wanted]:
            masks[n] |= 1 << person
            unseated ^= 1 << person

    for person in list(bits(unseated)):
        if _make_room(pool, masks, hours, person, most):
            unseated ^= 1 << person
    for person in list(bits(unseated)):
        room = [n for n in range(pool.groups) if masks[n].bit_count() < most]
        if room:
            masks[rng.choice(room)] |= 1 << person
            unseated ^= 1 << person
    return [*masks, unseated]


def _make_room(
    pool: Pool, masks: list[int], hours: list[int], newcomer: int, most: int
) -> bool:
    """Seat somebody at an hour they can make, others moving over to hours they can make
    (an augmenting path); False if there is no such way."""
    came_from: dict[
        int, tuple[int, int]
    ] = {}  # group → (person who enters, from where)
    queue = [(newcomer, -1)]
    while queue:
        person, home = queue.pop(0)
        for n, hour in enumerate(hours):
            if n == home or n in came_from or not pool.starts[person] & hour:
                continue
            came_from[n] = (person, home)
            if masks[n].bit_count() < most:
                while n >= 0:
                    person, home = came_from[n]
                    masks[n] |= 1 << person
                    if home >= 0:
                        masks[home] ^= 1 << person
                    n = home
                return True
            queue.extend((m, n) for m in bits(masks[n]) if m not in pool.pinned)
    return False


# What one broken rule weighs while it cools. A wish may give way to a rule for a while
# and be won back; the best is kept by its true worth.
HEAT_OF_RULE = 1.5 / BROKEN
HOT, WARM, COOL, COLD = 0.9, 0.3, 0.1, 0.002
SWAPS = 0.75
AT_THE_SORE_SPOT = 0.4


def anneal(
    pool: Pool, masks: Arrangement, rng: random.Random, *, moves: int, hot: float
) -> Arrangement:
    """Moves and swaps; at first also for the worse, later only for the better."""
    groups = pool.groups
    movable = [n for n in range(pool.count) if n not in pool.pinned]
    best = list(masks)
    if not movable or not groups:
        return best
    masks = list(masks)
    place, starts = _places(pool, masks), pool.starts
    weigh, weigh_waiting, chance = pool.weigh, pool.weigh_waiting, rng.random
    weighed = [weigh(mask) for mask in masks[:groups]]
    points = [one.points for one in weighed] + [weigh_waiting(masks[groups])]
    strength = [one.strength for one in weighed]
    # the hours that a group shares, and shares without each one person in it
    shared = [EVERY_START] * (groups + 1)
    without = [EVERY_START] * pool.count

    def share_hours(n: int) -> None:
        members = list(bits(masks[n]))
        if n == groups:
            for member in members:
                without[member] = EVERY_START
            return
        before = EVERY_START
        for member in members:
            without[member] = before
            before &= starts[member]
        shared[n], after = before, EVERY_START
        for member in reversed(members):
            without[member] &= after
            after &= starts[member]

    for n in range(groups + 1):
        share_hours(n)

    def heat(points_: int) -> float:
        return HEAT_OF_RULE * points_ - min(strength) - sum(strength) / groups

    all_points = sum(points)
    now = heat(all_points)
    best_worth = worth(pool, masks)
    cooling = (COLD / hot) ** (1 / max(1, moves))
    temperature = hot
    for _ in range(moves):
        temperature *= cooling
        a = movable[int(chance() * len(movable))]
        if all_points and chance() < AT_THE_SORE_SPOT:
            sore = [n for n in movable if points[place[n]]]
            if sore:
                a = sore[int(chance() * len(sore))]
        here, b = place[a], -1
        if chance() < SWAPS:
            b = movable[int(chance() * len(movable))]
            there = place[b]
            change = 1 << a | 1 << b
        else:
            there = int(chance() * (groups + 1))
            change = 1 << a
        if here == there:
            continue

        # how much worse it may become, drawn before looking
        allowed = now - temperature * math.log(1 - chance())
        if points[here] + points[there] == 0:
            # most changes would leave a group without an hour: seen at a glance
            lost = there < groups and not starts[a] & (
                without[b] if b >= 0 else shared[there]
            )
            lost = lost or (b >= 0 and here < groups and not starts[b] & without[a])
            if lost and HEAT_OF_RULE * (all_points + GROUP_RULE) - 2 > allowed:
                continue

        left, entered = masks[here] ^ change, masks[there] ^ change
        old_here = strength[here] if here < groups else 0.0
        old_there = strength[there] if there < groups else 0.0
        if here == groups:
            one_points = weigh_waiting(left)
        else:
            one_points, _unmet, strength[here] = weigh(left)
        if there == groups:
            two_points = weigh_waiting(entered)
        else:
            two_points, _unmet, strength[there] = weigh(entered)
        new_points = all_points - points[here] - points[there] + one_points + two_points
        then = heat(new_points)
        if then > allowed:
            if here < groups:
                strength[here] = old_here
            if there < groups:
                strength[there] = old_there
            continue
        masks[here], masks[there] = left, entered
        points[here], points[there] = one_points, two_points
        place[a] = there
        if b >= 0:
            place[b] = here
        share_hours(here)
        share_hours(there)
        all_points, now = new_points, then
        if all_points <= best_worth[0]:
            found = worth(pool, masks)
            if found < best_worth:
                best, best_worth = list(masks), found
    return best
