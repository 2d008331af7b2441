"""Promises members make to their cohort, and what becomes of them.

Kept, let go, or changed into a later one: each is an honest end, said aloud.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cohorts.models import Membership
from people import outbox
from people.models import User, create_once, record
from people.refusal import Refused, SentBefore
from people.wall_time import DAY, morning_of, wall_to_utc
from sessions.models import Commitment, CommitmentQuerySet, RitualSession, stir
from sessions.notices import COMMITMENT_DUE
from sessions.tongues import language_of

REMIND_BEFORE = timedelta(days=2)
# A morning is planned this much ahead of its hour: beat comes once an hour.
PLAN_AHEAD = timedelta(hours=1)
BATCH = 500


@transaction.atomic
def make(
    *,
    by: Membership,
    promise: str,
    due_on: date,
    evidence_of_done: str = "",
    lang: str = "",
    session: RitualSession | None = None,
    client_key: UUID | None = None,
    now: datetime | None = None,
) -> Commitment:
    by.cohort.must_be_open()
    commitment, is_new = create_once(
        Commitment,
        client_key=client_key,
        cohort=by.cohort,
        promised_by=by,
        promise=promise,
        due_on=due_on,
        evidence_of_done=evidence_of_done,
        lang=language_of(promise, lang),
        session=session,
        written_at=now or timezone.now(),
    )
    if is_new:
        stir(session)
        record("commitment.make", by=by.person, about=commitment, place=by.cohort_id)
    elif (commitment.promise, commitment.due_on) != (promise, due_on):
        raise SentBefore(commitment)
    return commitment


def keep(
    commitment: Commitment, *, by: User, outcome: str = "", at: datetime | None = None
) -> Commitment:
    """Mark a promise kept. Only the person who made it may say so."""
    return _end(commitment, "kept_at", by=by, outcome=outcome, at=at)


def release(
    commitment: Commitment, *, by: User, outcome: str = "", at: datetime | None = None
) -> Commitment:
    """Let a promise go, with a word on why if one likes."""
    return _end(commitment, "released_at", by=by, outcome=outcome, at=at)


@transaction.atomic
def reopen(commitment: Commitment, *, by: User) -> Commitment:
    """Take back "kept" or "let go", said by mistake."""
    commitment = _locked(commitment, by=by)
    if commitment.changed_at:
        raise Refused(
            _("This promise was changed into a later one; change that one instead.")
        )
    if not commitment.is_open:
        commitment.kept_at = commitment.released_at = None
        commitment.outcome = ""
        commitment.save(update_fields=["kept_at", "released_at", "outcome"])
        record("commitment.reopen", by=by, about=commitment, place=commitment.cohort_id)
    return commitment


@transaction.atomic
def change(
    commitment: Commitment,
    *,
    by: User,
    promise: str,
    due_on: date,
    evidence_of_done: str = "",
    client_key: UUID | None = None,
    at: datetime | None = None,
) -> Commitment:
    """Say it differently, or by another day: a new promise that renews this one.

    The earlier words stay readable. Returns the new promise; sent again, the same.
    """
    commitment = _locked(commitment, by=by)
    later = (
        Commitment.objects.unsealed("what became of one's own promise")
        .filter(renews=commitment)
        .first()
    )
    if later is not None and later.client_key == client_key:
        return later
    if not commitment.is_open:
        raise Refused(_("This promise has ended already. Make a new one instead."))
    at = at or timezone.now()
    commitment.changed_at = at
    commitment.save(update_fields=["changed_at"])
    later = Commitment(
        cohort_id=commitment.cohort_id,
        promised_by=commitment.promised_by,
        session_id=commitment.session_id,
        promise=promise,
        due_on=due_on,
        evidence_of_done=evidence_of_done,
        lang=language_of(promise, commitment.lang),
        renews=commitment,
        written_at=at,
    )
    if client_key:
        later.client_key = client_key
    later.save(force_insert=True)
    record("commitment.change", by=by, about=later, place=commitment.cohort_id)
    return later


def renew(
    commitment: Commitment,
    *,
    by: User,
    due_on: date,
    client_key: UUID | None = None,
    at: datetime | None = None,
) -> Commitment:
    """The same promise, by a new day."""
    return change(
        commitment,
        by=by,
        promise=commitment.promise,
        evidence_of_done=commitment.evidence_of_done,
        due_on=due_on,
        client_key=client_key,
        at=at,
    )


@transaction.atomic
def tick(
    *, by: User, kept: Iterable[Commitment], reopened: Iterable[Commitment] = ()
) -> int:
    """What a list of ticks says: these are kept, those not after all."""
    changed = 0
    for commitment in kept:
        was_open = commitment.is_open
        changed += was_open and not keep(commitment, by=by).is_open
    for commitment in reopened:
        changed += not commitment.is_open and reopen(commitment, by=by).is_open
    return changed


@transaction.atomic
def _end(
    commitment: Commitment, how: str, *, by: User, outcome: str, at: datetime | None
) -> Commitment:
    """Close it in one way; said twice it changes nothing, another way is refused."""
    commitment = _locked(commitment, by=by)
    if getattr(commitment, how) is not None:
        if outcome and not commitment.outcome:
            commitment.outcome = outcome
            commitment.save(update_fields=["outcome"])
        return commitment
    if not commitment.is_open:
        raise Refused(_("This promise has ended already."))
    setattr(commitment, how, at or timezone.now())
    commitment.outcome = outcome
    commitment.save(update_fields=[how, "outcome"])
    act = {"kept_at": "commitment.keep", "released_at": "commitment.release"}[how]
    record(act, by=by, about=commitment, place=commitment.cohort_id)
    return commitment


def _locked(commitment: Commitment, *, by: User) -> Commitment:
    """The row as it stands, held until the act is done."""
    current = (
        Commitment.objects.unsealed("its own maker acts on it; asked below")
        .select_for_update(of=("self",))
        .select_related("cohort", "promised_by__person")
        .get(pk=commitment.pk)
    )
    maker = current.promised_by
    if maker.person_id != by.pk or maker.left_at is not None:
        raise Refused(_("Only the person who promised can say what became of it."))
    current.cohort.must_be_open()
    return current


# --- Reminders -------------------------------------------------------------------


def remind_of_commitments(*, now: datetime) -> int:
    """Plan the mails of two days before and of the morning; returns how many.

    Called every hour, since mornings differ. A tick that comes twice, or late,
    plans nothing twice: the row remembers the day, and the outbox its key.
    """
    planned = 0
    maybe_due = _maybe_due(now=now).iterator(chunk_size=BATCH)
    while batch := list(islice(maybe_due, BATCH)):
        with transaction.atomic():
            planned += sum(_remind(commitment, now=now) for commitment in batch)
    return planned


def day_to_remind(commitment: Commitment, *, now: datetime) -> date | None:
    """The day whose reminder is due now; None when there is nothing to say.

    Somebody who promises at noon something for today needs no mail about it.
    """
    zone = commitment.promised_by.person.timezone
    for day in (commitment.due_on, commitment.due_on - REMIND_BEFORE):
        morning = morning_of(day, zone)
        if (
            (commitment.reminded_on is None or commitment.reminded_on < day)
            and commitment.written_at < morning <= now + PLAN_AHEAD
            and now < _end_of(day, zone)
        ):
            return day
    return None


def _maybe_due(*, now: datetime) -> CommitmentQuerySet:
    """Open promises near enough, in any zone; the person's own morning decides."""
    today = now.date()
    return (
        Commitment.objects.unsealed("reminders go to each promise's own maker")
        .due_between(today - DAY, today + REMIND_BEFORE + DAY)
        .filter(
            Q(reminded_on=None) | Q(reminded_on__lt=F("due_on")),
            promised_by__left_at=None,
            promised_by__person__is_active=True,
            cohort__finished_at=None,
        )
        .select_related("promised_by__person")
        .order_by("due_on", "pk")
    )


def _remind(commitment: Commitment, *, now: datetime) -> bool:
    day = day_to_remind(commitment, now=now)
    if day is None:
        return False
    person = commitment.promised_by.person
    is_the_day = day == commitment.due_on
    outbox.queue(
        COMMITMENT_DUE,
        to=person,
        about=commitment,
        key=f"{commitment.pk}:{day}",
        send_after=morning_of(day, person.timezone),
        # Held back by quiet hours, the first gives way to the second.
        not_after=_end_of(day, person.timezone)
        if is_the_day
        else morning_of(commitment.due_on, person.timezone),
    )
    commitment.reminded_on = day
    commitment.save(update_fields=["reminded_on"])
    return True


def _end_of(day: date, zone: str) -> datetime:
    return wall_to_utc(day + DAY, time(0), zone)
