"""Words of a repair conversation whose time is over, and the real beat and worker."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from charters import agreeing, repair
from charters.models import HOLD_WORDS, RepairCase, day_in
from cohortsite import roles
from cohortsite.embedded.fingerprints import BASE_DIR
from cohortsite.embedded.testing import address
from people.models import Record
from people.rekeying import at_rest
from tests.charters.repairing import asked_for, fresh, settled
from tests.embedded.running import wait_until

pytestmark = [pytest.mark.platform, pytest.mark.django_db(transaction=True)]

LOOKS = "tests look at every row"


@pytest.fixture
def beat_and_worker(tmp_path):
    """The real ones, as the role that works: celery, its beat, the broker."""
    ready = tmp_path / "ready"
    database = address(connection.settings_dict["NAME"], role=roles.WORKER)
    with (tmp_path / "log").open("ab") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "celery", "--quiet"),
                *("-A", "tests.embedded.erasing_worker", "worker"),
                *("--pool", "solo", "--loglevel", "WARNING"),
                *("--without-gossip", "--without-mingle", "--without-heartbeat"),
            ],
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "cohortsite.settings",
                "DATABASE_URL": database,
                "WORKER_READY_FILE": str(ready),
                "BEAT_IN_WORKER": str(tmp_path / "schedule"),
            },
            cwd=BASE_DIR,
            stdout=log,
            stderr=log,
        )
        wait_until(ready.exists, "a worker")
        yield process
        process.kill()
        process.wait(20)


def words_at_rest():
    """Every encrypted column of repair, as the database keeps it."""
    return {
        bytes(raw)
        for model in HOLD_WORDS
        for raw in model.objects.unsealed(LOOKS)
        .annotate(raw=at_rest("words"))
        .values_list("raw", flat=True)
    }


def who_is_named():
    """Every column of every table of ours that points at a person of the case."""
    named = []
    for model in apps.get_app_config("charters").get_models():
        if not model.__name__.startswith("Repair"):
            continue
        for field in model._meta.concrete_fields:
            if field.is_relation and field.related_model._meta.label == "people.User":
                rows = model.objects.unsealed(LOOKS).exclude(**{field.name: None})
                named += [(model.__name__, field.name)] * rows.count()
    return named


def test_the_beat_has_the_worker_erase_what_is_due_and_nothing_else(
    birch, request, tmp_path
):
    now = timezone.now()
    then = now - timedelta(days=60)
    over = settled(birch, now=then, days=14, way="shuttle")
    repair.say_aside(over, by=birch.ada.person, words="For you alone.", now=then)
    agreeing.look_back(
        over,
        by=birch.ada.person,
        holds=True,
        words="It holds.",
        now=then + timedelta(days=14),
    )
    assert fresh(over).check_back_on < day_in(birch.cohort, now) - timedelta(days=31)
    assert b"" not in words_at_rest()
    assert who_is_named()

    request.getfixturevalue("beat_and_worker")
    wait_until(lambda: fresh(over).state == "erased", "the words to be erased")

    assert words_at_rest() == {b""}
    assert who_is_named() == []
    left = RepairCase.objects.unsealed(LOOKS).get()
    assert (left.left_out, left.ending) == ([], "quiet")
    runs = Record.objects.filter(act="clock.erase_words")
    wait_until(lambda: runs.count() >= 2, "a second run")
    assert set(runs.values_list("actor", "about", "place")) == {(None, None, None)}


def test_what_is_not_due_yet_stays(birch, request):
    now = timezone.now()
    open_one = asked_for(birch, now=now)
    runs = Record.objects.filter(act="clock.erase_words")

    request.getfixturevalue("beat_and_worker")
    wait_until(lambda: runs.count() >= 2, "two runs")

    assert fresh(open_one).state == "asked"
    assert b"" not in words_at_rest()
