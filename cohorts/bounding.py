"""How good groups could be at most, whoever looks for them. Pure.

The bound knows nothing of the search. It holds for every arrangement that keeps the
rules: for any price on each person, the groups together are worth at most all prices,
plus for each group the most that any group can be worth beyond the prices of those in
it (Lagrange). What the best group is worth is overestimated in turn: for one window of
hours, one run and one size, needs count as met, ties as absent, and variety, which is
concave in the shares of values, is replaced by a tangent. So the best group is the n
cheapest of those who can make the window. Prices and tangents only make the bound
tighter or looser, never wrong; a subgradient with momentum looks for good ones. Where
few sets of windows let everybody in, each set has a bound of its own, which also knows
that the weakest group counts as much as all of them together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cohorts.tally import Table, Tally, Window
from cohorts.weighing import PLENTY_OF_HOURS, Pool
from people.availability import HALF_HOURS

ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True)
class Bound:
    at_most: float  # the mean of the mean and the weakest strength
    windows: tuple[Window, ...]  # none of them is worse than another in all respects
    short: tuple[float, ...]  # how far a group in each falls behind the best, by prices
    wanted: tuple[float, ...]  # how many groups would like each
    worth: Table  # of a group in each, before what its people cost
    cost: Table  # windows × people, of a group of usual size; infinite where not able
    # all sets of windows in which everybody finds hours, the most promising first;
    # none where they are too many to be listed
    covers: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Best:
    """The best group of each window and size beyond its prices."""

    value: Table  # windows × sizes
    members: dict[int, Table]  # size → windows × size, people
    cost: Table  # windows × people, for the last of the sizes
    worth: Table


class Bounding:
    """The relaxed groups of a pool, and what they are worth at some prices."""

    def __init__(self, tally: Tally) -> None:
        pool = tally.pool
        self.tally, self.pool = tally, pool
        self.able = np.flatnonzero(tally.can_begin[: tally.count].any(axis=1))
        self.count = len(self.able)
        seats = pool.groups * pool.size[1]
        self.must_wait = max(0, self.count - seats)
        least, most = pool.size
        self.sizes = list(range(max(1, least), min(most, self.count) + 1))
        self.may_be_empty = least == 0
        self.windows, self.eligible = _windows(tally, self.able, max(1, least))
        widest = int(self.eligible.sum(axis=1).max(initial=0))
        self.sizes = [size for size in self.sizes if size <= widest]
        rows = tally.rows[self.able][:, tally.values]
        self.rows = rows.astype(np.float64)
        self.answers = self.rows @ tally.of_trait.astype(np.float64)
        self._read_traits()
        weights = pool.rules.weights
        self.flat = (
            weights.covered
            + weights.bridging
            + weights.hours * np.array([w.run for w in self.windows]) / PLENTY_OF_HOURS
        )

    def _read_traits(self) -> None:
        """For each size, window and trait: how steep a tangent is, or that it is flat.

        A group of which fewer answered than there are kinds is held against fewer. If
        people give several answers, the tangent is drawn as if all the silent who could
        be in it were; else see ``quiet``. Where 1 is less, 1 is taken.
        """
        tally = self.tally
        traits, shown = tally.traits, len(self.windows)
        self.silent = self.eligible.astype(np.float64) @ (self.answers == 0)
        several = self.eligible.astype(np.float64) @ (self.answers > 1)
        self.many: Table = np.any(self.answers > 1, axis=0)
        counts = self.rows.sum(axis=0)
        total = np.maximum(counts @ tally.of_trait, 1)
        square = (counts * counts) @ tally.of_trait / (total * total)
        self.steep = np.zeros((len(self.sizes), shown, traits))
        self.flat_trait = np.zeros((len(self.sizes), shown, traits))
        for nth, size in enumerate(self.sizes):
            most = np.minimum(tally.kinds, size)
            fewer = np.where(self.many, self.silent, 0)
            possible = np.maximum(np.minimum(most, size - fewer), 2)
            spread = 1 - 1 / possible
            never = (most < 2) & (several == 0)
            sure = (1 - square < spread) & ~never
            self.steep[nth] = np.where(sure, 1 / spread, 0.0)
            self.flat_trait[nth] = np.where(sure | never, 0.0, 1.0)

    def quiet(self, here: Table, rows: Table, trait: int, size: int) -> Table:
        """As what share somebody counts who said nothing, and what that leaves out.

        The tangent of those who answered is no lower than one in which the silent count
        as any share that is below the answers' mean, or with which it is above all
        variety there is. A group held against fewer kinds has 1 at most, and may need
        some more for that.
        """
        kinds = min(int(self.tally.kinds[trait]), size)
        square, lowest = (here * here).sum(axis=1), here.min(axis=1)
        if self.many[trait] or kinds < 2:
            return np.stack([lowest, np.zeros(len(here))])
        highest = (square + 1 / kinds) / 2
        answered, rest = kinds - 1, size - kinds + 1
        room = size * highest - answered * here.max(axis=1)
        share = np.maximum(lowest, np.minimum(highest, room / rest))
        lacks = np.maximum(0, 2 * (share - room / rest) * rest / size)
        lacks /= 1 - 1 / kinds
        few = self.silent[rows, trait] < rest
        return np.stack([np.where(few, highest, share), np.where(few, 0, lacks)])

    def slopes(self, shares: Table, quiet: Table, trait: int, size: int) -> Table:
        """How much each person takes from the tangent, windows × people, for a size."""
        part = self.tally.span[trait]
        here = shares[:, part]
        share_of = here @ self.rows[:, part].T
        silent = self.answers[:, trait] == 0
        if silent.any():
            share_of[:, silent] = quiet[:, None]
        if not self.many[trait]:
            return share_of / size
        # Those with several answers weigh more, and how much more depends on the whole
        # group: what speaks for a group is divided by the fewest answers it could have,
        # what speaks against it by the most.
        answers = np.maximum(self.answers[:, trait], 1)
        middle = (here * here).sum(axis=1)[:, None]
        beyond = share_of - middle * answers[None, :]
        most = np.sort(answers)[::-1][:size].sum()
        return middle / size + np.where(beyond > 0, beyond / most, beyond / size)

    def best(
        self,
        prices: Table,
        shares: Table,
        rows: Table,
        sizes: list[int],
        *,
        counts: Table | float = 1.0,
    ) -> _Best:
        """For the windows in rows; shares are theirs, prices too or for all. A group's
        strength counts more or less than once."""
        weight = self.pool.rules.weights.varied / max(1, self.tally.traits)
        counts = np.broadcast_to(counts, (len(rows),))
        eligible = self.eligible[rows]
        value = np.full((len(rows), len(sizes)), -np.inf)
        members = {}
        square = (
            np.stack(
                [(shares[:, part] ** 2).sum(axis=1) for part in self.tally.span],
                axis=1,
            )
            if self.tally.traits
            else np.zeros((len(rows), 0))
        )
        for at, size in enumerate(sizes):
            nth = self.sizes.index(size)
            steep, flat = self.steep[nth][rows], self.flat_trait[nth][rows]
            cost = np.broadcast_to(prices, (len(rows), self.count)).copy()
            constant = self.flat[rows].copy()
            if not self.tally.traits:
                constant += self.pool.rules.weights.varied
            for trait in range(self.tally.traits):
                here = shares[:, self.tally.span[trait]]
                quiet, lacks = self.quiet(here, rows, trait, size)
                slope = self.slopes(shares, quiet, trait, size)
                cost += (2 * weight * counts * steep[:, trait])[:, None] * slope
                constant += weight * (
                    steep[:, trait] * (1 + square[:, trait])
                    + (steep[:, trait] > 0) * lacks
                    + flat[:, trait]
                )
            constant *= counts
            cost[~eligible] = np.inf
            if size < self.count:
                chosen = np.argpartition(cost, size - 1, axis=1)[:, :size]
            else:
                chosen = np.broadcast_to(np.arange(size), (len(rows), size))
            members[size] = chosen
            paid = np.take_along_axis(cost, chosen, axis=1).sum(axis=1)
            value[:, at] = constant - paid
        return _Best(value=value, members=members, cost=cost, worth=constant)

    def at_most(self, prices: Table, best: float) -> float:
        """The bound that prices give when no group is worth more beyond them."""
        groups = max(1, self.pool.groups)
        if self.may_be_empty:
            best = max(best, 0.0)
        waiting = np.sort(prices)[: self.must_wait].sum()
        return float((prices.sum() - waiting + groups * best) / groups)


def _windows(tally: Tally, able: Table, least: int) -> tuple[list[Window], Table]:
    """The windows that enough people can make; of two that the same people can make,
    or one of them more people and for longer, only the better."""
    found: list[tuple[int, int, int, Table]] = []
    for run in range(PLENTY_OF_HOURS, 0, -1):
        for first in range(HALF_HOURS):
            who = tally.can_make[run - 1][first][able]
            many = int(who.sum())
            if many >= least and many:
                found.append((-many, -run, first, who))
    found.sort(key=lambda one: one[:3])
    kept: list[tuple[Window, Table]] = []
    table = np.zeros((len(found), len(able)), bool)
    runs = np.zeros(len(found), np.int64)
    for minus_many, minus_run, first, who in found:
        many = len(kept)
        same = (table[:many] & who).sum(axis=1) == -minus_many
        if not (same & (runs[:many] >= -minus_run)).any():
            table[many], runs[many] = who, -minus_run
            kept.append((Window(first=first, run=-minus_run), who))
    return [window for window, _ in kept], table[: len(kept)]


Watch = Callable[[float], bool]


def bound(
    tally: Tally, *, rounds: int = 400, watch: Watch | None = None
) -> Bound | None:
    """The least that was found in so many rounds; None where no group can be at all."""
    relaxed = Bounding(tally)
    groups = tally.pool.groups
    if not groups or not relaxed.windows or not relaxed.sizes:
        return None
    return _descend(relaxed, rounds=rounds, watch=watch)


SO_FEW = 120  # people
EVERY = 10  # rounds between two in which all windows are looked at
RATE, FALL = 0.005, 10.0  # of prices, by the size of groups
QUICK, SLOWEST = 0.2, 0.01  # of tangents: how they follow the best groups
SHARP = 0.0012  # windows so much behind the best still pull at the prices


def _descend(relaxed: Bounding, *, rounds: int, watch: Watch | None) -> Bound:
    tally, groups = relaxed.tally, relaxed.pool.groups
    count, shown = relaxed.count, len(relaxed.windows)
    everything = np.arange(shown)
    usual = (count - relaxed.must_wait) / groups
    middle = min(relaxed.sizes, key=lambda size: abs(size - usual))
    # to begin with everybody's price is what they take from the variety of the whole
    whole = relaxed.rows.sum(axis=0)
    shares = np.empty((shown, whole.size))
    for part in tally.span:
        shares[:, part] = whole[part] / max(1.0, whole[part].sum())
    prices = np.zeros(count)
    weight = relaxed.pool.rules.weights.varied / max(1, tally.traits)
    for trait in range(tally.traits):
        steep = relaxed.steep[relaxed.sizes.index(middle)][0, trait]
        here = shares[:1, tally.span[trait]]
        quiet, _lacks = relaxed.quiet(here, everything[:1], trait, middle)
        slope = relaxed.slopes(shares[:1], quiet, trait, middle)[0]
        prices -= 2 * weight * steep * (slope - slope.mean())

    lowest, kept = np.inf, (prices.copy(), shares.copy())
    look, speed = everything, np.zeros(count)
    size_of = np.full(count, 0.0)
    wanted = np.zeros(shown)
    near = sorted({middle, *(s for s in relaxed.sizes if abs(s - usual) < 1)})
    for nth in range(rounds):
        whole_look = nth % EVERY == 0 or nth == rounds - 1
        if whole_look:
            look = everything
        sizes = relaxed.sizes if whole_look else near
        best = relaxed.best(prices, shares[look], look, sizes)
        top = best.value.max(axis=1)
        peak = float(top.max())
        if whole_look:
            found = relaxed.at_most(prices, peak)
            if found < lowest:
                lowest, kept = found, (prices.copy(), shares.copy())
            if watch is not None and not watch(lowest):
                break
        if not np.isfinite(peak):  # none of those looked at has so many people
            look = everything
            continue
        near_top = np.exp((top - peak) / SHARP)
        near_top /= near_top.sum()
        asked = np.zeros(count)
        pace = max(SLOWEST, QUICK / (nth + 3))
        for at, size in enumerate(sizes):
            rows = np.flatnonzero(best.value.argmax(axis=1) == at)
            rows = rows[np.isfinite(top[rows])]
            if not len(rows):
                continue
            chosen = best.members[size][rows]
            asked += np.bincount(
                chosen.ravel(),
                weights=np.repeat(near_top[rows], size),
                minlength=count,
            )
            here = relaxed.rows[chosen].sum(axis=1)
            total = here @ tally.of_trait
            here /= np.maximum(total @ tally.of_trait.T, 1)
            for trait, part in enumerate(tally.span):
                some = rows[total[:, trait] > 0]
                told = here[total[:, trait] > 0][:, part]
                shares[look[some], part] += pace * (told - shares[look[some], part])
        wanted *= 0.97
        wanted[look] += 0.03 * groups * near_top
        step = groups * asked - 1
        speed = 0.9 * speed + 0.1 * step
        size_of = 0.99 * size_of + 0.01 * step * step
        rate = RATE / usual / (1 + FALL * nth / rounds)
        prices += rate * speed / (np.sqrt(size_of / (1 - 0.99 ** (nth + 1))) + 1e-3)
        if whole_look:
            behind = peak - top
            look = np.flatnonzero(
                behind
                < max(
                    12 * SHARP,
                    np.partition(behind, min(60, shown) - 1)[min(60, shown) - 1],
                )
            )
    prices, shares = kept
    covers = None
    if not relaxed.must_wait and not relaxed.may_be_empty and count <= SO_FEW:
        covers = all_covers(relaxed, groups=groups)
        covers = covers and with_seats(relaxed, covers, groups=groups)
    if covers:
        least, covers = _by_covers(
            relaxed, covers, prices, shares, turns=max(4, rounds // 6)
        )
        lowest = min(lowest, least)
    best = relaxed.best(prices, shares, everything, relaxed.sizes)
    top = best.value.max(axis=1)
    usual_ones = relaxed.best(prices, shares, everything, [middle])
    cost = np.full((shown, tally.count), np.inf)
    cost[:, relaxed.able] = usual_ones.cost
    return Bound(
        worth=usual_ones.worth,
        cost=cost,
        at_most=lowest + ROUNDING,
        covers=tuple(covers or ()),
        windows=tuple(relaxed.windows),
        short=tuple(float(top.max() - one) for one in top),
        wanted=tuple(float(one) for one in wanted),
    )


# Where few sets of windows let everybody in, each has a bound of its own

MOST_NODES, MOST_COVERS = 8_000, 15_000
AT_ONCE, CHUNK, MOST_CHUNKS = 48, 12, 40


def all_covers(relaxed: Bounding, *, groups: int) -> list[tuple[int, ...]] | None:
    """Every set of windows, one for each group, that leaves nobody without hours; None
    where there are too many, or looking for them takes too long.

    Whoever has the fewest windows of all left is in one of them: each of these is
    tried; the last two windows of a set are found by looking at all pairs at once.
    """
    makes = words(relaxed.eligible)
    order = np.argsort(relaxed.eligible.sum(axis=0), kind="stable")
    open_to = [np.flatnonzero(relaxed.eligible[:, n]) for n in range(relaxed.count)]
    found: set[tuple[int, ...]] = set()
    nodes = 0

    def hardest(left: Table) -> Table:
        bits = np.unpackbits(left.view(np.uint8), bitorder="little")
        first: Table = open_to[int(order[bits[order].argmax()])]
        return first

    def add(chosen: tuple[int, ...]) -> bool:
        """Whatever the last group meets at."""
        more = groups - len(chosen)
        if more > 1:
            return False
        last = [(n,) for n in range(len(makes))] if more else [()]
        found.update(tuple(sorted((*chosen, *one))) for one in last)
        return True

    def look(left: Table, chosen: tuple[int, ...]) -> bool:
        nonlocal nodes
        nodes += 1
        if nodes > MOST_NODES or len(found) > MOST_COVERS:
            return False
        more = groups - len(chosen)
        if not left.any():
            return add(chosen)
        if not more:
            return True
        here = np.bitwise_count(makes & left).sum(axis=1, dtype=np.int64)
        if int(here.max()) * more < int(np.bitwise_count(left).sum()):
            return True
        some = hardest(left)
        rest = left & ~makes[some]
        if more == 2:
            does = ((rest[:, None, :] & ~makes[None, :, :]) == 0).all(axis=2)
            if len(found) + int(does.sum()) > MOST_COVERS:
                return False
            for nth, other in np.argwhere(does).tolist():
                found.add(tuple(sorted((*chosen, int(some[nth]), other))))
            return True
        return all(
            look(then, (*chosen, int(window)))
            for window, then in zip(some, rest, strict=True)
        )

    everybody = words(np.ones((1, relaxed.count), bool))[0]
    return sorted(found) if look(everybody, ()) else None


def with_seats(
    relaxed: Bounding, covers: list[tuple[int, ...]], *, groups: int
) -> list[tuple[int, ...]]:
    """Those in which no windows are too many for the people who can make them, nor too
    few for the people who can make no others."""
    least, most = relaxed.pool.size
    if not covers or groups > 6:
        return covers
    able = relaxed.eligible[np.array(covers)]
    code = (able << np.arange(groups)[None, :, None]).sum(axis=1, dtype=np.int64)
    sets = np.arange(1 << groups)
    alike = np.stack([(code == one).sum(axis=1) for one in sets], axis=1)
    size = np.bitwise_count(sets)
    only = alike @ ((sets[:, None] & ~sets[None, :]) == 0)
    touching = alike @ ((sets[:, None] & sets[None, :]) != 0)
    fits = ((only <= most * size) & (touching >= least * size)).all(axis=1)
    return [cover for cover, does in zip(covers, fits, strict=True) if does]


def words(rows: Table) -> Table:
    """Rows of yes and no as rows of 64 bits each."""
    wide = np.zeros((len(rows), -(-rows.shape[1] // 64) * 64), bool)
    wide[:, : rows.shape[1]] = rows
    found: Table = np.packbits(wide, axis=1, bitorder="little").view(np.uint64)
    return found


@dataclass
class _Cover:
    windows: tuple[int, ...]
    at_most: float
    prices: Table
    shares: Table
    leaning: Table  # how much the weakest weighs on each window
    rounds: int = 0


def _by_covers(
    relaxed: Bounding,
    covers: list[tuple[int, ...]],
    prices: Table,
    shares: Table,
    *,
    turns: int,
) -> tuple[float, list[tuple[int, ...]]]:
    """The most that any cover allows: again and again those that promise most are
    looked at closely. The covers, the most promising first."""
    groups = relaxed.pool.groups
    everything = np.arange(len(relaxed.windows))
    first = relaxed.best(prices, shares, everything, relaxed.sizes).value.max(axis=1)
    tree = []
    for windows in covers:
        worth = first[list(windows)].sum()
        tree.append(
            _Cover(
                windows=windows,
                at_most=float((prices.sum() + worth) / groups),
                prices=prices,
                shares=shares[list(windows)],
                leaning=np.zeros(len(windows)),
            )
        )
    for _ in range(turns):
        tree.sort(key=lambda cover: (-cover.at_most, cover.windows))
        if tree[0].rounds >= MOST_CHUNKS * CHUNK:
            break
        some = [cover for cover in tree[:AT_ONCE] if cover.rounds < MOST_CHUNKS * CHUNK]
        _tighten(relaxed, some)
    tree.sort(key=lambda cover: (-cover.at_most, cover.windows))
    return tree[0].at_most, [cover.windows for cover in tree]


def _tighten(relaxed: Bounding, covers: list[_Cover]) -> None:
    """Some rounds for each of the covers, all of them at once.

    The weakest group is no stronger than any mean of the groups, so half of what counts
    may lean on the windows that allow least.
    """
    groups, tally = relaxed.pool.groups, relaxed.tally
    rows = np.concatenate([cover.windows for cover in covers])
    of = np.repeat(np.arange(len(covers)), [len(cover.windows) for cover in covers])
    prices = np.stack([cover.prices for cover in covers])
    shares = np.concatenate([cover.shares for cover in covers])
    leaning = np.concatenate([cover.leaning for cover in covers])
    at_most = np.array([cover.at_most for cover in covers])
    rounds = np.array([cover.rounds for cover in covers])
    for _ in range(CHUNK):
        pull = np.exp(leaning)
        pull /= np.bincount(of, pull)[of]
        counts = (1 + groups * pull) / 2
        best = relaxed.best(prices[of], shares, rows, relaxed.sizes, counts=counts)
        top, at = best.value.max(axis=1), best.value.argmax(axis=1)
        worth = np.bincount(of, top, len(covers))
        asked = np.zeros((len(covers), relaxed.count))
        found = (prices.sum(axis=1) + worth) / groups
        pace = np.maximum(0.05, 1.0 / (rounds + 2))
        paid = np.zeros(len(rows))
        for nth, size in enumerate(relaxed.sizes):
            here = np.flatnonzero((at == nth) & np.isfinite(top))
            if not len(here):
                continue
            chosen = best.members[size][here]
            np.add.at(asked, (of[here][:, None], chosen), 1)
            paid[here] = prices[of[here][:, None], chosen].sum(axis=1)
            told = relaxed.rows[chosen].sum(axis=1)
            total = told @ tally.of_trait
            told /= np.maximum(total @ tally.of_trait.T, 1)
            for trait, part in enumerate(tally.span):
                some = total[:, trait] > 0
                old = shares[here[some], part]
                shares[here[some], part] = old + pace[of[here[some]]][:, None] * (
                    told[some, part] - old
                )
        at_most = np.minimum(at_most, found)
        step = asked - 1
        # Polyak's step towards a little below the best so far
        square = np.maximum((step * step).sum(axis=1), 1)
        goal = at_most - AIM / (1 + rounds / 30)
        prices = prices + (groups * (found - goal) / square)[:, None] * step
        strength = np.where(np.isfinite(top), (top + paid) / counts, 1)
        middle = (np.bincount(of, strength) / np.bincount(of))[of]
        leaning = leaning - LEAN * (strength - middle)
        rounds = rounds + 1
    begin = 0
    for n, cover in enumerate(covers):
        end = begin + len(cover.windows)
        cover.prices, cover.shares = prices[n], shares[begin:end]
        cover.leaning = leaning[begin:end]
        cover.at_most, cover.rounds = float(at_most[n]), int(rounds[n])
        begin = end


AIM, LEAN = 0.004, 4.0


def bound_of(pool: Pool, *, rounds: int = 400) -> float | None:
    found = bound(Tally(pool), rounds=rounds)
    return None if found is None else found.at_most
