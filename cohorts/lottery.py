"""A lottery under quotas in which the smallest chance is as large as it can be. Pure.

A *panel* is a choice of people that fills the seats and keeps every quota. Found is a
mixture of panels, and with it everybody's chance: the smallest chance is as large as
any mixture allows, then the next smallest, and so on (leximin; Flanigan, Gölz, Gupta,
Hennig, Procaccia 2021, Nature 596:548). People of equal traits are one *kind* and have
equal chances by construction.

How it is found:

1. Chances that no mixture can beat: leximin over the quotas alone, where parts of
   people may sit (a few small linear programs).
2. Whole panels that mix to just these chances: one after the other is taken out of
   what remains, as much of it as leaves the remainder possible (Carathéodory).
3. Where that gets stuck, columns: panels that the prices of a linear program ask for.
4. Where whole panels cannot reach the chances of (1), the same stage by stage among
   whole panels, each stage proved by a panel problem solved to its end.

Whatever a solver says is checked here: panels against seats and quotas, and chances
are counted from the panels. Same pool, quotas, seats and seed: same result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

Tell = Callable[[float], None]

# Weights are whole numbers that add up to this, so that a draw is exact everywhere.
WHOLE = 2**40
# A chance this near to another is the same one.
NEAR = 1e-8
# What the numbers of a solver are compared with.
TOLERANCE = 1e-7
# What may be left over when chances are split into panels: nobody's chance is off by
# more, and the last of a thousand unlike people cost as much as all the rest.
CRUMB = 1e-7
# Fresh beginnings of the splitting before prices are asked: it is quick, and luck.
TRIES = 3
# How many kinds a panel problem looks at first; nearly always one of these is enough.
SOME, MORE = 80, 250
UNBOUNDED = highspy.kHighsInf
OPTIMAL = highspy.HighsModelStatus.kOptimal


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
class Mixture:
    """Panels with whole-number weights, and what they give to each kind of people.

    kinds: for each kind the quotas it counts in, by their place.
    kind_of: for each person of the pool her kind, by its place.
    people: how many there are of each kind.
    panels: one row a panel: how many of each kind sit in it.
    weights: how often it is drawn out of `WHOLE`.
    """

    kinds: tuple[tuple[int, ...], ...]
    kind_of: tuple[int, ...]
    people: tuple[int, ...]
    panels: tuple[tuple[int, ...], ...]
    weights: tuple[int, ...]

    @cached_property
    def chances(self) -> tuple[Fraction, ...]:
        """The chance of a person of each kind, counted from the panels."""
        drawn = [0] * len(self.people)
        for weight, panel in zip(self.weights, self.panels, strict=True):
            for kind, seats in enumerate(panel):
                drawn[kind] += weight * seats
        return tuple(
            Fraction(times, WHOLE * size)
            for times, size in zip(drawn, self.people, strict=True)
        )


def fair_lottery(
    pool: Sequence[Mapping[str, Hashable]],
    quotas: Sequence[Quota],
    *,
    seats: int,
    seed: int = 0,
    tell: Tell | None = None,
) -> Mixture:
    """The mixture of panels whose smallest chances are as large as can be.

    pool: the traits of each person. A trait without a quota does not matter, nor does
        an answer that no quota names.
    tell: is told now and then how much is done, 0 to 1; it may fall back.
    Raises NoPanel when no panel keeps the quotas, NotProved when a solver gave up.
    """
    if not 0 < seats <= len(pool):
        raise NoPanel
    task = Task.of(pool, quotas, seats=seats)
    shares = most_even_shares(task)
    told = tell or (lambda part: None)
    for attempt in range(TRIES):
        found = split(task, shares, seed=seed + attempt, tell=within(told, 0, 0.5))
        if found.missing <= CRUMB:
            return task.mixture(found)
    found = price_in(task, shares, found.panels, seed=seed, tell=within(told, 0.5, 0.8))
    if found.missing > NEAR:
        found = stage_by_stage(task, found.panels, tell=within(told, 0.8, 1))
    return task.mixture(found)


def within(tell: Tell, begin: float, end: float) -> Tell:
    """To be told of a part of the whole."""
    return lambda part: tell(begin + (end - begin) * part)


@dataclass(frozen=True, kw_only=True)
class Found:
    """Panels, shape (panels, kinds), their weights, and what they lack of the aim."""

    panels: list[Floats]
    weights: Floats
    missing: float


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

    def mixture(self, found: Found) -> Mixture:
        """What was found, checked, with weights that are whole numbers."""
        if not all(self.keeps_to(panel) for panel in found.panels):
            raise NotProved("A solver gave a panel that breaks a quota.")
        kept = [i for i, weight in enumerate(found.weights) if weight > 0]
        weights = rounded(found.weights[kept] / found.weights[kept].sum())
        rows = [tuple(int(seats) for seats in found.panels[i]) for i in kept]
        return Mixture(
            kinds=self.kinds,
            kind_of=self.kind_of,
            people=tuple(int(size) for size in self.people),
            panels=tuple(
                row for row, weight in zip(rows, weights, strict=True) if weight
            ),
            weights=tuple(weight for weight in weights if weight),
        )


def rounded(parts: Floats) -> list[int]:
    """Whole numbers that add up to `WHOLE`, each within one of its part of it."""
    exact = [Fraction(float(part)) * WHOLE for part in parts]
    whole = [int(part) for part in exact]
    short = WHOLE - sum(whole)
    nearest = sorted(range(len(exact)), key=lambda i: whole[i] - exact[i])
    for i in nearest[: max(short, 0)]:
        whole[i] += 1
    whole[nearest[0]] += WHOLE - sum(whole)
    return whole


# --- 1. chances that nothing can beat ----------------------------------------------


def most_even_shares(task: Task) -> Floats:
    """How much of each kind sits, if parts of people may: leximin. Shape (kinds,).

    In each round the smallest chance among the kinds that are not settled is made as
    large as it can be; the kinds whose price is not zero cannot have more, so they are
    settled there.
    """
    kinds, rows = len(task.people), len(task.low)
    chance = kinds  # the last column
    solver = quiet_solver()
    solver.passModel(
        program(
            cost=np.append(np.zeros(kinds), -1.0),
            lower=np.zeros(kinds + 1),
            upper=np.append(task.people, 1.0),
            low=np.append(task.low, np.zeros(kinds)),
            high=np.append(task.high, np.full(kinds, UNBOUNDED)),
            columns=[
                *(np.append(c, rows + k) for k, c in enumerate(task.columns)),
                rows + np.arange(kinds),
            ],
            values=[*(np.ones(len(c) + 1) for c in task.columns), -task.people],
        )
    )
    settled = np.full(kinds, np.nan)
    while np.isnan(settled).any():
        solver.run()
        if solver.getModelStatus() != OPTIMAL:
            raise NoPanel
        solution = solver.getSolution()
        smallest = solution.col_value[chance]
        prices = np.abs(np.array(solution.row_dual)[rows:])
        open_ = np.isnan(settled)
        done = np.flatnonzero(open_ & (prices > TOLERANCE / 100))
        if smallest > 1 - TOLERANCE or not len(done):
            done = np.flatnonzero(open_)
        settled[done] = min(smallest, 1.0)
        for kind in done:
            solver.changeCoeff(int(rows + kind), chance, 0.0)
            least = float(settled[kind] * task.people[kind]) - 1e-11
            solver.changeRowBounds(int(rows + kind), least, UNBOUNDED)
    return np.minimum(settled * task.people, task.people)


# --- 2. whole panels that mix to them ----------------------------------------------


def split(task: Task, shares: Floats, *, seed: int, tell: Tell) -> Found:
    """Panels taken out of the shares, one after the other, until nothing remains.

    Each panel keeps to what the remainder keeps to (who is out stays out, a full row
    stays full), so taking it out leaves a remainder that still keeps every quota.
    Where no whole panel does, it stops: then something is missing.
    """
    chance = np.random.default_rng(seed)
    left, weight = shares.copy(), 1.0
    panels: list[Floats] = []
    weights: list[float] = []
    finder = PanelFinder(task)
    while weight > CRUMB:
        now = left / weight
        wanted = now / task.people * (1 + 0.2 * chance.random(len(now)))
        panel = finder.best(wanted, Face.of(task, now), gap=0.05)
        if panel is None:
            break
        taken = most_of(task, panel, left, weight)
        if taken < NEAR**2:
            break
        left = np.maximum(left - taken * panel, 0)
        weight -= taken
        panels.append(panel)
        weights.append(taken)
        tell(1 - weight)
    return Found(panels=panels, weights=np.array(weights), missing=weight)


def most_of(task: Task, panel: Floats, left: Floats, weight: float) -> float:
    """How much of a panel can go out of the remainder and leave it possible."""
    limits = [weight]
    for value, low, high, has in (
        (panel, np.zeros_like(panel), task.people, left),
        (task.counted @ panel, task.low, task.high, task.counted @ left),
    ):
        over, under = value > low, value < high
        limits += list((has - low * weight)[over] / (value - low)[over])
        limits += list((high * weight - has)[under] / (high - value)[under])
    return max(min(limits), 0.0)


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
    def whole(cls, task: Task) -> Face:
        return cls(
            lower=np.zeros_like(task.people),
            upper=task.people,
            low=task.low,
            high=task.high,
        )


class PanelFinder:
    """Finds the panel that is worth most: first in parts, then whole near by.

    With parts of people allowed all but a few kinds come out whole. So a whole panel
    is looked for among these few and the kinds that would cost least to change; only
    where there is none, among all.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        self.solver: Any = None
        self.free: Whole = np.array([], int)
        self.low = self.high = np.array([])
        self.bound = np.inf  # of the last whole search among all kinds

    def best(
        self, worth: Floats, face: Face, *, gap: float, prove: bool = False
    ) -> Floats | None:
        """A panel in the face, worth at most `gap` less than the best there, or None.

        prove: search among all kinds; `bound` then tells what no panel can exceed.
        """
        fixed = np.where(face.upper == face.lower, face.lower, 0.0)
        free = np.flatnonzero(face.upper > face.lower)
        seated = self.task.counted @ fixed
        low, high = face.low - seated, face.high - seated
        if not len(free):
            self.bound = float(worth @ fixed)
            return fixed if self.task.keeps_to(fixed) else None
        solution = self.in_parts(worth, face, free, low, high)
        if solution is None:
            self.bound = -np.inf
            return None
        parts = np.array(solution.col_value)
        change = np.abs(np.array(solution.col_dual))
        panel = fixed.copy()
        panel[free] = np.round(parts)
        broken = np.abs(parts - panel[free]) > TOLERANCE
        if not broken.any():
            self.bound = float(worth @ panel)
            return panel
        change[broken] = -1
        order = np.argsort(change, kind="stable")
        for many in [len(free)] if prove else [SOME, MORE, len(free)]:
            among = free[order[:many]]
            if self.whole_among(among, panel, worth, face, gap):
                return panel
            if many >= len(free):
                break
        return None

    def in_parts(
        self, worth: Floats, face: Face, free: Whole, low: Floats, high: Floats
    ) -> Any:
        """The best where parts may sit; kept warm while the same kinds are free."""
        if self.solver is None or not np.array_equal(free, self.free):
            self.solver = quiet_solver(presolve="off")
            self.free = free
            self.solver.passModel(
                program(
                    cost=-worth[free],
                    lower=face.lower[free],
                    upper=face.upper[free],
                    low=low,
                    high=high,
                    columns=[self.task.columns[kind] for kind in free],
                )
            )
        else:
            columns = np.arange(len(free), dtype=np.int32)
            self.solver.changeColsCost(len(free), columns, -worth[free])
            moved = (low != self.low) | (high != self.high)
            for row in np.flatnonzero(moved):
                self.solver.changeRowBounds(int(row), float(low[row]), float(high[row]))
        self.low, self.high = low, high
        self.solver.run()
        if self.solver.getModelStatus() != OPTIMAL:
            return None
        return self.solver.getSolution()

    def whole_among(
        self, among: Whole, panel: Floats, worth: Floats, face: Face, gap: float
    ) -> bool:
        """Make `panel` whole by changing only these kinds; False when it cannot be."""
        rest = panel.copy()
        rest[among] = 0
        seated = self.task.counted @ rest
        solver = quiet_solver(
            mip_rel_gap=gap,
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
        status = solver.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            self.bound = -np.inf
            return False
        if status != OPTIMAL:
            raise NotProved(f"The panel problem ended as {status}.")
        self.bound = float(worth @ rest) - solver.getInfo().mip_dual_bound
        panel[among] = np.round(np.array(solver.getSolution().col_value))
        return True


# --- 3. panels that prices ask for -------------------------------------------------


def price_in(
    task: Task, shares: Floats, panels: Sequence[Floats], *, seed: int, tell: Tell
) -> Found:
    """The same by column generation: ends with nothing missing, or with a proof.

    Missing is, summed over the kinds, how much of their chance is not reached. When no
    panel is worth more than the prices say, less cannot be missing.
    """
    chance = np.random.default_rng(seed)
    face, finder = Face.of(task, shares), PanelFinder(task)
    master = Master(task, shares)
    first = finder.best(shares, face, gap=0.0, prove=True)
    if first is None:
        return Found(panels=[], weights=np.array([]), missing=1.0)
    for panel in [first, *panels]:
        master.add(panel)
    most_missing = 0.0
    while True:
        missing, weights, prices, pay = master.solve()
        if missing <= NEAR:
            break
        most_missing = max(most_missing, missing)
        tell(1 - missing / most_missing)
        before = len(master.panels)
        for noise in (0.0, 0.1, 0.1):
            asked = prices * (1 + noise * chance.standard_normal(len(prices)))
            found = finder.best(asked, face, gap=0.01)
            if found is not None and prices @ found > pay + NEAR / 100:
                master.add(found)
        if len(master.panels) == before:
            found = finder.best(prices, face, gap=0.0, prove=True)
            if found is None or prices @ found <= pay + NEAR / 100:
                break
            master.add(found)
    return Found(panels=master.panels, weights=weights, missing=missing)


class Master:
    """The weights of given panels that miss least of the shares."""

    def __init__(self, task: Task, shares: Floats) -> None:
        self.kinds = len(shares)
        self.panels: list[Floats] = []
        self.known: set[bytes] = set()
        self.solver = quiet_solver(presolve="off", simplex_strategy=4)
        self.solver.passModel(
            program(
                cost=1 / task.people,
                lower=np.zeros(self.kinds),
                upper=np.full(self.kinds, UNBOUNDED),
                low=np.append(shares, 1.0),
                high=np.append(np.full(self.kinds, UNBOUNDED), 1.0),
                columns=[np.array([kind]) for kind in range(self.kinds)],
            )
        )

    def add(self, panel: Floats) -> None:
        if panel.tobytes() in self.known:
            return
        self.known.add(panel.tobytes())
        self.panels.append(panel)
        sits = np.flatnonzero(panel)
        rows = np.append(sits, self.kinds).astype(np.int32)
        values = np.append(panel[sits], 1.0)
        self.solver.addCol(0.0, 0.0, UNBOUNDED, len(rows), rows, values)

    def solve(self) -> tuple[float, Floats, Floats, float]:
        """What is missing; the weights; the price of each kind; what a panel costs."""
        self.solver.run()
        if self.solver.getModelStatus() != OPTIMAL:
            raise NotProved("The mixing of panels was not solved.")
        solution = self.solver.getSolution()
        prices = np.array(solution.row_dual)
        weights = np.maximum(np.array(solution.col_value)[self.kinds :], 0)
        return (
            self.solver.getObjectiveValue(),
            weights,
            prices[:-1],
            -float(prices[-1]),
        )


# --- 4. stage by stage among whole panels ------------------------------------------


def stage_by_stage(task: Task, panels: Sequence[Floats], *, tell: Tell) -> Found:
    """Leximin where parts of people reach chances that whole panels do not.

    As in `most_even_shares`, but among mixtures of whole panels: in each round panels
    are added until none is worth more than the prices say, which proves the round.
    """
    kinds = len(task.people)
    face, finder = Face.whole(task), PanelFinder(task)
    known = {panel.tobytes(): panel for panel in panels}
    if not known:
        first = finder.best(np.ones(kinds), face, gap=0.0, prove=True)
        if first is None:
            raise NoPanel
        known[first.tobytes()] = first
    settled = np.full(kinds, np.nan)
    while np.isnan(settled).any():
        while True:
            smallest, weights, prices, pay = mix(task, list(known.values()), settled)
            panel = finder.best(prices, face, gap=0.0, prove=True)
            if panel is None:
                raise NoPanel
            tell(float(np.mean(~np.isnan(settled))))
            if finder.bound <= pay + NEAR or panel.tobytes() in known:
                break
            known[panel.tobytes()] = panel
        open_ = np.isnan(settled)
        done = np.flatnonzero(open_ & (prices > NEAR / 100))
        settled[done if len(done) else np.flatnonzero(open_)] = smallest
    return Found(panels=list(known.values()), weights=weights, missing=0.0)


def mix(
    task: Task, panels: Sequence[Floats], settled: Floats
) -> tuple[float, Floats, Floats, float]:
    """The largest smallest chance of who is not settled, mixing only these panels.

    Returns it, the weights, the price of each kind and what a panel is paid.
    """
    kinds, open_ = len(task.people), np.isnan(settled)
    table = np.array(panels)  # (panels, kinds)
    sits = [np.flatnonzero(row).astype(np.int32) for row in table]
    solver = quiet_solver()
    solver.passModel(
        program(
            cost=np.append(np.zeros(len(table)), -1.0),
            lower=np.zeros(len(table) + 1),
            upper=np.append(np.full(len(table), UNBOUNDED), 1.0),
            low=np.append(np.where(open_, 0.0, settled * task.people - 1e-11), 1.0),
            high=np.append(np.full(kinds, UNBOUNDED), 1.0),
            columns=[*(np.append(s, kinds) for s in sits), np.flatnonzero(open_)],
            values=[
                *(np.append(row[s], 1.0) for row, s in zip(table, sits, strict=True)),
                -task.people[open_],
            ],
        )
    )
    solver.run()
    if solver.getModelStatus() != OPTIMAL:
        raise NotProved("The mixing of panels was not solved.")
    solution = solver.getSolution()
    prices = np.array(solution.row_dual)
    weights = np.maximum(np.array(solution.col_value)[:-1], 0)
    return solution.col_value[-1], weights, np.abs(prices[:-1]), abs(prices[-1])


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
