"""A worker that dies by `kill -9` half way through a search for cohorts."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F

from cohorts import seating, solving, tasks
from cohorts.models import Composition, Seat
from tests.cohorts.pool import intake_of, offered
from tests.cohorts.test_seating import ASKED, board
from tests.embedded.running import wait_until
from tests.embedded.test_killed_worker import NAME, Worker
from tests.embedded.worker_to_kill import app

pytestmark = [pytest.mark.platform, pytest.mark.django_db(transaction=True)]

PEOPLE = 24
TRIALS = 5


@pytest.fixture
def intake(birch):
    intake = intake_of(birch.program)
    for n in range(PEOPLE):
        offered(
            intake,
            f"Person{n}",
            code=f"P{n}",
            organisation=f"House {n % 7}",
            said={
                "language": ("Arabic", "English")[n % 2],
                "role": ("lead", "front line")[n % 3 == 0],
            },
            offers=["data", "repair"][: n % 3],
            needs=["data"][: n % 2],
        )
    yield intake
    app.control.purge()


def begun(intake, by):
    asked = seating.Asked(
        **{**ASKED.__dict__, "groups": 3, "size_min": 6, "size_max": 10}
    )
    return seating.propose(intake, asked=asked, by=by, seed=11)


def rows():
    return Composition.objects.unsealed("the test reads all")


def killed_half_way(intake, by, folder) -> Composition:
    """A search whose worker died; tried again if it was quicker than the test."""
    for _ in range(TRIALS):
        dying = begun(intake, by)
        with Worker(folder, folder / "taken") as worker:
            tasks.solve_composition.delay(str(dying.pk))
            wait_until(lambda pk=dying.pk: _row(pk).progress, "a first sign")
            with transaction.atomic():
                # It cannot tell any more how far it is, and stands still there.
                rows().select_for_update().get(pk=dying.pk)
                wait_until(
                    lambda pk=dying.pk: _somebody_waits() or _is_over(pk),
                    "the worker to be half way",
                )
                worker.kill()
            wait_until(_is_let_go, "the database to let go of the dead worker")
        if not _is_over(dying.pk):
            return _row(dying.pk)
    raise AssertionError("no search was slow enough to be killed")


def test_a_killed_search_is_taken_up_and_ends_as_if_nothing_had_been(
    birch, intake, tmp_path
):
    (tmp_path / "taken").mkdir()
    half_way = killed_half_way(intake, birch.lea, tmp_path)
    soon = half_way.heard_at + timedelta(minutes=1)
    left_to_its_worker = solving.resting(now=soon) == []
    mine = rows().filter(pk=half_way.pk)
    mine.update(heard_at=F("heard_at") - timedelta(hours=1))

    for _ in range(2):
        tasks.take_up_what_rests()

    ended, lived = _row(half_way.pk), solving.solve(begun(intake, birch.lea).pk)
    seats = Seat.objects.unsealed("the test reads all").filter(composition=ended)
    assert left_to_its_worker
    assert (half_way.state, half_way.tries) == (Composition.State.COMPOSING, 1)
    assert (ended.state, ended.tries) == (Composition.State.PROPOSED, 2)
    assert board(ended) == board(lived)
    assert ended.progress["value"] == lived.progress["value"]
    assert seats.count() == seats.values("application").distinct().count() == PEOPLE


def _row(pk) -> Composition:
    return rows().get(pk=pk)


def _is_over(pk) -> bool:
    return _row(pk).state != Composition.State.COMPOSING


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        # In a transaction the answer would stay as it was at first.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE application_name = %s AND wait_event_type = 'Lock'",
            [NAME],
        )
        return cursor.fetchone() == (1,)


def _is_let_go() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s", [NAME]
        )
        return cursor.fetchone() == (0,)
