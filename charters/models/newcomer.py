"""A newcomer's own answer to the charter they came to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
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

from .amendment import LONGEST_REASON
from .charter import CharterVersion

# After that a facilitator asks for a conversation; nothing else follows.
NEWCOMERS_HAVE = timedelta(days=14)


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

    Whoever consented to a later version as a whole circle did is no newcomer any
    more only after their own yes: a round asks about a change, not about the whole.
    """
    why = "who has yet to answer is known to the circle"
    founded = CharterVersion.objects.unsealed(why).filter(
        cohort=OuterRef("cohort"), number=1, adopted_at__lt=OuterRef("joined_at")
    )
    agreed = NewcomerAnswer.objects.unsealed(why).agreed().filter(member=OuterRef("pk"))
    return (
        Membership.objects.active()
        .filter(Exists(founded), ~Exists(agreed), cohort__finished_at=None)
        .select_related("person", "cohort")
        .order_by("joined_at", "pk")
    )


def answer_by(member: Membership) -> datetime:
    return member.joined_at + NEWCOMERS_HAVE
