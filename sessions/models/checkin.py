"""How somebody arrives: a mood, where they stand, what they mean to do, their edge."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cohorts.models import CohortPrivate, Membership
from people.models import Once

from .written import WrittenQuerySet

LONGEST_LINE = 1000
# Sent so much later than written, the page says both times.
WORTH_SAYING = timedelta(minutes=3)


class CheckIn(CohortPrivate, Once):
    """One check-in. `written_at` is when the button was pressed, on line or off."""

    class Mood(models.TextChoices):
        STEADY = "steady", _("Steady")
        STRETCHED = "stretched", _("Stretched")
        STUCK = "stuck", _("Stuck")
        GLAD = "glad", _("Glad")

    author = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    session = models.ForeignKey(
        "cohort_sessions.RitualSession",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    mood = models.CharField(max_length=12, choices=Mood, blank=True)
    grounding = models.CharField(max_length=LONGEST_LINE, blank=True)
    intention = models.CharField(max_length=LONGEST_LINE, blank=True)
    edge = models.CharField(max_length=LONGEST_LINE, blank=True)
    lang = models.CharField(max_length=10, blank=True)
    received_at = models.DateTimeField(default=timezone.now)

    objects = WrittenQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["author", "client_key"], name="checkin_sent_once"
            ),
            models.CheckConstraint(
                name="checkin_says_something",
                condition=~Q(mood="", grounding="", intention="", edge=""),
            ),
            models.CheckConstraint(
                name="checkin_written_before_it_arrived",
                condition=Q(written_at__lte=models.F("received_at")),
            ),
        ]
        indexes = [
            models.Index(fields=["cohort", "-written_at", "-id"], name="checkin_newest")
        ]

    class Privacy:
        whose = "author__person"
        export = (
            "mood",
            "grounding",
            "intention",
            "edge",
            "lang",
            "written_at",
            "received_at",
        )
        on_erase = {
            "mood": "",
            "grounding": "",
            "intention": "",
            "edge": "[withdrawn]",
        }

    @property
    def travelled(self) -> bool:
        """It waited on a phone long enough to say when it was sent."""
        return self.received_at - self.written_at > WORTH_SAYING
