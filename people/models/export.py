"""A person's own data, packed to be taken along."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from people.visibility import PrivateQuerySet

from .base import PrivateRow, uuid7

KEPT_FOR = timedelta(days=7)


def export_path(export: Export, name: str) -> str:
    return f"exports/{uuid7().hex}.zip"


class ExportQuerySet(PrivateQuerySet):
    def asked(self) -> Self:
        return self.filter(state=Export.State.ASKED)

    def outlived(self, now: datetime) -> Self:
        return self.filter(made_at__lt=now - KEPT_FOR)


class Export(PrivateRow):
    class State(models.TextChoices):
        ASKED = "asked"
        READY = "ready"
        FAILED = "failed"

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    made_at = models.DateTimeField(null=True)
    rows = models.PositiveIntegerField(default=0)
    file = models.FileField(
        upload_to=export_path, max_length=120, blank=True, default=""
    )

    objects = ExportQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(state="asked"),
                name="one_export_asked_at_a_time",
            ),
        ]

    class Privacy:
        whose = "person"
        export = ("asked_at", "made_at", "rows")
        on_erase = "delete"

    @classmethod
    def readable_by(cls, viewer: Any) -> Q:
        return Q(person=viewer.pk) if viewer.is_authenticated else Q(pk__in=())

    @property
    def kept_until(self) -> datetime | None:
        return self.made_at + KEPT_FOR if self.made_at else None
