"""How far reviewers agree: Krippendorff's alpha. Pure: plain data in and out.

Alpha is 1 when all agree, 0 when they agree no more than if the levels had been
dealt out by chance, and below 0 when they contradict one another. It asks for no
equal number of readings: whoever read nothing is simply missing.

K. Krippendorff, *Computing Krippendorff's Alpha-Reliability* (2011). What may be
built on a value is his as well: .800 and above holds, below .667 nothing does
(*Content Analysis*, 2004, page 241).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from itertools import accumulate

HOLDS = 0.8
TENTATIVE = 0.667

Distance = Callable[[float, float], float]


class Verdict(Enum):
    """What a value allows to conclude."""

    UNKNOWN = "unknown"  # nothing was read twice, or everything got one level
    HOLDS = "holds"
    TENTATIVE = "tentative"
    WEAK = "weak"
    CHANCE = "chance"


def alpha(
    units: Iterable[Sequence[float]], *, ordered_only: bool = False
) -> float | None:
    """Agreement over units, each with the values that were given to it.

    `ordered_only`: only the order of values is trusted, not their distance
    (Krippendorff's ordinal metric); otherwise distances count (interval).
    None when it cannot be said: nothing has two values, or all values are one.
    """
    pairable = [values for values in units if len(values) > 1]
    totals = Counter(value for values in pairable for value in values)
    if len(totals) < 2:
        return None
    distance = _ordinal(totals) if ordered_only else _interval
    n = sum(totals.values())
    seen = sum(
        _disagreement(Counter(values), distance) / (len(values) - 1)
        for values in pairable
    )
    by_chance = _disagreement(totals, distance) / (n - 1)
    return 1 - seen / by_chance


def verdict(value: float | None) -> Verdict:
    if value is None:
        return Verdict.UNKNOWN
    if value >= HOLDS:
        return Verdict.HOLDS
    if value >= TENTATIVE:
        return Verdict.TENTATIVE
    return Verdict.WEAK if value > 0.2 else Verdict.CHANCE


def _disagreement(counts: Mapping[float, int], distance: Distance) -> float:
    """The sum over all ordered pairs of two values, each with its distance."""
    return sum(
        n * m * distance(a, b)
        for a, n in counts.items()
        for b, m in counts.items()
        if a != b
    )


def _interval(a: float, b: float) -> float:
    return (a - b) ** 2


def _ordinal(totals: Mapping[float, int]) -> Distance:
    """Two values are as far apart as there are values given from one to the other."""
    values = sorted(totals)
    up_to = dict(zip(values, accumulate(totals[v] for v in values), strict=True))

    def distance(a: float, b: float) -> float:
        low, high = min(a, b), max(a, b)
        between = up_to[high] - up_to[low] + totals[low]
        return (between - (totals[low] + totals[high]) / 2) ** 2

    return distance
