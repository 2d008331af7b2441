"""The clocks of sessions. Each tick finds what is due; a tick twice plans it once."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from sessions import commitments, hosting, presence, rituals


@shared_task
def remind_of_sessions() -> int:
    return rituals.remind(now=timezone.now())


@shared_task
def close_forgotten_rooms() -> int:
    return hosting.close_forgotten(now=timezone.now())


@shared_task
def remind_of_commitments() -> int:
    return commitments.remind_of_commitments(now=timezone.now())


@shared_task
def tend_the_quiet() -> int:
    return presence.tend(now=timezone.now())
