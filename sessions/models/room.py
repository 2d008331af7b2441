"""The live room: where the circle is in its agenda, who is here, whose turn it is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cohorts.models import CohortPrivate, CohortShared, Membership, MineOnly
from people.knocks import knock
from people.models import Once
from people.personal import NotPersonal
from people.visibility import PrivateQuerySet

from .ritual_session import RitualSession, SessionPhase


def room_name(session_id: Any) -> str:
    """The room as the stream of knocks knows it."""
    return f"session:{session_id}"


def stir(session: RitualSession | None) -> None:
    """Something was said or kept in a session: its open pages ask again.

    For acts beside the room's own moves, such as a check-in; call it inside the
    act's transaction. Without an open room it does nothing.
    """
    if session is None:
        return
    rooms = Room.objects.unsealed("pages are told that they are old, not why")
    rooms = rooms.filter(session=session, session__state=RitualSession.State.OPEN)
    if rooms.update(version=models.F("version") + 1):
        knock(room_name(session.pk), rooms.values_list("version", flat=True).get())


# Without a sign from a page for this long, a person counts as gone.
AWAY_AFTER = timedelta(seconds=60)


class Room(CohortShared):
    """One session's live state. Every change makes `version` grow by one.

    Changed only under a row lock and only from the version that the actor's page
    showed, so two hosts pressing at once move the circle once.
    """

    session = models.OneToOneField(
        RitualSession, on_delete=models.CASCADE, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)
    # The position of the phase that runs now.
    position = models.PositiveSmallIntegerField(default=0)
    phase_started_at = models.DateTimeField()
    extra_seconds = models.PositiveIntegerField(default=0)
    held_at = models.DateTimeField(null=True, blank=True)
    # Memberships in the order they are asked to speak in this phase, and who had
    # their turn: said, passed, or answered in writing, all alike.
    speaking_order = ArrayField(models.UUIDField(), default=list, blank=True)
    heard = ArrayField(models.UUIDField(), default=list, blank=True)
    speaker = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    speaker_since = models.DateTimeField(null=True, blank=True)
    # Who holds the room now; the session keeps who was meant to.
    host = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    Privacy = NotPersonal("where a meeting is in its agenda; people are in Presence")

    @property
    def is_held(self) -> bool:
        return self.held_at is not None

    def ends_at(self, phase: SessionPhase, *, now: datetime) -> datetime:
        """When the phase is over; while held the end moves with the clock."""
        held = now - self.held_at if self.held_at else timedelta()
        return (
            self.phase_started_at
            + timedelta(seconds=phase.seconds + self.extra_seconds)
            + held
        )


class PresenceQuerySet(PrivateQuerySet):
    def here(self, now: datetime) -> Self:
        return self.filter(left_at=None, seen_at__gt=now - AWAY_AFTER)


class Presence(CohortShared):
    """That a member is, or was, in a session, and how they take part."""

    class How(models.TextChoices):
        HERE = "here", _("here")
        AUDIO = "audio", _("by audio")
        WRITING = "writing", _("in writing")

    session = models.ForeignKey(
        RitualSession, on_delete=models.CASCADE, related_name="+"
    )
    membership = models.ForeignKey(
        Membership, on_delete=models.CASCADE, related_name="+"
    )
    how = models.CharField(max_length=8, choices=How, default=How.HERE)
    joined_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)
    left_at = models.DateTimeField(null=True, blank=True)
    # "I need a pause": the circle sees that somebody does.
    pause_at = models.DateTimeField(null=True, blank=True)

    objects = PresenceQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session", "membership"], name="presence_once_per_member"
            )
        ]

    class Privacy:
        whose = "membership__person"
        export = ("how", "joined_at")
        on_erase = "keep"
        why = "that somebody was there keeps the counts of old sessions true"


class Turn(MineOnly):
    """How long a person spoke, counted by taps; their own to read.

    The circle gets one index made of all of them, hosts who was not heard yet.
    """

    session = models.ForeignKey(
        RitualSession, on_delete=models.CASCADE, related_name="+"
    )
    position = models.PositiveSmallIntegerField()
    seconds = models.PositiveIntegerField()
    started_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["session", "person"], name="turn_by_session")]

    class Privacy:
        whose = "person"
        export = ("seconds", "started_at")
        on_erase = "delete"


class Writing(CohortPrivate, Once):
    """What a member says in writing, beside those who speak."""

    session = models.ForeignKey(
        RitualSession, on_delete=models.CASCADE, related_name="+"
    )
    position = models.PositiveSmallIntegerField(default=0)
    author = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(_("your words"), max_length=2000)
    language = models.CharField(max_length=10, blank=True)
    as_turn = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["author", "client_key"], name="writing_once"
            ),
            models.CheckConstraint(
                name="writing_says_something", condition=~Q(text="")
            ),
        ]
        indexes = [
            models.Index(
                fields=["session", "position", "written_at"], name="writing_in_order"
            )
        ]

    class Privacy:
        whose = "author__person"
        export = ("text", "written_at")
        on_erase = {"text": "[withdrawn]"}


class OwnNote(MineOnly):
    """What a person writes for themselves before speaking; nobody else reads it."""

    session = models.ForeignKey(
        RitualSession, on_delete=models.CASCADE, related_name="+"
    )
    position = models.PositiveSmallIntegerField()
    text = models.TextField(_("for yourself"), max_length=5000, blank=True)
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "session", "position"], name="own_note_one_per_phase"
            )
        ]

    class Privacy:
        whose = "person"
        export = ("text", "written_at")
        on_erase = "delete"
