"""What the composing board costs: its pages, and a move, for a large call.

    .venv/bin/python -m benchmarks.board [--people 200] [--circles 12] [--search]

The people are those of `benchmarks.compose`, as applications with offers, needs, ties,
hours and what they said about themselves. They are seated in order, so that there is
much to say on the page; --search lets the solver seat them and tells how long it took.
Measured on the real server, beside a bare view; a move is sent as the page sends it.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks import server
from benchmarks.pages import GOALS, Page, as_table, measure

GOALS |= {name: (None, 15) for name in ("board", "why", "ties", "compare", "seat")}
ZONES = ("Africa/Nairobi", "Asia/Kolkata", "America/Bogota", "Asia/Kathmandu")


def fill(people: int, circles: int, *, search: bool) -> tuple[Any, Any]:
    """The lead, and a proposal in which everybody sits."""
    from django.utils import timezone

    from benchmarks.compose import TRAITS, applicants
    from cohorts import seating, solving
    from cohorts.models import (
        Application,
        Appointment,
        Composition,
        Intake,
        Program,
        Trait,
        TraitAnswer,
        appoint,
    )
    from people.models import User

    program = Program.objects.create(slug="big", name="Big", languages=["en"])
    lead = User.objects.create_user("lead@house.example", called="Lea")
    appoint(lead, to=program, role=Appointment.Role.LEAD)
    size = (people // circles - 3, people // circles + 3)
    intake = Intake.objects.create(
        program=program,
        slug="big",
        name="Big",
        seats=people,
        cohorts_wanted=circles,
        size_min=size[0],
        size_max=size[1],
        timezone="Africa/Nairobi",
    )
    traits = {
        key: Trait.objects.create(
            intake=intake,
            position=n,
            key=key,
            label=key.capitalize(),
            options=[value for value, _share in values],
            protected=key == "gender",
        )
        for n, (key, values) in enumerate(TRAITS.items())
    }
    some = applicants(people, seed=1)
    rows = Application.objects.bulk_create(
        Application(
            program=program,
            intake=intake,
            code=f"P{n}",
            email=f"p{n}@example.org",
            called=f"Applicant number {n}",
            organisation=one.organisation,
            timezone=ZONES[n % len(ZONES)],
            availability="".join(
                "3" if hour in (one.free or ()) else "0" for hour in range(336)
            ),
            offers=sorted(one.offers),
            needs=sorted(one.needs),
            ties=[f"Applicant number {tie}" for tie in sorted(map(str, one.ties))],
            outcome=Application.Outcome.OFFERED,
            released_at=timezone.now() - timedelta(days=1),
        )
        for n, one in enumerate(some)
    )
    TraitAnswer.objects.bulk_create(
        TraitAnswer(
            program=program,
            application=row,
            trait=traits[key],
            value=str(value),
            alone_is_fine=key in one.alone_is_fine,
        )
        for row, one in zip(rows, some, strict=True)
        for key, value in one.traits.items()
        if key in traits
    )
    asked = seating.Asked(
        groups=circles,
        size_min=size[0],
        size_max=size[1],
        protected=("gender",),
        vary=("sector", "role"),
    )
    proposal = seating.propose(intake, asked=asked, by=lead, seed=1)
    if search:
        began = time.perf_counter()
        found = solving.solve(proposal.pk)
        print(
            f"searched: {time.perf_counter() - began:.1f} s", found and found.progress
        )
        return lead, found
    groups = seating.groups_of(proposal)
    seats = list(seating.seats_of(proposal).select_related("application"))
    for n, seat in enumerate(seats):
        seat.group = groups[n % circles]
    seating.seats_of(proposal).bulk_update(seats, ["group"])
    proposal.state = Composition.State.PROPOSED
    began = time.perf_counter()
    seating.weigh_again(proposal, seats)
    print(f"weighed again: {(time.perf_counter() - began) * 1000:.0f} ms")
    return lead, proposal


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--people", type=int, default=200)
    asked.add_argument("--circles", type=int, default=12)
    asked.add_argument("--rounds", type=int, default=30)
    asked.add_argument("--search", action="store_true")
    given = asked.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        server.ground(Path(folder)) as environment,
    ):
        os.environ.update(environment)
        import django

        django.setup()
        from benchmarks import seed
        from cohorts import moving, seating

        lead, proposal = fill(given.people, given.circles, search=given.search)
        seat = seating.seats_of(proposal).filter(group__isnull=False).first()
        elsewhere = [g for g in seating.groups_of(proposal) if g.pk != seat.group_id]
        began = time.perf_counter()
        moved = moving.move(seat, to=elsewhere[0], by=lead, edition=proposal.edition)
        print(f"one move: {(time.perf_counter() - began) * 1000:.0f} ms")
        began = time.perf_counter()
        ways = moving.ways_out(moved)
        took = (time.perf_counter() - began) * 1000
        print(f"{len(ways)} ways out of {moved.broken} broken rules: {took:.0f} ms")
        here, key = "/f/compose/big/1/", seed.session_key(lead)
        pages = [
            Page("limit", "/limit/"),
            Page("board", here, key),
            Page("why", f"{here}why/", key),
            Page("ties", f"{here}ties/", key),
            Page("compare", "/f/compose/big/compare/", key),
            Page("seat", f"{here}seats/{seat.pk}/", key),
        ]
        with server.served(environment) as url:
            print(as_table(measure(pages, url, rounds=given.rounds)))


if __name__ == "__main__":
    main()
