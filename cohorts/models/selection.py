"""How seats are given: quotas, three bands, a lottery, and a draw anybody can check.

Each table has its own audience. Quotas and the record of a draw are told to
everyone; bands and the lottery's reckoning are the leads'; a ticket is its
applicant's and the leads'.
"""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from people.models import Edited, Once, Row
from people.personal import NotPersonal
from people.visibility import PrivateQuerySet

from .application import Application
from .confidentiality import ApplicantAndLeads, LeadsOnly
from .intake import Intake, Trait

WHY_LONGEST = 500


class Band(models.TextChoices):
    ACCEPT = "accept", _("accept")
    LOTTERY = "lottery", _("lottery")
    DECLINE = "decline", _("decline")


class Quota(Row, Edited, Once):
    """So many of the call's seats for people who gave this answer to a trait."""

    intake = models.ForeignKey(Intake, on_delete=models.CASCADE, related_name="+")
    # It goes with its call, not by itself.
    trait = models.ForeignKey(Trait, on_delete=models.RESTRICT, related_name="+")
    value = models.CharField(_("the answer it counts"), max_length=200)
    least = models.PositiveSmallIntegerField(_("at least so many seats"), default=0)
    most = models.PositiveSmallIntegerField(_("at most so many seats"))
    why = models.CharField(_("why, in public"), max_length=WHY_LONGEST)
    made_at = models.DateTimeField(default=now)

    not_private = "what seats are kept for is told to everyone who applies"
    Privacy = NotPersonal("a rule of a call; who counts in it stands in TraitAnswer")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["intake", "trait", "value"], name="quota_once_for_an_answer"
            ),
            models.UniqueConstraint(
                fields=["intake", "client_key"], name="quota_made_once"
            ),
            models.CheckConstraint(
                name="quota_bounds_in_order", condition=Q(least__lte=F("most"))
            ),
            models.CheckConstraint(
                name="quota_says_why", condition=~Q(why__regex=r"^\s*$")
            ),
        ]
        indexes = [models.Index(fields=["intake", "made_at"])]


class QuotaChange(Row):
    """A quota gave, and why: told beside it to everyone."""

    quota = models.ForeignKey(Quota, on_delete=models.CASCADE, related_name="+")
    was_least = models.PositiveSmallIntegerField()
    was_most = models.PositiveSmallIntegerField()
    least = models.PositiveSmallIntegerField()
    most = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=WHY_LONGEST)
    changed_at = models.DateTimeField(default=now)

    not_private = "how a rule changed is told to everyone who applies"
    Privacy = NotPersonal("a rule of a call, changed; names nobody")

    class Meta:
        indexes = [models.Index(fields=["quota", "changed_at"])]


class RandomSource(Row, Edited):
    """Where the random value of a call's draw will come from, told beforehand."""

    intake = models.OneToOneField(Intake, on_delete=models.CASCADE, related_name="+")
    words = models.CharField(_("where it will come from"), max_length=300)

    not_private = "where chance comes from is told to everyone who applies"
    Privacy = NotPersonal("a public source of chance")


class Placement(LeadsOnly, Edited):
    """The band in which a lead put an application. Nothing puts it there by itself."""

    application = models.OneToOneField(
        Application, on_delete=models.CASCADE, related_name="+"
    )
    intake = models.ForeignKey(Intake, on_delete=models.CASCADE, related_name="+")
    band = models.CharField(max_length=7, choices=Band)
    reason = models.CharField(max_length=WHY_LONGEST)
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    placed_at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["intake", "band"])]

    class Privacy:
        whose = "application__applicant"
        export = ()  # what came of it stands in the application
        on_erase = "delete"


class BandMove(LeadsOnly):
    """One move between bands, and the reason a lead gave for it."""

    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="+"
    )
    came_from = models.CharField(max_length=7, choices=Band, default="", blank=True)
    went_to = models.CharField(max_length=7, choices=Band)
    reason = models.CharField(max_length=WHY_LONGEST)
    moved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    moved_at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["application", "moved_at"])]

    class Privacy:
        whose = "application__applicant"
        export = ()  # what came of it stands in the application
        on_erase = "delete"


class DrawRecordQuerySet(models.QuerySet["DrawRecord"]):
    def standing(self) -> Self:
        return self.filter(given_up_at=None)


class DrawRecord(Row):
    """What is published before the random value exists, and later the value itself.

    Names nobody: people are numbers that only they know, kinds of people are numbers
    too. Apart from the value that comes once, or the reason for which no value came,
    nothing of it ever changes; a trigger in the database says so finally.
    """

    intake = models.ForeignKey(Intake, on_delete=models.CASCADE, related_name="+")
    # Exactly what the fingerprint was taken of; plain ASCII.
    text = models.TextField()
    fingerprint = models.CharField(max_length=64)
    source = models.CharField(max_length=300)
    # Before that moment nobody can know the value.
    speaks_at = models.DateTimeField()
    committed_at = models.DateTimeField(default=now)
    people = models.PositiveIntegerField()
    seats = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    # The quotas as they were kept: [{"trait", "value", "least", "most", "of", "why"}]
    quotas = models.JSONField(default=list)
    value = models.CharField(max_length=500, blank=True)
    drawn_at = models.DateTimeField(null=True, blank=True)
    # Two leads gave it up before any value, and why: told beside it to everyone.
    given_up_at = models.DateTimeField(null=True, blank=True)
    given_up_why = models.CharField(max_length=WHY_LONGEST, blank=True)

    objects = DrawRecordQuerySet.as_manager()

    not_private = "a draw is published so that anybody can check it; it names nobody"
    Privacy = NotPersonal("numbers that only their bearers know")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="draw_record_value_with_its_moment",
                condition=Q(value="", drawn_at=None)
                | (~Q(value="") & Q(drawn_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="draw_record_given_up_with_a_reason",
                condition=Q(given_up_at=None, given_up_why="")
                | (Q(given_up_at__isnull=False, value="") & ~Q(given_up_why="")),
            ),
            models.UniqueConstraint(
                fields=["intake"],
                condition=Q(given_up_at=None),
                name="draw_record_one_stands",
            ),
            models.CheckConstraint(
                name="draw_record_before_the_value",
                condition=Q(committed_at__lt=F("speaks_at")),
            ),
            models.CheckConstraint(
                name="draw_record_value_after_it_was_spoken",
                condition=Q(drawn_at=None) | Q(drawn_at__gte=F("speaks_at")),
            ),
        ]


class LotteryQuerySet(PrivateQuerySet):
    def fixed(self) -> Self:
        return self.filter(state__in=(Lottery.State.COMMITTED, Lottery.State.DRAWN))


class Lottery(LeadsOnly, Edited, Once):
    """The fairest mixture of panels for who is in the lottery band, once found."""

    class State(models.TextChoices):
        PREPARING = "preparing", _("being prepared")
        PREPARED = "prepared", _("prepared")
        CLASHING = "clashing", _("the quotas clash")
        FAILED = "failed", _("could not be worked out")
        COMMITTED = "committed", _("published, not drawn yet")
        DRAWN = "drawn", _("drawn")
        SET_ASIDE = "set_aside", _("set aside")

    class Step(models.TextChoices):
        WAITING = "", _("It waits for its turn.")
        GATHERING = "gathering", _("It counts who takes part.")
        HOLDING = "holding", _("It looks whether the quotas can hold together.")
        MIXING = "mixing", _("It looks for the fairest chances.")

    intake = models.ForeignKey(Intake, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=9, choices=State, default=State.PREPARING)
    step = models.CharField(max_length=9, choices=Step, default="", blank=True)
    # How much of the step is done, in a hundred.
    done = models.PositiveSmallIntegerField(default=0)
    stirred_at = models.DateTimeField(default=now)
    seats = models.PositiveIntegerField(default=0)
    # A name for who takes part, the quotas and the seats: when it differs, things
    # have moved on. The chance in the search comes from it, so that nobody can try
    # until a result suits.
    basis = models.CharField(max_length=64)
    # Found: {"kinds", "kind_of": {application: kind}, "people", "panels", "weights"}.
    mixture = models.JSONField(default=dict)
    # The rules it was found for, what they gave, or what clashes and could give.
    facts = models.JSONField(default=dict)
    record = models.OneToOneField(
        DrawRecord, null=True, blank=True, on_delete=models.RESTRICT, related_name="+"
    )
    made_at = models.DateTimeField(default=now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = LotteryQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["made_by", "client_key"], name="lottery_made_once"
            ),
            models.UniqueConstraint(
                fields=["intake"],
                condition=Q(state__in=("committed", "drawn")),
                name="lottery_fixed_once",
            ),
            models.CheckConstraint(
                name="lottery_fixed_with_its_record",
                condition=~Q(state__in=("committed", "drawn"))
                | Q(record__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["intake", "-made_at"])]

    class Privacy:
        whose = "made_by"
        export = ("made_at",)
        on_erase = {"made_by": None}

    @property
    def is_fixed(self) -> bool:
        return self.state in (self.State.COMMITTED, self.State.DRAWN)


class Ticket(ApplicantAndLeads):
    """One person's part in a draw: a number that only they know, and their chance."""

    lottery = models.ForeignKey(Lottery, on_delete=models.CASCADE, related_name="+")
    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="+"
    )
    number = models.CharField(max_length=12)
    chance = models.DecimalField(max_digits=12, decimal_places=10)
    # None until the draw; then drawn, or a place among those who wait, from 1.
    is_drawn = models.BooleanField(null=True)
    place = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lottery", "number"], name="ticket_number_once"
            ),
            models.UniqueConstraint(fields=["application"], name="ticket_once"),
            models.CheckConstraint(
                name="ticket_place_iff_it_waits",
                condition=Q(is_drawn=False, place__isnull=False)
                | Q(is_drawn=True, place=None)
                | Q(is_drawn=None, place=None),
            ),
        ]
        indexes = [models.Index(fields=["lottery", "place"])]

    class Privacy:
        whose = "application__applicant"
        export = ("number", "chance", "is_drawn", "place")
        on_erase = "delete"


class TypedValue(LeadsOnly):
    """What one lead read at the source. Two who typed the same make the draw."""

    lottery = models.ForeignKey(Lottery, on_delete=models.CASCADE, related_name="+")
    typed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    value = models.CharField(max_length=500)
    typed_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lottery", "typed_by"], name="typed_value_once_for_a_lead"
            )
        ]

    class Privacy:
        whose = "typed_by"
        export = ("value", "typed_at")
        on_erase = "delete"


class GivingUp(LeadsOnly):
    """One lead asks to give up a published draw whose source does not speak.

    A second one who agrees does it; what is published is the reason.
    """

    lottery = models.OneToOneField(Lottery, on_delete=models.CASCADE, related_name="+")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    reason = models.CharField(_("why, in public"), max_length=WHY_LONGEST)
    asked_at = models.DateTimeField(default=now)

    class Privacy:
        whose = "asked_by"
        export = ("reason", "asked_at")
        on_erase = "delete"
