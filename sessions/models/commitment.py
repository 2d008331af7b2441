"""A promise. On screens the word is "promise"."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cohorts.models import CohortPrivate, Membership
from people.models import Once
from people.visibility import PrivateQuerySet

OPEN = Q(kept_at=None, released_at=None, changed_at=None)


class CommitmentQuerySet(PrivateQuerySet):
    def open(self) -> Self:
        return self.filter(OPEN)

    def due_on(self, day: date) -> Self:
        return self.open().filter(due_on=day)

    def due_between(self, first: date, last: date) -> Self:
        return self.open().filter(due_on__range=(first, last))

    def kept(self) -> Self:
        return self.exclude(kept_at=None)

    def let_go(self) -> Self:
        return self.exclude(released_at=None)

    def changed(self) -> Self:
        return self.exclude(changed_at=None)

    def of(self, person: Any) -> Self:
        return self.filter(promised_by__person=person)

    def open_or_kept_since(self, moment: datetime) -> Self:
        return self.filter(OPEN | Q(kept_at__gt=moment))

    def next_to(self, commitment: Commitment) -> Self:
        """What it renews, and what renews it."""
        return self.filter(Q(pk=commitment.renews_id) | Q(renews=commitment))


class Commitment(CohortPrivate, Once):
    """Something a member told the cohort they would do by a day.

    It ends in one of three ways, all of them honest: kept, let go, or changed into
    a later promise, which then `renews` this one.
    """

    promised_by = models.ForeignKey(
        Membership, on_delete=models.CASCADE, related_name="+"
    )
    session = models.ForeignKey(
        "cohort_sessions.RitualSession",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    promise = models.CharField(_("I will"), max_length=280)
    due_on = models.DateField(_("by"))
    evidence_of_done = models.CharField(
        _("we will know by"), max_length=280, blank=True
    )
    lang = models.CharField(max_length=10, blank=True)
    renews = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    kept_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    # One line on how it ended: what was seen, or why it was let go.
    outcome = models.CharField(max_length=500, blank=True)
    # The last day whose reminder has been planned; the outbox's own key is the guard.
    reminded_on = models.DateField(null=True, blank=True)

    objects = CommitmentQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["promised_by", "client_key"], name="commitment_made_once"
            ),
            models.UniqueConstraint(fields=["renews"], name="commitment_renewed_once"),
            models.CheckConstraint(
                name="commitment_ends_in_one_way",
                condition=Q(kept_at=None, released_at=None)
                | Q(kept_at=None, changed_at=None)
                | Q(released_at=None, changed_at=None),
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_on"],
                condition=OPEN,
                name="commitment_open_due",
            ),
            models.Index(
                fields=["cohort", "due_on", "id"],
                condition=OPEN,
                name="commitment_open_by_day",
            ),
            models.Index(fields=["cohort", "due_on", "id"], name="commitment_by_day"),
            models.Index(
                fields=["promised_by", "due_on"], name="commitment_by_promiser"
            ),
        ]

    class Privacy:
        whose = "promised_by__person"
        export = (
            "promise",
            "due_on",
            "evidence_of_done",
            "written_at",
            "kept_at",
            "released_at",
            "changed_at",
            "outcome",
        )
        on_erase = {
            "promise": "[withdrawn]",
            "evidence_of_done": "",
            "outcome": "",
        }

    @property
    def is_open(self) -> bool:
        return self.kept_at is None and self.released_at is None and not self.changed_at

    def is_late(self, today: date) -> bool:
        return self.is_open and self.due_on < today
