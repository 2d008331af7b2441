"""How good groups could be at most, whoever looks for them. Pure.

The bound knows nothing of the search. It holds for every arrangement that keeps the
rules: for any price on each person, the groups together are worth at most all prices,
plus for each group the most that any group can be worth beyond the prices of those in
it (Lagrange). What the best group is worth is overestimated in turn: for one window of
hours, one run and one size, needs count as met, ties as absent, and variety, which is
concave in the shares of values, is replaced by a tangent. So the best group is the n
cheapest of those who can make the window. Prices and tangents only make the bound
tighter or looser, never wrong; a subgradient with momentum looks for good ones.
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
    at_most: float  # the mean strength, and so the mean of mean and weakest
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

        A group in which few answered is held against fewer kinds, so the tangent is
        drawn as if all the silent who could be in it were; where 1 is less, 1 is taken.
        """
        tally = self.tally
        traits, shown = tally.traits, len(self.windows)
        silent = self.eligible.astype(np.float64) @ (self.answers == 0)
        several = self.eligible.astype(np.float64) @ (self.answers > 1)
        counts = self.rows.sum(axis=0)
        total = np.maximum(counts @ tally.of_trait, 1)
        square = (counts * counts) @ tally.of_trait / (total * total)
        quiet = (self.answers == 0).sum(axis=0) / max(1, self.count)
        rarest = np.array(
            [counts[part].min() / total[t] for t, part in enumerate(tally.span)]
        )
        # the tangent of the whole pool, the silent counted as what is rarest
        whole = 1 + square - 2 * ((1 - quiet) * square + quiet * rarest)
        self.steep = np.zeros((len(self.sizes), shown, traits))
        self.flat_trait = np.zeros((len(self.sizes), shown, traits))
        for nth, size in enumerate(self.sizes):
            most = np.minimum(tally.kinds, size)
            possible = np.maximum(np.minimum(most, size - silent), 2)
            spread = 1 - 1 / possible
            never = (most < 2) & (several == 0)
            sure = (whole < spread) & ~never
            self.steep[nth] = np.where(sure, 1 / spread, 0.0)
            self.flat_trait[nth] = np.where(sure | never, 0.0, 1.0)
        self.many = [bool((self.answers[:, t] > 1).any()) for t in range(traits)]

    def slopes(self, shares: Table, rows: Table, trait: int, size: int) -> Table:
        """How much each person takes from the tangent, windows × people, for a size."""
        part = self.tally.span[trait]
        here = shares[:, part]
        share_of = here @ self.rows[:, part].T
        silent = self.answers[:, trait] == 0
        if silent.any():
            # whoever said nothing may be counted as what is rarest: never too little
            share_of[:, silent] = here.min(axis=1)[:, None]
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
        self, prices: Table, shares: Table, rows: Table, sizes: list[int]
    ) -> _Best:
        """For the windows in rows; shares are theirs."""
        weight = self.pool.rules.weights.varied / max(1, self.tally.traits)
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
                slope = self.slopes(shares, rows, trait, size)
                cost += (2 * weight * steep[:, trait])[:, None] * slope
                constant += weight * (
                    steep[:, trait] * (1 + square[:, trait]) + flat[:, trait]
                )
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
RATE, FALL = 0.001, 6.0
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
        slope = relaxed.slopes(shares[:1], everything[:1], trait, middle)[0]
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
        pace = max(0.04, 1.5 / (nth + 3))
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
        rate = RATE / (1 + FALL * nth / rounds)
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
    if not relaxed.must_wait and count <= SO_FEW:
        covers = all_covers(relaxed, groups=groups)
    if covers:
        least, covers = _by_covers(relaxed, covers, prices, shares, chunks=rounds // 5)
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

MOST_NODES = 80_000
CHUNK = 25


def all_covers(relaxed: Bounding, *, groups: int) -> list[tuple[int, ...]] | None:
    """Every set of windows, as many as groups or fewer, that leaves nobody without
    hours and has no window to spare; None where looking for them takes too long."""
    makes = [
        int.from_bytes(np.packbits(row, bitorder="little").tobytes(), "little")
        for row in relaxed.eligible
    ]
    open_to = [
        [w for w, mask in enumerate(makes) if mask >> person & 1]
        for person in range(relaxed.count)
    ]
    found: set[tuple[int, ...]] = set()
    nodes = 0

    def look(left: int, chosen: tuple[int, ...], banned: frozenset[int]) -> bool:
        nonlocal nodes
        nodes += 1
        if nodes > MOST_NODES:
            return False
        if not left:
            found.add(tuple(sorted(chosen)))
            return True
        more = groups - len(chosen)
        widest = max((mask & left).bit_count() for mask in makes)
        if widest * more < left.bit_count():
            return True
        hardest = min(
            (n for n in range(relaxed.count) if left >> n & 1),
            key=lambda n: len(open_to[n]),
        )
        tried: set[int] = set()
        for window in open_to[hardest]:
            if window in banned:
                continue
            if not look(
                left & ~makes[window], (*chosen, window), banned | frozenset(tried)
            ):
                return False
            tried.add(window)
        return True

    if not look((1 << relaxed.count) - 1, (), frozenset()):
        return None
    return sorted(found)


@dataclass
class _Cover:
    windows: tuple[int, ...]
    at_most: float
    prices: Table
    shares: Table
    speed: Table
    size_of: Table
    rounds: int = 0


def _by_covers(
    relaxed: Bounding,
    covers: list[tuple[int, ...]],
    prices: Table,
    shares: Table,
    *,
    chunks: int,
) -> tuple[float, list[tuple[int, ...]]]:
    """The most that any cover allows, the least promising ones looked at least."""
    groups = relaxed.pool.groups
    everything = np.arange(len(relaxed.windows))
    first = relaxed.best(prices, shares, everything, relaxed.sizes).value.max(axis=1)
    tree = []
    for windows in covers:
        worth = first[list(windows)].sum()
        worth += (groups - len(windows)) * first.max()
        tree.append(
            _Cover(
                windows=windows,
                at_most=float((prices.sum() + worth) / groups),
                prices=prices.copy(),
                shares=shares[list(windows)].copy(),
                speed=np.zeros(relaxed.count),
                size_of=np.zeros(relaxed.count),
            )
        )
    for _ in range(chunks):
        top = max(tree, key=lambda cover: cover.at_most)
        if top.rounds >= 30 * CHUNK:
            break
        _tighten(relaxed, top, shares)
    tree.sort(key=lambda cover: (-cover.at_most, cover.windows))
    return tree[0].at_most, [cover.windows for cover in tree]


def _tighten(relaxed: Bounding, cover: _Cover, shares: Table) -> None:
    groups, tally = relaxed.pool.groups, relaxed.tally
    rows = np.array(cover.windows)
    spare = groups - len(rows)
    everything = np.arange(len(relaxed.windows))
    for _ in range(CHUNK):
        best = relaxed.best(cover.prices, cover.shares, rows, relaxed.sizes)
        top = best.value.max(axis=1)
        worth = float(top.sum())
        asked = np.zeros(relaxed.count)
        if spare:
            rest = relaxed.best(cover.prices, shares, everything, relaxed.sizes)
            worth += spare * float(rest.value.max())
            window, at = np.unravel_index(rest.value.argmax(), rest.value.shape)
            asked[rest.members[relaxed.sizes[int(at)]][window]] += spare
        cover.at_most = min(cover.at_most, float((cover.prices.sum() + worth) / groups))
        pace = max(0.05, 1.0 / (cover.rounds + 2))
        for row, at in enumerate(best.value.argmax(axis=1).tolist()):
            chosen = best.members[relaxed.sizes[at]][row]
            asked[chosen] += 1
            here = relaxed.rows[chosen].sum(axis=0)
            total = here @ tally.of_trait
            for trait, part in enumerate(tally.span):
                if total[trait]:
                    told = here[part] / total[trait]
                    cover.shares[row, part] += pace * (told - cover.shares[row, part])
        step = asked - 1
        cover.rounds += 1
        cover.speed = 0.8 * cover.speed + 0.2 * step
        rate = 2 * RATE / (1 + cover.rounds / 40)
        cover.prices = cover.prices + rate * cover.speed


def bound_of(pool: Pool, *, rounds: int = 400) -> float | None:
    found = bound(Tally(pool), rounds=rounds)
    return None if found is None else found.at_most
