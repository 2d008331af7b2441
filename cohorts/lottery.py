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
   what remains, by large steps first, each of which leaves the remainder possible
   (Carathéodory).
3. Where that gets stuck, some of the last ones are put back, and that remainder is
   mixed out of panels that the prices of a linear program ask for.
4. Where whole panels cannot reach the chances of (1), the same stage by stage among
   whole panels, each stage proved by a panel problem solved to its end.

Whatever a solver says is checked here: panels against seats and quotas, and chances
are counted from the panels. Same pool, quotas, seats and seed: same result.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from cohorts.panels import (
    OPTIMAL,
    TOLERANCE,
    UNBOUNDED,
    Face,
    Floats,
    NoPanel,
    NotProved,
    PanelFinder,
    Quota,
    Task,
    program,
    quiet_solver,
)

Tell = Callable[[float], None]

# Weights are whole numbers that add up to this, so that a draw is exact everywhere.
WHOLE = 2**40
# A chance this near to another is the same one.
NEAR = 1e-8
# What may be left over when chances are split into panels: nobody's chance is off by
# more, and the last of a thousand unlike people cost as much as all the rest.
CRUMB = 1e-7
# What may be left over where nothing mends it.
ENOUGH = 5e-7
# A smaller step than this, of what the people left over have on average, is not worth
# a panel: what remains is mixed at once then.
SMALLEST_STEP = 0.001
# How much is put back before the remainder is mixed: little is quick, all is sure.
PUT_BACK = (0.03, 0.2, 1.0)
# Panels asked for in one round, the first by the prices and the others near them.
# More where the whole lottery is mixed, since weighing many panels costs most there.
ASKED, ASKED_OF_WHOLE, NOISE = 8, 24, 0.1
# How near, as powers of ten of `NOISE`: the last panels are found by near prices only,
# and far ones keep the first from being all alike.
NEAREST, FARTHEST = -2.0, 0.3
# How much of the mean price of former rounds stays: prices jump from round to round.
STAYS = 0.7
# Rounds of asking, for one remainder and for all stages, before it is given up; and
# within how many a part of the lottery has to halve what it misses, for where it does
# not, the whole comes to an end sooner.
ROUNDS, ROUNDS_OF_STAGES, HALVED_WITHIN = 300, 600, 25
# How much is searched (nodes of a tree) before a proof is given up, and how much of
# that may go into mixing to chances that whole panels perhaps cannot reach.
NODES, NODES_OF_MIXING = 40_000, 4_000


@dataclass(frozen=True, kw_only=True)
class Mixture:
    """Panels with whole-number weights, and what they give to each kind of people.

    kinds: for each kind the quotas it counts in, by their place.
    kind_of: for each person of the pool her kind, by its place.
    people: how many there are of each kind.
    panels: one row a panel: how many of each kind sit in it.
    weights: how often it is drawn out of `WHOLE`.
    bound: no mixture of panels gives everybody more than this.
    is_proved: whether it is known of every chance, the smallest first, that it cannot
        be larger unless a smaller one falls; else the search was given up.
    """

    kinds: tuple[tuple[int, ...], ...]
    kind_of: tuple[int, ...]
    people: tuple[int, ...]
    panels: tuple[tuple[int, ...], ...]
    weights: tuple[int, ...]
    bound: float = 1.0
    is_proved: bool = False

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
    nodes: int = NODES,
) -> Mixture:
    """The mixture of panels whose smallest chances are as large as can be.

    pool: the traits of each person. A trait without a quota does not matter, nor does
        an answer that no quota names.
    tell: is told now and then how much is done, 0 to 1; it may fall back.
    nodes: how much is searched at most; `is_proved` and `bound` tell what came of it.
    Raises NoPanel when no panel keeps the quotas, NotProved when a solver broke off
    before there was any panel.
    """
    if not 0 < seats <= len(pool):
        raise NoPanel
    task = Task.of(pool, quotas, seats=seats)
    shares = most_even_shares(task)
    told = tell or (lambda part: None)
    found = mix_to(task, shares, seed=seed, tell=within(told, 0, 0.8))
    bound, is_proved = float((shares / task.people).min()), True
    if found.missing > ENOUGH:
        found, whole_bound, is_proved = stage_by_stage(
            task, found.panels, seed=seed, nodes=nodes, tell=within(told, 0.8, 1)
        )
        bound = min(bound, whole_bound)
    return mixture_of(task, found, bound=bound, is_proved=is_proved)


def within(tell: Tell, begin: float, end: float) -> Tell:
    """To be told of a part of the whole."""
    return lambda part: tell(begin + (end - begin) * part)


@dataclass(frozen=True, kw_only=True)
class Found:
    """Panels, shape (panels, kinds), their weights, and what they lack of the aim."""

    panels: list[Floats]
    weights: Floats
    missing: float


def mixture_of(task: Task, found: Found, *, bound: float, is_proved: bool) -> Mixture:
    """What was found, checked, with weights that are whole numbers."""
    if not all(task.keeps_to(panel) for panel in found.panels):
        raise NotProved("A solver gave a panel that breaks a quota.")
    kept = [i for i, weight in enumerate(found.weights) if weight > 0]
    weights = rounded(found.weights[kept] / found.weights[kept].sum())
    rows = [tuple(int(seats) for seats in found.panels[i]) for i in kept]
    return Mixture(
        kinds=task.kinds,
        kind_of=task.kind_of,
        people=tuple(int(size) for size in task.people),
        panels=tuple(row for row, weight in zip(rows, weights, strict=True) if weight),
        weights=tuple(weight for weight in weights if weight),
        bound=bound,
        is_proved=is_proved,
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
    solver = quiet_solver(
        primal_feasibility_tolerance=1e-9, dual_feasibility_tolerance=1e-9
    )
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


def mix_to(task: Task, shares: Floats, *, seed: int, tell: Tell) -> Found:
    """Whole panels that mix to the shares, as far as they can."""
    finder = PanelFinder(task, nodes=NODES_OF_MIXING)
    panels, weights = split(task, shares, finder, seed=seed, tell=tell)
    tried: list[Floats] = []
    missing = 1 - sum(weights)
    for most in PUT_BACK if missing > CRUMB else ():
        if tried and 1 - sum(weights) > most:
            continue
        while weights and 1 - sum(weights) < most - TOLERANCE:
            tried.append(panels.pop())
            weights.pop()
        taken = sum((w * p for w, p in zip(weights, panels, strict=True)), 0 * shares)
        rest = price_in(
            task,
            np.maximum(shares - taken, 0),
            1 - sum(weights),
            tried,
            finder,
            seed=seed,
            tell=tell,
        )
        missing, tried = rest.missing, rest.panels
        if missing <= ENOUGH:
            panels += rest.panels
            weights += list(rest.weights)
            break
    if missing > ENOUGH:
        return Found(panels=[*panels, *tried], weights=np.array([]), missing=missing)
    return Found(panels=panels, weights=np.array(weights), missing=missing)


def split(
    task: Task, shares: Floats, finder: PanelFinder, *, seed: int, tell: Tell
) -> tuple[list[Floats], list[float]]:
    """Panels taken out of the shares, one after the other, until nothing remains.

    Each panel keeps to what the remainder keeps to (who is out stays out, a full row
    stays full), so taking it out leaves a remainder that still keeps every quota. One
    of which much can be taken is looked for first, and then one of which less can.
    """
    chance = np.random.default_rng(seed)
    left, weight, step = shares.copy(), 1.0, 1.0
    panels: list[Floats] = []
    weights: list[float] = []
    while weight > CRUMB:
        each = left / task.people
        wanted = each / weight * (1 + 0.2 * chance.random(len(left)))
        average = left.sum() / task.people[left > NEAR * weight].sum()
        smallest = SMALLEST_STEP * average
        step = min(max(step, smallest), weight, each.max())
        while step >= smallest * 0.999:
            face = Face.within(task, left, weight, step=step)
            panel = None if face is None else finder.near_by(wanted, face)
            if panel is not None:
                break
            step *= 0.7
        else:
            break
        taken = most_of(task, panel, left, weight)
        if taken < NEAR**2:
            break
        left = np.maximum(left - taken * panel, 0)
        weight -= taken
        panels.append(panel)
        weights.append(taken)
        step = max(step, taken)
        tell(1 - weight)
    return panels, weights


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


# --- 3. panels that prices ask for -------------------------------------------------


def price_in(
    task: Task,
    left: Floats,
    weight: float,
    panels: Sequence[Floats],
    finder: PanelFinder,
    *,
    seed: int,
    tell: Tell,
) -> Found:
    """Panels that mix to what is left, by column generation.

    Missing is, summed over the kinds, how much of their chance is not reached. Only if
    all is left it is tried by searching too: then, when no panel is worth more than the
    prices say, less cannot be missing.
    """
    chance = np.random.default_rng(seed)
    shares = left / weight
    face = Face.of(task, shares)
    is_last = weight > 1 - TOLERANCE
    master = Master(task, shares, face)
    for panel in panels:
        master.add(panel)
    if not panels:
        first = finder.near_by(shares / task.people, face)
        if first is None and is_last:
            first = finder.searched(shares / task.people, face, prove=False)
        if first is None:
            return Found(panels=[], weights=np.array([]), missing=weight)
        master.add(first)
    most_missing, mean, before_that = 0.0, None, np.inf
    for number_of_round in range(ROUNDS):
        missing, weights, prices, pay = master.solve()
        if missing * weight <= CRUMB:
            break
        if not is_last and number_of_round % HALVED_WITHIN == 0:
            if missing > before_that / 2:
                break
            before_that = missing
        most_missing = max(most_missing, missing)
        tell(1 - weight * missing / most_missing)
        before = len(master.panels)
        mean = prices if mean is None else STAYS * mean + (1 - STAYS) * prices
        noise = NOISE * np.abs(prices).max()
        for number in range(ASKED_OF_WHOLE if is_last else ASKED):
            asked = mean if number % 2 else prices
            if number > 1:
                far = noise * 10 ** chance.uniform(NEAREST, FARTHEST)
                asked = asked + far * chance.standard_normal(len(left))
            near = finder.near_by(asked, face)
            if near is not None and prices @ near > pay + NEAR / 100:
                master.add(near)
        if len(master.panels) == before:
            if not is_last or finder.nodes <= 0:
                break
            best = finder.searched(prices, face)
            if best is None or prices @ best <= pay + NEAR / 100:
                break
            master.add(best)
    return Found(
        panels=master.panels, weights=weight * weights, missing=weight * missing
    )


class Master:
    """The weights of given panels that miss least of the shares.

    Who sits in every panel of the face, or in none, has no row.
    """

    def __init__(self, task: Task, shares: Floats, face: Face) -> None:
        self.live = np.flatnonzero(face.upper > face.lower)
        self.place = np.full(len(shares), -1)
        self.place[self.live] = np.arange(len(self.live))
        self.kinds = len(shares)
        self.panels: list[Floats] = []
        self.known: set[bytes] = set()
        many = len(self.live)
        self.solver = quiet_solver(
            presolve="off",
            simplex_strategy=4,
            primal_feasibility_tolerance=1e-9,
            dual_feasibility_tolerance=1e-9,
        )
        self.solver.passModel(
            program(
                cost=1 / task.people[self.live],
                lower=np.zeros(many),
                upper=np.full(many, UNBOUNDED),
                low=np.append(shares[self.live], 1.0),
                high=np.append(np.full(many, UNBOUNDED), 1.0),
                columns=[np.array([place]) for place in range(many)],
            )
        )

    def add(self, panel: Floats) -> None:
        if panel.tobytes() in self.known:
            return
        self.known.add(panel.tobytes())
        self.panels.append(panel)
        sits = self.live[panel[self.live] > 0]
        rows = np.append(self.place[sits], len(self.live)).astype(np.int32)
        values = np.append(panel[sits], 1.0)
        self.solver.addCol(0.0, 0.0, UNBOUNDED, len(rows), rows, values)

    def solve(self) -> tuple[float, Floats, Floats, float]:
        """What is missing; the weights; the price of each kind; what a panel costs."""
        self.solver.run()
        if self.solver.getModelStatus() != OPTIMAL:
            raise NotProved("The mixing of panels was not solved.")
        solution = self.solver.getSolution()
        dual = np.array(solution.row_dual)
        prices = np.zeros(self.kinds)
        prices[self.live] = dual[:-1]
        weights = np.maximum(np.array(solution.col_value)[len(self.live) :], 0)
        missing = max(self.solver.getObjectiveValue(), 0.0)
        return missing, weights, prices, -float(dual[-1])


# --- 4. stage by stage among whole panels ------------------------------------------


def stage_by_stage(
    task: Task, panels: Sequence[Floats], *, seed: int, nodes: int, tell: Tell
) -> tuple[Found, float, bool]:
    """Leximin where parts of people reach chances that whole panels do not.

    As in `most_even_shares`, but among mixtures of whole panels: in each round panels
    are added until none is worth more than the prices say, which proves the round.
    Returns what was found, what no smallest chance can exceed, and whether each round
    was proved.
    """
    chance = np.random.default_rng(seed)
    face, finder = Face.whole(task), PanelFinder(task, nodes=nodes)
    stages = Stages(task)
    for panel in panels or [first_panel(task, finder, face)]:
        stages.add(panel)
    bound, is_proved, rounds = np.inf, True, ROUNDS_OF_STAGES
    while stages.are_open:
        while True:
            smallest, weights, prices, pay = stages.solve()
            tell(float(np.mean(~np.isnan(stages.settled))))
            before = len(stages.panels)
            noise = NOISE * prices.max()
            rounds -= 1
            if rounds < 0:
                finder.nodes = 0
            for number in range(ASKED if rounds >= 0 else 0):
                asked = prices + min(number, 1) * noise * chance.random(len(prices))
                near = finder.near_by(asked, face)
                if near is not None and prices @ near > pay + NEAR / 10:
                    stages.add(near)
            if len(stages.panels) > before:
                continue
            best = finder.searched(prices, face)
            # Nothing is worth more than the bound, so neither is any mixture.
            short = max(finder.bound - pay, 0.0)
            if best is not None and prices @ best > pay + NEAR / 10:
                stages.add(best)
            # Once all rounds are used up, one look at each stage.
            if len(stages.panels) == before or rounds < 0:
                break
        if np.isinf(bound):
            bound = smallest + short
        is_proved = is_proved and short <= 10 * NEAR
        stages.settle(smallest, prices)
    return (
        Found(panels=stages.panels, weights=weights, missing=0.0),
        bound,
        is_proved,
    )


def first_panel(task: Task, finder: PanelFinder, face: Face) -> Floats:
    worth = np.ones(len(task.people))
    panel = finder.near_by(worth, face)
    if panel is None:
        finder.nodes = max(finder.nodes, NODES_OF_MIXING)
        panel = finder.searched(worth, face)
    if panel is None:
        if np.isfinite(finder.bound):
            raise NotProved("No panel was found, and none is known not to be.")
        raise NoPanel
    return panel


class Stages:
    """Mixtures of given panels in which the smallest chance of who is not settled yet
    is largest. Rows: the kinds, and the weights' sum; columns: that chance, panels.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        self.kinds = len(task.people)
        self.settled = np.full(self.kinds, np.nan)
        self.panels: list[Floats] = []
        self.known: set[bytes] = set()
        self.solver = quiet_solver(
            presolve="off",
            simplex_strategy=4,
            primal_feasibility_tolerance=1e-9,
            dual_feasibility_tolerance=1e-9,
        )
        self.solver.passModel(
            program(
                cost=np.array([-1.0]),
                lower=np.zeros(1),
                upper=np.ones(1),
                low=np.append(np.zeros(self.kinds), 1.0),
                high=np.append(np.full(self.kinds, UNBOUNDED), 1.0),
                columns=[np.arange(self.kinds)],
                values=[-task.people],
            )
        )

    @property
    def are_open(self) -> bool:
        return bool(np.isnan(self.settled).any())

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
        """The smallest chance; the weights; the price of each kind; a panel's cost."""
        self.solver.run()
        if self.solver.getModelStatus() != OPTIMAL:
            raise NotProved("The mixing of panels was not solved.")
        solution = self.solver.getSolution()
        prices = np.array(solution.row_dual)
        weights = np.maximum(np.array(solution.col_value)[1:], 0)
        smallest = float(solution.col_value[0])
        return smallest, weights, np.maximum(prices[:-1], 0), -float(prices[-1])

    def settle(self, smallest: float, prices: Floats) -> None:
        """Who has a price cannot have more unless somebody else has less."""
        open_ = np.isnan(self.settled)
        done = np.flatnonzero(open_ & (prices > NEAR / 100))
        for kind in done if len(done) else np.flatnonzero(open_):
            self.settled[kind] = smallest
            least = smallest * float(self.task.people[kind]) - 1e-11
            self.solver.changeCoeff(int(kind), 0, 0.0)
            self.solver.changeRowBounds(int(kind), least, UNBOUNDED)
