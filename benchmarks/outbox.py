"""What it costs to claim a hundred messages when a hundred thousand are due.

    .venv/bin/python -m benchmarks.outbox [--due 100000] [--claims 200] [--workers 2]

Fills an outbox of its own, as a morning does that releases everybody's notices at
one moment, then lets so many workers claim from it at once, each in a process of its
own, as Celery's are. What one claims the others must not get: a row in two hands
ends the benchmark.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks import server

GOAL = 20  # ms, 95 of 100 claims


def fill(due: int) -> None:
    """Notices for 2,000 people, due since a minute."""
    from django.utils import timezone

    from people.models import OutboxMessage, User

    people = User.objects.bulk_create(
        User(email=f"o{i}@bench.example", called=f"Person {i}", password="!")
        for i in range(2000)
    )
    since = timezone.now() - timedelta(minutes=1)
    for start in range(0, due, 5000):
        OutboxMessage.objects.bulk_create(
            OutboxMessage(
                notice="benchmark",
                recipient=people[n % len(people)],
                dedupe_key=f"benchmark {n}",
                send_after=since,
            )
            for n in range(start, min(start + 5000, due))
        )


def claim_again_and_again(claims: int, told: Any) -> None:
    """In a process of its own: what each claim cost, and what was taken."""
    import django

    django.setup()
    from django.db import connection
    from django.utils import timezone

    from people.delivery import claim

    costs, keys = [], []
    asked: list[float] = []

    def clock(execute: Any, sql: str, *rest: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, *rest)
        finally:
            asked.append((time.perf_counter() - began) * 1000)

    with connection.execute_wrapper(clock):
        for _ in range(claims):
            asked.clear()
            began, spent = time.perf_counter(), time.process_time()
            batch = claim(now=timezone.now(), limit=100)
            costs.append(
                (
                    asked[0],  # the claim itself; then come the people
                    (time.perf_counter() - began) * 1000,
                    (time.process_time() - spent) * 1000,
                )
            )
            keys += [str(message.pk) for message in batch]
    told.put((costs, keys))


def measure(claims: int, workers: int) -> dict[str, Any]:
    context = multiprocessing.get_context("spawn")
    told: Any = context.Queue()
    hands = [
        context.Process(target=claim_again_and_again, args=(claims // workers, told))
        for _ in range(workers)
    ]
    began = time.monotonic()
    for hand in hands:
        hand.start()
    found = [told.get() for _ in hands]
    for hand in hands:
        hand.join()
    queries, wholes, cpu = zip(
        *(c for costs, _keys in found for c in costs), strict=True
    )
    keys = [key for _costs, keys in found for key in keys]
    if len(keys) != len(set(keys)):
        raise SystemExit("A message was claimed twice.")
    return {
        "workers": workers,
        "claims": len(queries),
        "rows": len(keys),
        "query_p50_ms": round(statistics.median(queries), 2),
        "query_p95_ms": round(statistics.quantiles(queries, n=20)[-1], 2),
        "goal_ms": GOAL,
        "with_rows_p50_ms": round(statistics.median(wholes), 2),
        "with_rows_p95_ms": round(statistics.quantiles(wholes, n=20)[-1], 2),
        "cpu_ms": round(statistics.median(cpu), 2),
        "seconds": round(time.monotonic() - began, 2),
    }


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--due", type=int, default=100_000)
    asked.add_argument("--claims", type=int, default=200)
    asked.add_argument("--workers", type=int, default=2)
    asked.add_argument("--json", type=Path)
    given = asked.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        server.ground(Path(folder)) as environment,
    ):
        os.environ.update(environment)
        import django

        django.setup()
        fill(given.due)
        rows = [measure(given.claims, n) for n in {1, given.workers}]
    for row in rows:
        print("  ".join(f"{name} {value}" for name, value in row.items()))
    if given.json:
        given.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
