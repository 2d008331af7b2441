"""A newcomer's own answer to the charter they came to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cohorts.models import (
    CohortShared,
    Membership,
    in_cohorts_i_facilitate,
    only_mine,
)
from people.models import Once
from people.visibility import PrivateQuerySet

from .amendment import LONGEST_REASON, ConsentRound
from .charter import CharterVersion

# After that a facilitator asks for a conversation; nothing else follows.
NEWCOMERS_HAVE = timedelta(days=14)
# So long at least to read a version that came meanwhile, as in a round.
TO_READ_A_NEW_ONE = ConsentRound.SHORTEST
# Rounds that were open when somebody came are long over by then.
NEW_FOR = timedelta(days=120)
# So long Today asks whether somebody is new; later their mails and their page do.
NEW_ON_TODAY = timedelta(days=28)


class NewcomerAnswerQuerySet(PrivateQuerySet):
    def agreed(self) -> Self:
        return self.filter(kind=NewcomerAnswer.Kind.CONSENT)


class NewcomerAnswer(Once, CohortShared):
    """Yes to the version in force on that day, or the wish to talk about it first.

    Between the newcomer and the facilitators: the circle need not know who hesitates.
    """

    audience = "its newcomer and the facilitators"

    class Kind(models.TextChoices):
        CONSENT = "consent", _("Yes, I can live with it")
        TALK = "talk", _("I would like to talk about it first")

    member = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey(
        CharterVersion, on_delete=models.CASCADE, related_name="+"
    )
    fingerprint = models.CharField(max_length=64)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.CONSENT)
    text = models.TextField(max_length=LONGEST_REASON, blank=True)
    given_at = models.DateTimeField(default=timezone.now)

    objects = NewcomerAnswerQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "client_key"], name="newcomer_answer_sent_once"
            ),
            models.UniqueConstraint(fields=["member"], name="newcomer_answer_one_each"),
        ]

    class Privacy:
        whose = "member__person"
        export = ("kind", "text", "given_at")
        on_erase = {"text": ""}

    @classmethod
    def readable_by(cls, viewer: Any) -> Q:
        return super().readable_by(viewer) & (
            in_cohorts_i_facilitate(viewer) | only_mine(viewer, "member__person")
        )


class NewcomerTalk(Once, CohortShared):
    """That a facilitator and a newcomer have talked about the charter.

    Between the two and the other facilitators, like the answer itself.
    """

    audience = "its newcomer and the facilitators"

    member = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(max_length=LONGEST_REASON, blank=True)
    talked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["by", "client_key"], name="newcomer_talk_sent_once"
            )
        ]
        indexes = [models.Index(fields=["member", "-talked_at"], name="newcomer_talks")]

    class Privacy:
        whose = "member__person"
        export = ("text", "talked_at")
        on_erase = {"text": ""}

    @classmethod
    def readable_by(cls, viewer: Any) -> Q:
        return super().readable_by(viewer) & (
            in_cohorts_i_facilitate(viewer) | only_mine(viewer, "member__person")
        )


def newcomers() -> models.QuerySet[Membership]:
    """Who came to a charter that was there already, and has not said yes to it.

    A version that was asked about before they came and adopted after their yes passed
    them by, so they are asked about it again. Each carries the version that passed
    them by last, as `passed_by` and `text_since`, and the one they `agreed_to`.
    """
    why = "who has yet to answer is known to the circle"
    versions = CharterVersion.objects.unsealed(why).filter(cohort=OuterRef("cohort"))
    founded = versions.filter(number=1, adopted_at__lt=OuterRef("joined_at"))
    asked_them = ConsentRound.objects.unsealed(why).filter(
        amendment=OuterRef("amendment"), opens_at__gte=OuterRef(OuterRef("joined_at"))
    )
    passed_by = versions.filter(
        ~Exists(asked_them), adopted_at__gt=OuterRef("joined_at")
    )
    yes = NewcomerAnswer.objects.unsealed(why).agreed().filter(member=OuterRef("pk"))
    return (
        Membership.objects.active()
        .filter(Exists(founded), cohort__finished_at=None)
        .annotate(
            text_since=Subquery(passed_by.order_by("-number").values("adopted_at")[:1]),
            agreed_to=Subquery(yes.values("version__number")[:1]),
            passed_by=Subquery(passed_by.order_by("-number").values("number")[:1]),
        )
        .filter(Q(agreed_to=None) | Q(passed_by__gt=F("agreed_to")))
        .select_related("person", "cohort")
        .order_by("joined_at", "pk")
    )


def answer_by(member: Membership) -> datetime:
    """Fourteen days from joining, and time to read what passed them by since."""
    usual = member.joined_at + NEWCOMERS_HAVE
    since = getattr(member, "text_since", None)
    if since is None:
        return usual
    again = getattr(member, "agreed_to", None) is not None
    return max(usual, since + (NEWCOMERS_HAVE if again else TO_READ_A_NEW_ONE))
