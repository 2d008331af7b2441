"""One repair conversation, held while something is done to it.

What its answer, its gates, its agreements and its clock have in common. Nothing here is
written into the house's record of acts: that there is a conversation is a secret of the
three in it. What happened stands in the case itself, and goes with its words.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from charters import notices
from charters.course import CHECK, MOVES, OPEN, TWO, Part, State, Way
from charters.models import (
    KEPT_AFTER,
    RepairAgreement,
    RepairAside,
    RepairCase,
    RepairOverdue,
    RepairPress,
    RepairSaying,
)
from cohorts.models import Appointment, Membership
from people import outbox
from people.models import User, create_once
from people.refusal import Refused
from people.working import after

ACTING = "the act is judged against the whole conversation"

ANSWER_DAYS = 2


def answer_by(person: User, *, now: datetime) -> datetime:
    """Two working days on where this person lives, in their own week.

    Whoever is away is waited for no longer: then the third person hears of it.
    """
    return after(person, ANSWER_DAYS, now=now, with_absence=False)


def hold(case: RepairCase, *, by: User | None) -> tuple[RepairCase, str]:
    """The row, held until the act is done, and the part of whoever acts."""
    held = (
        RepairCase.objects.unsealed(ACTING)
        .select_for_update(of=("self",))
        .select_related("cohort__program", "asker", "addressee", "third")
        .get(pk=case.pk)
    )
    if by is None:
        return held, ""
    part = held.part_of(by)
    if not part or not may_be_here(held, part):
        raise Refused(_("Only the people in this conversation can do that."))
    if held.state in OPEN and part != Part.THIRD and gone_from(held):
        raise Refused(
            _(
                "The other one has left this circle, so the conversation has ended. "
                "What was said can be read for thirty days."
            )
        )
    return held, part


def may_be_here(case: RepairCase, part: str) -> bool:
    """The two sit in the circle; the third does too, or is appointed for repair."""
    person = case.who(part)
    seated = Membership.objects.active().filter(cohort=case.cohort_id, person=person)
    if seated.exists():
        return True
    return (
        part == Part.THIRD
        and Appointment.objects.active()
        .filter(
            program=case.cohort.program_id,
            person=person,
            role=Appointment.Role.THIRD_PARTY,
        )
        .exists()
    )


def gone_from(case: RepairCase) -> bool:
    """Whether one of the two has left the circle."""
    seated = Membership.objects.active().filter(
        cohort=case.cohort_id, person__in=(case.asker_id, case.addressee_id)
    )
    return seated.count() < 2


def keep(case: RepairCase, *, now: datetime) -> RepairCase:
    """What happened between the people in it, as a new edition of the page."""
    case.moved_at = now
    case.edition += 1
    case.save()
    return case


def move(case: RepairCase, name: str, *, part: str, now: datetime) -> None:
    """Along one line of the table; what hangs on leaving a state is done here."""
    line = MOVES[name]
    if case.state not in line.of or part not in line.whose:
        raise Refused(
            _("The conversation has moved on since you opened this page. Have a look.")
        )
    if case.state == State.ASKED and case.overdue_id is not None:
        RepairOverdue.objects.unsealed(ACTING).filter(pk=case.overdue_id).delete()
        case.overdue = None
    case.state = line.to
    if line.to != State.ASKED:
        case.answer_by = case.third_told_at = case.third_answer_by = None
    if line.to == State.ENDED:
        case.ending = line.ending
        case.ended_at = now
        case.held_at, case.held_by = None, ""
        # From the day of the check-back, or from the end, if that comes before it.
        case.erase_at = min(case.erase_at or now + KEPT_AFTER, now + KEPT_AFTER)


def rest(case: RepairCase, *, part: str, now: datetime) -> None:
    """A pause: the clock of the step stands still."""
    move(case, "pause", part=part, now=now)
    case.held_at, case.held_by = now, part


def without_third(case: RepairCase, *, now: datetime) -> None:
    """The third is out of it; a talk under way rests until there is another."""
    if case.state == State.TALKING:
        rest(case, part=Part.THIRD, now=now)
    if case.overdue_id is not None:
        RepairOverdue.objects.unsealed(ACTING).filter(pk=case.overdue_id).delete()
        case.overdue = None
    case.third = case.third_willing_at = case.third_due_at = None
    tell(notices.REPAIR_NEWS, case, Part.ASKER, now=now)
    if case.state != State.ASKED:
        tell(notices.REPAIR_NEWS, case, Part.ADDRESSEE, now=now)


def write(
    case: RepairCase,
    *,
    by: User,
    kind: str,
    words: str,
    lang: str,
    now: datetime,
    client_key: UUID | None = None,
) -> bool:
    """Words to the other one: through the third where the two stay apart.

    Returns whether they are new; the same form sent again says nothing more.
    """
    if not words.strip():
        return False
    shared: dict[str, Any] = {
        "client_key": client_key,
        "author": by,
        "cohort_id": case.cohort_id,
        "case": case,
        "kind": kind,
        "words": words.strip(),
        "lang": lang,
        "said_at": now,
    }
    apart = case.way == Way.SHUTTLE and case.part_of(by) in TWO
    if apart and case.third_id is not None:
        _aside, made = create_once(RepairAside, to_id=case.third_id, **shared)
        return made
    _saying, made = create_once(
        RepairSaying, round=case.round, step=case.step, **shared
    )
    return made


def ask(part: str, *, now: datetime, **values: Any) -> tuple[RepairAgreement, bool]:
    """A request as a row; whoever asks has said yes to it."""
    yes: dict[str, Any] = {f"{part}_yes_at": now}
    return create_once(RepairAgreement, **values, **yes)


def pressed(case: RepairCase, step: int | None = None) -> set[str]:
    """Who of the two has opened the gate of this step, in this attempt."""
    at = case.step if step is None else step
    return set(
        RepairPress.objects.unsealed("gates are judged by every press")
        .filter(
            case=case,
            round=case.round,
            step=at,
            attempt=case.attempt if at != CHECK else 1,
        )
        .values_list("part", flat=True)
    )


def tell(
    notice: outbox.Notice,
    case: RepairCase,
    part: str,
    *,
    now: datetime,
    key: str = "",
) -> None:
    """Once for each act, before `keep`. What is no act needs a `key` of its own."""
    person = case.who(part)
    if person is None:
        return
    outbox.queue(
        notice,
        to=person,
        about=case,
        key=key or f"{case.pk}:{case.edition}",
        send_after=now,
    )
