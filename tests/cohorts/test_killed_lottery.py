"""A worker that dies by `kill -9` while it looks for the fairest chances."""

import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest

from cohorts import preparing
from cohorts.lottery import fair_lottery
from cohorts.models import Lottery
from cohorts.tasks import take_up_what_rests
from cohortsite.embedded.fingerprints import BASE_DIR
from tests.cohorts.selecting import ALL, seven, toy_quotas
from tests.embedded.running import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_is_taken_up_and_comes_to_the_same(call, birch, now, tmp_path):
    seven(call, birch, now)
    toy_quotas(call, birch)
    begun = preparing.prepare(call.intake, by=birch.lea, now=now)
    gathering = preparing.gather(call.intake)
    stopped = tmp_path / "stopped"
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.cohorts.lottery_to_kill", str(begun.pk), stopped],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "cohortsite.settings"},
        cwd=BASE_DIR,
    )
    try:
        wait_until(stopped.exists, "the middle of the search")
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait(20)
    killed = Lottery.objects.unsealed(ALL).get(pk=begun.pk)
    take_up_what_rests()
    soon = Lottery.objects.unsealed(ALL).get(pk=begun.pk).state

    # As the rows see it: so long has nobody stirred.
    Lottery.objects.unsealed(ALL).update(stirred_at=now - timedelta(hours=1))
    take_up_what_rests()

    found = Lottery.objects.unsealed(ALL).get(pk=begun.pk)
    undisturbed = fair_lottery(
        gathering.pool,
        gathering.rules,
        seats=gathering.seats,
        seed=int(gathering.basis[:8], 16),
    )
    assert (killed.state, killed.step, soon) == ("preparing", "mixing", "preparing")
    assert found.state == "prepared"
    assert found.mixture["weights"] == list(undisturbed.weights)
    assert found.mixture["panels"] == [list(panel) for panel in undisturbed.panels]
