"""A finished cohort is opened again by two people, or stays closed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from people.visibility import PrivateQuerySet

from .confidentiality import FacilitatorsAndLeads

# A question that nobody answered is no standing permission.
ASKS_FOR = timedelta(days=14)


class ReopeningQuerySet(PrivateQuerySet):
    def waiting(self, moment: datetime) -> Self:
        return self.filter(
            agreed_at=None, withdrawn_at=None, asked_at__gt=moment - ASKS_FOR
        )


class Reopening(FacilitatorsAndLeads):
    """One of those who keep the cohort asks, another one agrees."""

    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    asked_at = models.DateTimeField(default=now)
    reason = models.TextField(_("why"), max_length=500)
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    agreed_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = ReopeningQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cohort"],
                condition=Q(agreed_at=None, withdrawn_at=None),
                name="reopening_one_asked_at_a_time",
            ),
            models.CheckConstraint(
                name="reopening_takes_two",
                condition=Q(agreed_by=None) | ~Q(agreed_by=F("asked_by")),
            ),
        ]

    class Privacy:
        whose = "asked_by"
        export = ("reason", "asked_at", "agreed_at")
        # Why a cohort was opened stays with it; the name goes.
        on_erase = {"asked_by": None}
