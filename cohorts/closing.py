"""A bound for each set of hours, closed in on by looking at cases. Pure.

Where few sets of windows let everybody in, each has a bound of its own, which also
knows that the weakest group counts as much as all of them together. Those that promise
most are looked at again and again; where that no longer helps, a case is split in two
or more: a need is met in all groups or unmet in one, somebody sits here or there. What
follows from each (``cohorts.narrowing``) makes its bound tighter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cohorts.narrowing import Lost, Narrowing
from cohorts.relaxing import Bounding, Limits
from cohorts.tally import Table

AT_ONCE, CHUNK = 96, 4
AIM, LEAN = 0.004, 4.0
# rounds for a set of hours, and then for each case, before it is split
BEFORE, BETWEEN = 24, 8
SO_RARE = 3  # offers of what may be unmet

Watch = Callable[[float], bool]


@dataclass(kw_only=True)
class _Case:
    windows: tuple[int, ...]
    at_most: float
    prices: Table
    shares: Table
    leaning: Table  # how much the weakest weighs on each window
    may: Table  # groups × people: who may be where
    chosen: Table  # how often of late each was in the best group
    lost: Lost | None = None  # not looked at yet
    met: frozenset[int] = frozenset()
    unmet: frozenset[int] = frozenset()
    rounds: int = 0
    left: int = BEFORE

    @property
    def costs(self) -> Lost:
        assert self.lost is not None
        return self.lost

    @property
    def is_open(self) -> bool:
        return bool(np.isnan(self.costs.known).any())


def by_covers(
    relaxed: Bounding,
    covers: list[tuple[int, ...]],
    prices: Table,
    shares: Table,
    *,
    turns: int,
    watch: Watch | None = None,
) -> dict[tuple[int, ...], float]:
    """The most that each cover allows, the most promising first; those are left out in
    which the rules cannot be kept."""
    if not covers:
        return {}
    groups, narrowing = relaxed.pool.groups, Narrowing(relaxed)
    everything = np.arange(len(relaxed.windows))
    first = relaxed.best(prices, shares, everything, relaxed.sizes).value.max(axis=1)
    nobody = np.zeros((groups, relaxed.count))
    tree = [
        _Case(
            windows=windows,
            at_most=float((prices.sum() + first[list(windows)].sum()) / groups),
            prices=prices,
            shares=shares[list(windows)],
            leaning=np.zeros(len(windows)),
            may=relaxed.eligible[list(windows)],
            chosen=nobody,
        )
        for windows in covers
    ]
    ended: list[_Case] = []  # nothing is open in these
    done = -np.inf
    for _ in range(turns):
        tree.sort(key=lambda case: (-case.at_most, case.windows))
        if not tree or done >= tree[0].at_most:
            break
        if watch is not None and not watch(tree[0].at_most):
            break
        now = [
            part
            for case in tree[:AT_ONCE]
            for part in ([case] if case.left > 0 else _split(narrowing, case))
            if part.lost is not None or _begin(narrowing, part)
        ]
        del tree[:AT_ONCE]
        if now:
            _tighten(relaxed, now)
        for case in now:
            (tree if case.is_open else ended).append(case)
        done = max((case.at_most for case in ended), default=-np.inf)
    found: dict[tuple[int, ...], float] = {}
    for case in (*tree, *ended):
        found[case.windows] = max(found.get(case.windows, -np.inf), case.at_most)
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))


def _begin(narrowing: Narrowing, case: _Case) -> bool:
    """False where it turns out that nothing can be as the case says."""
    may = narrowing.narrow(case.may, case.met)
    case.lost = None if may is None else narrowing.lost(may)
    if may is None or case.lost is None:
        return False
    case.may = may
    least = case.costs.somewhere[sorted(case.unmet)].min(axis=1)
    return bool(np.isfinite(least).all())


def _split(narrowing: Narrowing, case: _Case) -> Iterator[_Case]:
    """Cases of which one is true if this one is."""
    tag = _rare(narrowing, case)
    case = replace(case, left=BETWEEN, rounds=case.rounds // 2)
    if tag is not None:
        parts = [
            replace(case, met=case.met | {tag}),
            replace(case, unmet=case.unmet | {tag}),
        ]
    else:
        person, parts = _undecided(narrowing, case), []
        for group in np.flatnonzero(case.may[:, person]):
            may = case.may.copy()
            may[:, person] = np.arange(len(may)) == group
            parts.append(replace(case, may=may))
    yield from (part for part in parts if _begin(narrowing, part))


def _rare(narrowing: Narrowing, case: _Case) -> int | None:
    """What few offer, and it is open yet whether all who need it have it near."""
    offers = narrowing.offer.sum(axis=0)
    needs = narrowing.need.sum(axis=0)
    some = [
        (int(offers[tag]), -int(needs[tag]), tag)
        for tag in range(len(offers))
        if offers[tag] <= SO_RARE
        and tag not in case.met | case.unmet
        and case.costs.somewhere[tag].min() > 0
        and np.isfinite(case.costs.somewhere[tag]).any()
    ]
    return min(some)[2] if some else None


def _undecided(narrowing: Narrowing, case: _Case) -> int:
    """Whoever offers what is rare and met; else whom most groups would like to have."""
    open_to = case.may.sum(axis=0)
    for tag in sorted(case.met):
        for person in np.flatnonzero(narrowing.offer[:, tag] & (open_to > 1)):
            return int(person)
    wanted = np.where(
        open_to > 1, case.chosen.sum(axis=0) - case.chosen.max(axis=0), -1
    )
    return int(wanted.argmax())


def _tighten(relaxed: Bounding, cases: Sequence[_Case]) -> None:
    """Some rounds for each of the cases, all of them at once.

    The weakest group is no stronger than any mean of the groups, so half of what counts
    may lean on the windows that allow least.
    """
    groups, tally = relaxed.pool.groups, relaxed.tally
    rows = np.concatenate([case.windows for case in cases])
    of = np.repeat(np.arange(len(cases)), groups)
    prices = np.stack([case.prices for case in cases])
    shares = np.concatenate([case.shares for case in cases])
    leaning = np.concatenate([case.leaning for case in cases])
    at_most = np.array([case.at_most for case in cases])
    rounds = np.array([case.rounds for case in cases])
    limits = Limits(
        may=np.concatenate([case.may for case in cases]),
        lost=np.concatenate([case.costs.always for case in cases]),
        known=np.concatenate([case.costs.known for case in cases]),
    )
    unmet = [case.costs.somewhere[sorted(case.unmet)] for case in cases]
    chosen = np.zeros((len(rows), relaxed.count))
    for _ in range(CHUNK):
        pull = np.exp(leaning)
        pull /= np.bincount(of, pull)[of]
        counts = (1 + groups * pull) / 2
        best = relaxed.best(
            prices[of], shares, rows, relaxed.sizes, counts=counts, limits=limits
        )
        top, at = best.value.max(axis=1), best.value.argmax(axis=1)
        worth = np.bincount(of, top, len(cases))
        for nth, some in enumerate(unmet):
            if len(some):
                here = counts[nth * groups : (nth + 1) * groups]
                worth[nth] -= (some * here).min(axis=1).sum()
        asked = np.zeros((len(cases), relaxed.count))
        found = (prices.sum(axis=1) + worth) / groups
        pace = np.maximum(0.05, 1.0 / (rounds + 2))
        paid = np.zeros(len(rows))
        for nth in range(len(relaxed.sizes)):
            here = np.flatnonzero((at == nth) & np.isfinite(top))
            if not len(here):
                continue
            members = best.members(here, nth)
            np.add.at(asked, (of[here][:, None], members), 1)
            np.add.at(chosen, (here[:, None], members), 1 / CHUNK)
            paid[here] = prices[of[here][:, None], members].sum(axis=1)
            told = relaxed.rows[members].sum(axis=1)
            total = told @ tally.of_trait
            told /= np.maximum(total @ tally.of_trait.T, 1)
            for trait, part in enumerate(tally.span):
                some = total[:, trait] > 0
                old = shares[here[some], part]
                shares[here[some], part] = old + pace[of[here[some]]][:, None] * (
                    told[some, part] - old
                )
        at_most = np.minimum(at_most, found)
        step = asked - 1
        # Polyak's step towards a little below the best so far
        square = np.maximum((step * step).sum(axis=1), 1)
        goal = at_most - AIM / (1 + rounds / 30)
        prices = prices + (groups * (found - goal) / square)[:, None] * step
        strength = np.where(np.isfinite(top), (top + paid) / counts, 1)
        middle = (np.bincount(of, strength) / np.bincount(of))[of]
        leaning = leaning - LEAN * (strength - middle)
        rounds = rounds + 1
    for n, case in enumerate(cases):
        part = slice(n * groups, (n + 1) * groups)
        case.prices, case.shares, case.leaning = prices[n], shares[part], leaning[part]
        case.at_most, case.rounds = float(at_most[n]), int(rounds[n])
        case.chosen, case.left = chosen[part], case.left - CHUNK
