"""What readings say about applications once severe and mild reviewers are told apart.

Pure: plain data in, plain data out, seeded where chance is involved.

Each score is `mean + application + reviewer + error`, with application and reviewer
both random: `y_ij = mu + theta_i + beta_j + e_ij`. For known variances Henderson's
mixed model equations give each effect and how sure it is (Henderson, *Biometrics* 31,
1975). What counts is not an effect but its place: the expected rank
`1 + sum over k of P(theta_k > theta_i)`, with the interval of the place (Heyard, Ott,
Salanti and Egger, *Statistics and Public Policy* 9, 2022).

The variances are not known, and where few applications were read twice the readings
hardly tell them: an interval that takes the likeliest ones for the truth promises too
much. So they are averaged over, on a grid laid out by how fast their likelihood falls
away from its highest point (Rue, Martino and Chopin, *Journal of the Royal Statistical
Society B* 71, 2009). The likelihood is the restricted one (Patterson and Thompson,
*Biometrika* 58, 1971; as Graser, Smith and Tier write it, *Journal of Animal Science*
64, 1987), beside what is known of such panels beforehand: about a third of the
variance of single readings lies in what is read (Bornmann, Mutz and Daniel, *PLoS ONE*
5, 2010). A few dozen readings of twice read applications outweigh that.

The equations are solved with the applications taken out first: what is left is one
row for each reviewer, however many applications there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import product
from math import erfc, exp, log, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

STEPS = 60
CLOSE = 1e-6
DRAWS = 2000
STRIPE = 250
TINY = 1e-18
# The place lies in this part of the draws: nine of ten.
SURE = 0.9
# Views of the variances less likely than the likeliest by more than this are left out.
FALL = 3.5


@dataclass(frozen=True, kw_only=True)
class Beforehand:
    """What is thought of the variances before anybody has read.

    The variances of applications and of reviewers as multiples of the error's, their
    logarithms normal; the error's in squared levels, as if seen in `weight` readings.
    """

    application: float = 0.67
    reviewer: float = 0.3
    spread: float = 1.0
    error: float = 0.25
    weight: float = 2.0

    def log(self, application: float, reviewer: float) -> float:
        """The density of two logarithms of ratios, but for a constant."""
        return -(
            (application - log(self.application)) ** 2
            + (reviewer - log(self.reviewer)) ** 2
        ) / (2 * self.spread**2)


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
    return panel.reckoning(panel.views(Beforehand()), seed=seed, sure=sure)


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
            )
            for count, rows in self.groups
        ]

    # Henderson's equations

    def solve(self, to_application: float, to_reviewer: float) -> _Solved:
        """The effects, for ratios of the error's variance to the two others."""
        q = self.q
        left, right = self.whole.copy(), self.right.copy()
        left[np.arange(q), np.arange(q)] += to_reviewer
        for count, readers, weighed in self.products:
            left -= readers / (count + to_application)
            right -= weighed / (count + to_application)
        inverse: Array = np.asarray(np.linalg.inv(left), dtype=np.float64)
        rest = inverse @ right
        diagonal = self.by_application + to_application
        theta = (self.sums - self.incidence @ rest) / diagonal
        return _Solved(
            theta=theta,
            rest=rest,
            inverse=inverse,
            diagonal=diagonal,
            volume=float(np.linalg.slogdet(left)[1] + np.log(diagonal).sum()),
            left_over=float(
                self.y @ (self.y - rest[q] - theta[self.i] - rest[:q][self.j])
            ),
        )

    def view(self, at: Array, known: Beforehand) -> _View:
        """The equations for two logarithms of ratios, and how likely these are.

        The error's own variance is averaged over in closed form.
        """
        application, reviewer = (float(one) for one in at)
        solved = self.solve(exp(-application), exp(-reviewer))
        degrees = self.size - 1 + known.weight
        squares = max(solved.left_over + known.weight * known.error, TINY)
        likely = -0.5 * (
            self.n * application
            + self.q * reviewer
            + solved.volume
            + degrees * log(squares)
        )
        return _View(
            solved=solved,
            likely=likely + known.log(application, reviewer),
            error=squares / max(degrees - 2, 1.0),
            squares=squares,
            degrees=degrees,
            application=exp(application),
            reviewer=exp(reviewer),
        )

    def likeliest(self, known: Beforehand) -> tuple[Array, Array]:
        """The likeliest logarithms of the two ratios, and how it bends there.

        By Newton's steps, each halved until it climbs; (2,) and (2, 2).
        """
        at = np.log([Beforehand.application, Beforehand.reviewer])
        here = self.view(at, known).likely
        for _step in range(STEPS):
            slope, bend = self._bend(at, known)
            step = np.linalg.solve(bend, slope)
            step *= min(1.0, 2.0 / max(float(np.abs(step).max()), TINY))
            while np.abs(step).max() > CLOSE:
                there = self.view(at + step, known).likely
                if there > here:
                    break
                step /= 2
            else:
                break
            at, here = at + step, there
        return at, self._bend(at, known)[1]

    def _bend(self, at: Array, known: Beforehand) -> tuple[Array, Array]:
        """Slope and bend at a point, the bend as of a hill wherever it is not."""
        h = 1e-2
        value = {
            (i, j): self.view(at + h * np.array([i, j]), known).likely
            for i, j in product((-1, 0, 1), repeat=2)
        }
        slope = np.array([value[1, 0] - value[-1, 0], value[0, 1] - value[0, -1]])
        across = (value[1, 1] - value[1, -1] - value[-1, 1] + value[-1, -1]) / 4
        bend = np.array(
            [
                [value[1, 0] + value[-1, 0] - 2 * value[0, 0], across],
                [across, value[0, 1] + value[0, -1] - 2 * value[0, 0]],
            ]
        )
        sizes, axes = np.linalg.eigh(-bend / h**2)
        return slope / (2 * h), (axes * np.maximum(np.abs(sizes), 0.05)) @ axes.T

    def views(self, known: Beforehand) -> tuple[_View, ...]:
        """The likely pairs of ratios, with weights that add up to one."""
        at, bend = self.likeliest(known)
        sizes, axes = np.linalg.eigh(bend)
        found = [
            self.view(at + axes @ (np.array(step) / np.sqrt(sizes)), known)
            for step in product(range(-3, 4), repeat=2)
        ]
        highest = max(one.likely for one in found)
        found = [one for one in found if one.likely > highest - FALL]
        whole = sum(exp(one.likely - highest) for one in found)
        return tuple(
            replace(one, weight=exp(one.likely - highest) / whole) for one in found
        )

    # What is told

    def reckoning(self, views: Sequence[_View], *, seed: int, sure: float) -> Reckoning:
        q = self.q
        mean = sum(one.weight * float(one.solved.rest[q]) for one in views)
        theta = sum((one.weight * one.solved.theta for one in views), np.zeros(self.n))
        shift = sum((one.weight * one.solved.rest[:q] for one in views), np.zeros(q))
        ranks = self._expected_ranks(theta, views)
        reach = NormalDist().inv_cdf((1 + sure) / 2) * self._errors(mean + theta, views)
        low, high = self._intervals(views, seed=seed, sure=sure)
        means = self.sums / self.by_application
        # Between two of the same expected place, the one with the higher score.
        order = np.lexsort((np.arange(self.n), -theta, ranks))
        errors = sum(
            (
                one.weight
                * (
                    np.diag(one.solved.inverse)[:q] * one.error
                    + (one.solved.rest[:q] - shift) ** 2
                )
                for one in views
            ),
            np.zeros(q),
        )
        return Reckoning(
            mean=mean,
            variances=Variances(
                application=sum(v.weight * v.error * v.application for v in views),
                reviewer=sum(v.weight * v.error * v.reviewer for v in views),
                error=sum(v.weight * v.error for v in views),
            ),
            standings=tuple(
                Standing(
                    application=self.applications[i],
                    readings=int(self.by_application[i]),
                    mean=float(means[i]),
                    score=float(mean + theta[i]),
                    least=float(mean + theta[i] - reach[i]),
                    most=float(mean + theta[i] + reach[i]),
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
                    shift=float(shift[j]),
                    error=sqrt(max(float(errors[j]), 0.0)),
                )
                for j in range(q)
            ),
        )

    def _errors(self, scores: Array, views: Sequence[_View]) -> Array:
        """How sure each score is: of mean and application together.

        Given reviewers and mean, an application varies by itself; it moves with them
        as far as its readings rest on them, and from view to view of the variances.
        """
        found = np.zeros(self.n)
        for view in views:
            solved = view.solved
            through = -self.incidence / solved.diagonal[:, None]
            through[:, self.q] += 1.0
            own = (through @ solved.inverse * through).sum(axis=1) + 1 / solved.diagonal
            moved = solved.rest[self.q] + solved.theta - scores
            found += view.weight * (own * view.error + moved**2)
        return np.sqrt(np.maximum(found, 0.0))

    def _expected_ranks(self, theta: Array, views: Sequence[_View]) -> Array:
        """One and, for each other application, the chance that it stands higher.

        Two applications vary together as far as they had readers in common. The table
        of all pairs is worked out in stripes: of five thousand it would take 200 MB.
        """
        # What is left of each application beside its readers, and how it moves from
        # view to view: what these columns differ by.
        own = sum(
            (view.weight * view.error / view.solved.diagonal for view in views),
            np.zeros(self.n),
        )
        moved = np.column_stack(
            [sqrt(view.weight) * (view.solved.theta - theta) for view in views]
        )
        # Applications with as many readings rest on their readers alike, so that all
        # views together are one table for each two numbers of readings.
        readers = {
            (mine, other): sum(
                view.weight
                * view.error
                * view.solved.inverse
                / ((mine + 1 / view.application) * (other + 1 / view.application))
                for view in views
            )
            for (mine, _), (other, _) in product(self.groups, repeat=2)
        }
        own += (moved**2).sum(axis=1)
        for count, rows in self.groups:
            incidence = self.incidence[rows]
            own[rows] += (incidence @ readers[count, count] * incidence).sum(axis=1)
        ranks = np.empty(self.n)
        for count, rows in self.groups:
            for part in np.split(rows, range(STRIPE, len(rows), STRIPE)):
                together = moved[part] @ moved.T
                for other, columns in self.groups:
                    together[:, columns] += (
                        self.incidence[part] @ readers[count, other]
                    ) @ self.incidence[columns].T
                apart = np.sqrt(
                    np.maximum(own[part, None] + own[None, :] - 2 * together, TINY)
                )
                higher = _normal((theta[None, :] - theta[part, None]) / apart)
                # Not oneself.
                higher[np.arange(len(part)), part] = 0.0
                ranks[part] = 1 + higher.sum(axis=1)
        return ranks

    def _intervals(
        self, views: Sequence[_View], *, seed: int, sure: float
    ) -> tuple[Array, Array]:
        """Places in many draws of all effects together, from each view its share.

        Drawn as the equations are built: the error's variance, reviewers and mean,
        then each application by itself, for given those it depends on nothing else.
        """
        dice = np.random.default_rng(seed)
        places = np.empty((DRAWS, self.n), dtype=np.int32)
        line = np.arange(1, self.n + 1, dtype=np.int32)
        ends = np.round(np.cumsum([one.weight for one in views]) * DRAWS).astype(int)
        for view, first, end in zip(views, [0, *ends[:-1]], ends, strict=True):
            solved = view.solved
            # Equal applications get equal intervals only as far as the draws allow.
            upper = np.linalg.cholesky(
                solved.inverse + np.eye(self.q + 1) * 1e-12 * np.trace(solved.inverse)
            )
            for start in range(first, end, 100):
                many = min(100, end - start)
                root = np.sqrt(view.squares / dice.chisquare(view.degrees, (many, 1)))
                shocks = dice.standard_normal((many, self.q + 1)) @ upper.T
                moved = -(shocks @ self.incidence.T) / solved.diagonal
                moved += dice.standard_normal((many, self.n)) / np.sqrt(solved.diagonal)
                order = np.argsort(-(solved.theta + moved * root), axis=1)
                np.put_along_axis(
                    places[start : start + many], order, line[None, :], axis=1
                )
        tail = (1 - sure) / 2
        ordered = np.sort(places, axis=0)
        first = int(np.floor(tail * (DRAWS - 1)))
        return ordered[first], ordered[DRAWS - 1 - first]


@dataclass(frozen=True, kw_only=True)
class _Solved:
    theta: Array
    rest: Array  # reviewers, and the mean at the end
    inverse: Array  # of what is left of the equations without the applications
    diagonal: Array  # of the applications
    volume: float  # the logarithm of the determinant of all equations
    left_over: float  # the squares that the effects leave


@dataclass(frozen=True, kw_only=True)
class _View:
    """The effects for one pair of ratios of variances."""

    solved: _Solved
    likely: float  # the logarithm, but for a constant
    error: float  # the variance expected of the error
    squares: float  # its distribution: these over a chi-square of so many degrees
    degrees: float
    application: float  # the ratios to the error's variance
    reviewer: float
    weight: float = 1.0


# The normal distribution in steps fine enough that a straight line between two of
# them is off by less than one in a hundred million.
_GRID = np.linspace(-8, 8, 40_001)
_VALUES = np.array([erfc(-x / sqrt(2)) / 2 for x in _GRID])


def _normal(x: Array) -> Array:
    return np.interp(x, _GRID, _VALUES)
