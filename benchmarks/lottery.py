"""What a fair lottery costs and how fair it is, beside `sortition-algorithms`.

    .venv/bin/python -m benchmarks.lottery [FOLDER ...] [--hard] [--beside] [--json F]

A FOLDER holds `categories.csv` (category, feature, min, max) and `respondents.csv`, and
its name ends in the number of seats; without one, pools are made here from a fixed
seed. Whatever is printed as a chance was counted from the panels, and every panel was
held against the quotas again. `--beside` needs `uv pip install sortition-algorithms`
(GPL, so no part of the project) and runs its maximin, and where `gurobipy` is installed
its leximin, on the same pool in a process of its own, for at most so many seconds of
CPU. The licence that comes with `gurobipy` allows 2,000 rows and columns: what is
larger is told as such. `--hard` adds pools of other characters: nearly everybody unlike
all others, rare answers that are wanted, answers that hang together, and quotas that
whole panels cannot share out evenly.
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
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from cohorts.lottery import Mixture, fair_lottery, most_even_shares
from cohorts.panels import Quota, Task


@dataclass(frozen=True, kw_only=True)
class Pool:
    name: str
    people: list[dict[str, Any]]
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


def unlike(people: int, seats: int, *, seed: int, traits: int = 12) -> Pool:
    """Hardly two who answered alike."""
    values = tuple(2 + number % 4 for number in range(traits))
    return renamed(made(people, seats, values, seed=seed), "unlike")


def hanging_together(people: int, seats: int, *, seed: int) -> Pool:
    """Six traits that go with one another: who is old is rarely a student."""
    chance = np.random.default_rng(seed)
    leaning = chance.normal(size=people)
    answers = np.column_stack(
        [
            np.digitize(leaning + chance.normal(scale=0.7, size=people), cuts)
            for cuts in ([0], [-1, 1], [-0.5, 0.5], [-1, 0, 1], [0.3], [-1.2, 0, 1.2])
        ]
    )
    rows = [{f"t{t}": f"v{v}" for t, v in enumerate(row)} for row in answers]
    # An even share of each answer, as far as the pool has so many.
    quotas = []
    for trait in range(answers.shape[1]):
        count = int(answers[:, trait].max()) + 1
        for value in range(count):
            share = min(seats / count, int((answers[:, trait] == value).sum()))
            quotas.append(
                Quota(
                    trait=f"t{trait}",
                    value=f"v{value}",
                    least=int(share * 0.8),
                    most=int(np.ceil(share * 1.25)),
                )
            )
    return Pool(
        name=f"leaning_{people}_{seats}", people=rows, quotas=quotas, seats=seats
    )


def in_rings(rings: int, size: int) -> Pool:
    """Rings of an odd number of answers, where everybody gives two that are next to
    each other and one seat goes to each: halves of people would fill more seats than
    whole ones do, so the chances of parts are out of reach. A third stands outside.
    """
    inside: list[dict[str, Any]] = [
        {f"r{ring}": frozenset({place, (place + 1) % size})}
        for ring in range(rings)
        for place in range(size)
        for _twin in range(2 + (ring + place) % 2)
    ]
    outside: list[dict[str, Any]] = [{}] * (len(inside) // 2)
    quotas = [
        Quota(trait=f"r{ring}", value=place, least=0, most=1)
        for ring in range(rings)
        for place in range(size)
    ]
    # So many that an even share for each ring lies between whole and parts.
    whole, parts = size // 2, size / 2
    seats = round((whole + 0.8 * (parts - whole)) * rings * 1.5)
    people = inside + outside
    return Pool(
        name=f"rings_{len(people)}_{seats}", people=people, quotas=quotas, seats=seats
    )


def renamed(pool: Pool, name: str) -> Pool:
    return replace(pool, name=f"{name}_{len(pool.people)}_{pool.seats}")


def hard_pools() -> list[Pool]:
    return [
        unlike(1000, 100, seed=11),
        unlike(1000, 40, seed=12, traits=8),
        unlike(500, 60, seed=13),
        renamed(made(600, 50, (2, 2, 2, 2, 2, 2, 2, 2), seed=14), "binary"),
        renamed(made(300, 30, (10, 12, 8), seed=15), "many_answers"),
        hanging_together(800, 60, seed=16),
        hanging_together(1500, 150, seed=17),
        renamed(made(120, 90, (2, 4, 3, 5), seed=18), "most_sit"),
        renamed(made(900, 9, (2, 3, 4), seed=19), "few_seats"),
        in_rings(3, 3),
        in_rings(6, 5),
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


def their_maximin(pool: Pool) -> dict[str, Any]:
    from sortition_algorithms.committee_generation import maximin

    return theirs(pool, maximin.find_distribution_maximin)


def their_leximin(pool: Pool) -> dict[str, Any]:
    from sortition_algorithms.committee_generation import leximin

    try:
        return theirs(pool, leximin.find_distribution_leximin)
    except Exception as error:  # of Gurobi, which may not be installed
        return {"cpu": None, "why": str(error)}


def theirs(pool: Pool, find: Callable[..., Any]) -> dict[str, Any]:
    from sortition_algorithms import features, people, settings

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
    panels, weights, *_ = find(read_in, who, pool.seats, [])
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
    parser.add_argument("--hard", action="store_true")
    parser.add_argument("--beside", action="store_true")
    parser.add_argument("--most", type=int, default=600, help="seconds of CPU each")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    found: list[dict[str, Any]] = []
    print(
        f"{'pool':24}{'kinds':>6}{'panels':>7}{'smallest':>10}{'off':>9}{'CPU s':>8}"
        f"{'MB':>6}"
    )
    chosen = [read(folder) for folder in asked.folders] or (
        [] if asked.hard else pools()
    )
    for pool in [*chosen, *(hard_pools() if asked.hard else [])]:
        mine = alone(ours, pool, asked.most)
        row: dict[str, Any] = {"pool": pool.name, "ours": mine}
        found.append(row)
        if mine["cpu"] is None:
            print(f"{pool.name:24} {mine['why']}", flush=True)
            continue
        print(
            f"{pool.name:24}{mine['kinds']:6}{mine['panels']:7}{mine['smallest']:10.6f}"
            f"{mine['off']:9.0e}{mine['cpu']:8.2f}{mine['memory_mb']:6}",
            flush=True,
        )
        several = any(isinstance(a, frozenset) for p in pool.people for a in p.values())
        if not asked.beside or several:  # theirs knows one answer to each trait
            continue
        for name, find in (("maximin", their_maximin), ("leximin", their_leximin)):
            row[name] = other = alone(find, pool, asked.most)
            print(f"  their {name}: {told(other, mine)}", flush=True)
    for name in ("maximin", "leximin"):
        ratios = [
            (row[name]["cpu"] or asked.most) / row["ours"]["cpu"]
            for row in found
            if name in row and (row[name]["cpu"] or "gave up" in row[name]["why"])
        ]
        if ratios:
            print(
                f"ratio to their {name}: median {statistics.median(ratios):.1f}, "
                f"least {min(ratios):.1f} ({len(ratios)} pools; who gave up took "
                f"{asked.most} s)"
            )
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=2) + "\n")


def told(other: dict[str, Any], mine: dict[str, Any]) -> str:
    if other["cpu"] is None:
        return str(other["why"])
    return (
        f"{other['panels']} panels, smallest {other['smallest']:.6f}, "
        f"{other['cpu']:.2f} s, ratio {other['cpu'] / mine['cpu']:.1f}"
    )


if __name__ == "__main__":
    main()
