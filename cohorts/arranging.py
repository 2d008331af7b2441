"""Looks for groups that keep all rules and are strong, the weakest not forgotten. Pure.

First hours for the groups: windows in which everybody finds a seat, those preferred
that the prices of the bound prefer. Several beginnings are cooled down by exchanges
(``cohorts.exchanging``), and the best of them are followed: their groups are given
other hours, and what that upsets is mended. Same pool, seed and effort: same groups.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np

from cohorts.bounding import Bound, bound
from cohorts.exchanging import DRIFT, SHORT, Groups, Search, Worth
from cohorts.tally import Table, Tally, Window
from cohorts.weighing import GROUP_RULE, Pool


@dataclass(frozen=True, kw_only=True)
class Step:
    """How far it is, to be shown to whoever waits."""

    done: float  # 0 to 1
    broken: int
    value: float  # mean of the mean and the weakest strength
    at_most: float | None


Watch = Callable[[Step], bool]  # False stops the search with the best so far


# Hours to begin with


def first_windows(
    tally: Tally, bound: Bound | None, *, rng: random.Random
) -> list[Window | None]:
    """A window for each group, as often as the relaxed groups of the bound want it."""
    groups = tally.pool.groups
    if bound is None:
        return [None] * groups
    whole = sum(bound.wanted)
    at, turn = 0.0, rng.random()
    windows: list[Window | None] = []
    for window, wanted in zip(bound.windows, bound.wanted, strict=True):
        at += wanted * groups / whole
        while len(windows) < groups and turn + len(windows) < at:
            windows.append(window)
    windows += [bound.windows[0]] * (groups - len(windows))
    return windows


def covers(
    bound: Bound, makes: Table, *, groups: int, dives: int, chance: np.random.Generator
) -> list[list[int]]:
    """Windows for all groups among which everybody finds hours, by diving for them:
    whoever has least choice among those left chooses, the rest by chance."""
    short = np.array(bound.short)
    able = makes[:, makes.any(axis=0)]
    found: dict[tuple[int, ...], None] = {}
    for _ in range(dives):
        left = np.arange(able.shape[1])
        chosen: list[int] = []
        while len(left) and len(chosen) < groups:
            here = able[:, left]
            hardest = int(here.sum(axis=0).argmin())
            some = np.flatnonzero(here[:, hardest])
            gain = here[some].sum(axis=1)
            if int(here.sum(axis=1).max()) * (groups - len(chosen)) < len(left):
                break
            noise = chance.gumbel(size=len(some))
            score = GAIN * gain / len(left) - short[some] / SHORT + noise
            window = int(some[score.argmax()])
            chosen.append(window)
            left = left[~able[window, left]]
        if len(left):
            continue
        noise = chance.gumbel(size=(groups, len(short)))
        for nth in range(len(chosen), groups):
            chosen.append(int((noise[nth] - short / SHORT).argmax()))
        found[tuple(sorted(chosen))] = None
    order = sorted(found, key=lambda one: (float(short[list(one)].sum()), one))
    return [list(one) for one in order]


@dataclass(frozen=True, kw_only=True)
class Work:
    """How much to do, counted and never timed, so that a seed means something."""

    rounds: int  # of the bound
    dives: int  # for hours to begin with
    beginnings: int
    exchanges: int  # in each beginning
    steps: int  # with other hours, from the best beginning
    inner: int  # exchanges after each
    followed: int = 1  # so many beginnings share the steps
    again: int = 0  # more exchanges for the best of the beginnings
    drift: float = DRIFT  # how often hours follow the people who happen to sit there

    @classmethod
    def usual(cls, people: int) -> Work:
        if people <= 24:
            return cls(
                rounds=120,
                dives=100,
                beginnings=12,
                exchanges=200,
                steps=60,
                inner=30,
                followed=2,
            )
        if people <= 45:
            return cls(
                rounds=200,
                dives=200,
                beginnings=8,
                exchanges=300,
                steps=120,
                inner=40,
                followed=2,
            )
        if people <= 120:
            return cls(
                rounds=200,
                dives=600,
                beginnings=90,
                exchanges=120,
                again=700,
                drift=0.02,
                steps=160,
                inner=60,
                followed=5,
            )
        if people <= 300:
            return cls(
                rounds=200,
                dives=300,
                beginnings=4,
                exchanges=2000,
                steps=1100,
                inner=80,
            )
        return cls(
            rounds=150 if people <= 700 else 200,
            dives=60,
            beginnings=2,
            exchanges=6000,
            steps=1000,
            inner=100,
        )

    @classmethod
    def within(cls, people: int, moves: int) -> Work:
        """The usual work, or so much less of it as moves are fewer than usual."""
        usual = cls.usual(people)
        part = min(1.0, moves / (20_000 + 1_000 * people))
        if moves >= 250_000:
            part = 1.0
        return cls(
            **{
                name: max(1, round(part * many))
                if many and isinstance(many, int)
                else many
                for name, many in asdict(usual).items()
            }
        )


GAIN = 6.0
NOTHING = 1e-6


@dataclass(frozen=True, kw_only=True)
class Arranged:
    masks: Groups
    broken: float  # points
    value: float
    at_most: float | None
    cannot_be: bool  # it is proven that no arrangement keeps the rules


@dataclass(frozen=True, kw_only=True)
class _Beginning:
    """Hours for all groups, and how good groups at these could be."""

    windows: list[Window | None]
    at_most: float = 1.0


def _beginnings(
    tally: Tally, found: Bound | None, *, seed: int, work: Work
) -> list[_Beginning]:
    """Those first that let most people in."""
    groups, chance = tally.pool.groups, np.random.Generator(np.random.PCG64(seed))
    if found is None or not groups:
        return [_Beginning(windows=[None] * groups)]
    makes = np.stack([tally.who(window) for window in found.windows])
    listed = [(list(cover), promise) for cover, promise in found.covers.items()] or [
        (cover, 1.0)
        for cover in covers(
            found,
            makes[:, : tally.count],
            groups=groups,
            dives=work.dives,
            chance=chance,
        )
    ]
    tried: list[tuple[float, int, _Beginning]] = []
    for cover, promise in listed[: 3 * work.beginnings]:
        windows: list[Window | None] = [found.windows[n] for n in cover]
        windows += [found.windows[0]] * (groups - len(cover))
        search = Search(tally, windows, seed=seed, likely=found)
        begun = _Beginning(windows=windows, at_most=promise)
        tried.append((search.worth()[0], len(tried), begun))
    tried.sort(key=lambda one: one[:2])
    wanted = first_windows(tally, found, rng=random.Random(seed))
    return [
        *(begun for _, _, begun in tried[: work.beginnings]),
        _Beginning(windows=wanted),
    ]


def arrange(
    pool: Pool, *, seed: int, work: Work, watch: Watch | None = None
) -> Arranged:
    """Groups, and how good any could be. The watch may stop it with the best so far."""
    tally = Tally(pool)
    told = watch or (lambda step: True)

    def bounding(at_most: float) -> bool:
        return told(Step(done=0.0, broken=0, value=0.0, at_most=at_most))

    found = bound(tally, rounds=work.rounds, watch=bounding)
    at_most = None if found is None else found.at_most

    def shown(begin: float, part: float) -> Callable[[float, Worth], bool]:
        def tell(done: float, worth: Worth) -> bool:
            going = told(
                Step(
                    done=begin + part * done,
                    broken=int(worth[0] // GROUP_RULE),
                    value=-worth[1],
                    at_most=at_most,
                )
            )
            return going and not _keeps(worth, above=(at_most or 1.0) - NOTHING)

        return tell

    begun: list[Search] = []
    going = True
    beginnings = _beginnings(tally, found, seed=seed, work=work)
    for nth, beginning in enumerate(beginnings):
        if begun and _keeps(begun[0].best_worth, above=beginning.at_most):
            continue
        search = Search(tally, beginning.windows, seed=seed + nth, likely=found)
        tell = shown(0.3 * nth / len(beginnings), 0.3 / len(beginnings))
        going = search.cool(moves=work.exchanges, drift=work.drift, watch=tell)
        begun.append(search)
        begun.sort(key=lambda one: one.best_worth)
        del begun[work.followed * (3 if work.again else 1) :]
        if not going:
            break
    for search in begun if going and work.again else ():
        search.cool(moves=work.again, drift=work.drift)
    begun.sort(key=lambda one: one.best_worth)
    del begun[work.followed :]
    many = len(begun)
    for nth, search in enumerate(begun if going else ()):
        tell = shown(0.3 + 0.7 * nth / many, 0.7 / many)
        going = search.wander(steps=work.steps // many, inner=work.inner, watch=tell)
        if not going:
            break
    best = min(begun, key=lambda one: one.best_worth)
    return Arranged(
        masks=best.masks(),
        broken=best.best_worth[0],
        value=-best.best_worth[1],
        at_most=at_most,
        cannot_be=found is not None and found.cannot_be,
    )


def _keeps(worth: Worth, *, above: float) -> bool:
    """Whether all rules are kept, by groups that are better than that."""
    return not worth[0] and -worth[1] > above
