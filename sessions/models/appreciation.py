"""Thanks, addressed to one person and said before the cohort."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cohorts.models import CohortPrivate, Membership
from people.models import Once

from .written import WrittenQuerySet


class Appreciation(CohortPrivate, Once):
    given_by = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    to = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    session = models.ForeignKey(
        "cohort_sessions.RitualSession",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    text = models.CharField(_("what you thank them for"), max_length=500)
    lang = models.CharField(max_length=10, blank=True)

    objects = WrittenQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["given_by", "client_key"], name="appreciation_given_once"
            ),
            models.CheckConstraint(
                name="appreciation_is_for_somebody_else",
                condition=~Q(to=F("given_by")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["cohort", "-written_at", "-id"], name="appreciation_newest"
            )
        ]

    class Privacy:
        whose = "given_by__person"
        export = ("text", "lang", "written_at")
        on_erase = {"text": "[withdrawn]"}
