"""What a lapsed charter stops, and what goes on when it is revived.

Rounds that are asking when a charter lapses stand still with it. When its review is
held they get back the time they had left: nobody loses days in which the charter
could decide nothing.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import F, QuerySet

from charters.models import (
    OPENS_BEFORE,
    CharterVersion,
    ConsentRound,
    QuarterlyReview,
    RoundReminder,
    day_in,
    months_after,
)
from cohorts.models import Cohort
from people.prepared import prepared, the_one

ACTING = "what has lapsed is known to whoever may read the charter"


def lapsed_review(cohort: Cohort) -> QuarterlyReview | None:
    """The review that nobody held, where the charter has lapsed. One query."""
    return the_one(_lapsed_in(cohort))


@prepared
def _lapsed_in(cohort: Cohort) -> QuerySet[QuarterlyReview]:
    return QuarterlyReview.objects.unsealed(ACTING).of(cohort).lapsed()


def plan_anew(cohort: Cohort, *, months: int, before: int, now: datetime) -> None:
    """The circle agreed on another rhythm: its next review keeps to that one.

    A day that somebody chose stays, and so does one whose review is open already. At
    least the days in which members write are left.
    """
    if months == before:
        return
    reviews = QuarterlyReview.objects.unsealed(ACTING).of(cohort)
    awaited = reviews.awaited().filter(opened_at=None).first()
    if awaited is None:
        return
    last = reviews.exclude(held_at=None).order_by("-held_at").first()
    first = CharterVersion.objects.unsealed(ACTING).of(cohort).get(number=1)
    begun = day_in(cohort, last.held_at if last and last.held_at else first.adopted_at)
    if awaited.due_on != months_after(begun, before):
        return
    soonest = day_in(cohort, now) + OPENS_BEFORE
    awaited.due_on = max(months_after(begun, months), soonest)
    awaited.save(update_fields=["due_on"])


def pause_rounds(cohort: UUID, *, now: datetime) -> int:
    """Stop the clock of every round whose window is open; return how many."""
    return (
        ConsentRound.objects.unsealed(ACTING)
        .asking(now)
        .filter(cohort=cohort)
        .update(paused_at=now)
    )


def resume_rounds(cohort: UUID, *, now: datetime) -> list[ConsentRound]:
    """Give each paused round the time it had left; they are returned.

    What was reminded of stays reminded: the window is the same one, only later.
    """
    paused = list(
        ConsentRound.objects.unsealed(ACTING)
        .open()
        .select_for_update()
        .filter(cohort=cohort)
        .exclude(paused_at=None)
        .order_by("closes_at", "pk")
    )
    for asked in paused:
        assert asked.paused_at is not None
        stood = now - asked.paused_at
        RoundReminder.objects.unsealed(ACTING).filter(
            round=asked, closes_at=asked.closes_at
        ).update(closes_at=F("closes_at") + stood)
        asked.closes_at += stood
        asked.paused_for += stood
        asked.paused_at = None
        asked.save(update_fields=["closes_at", "paused_for", "paused_at"])
    return paused
