"""Panels: choices of people that fill the seats and keep every quota. Pure.

People of equal traits are one *kind*, and a panel says how many of each kind sit. Here
are the pool by kinds (`Task`), where in it a panel is looked for (`Face`), and three
ways to look for the one that is worth most (`PanelFinder`):

* in parts: parts of people may sit. A linear program; its worth bounds all panels.
* near by: the parts made whole, and then one exchanged for one until every quota is
  kept. Quick, and finds one nearly always, but proves nothing.
* searched: branch and bound, which finds one or proves that there is none.

The work of searching is counted in nodes, not in seconds, so that a search that was
given up is given up at the same place each time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

# What the numbers of a solver are compared with.
TOLERANCE = 1e-7
# How many kinds a search looks at first; nearly always one of these is enough.
SOME, MORE = 80, 250
# Exchanges before a panel is given up, and for how many of them who moved stays.
EXCHANGES, RESTS = 300, 6
# What the loss of a panel's whole worth weighs against one seat too many or too few.
LOSS = 200.0
UNBOUNDED = highspy.kHighsInf
OPTIMAL = highspy.HighsModelStatus.kOptimal
INFEASIBLE = highspy.HighsModelStatus.kInfeasible
GIVEN_UP = highspy.HighsModelStatus.kSolutionLimit
FEASIBLE = highspy.SolutionStatus.kSolutionStatusFeasible


class NoPanel(ValueError):
    """No choice of people fills the seats within the quotas."""


class NotProved(RuntimeError):
    """A solver gave up, so the best chances are not known."""


@dataclass(frozen=True, kw_only=True)
class Quota:
    """At least `least` and at most `most` seats for people whose `trait` is `value`.

    Who gave several answers to the trait counts for each of them.
    """

    trait: str
    value: Hashable
    least: int
    most: int

    def counts(self, person: Mapping[str, Hashable]) -> bool:
        answer = person.get(self.trait)
        if isinstance(answer, frozenset):
            return self.value in answer
        return answer == self.value


@dataclass(frozen=True, kw_only=True)
class Task:
    """The pool by kinds, and the quotas as rows of a linear program; the last is seats.

    people: how many there are of each kind, shape (kinds,).
    counted: which kind counts in which row, 0 or 1, shape (rows, kinds).
    low, high: the bounds of the rows, shape (rows,).
    """

    kinds: tuple[tuple[int, ...], ...]
    kind_of: tuple[int, ...]
    people: Floats
    counted: Floats
    low: Floats
    high: Floats

    @classmethod
    def of(
        cls,
        pool: Sequence[Mapping[str, Hashable]],
        quotas: Sequence[Quota],
        *,
        seats: int,
    ) -> Task:
        answers = [
            tuple(i for i, quota in enumerate(quotas) if quota.counts(person))
            for person in pool
        ]
        sizes = Counter(answers)
        kinds = tuple(sorted(sizes))
        place = {kind: number for number, kind in enumerate(kinds)}
        rows = [[row in kind for kind in kinds] for row in range(len(quotas))]
        return cls(
            kinds=kinds,
            kind_of=tuple(place[answer] for answer in answers),
            people=np.array([sizes[kind] for kind in kinds], float),
            counted=np.array([*rows, [True] * len(kinds)], float),
            low=np.array([*(quota.least for quota in quotas), seats], float),
            high=np.array([*(quota.most for quota in quotas), seats], float),
        )

    @cached_property
    def columns(self) -> list[NDArray[np.int32]]:
        """For each kind, the rows that count it."""
        return [np.flatnonzero(c).astype(np.int32) for c in self.counted.T]

    def keeps_to(self, panel: Floats) -> bool:
        seated = self.counted @ panel
        return bool(
            (panel == np.round(panel)).all()
            and (panel >= 0).all()
            and (panel <= self.people).all()
            and (seated >= self.low).all()
            and (seated <= self.high).all()
        )


@dataclass(frozen=True, kw_only=True)
class Face:
    """Where a panel has to stay: kinds in (lower, upper), rows in (low, high)."""

    lower: Floats
    upper: Floats
    low: Floats
    high: Floats

    @classmethod
    def of(cls, task: Task, shares: Floats) -> Face:
        """The bounds that shares already touch: every panel of theirs touches them."""
        seated = task.counted @ shares
        return cls(
            lower=np.where(shares > task.people - TOLERANCE, task.people, 0.0),
            upper=np.where(shares < TOLERANCE, 0.0, task.people),
            low=np.where(seated > task.high - TOLERANCE, task.high, task.low),
            high=np.where(seated < task.low + TOLERANCE, task.low, task.high),
        )

    @classmethod
    def within(
        cls, task: Task, left: Floats, weight: float, *, step: float
    ) -> Face | None:
        """The panels of which `step` can go out of what is left; None if there is none.

        Taking a panel that often leaves a remainder of `weight - step` that again keeps
        to seats, quotas and people.
        """
        seated = task.counted @ left
        spare = TOLERANCE * weight + 1e-12

        def times(room: Floats) -> Floats:
            return np.asarray(np.floor((np.maximum(room, 0) + spare) / step))

        lower = np.maximum(0.0, task.people - times(task.people * weight - left))
        upper = np.minimum(task.people, times(left))
        low = np.maximum(task.low, task.high - times(task.high * weight - seated))
        high = np.minimum(task.high, task.low + times(seated - task.low * weight))
        if (lower > upper).any() or (low > high).any():
            return None
        return cls(lower=lower, upper=upper, low=low, high=high)

    @classmethod
    def whole(cls, task: Task) -> Face:
        return cls(
            lower=np.zeros_like(task.people),
            upper=task.people,
            low=task.low,
            high=task.high,
        )


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The best where parts of people may sit.

    change: what one more of a kind adds to the worth, shape (kinds,).
    """

    panel: Floats
    change: Floats
    worth: float

    @cached_property
    def is_whole(self) -> bool:
        return bool((np.abs(self.panel - np.round(self.panel)) <= TOLERANCE).all())


class PanelFinder:
    """Finds the panel that is worth most in a face.

    nodes: how much may still be searched before a search ends without a proof.
    bound: what no panel of the face can be worth, after `searched`.
    """

    def __init__(self, task: Task, *, nodes: int) -> None:
        self.task = task
        self.nodes = nodes
        self.bound = np.inf
        self._solver: Any = None

    def in_parts(self, worth: Floats, face: Face) -> Parts | None:
        """The best where parts of people may sit, or None; goes on from the last."""
        kinds = np.arange(len(worth), dtype=np.int32)
        rows = np.arange(len(face.low), dtype=np.int32)
        if self._solver is None:
            self._solver = quiet_solver(presolve="off")
            self._solver.passModel(
                program(
                    cost=-worth,
                    lower=face.lower,
                    upper=face.upper,
                    low=face.low,
                    high=face.high,
                    columns=self.task.columns,
                )
            )
        else:
            self._solver.changeColsCost(len(kinds), kinds, -worth)
            self._solver.changeColsBounds(len(kinds), kinds, face.lower, face.upper)
            self._solver.changeRowsBounds(len(rows), rows, face.low, face.high)
        self._solver.run()
        if self._solver.getModelStatus() != OPTIMAL:
            return None
        solution = self._solver.getSolution()
        panel = np.array(solution.col_value)
        return Parts(
            panel=panel, change=-np.array(solution.col_dual), worth=float(worth @ panel)
        )

    def near_by(self, worth: Floats, face: Face) -> Floats | None:
        """A good panel of the face, or None if none was found: there may be some."""
        parts = self.in_parts(worth, face)
        if parts is None:
            return None
        if parts.is_whole:
            return np.asarray(np.round(parts.panel))
        return self._exchanged(parts, face)

    def _exchanged(self, parts: Parts, face: Face) -> Floats | None:
        """Parts made whole, then one exchanged for one until every quota is kept.

        Each time the exchange is made that mends most; where none mends anything, the
        quotas that are not kept weigh more from then on. Who moved rests for a while.
        Once all are kept, it goes on as long as that is worth more.
        """
        counted = self.task.counted[:-1]
        low, high = face.low[:-1], face.high[:-1]
        panel = np.floor(parts.panel + TOLERANCE)
        seats = int(face.low[-1] - panel.sum())
        panel[np.argsort(panel - parts.panel, kind="stable")[:seats]] += 1
        seated = counted @ panel
        gain = parts.change * (LOSS / (abs(parts.worth) + TOLERANCE))
        weight = np.ones(len(low))
        leaves, enters = np.zeros(len(panel)), np.zeros(len(panel))
        free = np.flatnonzero(face.upper > face.lower)
        best: Floats | None = None
        best_gain = -np.inf
        for turn in range(EXCHANGES):
            over, under = seated > high, seated < low
            kept = not (over.any() or under.any())
            if kept and float(gain @ panel) > best_gain:
                best, best_gain = panel.copy(), float(gain @ panel)
            out = free[(panel[free] > face.lower[free]) & (leaves[free] <= turn)]
            in_ = free[(panel[free] < face.upper[free]) & (enters[free] <= turn)]
            if not len(out) or not len(in_):
                break
            # What a row that loses one, and one that gets one, would weigh then.
            less = np.where(over, -weight, np.where(seated <= low, weight, 0.0))
            more = np.where(under, -weight, np.where(seated >= high, weight, 0.0))
            rows = np.flatnonzero(less + more)
            going, coming = counted[:, out], counted[:, in_]
            both = (going[rows] * (less + more)[rows, None]).T @ coming[rows]
            costs = (more @ coming - gain[in_])[None, :] - both
            costs += (less @ going + gain[out])[:, None]
            place = int(costs.argmin())
            cost = float(costs.flat[place])
            if kept and cost > -TOLERANCE:
                break
            if cost > -TOLERANCE:
                weight[over | under] += 1
            one, other = out[place // len(in_)], in_[place % len(in_)]
            panel[one] -= 1
            panel[other] += 1
            seated += counted[:, other] - counted[:, one]
            enters[one] = leaves[other] = turn + 1 + RESTS
        return best

    def searched(
        self, worth: Floats, face: Face, *, gap: float = 0.0, prove: bool = True
    ) -> Floats | None:
        """A panel worth at most `gap` less than the best, or None.

        Nearly all kinds come out whole where parts may sit. So without `prove` a panel
        is looked for among those that did not and the kinds that would cost least to
        change, and only where there is none, among all. None may also mean that the
        search was given up: then `bound` is finite.
        """
        parts = self.in_parts(worth, face)
        if parts is None:
            self.bound = -np.inf
            return None
        self.bound = parts.worth
        if parts.is_whole:
            return np.asarray(np.round(parts.panel))
        if self.nodes <= 0:
            return None
        free = np.flatnonzero(face.upper > face.lower)
        change = np.abs(parts.change)
        panel = np.round(parts.panel)
        change[np.abs(parts.panel - panel) > TOLERANCE] = -1
        order = free[np.argsort(change[free], kind="stable")]
        for many in [len(free)] if prove else [SOME, MORE, len(free)]:
            found = self._searched_among(
                order[:many], panel, worth, face, gap, is_all=many >= len(free)
            )
            if found is not None:
                return found
            if many >= len(free):
                break
        return None

    def _searched_among(
        self,
        among: Whole,
        panel: Floats,
        worth: Floats,
        face: Face,
        gap: float,
        *,
        is_all: bool,
    ) -> Floats | None:
        """A panel that differs from `panel` in these kinds alone."""
        rest = panel.copy()
        rest[among] = 0
        seated = self.task.counted @ rest
        solver = quiet_solver(
            mip_rel_gap=gap,
            mip_abs_gap=1e-10,
            mip_max_nodes=self.nodes,
            presolve="off",
            # It costs more than the whole search of a problem of this size.
            mip_heuristic_run_feasibility_jump=False,
        )
        solver.passModel(
            program(
                cost=-worth[among],
                lower=face.lower[among],
                upper=face.upper[among],
                low=face.low - seated,
                high=face.high - seated,
                columns=[self.task.columns[kind] for kind in among],
                whole=True,
            )
        )
        solver.run()
        status, info = solver.getModelStatus(), solver.getInfo()
        self.nodes -= max(int(info.mip_node_count), 1)
        if status == INFEASIBLE:
            if is_all:
                self.bound = -np.inf
            return None
        if status not in (OPTIMAL, GIVEN_UP):
            raise NotProved(f"The panel problem ended as {status}.")
        if is_all:
            self.bound = min(self.bound, float(worth @ rest) - info.mip_dual_bound)
        if (
            info.primal_solution_status
            != highspy.SolutionStatus.kSolutionStatusFeasible
        ):
            return None
        found = rest
        found[among] = np.round(np.array(solver.getSolution().col_value))
        return found if self.task.keeps_to(found) else None


# --- programs -----------------------------------------------------------------------


def quiet_solver(**options: Any) -> Any:
    """HiGHS on one thread and without words, so that it answers the same each time."""
    solver = highspy.Highs()
    for name, value in {"output_flag": False, "threads": 1, **options}.items():
        solver.setOptionValue(name, value)
    return solver


def program(
    *,
    cost: Floats,
    lower: Floats,
    upper: Floats,
    low: Floats,
    high: Floats,
    columns: Sequence[NDArray[Any]],
    values: Sequence[Floats] | None = None,
    whole: bool = False,
) -> Any:
    """A program for HiGHS: least cost, each column in its rows, all within bounds.

    columns: for each column the rows in which it stands; values: with what, else 1.
    """
    made = highspy.HighsLp()
    made.num_col_, made.num_row_ = len(cost), len(low)
    made.col_cost_, made.col_lower_, made.col_upper_ = cost, lower, upper
    made.row_lower_, made.row_upper_ = low, high
    lengths = [len(column) for column in columns]
    made.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    made.a_matrix_.start_ = np.cumsum([0, *lengths]).astype(np.int32)
    made.a_matrix_.index_ = np.concatenate(columns).astype(np.int32)
    made.a_matrix_.value_ = (
        np.ones(sum(lengths)) if values is None else np.concatenate(values)
    )
    if whole:
        made.integrality_ = [highspy.HighsVarType.kInteger] * len(cost)
    return made
