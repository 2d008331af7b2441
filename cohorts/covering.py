"""Sets of windows in which everybody finds hours, where these are few. Pure."""

from __future__ import annotations

import numpy as np

from cohorts.relaxing import Bounding
from cohorts.tally import Table

MOST_NODES, MOST_COVERS = 8_000, 15_000


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
