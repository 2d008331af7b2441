"""Which insight of the library came out of which session."""

from __future__ import annotations

from django.db import models

from cohorts.models import CohortPrivate, Membership
from people.models import Once

from .written import WrittenQuerySet


class Insight(CohortPrivate, Once):
    """A pointer. The words themselves are kept in the library."""

    kept_by = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    session = models.ForeignKey(
        "cohort_sessions.RitualSession",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    # The library's own page decides who may read it there.
    resource = models.ForeignKey(
        "library.Resource", on_delete=models.CASCADE, related_name="+"
    )

    objects = WrittenQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kept_by", "client_key"], name="insight_kept_once"
            )
        ]
        indexes = [
            models.Index(fields=["cohort", "-written_at", "-id"], name="insight_newest")
        ]

    class Privacy:
        whose = "kept_by__person"
        export = ("resource", "written_at")
        on_erase = "keep"
        why = "holds no words; the library erases those it keeps"
