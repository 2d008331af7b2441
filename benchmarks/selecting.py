"""What selecting costs in a large call: the lottery from its rows, and its pages.

    .venv/bin/python -m benchmarks.selecting [--applications 2000] [--seats 200]

Everybody is in the lottery band, six answers are asked for by quotas. Printed: how
long it takes to gather, to work out the chances, to publish and to draw, with what is
read and written; then the pages on the real server, beside a bare view.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks import server
from benchmarks.pages import GOALS, Page, as_table, measure

ANSWERS = {
    "gender": {"woman": 0.62, "man": 0.35, "non-binary": 0.03},
    "role": {"leads": 0.5, "coordinates": 0.3, "works directly with people": 0.2},
    "organisation-size": {"just me": 0.1, "2 to 10": 0.5, "11 to 50": 0.4},
}
# trait, answer, least and most as parts of the seats
ASKED = [
    ("gender", "woman", 0.45, 0.55),
    ("gender", "non-binary", 0.02, 0.2),
    ("role", "works directly with people", 0.3, 0.6),
    ("role", "leads", 0.0, 0.4),
    ("organisation-size", "just me", 0.1, 0.3),
    ("organisation-size", "11 to 50", 0.0, 0.4),
]
GOALS |= {
    name: (None, 15) for name in ("selection", "bands", "result", "public", "draw")
}


@contextmanager
def told(what: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    print(f"{what}: {time.perf_counter() - began:.2f} s")


def fill(applications: int, seats: int) -> Any:
    """The call, two leads, and everybody in the lottery band with what they said."""
    from benchmarks import seed
    from cohorts.models import Appointment, Program, Trait, TraitAnswer, appoint
    from people.models import User

    dice = random.Random(seed.SEED)
    program = Program.objects.create(slug="draw", name="Draw", languages=["en"])
    leads = User.objects.bulk_create(
        User(email=f"l{n}@house.example", called=f"Lead {n}", password="!")
        for n in range(2)
    )
    for lead in leads:
        appoint(lead, to=program, role=Appointment.Role.LEAD)
    intake, rows = seed._applications(program, applications, dice)
    intake.seats = seats
    intake.save()
    traits = {
        key: Trait.objects.create(
            intake=intake, position=n, key=key, label=key.capitalize(), options=[*parts]
        )
        for n, (key, parts) in enumerate(ANSWERS.items())
    }
    TraitAnswer.objects.bulk_create(
        [
            TraitAnswer(
                program=program,
                application=row,
                trait=traits[key],
                value=dice.choices(list(parts), list(parts.values()))[0],
            )
            for row in rows
            for key, parts in ANSWERS.items()
        ],
        batch_size=5000,
    )
    return intake, rows, traits, leads


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--applications", type=int, default=2000)
    asked.add_argument("--seats", type=int, default=200)
    asked.add_argument("--rounds", type=int, default=30)
    given = asked.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        server.ground(Path(folder)) as environment,
    ):
        os.environ.update(environment)
        import django

        django.setup()
        from django.utils import timezone

        from benchmarks import seed
        from cohorts import banding, drawing, preparing, quotas
        from cohorts.models import DrawRecord

        intake, rows, traits, (lead, other) = fill(given.applications, given.seats)
        now = timezone.now() - timedelta(hours=3)
        for key, value, least, most in ASKED:
            quotas.add(
                intake,
                trait=traits[key],
                value=value,
                least=round(least * given.seats),
                most=round(most * given.seats),
                why="So that it works.",
                by=lead,
            )
        with told("everybody put into the lottery band"):
            banding.place(
                intake,
                {row.pk: 0 for row in rows},
                band="lottery",
                reason="All alike.",
                by=lead,
                now=now,
            )
        with told("prepared"):
            lottery = preparing.solve(preparing.prepare(intake, by=lead, now=now).pk)
        assert lottery is not None
        print({n: lottery.facts[n] for n in ("people", "panels", "smallest")})
        with told("published"):
            drawing.commit(
                lottery,
                source="a lottery",
                speaks_at=now + timedelta(hours=1),
                by=lead,
                now=now,
            )
        with told("drawn"):
            for person in (lead, other):
                drawing.type_value(
                    lottery, value="48 11 7", by=person, now=timezone.now()
                )
        print(f"record: {len(DrawRecord.objects.get().text) / 1024:.0f} KB")
        room, key = f"/f/calls/{intake.slug}/selection/", seed.session_key(lead)
        pages = [
            Page("limit", "/limit/"),
            Page("selection", room, key),
            Page("bands", f"{room}bands/?page=3", key),
            Page("result", f"{room}lottery/{lottery.pk}/", key),
            Page("public", f"/apply/{intake.slug}/how/"),
            Page("draw", f"/apply/{intake.slug}/draw/"),
        ]
        with server.served(environment) as url:
            print(as_table(measure(pages, url, rounds=given.rounds)))


if __name__ == "__main__":
    main()
