"""The smallest changes that mend a broken rule: single moves and swaps. Pure.

Only a step that touches a circle where a rule is broken can mend one, so only those are
weighed: quick enough for a page, of a thousand people too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from cohorts.compose import Move
from cohorts.weighing import BROKEN, Candidate, Key, Pool, Rules, Size, bits

# Of many people only the sorest circles are looked at: so many times the people.
MANY = 100
AT_MOST = 600


@dataclass
class _Board:
    pool: Pool
    masks: list[int]  # the last one of those who wait

    def __post_init__(self) -> None:
        self.points = [self.weigh(n, mask) for n, mask in enumerate(self.masks)]

    def weigh(self, n: int, mask: int) -> int:
        if n == self.pool.groups:
            return self.pool.weigh_waiting(mask)
        return self.pool.weigh(mask).points

    def after(self, here: int, left: int, there: int, entered: int) -> int | None:
        """All points after a change in two places; None if it mends nothing."""
        before = self.points[here] + self.points[there]
        points = self.weigh(here, left)
        if points < before:  # else the other place need not be looked at
            points += self.weigh(there, entered)
        return sum(self.points) - before + points if points < before else None


def steps(
    groups: Sequence[Sequence[Key]],
    candidates: Sequence[Candidate],
    *,
    rules: Rules,
    size: Size,
    touching: int | None = None,
    most: int = 3,
) -> tuple[Move, ...]:
    """The moves, or else swaps, after which fewest rules are broken; none, if no single
    step helps. `touching`: only such as somebody comes to that group by, or goes from.
    Who is pinned stays."""
    pool = Pool(candidates, rules=rules, groups=len(groups), size=size)
    masks = [pool.mask(group) for group in groups]
    board = _Board(pool, [*masks, pool.everybody & ~sum(masks)])
    if touching is not None:
        sore: Collection[int] = [touching]
    else:
        order = sorted(range(len(board.masks)), key=lambda n: (-board.points[n], n))
        sore = [n for n in order if board.points[n]]
        if pool.count > MANY:
            sore = sore[: max(1, AT_MOST // pool.count)]
    found = {
        (step[0] // BROKEN, step[2] is not None, step[0], *step[1:])
        for n in sore
        for step in _around(board, n)
    }
    ordered = sorted(
        found, key=lambda step: (*step[:3], step[3], step[5], step[4] or 0)
    )
    return tuple(
        Move(
            key=candidates[one].key,
            to=to,
            swap_with=None if other is None else candidates[other].key,
            broken=broken,
        )
        for broken, _, _, one, other, to in ordered[:most]
    )


# points after it, who moves, with whom, where to
_Step = tuple[int, int, int | None, int]


def _around(board: _Board, here: int) -> Iterator[_Step]:
    pool, masks = board.pool, board.masks
    movable = [[one for one in bits(mask) if one not in pool.pinned] for mask in masks]
    for there, mask in enumerate(masks):
        if there == here:
            continue
        # Nobody is sent to wait, but for somebody who is let in.
        goes = movable[here] if there != pool.groups else []
        comes = movable[there] if here != pool.groups else []
        for some, to in ((goes, there), (comes, here)):
            for one in some:
                bit = 1 << one
                after = board.after(here, masks[here] ^ bit, there, mask ^ bit)
                if after is not None:
                    yield after, one, None, to
        for one in movable[here]:
            for other in movable[there]:
                both = 1 << one | 1 << other
                after = board.after(here, masks[here] ^ both, there, mask ^ both)
                if after is None:
                    continue
                # Whoever waits is the one who is let in.
                if there == pool.groups or (here != pool.groups and other < one):
                    yield after, other, one, here
                else:
                    yield after, one, other, there
