"""Messages waiting to reach a person. What is said is decided when it is sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .base import Row

STRAY = ("unknown", "expired", "dead")


class OutboxMessageQuerySet(models.QuerySet["OutboxMessage"]):
    def due(self, now: datetime) -> Self:
        return self.filter(state=OutboxMessage.State.PLANNED, send_after__lte=now)

    def left_behind(self, now: datetime) -> Self:
        """Claimed by a worker that died before it touched the network."""
        return self.filter(state=OutboxMessage.State.CLAIMED, lease_until__lt=now)

    def stray(self) -> Self:
        """What somebody has to look at: perhaps it left, or it could not."""
        return self.filter(state__in=STRAY)

    def held_for(self, person: Any) -> Self:
        """What waits for this person's next digest."""
        return self.filter(
            state=OutboxMessage.State.HELD, recipient=person, folded_into=None
        )


class OutboxMessage(Row):
    class State(models.TextChoices):
        PLANNED = "planned"
        CLAIMED = "claimed"  # a worker holds the lease
        SENDING = "sending"  # marked before the network is touched
        SENT = "sent"
        HELD = "held"  # waits for the digest, or travels inside another letter
        FOLDED = "folded"  # went out inside a digest or another letter
        DROPPED = "dropped"  # no longer this person's to read, or not wanted
        UNKNOWN = "unknown"  # may have left; waits for a look, never sent blindly
        EXPIRED = "expired"
        DEAD = "dead"

    notice = models.CharField(max_length=100)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+"
    )
    # For people without an account yet: applicants, the invited.
    address = models.EmailField(blank=True)
    language = models.CharField(max_length=10, blank=True)
    about_id = models.UUIDField(null=True)
    dedupe_key = models.CharField(max_length=240, unique=True)
    send_after = models.DateTimeField()
    not_after = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    lease_until = models.DateTimeField(null=True)
    # The letter that carries this notice, when it does not go out by itself.
    folded_into = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    tries = models.PositiveSmallIntegerField(default=0)
    # How often it could not even be written: such a message is poison.
    faults = models.PositiveSmallIntegerField(default=0)
    first_tried_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    objects = OutboxMessageQuerySet.as_manager()

    not_private = "names a notice and a recipient; the text is made when it is sent"

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="outbox_sent_at_iff_sent",
                condition=Q(state__in=("sent", "folded"), sent_at__isnull=False)
                | (~Q(state__in=("sent", "folded")) & Q(sent_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="outbox_person_or_address",
                condition=Q(recipient__isnull=False, address="")
                | (Q(recipient__isnull=True) & ~Q(address="")),
            ),
        ]
        indexes = [
            models.Index(
                # As claims read it: a morning releases thousands at one moment.
                fields=["send_after", "id"],
                condition=Q(state="planned"),
                name="outbox_planned",
            ),
            models.Index(
                fields=["recipient", "folded_into"],
                condition=Q(state="held"),
                name="outbox_held",
            ),
            models.Index(
                fields=["recipient", "sent_at"],
                condition=Q(state="sent"),
                name="outbox_sent",
            ),
            models.Index(
                fields=["notice", "about_id"],
                condition=Q(state__in=STRAY),
                name="outbox_stray",
            ),
            models.Index(
                fields=["lease_until"],
                condition=Q(state__in=("claimed", "sending")),
                name="outbox_in_hand",
            ),
        ]

    class Privacy:
        whose = "recipient"
        export = ("notice", "send_after", "state", "sent_at")
        on_erase = "delete"

    def __str__(self) -> str:
        return f"{self.notice} {self.pk}"
