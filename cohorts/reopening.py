"""Opening a finished cohort again: two signatures, or not at all.

People spoke in a circle that they saw closed. One person alone must not undo that,
and one hasty press must not end a circle for good: so it takes two of those who keep
it, a reason, and everyone in it is told.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cohorts.models import Cohort, Membership, Reopening
from cohorts.rights import must_keep
from cohorts.welcomes import REOPENED
from people import outbox
from people.models import User, record
from people.refusal import Refused


def waiting_for(cohort: Cohort, *, by: User, now: datetime) -> Reopening | None:
    """What waits for a second signature."""
    return (
        Reopening.objects.visible_to(by)
        .waiting(now)
        .filter(cohort=cohort)
        .select_related("asked_by", "cohort")
        .first()
    )


@transaction.atomic
def ask(cohort: Cohort, *, by: User, reason: str, now: datetime) -> Reopening:
    """The first signature. Asked while one waits, it stays that one."""
    must_keep(by, cohort)
    fresh = Cohort.objects.select_for_update().get(pk=cohort.pk)
    if not fresh.is_finished:
        raise Refused(_("This cohort is open."))
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why; whoever agrees reads it."))
    rows = Reopening.objects.unsealed("one question at a time").filter(cohort=cohort)
    waiting = rows.waiting(now).first()
    if waiting is not None:
        return waiting
    rows.filter(agreed_at=None, withdrawn_at=None).update(withdrawn_at=now)
    asked = Reopening.objects.create(
        cohort=cohort, asked_by=by, asked_at=now, reason=reason[:500]
    )
    record("cohort.ask_to_reopen", by=by, about=asked, place=cohort.pk)
    return asked


@transaction.atomic
def agree(asked: Reopening, *, by: User, now: datetime) -> Cohort:
    """The second signature opens the cohort. Signing twice changes nothing."""
    must_keep(by, asked.cohort)
    cohort = Cohort.objects.select_for_update().get(pk=asked.cohort_id)
    row = _locked(asked)
    if row.agreed_at is not None:
        return cohort
    if row.asked_by_id == by.pk:
        raise Refused(_("You asked; somebody else who keeps the cohort has to agree."))
    if row.withdrawn_at is not None or not (
        Reopening.objects.unsealed("whether it still waits")
        .waiting(now)
        .filter(pk=row.pk)
        .exists()
    ):
        raise Refused(_("This question is no longer asked. Ask it anew."))
    row.agreed_by, row.agreed_at = by, now
    row.save(update_fields=["agreed_by", "agreed_at"])
    cohort.finished_at = None
    cohort.save(update_fields=["finished_at"])
    seats = Membership.objects.active().filter(cohort=cohort).select_related("person")
    for seat in seats:
        outbox.queue(
            REOPENED, to=seat.person, about=row, key=str(row.pk), send_after=now
        )
    record("cohort.reopen", by=by, about=row, place=cohort.pk)
    return cohort


@transaction.atomic
def withdraw(asked: Reopening, *, by: User, now: datetime) -> None:
    """Take the question back, or say no to it: the cohort stays closed."""
    must_keep(by, asked.cohort)
    row = _locked(asked)
    if row.agreed_at is not None:
        raise Refused(_("The cohort has been opened meanwhile."))
    if row.withdrawn_at is None:
        row.withdrawn_at = now
        row.save(update_fields=["withdrawn_at"])
        record("cohort.stay_closed", by=by, about=row, place=row.cohort_id)


def _locked(asked: Reopening) -> Reopening:
    return (
        Reopening.objects.unsealed("the row that is being changed")
        .select_for_update(of=("self",))
        .get(pk=asked.pk)
    )
