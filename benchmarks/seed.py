"""N programs from a fixed seed, straight into the tables.

Demo data comes in through the domain functions; this does not, for it makes
thousands of rows whose only task is to be there. The same seed makes the same
rows, keys and moments apart.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.postgres.search import SearchVector
from django.utils import timezone

from cohorts.models import (
    Answer,
    Application,
    Appointment,
    BlindCopy,
    Cohort,
    Criterion,
    Intake,
    IntakePhase,
    Membership,
    Program,
    Question,
    Role,
    Standing,
)
from library.models import Kind, Resource
from measurement import figures
from people.models import User
from sessions.models import CheckIn, Commitment

SEED = 20261123
COHORTS = 2
SEATS = 12
APPLICATIONS = 5000
READ_BLIND = 400  # of each call: a round of the benchmark hands in one reading
PIECES = 60
WEEKS = 20

# fmt: off
WORDS = [
    "card", "clinic", "ledger", "nurse", "market", "village", "river", "school",
    "seed", "loan", "repair", "bakery", "circle", "stamp", "picture", "song", "bus",
    "road", "water", "bridge", "garden", "letter", "radio", "window",
]
ZONES = [
    "Africa/Nairobi", "America/Recife", "Asia/Dhaka", "Europe/Warsaw",
    "America/Lima",
]
# fmt: on


@dataclass
class Known:
    """Who signs in, and what they ask for."""

    program: Program
    cohort: Cohort
    member: User
    lead: User
    funder: User
    intake: Intake
    application: Application
    copies: list[BlindCopy]


def fill(programs: int) -> Known:
    """Fill the database; the first program also gets 5,000 applications."""
    dice = random.Random(SEED)
    known = [_program(n, dice) for n in range(programs)]
    return known[0]


def sentence(dice: random.Random, length: int = 12) -> str:
    return " ".join(dice.choices(WORDS, k=length)).capitalize() + "."


def _program(n: int, dice: random.Random) -> Known:
    program = Program.objects.create(
        slug=f"program-{n}", name=f"Program {n}", languages=["en"]
    )
    lead, funder, *members = User.objects.bulk_create(
        User(
            email=f"p{n}-{i}@bench.example",
            called=f"Person {i} {dice.choice(WORDS)}",
            timezone=dice.choice(ZONES),
            password="!",
        )
        for i in range(COHORTS * SEATS + 2)
    )
    for person, role in (
        (lead, Appointment.Role.LEAD),
        (funder, Appointment.Role.FUNDER),
    ):
        Appointment.objects.create(program=program, person=person, role=role)
    cohorts = [
        _cohort(f"cohort-{n}-{c}", program, members[c * SEATS :][:SEATS], dice)
        for c in range(COHORTS)
    ]
    intake, applications = _applications(program, APPLICATIONS if n == 0 else 50, dice)
    copies = _copies(intake, applications[:READ_BLIND], dice)
    today = timezone.localdate()
    figures.release(
        program,
        by=lead,
        period_from=today - timedelta(days=365),
        period_to=today,
        threshold=5,
    )
    return Known(
        program, cohorts[0], members[1], lead, funder, intake, applications[10], copies
    )


def _cohort(
    slug: str, program: Program, people: list[User], dice: random.Random
) -> Cohort:
    """Twenty weeks of a cohort: check-ins, promises, pieces for the library."""
    began = timezone.now() - timedelta(weeks=WEEKS)
    cohort = Cohort.objects.create(
        program=program,
        slug=slug,
        name=slug.replace("-", " ").capitalize(),
        timezone=ZONES[0],
        created_at=began,
    )
    seats = Membership.objects.bulk_create(
        Membership(
            cohort=cohort,
            person=person,
            role=Role.MEMBER if i else Role.FACILITATOR,
            joined_at=began,
            reads_from=began,
        )
        for i, person in enumerate(people)
    )
    days = [began + timedelta(weeks=week) for week in range(WEEKS)]
    CheckIn.objects.bulk_create(
        CheckIn(
            cohort=cohort,
            author=seat,
            mood=dice.choice(CheckIn.Mood.values),
            edge=sentence(dice),
            written_at=day,
            received_at=day,
        )
        for day in days
        for seat in seats
    )
    Commitment.objects.bulk_create(
        Commitment(
            cohort=cohort,
            promised_by=seat,
            promise=sentence(dice, 8),
            due_on=(day + timedelta(days=14)).date(),
            written_at=day,
            kept_at=day + timedelta(days=10) if dice.random() < 0.8 else None,
        )
        for day in days
        for seat in seats
    )
    _pieces(cohort, seats, dice)
    return cohort


def _pieces(cohort: Cohort, seats: list[Membership], dice: random.Random) -> None:
    pieces = Resource.objects.bulk_create(
        Resource(
            cohort=cohort,
            author=dice.choice(seats),
            kind=dice.choice(Kind.values),
            title=sentence(dice, 5),
            summary=sentence(dice),
            body="\n\n".join(sentence(dice, 30) for _ in range(8)),
            sector=dice.choice(("health", "savings", "schools")),
            tag_names=dice.sample(WORDS, 2),
        )
        for _ in range(PIECES)
    )
    Resource.objects.unsealed("the benchmark's own rows").filter(
        pk__in=[piece.pk for piece in pieces]
    ).update(
        search=SearchVector("title", weight="A", config="english")
        + SearchVector("body", weight="C", config="english")
    )


def _applications(
    program: Program, number: int, dice: random.Random
) -> tuple[Intake, list[Application]]:
    intake = Intake.objects.create(
        program=program,
        slug=f"call-{program.slug}",
        name="Spring",
        about=sentence(dice, 40),
        published_at=timezone.now(),
    )
    questions = [
        Question.objects.create(intake=intake, position=i, label=sentence(dice, 6))
        for i in range(5)
    ]
    applications = Application.objects.bulk_create(
        Application(
            program=program,
            intake=intake,
            code=f"{i:06d}",
            email=f"a{i}@{program.slug}.example",
            called=f"Applicant {i} {dice.choice(WORDS)}",
            organisation=sentence(dice, 2),
            timezone=dice.choice(ZONES),
            submitted_at=timezone.now() - timedelta(minutes=i),
        )
        for i in range(number)
    )
    Standing.objects.bulk_create(
        Standing(program=program, intake=intake, application=application)
        for application in applications
    )
    Answer.objects.bulk_create(
        Answer(
            program=program,
            application=application,
            question=question,
            text=sentence(dice, 40),
        )
        for application in applications[:READ_BLIND]
        for question in questions
    )
    return intake, applications


def _copies(
    intake: Intake, applications: list[Application], dice: random.Random
) -> list[BlindCopy]:
    """What reviewers read, with a rubric of four, while readings are taken."""
    now = timezone.now()
    for i in range(4):
        Criterion.objects.create(
            intake=intake,
            position=i,
            name=sentence(dice, 3),
            levels=[sentence(dice, 4) for _ in Criterion.LEVELS],
        )
    IntakePhase.objects.create(
        intake=intake,
        kind=IntakePhase.Kind.REVIEW,
        opens_at=now - timedelta(days=7),
        closes_at=now + timedelta(days=7),
        permits=IntakePhase.USUAL[IntakePhase.Kind.REVIEW],
    )
    Intake.objects.filter(pk=intake.pk).update(frozen_at=now)
    questions = list(intake.questions.all())
    return BlindCopy.objects.bulk_create(
        BlindCopy(
            program=intake.program,
            intake=intake,
            application=application,
            code=application.code,
            texts={str(q.pk): sentence(dice, 40) for q in questions},
        )
        for application in applications
    )


def session_key(person: User) -> str:
    """A signed-in session for somebody, as the test client makes one."""
    from django.test import Client

    client = Client()
    client.force_login(person)
    return client.cookies["sessionid"].value
