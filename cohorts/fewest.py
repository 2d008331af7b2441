"""The fewest that meet every one of some sets, proven by an integer program. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cohorts.panels import OPTIMAL, UNBOUNDED, NotProved, program, quiet_solver


def fewest_that_meet(sets: Sequence[Sequence[int]], *, of: int) -> list[int]:
    """The fewest numbers below `of` such that each set has one of them."""
    if not sets:
        return []
    solver = quiet_solver()
    solver.passModel(
        program(
            cost=1 + np.arange(of) / (of + 1) ** 2,  # the first of equally few
            lower=np.zeros(of),
            upper=np.ones(of),
            low=np.ones(len(sets)),
            high=np.full(len(sets), UNBOUNDED),
            columns=[
                np.flatnonzero([number in one for one in sets]) for number in range(of)
            ],
            whole=True,
        )
    )
    solver.run()
    if solver.getModelStatus() != OPTIMAL:
        raise NotProved("The search for the fewest gave up.")
    chosen = np.round(np.array(solver.getSolution().col_value))
    return [int(number) for number in np.flatnonzero(chosen)]
