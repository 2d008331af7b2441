"""What the two ask of each other, and the day on which they look whether it holds."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from charters import notices
from charters.course import CHECK, LAST, TWO, Ending, Part, State, Way
from charters.holding import ACTING, ask, hold, keep, move, pressed, tell, write
from charters.models import (
    RepairAgreement,
    RepairCase,
    RepairPress,
    RepairSaying,
    day_in,
)
from people.models import User
from people.refusal import Refused

FURTHEST_CHECK = timedelta(days=183)


@transaction.atomic
def request(
    case: RepairCase,
    *,
    by: User,
    words: str,
    now: datetime,
    lang: str = "en",
    client_key: UUID | None = None,
) -> RepairAgreement | None:
    """Ask for something. Whoever asks has said yes to it.

    Apart, it goes to the third, and is an agreement to be once they carry it over.
    """
    case, part = hold(case, by=by)
    if part not in TWO or case.state not in (State.TALKING, State.PAUSED):
        raise Refused(_("Requests are made by the two, in the conversation."))
    if case.way == Way.SHUTTLE:
        if case.third_id is None:
            raise Refused(_("Choose a third person first."))
        made = write(
            case,
            by=by,
            kind=RepairSaying.Kind.ASKED,
            words=words,
            lang=lang,
            now=now,
            client_key=client_key,
        )
        if made:
            tell(notices.REPAIR_NEWS, case, Part.THIRD, now=now)
            keep(case, now=now)
        return None
    asked, made = ask(
        part,
        now=now,
        client_key=client_key,
        author=by,
        cohort_id=case.cohort_id,
        case=case,
        round=case.round,
        words=words.strip(),
        lang=lang,
        said_at=now,
    )
    if made:
        if case.way != Way.ROOM:
            tell(notices.REPAIR_NEWS, case, case.other(part), now=now)
        keep(case, now=now)
    return asked


def _hold_agreement(agreement: RepairAgreement, case: RepairCase) -> RepairAgreement:
    return (
        RepairAgreement.objects.unsealed(ACTING)
        .select_for_update()
        .get(pk=agreement.pk, case=case)
    )


@transaction.atomic
def say_yes(
    agreement: RepairAgreement, *, by: User, edition: int, now: datetime
) -> RepairAgreement:
    """To the words on the page; words that changed since are read first."""
    case, part = hold(RepairCase(pk=agreement.case_id), by=by)
    held = _hold_agreement(agreement, case)
    if part not in TWO or case.state not in (State.TALKING, State.PAUSED):
        raise Refused(_("The two say yes to it, in the conversation."))
    if held.edition != edition or held.dropped_at is not None:
        raise Refused(_("The words changed since you opened this page. Read again."))
    if not held.said_yes(part):
        setattr(held, f"{part}_yes_at", now)
        held.save()
        keep(case, now=now)
    return held


@transaction.atomic
def word_otherwise(
    agreement: RepairAgreement,
    *,
    by: User,
    words: str,
    now: datetime,
    edition: int | None = None,
) -> RepairAgreement:
    """Other words, from either; the yes of the other one was to the old ones."""
    case, part = hold(RepairCase(pk=agreement.case_id), by=by)
    held = _hold_agreement(agreement, case)
    if part not in TWO or case.state not in (State.TALKING, State.PAUSED):
        raise Refused(_("The two word it, in the conversation."))
    if held.dropped_at is not None:
        raise Refused(_("This was dropped. Ask anew if you want it."))
    if edition not in (None, held.edition):
        raise Refused(_("The words changed since you opened this page. Read again."))
    if case.way == Way.SHUTTLE:
        raise Refused(_("Ask anew in your words; the third person carries it over."))
    if held.words != words.strip():
        held.words = words.strip()
        held.asker_yes_at = held.addressee_yes_at = None
        setattr(held, f"{part}_yes_at", now)
        held.edition += 1
        held.save()
        keep(case, now=now)
    return held


@transaction.atomic
def drop_request(agreement: RepairAgreement, *, by: User, now: datetime) -> None:
    """Not this. What both have agreed on before stays as it is."""
    case, part = hold(RepairCase(pk=agreement.case_id), by=by)
    held = _hold_agreement(agreement, case)
    if part not in TWO or case.state not in (State.TALKING, State.PAUSED):
        raise Refused(_("The two drop it, in the conversation."))
    if held.dropped_at is None:
        held.dropped_at = now
        held.save()
        keep(case, now=now)


@transaction.atomic
def name_day(case: RepairCase, *, by: User, day: date, now: datetime) -> RepairCase:
    """Name the day of the check-back; the other one opens the last gate to it."""
    case, part = hold(case, by=by)
    if part not in TWO or case.state != State.TALKING or case.step != LAST:
        raise Refused(_("The day is named at the last step, by one of the two."))
    today = day_in(case.cohort, now)
    if not today < day <= today + FURTHEST_CHECK:
        raise Refused(_("Choose a day still to come, within half a year."))
    if case.check_back_on == day and case.check_back_from != part:
        raise Refused(_("The other one named that day: open the gate to it."))
    case.check_back_on, case.check_back_from = day, part
    # So that a page which shows another day opens no gate.
    case.attempt += 1
    if case.way != Way.ROOM:
        tell(notices.REPAIR_NEWS, case, case.other(part), now=now)
    return keep(case, now=now)


@transaction.atomic
def look_back(
    case: RepairCase,
    *,
    by: User,
    holds: bool,
    now: datetime,
    words: str = "",
    lang: str = "en",
    client_key: UUID | None = None,
) -> RepairCase:
    """It holds, or there is more to say. It ends when both say that it holds."""
    case, part = hold(case, by=by)
    if case.state == State.ENDED and case.ending == Ending.KEPT:
        return case
    if part not in TWO or case.state != State.SETTLED:
        raise Refused(
            _("The conversation has moved on since you opened this page. Have a look.")
        )
    write(
        case,
        by=by,
        kind=RepairSaying.Kind.CHECK,
        words=words,
        lang=lang,
        now=now,
        client_key=client_key,
    )
    if not holds:
        move(case, "talk_again", part=part, now=now)
        case.round, case.step, case.attempt = case.round + 1, 0, 1
        case.check_back_on, case.check_back_from = None, ""
        case.erase_at = None
        tell(notices.REPAIR_NEWS, case, case.other(part), now=now)
        tell(notices.REPAIR_NEWS, case, Part.THIRD, now=now)
        return keep(case, now=now)
    RepairPress.objects.unsealed("one's own press").get_or_create(
        case=case,
        cohort_id=case.cohort_id,
        round=case.round,
        step=CHECK,
        attempt=1,
        part=part,
        defaults={"pressed_at": now},
    )
    if pressed(case, CHECK) >= set(TWO):
        move(case, "holds", part=part, now=now)
        tell(notices.REPAIR_NEWS, case, case.other(part), now=now)
    return keep(case, now=now)
