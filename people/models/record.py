"""Who did what, and when: no content, so that everyone concerned may read it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils import timezone

from people.past import relived_moment

from .base import Row


class Record(Row):
    """One act. Written in the transaction of the act itself."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    act = models.CharField(max_length=60)  # "commitment.keep"
    about = models.UUIDField(null=True)
    place = models.UUIDField(null=True, db_index=True)  # the cohort or the program

    not_private = "holds no content; read through cohorts and programs"

    class Privacy:
        whose = "actor"
        export = ("at", "act")
        on_erase = {"actor": None}


def record(
    act: str,
    *,
    by: Any,
    about: models.Model | None = None,
    place: UUID | None = None,
) -> Record:
    """Write down that `by` did `act`; call it inside the act's transaction."""
    return Record.objects.create(
        at=relived_moment() or timezone.now(),
        act=act,
        actor=by if by is not None and by.pk else None,
        about=about.pk if about is not None else None,
        place=place,
    )
