"""Calls of the Riverbend program, as its lead Lea makes them."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from cohorts import calls
from cohorts.arrivals import Arrival, arrive
from cohorts.models import IntakePhase, Permit

DAY = timedelta(days=1)


def open_call(birch, *, now, name="Mangrove", **fields):
    """A published call that takes applications, readings and decisions at once."""
    intake = calls.begin(birch.program, by=birch.lea, name=name, about="Come", **fields)
    IntakePhase.objects.create(
        intake=intake,
        kind=IntakePhase.Kind.APPLY,
        opens_at=now - DAY,
        closes_at=now + 10 * DAY,
        permits=[Permit.APPLY],
    )
    return calls.publish(intake, by=birch.lea, now=now)


@pytest.fixture
def call(birch, now):
    """Mangrove is open; `call.arrive(name)` brings an application to it."""
    intake = open_call(birch, now=now)
    questions = list(intake.questions.order_by("position"))

    def come(called, **fields):
        said = {
            "called": called,
            "email": f"{called.split()[0].lower()}@example.net",
            "language": "en",
            "answers": {q.pk: (f"{q.label}: mine", ()) for q in questions[:3]},
            **fields,
        }
        (application,) = arrive(intake, [Arrival(**said)], at=timezone.now())
        return application

    return SimpleNamespace(
        intake=intake,
        arrive=come,
        questions=questions,
        traits={t.key: t for t in intake.traits.all()},
        criteria=list(intake.criteria.order_by("position")),
    )
