"""How good groups could be at most, whoever looks for them. Pure.

The bound knows nothing of the search. It holds for every arrangement that keeps the
rules: for any price on each person, the groups together are worth at most all prices,
plus for each group the most that any group can be worth beyond the prices of those in
it (Lagrange). What the best group is worth is overestimated in turn: for one window of
hours, one run and one size, needs count as met, ties as absent, and variety, which is
concave in the shares of values, is replaced by a tangent. So the best group is the n
cheapest of those who can make the window. Prices and tangents only make the bound
tighter or looser, never wrong; a subgradient with momentum looks for good ones. Where
few sets of windows let everybody in, each set has a bound of its own
(``cohorts.closing``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cohorts.closing import AT_ONCE, Watch, by_covers
from cohorts.covering import all_covers, with_seats
from cohorts.relaxing import Bounding
from cohorts.tally import Tally, Window
from cohorts.weighing import Pool

ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True)
class Bound:
    at_most: float  # the mean of the mean and the weakest strength
    windows: tuple[Window, ...]  # none of them is worse than another in all respects
    short: tuple[float, ...]  # how far a group in each falls behind the best, by prices
    wanted: tuple[float, ...]  # how many groups would like each
    # all sets of windows in which everybody finds hours, the most promising first, and
    # how good groups in these could be; none where they are too many to be listed
    covers: Mapping[tuple[int, ...], float]
    cannot_be: bool = False  # in none of all sets of hours the rules can be kept


def bound(
    tally: Tally, *, rounds: int = 400, watch: Watch | None = None
) -> Bound | None:
    """The least that was found in so many rounds; None where no group can be at all."""
    relaxed = Bounding(tally)
    groups = tally.pool.groups
    if not groups or not relaxed.windows or not relaxed.sizes:
        return None
    return _descend(relaxed, rounds=rounds, watch=watch)


SO_FEW = 120  # people
EVERY = 10  # rounds between two in which all windows are looked at
RATE, FALL = 0.005, 10.0  # of prices, by the size of groups
QUICK, SLOWEST = 0.2, 0.01  # of tangents: how they follow the best groups
SHARP = 0.0012  # windows so much behind the best still pull at the prices


def _descend(relaxed: Bounding, *, rounds: int, watch: Watch | None) -> Bound:
    tally, groups = relaxed.tally, relaxed.pool.groups
    count, shown = relaxed.count, len(relaxed.windows)
    everything = np.arange(shown)
    usual = (count - relaxed.must_wait) / groups
    middle = min(relaxed.sizes, key=lambda size: abs(size - usual))
    # to begin with everybody's price is what they take from the variety of the whole
    whole = relaxed.rows.sum(axis=0)
    shares = np.empty((shown, whole.size))
    for part in tally.span:
        shares[:, part] = whole[part] / max(1.0, whole[part].sum())
    prices = np.zeros(count)
    if tally.traits:
        weight = relaxed.pool.rules.weights.varied / tally.traits
        steep = relaxed.steep[relaxed.sizes.index(middle)][:1]
        quiet, _lacks = relaxed.quiet(shares[:1], everything[:1], middle)
        slope = relaxed.slopes(shares[:1], quiet, middle, 2 * weight * steep)[0]
        prices -= slope - slope.mean()

    lowest, kept = np.inf, (prices.copy(), shares.copy())
    look, speed = everything, np.zeros(count)
    size_of = np.full(count, 0.0)
    wanted = np.zeros(shown)
    near = sorted({middle, *(s for s in relaxed.sizes if abs(s - usual) < 1)})
    for nth in range(rounds):
        whole_look = nth % EVERY == 0 or nth == rounds - 1
        if whole_look:
            look = everything
        sizes = relaxed.sizes if whole_look else near
        best = relaxed.best(prices, shares[look], look, sizes)
        top = best.value.max(axis=1)
        peak = float(top.max())
        if whole_look:
            found = relaxed.at_most(prices, peak)
            if found < lowest:
                lowest, kept = found, (prices.copy(), shares.copy())
            if watch is not None and not watch(lowest):
                break
        if not np.isfinite(peak):  # none of those looked at has so many people
            look = everything
            continue
        near_top = np.exp((top - peak) / SHARP)
        near_top /= near_top.sum()
        asked = np.zeros(count)
        pace = max(SLOWEST, QUICK / (nth + 3))
        for at, size in enumerate(sizes):
            rows = np.flatnonzero(best.value.argmax(axis=1) == at)
            rows = rows[np.isfinite(top[rows])]
            if not len(rows):
                continue
            chosen = best.members(rows, at)
            asked += np.bincount(
                chosen.ravel(),
                weights=np.repeat(near_top[rows], size),
                minlength=count,
            )
            here = relaxed.rows[chosen].sum(axis=1)
            total = here @ tally.of_trait
            here /= np.maximum(total @ tally.of_trait.T, 1)
            for trait, part in enumerate(tally.span):
                some = rows[total[:, trait] > 0]
                told = here[total[:, trait] > 0][:, part]
                shares[look[some], part] += pace * (told - shares[look[some], part])
        wanted *= 0.97
        wanted[look] += 0.03 * groups * near_top
        step = groups * asked - 1
        speed = 0.9 * speed + 0.1 * step
        size_of = 0.99 * size_of + 0.01 * step * step
        rate = RATE / usual / (1 + FALL * nth / rounds)
        prices += rate * speed / (np.sqrt(size_of / (1 - 0.99 ** (nth + 1))) + 1e-3)
        if whole_look:
            behind = peak - top
            look = np.flatnonzero(
                behind
                < max(
                    12 * SHARP,
                    np.partition(behind, min(60, shown) - 1)[min(60, shown) - 1],
                )
            )
    prices, shares = kept
    covers: dict[tuple[int, ...], float] = {}
    cannot_be = False
    if not relaxed.must_wait and not relaxed.may_be_empty and count <= SO_FEW:
        listed = all_covers(relaxed, groups=groups)
        fitting = with_seats(relaxed, listed or [], groups=groups)
        covers = by_covers(
            relaxed,
            fitting,
            prices,
            shares,
            turns=max(4, rounds // 2) + len(fitting) // AT_ONCE,
            watch=watch and (lambda at_most: watch(min(lowest, at_most))),
        )
        cannot_be = listed is not None and not covers
        lowest = min(lowest, max(covers.values(), default=lowest))
        # where rules must be broken anyway, everybody finds hours in these at least
        covers = covers or dict.fromkeys(fitting, lowest)
    best = relaxed.best(prices, shares, everything, relaxed.sizes)
    top = best.value.max(axis=1)
    return Bound(
        at_most=lowest + ROUNDING,
        covers=covers,
        cannot_be=cannot_be,
        windows=tuple(relaxed.windows),
        short=tuple(float(top.max() - one) for one in top),
        wanted=tuple(float(one) for one in wanted),
    )


def bound_of(pool: Pool, *, rounds: int = 400) -> float | None:
    found = bound(Tally(pool), rounds=rounds)
    return None if found is None else found.at_most
