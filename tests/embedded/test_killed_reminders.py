"""The reminders of charters: two beats at once, and workers that die by `kill -9`."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from charters import tasks as charter_tasks
from charters.models import Charter, QuarterlyReview, day_in
from cohorts.models import Cohort, Program
from people import tasks
from people.letters import message_id
from people.models import OutboxMessage
from tests.conftest import person, seat
from tests.embedded.running import wait_until
from tests.embedded.test_killed_worker import (
    Worker,
    is_let_go,
    is_quiet,
    pass_some_time,
)
from tests.embedded.worker_to_kill import app

pytestmark = [pytest.mark.platform, pytest.mark.django_db(transaction=True)]

CIRCLES, SEATS = 12, 4
State = OutboxMessage.State


@pytest.fixture
def taken(tmp_path):
    folder = tmp_path / "taken"
    folder.mkdir()
    return folder


@pytest.fixture
def reviews(transactional_db):
    """A review opened in each of many circles, whose people are awake at any hour."""
    program = Program.objects.create(
        slug="riverbend", name="Riverbend", timezone="UTC", languages=["en"]
    )
    now = timezone.now()
    made = []
    for n in range(CIRCLES):
        cohort = Cohort.objects.create(
            program=program, slug=f"circle-{n}", name=f"Circle {n}", timezone="UTC"
        )
        for m in range(SEATS):
            who = person(f"p{n}-{m}", timezone="UTC", quiet_from="00:00")
            who.quiet_until = who.quiet_from
            who.day_off = None
            who.save()
            seat(cohort, who)
        made.append(
            QuarterlyReview.objects.create(
                cohort=cohort,
                charter=Charter.objects.create(cohort=cohort),
                due_on=day_in(cohort, now) + timedelta(days=5),
            )
        )
    yield made
    app.control.purge()


def both_beats_tick() -> None:
    for _beat in range(2):
        charter_tasks.tend_reviews.delay()
        tasks.sweep_stale.delay()
        tasks.deliver_due.delay()


def test_each_member_is_told_once_whoever_dies(reviews, tmp_path, taken):
    def arrived() -> list[str]:
        return [text for file in taken.iterdir() if (text := file.read_text())]

    def planned() -> int:
        return OutboxMessage.objects.count()

    # The first dies while it plans, the other one among its mails.
    for enough in (lambda: planned() >= 5, lambda: len(arrived()) >= 6):
        with Worker(tmp_path, taken, server="Asked") as worker:
            both_beats_tick()
            wait_until(enough, "a worker in the middle of it")
            worker.kill()
        wait_until(is_let_go, "the database to let go of the dead worker")
        pass_some_time()

    with Worker(tmp_path, taken, server="Asked"):
        both_beats_tick()
        wait_until(lambda: planned() == CIRCLES * SEATS, "the whole plan")
        wait_until(is_quiet, "an empty queue")
        while OutboxMessage.objects.exclude(state=State.SENT).exists():
            pass_some_time()
            both_beats_tick()
            wait_until(is_quiet, "an empty queue")

    rows = list(OutboxMessage.objects.all())
    told = Counter((row.notice, row.recipient_id, row.about_id) for row in rows)
    assert set(told.values()) == {1}
    assert len(rows) == CIRCLES * SEATS
    assert {row.notice for row in rows} == {"charters.review_opened"}
    assert Counter(arrived()) == Counter(message_id(row) for row in rows)
