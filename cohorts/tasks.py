"""Work behind the pages. A task names rows by their keys and holds no rule."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from cohorts import (
    deciding,
    forgetting,
    handing_out,
    importing,
    preparing,
    reckoning,
    solving,
)
from cohorts.models import ImportBatch


@shared_task
def go_on_importing(batch_id: str) -> None:
    """Import the remaining stretches of a confirmed file, one after the other."""
    batch = (
        ImportBatch.objects.unsealed("a confirmed import goes on by itself")
        .filter(pk=batch_id)
        .first()
    )
    while batch is not None and batch.state == ImportBatch.State.IMPORTING:
        batch = importing.go_on(batch, now=timezone.now())


@shared_task
def solve_composition(composition_id: str) -> None:
    """Find the arrangement of a proposal that was begun."""
    solving.solve(UUID(composition_id))


@shared_task
def prepare_lottery(lottery_id: str) -> None:
    """Find the fairest chances of a lottery that was begun."""
    preparing.solve(UUID(lottery_id))


@shared_task
def forget_what_is_kept_no_longer() -> int:
    return forgetting.forget(now=timezone.now())


@shared_task
def remind_of_offers() -> int:
    return deciding.remind_of_offers(now=timezone.now())


@shared_task
def lapse_offers() -> None:
    deciding.lapse_offers(now=timezone.now())


@shared_task
def take_up_what_rests() -> None:
    """Long work whose worker died, or that no worker heard of. Harmless twice."""
    now = timezone.now()
    for composition in solving.resting(now=now):
        solving.solve(composition)
    for lottery in preparing.resting(now=now):
        preparing.solve(lottery)
    for batch in importing.resting(now=now):
        go_on_importing(str(batch))
    importing.forget_old(now=now)


@shared_task
def remind_of_readings() -> int:
    return handing_out.remind_before_the_end(now=timezone.now())


@shared_task
def reckon_with_readings() -> None:
    """What readings come to, where new ones have arrived."""
    for intake in reckoning.behind():
        reckoning.work_out(intake, now=timezone.now())
