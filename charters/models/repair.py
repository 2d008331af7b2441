"""A repair conversation: who is in it, where it stands, and the words, encrypted.

That there is one is itself a secret of the three people in it. So nothing here is
written into the house's record of acts, nothing is numbered, and no row that others
may read points at one of these.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from charters.course import (
    LAST,
    OPEN,
    STEPS,
    TWO,
    UNDER_WAY,
    Ending,
    Part,
    State,
    Step,
    Way,
)
from cohorts.models import LeadsOnly, MineOnly, NamedOnly
from people.models import Edited, EncryptedTextField, Once
from people.personal import NotPersonal
from people.visibility import PrivateQuerySet

LONGEST_WORDS = 5_000
KEPT_AFTER = timedelta(days=30)


def _person(**more: Any) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", **more
    )


class RepairConcern(Once, Edited, MineOnly):
    """What somebody writes down before anybody else knows of it; gone once sent."""

    cohort = models.ForeignKey(
        "cohorts.Cohort", on_delete=models.CASCADE, related_name="+"
    )
    addressee = _person()
    # Others it is about: they are not told, and are no third party in it.
    left_out = ArrayField(models.UUIDField(), default=list, blank=True)
    happened = EncryptedTextField(max_length=LONGEST_WORDS)
    impact = EncryptedTextField(max_length=LONGEST_WORDS)
    wish = EncryptedTextField(max_length=LONGEST_WORDS, blank=True)
    way = models.CharField(max_length=10, choices=Way, default=Way.ROOM)
    lang = models.CharField(max_length=35, default="en")
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "client_key"], name="repair_concern_sent_once"
            ),
        ]

    class Privacy:
        whose = "person"
        export = ("happened", "impact", "wish", "written_at")
        on_erase = "delete"


class RepairOverdue(LeadsOnly):
    """All that a lead learns: an answer is overdue, and whom to call about it."""

    whom = _person()
    since = models.DateTimeField(default=timezone.now)

    class Privacy:
        # The one to call is a third party; that they were asked is in their own case.
        whose = "whom"
        export = ("since",)
        on_erase = "delete"


class RepairCaseQuerySet(PrivateQuerySet):
    def open(self) -> Self:
        return self.filter(state__in=OPEN)

    def under_way(self) -> Self:
        return self.filter(state__in=UNDER_WAY)


class RepairCase(Edited, NamedOnly):
    """One conversation of two with a third. Its key is that of the concern.

    Whoever changes anything of it holds this row first, so that two gates pressed at
    once open one after the other.
    """

    named = ("asker", "addressee", "third")

    # None once it is erased: then nothing says who it was between.
    asker = _person(null=True)
    addressee = _person(null=True)
    # None while the two look for another one.
    third = _person(null=True)
    left_out = ArrayField(models.UUIDField(), default=list, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    ending = models.CharField(
        max_length=10, choices=Ending, default=Ending.NONE, blank=True
    )
    way = models.CharField(max_length=10, choices=Way, default=Way.ROOM)
    asked_at = models.DateTimeField(default=timezone.now)
    # Anything that happens keeps it from lapsing.
    moved_at = models.DateTimeField(default=timezone.now)

    # The clock of an answer, in the working time of whoever is awaited.
    answer_by = models.DateTimeField(null=True, blank=True)
    third_told_at = models.DateTimeField(null=True, blank=True)
    third_answer_by = models.DateTimeField(null=True, blank=True)
    overdue = models.ForeignKey(
        RepairOverdue, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    third_willing_at = models.DateTimeField(null=True, blank=True)
    # Until when the third says whether they will be there; None once they have, or
    # once the two were told that nothing came.
    third_due_at = models.DateTimeField(null=True, blank=True)

    # Where the conversation is. A second talk after the check-back is a next round.
    round = models.PositiveSmallIntegerField(default=1)
    step = models.PositiveSmallIntegerField(default=0)
    # "Not quite" begins the same step again.
    attempt = models.PositiveSmallIntegerField(default=1)
    step_began_at = models.DateTimeField(null=True, blank=True)
    extra_seconds = models.PositiveIntegerField(default=0)
    speaker_done_at = models.DateTimeField(null=True, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)
    held_by = models.CharField(max_length=10, choices=Part, blank=True)

    check_back_on = models.DateField(null=True, blank=True)
    check_back_from = models.CharField(max_length=10, choices=Part, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    erase_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = RepairCaseQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="repair_is_between_two_until_it_is_erased",
                condition=Q(
                    erased_at=None, asker__isnull=False, addressee__isnull=False
                )
                | Q(
                    erased_at__isnull=False,
                    asker=None,
                    addressee=None,
                    third=None,
                    state=State.ERASED,
                ),
            ),
            models.CheckConstraint(
                name="repair_third_is_neither_of_the_two",
                condition=Q(third=None)
                | (~Q(third=models.F("asker")) & ~Q(third=models.F("addressee"))),
            ),
            models.CheckConstraint(
                name="repair_between_two_people",
                condition=Q(asker=None) | ~Q(asker=models.F("addressee")),
            ),
            models.CheckConstraint(
                name="repair_what_ended_is_to_be_erased",
                condition=~Q(state__in=(State.ENDED, State.SETTLED))
                | Q(erase_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["erase_at"],
                condition=Q(erased_at=None, erase_at__isnull=False),
                name="repair_to_be_erased",
            ),
            models.Index(
                fields=["moved_at"],
                condition=Q(state__in=OPEN),
                name="repair_open",
            ),
        ]

    class Privacy:
        whose = ("asker", "addressee", "third")
        export = ("state", "way", "asked_at", "check_back_on", "ended_at", "erase_at")
        on_erase = "keep"
        why = "it is the other one's too; the name goes, and the clock erases the rest"

    def part_of(self, person: Any) -> str:
        """Which part this person has in it; empty for everybody else."""
        return {
            self.asker_id: Part.ASKER.value,
            self.addressee_id: Part.ADDRESSEE.value,
            self.third_id: Part.THIRD.value,
        }.get(getattr(person, "pk", None) or UUID(int=0), "")

    def who(self, part: str) -> Any:
        return getattr(self, part)

    @staticmethod
    def other(part: str) -> str:
        """The other one of the two."""
        return TWO[1 - TWO.index(part)]

    @property
    def now_at(self) -> Step:
        return STEPS[min(self.step, LAST)]

    @property
    def step_ends_at(self) -> datetime | None:
        """When the timebox is over, by the server's clock. It ends nothing itself."""
        if self.step_began_at is None:
            return None
        ends = self.step_began_at + self.now_at.timebox
        return ends + timedelta(seconds=self.extra_seconds)

    def seconds_left(self, now: datetime) -> int:
        """Of the timebox; while it is paused, as many as when it was."""
        ends = self.step_ends_at
        if ends is None:
            return 0
        return max(0, int((ends - (self.held_at or now)).total_seconds()))


class RepairPress(NamedOnly):
    """One of the two opened a gate for the other, once for each time it is tried."""

    named = ("case__asker", "case__addressee", "case__third")

    case = models.ForeignKey(RepairCase, on_delete=models.CASCADE, related_name="+")
    part = models.CharField(max_length=10, choices=Part)
    round = models.PositiveSmallIntegerField(default=1)
    step = models.PositiveSmallIntegerField(default=0)
    attempt = models.PositiveSmallIntegerField(default=1)
    pressed_at = models.DateTimeField(default=timezone.now)

    Privacy = NotPersonal("that a gate was opened, by a part and by no name")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "round", "step", "attempt", "part"],
                name="repair_gate_pressed_once",
            )
        ]


class RepairSaying(Once, NamedOnly):
    """Words that both of the two and the third read."""

    class Kind(models.TextChoices):
        HAPPENED = "happened", _("What happened")
        IMPACT = "impact", _("What it did to me")
        WISH = "wish", _("What I wish")
        # Left blank by whoever asks: only the other side can fill it.
        INTENT = "intent", _("What I meant")
        SAID = "said", _("Said")
        BACK = "back", _("Said back")
        ANSWER = "answer", _("About the invitation")
        CHECK = "check", _("Looking back")
        # Only on its way to the other one: carried over it is an agreement to be.
        ASKED = "asked", _("Asked for")

    named = ("case__asker", "case__addressee", "case__third")

    case = models.ForeignKey(RepairCase, on_delete=models.CASCADE, related_name="+")
    # None once it is erased.
    author = _person(null=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.SAID)
    round = models.PositiveSmallIntegerField(default=1)
    step = models.PositiveSmallIntegerField(null=True, blank=True)
    words = EncryptedTextField(max_length=LONGEST_WORDS)
    lang = models.CharField(max_length=35, default="en")
    said_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["author", "client_key"], name="repair_saying_sent_once"
            )
        ]

    class Privacy:
        whose = "author"
        export = ("kind", "words", "said_at")
        on_erase = {"words": ""}


class RepairAside(Once, NamedOnly):
    """Words to the third party alone, until they carry them over."""

    named = ("author", "to")

    case = models.ForeignKey(RepairCase, on_delete=models.CASCADE, related_name="+")
    # None once it is erased.
    author = _person(null=True)
    # The third party of that day: another one does not read it.
    to = _person(null=True)
    kind = models.CharField(
        max_length=10, choices=RepairSaying.Kind, default=RepairSaying.Kind.SAID
    )
    # "Between us": to be carried to nobody.
    stays = models.BooleanField(default=False)
    words = EncryptedTextField(max_length=LONGEST_WORDS)
    lang = models.CharField(max_length=35, default="en")
    said_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["author", "client_key"], name="repair_aside_sent_once"
            )
        ]

    class Privacy:
        whose = "author"
        about = "to"
        export = ("words", "said_at")
        on_erase = "delete"


class RepairAgreement(Once, Edited, NamedOnly):
    """Something one asks of the other; it stands once both have said yes to it."""

    named = ("case__asker", "case__addressee", "case__third")

    case = models.ForeignKey(RepairCase, on_delete=models.CASCADE, related_name="+")
    # None once it is erased.
    author = _person(null=True)
    words = EncryptedTextField(max_length=LONGEST_WORDS)
    lang = models.CharField(max_length=35, default="en")
    round = models.PositiveSmallIntegerField(default=1)
    asker_yes_at = models.DateTimeField(null=True, blank=True)
    addressee_yes_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    said_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["author", "client_key"], name="repair_agreement_sent_once"
            )
        ]

    class Privacy:
        whose = "author"
        export = ("words", "said_at")
        on_erase = {"words": ""}

    @property
    def stands(self) -> bool:
        return bool(
            self.asker_yes_at and self.addressee_yes_at and self.dropped_at is None
        )

    def said_yes(self, part: str) -> bool:
        return part in TWO and getattr(self, f"{part}_yes_at") is not None


# Every table that holds words of a case; the column is `words` in all of them.
HOLD_WORDS = (RepairSaying, RepairAside, RepairAgreement)
