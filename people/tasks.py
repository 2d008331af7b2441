"""What the worker does for people, each a line; the clocks stand in settings."""

from __future__ import annotations

import logging
import time
from typing import Any

from celery import shared_task
from kombu.exceptions import OperationalError

from people import delivery, devices, digest, privacy

log = logging.getLogger(__name__)

# The next tick comes after a minute.
LONGEST_RUN = 50.0


@shared_task
def deliver_due() -> int:
    """Every batch that is due, until nothing is or the next tick is near."""
    began, sent = time.monotonic(), 0
    while time.monotonic() - began < LONGEST_RUN:
        now = delivery.database_now()
        if not delivery.any_due(now=now):
            break
        sent += delivery.deliver_due(now=now)
    return sent


@shared_task
def sweep_stale() -> int:
    return delivery.sweep_stale(now=delivery.database_now())


@shared_task
def prune_outbox() -> int:
    return delivery.prune(now=delivery.database_now())


@shared_task
def plan_digests() -> int:
    return digest.plan_digests(now=delivery.database_now())


@shared_task
def make_exports() -> int:
    return privacy.make_exports(now=delivery.database_now())


@shared_task
def drop_old_exports() -> int:
    return privacy.drop_old_exports(now=delivery.database_now())


@shared_task
def forget_ended_sessions() -> int:
    return devices.forget_ended()


def knock(task: Any, *arguments: str) -> None:
    """Wake a worker now. The row is what counts: the next tick finds it anyway."""
    try:
        task.delay(*arguments)
    except (OSError, OperationalError) as error:
        log.warning("no broker to wake a worker: %s", type(error).__name__)
