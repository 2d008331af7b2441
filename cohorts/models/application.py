"""One person's answer to a call.

Four tables, because they have four audiences: a draft is its writer's alone; the
application and its answers are for the applicant and the program leads; traits are
kept apart from both and shown to fewer pages; the copy that reviewers read is
blind. What the leads mean to answer is theirs until it is released.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce, Lower
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from people.models import Edited, Once, PrivateRow, validate_zone
from people.visibility import PrivateQuerySet

from .confidentiality import (
    NOBODY,
    ApplicantAndLeads,
    LeadsAndReviewers,
    LeadsOnly,
    only_mine,
)
from .intake import Intake, Question, Trait

MOST_TIES = 5


class ApplicationQuerySet(PrivateQuerySet):
    def submitted(self) -> Self:
        """Still in the call: sent, and not withdrawn."""
        return self.filter(state=Application.State.SUBMITTED)

    def offered(self) -> Self:
        return self.submitted().filter(outcome=Application.Outcome.OFFERED)

    def accepted(self) -> Self:
        """A seat was offered and taken."""
        return self.offered().filter(reply=Application.Reply.ACCEPTED)

    def may_be_seated(self) -> Self:
        """A seat was offered, and not refused so far."""
        return self.offered().filter(
            reply__in=(Application.Reply.NONE, Application.Reply.ACCEPTED)
        )

    def decided(self) -> Self:
        return self.submitted().exclude(released_at=None)


class Application(ApplicantAndLeads, Edited):
    """What was sent. Who it is, how they can meet, what they bring and look for."""

    class State(models.TextChoices):
        SUBMITTED = "submitted", _("sent")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class Outcome(models.TextChoices):
        NONE = "", _("not decided")
        OFFERED = "offered", _("seat offered")
        WAITLISTED = "waitlisted", _("on the waiting list")
        DECLINED = "declined", _("declined")

    class Reply(models.TextChoices):
        NONE = "", _("no reply yet")
        ACCEPTED = "accepted", _("seat taken")
        REFUSED = "refused", _("seat refused")
        LAPSED = "lapsed", _("no reply in time")

    applicant_path = "applicant"

    intake = models.ForeignKey(Intake, on_delete=models.CASCADE, related_name="+")
    # How reviewers and leads speak of it without a name.
    code = models.CharField(max_length=8)
    # None until the person has an account; the mailed link stands in for it.
    applicant = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    email = models.EmailField(_("mail address"), blank=True)
    called = models.CharField(_("what should we call you?"), max_length=300)
    organisation = models.CharField(_("organisation"), max_length=200, blank=True)
    # The language of the answers, and of the mails.
    language = models.CharField(max_length=10, blank=True)
    languages = ArrayField(models.CharField(max_length=35), default=list, blank=True)
    timezone = models.CharField(
        max_length=64, default="UTC", validators=[validate_zone]
    )
    # 336 digits, half-hours from Monday 00:00 in their zone; empty: not said.
    availability = models.CharField(max_length=336, blank=True)
    offers = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    needs = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    # People or organisations one already works with.
    ties = ArrayField(
        models.CharField(max_length=120), default=list, blank=True, size=MOST_TIES
    )
    hours_per_month = models.DecimalField(
        max_digits=4, decimal_places=1, null=True, blank=True
    )
    access_needs = models.CharField(max_length=500, blank=True)

    state = models.CharField(max_length=9, choices=State, default=State.SUBMITTED)
    submitted_at = models.DateTimeField(default=now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    # What was told. Until it is released, a decision is a row of the leads.
    outcome = models.CharField(
        max_length=10, choices=Outcome, default=Outcome.NONE, blank=True
    )
    # The program's own words for this answer, as they stood when it was told.
    words = models.TextField(max_length=3000, blank=True)
    reasons = models.TextField(max_length=3000, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    reply_by = models.DateTimeField(null=True, blank=True)
    reply = models.CharField(
        max_length=8, choices=Reply, default=Reply.NONE, blank=True
    )
    replied_at = models.DateTimeField(null=True, blank=True)
    # The import it came from; None for the public form.
    batch = models.ForeignKey(
        "cohorts.ImportBatch",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    objects = ApplicationQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["intake", "code"], name="application_code_once"
            ),
            models.UniqueConstraint(
                "intake",
                Lower("email"),
                condition=Q(state="submitted") & ~Q(email=""),
                name="application_one_for_an_address",
            ),
            models.UniqueConstraint(
                fields=["intake", "applicant"],
                condition=Q(state="submitted", applicant__isnull=False),
                name="application_one_for_a_person",
            ),
            models.CheckConstraint(
                name="application_withdrawn_at_iff_withdrawn",
                condition=Q(state="withdrawn", withdrawn_at__isnull=False)
                | Q(state="submitted", withdrawn_at__isnull=True),
            ),
            models.CheckConstraint(
                name="application_outcome_iff_released",
                condition=Q(outcome="", released_at__isnull=True)
                | (~Q(outcome="") & Q(released_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="application_reply_to_an_offer_only",
                condition=Q(reply="", replied_at__isnull=True)
                | (~Q(reply="") & Q(outcome="offered", replied_at__isnull=False)),
            ),
            # PostgreSQL counts to 255 in a pattern: a week is twice 168 half-hours.
            models.CheckConstraint(
                name="application_availability_is_a_week",
                condition=Q(availability="")
                | Q(availability__regex=r"^([0-3]{168}){2}$"),
            ),
            models.CheckConstraint(
                name="application_few_ties", condition=Q(ties__len__lte=MOST_TIES)
            ),
        ]
        indexes = [
            # The list pages, each in both directions, with the key as tie-break.
            models.Index(
                fields=["intake", "submitted_at", "id"], name="application_by_date"
            ),
            models.Index("intake", Lower("called"), "id", name="application_by_name"),
            # Counts are read from the index alone.
            models.Index(
                fields=["intake", "state", "outcome", "reply"],
                include=["program", "applicant"],
                name="application_counts",
            ),
            models.Index(
                fields=["applicant"],
                condition=Q(applicant__isnull=False),
                name="application_of_person",
            ),
        ]

    class Privacy:
        whose = "applicant"
        export = (
            "email",
            "called",
            "organisation",
            "language",
            "languages",
            "timezone",
            "availability",
            "offers",
            "needs",
            "ties",
            "hours_per_month",
            "access_needs",
            "state",
            "submitted_at",
            "withdrawn_at",
            "outcome",
            "words",
            "reasons",
            "released_at",
            "reply",
            "replied_at",
        )
        on_erase = "delete"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.SUBMITTED

    @property
    def awaits_reply(self) -> bool:
        return (
            self.is_open
            and self.outcome == self.Outcome.OFFERED
            and self.reply == self.Reply.NONE
        )


class Answer(ApplicantAndLeads):
    """An applicant's answer to one question of the call."""

    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="+"
    )
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")
    # Words, a number in digits, or "yes" for a consent.
    text = models.TextField(max_length=10_000, blank=True)
    chosen = ArrayField(models.CharField(max_length=200), default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "question"], name="answer_once_to_a_question"
            )
        ]

    class Privacy:
        whose = "application__applicant"
        export = ("text", "chosen")
        on_erase = "delete"

    @property
    def shown(self) -> str:
        return self.text or ", ".join(self.chosen)


class TraitAnswer(ApplicantAndLeads):
    """How an applicant describes themselves, for balance only."""

    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="+"
    )
    trait = models.ForeignKey(Trait, on_delete=models.PROTECT, related_name="+")
    value = models.CharField(max_length=200)
    alone_is_fine = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "trait", "value"], name="trait_answer_once"
            )
        ]

    class Privacy:
        whose = "application__applicant"
        export = ("value", "alone_is_fine")
        on_erase = "delete"


class Draft(PrivateRow, Edited, Once):
    """An application being written: for its writer alone, on any of their devices.

    Whoever holds a link to it stands in for an account.
    """

    audience = "its writer"

    intake = models.ForeignKey(Intake, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    email = models.EmailField(blank=True)
    # Where somebody went on from the mailed link: from then on it is written from
    # there, and not by whoever began it with an address that may not be theirs.
    proved_address = models.EmailField(blank=True)
    language = models.CharField(max_length=10, blank=True)
    # What stands in the fields, by name, whether it is valid yet or not.
    typed = models.JSONField(default=dict, blank=True)
    # The pages that were saved without an error.
    done = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    started_at = models.DateTimeField(default=now)
    saved_at = models.DateTimeField(default=now)
    # What it became; sending twice finds it here.
    sent_as = models.OneToOneField(
        Application, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["intake", "person"],
                condition=Q(person__isnull=False, sent_as__isnull=True),
                name="draft_one_for_a_person",
            ),
            models.UniqueConstraint(
                fields=["intake", "client_key"], name="draft_made_once"
            ),
        ]
        indexes = [models.Index(fields=["saved_at"])]

    class Privacy:
        whose = "person"
        export = ("email", "typed", "started_at", "saved_at")
        on_erase = "delete"

    @classmethod
    def readable_by(cls, viewer: Any) -> Q:
        return only_mine(viewer)


class ResumeToken(PrivateRow):
    """A mailed link to a draft or an application. Only its hash is kept."""

    audience = "nobody: it is compared, never shown"

    class Purpose(models.TextChoices):
        RESUME = "resume"  # go on writing
        STATUS = "status"  # read how it stands, withdraw
        REPLY = "reply"  # take or refuse the seat

    purpose = models.CharField(max_length=6, choices=Purpose)
    token_hash = models.CharField(max_length=64, unique=True)
    draft = models.ForeignKey(
        Draft, null=True, on_delete=models.CASCADE, related_name="+"
    )
    application = models.ForeignKey(
        Application, null=True, on_delete=models.CASCADE, related_name="+"
    )
    # The mailbox it goes to: holding it proves that this address is theirs.
    sent_to = models.EmailField()
    made_at = models.DateTimeField(default=now)
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="resume_token_to_one_thing",
                condition=Q(draft__isnull=False, application__isnull=True)
                | Q(draft__isnull=True, application__isnull=False),
            )
        ]

    class Privacy:
        whose = ("draft__person", "application__applicant")
        export = ("purpose", "made_at", "ends_at")
        on_erase = "delete"

    @classmethod
    def readable_by(cls, viewer: Any) -> Q:
        return NOBODY

    def is_live(self, now: datetime) -> bool:
        return now < self.ends_at


class BlindCopyQuerySet(PrivateQuerySet):
    def open(self) -> Self:
        return self.filter(closed_at=None)


class BlindCopy(LeadsAndReviewers):
    """What reviewers read of an application: no name, organisation, photo or trait.

    The key to the application is there to delete both together; no page for
    reviewers follows it.
    """

    intake = models.ForeignKey(Intake, on_delete=models.CASCADE, related_name="+")
    application = models.OneToOneField(
        Application, on_delete=models.CASCADE, related_name="+"
    )
    code = models.CharField(max_length=8)
    language = models.CharField(max_length=10, blank=True)
    # Answers that reviewers may read, by the key of their question.
    texts = models.JSONField(default=dict)
    offers = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    made_at = models.DateTimeField(default=now)
    # When its applicant changed it last; what it said before is an EarlierCopy.
    changed_at = models.DateTimeField(null=True, blank=True)
    # Withdrawn: no longer anybody's to read.
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = BlindCopyQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        indexes = [
            models.Index(
                fields=["intake", "id"],
                condition=Q(closed_at=None),
                name="blind_copy_to_read",
            )
        ]

    class Privacy:
        whose = "application__applicant"
        export = ()  # the application itself is in the export
        on_erase = "delete"


# Whoever has no score yet comes last.
SCORE_OR_NOTHING = Coalesce("corrected", models.Value(Decimal(0)))


class Standing(LeadsOnly, Edited):
    """How an application stands with the leads: its readings, and what they mean
    to answer, for as long as they need, told to nobody before it is released.

    One for each application, made with it.
    """

    application = models.OneToOneField(
        Application, on_delete=models.CASCADE, related_name="+"
    )
    intake = models.ForeignKey(Intake, on_delete=models.CASCADE, related_name="+")
    # Kept up with every reading that is finished.
    readings = models.PositiveSmallIntegerField(default=0)
    score = models.DecimalField(max_digits=4, decimal_places=3, null=True, blank=True)
    # The same without the severity of whoever read it, and where it surely lies: kept
    # up when readings are reckoned with, some minutes after.
    corrected = models.DecimalField(
        max_digits=4, decimal_places=3, null=True, blank=True
    )
    surely_from = models.DecimalField(
        max_digits=4, decimal_places=3, null=True, blank=True
    )
    surely_to = models.DecimalField(
        max_digits=4, decimal_places=3, null=True, blank=True
    )
    pending = models.CharField(
        max_length=10,
        choices=Application.Outcome,
        default=Application.Outcome.NONE,
        blank=True,
    )
    reasons = models.TextField(max_length=3000, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="standing_decided_at_iff_pending",
                condition=Q(pending="", decided_at__isnull=True)
                | (~Q(pending="") & Q(decided_at__isnull=False)),
            )
        ]
        indexes = [
            models.Index(
                fields=["intake", "pending"],
                condition=~Q(pending=""),
                name="standing_pending",
            ),
            # The two orders of the list that are the standing's own.
            models.Index(
                "intake",
                SCORE_OR_NOTHING.desc(),
                models.F("application").desc(),
                name="standing_by_corrected",
            ),
            models.Index(
                fields=["intake", "readings", "application"],
                name="standing_least_read",
            ),
        ]

    class Privacy:
        whose = "application__applicant"
        export = ()  # what was released stands in the application
        on_erase = "delete"
