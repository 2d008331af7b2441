"""Why quotas cannot hold together, and how little has to give. Pure.

Two questions of somebody who has set quotas that no choice of people keeps: *which of
them clash* (the fewest that cannot hold together), and *what
is the least that has to give* (the nearest quotas that somebody can keep).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

import highspy
import numpy as np

from cohorts.fewest import fewest_that_meet
from cohorts.panels import (
    OPTIMAL,
    NotProved,
    Quota,
    Task,
    program,
    quiet_solver,
)

Pool = Sequence[Mapping[str, Hashable]]


class TooFewPeople(ValueError):
    """There are fewer people than seats, whatever the quotas."""


@dataclass(frozen=True, kw_only=True)
class Relaxation:
    """A quota as it was and as it would have to be."""

    was: Quota
    becomes: Quota


def can_hold(pool: Pool, quotas: Sequence[Quota], *, seats: int) -> bool:
    """Whether some choice of people fills the seats and keeps every quota."""
    return _least_cost(pool, quotas, seats=seats, firm=quotas) is not None


def smallest_clash(pool: Pool, quotas: Sequence[Quota], *, seats: int) -> list[Quota]:
    """The fewest quotas that cannot hold together; empty if all of them can.

    A clash has to meet every set of quotas that could give and make the rest hold. So
    the smallest set that meets all such sets found so far is tried; if it can hold,
    what had to give beside it is one more of them (implicit hitting sets: Ignatiev,
    Previti, Liffiton, Marques-Silva 2015). Of equally small ones the first is named.
    Raises TooFewPeople.
    """
    if len(pool) < seats:
        raise TooFewPeople
    gave: list[list[int]] = []
    while True:
        tried = fewest_that_meet(gave, of=len(quotas))
        firm = [quotas[number] for number in tried]
        moved = _least_cost(pool, quotas, seats=seats, firm=firm)
        if moved is None:
            return firm
        if not any(less or more for less, more in moved):
            return []
        gave.append([i for i, (less, more) in enumerate(moved) if less or more])


def least_relaxation(
    pool: Pool, quotas: Sequence[Quota], *, seats: int
) -> list[Relaxation]:
    """The quotas that have to give, by as little as can be; empty if none has to.

    Each seat by which a quota gives costs one; taking a seat from a group that was
    promised few costs up to three, since one of two is half of what it had.
    Raises TooFewPeople.
    """
    if len(pool) < seats:
        raise TooFewPeople
    moved = _least_cost(pool, quotas, seats=seats, firm=())
    if moved is None:
        raise TooFewPeople
    return [
        Relaxation(
            was=quota,
            becomes=replace(quota, least=quota.least - less, most=quota.most + more),
        )
        for quota, (less, more) in zip(quotas, moved, strict=True)
        if less or more
    ]


def _least_cost(
    pool: Pool, quotas: Sequence[Quota], *, seats: int, firm: Sequence[Quota]
) -> list[tuple[int, int]] | None:
    """By how many seats each quota gives at both ends; None when nothing helps.

    Columns: the people of each kind, then for each quota the seats that it gives below
    and above; a firm quota gives none.
    """
    task = Task.of(pool, quotas, seats=seats)
    kinds, count = len(task.people), len(quotas)
    gives = np.array([0 if quota in firm else 1 for quota in quotas], float)
    least, most = task.low[:-1], task.high[:-1]
    rows = [np.array([row], dtype=np.int32) for row in range(count)]
    solver = quiet_solver()
    solver.passModel(
        program(
            cost=np.concatenate(
                [np.zeros(kinds), 1 + 2 / np.maximum(least, 1), np.ones(count)]
            ),
            lower=np.zeros(kinds + 2 * count),
            upper=np.concatenate([task.people, gives * least, gives * seats]),
            low=np.append(least, float(seats)),
            high=np.append(most, float(seats)),
            columns=[*task.columns, *rows, *rows],
            values=[
                *(np.ones(len(column)) for column in task.columns),
                *[np.ones(1)] * count,
                *[-np.ones(1)] * count,
            ],
            whole=True,
        )
    )
    solver.run()
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return None
    if status != OPTIMAL:
        raise NotProved(f"The search for the least relaxation ended as {status}.")
    gave = np.round(np.array(solver.getSolution().col_value)[kinds:]).astype(int)
    return list(zip(gave[:count].tolist(), gave[count:].tolist(), strict=True))
