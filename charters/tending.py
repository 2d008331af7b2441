"""What the clock does to repair conversations: escalate, end, and erase."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from charters import notices
from charters.course import CHECK, OPEN, TWO, UNDER_WAY, Part, State
from charters.holding import (
    answer_by,
    gone_from,
    hold,
    keep,
    may_be_here,
    move,
    pressed,
    tell,
    without_third,
)
from charters.models import (
    HOLD_WORDS,
    RepairAside,
    RepairCase,
    RepairConcern,
    RepairOverdue,
    day_in,
)
from charters.support import leads_of
from cohorts.models import Appointment, Membership
from people import outbox
from people.models import OutboxMessage, record
from people.wall_time import local_day

CLOCK_ACTS = "the clock acts for nobody in particular"

LAPSES_AFTER = timedelta(days=30)
DRAFT_KEPT = timedelta(days=30)
CHECK_WAITS = timedelta(days=14)
COUNTED_FOR = timedelta(days=550)
A_DAY = timedelta(days=1)


def tend(*, now: datetime) -> None:
    """Escalate, lapse, part, ask to look back. A tick that comes twice does no more.

    Says nothing of what it did: a number would tell that there is something.
    """
    due = (
        RepairCase.objects.unsealed(CLOCK_ACTS)
        .open()
        .filter(
            Q(answer_by__lte=now, third_told_at=None)
            | Q(third_answer_by__lte=now)
            | Q(third_due_at__lte=now)
            | Q(state__in=UNDER_WAY, moved_at__lte=now - LAPSES_AFTER)
            | Q(state=State.SETTLED, check_back_on__lte=local_day(now, "UTC") + A_DAY)
            | ~Exists(_seat_of("asker"))
            | ~Exists(_seat_of("addressee"))
            | Q(~Exists(_seat_of("third")), ~Exists(_task_of_third()), ~Q(third=None))
        )
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    for pk in list(due):
        _tend(pk, now=now)
    RepairConcern.objects.unsealed(CLOCK_ACTS).filter(
        written_at__lte=now - DRAFT_KEPT
    ).delete()


def _seat_of(part: str) -> Any:
    return Membership.objects.active().filter(
        cohort=OuterRef("cohort"), person=OuterRef(part)
    )


def _task_of_third() -> Any:
    return Appointment.objects.active().filter(
        program=OuterRef("cohort__program"),
        person=OuterRef("third"),
        role=Appointment.Role.THIRD_PARTY,
    )


@transaction.atomic
def _tend(pk: UUID, *, now: datetime) -> None:
    case, _part = hold(RepairCase(pk=pk), by=None)
    if case.state not in OPEN:
        return
    if gone_from(case):
        move(case, "part", part="clock", now=now)
        for who in Part.values:
            tell(notices.REPAIR_NEWS, case, who, now=now)
        keep(case, now=now)
        return
    # Before its third is looked after, which would count as something that happened:
    # after a clock that stood still for long, thirty days without the two are enough.
    lapsed = case.state in UNDER_WAY and case.moved_at <= now - LAPSES_AFTER
    if not lapsed and case.third_id is not None and not may_be_here(case, Part.THIRD):
        without_third(case, now=now)
        keep(case, now=now)
    if case.state == State.SETTLED:
        _look_at_the_day(case, now=now)
        return
    if lapsed:
        move(case, "lapse", part="clock", now=now)
        for who in Part.values:
            tell(notices.REPAIR_NEWS, case, who, now=now)
        keep(case, now=now)
        return
    _escalate(case, now=now)
    if case.third_due_at is not None and case.third_due_at <= now:
        # The two may wait for them, or choose somebody else.
        for part in TWO if case.state != State.ASKED else TWO[:1]:
            tell(
                notices.REPAIR_NEWS,
                case,
                part,
                now=now,
                key=f"{case.pk}:{case.third_due_at}:no third:{case.third_id}",
            )
        case.third_due_at = None
        case.save(update_fields=["third_due_at"])


def _look_at_the_day(case: RepairCase, *, now: datetime) -> None:
    assert case.check_back_on is not None
    today = day_in(case.cohort, now)
    if today >= case.check_back_on + CHECK_WAITS:
        move(case, "pass_by", part="clock", now=now)
        keep(case, now=now)
    elif today >= case.check_back_on:
        answered = pressed(case, CHECK)
        for part in TWO:
            if part not in answered:
                tell(
                    notices.REPAIR_CHECK_BACK,
                    case,
                    part,
                    now=now,
                    key=f"{case.pk}:{case.round}:{case.check_back_on}",
                )


def _escalate(case: RepairCase, *, now: datetime) -> None:
    """Two working days of the one asked, then of the third, then the program's lead.

    The lead comes in for the first answer only, and learns whom to call, no more.
    """
    if case.answer_by is None or case.answer_by > now:
        return
    if case.third_told_at is None:
        case.third_told_at = now
        if case.third is None:
            _tell_of_silence(case, now=now)
        else:
            if case.state == State.ASKED:
                case.third_answer_by = answer_by(case.third, now=now)
            tell(
                notices.REPAIR_THIRD_OVERDUE,
                case,
                Part.THIRD,
                now=now,
                key=f"{case.pk}:{case.answer_by.isoformat()}:{case.third_id}",
            )
        # Not `keep`: that a clock struck is nothing that happened between the two.
        case.save(update_fields=["third_told_at", "third_answer_by"])
    elif (
        case.state == State.ASKED
        and case.third is not None
        and case.third_answer_by is not None
        and case.third_answer_by <= now
    ):
        _tell_the_leads(case, now=now)


def _tell_the_leads(case: RepairCase, *, now: datetime) -> None:
    concerned = {case.asker_id, case.addressee_id, case.third_id, *case.left_out}
    leads = leads_of(case.cohort.program)
    case.third_answer_by = None
    # Whoever leads the program and is in it themselves must not read it there either.
    if leads and not any(lead.pk in concerned for lead in leads):
        assert case.third is not None
        case.overdue = RepairOverdue.objects.create(
            program=case.cohort.program, whom=case.third, since=now
        )
        for lead in leads:
            outbox.queue(
                notices.REPAIR_OVERDUE,
                to=lead,
                about=case.overdue,
                key=str(case.overdue.pk),
                send_after=now,
            )
    else:
        _tell_of_silence(case, now=now)
    case.save(update_fields=["third_answer_by", "overdue"])


def _tell_of_silence(case: RepairCase, *, now: datetime) -> None:
    tell(
        notices.REPAIR_NEWS,
        case,
        Part.ASKER,
        now=now,
        key=f"{case.pk}:{case.answer_by}:silence:{case.third_id}",
    )


def erase_what_is_due(*, now: datetime) -> None:
    """Empty every column of words thirty days after the check-back, and forget who.

    That the clock came by is written down each time, whether there was anything to
    erase or not, and without a number: only so does the record tell nobody anything.
    """
    due = (
        RepairCase.objects.unsealed(CLOCK_ACTS)
        .filter(erased_at=None, erase_at__lte=now)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    for pk in list(due):
        _erase(pk, now=now)
    # The empty rows are counted in bands for a while; then they go, too.
    RepairCase.objects.unsealed(CLOCK_ACTS).filter(
        state=State.ERASED, erased_at__lte=now - COUNTED_FOR
    ).delete()
    record("clock.erase_words", by=None)


@transaction.atomic
def _erase(pk: UUID, *, now: datetime) -> None:
    case, _part = hold(RepairCase(pk=pk), by=None)
    if case.erased_at is not None or case.erase_at is None or case.erase_at > now:
        return
    if case.state == State.SETTLED:
        move(case, "pass_by", part="clock", now=now)
    for model in HOLD_WORDS:
        model.objects.unsealed(CLOCK_ACTS).filter(case=case).update(  # type: ignore[attr-defined]
            words="", author=None
        )
    RepairAside.objects.unsealed(CLOCK_ACTS).filter(case=case).update(to=None)
    move(case, "erase", part="clock", now=now)
    # The messages said nothing, but that there were some is forgotten with the rest.
    OutboxMessage.objects.filter(
        about_id=case.pk, notice__in=outbox.discreet()
    ).delete()
    case.asker = case.addressee = case.third = None
    case.left_out = []
    case.erased_at = now
    case.save()
