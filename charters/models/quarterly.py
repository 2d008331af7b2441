"""The day on which the circle looks at its charter again."""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q
from django.utils import timezone

from cohorts.models import Cohort, CohortAndLeads, CohortShared, Membership
from people.models import Once
from people.personal import NotPersonal
from people.visibility import PrivateQuerySet

from .amendment import Amendment
from .charter import Charter, CharterVersion

OPENS_BEFORE = timedelta(days=7)
LAPSES_AFTER = timedelta(days=30)
LONGEST_NOTE = 2_000


def months_after(day: date, months: int) -> date:
    """The same day some months on, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


class QuarterlyReviewQuerySet(PrivateQuerySet):
    def of(self, cohort: Cohort) -> Self:
        return self.filter(cohort=cohort)

    def awaited(self) -> Self:
        return self.filter(held_at=None)

    def lapsed(self) -> Self:
        return self.awaited().exclude(lapsed_at=None)


class QuarterlyReview(CohortAndLeads):
    """One review: planned, opened, then held; or lapsed 30 days after its day.

    Leads see its days; what members wrote for it is the circle's own.
    """

    charter = models.ForeignKey(Charter, on_delete=models.CASCADE, related_name="+")
    due_on = models.DateField()
    host = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    opened_at = models.DateTimeField(null=True, blank=True)
    lapsed_at = models.DateTimeField(null=True, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)
    # The record: who said that it was held, and which text the circle looked at.
    held_by = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    version = models.ForeignKey(
        CharterVersion,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )

    objects = QuarterlyReviewQuerySet.as_manager()  # type: ignore[misc]

    Privacy = NotPersonal("a day in the calendar of a circle")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["charter"],
                condition=Q(held_at=None),
                name="review_one_awaited_at_a_time",
            ),
            models.CheckConstraint(
                name="review_lapses_only_once_opened",
                condition=Q(lapsed_at=None) | Q(opened_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_on"], condition=Q(held_at=None), name="review_awaited"
            )
        ]

    @property
    def is_open(self) -> bool:
        return self.opened_at is not None and self.held_at is None

    @property
    def is_lapsed(self) -> bool:
        return self.lapsed_at is not None and self.held_at is None

    @property
    def opens_on(self) -> date:
        return self.due_on - OPENS_BEFORE

    @property
    def lapses_on(self) -> date:
        return self.due_on + LAPSES_AFTER


class ReviewNote(Once, CohortShared):
    """What one member says the charter does for them; theirs to change until held."""

    review = models.ForeignKey(
        QuarterlyReview, on_delete=models.CASCADE, related_name="+"
    )
    member = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    serves = models.TextField(max_length=LONGEST_NOTE, blank=True)
    strains = models.TextField(max_length=LONGEST_NOTE, blank=True)
    lang = models.CharField(max_length=35, blank=True)
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "client_key"], name="review_note_sent_once"
            ),
            models.UniqueConstraint(
                fields=["review", "member"], name="review_note_one_each"
            ),
        ]

    class Privacy:
        whose = "member__person"
        export = ("serves", "strains", "written_at")
        on_erase = {"serves": "", "strains": ""}


class ReviewSummary(Once, CohortShared):
    """What the circle saw together, in the words of whoever held the review."""

    review = models.ForeignKey(
        QuarterlyReview, on_delete=models.CASCADE, related_name="+"
    )
    member = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(max_length=LONGEST_NOTE)
    lang = models.CharField(max_length=35, blank=True)
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "client_key"], name="review_summary_sent_once"
            ),
            models.UniqueConstraint(fields=["review"], name="review_summary_one_each"),
        ]

    class Privacy:
        whose = "member__person"
        export = ("text", "written_at")
        on_erase = {"text": "—"}


class Candidate(CohortShared):
    """A proposal that grew out of a review, and the note it grew from, if any."""

    review = models.ForeignKey(
        QuarterlyReview, on_delete=models.CASCADE, related_name="+"
    )
    note = models.ForeignKey(
        ReviewNote, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    amendment = models.ForeignKey(Amendment, on_delete=models.CASCADE, related_name="+")

    Privacy = NotPersonal("which proposal grew out of which review")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["amendment"], name="candidate_once")
        ]


def day_in(cohort: Cohort, moment: datetime) -> date:
    """The day of a moment where the cohort is at home."""
    return moment.astimezone(ZoneInfo(cohort.timezone)).date()
