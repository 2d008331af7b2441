"""The group."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from people.models import Row, validate_zone
from people.personal import NotPersonal
from people.refusal import Refused

from .program import Program


class CohortQuerySet(models.QuerySet["Cohort"]):
    def open(self) -> Self:
        return self.filter(finished_at=None)

    def names_taken(self) -> frozenset[str]:
        """Of these that stand, however they are written; for `name.casefold()`."""
        return frozenset(
            name.strip().casefold()
            for name in self.open().values_list("name", flat=True)
        )


class Cohort(Row):
    """A group of peers in a program. Finished cohorts turn read-only."""

    program = models.ForeignKey(
        Program, on_delete=models.CASCADE, related_name="cohorts"
    )
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    # The host's wall time: sessions keep it when clocks change.
    timezone = models.CharField(
        max_length=64, default="UTC", validators=[validate_zone]
    )
    created_at = models.DateTimeField(default=now)
    starts_on = models.DateField(_("first day"), null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = CohortQuerySet.as_manager()

    not_private = "that a cohort exists, and its name, is no secret in its program"
    Privacy = NotPersonal("describes a group, its people stand in Membership")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="cohort_finishes_after_it_began",
                condition=Q(finished_at=None)
                | Q(finished_at__gte=models.F("created_at")),
            )
        ]

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None

    def must_be_open(self) -> None:
        """Refuse when the cohort has finished: it is read, and no more is added."""
        if self.is_finished:
            raise Refused(
                _(
                    "This cohort has finished. Everything in it can still be read, "
                    "and nothing more is added."
                )
            )
