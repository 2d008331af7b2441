"""The clocks of the charter. Due things are rows; a tick only looks."""

from celery import shared_task
from django.utils import timezone

from charters import amending, quarterly, tending, welcoming


@shared_task
def tend_rounds() -> int:
    """Remind of open rounds, and act on those whose window is over."""
    now = timezone.now()
    return amending.remind(now=now) + amending.settle(now=now)


@shared_task
def tend_reviews() -> int:
    now = timezone.now()
    return quarterly.tend(now=now) + welcoming.tend(now=now)


@shared_task
def tend_repairs() -> None:
    """Says nothing of what it did: results stand in the worker's log."""
    tending.tend(now=timezone.now())


@shared_task
def erase_repairs() -> None:
    tending.erase_what_is_due(now=timezone.now())
