"""A reviewer's reading of one blind copy, and the scores it gave.

Others' readings are hidden until one's own is in.
"""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from people.models import Edited
from people.visibility import PrivateQuerySet

from .application import BlindCopy
from .confidentiality import LeadsAndReviewers, in_programs_i_serve, only_mine
from .program import Appointment
from .reading import Handout, WhyNot
from .rubric import Criterion


class ReviewQuerySet(PrivateQuerySet):
    def done(self) -> Self:
        return self.filter(state=Review.State.DONE)

    def waiting(self) -> Self:
        """Begun or handed out, and not yet finished in any way."""
        return self.filter(state__in=(Review.State.ASSIGNED, Review.State.BEGUN))


class Review(LeadsAndReviewers, Edited):
    class State(models.TextChoices):
        ASSIGNED = "assigned", _("to read")
        BEGUN = "begun", _("begun")
        DONE = "done", _("read")
        # I know this person or have a stake: somebody else must read it.
        ABSTAINED = "abstained", _("abstained")
        # Not now: it comes back at the end of my queue.
        SKIPPED = "skipped", _("skipped for now")

    copy = models.ForeignKey(BlindCopy, on_delete=models.CASCADE, related_name="+")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    state = models.CharField(max_length=9, choices=State, default=State.ASSIGNED)
    # Kept when done: the weighted mean of the levels, 1 to 4.
    score = models.DecimalField(max_digits=4, decimal_places=3, null=True, blank=True)
    note = models.TextField(_("anything else"), max_length=2000, blank=True)
    # Why the reviewer abstains.
    why = models.CharField(max_length=8, choices=WhyNot, default="", blank=True)
    # The round that handed it out; None for what the reviewer took, or a lead gave.
    handout = models.ForeignKey(
        Handout, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    changed_at = models.DateTimeField(default=now)

    objects = ReviewQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["copy", "reviewer"], name="review_one_for_a_reviewer"
            ),
            models.CheckConstraint(
                name="review_score_only_when_done",
                condition=Q(score=None) | Q(state="done"),
            ),
        ]
        indexes = [
            models.Index(fields=["reviewer", "state"], name="review_queue"),
        ]

    class Privacy:
        whose = "reviewer"
        export = ("state", "score", "note", "why", "changed_at")
        about = "copy__application__applicant"
        # The applicant's result rests on it; the name goes with the account.
        on_erase = {"note": ""}

    @classmethod
    def readable_by(cls, viewer: Any) -> Q:
        return super().readable_by(viewer) & _mine_or_mine_is_in(viewer)


class Score(LeadsAndReviewers):
    """The level given for one criterion, with the line that it rests on."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="+")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(4)]
    )
    evidence = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["review", "criterion"], name="score_once_for_a_criterion"
            ),
            models.CheckConstraint(
                name="score_level_one_to_four", condition=Q(level__range=(1, 4))
            ),
        ]

    class Privacy:
        whose = "review__reviewer"
        export = ("level", "evidence")
        about = "review__copy__application__applicant"
        on_erase = {"evidence": ""}

    @classmethod
    def readable_by(cls, viewer: Any) -> Q:
        return super().readable_by(viewer) & _mine_or_mine_is_in(viewer, "review__")


def _mine_or_mine_is_in(viewer: Any, path: str = "") -> Q:
    """Leads read all; a reviewer their own, and others' once theirs is done."""
    mine = only_mine(viewer, f"{path}reviewer")
    if not viewer.is_authenticated:
        return mine
    own = Review.objects.unsealed("only asks whether the viewer's own is in").done()
    return (
        mine
        | in_programs_i_serve(viewer, Appointment.Role.LEAD)
        | Q(Exists(own.filter(reviewer=viewer, copy=OuterRef(f"{path}copy"))))
    )
