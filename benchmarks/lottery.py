"""What a fair lottery costs and how fair it is, beside `sortition-algorithms`.

    .venv/bin/python -m benchmarks.lottery [FOLDER ...] [--beside] [--json FILE]

A FOLDER holds `categories.csv` (category, feature, min, max) and `respondents.csv`, and
its name ends in the number of seats; without one, pools are made here from a fixed
seed. Whatever is printed as a chance was counted from the panels, and every panel was
held against the quotas again. `--beside` needs `uv pip install sortition-algorithms`
(GPL, so no part of the project) and runs its maximin on the same pool in a process of
its own, for at most so many seconds of CPU.
"""

from __future__ import annotations

import argparse
import csv
import json
import multiprocessing
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cohorts.lottery import Mixture, Quota, Task, fair_lottery, most_even_shares


@dataclass(frozen=True, kw_only=True)
class Pool:
    name: str
    people: list[dict[str, str]]
    quotas: list[Quota]
    seats: int


def read(folder: Path) -> Pool:
    with open(folder / "categories.csv", encoding="utf-8-sig") as file:
        quotas = [
            Quota(
                trait=row["category"],
                value=row["feature"],
                least=int(row["min"]),
                most=int(row["max"]),
            )
            for row in csv.DictReader(file)
        ]
    with open(folder / "respondents.csv", encoding="utf-8-sig") as file:
        people = list(csv.DictReader(file))
    seats = int(folder.name.rsplit("_", 1)[-1])
    return Pool(name=folder.name, people=people, quotas=quotas, seats=seats)


def made(people: int, seats: int, values: tuple[int, ...], *, seed: int) -> Pool:
    """People as they apply: some answers are far more common among them than wanted.

    values: how many answers each trait has. Quotas lie one seat round the mean of what
    the pool has and an even share, and at least one choice of people keeps them.
    """
    chance = np.random.default_rng(seed)
    answers = np.column_stack(
        [
            chance.choice(v, size=people, p=chance.dirichlet(np.full(v, 2.0)))
            for v in values
        ]
    )
    # What some choice of people that leans to the rare answers has, can be kept.
    rarity = sum(
        1 / np.bincount(a, minlength=v)[a]
        for a, v in zip(answers.T, values, strict=True)
    )
    chosen = chance.choice(people, size=seats, replace=False, p=rarity / rarity.sum())
    quotas = []
    for trait, count in enumerate(values):
        for value in range(count):
            has = int((answers[chosen, trait] == value).sum())
            quotas.append(
                Quota(
                    trait=f"t{trait}",
                    value=f"v{value}",
                    least=max(has - 1, 0),
                    most=has + 1,
                )
            )
    rows = [{f"t{t}": f"v{v}" for t, v in enumerate(row)} for row in answers]
    return Pool(name=f"made_{people}_{seats}", people=rows, quotas=quotas, seats=seats)


def pools() -> list[Pool]:
    return [
        made(170, 24, (2, 3, 4, 3), seed=1),
        made(312, 35, (2, 4, 5, 3, 6), seed=2),
        made(250, 20, (2, 4, 5, 3, 6), seed=3),
        made(404, 40, (2, 4, 4, 3), seed=4),
        made(825, 75, (2, 3, 5, 4), seed=5),
        made(2000, 200, (2, 4, 5, 3), seed=6),
    ]


def ours(pool: Pool) -> dict[str, Any]:
    """CPU seconds, and what came out, held against the quotas once more."""
    begun = time.process_time()
    mixture = fair_lottery(pool.people, pool.quotas, seats=pool.seats)
    took = time.process_time() - begun
    check(pool, mixture)
    task = Task.of(pool.people, pool.quotas, seats=pool.seats)
    bound = most_even_shares(task) / task.people
    chances = np.array([float(chance) for chance in mixture.chances])
    return {
        "cpu": took,
        "kinds": len(mixture.kinds),
        "panels": len(mixture.panels),
        "smallest": float(chances.min()),
        "bound": float(bound.min()),
        "off": float(np.abs(np.sort(bound) - np.sort(chances)).max()),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def check(pool: Pool, mixture: Mixture) -> None:
    for panel in mixture.panels:
        if sum(panel) != pool.seats:
            raise SystemExit(f"{pool.name}: a panel leaves seats empty.")
        for number, quota in enumerate(pool.quotas):
            has = sum(
                n
                for n, kind in zip(panel, mixture.kinds, strict=True)
                if number in kind
            )
            if not quota.least <= has <= quota.most:
                raise SystemExit(f"{pool.name}: a panel breaks {quota}.")


def theirs(pool: Pool) -> dict[str, Any]:
    from sortition_algorithms import features, people, settings
    from sortition_algorithms.committee_generation import maximin

    rows = [
        {"feature": q.trait, "value": str(q.value), "min": q.least, "max": q.most}
        for q in pool.quotas
    ]
    read_in, _, _ = features.read_in_features(
        ["feature", "value", "min", "max"], rows, pool.seats
    )
    body = [{"id": str(n), **person} for n, person in enumerate(pool.people)]
    how = settings.Settings(id_column="id", columns_to_keep=[])
    who, _ = people.read_in_people(list(body[0]), body, read_in, how)
    begun = time.process_time()
    panels, weights, *_ = maximin.find_distribution_maximin(
        read_in, who, pool.seats, []
    )
    took = time.process_time() - begun
    chance = dict.fromkeys((row["id"] for row in body), 0.0)
    for panel, weight in zip(panels, weights, strict=True):
        for one in panel:
            chance[one] += weight
    return {"cpu": took, "smallest": min(chance.values()), "panels": len(panels)}


def alone(
    work: Callable[[Pool], dict[str, Any]], pool: Pool, most: int
) -> dict[str, Any]:
    """In a process of its own, one at a time, so that neither disturbs the other."""
    here, there = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(
        target=_and_tell, args=(work, pool, most, there)
    )
    process.start()
    there.close()
    try:
        return here.recv()
    except EOFError:
        return {"cpu": None, "why": f"gave up after {most} s of CPU, or broke off"}
    finally:
        process.join()


def _and_tell(
    work: Callable[[Pool], dict[str, Any]], pool: Pool, most: int, there: Any
) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (most, most))
    there.send(work(pool))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--beside", action="store_true")
    parser.add_argument("--most", type=int, default=600, help="seconds of CPU each")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    found, ratios = [], []
    head = f"{'pool':24}{'kinds':>6}{'panels':>7}{'smallest':>10}{'off':>9}{'CPU s':>8}"
    print(head + (f"{'theirs':>10}{'CPU s':>8}{'ratio':>7}" if asked.beside else ""))
    for pool in [read(folder) for folder in asked.folders] or pools():
        row: dict[str, Any] = {"pool": pool.name, "ours": alone(ours, pool, asked.most)}
        mine = row["ours"]
        if mine["cpu"] is None:
            raise SystemExit(f"{pool.name}: {mine['why']}")
        line = (
            f"{pool.name:24}{mine['kinds']:6}{mine['panels']:7}{mine['smallest']:10.6f}"
        )
        line += f"{mine['off']:9.0e}{mine['cpu']:8.2f}"
        if asked.beside:
            row["theirs"] = other = alone(theirs, pool, asked.most)
            if other["cpu"] is None:
                line += f"  {other['why']}"
            else:
                ratios.append(other["cpu"] / mine["cpu"])
                line += f"{other['smallest']:10.6f}{other['cpu']:8.2f}{ratios[-1]:7.1f}"
        print(line, flush=True)
        found.append(row)
    if ratios:
        print(f"ratio: median {statistics.median(ratios):.1f}, least {min(ratios):.1f}")
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
