"""What lists cost when their tables grow: each page at 10³ rows, and at many more.

    .venv/bin/python -m benchmarks.growth [--rows 1000000] [--rounds 15] [--explain]

One row of forty belongs to the place whose list is asked for, the others lie in
two hundred places beside it. The rows are made by the database from one of their
kind. Of each page the quickest round counts, for other work on the machine only
adds, and it is compared as a multiple of the bare view of `benchmarks.pages`.
Beside it stand the pages of eight kilobytes that its queries touched, which no
other work changes. The goal is that no list takes more than 1.5 times as long.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks import server
from benchmarks.pages import as_table

FEW = 1000
OWN = 40  # one row of so many is the reader's own
PLACES = 200
GOAL = 1.5
# One row each ten seconds, and none of them before its reader came.
AGO = "now() - n * interval '10 seconds'"


@dataclass
class List:
    name: str
    path: str
    key: str
    took: dict[int, float] = field(default_factory=dict)
    touched: dict[int, int] = field(default_factory=dict)


class Meter:
    """Every query of one request, to be explained after it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []

    def __call__(self, execute: Callable, sql: str, params: Any, *more: Any) -> Any:
        if sql.lstrip("( ").startswith("SELECT"):
            self.asked.append((sql, params))
        return execute(sql, params, *more)


def more_of(model: Any, so_many: int, *, places: str, **columns: str) -> None:
    """Add `so_many` rows made from the newest: `columns` say what differs, in SQL.

    There `n` counts from one, and `own_place` is where the row lies: with the reader
    for one row of forty.
    """
    names = [f.column for f in model._meta.concrete_fields]
    fresh = {"id": "uuidv7()", "client_key": "gen_random_uuid()", **columns}
    values = ", ".join(fresh.get(name, f't."{name}"') for name in names)
    listed = ", ".join(f'"{name}"' for name in names)
    table = model._meta.db_table
    first = _made.get(table, 0) + 1
    _made[table] = first + so_many - 1
    run(
        f'INSERT INTO "{table}" ({listed}) SELECT {values} '
        f'FROM (SELECT * FROM "{table}" ORDER BY id DESC LIMIT 1) t, '
        f"LATERAL (SELECT n, ({places})[CASE WHEN n % {OWN} = 0 THEN 1 "
        f"ELSE 2 + n % {PLACES} END] AS own_place "
        f"FROM generate_series({first}, {_made[table]}) n) s"
    )


_made: dict[str, int] = {}  # how many of each table


def run(sql: str) -> None:
    """Without the limit on how long a page may ask."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(sql)


def array_of(rows: list[Any]) -> str:
    keys = ", ".join(f"'{row.pk}'" for row in rows)
    return f"ARRAY[{keys}]::uuid[]"


class Growing:
    """The tables behind the lists, and how to make more of each."""

    def __init__(self, known: Any) -> None:
        from cohorts.models import Cohort, Intake

        self.known = known
        beside = [
            Cohort(program=known.program, slug=f"beside-{n}", name=f"Beside {n}")
            for n in range(PLACES)
        ]
        calls = [
            Intake(program=known.program, slug=f"beside-{n}", name=f"Beside {n}")
            for n in range(PLACES)
        ]
        Cohort.objects.bulk_create(beside)
        Intake.objects.bulk_create(calls)
        self.cohorts = array_of([known.cohort, *beside])
        self.calls = array_of([known.intake, *calls])
        self.first_ones()

    def first_ones(self) -> None:
        """One row of each kind that the seed leaves out, to be made more of."""
        from django.utils import timezone

        from cohorts.models import Membership
        from library.models import PublicCopy
        from sessions.models import Appreciation, Post, RitualSession

        cohort, now = self.known.cohort, timezone.now()
        seats = list(Membership.objects.filter(cohort=cohort).order_by("pk")[:2])
        Appreciation.objects.create(
            cohort=cohort, given_by=seats[0], to=seats[1], text="Thank you."
        )
        Post.objects.create(
            cohort=cohort,
            author=seats[0],
            kind="update",
            title="A news",
            text="It went well.",
        )
        RitualSession.objects.create(
            cohort=cohort,
            number=30_000,
            title="A meeting",
            local_date=now.date(),
            local_time=now.time(),
            timezone="UTC",
            starts_at=now,
            ends_at=now + timedelta(hours=1),
            minutes=60,
            state="closed",
            opened_at=now,
            closed_at=now,
        )
        PublicCopy.objects.create(
            slug="first", original=uuid4(), root=uuid4(), edition=1, title="A piece"
        )

    def by(self, number: int, owner: str) -> None:
        """So many rows more in each table."""
        from cohorts.models import Application, Standing
        from library.models import PublicCopy, Resource
        from sessions.models import (
            Appreciation,
            CheckIn,
            Commitment,
            Post,
            RitualSession,
        )

        in_cohorts = {"places": self.cohorts, "cohort_id": "own_place"}
        for model in (Appreciation, Post, Resource):
            more_of(model, number, **in_cohorts, written_at=AGO)
        more_of(CheckIn, number, **in_cohorts, written_at=AGO, received_at=AGO)
        more_of(
            Commitment,
            number,
            **in_cohorts,
            written_at=AGO,
            due_on="current_date + (n % 300)::int",
            kept_at="CASE WHEN n % 320 > 0 THEN now() END",
        )
        more_of(
            RitualSession,
            number,
            **in_cohorts,
            number=f"n / {OWN}",
            starts_at=AGO,
            ends_at=f"{AGO} + interval '1 hour'",
        )
        more_of(
            Application,
            number,
            places=self.calls,
            intake_id="own_place",
            code="'g' || n",
            email="'g' || n || '@grown.example'",
            called="'Grown ' || n",
            submitted_at=AGO,
        )
        self.standings_of(Application, Standing)
        more_of(
            PublicCopy,
            number,
            places=self.cohorts,
            slug="'grown-' || n",
            original="gen_random_uuid()",
            root="gen_random_uuid()",
            published_at=AGO,
        )
        analyse(owner)

    def standings_of(self, application: Any, standing: Any) -> None:
        columns = [f.column for f in standing._meta.concrete_fields]
        taken = {"id": "uuidv7()", "application_id": "a.id", "intake_id": "a.intake_id"}
        values = ", ".join(taken.get(name, f't."{name}"') for name in columns)
        listed = ", ".join(f'"{name}"' for name in columns)
        table, applications = standing._meta.db_table, application._meta.db_table
        run(
            f'INSERT INTO "{table}" ({listed}) SELECT {values} '
            f'FROM "{applications}" a, (SELECT * FROM "{table}" LIMIT 1) t '
            f'WHERE NOT EXISTS (SELECT 1 FROM "{table}" s '
            "WHERE s.application_id = a.id)"
        )


def analyse(owner: str) -> None:
    """What autovacuum does a minute later."""
    import psycopg

    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def lists_of(known: Any, keys: dict[str, str]) -> list[List]:
    cohort, member, lead = f"/c/{known.cohort.slug}", keys["member"], keys["lead"]
    call = f"/f/calls/{known.intake.slug}/applications/"
    return [
        List("limit", "/limit/", ""),
        List("check-ins", f"{cohort}/check-ins/", member),
        List("promises", f"{cohort}/promises/", member),
        List("promises, all", f"{cohort}/promises/?state=all", member),
        List("thanks", f"{cohort}/thanks/", member),
        List("updates", f"{cohort}/updates/", member),
        List("sessions", f"{cohort}/sessions/", member),
        List("cohort home", f"{cohort}/", member),
        List("today", "/today/", member),
        List("applications", call, lead),
        List("applications by name", f"{call}?sort=name", lead),
        List("applications by score", f"{call}?sort=score", lead),
        List("library", "/library/", member),
        List("library search", "/library/?q=clinic", member),
    ]


def ask(path: str, key: str) -> str:
    """One request, answered in this process; how it was answered."""
    from benchmarks.wsgi import application

    where, _, query = path.partition("?")
    told: list[str] = []
    answer = application(
        {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": where,
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "localhost",
            "HTTP_COOKIE": f"sessionid={key}",
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": sys.stderr,
            "wsgi.url_scheme": "http",
        },
        lambda status, headers: told.append(status),
    )
    b"".join(answer)
    return told[0]


def measure(
    lists: list[List], rows: int, rounds: int, *, explains: bool = False
) -> None:
    for number in range(-2, rounds):
        for one in lists:
            began = time.perf_counter()
            status = ask(one.path, one.key)
            took = (time.perf_counter() - began) * 1000
            if not status.startswith("200"):
                raise SystemExit(f"{one.name}: {one.path} answered {status}")
            if number >= 0:
                one.took[rows] = min(took, one.took.get(rows, took))
    for one in lists:
        one.touched[rows] = touched_by(one, explains=explains)


def touched_by(one: List, *, explains: bool) -> int:
    """How many pages of the database its queries looked at."""
    from django.db import connection

    meter = Meter()
    with connection.execute_wrapper(meter):
        ask(one.path, one.key)
    plans = []
    with connection.cursor() as cursor:
        for sql, params in meter.asked:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}", params)
            plan = "\n".join(line for (line,) in cursor.fetchall())
            ran = plan.partition("\nPlanning:")[0]
            hit = re.search(r"Buffers: shared (?:hit=(\d+))?(?: ?read=(\d+))?", ran)
            plans.append((sum(int(n or 0) for n in hit.groups()) if hit else 0, plan))
    if explains:
        print(f"\n--- {one.name}\n" + max(plans)[1])
    return sum(pages for pages, _plan in plans)


def rows_of(lists: list[List], few: int, many: int) -> list[dict[str, Any]]:
    bare = lists[0].took
    return [
        {
            "list": one.name,
            f"ms at {few}": round(one.took[few], 2),
            f"ms at {many}": round(one.took[many], 2),
            "grows": round(one.took[many] / bare[many] / one.took[few] * bare[few], 2),
            "goal": GOAL,
            f"touched at {few}": one.touched[few],
            f"touched at {many}": one.touched[many],
        }
        for one in lists
    ]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=100_000)
    asked.add_argument("--rounds", type=int, default=15)
    asked.add_argument("--explain", action="store_true", help="dearest query of each")
    asked.add_argument("--json", type=Path)
    given = asked.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        server.ground(Path(folder)) as environment,
    ):
        os.environ.update({**environment, "SITE_URL": "http://localhost"})
        import django

        django.setup()
        from benchmarks import seed

        owner = server.Postgres(Path(folder) / "postgres").url()
        seed.APPLICATIONS = seed.READ_BLIND
        known = seed.fill(1)
        keys = {
            name: seed.session_key(getattr(known, name)) for name in ("member", "lead")
        }
        growing, lists = Growing(known), lists_of(known, keys)
        growing.by(FEW, owner)
        measure(lists, FEW, given.rounds)
        began = time.monotonic()
        growing.by(given.rows - FEW, owner)
        print(f"grown to {given.rows} rows each in {time.monotonic() - began:.0f} s")
        measure(lists, given.rows, given.rounds, explains=given.explain)
    rows = rows_of(lists, FEW, given.rows)
    print(as_table(rows))
    if given.json:
        given.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
