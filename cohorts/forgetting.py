"""What a call told everybody: answers are kept until a day, then deleted, unless
their person joined. The day is the leads' to say; the deleting does itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from cohorts import attachments
from cohorts.models import (
    AnswerFile,
    Application,
    Draft,
    DraftFile,
    Intake,
    IntakePhase,
    Invitation,
)
from people.models import record

# So many at a time: each stretch is a transaction of its own.
STRETCH = 200
OVER = "the day until which answers are kept is over"


def calls_to_forget(*, now: datetime) -> QuerySet[Intake]:
    """Whose day has ended everywhere, and of which nothing goes on any more.

    A day that was set too early by mistake deletes nothing while people still apply,
    read, decide or answer.
    """
    going_on = IntakePhase.objects.filter(intake=OuterRef("pk"), closes_at__gt=now)
    return (
        Intake.objects.filter(
            ~Exists(going_on), kept_until__lt=(now - timedelta(days=1)).date()
        )
        .select_related("program")
        .order_by("pk")
    )


def is_over(intake: Intake, *, now: datetime) -> bool:
    """Whether the answers of this call are kept no longer."""
    return (
        intake.kept_until is not None
        and intake.kept_until < now.date()
        and calls_to_forget(now=now).filter(pk=intake.pk).exists()
    )


def forget(*, now: datetime) -> int:
    """Delete what is kept no longer; how many applications. Harmless twice."""
    gone = 0
    for intake in calls_to_forget(now=now):
        here = 0
        while stretch := _one_stretch(intake):
            here += stretch
        _forget_drafts(intake)
        if here:
            record(
                "applications.forget", by=None, about=intake, place=intake.program_id
            )
        gone += here
    return gone


def to_forget(intake: Intake) -> QuerySet[Application]:
    """Of those who did not join. Who sat in a cohort keeps the words they sent."""
    joined = Invitation.objects.unsealed("who joined by their application").filter(
        application=OuterRef("pk"), membership__isnull=False
    )
    return Application.objects.unsealed(OVER).filter(~Exists(joined), intake=intake)


@transaction.atomic
def _one_stretch(intake: Intake) -> int:
    keys: list[UUID] = list(
        to_forget(intake)
        .select_for_update(of=("self",))
        .order_by("pk")
        .values_list("pk", flat=True)[:STRETCH]
    )
    attachments.drop(AnswerFile.objects.unsealed(OVER).filter(application__in=keys))
    Application.objects.unsealed(OVER).filter(pk__in=keys).delete()
    return len(keys)


@transaction.atomic
def _forget_drafts(intake: Intake) -> None:
    """What was begun and never sent."""
    drafts = Draft.objects.unsealed(OVER).filter(intake=intake, sent_as=None)
    attachments.drop(DraftFile.objects.unsealed(OVER).filter(draft__in=drafts))
    drafts.delete()
