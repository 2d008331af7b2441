"""A meeting of the circle: when, what for, who holds it, and its phases."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from cohorts.models import CohortShared, Membership
from people.models import Edited, Once, validate_zone
from people.personal import NotPersonal
from people.visibility import PrivateQuerySet

LONGEST = 480


class SessionSeries(CohortShared):
    """The rhythm that several sessions were scheduled by."""

    every_weeks = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(52)]
    )
    times = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(default=now)

    Privacy = NotPersonal("a rhythm of meetings")


# Few sessions of a cohort are: an index knows them apart.
NOT_OVER = Q(state__in=("planned", "open"))


class RitualSessionQuerySet(PrivateQuerySet):
    def planned(self) -> Self:
        return self.filter(state=RitualSession.State.PLANNED)

    def live(self) -> Self:
        return self.filter(state=RitualSession.State.OPEN)

    def ahead(self, now: datetime) -> Self:
        """Still to come, or running."""
        return self.filter(
            Q(state=RitualSession.State.OPEN) | Q(ends_at__gt=now), NOT_OVER
        )

    def behind(self, now: datetime) -> Self:
        """Every other one: held, called off, or never opened."""
        return self.filter(
            Q(
                state__in=(
                    RitualSession.State.CLOSED,
                    RitualSession.State.DID_NOT_HAPPEN,
                )
            )
            | Q(state=RitualSession.State.PLANNED, ends_at__lte=now)
        )

    def starting_between(self, after: datetime, until: datetime) -> Self:
        return self.planned().filter(starts_at__gt=after, starts_at__lte=until)


class RitualSession(CohortShared, Once, Edited):
    """One meeting. `request.session` keeps its meaning: this is never `Session`."""

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        OPEN = "open", _("live now")
        CLOSED = "closed", _("held")
        DID_NOT_HAPPEN = "did_not_happen", _("did not happen")

    number = models.PositiveSmallIntegerField()
    title = models.CharField(_("title"), max_length=160)
    purpose = models.TextField(_("what for"), max_length=2000, blank=True)
    # The wall time that was meant, where it was meant; `starts_at` follows from it.
    local_date = models.DateField(_("day"))
    local_time = models.TimeField(_("hour"))
    timezone = models.CharField(max_length=64, validators=[validate_zone])
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(5), MaxValueValidator(LONGEST)]
    )
    host = models.ForeignKey(
        Membership, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    co_host = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    video_link = models.URLField(_("video link"), max_length=500, blank=True)
    dial_in = models.CharField(_("dial-in"), max_length=200, blank=True)
    # The built-in agenda it was made from; its words are told in the reader's language.
    template = models.CharField(max_length=60, blank=True)
    # How many people make a room where the circle splits.
    room_of = models.PositiveSmallIntegerField(null=True, blank=True)
    series = models.ForeignKey(
        SessionSeries,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    state = models.CharField(max_length=16, choices=State, default=State.PLANNED)
    why_not = models.CharField(max_length=300, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    # Calendars take a change only when this number grew.
    calendar_sequence = models.PositiveIntegerField(default=0)
    # The beginning that reminders were planned for; another one plans them anew.
    reminders_for = models.DateTimeField(null=True, blank=True)
    scheduled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=now)
    changed_at = models.DateTimeField(default=now)

    objects = RitualSessionQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cohort", "number"], name="ritual_session_number_in_cohort"
            ),
            models.UniqueConstraint(
                fields=["scheduled_by", "client_key"], name="ritual_session_once"
            ),
            models.CheckConstraint(
                name="ritual_session_ends_after_it_starts",
                condition=Q(ends_at__gt=F("starts_at")),
            ),
            models.CheckConstraint(
                name="ritual_session_says_why_not",
                condition=(Q(state="did_not_happen") & ~Q(why_not=""))
                | (~Q(state="did_not_happen") & Q(why_not="")),
            ),
            models.CheckConstraint(
                name="ritual_session_opened_iff_open_or_closed",
                condition=Q(state__in=("open", "closed"), opened_at__isnull=False)
                | ~Q(state__in=("open", "closed")),
            ),
            models.CheckConstraint(
                name="ritual_session_closed_at_iff_closed",
                condition=Q(state="closed", closed_at__isnull=False)
                | (~Q(state="closed") & Q(closed_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(fields=["cohort", "starts_at"], name="ritual_session_by_day"),
            models.Index(
                fields=["cohort", "starts_at"],
                condition=NOT_OVER,
                name="ritual_session_not_over",
            ),
            models.Index(
                fields=["starts_at"],
                condition=Q(state="planned"),
                name="ritual_session_planned",
            ),
        ]

    class Privacy:
        whose = "scheduled_by"
        export = ("number", "title", "purpose", "starts_at")
        on_erase = {"scheduled_by": None}

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def is_planned(self) -> bool:
        return self.state == self.State.PLANNED

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_closed(self) -> bool:
        return self.state == self.State.CLOSED

    @property
    def did_not_happen(self) -> bool:
        return self.state == self.State.DID_NOT_HAPPEN

    @property
    def length(self) -> timedelta:
        return timedelta(minutes=self.minutes)

    def is_hosted_by(self, membership: Membership | None) -> bool:
        return membership is not None and membership.pk in (
            self.host_id,
            self.co_host_id,
        )


class SessionPhase(CohortShared):
    """One step of a session's run sheet, in the order it is gone through.

    A phase of the agenda that repeats for each client or round stands here once for
    each time, with its minutes for the people expected.
    """

    class Speaks(models.TextChoices):
        ALL = "all", _("everyone, freely")
        ROUND = "round", _("in turn, round the circle")
        ROLE = "role", _("those whose role it is")
        SILENT = "silent", _("in silence")

    class Captures(models.TextChoices):
        NONE = "none", _("nothing")
        NOTE = "note", _("a note")
        ARRIVAL = "arrival", _("how people arrive")
        INTENTION = "intention", _("intentions")
        EDGE = "edge", _("today's edges")
        INSIGHT = "insight", _("one insight")
        COMMITMENT = "commitment", _("promises")
        APPRECIATION = "appreciation", _("appreciations")
        DECISION = "decision", _("a decision")

    session = models.ForeignKey(
        RitualSession, on_delete=models.CASCADE, related_name="+"
    )
    position = models.PositiveSmallIntegerField()
    # Names the phase of the built-in agenda whose words are told; empty: own words.
    key = models.CharField(max_length=60, blank=True)
    name = models.CharField(max_length=120)
    minutes = models.PositiveSmallIntegerField()
    minutes_min = models.PositiveSmallIntegerField(null=True, blank=True)
    minutes_max = models.PositiveSmallIntegerField(null=True, blank=True)
    # `minutes` are everybody's together; each person has minutes / people.
    per_person = models.BooleanField(default=False)
    repeat_per = models.CharField(max_length=10, default="once")
    # Which time round this is, of how many.
    turn = models.PositiveSmallIntegerField(default=1)
    turns = models.PositiveSmallIntegerField(default=1)
    speaker_rule = models.CharField(max_length=10, choices=Speaks, default=Speaks.ALL)
    roles = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    prompt = models.TextField(max_length=2000, blank=True)
    capture = models.CharField(max_length=16, choices=Captures, default=Captures.NONE)
    private_writing = models.BooleanField(default=False)
    low_bandwidth = models.TextField(max_length=1000, blank=True)
    attribution = models.CharField(max_length=300, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session", "position"], name="session_phase_position"
            ),
            models.CheckConstraint(
                name="session_phase_has_a_minute", condition=Q(minutes__gte=1)
            ),
            models.CheckConstraint(
                name="session_phase_ends_after_it_starts",
                condition=Q(ended_at=None) | Q(started_at__isnull=False),
            ),
        ]

    Privacy = NotPersonal("a step of an agenda")

    @property
    def seconds(self) -> int:
        return self.minutes * 60

    @property
    def speaks_in_turn(self) -> bool:
        return self.speaker_rule == self.Speaks.ROUND


class Rsvp(CohortShared):
    """Whether a member means to come, and how."""

    class Answer(models.TextChoices):
        YES = "yes", _("I will be there")
        AUDIO = "audio", _("I will be there by audio")
        WRITING = "writing", _("I will take part in writing")
        NO = "no", _("I cannot come")

    session = models.ForeignKey(
        RitualSession, on_delete=models.CASCADE, related_name="+"
    )
    membership = models.ForeignKey(
        Membership, on_delete=models.CASCADE, related_name="+"
    )
    answer = models.CharField(max_length=8, choices=Answer)
    answered_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session", "membership"], name="rsvp_once_per_member"
            )
        ]

    class Privacy:
        whose = "membership__person"
        export = ("answer", "answered_at")
        on_erase = "delete"


def next_number(cohort: Any) -> int:
    """The number of a cohort's next session."""
    last = (
        RitualSession.objects.unsealed("numbers are counted over all of the cohort's")
        .filter(cohort=cohort)
        .aggregate(last=models.Max("number"))["last"]
    )
    return (last or 0) + 1
