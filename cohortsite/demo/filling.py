"""Fill the demo in, whole or not at all, once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from cohorts.models import Program
from cohortsite.demo import (
    call,
    circles,
    evidence,
    people,
    rhythm,
    shelf,
    short_call,
)
from cohortsite.demo.world import World
from people.refusal import Refused


def standing() -> Program | None:
    """The demo program, if there is one."""
    return Program.objects.filter(is_demo=True).first()


def must_stay_here() -> None:
    """Refuse where mails leave the machine: the demo says that nothing is sent."""
    if not settings.EMBEDDED:
        raise Refused(
            _(
                "The demo belongs to a machine of your own: python3 manage.py up. "
                "Its mails stay there; from here they would leave."
            )
        )


@contextmanager
def _without_savepoints() -> Iterator[None]:
    """A third of all statements less: what fails in between fails as a whole."""
    features: Any = connection.features
    features.uses_savepoints = False
    try:
        yield
    finally:
        features.uses_savepoints = True


@transaction.atomic
def fill(*, now: datetime) -> bool:
    """Tell the whole story up to `now`. False when it has been told already."""
    must_stay_here()
    if standing() is not None:
        return False
    with translation.override("en"), _without_savepoints():
        world = World(now=now)
        people.arrive(world)
        world.baobab, world.mangrove = call.hold_the_first(world)
        circles.gather(world)
        rhythm.live(world)
        shelf.stock(world)
        short_call.draw_the_short_one(world)
        call.compose_the_next(world)
        call.open_another(world)
        evidence.show(world)
    return True
