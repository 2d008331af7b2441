"""A dated call for applications: its phases, questions and traits."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from people.models import Edited, Once, Row
from people.personal import NotPersonal

from .program import Program

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from .rubric import Criterion


class IntakeQuerySet(models.QuerySet["Intake"]):
    def published(self) -> Self:
        return self.exclude(published_at=None)

    def taking_applications(self, now: datetime) -> Self:
        return self.published().filter(
            phases__kind=IntakePhase.Kind.APPLY,
            phases__opens_at__lte=now,
            phases__closes_at__gt=now,
        )


class Intake(Row, Edited, Once):
    """One call. Its questions freeze when the first application is sent."""

    program = models.ForeignKey(
        Program, on_delete=models.CASCADE, related_name="intakes"
    )
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(_("name of the call"), max_length=120)
    about = models.TextField(_("what it offers, and to whom"), max_length=5000)
    languages = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    # The language its texts are written in; empty: the first of `languages`.
    language = models.CharField(max_length=10, blank=True, default="")
    timezone = models.CharField(max_length=64, default="UTC")
    seats = models.PositiveSmallIntegerField(
        _("seats in all"),
        default=24,
        validators=[MinValueValidator(1), MaxValueValidator(5000)],
    )
    cohorts_wanted = models.PositiveSmallIntegerField(
        _("cohorts to form"),
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(200)],
    )
    size_min = models.PositiveSmallIntegerField(_("smallest cohort"), default=8)
    size_max = models.PositiveSmallIntegerField(_("largest cohort"), default=14)
    # What taking part costs, shown before anybody sends an application.
    hours_per_month = models.DecimalField(
        _("hours a month"), max_digits=4, decimal_places=1, default=6
    )
    rhythm = models.CharField(
        _("the rhythm, in words"),
        max_length=160,
        blank=True,
        help_text=_("For example: two hours every second week, for nine months."),
    )
    how_chosen = models.TextField(
        _("how you choose"),
        max_length=3000,
        blank=True,
        help_text=_("Shown to applicants beside what follows from your settings."),
    )
    # The program's own words for each answer; empty: the house's.
    letter_offered = models.TextField(
        _("words of an offer"), max_length=3000, blank=True
    )
    letter_waitlisted = models.TextField(
        _("words to the waiting list"), max_length=3000, blank=True
    )
    letter_declined = models.TextField(
        _("words of a refusal"), max_length=3000, blank=True
    )
    answer_by = models.DateField(_("everyone hears from you by"), null=True, blank=True)
    kept_until = models.DateField(_("answers are kept until"), null=True, blank=True)
    # 0: read what is sent; otherwise how many readings each application gets.
    readings_wanted = models.PositiveSmallIntegerField(
        _("readings for each application"), default=2
    )
    # Readings were handed out: each reviewer reads what is theirs, no longer whatever
    # lacks readings.
    handed_out_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=now)
    published_at = models.DateTimeField(null=True, blank=True)
    # Set with the first application: from then on the questions stay as they are.
    frozen_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = IntakeQuerySet.as_manager()

    if TYPE_CHECKING:
        phases: RelatedManager[IntakePhase]
        questions: RelatedManager[Question]
        traits: RelatedManager[Trait]
        translations: RelatedManager[CallTexts]

    not_private = "a call is told to everyone, and names nobody"
    Privacy = NotPersonal("describes a call, its people stand in Application")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="intake_sizes_in_order",
                condition=Q(size_min__gte=1) & Q(size_min__lte=F("size_max")),
            ),
            models.UniqueConstraint(
                fields=["program", "client_key"], name="intake_made_once"
            ),
        ]
        indexes = [models.Index(fields=["program", "-created_at"])]

    @property
    def is_frozen(self) -> bool:
        return self.frozen_at is not None

    @property
    def own_language(self) -> str:
        """The language that the leads wrote its texts in."""
        return self.language or next(iter(self.languages), settings.LANGUAGE_CODE)

    @cached_property
    def rubric(self) -> list[Criterion]:
        """What reviewers look for, in its order; asked for once for this row."""
        return list(self.criteria.order_by("position", "pk"))

    def phase(self, kind: str) -> IntakePhase | None:
        """The phase of that kind; reads `phases.all()`, so prefetch for lists."""
        return next((p for p in self.phases.all() if p.kind == kind), None)

    def permits(self, act: str, *, now: datetime) -> bool:
        """Whether a phase that is on now permits the act.

        What no phase speaks of is the leads' own business and always permitted,
        but nobody applies without a phase that says so.
        """
        phases = [p for p in self.phases.all() if act in p.permits]
        if not phases:
            return act != Permit.APPLY
        return any(p.is_on(now) for p in phases)

    def phase_on(self, act: str, *, now: datetime) -> IntakePhase | None:
        """The phase that permits the act now; of several, the one that ends first."""
        phases = [p for p in self.phases.all() if act in p.permits and p.is_on(now)]
        return min(phases, key=lambda p: p.closes_at, default=None)

    def words_of(self, outcome: str) -> str:
        """The program's own words for this answer, if it has any."""
        return getattr(self, f"letter_{outcome}", "")

    def takes_applications(self, *, now: datetime) -> bool:
        return self.published_at is not None and self.permits(Permit.APPLY, now=now)


class CallTexts(Row, Edited):
    """The texts of a call in another of its languages, as far as they are written.

    `texts` goes by the keys of `cohorts.translating`: a text each, for a list one
    for every line of it.
    """

    intake = models.ForeignKey(
        Intake, on_delete=models.CASCADE, related_name="translations"
    )
    language = models.CharField(max_length=10)
    texts = models.JSONField(default=dict, blank=True)

    not_private = "what a call says is told to everyone"
    Privacy = NotPersonal("the words of a call")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["intake", "language"], name="call_texts_once_in_a_language"
            )
        ]


class Permit(models.TextChoices):
    """What may be done while a phase lasts."""

    APPLY = "apply", _("apply")
    REVIEW = "review", _("read and score")
    DECIDE = "decide", _("decide and send decisions")
    REPLY = "reply", _("take or refuse a seat")


class IntakePhase(Row):
    """A stretch of time, and what it permits. Withdrawing is always permitted."""

    class Kind(models.TextChoices):
        APPLY = "apply", _("Apply")
        REVIEW = "review", pgettext_lazy("a phase of a call", "Review")
        DECIDE = "decide", _("Decide")
        CONFIRM = "confirm", _("Confirm")

    # What each kind permits unless the lead says otherwise.
    USUAL = {
        Kind.APPLY: [Permit.APPLY],
        Kind.REVIEW: [Permit.REVIEW],
        Kind.DECIDE: [Permit.REVIEW, Permit.DECIDE],
        Kind.CONFIRM: [Permit.DECIDE, Permit.REPLY],
    }
    # What a lead may let each kind permit.
    POSSIBLE = {
        Kind.APPLY: [Permit.APPLY, Permit.REVIEW],
        Kind.REVIEW: [Permit.REVIEW, Permit.DECIDE],
        Kind.DECIDE: [Permit.REVIEW, Permit.DECIDE, Permit.REPLY],
        Kind.CONFIRM: [Permit.REVIEW, Permit.DECIDE, Permit.REPLY],
    }

    intake = models.ForeignKey(Intake, on_delete=models.CASCADE, related_name="phases")
    kind = models.CharField(max_length=8, choices=Kind)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    # The deadline was set as the end of a day anywhere on Earth (UTC-12); shown
    # to every reader in their own place all the same.
    anywhere_on_earth = models.BooleanField(
        _("the day ends when it has ended everywhere on Earth"), default=False
    )
    permits = ArrayField(models.CharField(max_length=8, choices=Permit))

    not_private = "the dates of a call are told to everyone"
    Privacy = NotPersonal("dates of a call")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["intake", "kind"], name="intake_phase_of_a_kind_once"
            ),
            models.CheckConstraint(
                name="intake_phase_opens_before_it_closes",
                condition=Q(opens_at__lt=F("closes_at")),
            ),
        ]

    def is_on(self, now: datetime) -> bool:
        return self.opens_at <= now < self.closes_at

    @property
    def is_after_review(self) -> bool:
        """Readings that it permits come late: reading had its own phase."""
        return self.kind in (self.Kind.DECIDE, self.Kind.CONFIRM)

    @property
    def permits_in_words(self) -> str:
        return " · ".join(str(p.label) for p in Permit if p in self.permits)


class Question(Row, Edited):
    """Something every applicant is asked."""

    class Kind(models.TextChoices):
        SHORT = "short", _("one line")
        LONG = "long", _("several lines")
        ONE_OF = "one_of", _("one of several")
        SOME_OF = "some_of", _("some of several")
        NUMBER = "number", _("a number")
        FILE = "file", _("a file")
        VOICE = "voice", _("a recording")
        CONSENT = "consent", _("a consent to tick")

    UPLOADS = (Kind.FILE, Kind.VOICE)
    # A voice or a file shows more of a person than they can look through.
    NEVER_SHARED = (*UPLOADS, Kind.CONSENT)

    intake = models.ForeignKey(
        Intake, on_delete=models.CASCADE, related_name="questions"
    )
    position = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(
        _("kind of answer"), max_length=8, choices=Kind, default=Kind.LONG
    )
    label = models.CharField(_("the question"), max_length=300)
    help = models.CharField(_("a hint below it"), max_length=500, blank=True)
    options = ArrayField(
        models.CharField(max_length=200),
        verbose_name=_("what to choose from"),
        default=list,
        blank=True,
    )
    required = models.BooleanField(_("an answer is needed"), default=False)
    by_voice = models.BooleanField(
        _("may be answered by voice or file in place of text"), default=True
    )
    # Sensitive answers never reach reviewers, lists or exports unasked.
    sensitive = models.BooleanField(_("sensitive"), default=False)
    visible_to_reviewers = models.BooleanField(
        _("reviewers read the answer"), default=True
    )

    # Whoever takes a seat may show the answer to those who hold their cohort. Asked
    # then, answer by answer; said here only so that there is something to be asked.
    may_be_shared = models.BooleanField(
        _("whoever takes a seat may share the answer with their facilitators"),
        default=False,
    )

    not_private = "asked of everyone who applies"
    Privacy = NotPersonal("a question, the answers stand in Answer")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="question_sensitive_is_not_for_reviewers",
                condition=Q(sensitive=False) | Q(visible_to_reviewers=False),
            ),
            models.CheckConstraint(
                name="question_shared_if_it_is_words_and_not_sensitive",
                condition=Q(may_be_shared=False)
                | (Q(sensitive=False) & ~Q(kind__in=("file", "voice", "consent"))),
            ),
        ]
        indexes = [models.Index(fields=["intake", "position"])]

    @property
    def takes_upload(self) -> bool:
        return self.kind in self.UPLOADS or (
            self.kind == self.Kind.LONG and self.by_voice
        )

    @property
    def has_options(self) -> bool:
        return self.kind in (self.Kind.ONE_OF, self.Kind.SOME_OF)


class Trait(Row, Edited):
    """Asked for balance only: optional, kept apart, never shown to reviewers."""

    intake = models.ForeignKey(Intake, on_delete=models.CASCADE, related_name="traits")
    position = models.PositiveSmallIntegerField(default=0)
    key = models.SlugField(max_length=60)
    label = models.CharField(_("what it asks"), max_length=160)
    help = models.CharField(_("a hint below it"), max_length=300, blank=True)
    options = ArrayField(
        models.CharField(max_length=200),
        verbose_name=_("what to choose from"),
        default=list,
        blank=True,
    )
    several = models.BooleanField(_("several may be chosen"), default=False)
    # Nobody is left the only one with a value of it, unless they said it is fine.
    protected = models.BooleanField(
        _("nobody should be the only one, unless they say it is fine"), default=False
    )

    not_private = "asked of everyone who applies"
    Privacy = NotPersonal("a question, the answers stand in TraitAnswer")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["intake", "key"], name="trait_key_once")
        ]
        indexes = [models.Index(fields=["intake", "position"])]
