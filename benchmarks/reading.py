"""Who reads what: how long the best assignment takes, and what proves it.

    .venv/bin/python -m benchmarks.reading [--seeds 5]

Made-up calls of the size that is promised (1,000 applications, 3 readings each, 120
reviewers) with conflicts, languages and capacities. `gap` is how far the assignment
could be from the best one by its own prices: nothing but rounding, when it is best.
"""

from __future__ import annotations

import argparse
import random
import time
from typing import Any

from cohorts.assigning import Reader, Text, assign

Call = tuple[list[Text], list[Reader]]

CALLS: dict[str, dict[str, Any]] = {
    "no conflicts": {"conflicts": 0.0},
    "2 % conflicts": {"conflicts": 0.02},
    "20 % conflicts": {"conflicts": 0.2},
    "4 languages, 2 %": {"conflicts": 0.02, "languages": ("en", "fr", "es", "sw")},
    "a language for few": {"conflicts": 0.02, "languages": ("en",) * 9 + ("sw",)},
    "too little time": {"conflicts": 0.02, "capacity": 20},
    "unlike capacities": {"conflicts": 0.05, "capacity": (5, 60)},
    "half is handed out": {"conflicts": 0.02, "kept": 0.5},
}


def made(
    dice: random.Random,
    *,
    texts: int = 1000,
    readers: int = 120,
    wanted: int = 3,
    conflicts: float,
    languages: tuple[str, ...] = (),
    capacity: Any = None,
    kept: float = 0.0,
) -> Call:
    people = [
        Reader(
            key=f"r{n}",
            capacity=dice.randint(*capacity)
            if isinstance(capacity, tuple)
            else capacity,
            languages=frozenset(dice.choices(languages, k=2) if languages else ()),
        )
        for n in range(readers)
    ]
    found = []
    for n in range(texts):
        barred = frozenset(p.key for p in people if dice.random() < conflicts)
        free = [p.key for p in people if p.key not in barred]
        held = frozenset(dice.sample(free, 2)) if dice.random() < kept else frozenset()
        found.append(
            Text(
                key=f"t{n}",
                language=dice.choice(languages) if languages else "",
                wanted=wanted,
                barred=barred,
                kept=held,
            )
        )
    return found, people


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seeds", type=int, default=5)
    given = asked.parse_args()
    assign([Text(key="t")], [Reader(key="r")], seed=0)  # wakes the solver
    print(
        f"{'call':<20}{'wall s':>8}{'CPU s':>8}{'new':>7}{'spread':>8}{'missing':>9}"
        f"{'gap':>8}"
    )
    for name, shape in CALLS.items():
        rows = []
        for seed in range(given.seeds):
            texts, readers = made(random.Random(seed), **shape)
            wall, cpu = time.perf_counter(), time.process_time()
            plan = assign(texts, readers, seed=seed)
            rows.append(
                (time.perf_counter() - wall, time.process_time() - cpu, seed, plan)
            )
        wall, cpu, _seed, plan = max(rows, key=lambda row: row[:3])
        print(
            f"{name:<20}{wall:>8.2f}{cpu:>8.2f}{len(plan.new):>7}{plan.spread:>8}"
            f"{sum(plan.missing.values()):>9}{max(abs(r[3].gap) for r in rows):>8.0e}"
        )


if __name__ == "__main__":
    main()
