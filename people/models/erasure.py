"""Receipts: that somebody took their data along, or had it removed."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from people.personal import NotPersonal

from .base import Row


class Erasure(Row):
    """What was done when somebody was erased: numbers per table, and no name."""

    at = models.DateTimeField(default=timezone.now)
    # {"people.Record": {"changed": 3}, "people.OutboxMessage": {"deleted": 2}}
    done = models.JSONField(default=dict)

    not_private = "numbers of rows per table; names nobody"
    Privacy = NotPersonal("counts rows and names nobody")
