"""What readings say about applications once severe and mild reviewers are told apart.

Pure: plain data in, plain data out, seeded where chance is involved.

Each score is `mean + application + reviewer + error`, with application and reviewer
both random: `y_ij = mu + theta_i + beta_j + e_ij`. The three variances are those of
restricted maximum likelihood, found by its expectation-maximisation steps (Patterson
and Thompson, *Biometrika* 58, 1971; Dempster, Laird and Rubin 1977); with them,
Henderson's mixed model equations give each effect and how sure it is (Henderson,
*Biometrics* 31, 1975). What counts is not an effect but its place: the expected rank
`1 + sum over k of P(theta_k > theta_i)`, with the interval of the place (Heyard, Ott,
Salanti and Egger, *Statistics and Public Policy* 9, 2022).

The equations are solved with the applications taken out first: what is left is one
row for each reviewer, however many applications there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from math import erfc, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

STEPS = 2000
CLOSE = 1e-7
DRAWS = 2000
STRIPE = 250
TINY = 1e-18
# The place lies in this part of the draws: nine of ten.
SURE = 0.9


class Band(Enum):
    ABOVE = "above"  # clearly above the line
    OVERLAP = "overlap"  # it could be either
    BELOW = "below"


@dataclass(frozen=True, kw_only=True)
class Reading:
    application: str
    reviewer: str
    score: float


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An application: its score without severity, and its place with its interval."""

    application: str
    readings: int
    mean: float  # of its scores, as they were given
    score: float  # without the severity of whoever read it
    least: float  # the interval of the score
    most: float
    rank: float  # expected
    low: int  # the interval of the place, best first
    high: int


@dataclass(frozen=True, kw_only=True)
class Severity:
    """A reviewer: how far their scores lie from the others', and how sure that is."""

    reviewer: str
    readings: int
    shift: float
    error: float


@dataclass(frozen=True, kw_only=True)
class Variances:
    application: float
    reviewer: float
    error: float


@dataclass(frozen=True, kw_only=True)
class Reckoning:
    mean: float
    variances: Variances
    standings: tuple[Standing, ...]  # best first
    severities: tuple[Severity, ...]


def reckon(
    readings: Sequence[Reading], *, seed: int, sure: float = SURE
) -> Reckoning | None:
    """The standings that the readings allow; None when nobody has read anything."""
    if not readings:
        return None
    panel = _Panel(readings)
    variances = panel.variances()
    return panel.reckoning(variances, seed=seed, sure=sure)


def band(standing: Standing, *, seats: int) -> Band:
    """Where a place lies against the line under the last seat."""
    if standing.high <= seats:
        return Band.ABOVE
    return Band.BELOW if standing.low > seats else Band.OVERLAP


class _Panel:
    """The readings as sums by application and reviewer."""

    def __init__(self, readings: Sequence[Reading]) -> None:
        # In an order of their own: sums of floats depend on it.
        readings = sorted(readings, key=lambda one: (one.application, one.reviewer))
        self.applications = sorted({one.application for one in readings})
        self.reviewers = sorted({one.reviewer for one in readings})
        row = {key: n for n, key in enumerate(self.applications)}
        column = {key: n for n, key in enumerate(self.reviewers)}
        self.i = np.array([row[one.application] for one in readings])
        self.j = np.array([column[one.reviewer] for one in readings])
        self.y = np.array([float(one.score) for one in readings])
        n, q = len(self.applications), len(self.reviewers)
        self.n, self.q, self.size = n, q, len(readings)
        # Each application's readings, each reviewer's, and who read what.
        self.by_application = np.bincount(self.i, minlength=n).astype(float)
        self.by_reviewer = np.bincount(self.j, minlength=q).astype(float)
        # The mean stands as one more column beside the reviewers.
        self.incidence = np.zeros((n, q + 1))
        np.add.at(self.incidence, (self.i, self.j), 1.0)
        self.incidence[:, q] = self.by_application
        self.sums = np.bincount(self.i, weights=self.y, minlength=n)
        by_reviewer = np.bincount(self.j, weights=self.y, minlength=q)
        self.right = np.append(by_reviewer, self.y.sum())
        self.whole = np.zeros((q + 1, q + 1))
        self.whole[:q, :q] = np.diag(self.by_reviewer)
        self.whole[q, :q] = self.whole[:q, q] = self.by_reviewer
        self.whole[q, q] = self.size
        # Applications with the same number of readings weigh alike in every step.
        self.groups = [
            (
                float(count),
                np.flatnonzero(self.by_application == count),
            )
            for count in np.unique(self.by_application)
        ]
        self.products = [
            (
                count,
                self.incidence[rows].T @ self.incidence[rows],
                self.incidence[rows].T @ self.sums[rows],
                len(rows),
            )
            for count, rows in self.groups
        ]

    # Henderson's equations

    def solve(self, to_application: float, to_reviewer: float) -> _Solved:
        """The effects, for ratios of the error's variance to the two others."""
        q = self.q
        left, right = self.whole.copy(), self.right.copy()
        left[np.arange(q), np.arange(q)] += to_reviewer
        for count, product, weighed, _many in self.products:
            left -= product / (count + to_application)
            right -= weighed / (count + to_application)
        inverse: Array = np.asarray(np.linalg.inv(left), dtype=np.float64)
        rest = inverse @ right
        diagonal = self.by_application + to_application
        theta = (self.sums - self.incidence @ rest) / diagonal
        return _Solved(theta, rest, inverse, diagonal)

    def variances(self) -> Variances:
        """Restricted maximum likelihood, step by step until nothing moves."""
        spread = float(self.y.var())
        if self.size < 3 or spread < 1e-12 or self.n < 2:
            return Variances(
                application=spread / 2, reviewer=0.0, error=max(spread / 2, 1e-9)
            )
        # Somebody who reads alone cannot be told from what they read.
        alone = self.q < 2
        floor = spread * 1e-6
        now = np.array([spread / 2, 0.0 if alone else spread / 4, spread / 4])
        for _step in range(STEPS):
            found = self._step(now, alone=alone, floor=floor)
            moved = np.abs(found - now).max() / spread
            now = found
            if moved < CLOSE:
                break
        return Variances(
            application=float(now[0]), reviewer=float(now[1]), error=float(now[2])
        )

    def _step(self, now: Array, *, alone: bool, floor: float) -> Array:
        application, reviewer, error = now
        to_application = error / application
        to_reviewer = error / reviewer if reviewer > 0 else 1e12
        solved = self.solve(to_application, to_reviewer)
        q = self.q
        beta = solved.rest[:q]
        trace = sum(
            many / (count + to_application)
            + (solved.inverse * product).sum() / (count + to_application) ** 2
            for count, product, _weighed, many in self.products
        )
        next_application = (solved.theta @ solved.theta + error * trace) / self.n
        next_reviewer = (
            0.0
            if alone
            else (beta @ beta + error * np.trace(solved.inverse[:q, :q])) / q
        )
        # y'(y - fitted) / (N - 1): the error of restricted likelihood.
        fitted = solved.rest[q] + solved.theta[self.i] + beta[self.j]
        next_error = float(self.y @ (self.y - fitted)) / (self.size - 1)
        return np.maximum(
            [next_application, 0.0 if alone else next_reviewer, next_error],
            [floor, 0.0 if alone else floor, floor],
        )

    # What is told

    def reckoning(self, variances: Variances, *, seed: int, sure: float) -> Reckoning:
        to_application = variances.error / max(variances.application, 1e-12)
        to_reviewer = (
            variances.error / variances.reviewer if variances.reviewer > 0 else 1e12
        )
        solved = self.solve(to_application, to_reviewer)
        q = self.q
        mean = float(solved.rest[q])
        ranks = _expected_ranks(
            solved, self.incidence / solved.diagonal[:, None], error=variances.error
        )
        reach = NormalDist().inv_cdf((1 + sure) / 2) * self._errors(
            solved, error=variances.error
        )
        low, high = self._intervals(solved, variances, seed=seed, sure=sure)
        means = self.sums / self.by_application
        # Between two of the same expected place, the one with the higher score.
        order = np.lexsort((np.arange(self.n), -solved.theta, ranks))
        errors = np.sqrt(np.maximum(np.diag(solved.inverse)[:q], 0) * variances.error)
        return Reckoning(
            mean=mean,
            variances=variances,
            standings=tuple(
                Standing(
                    application=self.applications[i],
                    readings=int(self.by_application[i]),
                    mean=float(means[i]),
                    score=float(mean + solved.theta[i]),
                    least=float(mean + solved.theta[i] - reach[i]),
                    most=float(mean + solved.theta[i] + reach[i]),
                    rank=float(ranks[i]),
                    low=int(low[i]),
                    high=int(high[i]),
                )
                for i in order
            ),
            severities=tuple(
                Severity(
                    reviewer=self.reviewers[j],
                    readings=int(self.by_reviewer[j]),
                    shift=float(solved.rest[j]),
                    error=float(errors[j]),
                )
                for j in range(q)
            ),
        )

    def _errors(self, solved: _Solved, *, error: float) -> Array:
        """How sure each score is: of mean and application together.

        Given reviewers and mean, an application varies by itself; and it moves with
        them as far as its readings rest on them.
        """
        through = -self.incidence / solved.diagonal[:, None]
        through[:, self.q] += 1.0
        own = (through @ solved.inverse * through).sum(axis=1) + 1 / solved.diagonal
        return np.sqrt(np.maximum(own, 0.0) * error)

    def _intervals(
        self, solved: _Solved, variances: Variances, *, seed: int, sure: float
    ) -> tuple[Array, Array]:
        """Places in many draws of all effects together.

        Drawn as the equations are built: reviewers and mean first, then each
        application by itself, for given those it depends on nothing else.
        """
        dice = np.random.default_rng(seed)
        root = sqrt(variances.error)
        # Equal applications get equal intervals only as far as the draws allow.
        upper = np.linalg.cholesky(
            solved.inverse + np.eye(self.q + 1) * 1e-12 * np.trace(solved.inverse)
        )
        places = np.empty((DRAWS, self.n), dtype=np.int32)
        spread = root / np.sqrt(solved.diagonal)
        line = np.arange(1, self.n + 1, dtype=np.int32)
        for start in range(0, DRAWS, 100):
            shocks = dice.standard_normal((100, self.q + 1)) @ upper.T * root
            moved = solved.theta - (shocks @ self.incidence.T) / solved.diagonal
            drawn = moved + dice.standard_normal((100, self.n)) * spread
            order = np.argsort(-drawn, axis=1)
            np.put_along_axis(places[start : start + 100], order, line[None, :], axis=1)
        tail = (1 - sure) / 2
        ordered = np.sort(places, axis=0)
        first = int(np.floor(tail * (DRAWS - 1)))
        return ordered[first], ordered[DRAWS - 1 - first]


@dataclass(frozen=True)
class _Solved:
    theta: Array
    rest: Array  # reviewers, and the mean at the end
    inverse: Array  # of what is left of the equations without the applications
    diagonal: Array  # of the applications


def _expected_ranks(solved: _Solved, weighed: Array, *, error: float) -> Array:
    """One and, for each other application, the chance that it stands higher.

    Two applications vary together as far as they had readers in common. The table of
    all pairs is worked out in stripes: of five thousand it would take 200 MB.
    """
    theta, through = solved.theta, weighed @ solved.inverse
    own = ((through * weighed).sum(axis=1) + 1 / solved.diagonal) * error
    ranks = np.empty(len(theta))
    for start in range(0, len(theta), STRIPE):
        rows = slice(start, start + STRIPE)
        together = through[rows] @ weighed.T * error
        apart = np.sqrt(np.maximum(own[rows, None] + own[None, :] - 2 * together, TINY))
        higher = _normal((theta[None, :] - theta[rows, None]) / apart)
        # Not oneself.
        places = np.arange(len(theta))[rows]
        higher[np.arange(len(places)), places] = 0.0
        ranks[rows] = 1 + higher.sum(axis=1)
    return ranks


# The normal distribution in steps fine enough that a straight line between two of
# them is off by less than one in a hundred million.
_GRID = np.linspace(-8, 8, 40_001)
_VALUES = np.array([erfc(-x / sqrt(2)) / 2 for x in _GRID])


def _normal(x: Array) -> Array:
    return np.interp(x, _GRID, _VALUES)
