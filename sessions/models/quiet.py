"""That somebody has been quiet for as long as their charter gives."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Exists, F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from charters.models import Consent, Remark
from cohorts.models import Cohort, Membership, MineOnly
from people.visibility import PrivateQuerySet

from .checkin import CheckIn
from .commitment import Commitment
from .post import Post, Reply
from .ritual_session import Rsvp
from .room import Presence

# model, the way to the membership, the moment
_SIGNS: tuple[tuple[Any, str, str], ...] = (
    (Presence, "membership", "seen_at"),
    (Rsvp, "membership", "answered_at"),
    (CheckIn, "author", "written_at"),
    (Post, "author", "written_at"),
    (Reply, "author", "written_at"),
    (Commitment, "promised_by", "written_at"),
    (Commitment, "promised_by", "kept_at"),
    (Commitment, "promised_by", "changed_at"),
    (Consent, "member", "given_at"),
    (Remark, "member", "said_at"),
)


def last_sign() -> Greatest:
    """What a membership did last, whatever it was; joining counts."""
    return Greatest(
        F("joined_at"),
        *(
            Subquery(
                model.objects.unsealed("that there was a sign, and no word of it")
                .filter(**{whose: OuterRef("pk")})
                .order_by()
                .values(whose)
                .annotate(last=Max(when))
                .values("last")
            )
            for model, whose, when in _SIGNS
        ),
    )


class QuietQuerySet(PrivateQuerySet):
    def still(self) -> Self:
        """Waiting, of people who sit here and have done nothing since."""
        silent = (
            Membership.objects.active()
            .filter(pk=OuterRef("membership"))
            .annotate(last_sign=last_sign())
            .filter(last_sign__lte=OuterRef("since"))
        )
        return self.waiting().filter(Exists(silent))

    def waiting(self) -> Self:
        """Nobody has called, and the person has not said that none is needed."""
        return self.filter(called_at=None).exclude(answer=Quiet.Answer.WELL)


class Quiet(MineOnly):
    """The person is told first. Facilitators get a note to call, and no more of it:

    neither since when, nor what was missed. It ends with whatever the person does next.
    """

    class Answer(models.TextChoices):
        NONE = "", _("nothing yet")
        WELL = "well", _("no call is needed")
        CALL = "call", _("please call")

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="+")
    membership = models.ForeignKey(
        Membership, on_delete=models.CASCADE, related_name="+"
    )
    since = models.DateTimeField()
    told_at = models.DateTimeField(default=timezone.now)
    # As it was when the person was told; another charter changes nothing of it.
    call_from = models.DateTimeField()
    answer = models.CharField(max_length=4, choices=Answer, blank=True, default="")
    called_at = models.DateTimeField(null=True, blank=True)

    objects = QuietQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "since"], name="quiet_told_once"
            ),
            models.CheckConstraint(
                name="quiet_is_told_before_the_call",
                condition=Q(told_at__lte=F("call_from")),
            ),
        ]

    class Privacy:
        whose = "person"
        export = ("since", "told_at", "answer")
        on_erase = "delete"
