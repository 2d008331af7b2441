"""How the charter changes: a proposal, its wordings, the rounds, the answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self
from uuid import uuid4

from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cohorts.models import Cohort, CohortShared, Membership
from people.models import Edited, Once
from people.personal import NotPersonal
from people.visibility import PrivateQuerySet

from .charter import (
    LONGEST_CLAUSE,
    LONGEST_SECTION,
    LONGEST_TITLE,
    Charter,
    Section,
    Steers,
    section_name,
)

# Three rounds are enough: what three rounds do not settle wants a conversation.
MOST_ROUNDS = 3
LONGEST_REASON = 2_000


def in_five_days() -> datetime:
    return timezone.now() + timedelta(days=5)


class AmendmentQuerySet(PrivateQuerySet):
    def of(self, cohort: Cohort) -> Self:
        return self.filter(cohort=cohort)

    def open(self) -> Self:
        return self.filter(closed_at=None)

    def deciding(self) -> Self:
        return self.filter(state=Amendment.State.DECIDE)


class Amendment(Once, Edited, CohortShared):
    """A proposed change to the charter, the whole first charter included.

    Its `edition` grows with every change of its text.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("being written")
        CLARIFY = "clarify", _("questions")
        REACT = "react", _("first reactions")
        DECIDE = "decide", _("consent round")
        ADOPTED = "adopted", _("adopted")
        WITHDRAWN = "withdrawn", _("withdrawn")
        SENT_TO_SESSION = "sent_to_session", _("taken to a session")

    OPEN = (State.DRAFT, State.CLARIFY, State.REACT, State.DECIDE)

    charter = models.ForeignKey(Charter, on_delete=models.CASCADE, related_name="+")
    proposer = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=20, choices=State, default=State.DRAFT)
    title = models.CharField(max_length=LONGEST_TITLE)
    why = models.TextField(max_length=LONGEST_REASON, blank=True)
    lang = models.CharField(max_length=35, default="en")
    # The first charter of all, before there is a version.
    founding = models.BooleanField(default=False)
    proposed_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    # Taken up again after a session had talked about it.
    follows = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )

    objects = AmendmentQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["proposer", "client_key"], name="amendment_sent_once"
            ),
            models.UniqueConstraint(
                fields=["charter"],
                condition=Q(founding=True, closed_at=None),
                name="amendment_one_founding_at_a_time",
            ),
            models.CheckConstraint(
                name="amendment_closed_iff_over",
                condition=Q(
                    state__in=("draft", "clarify", "react", "decide"), closed_at=None
                )
                | Q(
                    state__in=("adopted", "withdrawn", "sent_to_session"),
                    closed_at__isnull=False,
                ),
            ),
        ]
        indexes = [
            models.Index(
                fields=["cohort"],
                condition=Q(closed_at=None),
                name="amendment_open",
            )
        ]

    class Privacy:
        whose = "proposer__person"
        export = ("title", "why", "state", "proposed_at", "closed_at")
        on_erase = {"why": ""}

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def is_deciding(self) -> bool:
        return self.state == self.State.DECIDE


class ProposedClauseQuerySet(PrivateQuerySet):
    def of(self, amendment: Amendment) -> Self:
        return self.standing().filter(amendment=amendment).order_by("position", "pk")

    def standing(self) -> Self:
        return self.filter(left_out_at=None)

    def left_out_of(self, amendment: Amendment) -> Self:
        return self.filter(amendment=amendment).exclude(left_out_at=None)


class ProposedClause(Edited, CohortShared):
    """One clause of a proposal as it is worded now."""

    class Change(models.TextChoices):
        CHANGED = "changed", _("changed")
        NEW = "new", _("new")
        REMOVED = "removed", _("removed")

    amendment = models.ForeignKey(Amendment, on_delete=models.CASCADE, related_name="+")
    change = models.CharField(max_length=10, choices=Change, default=Change.NEW)
    # Of the clause it changes or removes; fresh for a new one.
    key = models.UUIDField(default=uuid4)
    position = models.PositiveIntegerField(default=1)
    section = models.CharField(max_length=LONGEST_SECTION, default=Section.OWN)
    title = models.CharField(max_length=LONGEST_TITLE)
    text = models.TextField(max_length=LONGEST_CLAUSE)
    lang = models.CharField(max_length=35, default="en")
    steers = models.CharField(
        max_length=20, choices=Steers, default=Steers.NOTHING, blank=True
    )
    value = models.JSONField(default=dict, blank=True)
    # Fingerprint of the clause in force when this change of it was begun.
    based_on = models.CharField(max_length=64, blank=True)
    # While its amendment is being decided, no other may decide on the same clause.
    held = models.BooleanField(default=False)
    written_by = models.ForeignKey(
        Membership, on_delete=models.CASCADE, related_name="+"
    )
    written_at = models.DateTimeField(default=timezone.now)
    # Left out while the text was being written; it can be put back until the round.
    left_out_at = models.DateTimeField(null=True, blank=True)

    objects = ProposedClauseQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["amendment", "key"], name="proposed_clause_once"
            ),
            models.UniqueConstraint(
                fields=["cohort", "key"],
                condition=Q(held=True),
                name="proposed_clause_one_decision_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["cohort", "steers"],
                condition=Q(held=True) & ~Q(steers="") & Q(change="new"),
                name="proposed_clause_steers_once_at_a_time",
            ),
            models.CheckConstraint(
                name="proposed_clause_is_not_empty",
                condition=~Q(title="") & ~Q(text=""),
            ),
        ]

    class Privacy:
        whose = "written_by__person"
        export = ("title", "text", "written_at")
        on_erase = "keep"
        why = "the wording belongs to the circle that decides on it"

    @property
    def as_parts(self) -> dict[str, Any]:
        """The proposed clause as plain data, as `Clause.as_parts` with its change."""
        return {
            "change": self.change,
            "key": str(self.key),
            "section": self.section,
            "title": self.title,
            "text": self.text,
            "lang": self.lang,
            "steers": self.steers,
            "value": self.value,
        }

    @property
    def section_name(self) -> str:
        return section_name(self.section)

    @property
    def is_new(self) -> bool:
        return self.change == self.Change.NEW

    @property
    def is_removed(self) -> bool:
        return self.change == self.Change.REMOVED


class Wording(CohortShared):
    """The exact text that a round asked about. The database refuses to edit it."""

    amendment = models.ForeignKey(Amendment, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField(default=1)
    text_hash = models.CharField(max_length=64)
    clauses = models.JSONField(default=list)
    worded_by = models.ForeignKey(
        Membership, on_delete=models.CASCADE, related_name="+"
    )
    worded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["amendment", "number"], name="wording_number_once"
            )
        ]

    class Privacy:
        whose = "worded_by__person"
        export = ("number", "worded_at")
        on_erase = "keep"
        why = "answers are tied to this very text"


class ConsentRoundQuerySet(PrivateQuerySet):
    def open(self) -> Self:
        """Still to be acted on, whether the window is open or has closed."""
        return self.filter(closed_at=None)

    def asking(self, now: datetime) -> Self:
        return self.open().filter(opens_at__lte=now, closes_at__gt=now, paused_at=None)

    def unanswered_by(self, person: Any) -> Self:
        """Rounds that ask this person and have no answer to their present text."""
        mine = (
            Membership.objects.active()
            .filter(
                person=person,
                cohort=OuterRef("cohort"),
                joined_at__lte=OuterRef("opens_at"),
            )
            .annotate(
                asks=ExpressionWrapper(
                    OuterRef("asks"), output_field=models.CharField()
                )
            )
            .filter(Q(asks="everyone") | Q(asks=F("role")))
        )
        answered = Consent.objects.unsealed("whether the reader has answered").filter(
            round=OuterRef("pk"),
            text_hash=OuterRef("text_hash"),
            member__person=person,
            voided_at=None,
        )
        return self.filter(Exists(mine), ~Exists(answered))


class ConsentRound(CohortShared):
    """One asking of the circle: this text, this window, this rule.

    When the text is mended without an objection the same round asks again, with a
    fresh window; an integrated objection opens the next round.
    """

    SHORTEST = timedelta(hours=72)

    amendment = models.ForeignKey(Amendment, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveSmallIntegerField(default=1)
    wording = models.ForeignKey(Wording, on_delete=models.CASCADE, related_name="+")
    text_hash = models.CharField(max_length=64)
    opens_at = models.DateTimeField(default=timezone.now)
    closes_at = models.DateTimeField(default=in_five_days)
    rule = models.CharField(max_length=20, default="consent")
    silence_counts = models.BooleanField(default=False)
    # Whom it asks, and the share that gradients need: as in `charters.values`.
    asks = models.CharField(max_length=20, default="everyone")
    support = models.CharField(max_length=5, default="2/3")
    # Why this rule: the sections touched, and the clause and version that say so.
    grounds = models.JSONField(default=dict, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    # It stands still while the charter has lapsed, and closes so much later.
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_for = models.DurationField(default=timedelta)

    objects = ConsentRoundQuerySet.as_manager()  # type: ignore[misc]

    Privacy = NotPersonal("when a circle was asked; the answers stand in Consent")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["amendment", "number"], name="round_number_once"
            ),
            models.UniqueConstraint(
                fields=["amendment"],
                condition=Q(closed_at=None),
                name="round_one_open_at_a_time",
            ),
            models.CheckConstraint(
                name="round_one_to_three", condition=Q(number__range=(1, MOST_ROUNDS))
            ),
            models.CheckConstraint(
                name="round_window_of_72_hours_at_least",
                condition=Q(closes_at__gte=F("opens_at") + timedelta(hours=72)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["cohort", "closes_at"],
                condition=Q(closed_at=None),
                name="round_open",
            )
        ]

    @property
    def is_advice(self) -> bool:
        """By this rule whoever proposed it decides, after hearing the circle."""
        return self.rule == "advice"

    def is_asking(self, now: datetime) -> bool:
        return (
            self.closed_at is None
            and self.paused_at is None
            and self.opens_at <= now < self.closes_at
        )

    def clock(self, now: datetime) -> datetime:
        """The moment by the round's own clock, which stands while it is paused."""
        return now if self.paused_at is None else min(now, self.paused_at)

    @property
    def length(self) -> timedelta:
        """The time in which it asks."""
        return self.closes_at - self.opens_at - self.paused_for


class ConsentQuerySet(PrivateQuerySet):
    def given_to(self, asked: ConsentRound) -> Self:
        """Answers to the round's present text."""
        return self.filter(round=asked, text_hash=asked.text_hash, voided_at=None)

    def objections(self) -> Self:
        return self.filter(kind=Consent.Kind.OBJECT)


class Consent(Once, CohortShared):
    """One member's answer to one text. Their last one counts; a new text voids it."""

    class Kind(models.TextChoices):
        CONSENT = "consent", _("Yes, I consent")
        CONCERN = "concern", _("Yes, and note my concern")
        OBJECT = "object", _("I object: it would harm our purpose")
        ASIDE = "aside", _("I can go either way")
        DISAGREE = "disagree", _("I disagree, and will not stand in the way")

    round = models.ForeignKey(ConsentRound, on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.CONSENT)
    text_hash = models.CharField(max_length=64)
    reason = models.TextField(max_length=LONGEST_REASON, blank=True)
    harm = models.TextField(max_length=LONGEST_REASON, blank=True)
    fix = models.TextField(max_length=LONGEST_REASON, blank=True)
    lang = models.CharField(max_length=35, blank=True)
    given_at = models.DateTimeField(default=timezone.now)
    voided_at = models.DateTimeField(null=True, blank=True)
    # The wording that took this objection in.
    integrated_by = models.ForeignKey(
        Wording, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )

    objects = ConsentQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "client_key"], name="consent_sent_once"
            ),
            models.UniqueConstraint(
                fields=["round", "member", "text_hash"],
                condition=Q(voided_at=None),
                name="consent_once_for_a_text",
            ),
            models.CheckConstraint(
                name="consent_objection_says_reason_harm_and_fix",
                condition=~Q(kind="object")
                | (~Q(reason="") & ~Q(harm="") & ~Q(fix="")),
            ),
            models.CheckConstraint(
                name="consent_concern_is_said",
                condition=~Q(kind="concern") | ~Q(reason=""),
            ),
        ]

    class Privacy:
        whose = "member__person"
        export = ("kind", "reason", "harm", "fix", "given_at")
        on_erase = {"reason": "—", "harm": "—", "fix": "—"}

    @property
    def is_objection(self) -> bool:
        return self.kind == self.Kind.OBJECT


class RoundReminder(CohortShared):
    """That a member was reminded of a text; silence counts only after two."""

    round = models.ForeignKey(ConsentRound, on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    text_hash = models.CharField(max_length=64)
    # Names the window: a window that opens again reminds again.
    closes_at = models.DateTimeField()
    number = models.PositiveSmallIntegerField(default=1)
    reminded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["round", "member", "closes_at", "number"],
                name="round_reminder_once",
            )
        ]

    class Privacy:
        whose = "member__person"
        export = ("number", "reminded_at")
        on_erase = "keep"
        why = "shows that silence was counted by the rule; holds no words"


class RemarkQuerySet(PrivateQuerySet):
    def of(self, amendment: Amendment) -> Self:
        return self.filter(amendment=amendment).order_by("said_at", "pk")


class Remark(Once, CohortShared):
    """A question about a proposal, an answer, or a first reaction."""

    class Kind(models.TextChoices):
        QUESTION = "question", _("Question")
        REACTION = "reaction", _("Reaction")
        REPLY = "reply", _("Reply")

    amendment = models.ForeignKey(Amendment, on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.QUESTION)
    text = models.TextField(max_length=LONGEST_REASON)
    said_at = models.DateTimeField(default=timezone.now)
    # The advice that this reply says the use of.
    about = models.ForeignKey(
        Consent, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )

    objects = RemarkQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "client_key"], name="remark_sent_once"
            ),
            models.UniqueConstraint(
                fields=["about"], name="remark_one_use_of_an_advice"
            ),
        ]

    class Privacy:
        whose = "member__person"
        export = ("kind", "text", "said_at")
        on_erase = {"text": "—"}
