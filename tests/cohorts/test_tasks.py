"""Long work, when its worker died or never heard of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cohorts import importing, seating
from cohorts.models import Application, Composition, ImportBatch
from cohorts.tasks import take_up_what_rests
from tests.cohorts.pool import intake_of, six
from tests.cohorts.test_seating import ASKED

WHY = "the test looks at everything"
HOUR = timedelta(hours=1)


@pytest.fixture
def begun(birch):
    """A proposal that was begun, and nobody has solved."""
    intake = intake_of(birch.program)
    six(intake)
    return seating.propose(intake, asked=ASKED, by=birch.lea, seed=7)


def made_earlier(composition):
    Composition.objects.unsealed(WHY).update(made_at=timezone.now() - HOUR)


def test_a_proposal_whose_worker_died_is_solved_all_the_same(begun):
    made_earlier(begun)

    take_up_what_rests()

    begun.refresh_from_db()
    assert begun.state == Composition.State.PROPOSED


def test_one_just_begun_is_left_to_its_worker(begun):
    take_up_what_rests()

    begun.refresh_from_db()
    assert begun.state == Composition.State.COMPOSING


def test_a_confirmed_import_comes_to_its_end(birch, call, now):
    lines = "".join(f"Person {n}\n" for n in range(600))
    raw = f"name\n{lines}".encode()
    batch = importing.upload(
        call.intake, by=birch.lea, filename="people.csv", raw=raw, now=now
    )
    importing.say_what_columns_are(batch, by=birch.lea, mapping={"0": "called"})
    importing.confirm(batch, by=birch.lea, now=now - HOUR)

    take_up_what_rests()
    take_up_what_rests()

    batch = ImportBatch.objects.unsealed(WHY).get()
    assert batch.state == ImportBatch.State.IMPORTED
    assert Application.objects.unsealed(WHY).count() == 600
