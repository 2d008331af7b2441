"""Fill the demo in, whole or not at all, once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import translation

from cohorts.models import Program
from cohortsite.demo import call, circles, evidence, people, rhythm, shelf
from cohortsite.demo.world import World


def standing() -> Program | None:
    """The demo program, if there is one."""
    return Program.objects.filter(is_demo=True).first()


@transaction.atomic
def fill(*, now: datetime) -> bool:
    """Tell the whole story up to `now`. False when it has been told already."""
    if standing() is not None:
        return False
    with translation.override("en"):
        world = World(now=now)
        people.arrive(world)
        world.baobab, world.mangrove = call.hold_the_first(world)
        circles.gather(world)
        rhythm.live(world)
        shelf.stock(world)
        call.compose_the_next(world)
        evidence.show(world)
    return True
