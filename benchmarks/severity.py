"""Whether severity correction finds a planted order better than the plain mean.

    .venv/bin/python -m benchmarks.severity [--panels 200]

Each panel is made up with a known order of its applications, then read by reviewers
of unlike severity. Printed is the likeness (Spearman) of the order found to the true
one, for how many panels the corrected order is the better one, and the time it takes
at the size of a large call.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from cohorts.severity import Reading, reckon

SHAPES = {
    "24 read once by 4": (24, 4, 1, 0.4),
    "24 read 2 times by 6": (24, 6, 2, 0.5),
    "60 read 3 times by 10": (60, 10, 3, 0.5),
    "60, severity mild": (60, 10, 3, 0.25),
    "60, nobody severe": (60, 10, 3, 0.0),
    "120 read 3 times by 12": (120, 12, 3, 0.5),
}


def made(
    seed: int, applications: int, reviewers: int, each: int, severity: float
) -> tuple[np.ndarray, list[Reading]]:
    dice = np.random.default_rng(seed)
    worth = dice.normal(0, 0.5, applications)
    shift = dice.normal(0, severity, reviewers)
    return worth, [
        Reading(
            application=f"a{i:05d}",
            reviewer=f"r{j:03d}",
            # As levels are: a mean of whole numbers, from one to four.
            score=float(
                np.clip(
                    np.round(6 * (2.5 + worth[i] + shift[j] + dice.normal(0, 0.4))) / 6,
                    1,
                    4,
                )
            ),
        )
        for i in range(applications)
        for j in dice.choice(reviewers, each, replace=False)
    ]


def likeness(some: np.ndarray, others: np.ndarray) -> float:
    def places(values: np.ndarray) -> np.ndarray:
        return np.argsort(np.argsort(values)).astype(float)

    return float(np.corrcoef(places(some), places(others))[0, 1])


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--panels", type=int, default=200)
    given = asked.parse_args()
    print(
        f"{'panel':<26}{'corrected':>11}{'mean':>8}{'better':>8}{'worse':>7}{'score':>8}{'place':>7}"
    )
    for name, shape in SHAPES.items():
        found = []
        for seed in range(given.panels):
            worth, readings = made(seed, *shape)
            reckoning = reckon(readings, seed=1)
            assert reckoning is not None
            standings = sorted(reckoning.standings, key=lambda one: one.application)
            true = [1 + int((worth > mine).sum()) for mine in worth]
            found.append(
                (
                    likeness(worth, np.array([-one.rank for one in standings])),
                    likeness(worth, np.array([one.mean for one in standings])),
                    np.mean(
                        [
                            one.least <= 2.5 + mine <= one.most
                            for one, mine in zip(standings, worth, strict=True)
                        ]
                    ),
                    np.mean(
                        [
                            one.low <= mine <= one.high
                            for one, mine in zip(standings, true, strict=True)
                        ]
                    ),
                )
            )
        table = np.array(found)
        corrected, plain, score, place = table.mean(axis=0)
        better = int((table[:, 0] > table[:, 1]).sum())
        worse = int((table[:, 0] < table[:, 1]).sum())
        print(
            f"{name:<26}{corrected:>11.3f}{plain:>8.3f}{better:>8}{worse:>7}"
            f"{score:>8.3f}{place:>7.3f}"
        )
    _worth, readings = made(1, 2000, 120, 3, 0.5)
    wall, cpu = time.perf_counter(), time.process_time()
    reckon(readings, seed=1)
    print(
        f"2,000 applications, 120 reviewers: {time.perf_counter() - wall:.2f} s, "
        f"{time.process_time() - cpu:.2f} s CPU"
    )


if __name__ == "__main__":
    main()
