"""Who may still sit where, when each group has its hours, and what that costs it. Pure.

Of everybody some can make the hours of one group only; a group that has no more than it
needs keeps them all. From the rules follows who cannot come besides. Whoever is sure to
sit in a group brings ties and needs along, and those cost it strength whatever becomes
of the others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cohorts.relaxing import Bounding
from cohorts.tally import Table


@dataclass(frozen=True, kw_only=True)
class Lost:
    """By how much groups are weaker than they could be."""

    always: Table  # groups × sizes
    known: Table  # how strong a group is in which nothing is open; else NaN
    somewhere: Table  # needs × groups: what it costs to leave one unmet there


class Narrowing:
    """The rules of a pool, for those who can make some hours."""

    def __init__(self, relaxed: Bounding) -> None:
        tally, able = relaxed.tally, relaxed.able
        self.relaxed, self.pool = relaxed, relaxed.pool
        rows = tally.rows[able] > 0

        def pairs(columns: slice) -> list[tuple[int, int]]:
            both = [np.flatnonzero(column) for column in rows[:, columns].T]
            return [(int(two[0]), int(two[1])) for two in both if len(two) == 2]

        self.together, self.apart = pairs(tally.couple), pairs(tally.apart)
        self.holding, self.minding = rows[:, tally.holding], rows[:, tally.minding]
        self.need, self.offer = rows[:, tally.need], rows[:, tally.offer]
        self.required = tally.required
        house = tally.house[able]
        self.house = house[:, None] == np.arange(1, tally.houses)
        self.tied = tally.ties[np.ix_(able, able)]
        self.sizes = np.array(relaxed.sizes)

    def narrow(self, may: Table, met: frozenset[int]) -> Table | None:
        """Who may still be where (groups × people); None if somebody may be nowhere. Of
        the needs that are met wherever somebody has them, offers are near."""
        least, most = self.pool.size
        may, before = may.copy(), -1
        while (now := int(may.sum())) != before:
            before = now
            open_to, size = may.sum(axis=0), may.sum(axis=1)
            if not open_to.all() or (size < least).any():
                return None
            sure: Table = may & (open_to == 1)
            for group in np.flatnonzero(size == least):
                may[:, may[group]] &= (np.arange(len(may)) == group)[:, None]
            many: Table = sure.sum(axis=1)
            if (many > most).any():
                return None
            may &= sure | (many < most)[:, None]
            for one, two in self.together:
                may[:, [one, two]] = (may[:, one] & may[:, two])[:, None]
            for one, two in self.apart:
                may[:, two] &= ~sure[:, one]
                may[:, one] &= ~sure[:, two]
            if self.house.size:
                housed = sure.astype(np.int64) @ self.house
                if (housed > self.pool.cap).any():
                    return None
                may &= sure | ~((housed == self.pool.cap) @ self.house.T)
            alone = may.astype(np.int64) @ self.holding == 1
            may &= ~(alone @ self.minding.T)
            for tag in met:
                near: Table = may.astype(np.int64) @ self.offer[:, tag] > 0
                may &= ~(self.need[:, tag] & ~near[:, None])
        return may

    def lost(self, may: Table) -> Lost | None:
        """None if a group in which nothing is open breaks a rule."""
        weights, pool = self.pool.rules.weights, self.pool
        sure: Table = may & (may.sum(axis=0) == 1)
        brought = sure.astype(np.int64)
        tied = ((brought @ self.tied) * brought).sum(axis=1) / 2
        could = (may.astype(np.int64) @ self.need > 0) | self.required
        some = (brought @ self.need > 0) | self.required
        unmet = some & (may.astype(np.int64) @ self.offer == 0)
        each = weights.covered / np.maximum(could.sum(axis=1), 1)
        away = np.minimum(1, tied[:, None] / self.sizes)
        known = np.full(len(may), np.nan)
        for group in np.flatnonzero(np.all(may == sure, axis=1)):
            people = self.relaxed.able[sure[group]].tolist()
            weighed = pool.weigh(sum(1 << person for person in people))
            if weighed.points:
                return None
            known[group] = weighed.strength
        somewhere = np.where(could.T, each, np.inf)
        # what is unmet anyway is counted already
        somewhere[unmet.any(axis=0)] = 0
        somewhere = np.where(np.isnan(known), somewhere, np.minimum(somewhere, 0))
        return Lost(
            always=each[:, None] * unmet.sum(axis=1)[:, None] + weights.bridging * away,
            known=known,
            somewhere=somewhere,
        )
