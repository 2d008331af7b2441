"""What the rooms of reading cost in a large call, beside a bare view.

    .venv/bin/python -m benchmarks.review_room [--applications 2000] [--rounds 30]

A call with 40 reviewers in which every application has been read three times, on the
real server. Also printed: how long it takes to work out what the readings come to,
which happens aside, and to propose who reads what in the same call before anybody
has read.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks import server
from benchmarks.pages import GOALS, Page, as_table, measure

REVIEWERS = 40
READINGS = 3
GOALS |= {
    "review dashboard": (None, 12),
    "one band of it": (None, 12),
    "conflicts": (None, 12),
    "reviewer's queue": (4, 12),
    "review form": (4, 12),
}


def fill(applications: int) -> Any:
    """The call, its lead and its reviewers, everything read."""
    from django.db.models import Value
    from django.db.models.functions import Concat
    from django.utils import timezone

    from benchmarks import seed
    from cohorts.models import (
        Application,
        Appointment,
        Criterion,
        Program,
        Review,
        Score,
        Standing,
        appoint,
    )
    from people.models import User

    dice = random.Random(seed.SEED)
    program = Program.objects.create(slug="read", name="Read", languages=["en"])
    lead, *reviewers = User.objects.bulk_create(
        User(email=f"r{n}@house.example", called=f"Reader {n}", password="!")
        for n in range(REVIEWERS + 1)
    )
    appoint(lead, to=program, role=Appointment.Role.LEAD)
    for person in reviewers:
        appoint(person, to=program, role=Appointment.Role.REVIEWER)
    intake, rows = seed._applications(program, applications, dice)
    # Every twentieth has a mailbox of the reviewers' own house.
    own = [row.pk for row in rows[::20]]
    Application.objects.unsealed("the benchmark's own rows").filter(pk__in=own).update(
        email=Concat("code", Value("@house.example"))
    )
    copies = seed._copies(intake, rows, dice)
    criteria = list(Criterion.objects.filter(intake=intake))
    reviews, scores = [], []
    for n, copy in enumerate(copies):
        readers = [reviewers[(n * READINGS + k * 7) % REVIEWERS] for k in range(3)]
        for reader in readers if n < applications - 10 else []:
            levels = [dice.randint(1, 4) for _ in criteria]
            reviews.append(
                Review(
                    program=program,
                    copy=copy,
                    reviewer=reader,
                    state=Review.State.DONE,
                    score=Decimal(sum(levels)) / len(levels),
                )
            )
            scores += [
                Score(
                    program=program,
                    review=reviews[-1],
                    criterion=criterion,
                    level=level,
                    evidence="They said so.",
                )
                for criterion, level in zip(criteria, levels, strict=True)
            ]
    Review.objects.bulk_create(reviews, batch_size=2000)
    Score.objects.bulk_create(scores, batch_size=5000)
    Standing.objects.unsealed("the benchmark's own rows").filter(intake=intake).update(
        readings=READINGS, score=Decimal("2.5")
    )
    # Handed out, so that the dashboard also asks who still lacks a reader.
    type(intake).objects.filter(pk=intake.pk).update(
        handed_out_at=timezone.now(), readings_wanted=READINGS
    )
    return lead, reviewers[0], intake, copies[-1], timezone.now()


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--applications", type=int, default=2000)
    asked.add_argument("--rounds", type=int, default=30)
    given = asked.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        server.ground(Path(folder)) as environment,
    ):
        os.environ.update(environment)
        import django

        django.setup()
        from django.db import connection

        from benchmarks import seed
        from cohorts import handing_out, reckoning
        from cohorts.models import Review

        lead, reviewer, intake, copy, now = fill(given.applications)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        began = time.perf_counter()
        reckoning.work_out(intake, now=now)
        print(f"worked out in {time.perf_counter() - began:.2f} s, aside")
        room = f"/f/calls/{intake.slug}/review/"
        key, reads = seed.session_key(lead), seed.session_key(reviewer)
        pages = [
            Page("limit", "/limit/"),
            Page("review dashboard", f"{room}progress/", key),
            Page("one band of it", f"{room}progress/?band=overlap&page=2", key),
            Page("conflicts", f"{room}conflicts/", key),
            Page("reviewer's queue", room, reads),
            Page("review form", f"{room}{copy.pk}/", reads),
        ]
        with server.served(environment) as url:
            print(as_table(measure(pages, url, rounds=given.rounds)))
        Review.objects.unsealed("the benchmark's own rows").delete()
        intake.readings_wanted = READINGS
        for name in ("first", "again"):
            began = time.perf_counter()
            proposal = handing_out.propose(intake, by=lead)
            took = time.perf_counter() - began
            print(
                f"who reads what, {name}: {len(proposal.plan.new)} readings in "
                f"{took:.2f} s, gap {proposal.plan.gap:.0e}"
            )


if __name__ == "__main__":
    main()
