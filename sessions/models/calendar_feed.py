"""A person's private calendar address. Only the hash of its secret is kept."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from cohorts.models import MineOnly


class CalendarFeed(MineOnly):
    """Whoever holds the secret reads the dates of this person's sessions."""

    secret_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(revoked_at=None),
                name="calendar_feed_one_open",
            )
        ]

    class Privacy:
        whose = "person"
        export = ("created_at", "revoked_at")
        on_erase = "delete"
