"""A worker that dies by `kill -9` in the middle of its batch, again and again."""

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import F

from cohortsite.embedded.fingerprints import BASE_DIR
from people import tasks
from people.letters import message_id
from people.models import OutboxMessage, User
from people.outbox import _notices, queue
from tests.embedded.running import wait_until
from tests.embedded.worker_to_kill import TAKEN, app, notices

pytestmark = [pytest.mark.platform, pytest.mark.django_db(transaction=True)]

LETTERS = 60
# As the database knows the worker.
NAME = "worker to kill"
State = OutboxMessage.State
OVER = (State.SENT, State.UNKNOWN)


class Worker:
    """The real one, one process. Use it in a `with`."""

    def __init__(self, folder: Path, taken: Path, server: str = "Server") -> None:
        ready = folder / "ready"
        ready.unlink(missing_ok=True)
        self.log = (folder / "log").open("ab")
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "celery", "--quiet"),
                *("-A", "tests.embedded.worker_to_kill", "worker"),
                *("--pool", "solo", "--loglevel", "WARNING"),
                *("--without-gossip", "--without-mingle", "--without-heartbeat"),
            ],
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "cohortsite.settings",
                "EMAIL_BACKEND": f"tests.embedded.worker_to_kill.{server}",
                "WORKER_READY_FILE": str(ready),
                TAKEN: str(taken),
                "PGAPPNAME": NAME,
            },
            cwd=BASE_DIR,
            stdout=self.log,
            stderr=self.log,
        )
        wait_until(ready.exists, "a worker")

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_) -> None:
        self.kill()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(20)
        self.log.close()


@pytest.fixture
def taken(tmp_path):
    folder = tmp_path / "taken"
    folder.mkdir()
    return folder


@pytest.fixture
def letters(transactional_db):
    """One for each of many people, who are awake at any hour; half of each kind."""
    ours = dict(_notices)
    kinds = notices()
    people = [
        User.objects.create_user(f"person{n}@example.org", called=f"Person {n}")
        for n in range(LETTERS)
    ]
    yield [
        queue(kinds[n % 2], to=person, about=person, key="1")
        for n, person in enumerate(people)
    ]
    _notices.clear()
    _notices.update(ours)
    app.control.purge()


def ids(rows) -> set[str]:
    return {message_id(row) for row in rows}


def pass_some_time() -> None:
    """An hour later, as the rows see it: leases are over, what waits is due."""
    hour = timedelta(hours=1)
    OutboxMessage.objects.exclude(lease_until=None).update(
        lease_until=F("lease_until") - hour
    )
    OutboxMessage.objects.filter(state=State.PLANNED).update(
        send_after=F("send_after") - hour
    )


def tick() -> None:
    for task in (tasks.sweep_stale, tasks.deliver_due):
        task.delay()


def test_nothing_is_lost_and_twice_comes_only_what_prefers_it(letters, tmp_path, taken):
    def arrived() -> list[str]:
        return [file.read_text() for file in taken.iterdir()]

    cut_off: set[str] = set()
    for enough in (5, 15, 25, 35):
        with Worker(tmp_path, taken) as worker:
            tick()
            wait_until(lambda n=enough: len(arrived()) >= n, f"{enough} mails")
            worker.kill()
        # What it had on its lips may still be carried out.
        wait_until(is_let_go, "the database to let go of the dead worker")
        cut_off |= ids(OutboxMessage.objects.filter(state=State.SENDING))
        pass_some_time()

    with Worker(tmp_path, taken):
        while OutboxMessage.objects.exclude(state__in=OVER).exists():
            pass_some_time()
            tick()
            wait_until(is_quiet, "an empty queue")

    everything, came = ids(letters), Counter(arrived())
    unsure = ids(OutboxMessage.objects.filter(state=State.UNKNOWN))
    twice = {name for name, times in came.items() if times > 1}
    rather_once = ids(row for row in letters if row.notice == "tests.hold")
    assert everything - set(came) <= unsure <= cut_off & rather_once
    assert twice <= cut_off - rather_once
    assert max(came.values()) == 1 + bool(twice)


def is_let_go() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s", [NAME]
        )
        return cursor.fetchone() == (0,)


def is_quiet() -> bool:
    """Nothing waits in the queue, and the worker holds nothing."""
    with app.connection_or_acquire() as broker:
        waiting = broker.default_channel.client.llen("celery")
    busy = OutboxMessage.objects.filter(state__in=(State.CLAIMED, State.SENDING))
    return not waiting and not busy.exists()
