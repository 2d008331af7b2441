"""Groups relaxed so far that the best of them is found at a glance. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cohorts.tally import Table, Tally, Window
from cohorts.weighing import PLENTY_OF_HOURS
from people.availability import HALF_HOURS


@dataclass(frozen=True, kw_only=True)
class Best:
    """The best group of each window and size beyond its prices."""

    value: Table  # windows × sizes
    sizes: tuple[int, ...]
    costs: tuple[Table, ...]  # for each size, windows × people

    def members(self, rows: Table, at: int) -> Table:
        """Who is in the best group of these windows, if it has that size."""
        size, cost = self.sizes[at], self.costs[at][rows]
        if size >= cost.shape[1]:
            return np.broadcast_to(np.arange(size), (len(rows), size))
        found: Table = np.argpartition(cost, size - 1, axis=1)[:, :size]
        return found


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What is known besides of the groups in some windows."""

    may: Table  # windows × people: who may still be in it
    lost: Table  # windows × all sizes: so much weaker it is for sure
    known: Table  # of each window how strong it is, where nothing is open; else NaN


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
        self.of_trait = tally.of_trait.astype(np.float64)
        self.answers = self.rows @ self.of_trait
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

    def quiet(self, shares: Table, rows: Table, size: int) -> tuple[Table, Table]:
        """As what share somebody counts who said nothing, and what that leaves out, for
        each window and trait.

        The tangent of those who answered is no lower than one in which the silent count
        as any share that is below the answers' mean, or with which it is above all
        variety there is. A group held against fewer kinds has 1 at most, and may need
        some more for that.
        """
        begin = [part.start for part in self.tally.span]
        square = (shares * shares) @ self.of_trait
        lowest = np.minimum.reduceat(shares, begin, axis=1)
        largest = np.maximum.reduceat(shares, begin, axis=1)
        kinds = np.minimum(self.tally.kinds.astype(np.float64), size)
        no_more = self.many | (kinds < 2)
        kinds = np.maximum(kinds, 2)
        highest = (square + 1 / kinds) / 2
        answered, rest = kinds - 1, np.maximum(1, size - kinds + 1)
        room = size * highest - answered * largest
        share = np.maximum(lowest, np.minimum(highest, room / rest))
        lacks = np.maximum(0, 2 * (share - room / rest) * rest / size)
        lacks = lacks / (1 - 1 / kinds)
        few = self.silent[rows] < rest
        return (
            np.where(no_more, lowest, np.where(few, highest, share)),
            np.where(no_more | few, 0.0, lacks),
        )

    def slopes(self, shares: Table, quiet: Table, size: int, scale: Table) -> Table:
        """How much each person takes from the tangents of all traits, each as much as
        its scale (windows × traits) says: windows × people, for a size."""
        once = np.where(self.many, 0.0, scale / size)
        found: Table = (once @ self.of_trait.T * shares) @ self.rows.T
        found += (once * quiet) @ (self.answers == 0).T
        for trait in np.flatnonzero(self.many):
            part = self.tally.span[trait]
            here = shares[:, part]
            share_of = here @ self.rows[:, part].T
            share_of[:, self.answers[:, trait] == 0] = quiet[:, trait, None]
            # Those with several answers weigh more, and how much more depends on the
            # whole group: what speaks for a group is divided by the fewest answers it
            # could have, what speaks against it by the most.
            answers = np.maximum(self.answers[:, trait], 1)
            middle = (here * here).sum(axis=1)[:, None]
            beyond = share_of - middle * answers[None, :]
            most = np.sort(answers)[::-1][:size].sum()
            slope = middle / size + np.where(beyond > 0, beyond / most, beyond / size)
            found += scale[:, trait, None] * slope
        return found

    def best(
        self,
        prices: Table,
        shares: Table,
        rows: Table,
        sizes: Sequence[int],
        *,
        counts: Table | float = 1.0,
        limits: Limits | None = None,
    ) -> Best:
        """For the windows in rows; shares are theirs, prices too or for all. A group's
        strength counts more or less than once."""
        weight = self.pool.rules.weights.varied / max(1, self.tally.traits)
        counts = np.broadcast_to(counts, (len(rows),))
        may = self.eligible[rows] if limits is None else limits.may
        begin = prices + np.where(may, 0.0, np.inf)
        value, costs = np.full((len(rows), len(sizes)), -np.inf), []
        for at, size in enumerate(sizes):
            nth = self.sizes.index(size)
            cost, constant = begin, self.flat[rows]
            if self.tally.traits:
                steep, flat = self.steep[nth][rows], self.flat_trait[nth][rows]
                quiet, lacks = self.quiet(shares, rows, size)
                square = (shares * shares) @ self.of_trait
                tangents = steep * (1 + square) + (steep > 0) * lacks + flat
                constant = constant + weight * tangents.sum(axis=1)
                scale = 2 * weight * counts[:, None] * steep
                if limits is not None:
                    scale = np.where(np.isnan(limits.known)[:, None], scale, 0.0)
                cost = begin + self.slopes(shares, quiet, size, scale)
            else:
                constant = constant + self.pool.rules.weights.varied
            if limits is not None:
                constant = constant - limits.lost[:, nth]
                constant = np.where(np.isnan(limits.known), constant, limits.known)
            if size < self.count:
                least = np.partition(cost, size - 1, axis=1)[:, :size]
            else:
                least = cost
            value[:, at] = counts * constant - least.sum(axis=1)
            costs.append(cost)
        return Best(value=value, sizes=tuple(sizes), costs=tuple(costs))

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
