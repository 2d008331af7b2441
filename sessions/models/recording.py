"""What one person says to a recording of one session."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from cohorts.models import MineOnly

from .ritual_session import RitualSession


class RecordingWord(MineOnly):
    """Yes or no, the last one counts. The circle learns what all of them make together.

    Nobody is shown who said what: whoever is at risk must not stand out.
    """

    session = models.ForeignKey(
        RitualSession, on_delete=models.CASCADE, related_name="+"
    )
    yes = models.BooleanField()
    said_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session", "person"], name="recording_word_once"
            )
        ]

    class Privacy:
        whose = "person"
        export = ("yes", "said_at")
        on_erase = "delete"
