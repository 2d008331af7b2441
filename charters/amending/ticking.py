"""What the clock does: it reminds, and acts on rounds whose window is over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from charters import notices
from charters.amending.ending import adopt, taken_to_session
from charters.amending.permits import ACTING
from charters.amending.roll import rule_of, standing
from charters.models import (
    MOST_ROUNDS,
    ConsentRound,
    RoundReminder,
)
from cohorts.models import Membership
from people import outbox
from people.refusal import Refused


def settle(*, now: datetime) -> int:
    """Act on rounds whose window is over; return how many were adopted.

    What passed is adopted. What still meets an objection after the third round goes to
    a session. Everything else waits for its proposer, who is told once. What stands
    still with a lapsed charter is left alone.
    """
    adopted = 0
    over = (
        ConsentRound.objects.unsealed("the clock closes every cohort's rounds")
        .open()
        .filter(closes_at__lte=now, paused_at=None, cohort__finished_at=None)
        .select_related("amendment__proposer__person", "amendment__cohort")
        .order_by("closes_at", "pk")
    )
    for asked in over:
        stands = standing(asked, now=now)
        if stands.blocked and asked.number >= MOST_ROUNDS:
            taken_to_session(asked.amendment, now=now)
        elif stands.passed and rule_of(asked).ends_by_itself:
            try:
                adopt(asked.amendment, by=None, now=now)
            except Refused:  # lapsed, or changed in this very moment
                continue
            adopted += 1
        else:
            outbox.queue(
                notices.ROUND_ENDED,
                to=asked.amendment.proposer.person,
                about=asked,
                key=f"{asked.pk}:{asked.closes_at:%Y%m%d%H%M}",
                send_after=now,
            )
    return adopted


def remind(*, now: datetime) -> int:
    """Remind whoever has not answered; return how many reminders were new.

    Once when a fifth of the window is left; where silence counts, once more half way
    through, for it counts only after two.
    """
    new = 0
    asking = (
        ConsentRound.objects.unsealed(
            "reminders go to each member who has not answered"
        )
        .asking(now)
        .filter(cohort__finished_at=None)
        .select_related("amendment")
    )
    for asked in asking:
        due = [
            number
            for number, moment in reminder_moments(asked).items()
            if moment <= now
        ]
        if due:
            waiting = standing(asked, now=now).outcome.waiting_for
            new += _remind(asked, waiting, numbers=due, now=now)
    return new


def reminder_moments(asked: ConsentRound) -> dict[int, datetime]:
    moments = {2: asked.closes_at - asked.length / 5}
    if asked.silence_counts:
        moments[1] = asked.closes_at - asked.length / 2
    return moments


@transaction.atomic
def _remind(
    asked: ConsentRound,
    waiting: Iterable[Any],
    *,
    numbers: Iterable[int],
    now: datetime,
) -> int:
    new = 0
    held = ConsentRound.objects.unsealed(ACTING).select_for_update().get(pk=asked.pk)
    if held.closes_at != asked.closes_at or not held.is_asking(now):
        return 0  # answered, extended or paused in this very moment
    members = Membership.objects.filter(pk__in=list(waiting)).select_related("person")
    for member in members.order_by("pk"):
        for number in sorted(numbers):
            _row, made = RoundReminder.objects.unsealed(ACTING).get_or_create(
                round=asked,
                member=member,
                closes_at=asked.closes_at,
                number=number,
                defaults={
                    "cohort_id": asked.cohort_id,
                    "text_hash": asked.text_hash,
                    "reminded_at": now,
                },
            )
            if made:
                new += 1
                outbox.queue(
                    notices.ROUND_REMINDER,
                    to=member.person,
                    about=asked,
                    key=f"{asked.pk}:{asked.closes_at:%Y%m%d%H%M}:{number}",
                    send_after=now,
                    not_after=asked.closes_at,
                )
    return new
