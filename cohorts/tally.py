"""A pool of candidates as tables of numbers, so that many groups are weighed at once.

Pure. What a group is worth is said in ``cohorts.weighing``; here the same is worked out
for some hundred groups together. A property test keeps the two in step.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from cohorts.weighing import ALONE, GROUP_RULE, PLENTY_OF_HOURS, Pool
from people.availability import HALF_HOURS

Table = np.ndarray[Any, Any]


@dataclass(frozen=True, kw_only=True)
class Window:
    """Beginnings in a row: whoever is free for all of them can sit with the others."""

    first: int  # half-hour of the week
    run: int  # so many beginnings follow one another


class Tally:
    """One row of numbers for each person, and one more of zeros for nobody."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.count = pool.count
        self.nobody = pool.count

        def held(mask: int) -> Table:
            """Who is in the mask; nobody never is."""
            some = mask.to_bytes(pool.count // 8 + 1, "little")
            here = np.unpackbits(np.frombuffer(some, np.uint8), bitorder="little")
            row = np.zeros(pool.count + 1, np.float32)
            row[: pool.count] = here[: pool.count]
            return row

        columns: list[Table] = []

        def part(masks: list[int]) -> slice:
            begin = len(columns)
            columns.extend(held(mask) for mask in masks)
            return slice(begin, len(columns))

        self.traits = len(pool.vary)
        self.kinds = np.array([kinds for kinds, _ in pool.vary], np.float32)
        self.values = part([mask for _, masks in pool.vary for mask in masks])
        self.of_trait = np.zeros((self.values.stop, self.traits), np.float32)
        self.span: list[slice] = []  # which columns a trait has
        at = 0
        for trait, (kinds, _) in enumerate(pool.vary):
            self.span.append(slice(at, at + kinds))
            self.of_trait[at : at + kinds, trait] = 1
            at += kinds
        needing = [needing for needing, _, _ in pool.needs]
        offering = [offering for _, offering, _ in pool.needs]
        self.required = np.array([required for _, _, required in pool.needs], bool)
        self.need = part(needing)
        self.offer = part(offering)
        self.does_both = part([n & o for n, o in zip(needing, offering, strict=True)])
        self.holding = part([holders for holders, _ in pool.alone])
        self.minding = part([holders & minding for holders, minding in pool.alone])
        self.apart = part(pool.apart)
        self.first = part([first for first, _ in pool.together])
        self.couple = part([both for _, both in pool.together])
        self.rows = (
            np.stack(columns, axis=1)
            if columns
            else np.zeros((pool.count + 1, 0), np.float32)
        )

        self.ties = np.zeros((pool.count + 1, pool.count + 1), np.int16)
        for person, mask in enumerate(pool.ties):
            self.ties[person] = held(mask)
        # 0 for those whose organisation can break no rule
        self.house = np.zeros(pool.count + 1, np.int64)
        for number, mask in enumerate(pool.organisations, start=1):
            self.house[held(mask) > 0] = number
        self.houses = len(pool.organisations) + 1
        everywhere = np.zeros((pool.count + 1, HALF_HOURS), bool)
        for person, starts in enumerate(pool.starts):
            some = starts.to_bytes(HALF_HOURS // 8, "little")
            everywhere[person] = np.unpackbits(
                np.frombuffer(some, np.uint8), bitorder="little"
            )
        everywhere[self.nobody] = True
        self.can_begin = everywhere

    @cached_property
    def can_make(self) -> list[Table]:
        """For each length of run and each first half-hour, who can make all of it."""
        table = [self.can_begin.T.copy()]
        for run in range(1, PLENTY_OF_HOURS):
            table.append(table[-1] & np.roll(self.can_begin.T, -run, axis=0))
        return table

    def who(self, window: Window) -> Table:
        found: Table = self.can_make[window.run - 1][window.first]
        return found

    def strength(self, counts: Table, size: Table, tied: Table, run: Table) -> Table:
        """Of each group (a row of counts) how strong it is, 0 to 1."""
        weights = self.pool.rules.weights
        safe = np.maximum(size, 1)
        found = (
            weights.covered * self._covered(counts, size)
            + weights.varied * self._varied(counts)
            + weights.bridging * np.maximum(0.0, 1 - tied / safe)
            + weights.hours * (run / PLENTY_OF_HOURS)
        )
        return np.where(size > 0, found, 0.0)

    def _varied(self, counts: Table) -> Table | float:
        if not self.traits:
            return 1.0
        here = counts[:, self.values]
        total = here @ self.of_trait
        squares = (here * here) @ self.of_trait
        possible = np.minimum(total, self.kinds)
        some = possible > 1
        total = np.where(some, total, 1).astype(np.float64)
        possible = np.where(some, possible, 2)
        mixed = (1 - squares / (total * total)) / (1 - 1 / possible)
        found: Table = np.where(some, mixed, 0.0).sum(axis=1) / self.traits
        return found

    def _covered(self, counts: Table, size: Table) -> Table | float:
        if not len(self.required):
            return 1.0
        needed, offered = counts[:, self.need], counts[:, self.offer]
        wanted = (needed > 0) | (self.required & (size > 0)[:, None])
        own = (offered == 1) & (needed == 1) & (counts[:, self.does_both] == 1)
        unmet = wanted & ((offered == 0) | (own & ~self.required))
        many = wanted.sum(axis=1)
        found: Table = 1 - unmet.sum(axis=1) / np.maximum(many, 1)
        return found

    def points(self, counts: Table, size: Table) -> Table:
        """Points of broken rules, but those of hours and of organisations."""
        least, most = self.pool.size
        points = np.maximum(np.maximum(least - size, size - most), 0) * GROUP_RULE
        if self.apart.stop > self.apart.start:
            points = points + (counts[:, self.apart] == 2).sum(axis=1) * GROUP_RULE
        if self.couple.stop > self.couple.start:
            parted = (counts[:, self.first] == 1) & (counts[:, self.couple] == 1)
            points = points + parted.sum(axis=1) * GROUP_RULE
        if self.holding.stop > self.holding.start:
            alone = (counts[:, self.holding] == 1) & (counts[:, self.minding] == 1)
            points = points + alone.sum(axis=1) * ALONE
        found: Table = points
        return found
