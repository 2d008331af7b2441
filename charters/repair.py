"""Ask for a repair conversation, hold it through its gates, look back, forget it.

Nothing here is written into the house's record of acts: that there is a conversation
is a secret of the three in it. What happened stands in the case itself, and goes with
its words.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from charters import notices
from charters.course import (
    CHECK,
    LAST,
    MOVES,
    OPEN,
    TWO,
    UNDER_WAY,
    Ending,
    Part,
    State,
    Way,
)
from charters.models import (
    HOLD_WORDS,
    KEPT_AFTER,
    RepairAgreement,
    RepairAside,
    RepairCase,
    RepairConcern,
    RepairOverdue,
    RepairPress,
    RepairSaying,
    day_in,
)
from charters.support import Choice, choice_for, leads_of
from cohorts.models import Appointment, Cohort, Membership
from people import outbox
from people.models import OutboxMessage, User, create_once, record
from people.refusal import Refused
from people.wall_time import (
    MIDNIGHT,
    WorkingWeek,
    add_working_time,
    local_day,
    wall_to_utc,
)

ACTING = "the act is judged against the whole conversation"
CLOCK_ACTS = "the clock acts for nobody in particular"

WEEK = WorkingWeek()
ANSWER_HOURS = 2 * (WEEK.day_length / timedelta(hours=1))

LAPSES_AFTER = timedelta(days=30)
DRAFT_KEPT = timedelta(days=30)
CHECK_WAITS = timedelta(days=14)
FURTHEST_CHECK = timedelta(days=183)
MOST_EXTRA = timedelta(minutes=30)
COUNTED_FOR = timedelta(days=550)


def answer_by(person: User, *, now: datetime) -> datetime:
    """Two working days on, where this person lives."""
    return add_working_time(now, ANSWER_HOURS, person.timezone, WEEK)


# --- A concern, before anybody else knows of it -----------------------------------


@transaction.atomic
def note_down(
    *,
    by: Membership,
    addressee: Membership,
    happened: str,
    impact: str,
    now: datetime,
    wish: str = "",
    way: str = Way.ROOM.value,
    left_out: list[UUID] | None = None,
    lang: str = "en",
    client_key: UUID | None = None,
) -> RepairConcern:
    """Write it down for oneself. Nobody is told of anything."""
    by.cohort.must_be_open()
    _addressee_fits(by, addressee)
    concern, _made = create_once(
        RepairConcern,
        client_key=client_key,
        person=by.person,
        cohort=by.cohort,
        addressee_id=addressee.person_id,
        left_out=[pk for pk in left_out or [] if pk != addressee.person_id],
        happened=happened.strip(),
        impact=impact.strip(),
        wish=wish.strip(),
        way=way,
        lang=lang,
        written_at=now,
    )
    return concern


def _addressee_fits(by: Membership, addressee: Membership) -> None:
    if by.left_at is not None:
        raise Refused(_("Only people who sit in this circle can do that."))
    if addressee.cohort_id != by.cohort_id or addressee.left_at is not None:
        raise Refused(_("This person is not in your circle any more."))
    if addressee.person_id == by.person_id:
        raise Refused(_("A repair conversation is with somebody else."))


@transaction.atomic
def reword(
    concern: RepairConcern,
    *,
    by: Membership,
    addressee: Membership,
    happened: str,
    impact: str,
    wish: str,
    way: str,
    left_out: list[UUID],
    now: datetime,
) -> RepairConcern:
    """Other words for what nobody else has read yet."""
    concern = _own_concern(concern, by=by)
    _addressee_fits(by, addressee)
    concern.addressee_id = addressee.person_id
    concern.left_out = [pk for pk in left_out if pk != addressee.person_id]
    concern.happened, concern.impact = happened.strip(), impact.strip()
    concern.wish, concern.way = wish.strip(), way
    concern.written_at = now
    concern.edition += 1
    concern.save()
    return concern


@transaction.atomic
def drop(concern: RepairConcern, *, by: Membership) -> None:
    RepairConcern.objects.unsealed("one's own words").filter(
        pk=concern.pk, person=by.person_id
    ).delete()


def _own_concern(concern: RepairConcern, *, by: Membership) -> RepairConcern:
    held = (
        RepairConcern.objects.unsealed("one's own words")
        .select_for_update()
        .filter(pk=concern.pk, person=by.person_id, cohort=by.cohort_id)
        .first()
    )
    if held is None:
        raise Refused(_("You have sent this, or thrown it away."))
    return held


def thirds_for(concern: RepairConcern) -> Choice:
    """Whom of the support list one may choose, and who is left out by the concern."""
    return choice_for(
        concern.cohort,
        parties=(concern.person_id, concern.addressee_id),
        left_out=concern.left_out,
        words=(concern.happened, concern.impact, concern.wish),
    )


@transaction.atomic
def send(
    concern: RepairConcern, *, by: Membership, third: User, now: datetime
) -> RepairCase:
    """Ask the other one. Sending twice asks once."""
    try:
        concern = _own_concern(concern, by=by)
    except Refused:
        # Sent twice at the same moment: the other one went first.
        sent = (
            RepairCase.objects.unsealed("one's own form, sent again")
            .filter(pk=concern.pk, asker=by.person_id)
            .first()
        )
        if sent is None:
            raise
        return sent
    by.cohort.must_be_open()
    seat = (
        Membership.objects.active()
        .filter(cohort=concern.cohort_id, person=concern.addressee_id)
        .first()
    )
    if seat is None or by.left_at is not None:
        raise Refused(_("This person is not in your circle any more."))
    _may_be_asked_now(concern)
    if third not in thirds_for(concern).free:
        raise Refused(
            _(
                "Choose a third person who is on the support list and not part of the "
                "concern."
            )
        )
    case = RepairCase.objects.create(
        pk=concern.pk,
        cohort_id=concern.cohort_id,
        asker_id=concern.person_id,
        addressee_id=concern.addressee_id,
        third=third,
        left_out=concern.left_out,
        way=concern.way,
        asked_at=now,
        moved_at=now,
        answer_by=answer_by(concern.addressee, now=now),
    )
    for kind, words in (
        (RepairSaying.Kind.HAPPENED, concern.happened),
        (RepairSaying.Kind.IMPACT, concern.impact),
        (RepairSaying.Kind.WISH, concern.wish),
    ):
        if words:
            RepairSaying.objects.create(
                cohort_id=case.cohort_id,
                case=case,
                author_id=case.asker_id,
                kind=kind,
                words=words,
                lang=concern.lang,
                said_at=now,
            )
    concern.delete()
    _tell(notices.REPAIR_ASKED, case, Part.ADDRESSEE, now=now)
    _tell(notices.REPAIR_THIRD_ASKED, case, Part.THIRD, now=now)
    return case


def _may_be_asked_now(concern: RepairConcern) -> None:
    """One conversation of the same two at a time; and a no stands for a while.

    It stands until that case is forgotten: after thirty days nobody knows of it.
    """
    two = (concern.person_id, concern.addressee_id)
    between = RepairCase.objects.unsealed(ACTING).filter(
        asker__in=two, addressee__in=two
    )
    if between.open().exists():
        raise Refused(
            _(
                "There is a conversation of you two already. It is on the page of "
                "repair; go on there, or end it first."
            )
        )
    if between.filter(asker=concern.person_id, ending=Ending.LET_GO).exists():
        raise Refused(
            _(
                "They said no within the last thirty days, and that stands for now. "
                "Your words stay here. You can talk with somebody of the support list, "
                "or with the care contact."
            )
        )


# --- Holding it --------------------------------------------------------------------


def _hold(case: RepairCase, *, by: User | None) -> tuple[RepairCase, str]:
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
    if not part or not _may_be_here(held, part):
        raise Refused(_("Only the people in this conversation can do that."))
    if held.state in OPEN and part != Part.THIRD and gone_from(held):
        raise Refused(
            _(
                "The other one has left this circle, so the conversation has ended. "
                "What was said can be read for thirty days."
            )
        )
    return held, part


def _may_be_here(case: RepairCase, part: str) -> bool:
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


def _keep(case: RepairCase, *, now: datetime) -> RepairCase:
    case.moved_at = now
    case.edition += 1
    case.save()
    return case


def _move(
    case: RepairCase,
    name: str,
    *,
    part: str,
    now: datetime,
    ending: str | None = None,
) -> None:
    """Along one line of the table; what hangs on leaving a state is done here."""
    move = MOVES[name]
    if case.state not in move.of or part not in move.whose:
        raise Refused(
            _("The conversation has moved on since you opened this page. Have a look.")
        )
    if case.state == State.ASKED and case.overdue_id is not None:
        RepairOverdue.objects.unsealed(ACTING).filter(pk=case.overdue_id).delete()
        case.overdue = None
    case.state = move.to
    if move.to != State.ASKED:
        case.answer_by = case.third_told_at = case.third_answer_by = None
    if move.to == State.ENDED:
        case.ending = ending or move.ending
        case.ended_at = now
        case.held_at, case.held_by = None, ""
        # After a check-back was set its day counts, and it counts from the day itself.
        case.erase_at = case.erase_at or now + KEPT_AFTER


def _say(
    case: RepairCase,
    *,
    by: User,
    kind: str,
    words: str,
    lang: str,
    now: datetime,
    client_key: UUID | None = None,
) -> None:
    """Words to the other one: through the third where the two stay apart."""
    if not words.strip():
        return
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
        create_once(RepairAside, to_id=case.third_id, **shared)
    else:
        create_once(RepairSaying, round=case.round, step=case.step, **shared)


# --- The answer --------------------------------------------------------------------


@transaction.atomic
def accept(case: RepairCase, *, by: User, now: datetime, way: str = "") -> RepairCase:
    """Say yes, as asked or more apart. Saying it twice is saying it once."""
    case, part = _hold(case, by=by)
    if part == Part.ADDRESSEE and case.state == State.AGREED:
        return case
    _move(case, "accept", part=part, now=now)
    if way:
        _go_further_apart(case, way, now=now)
    _tell(notices.REPAIR_NEWS, case, Part.ASKER, now=now)
    _tell(notices.REPAIR_NEWS, case, Part.THIRD, now=now)
    return _keep(case, now=now)


@transaction.atomic
def decline(
    case: RepairCase,
    *,
    by: User,
    now: datetime,
    words: str = "",
    lang: str = "en",
    client_key: UUID | None = None,
) -> RepairCase:
    """Say no, with or without a word on what would make it a yes."""
    case, part = _hold(case, by=by)
    if part == Part.ADDRESSEE and case.state == State.DECLINED:
        return case
    _move(case, "decline", part=part, now=now)
    _say(
        case,
        by=by,
        kind=RepairSaying.Kind.ANSWER,
        words=words,
        lang=lang,
        now=now,
        client_key=client_key,
    )
    _tell(notices.REPAIR_NEWS, case, Part.ASKER, now=now)
    _tell(notices.REPAIR_NEWS, case, Part.THIRD, now=now)
    return _keep(case, now=now)


@transaction.atomic
def ask_again(case: RepairCase, *, by: User, now: datetime, way: str) -> RepairCase:
    """After a no: ask once more, in another way. The same way is not asked twice."""
    case, part = _hold(case, by=by)
    if case.state == State.DECLINED and way == case.way:
        raise Refused(
            _(
                "That was declined. Ask in another way: in writing, or apart with the "
                "third person between you."
            )
        )
    _move(case, "ask_again", part=part, now=now)
    _go_further_apart(case, way, now=now)
    case.asked_at = now
    assert case.addressee is not None
    case.answer_by = answer_by(case.addressee, now=now)
    _tell(notices.REPAIR_ASKED, case, Part.ADDRESSEE, now=now)
    return _keep(case, now=now)


@transaction.atomic
def keep_apart(case: RepairCase, *, by: User, now: datetime, way: str) -> RepairCase:
    """Meet further apart than before. Either may ask, at any time, and it is so."""
    case, part = _hold(case, by=by)
    if part not in TWO or case.state not in UNDER_WAY:
        raise Refused(_("The two choose how they meet, while the conversation is on."))
    if way == case.way:
        return case
    _go_further_apart(case, way, now=now)
    _tell(notices.REPAIR_NEWS, case, case.other(part), now=now)
    _tell(notices.REPAIR_NEWS, case, Part.THIRD, now=now)
    return _keep(case, now=now)


def _go_further_apart(case: RepairCase, way: str, *, now: datetime) -> None:
    order = list(Way.values)
    if way not in order:
        raise Refused(_("Choose one of the ways on the page."))
    if order.index(way) < order.index(case.way):
        raise Refused(
            _(
                "One of you asked for more distance, and that stands. You can meet "
                "nearer in another conversation."
            )
        )
    case.way = way
    if way != Way.ROOM and case.state == State.TALKING and case.answer_by is None:
        _await_answer(case, now=now)


@transaction.atomic
def end(case: RepairCase, *, by: User, now: datetime) -> RepairCase:
    """Take it back, let it go, or stop: whichever it is where it stands."""
    case, part = _hold(case, by=by)
    if case.state in (State.ENDED, State.ERASED):
        return case
    names = ("withdraw", "let_go", "stop")
    name = next((n for n in names if case.state in MOVES[n].of), "stop")
    _move(case, name, part=part, now=now)
    if name != "let_go":
        _tell(notices.REPAIR_NEWS, case, case.other(part), now=now)
    _tell(notices.REPAIR_NEWS, case, Part.THIRD, now=now)
    return _keep(case, now=now)


# --- The third person ---------------------------------------------------------------


@transaction.atomic
def be_the_third(case: RepairCase, *, by: User, now: datetime) -> RepairCase:
    case, part = _hold(case, by=by)
    if part != Part.THIRD or case.state not in OPEN:
        raise Refused(_("Only the third person can say that, while it is open."))
    if case.third_willing_at is None:
        case.third_willing_at = now
        _tell(notices.REPAIR_NEWS, case, Part.ASKER, now=now)
        _keep(case, now=now)
    return case


@transaction.atomic
def step_back(case: RepairCase, *, by: User, now: datetime) -> RepairCase:
    """The third steps out; the two may choose another. A talk under way pauses."""
    case, part = _hold(case, by=by)
    if part != Part.THIRD or case.state not in OPEN:
        raise Refused(_("Only the third person can say that, while it is open."))
    _without_third(case, now=now)
    return _keep(case, now=now)


def _without_third(case: RepairCase, *, now: datetime) -> None:
    if case.state == State.TALKING:
        _pause(case, part=Part.THIRD, now=now)
    if case.overdue_id is not None:
        RepairOverdue.objects.unsealed(ACTING).filter(pk=case.overdue_id).delete()
        case.overdue = None
    case.third, case.third_willing_at = None, None
    _tell(notices.REPAIR_NEWS, case, Part.ASKER, now=now)
    if case.state != State.ASKED:
        _tell(notices.REPAIR_NEWS, case, Part.ADDRESSEE, now=now)


def other_thirds_for(case: RepairCase) -> Choice:
    """Who else of the support list may be chosen; the words that both read count."""
    assert case.asker_id is not None
    assert case.addressee_id is not None
    told = [
        saying.words
        for saying in RepairSaying.objects.unsealed("who is named is left out").filter(
            case=case,
            kind__in=(
                RepairSaying.Kind.HAPPENED,
                RepairSaying.Kind.IMPACT,
                RepairSaying.Kind.WISH,
            ),
        )
    ]
    return choice_for(
        case.cohort,
        parties=(case.asker_id, case.addressee_id),
        left_out=case.left_out,
        words=told,
    )


@transaction.atomic
def choose_third(
    case: RepairCase, *, by: User, third: User, now: datetime
) -> RepairCase:
    """Another third person, whom either of the two may ask for."""
    case, part = _hold(case, by=by)
    if part not in TWO or case.state not in UNDER_WAY:
        raise Refused(_("The two choose the third person, before or in a pause."))
    if third.pk == case.third_id:
        return case
    if case.state == State.TALKING and case.third_id is not None:
        raise Refused(_("Pause first; then another third person can be chosen."))
    if third not in other_thirds_for(case).free:
        raise Refused(
            _(
                "Choose a third person who is on the support list and not part of the "
                "concern."
            )
        )
    if case.overdue_id is not None:
        RepairOverdue.objects.unsealed(ACTING).filter(pk=case.overdue_id).delete()
        case.overdue = None
    case.third, case.third_willing_at = third, None
    # A clock that had come to the one before begins again for this one.
    case.third_told_at = case.third_answer_by = None
    _tell(notices.REPAIR_THIRD_ASKED, case, Part.THIRD, now=now)
    _tell(notices.REPAIR_NEWS, case, case.other(part), now=now)
    return _keep(case, now=now)


# --- The conversation --------------------------------------------------------------


@transaction.atomic
def begin(case: RepairCase, *, by: User, now: datetime) -> RepairCase:
    """Open the first step, once both said yes and the third is willing."""
    case, part = _hold(case, by=by)
    if case.state == State.TALKING:
        return case  # the other one pressed at the same moment
    if case.third_id is None:
        raise Refused(_("Choose a third person first."))
    if case.third_willing_at is None:
        raise Refused(_("The third person has not said yet that they will be there."))
    _move(case, "begin", part=part, now=now)
    case.step, case.attempt = 0, 1
    _begin_step(case, now=now)
    _tell(notices.REPAIR_NEWS, case, case.other(part), now=now)
    _tell(notices.REPAIR_NEWS, case, Part.THIRD, now=now)
    return _keep(case, now=now)


def _begin_step(case: RepairCase, *, now: datetime) -> None:
    case.step_began_at = now
    case.extra_seconds = 0
    case.speaker_done_at = None
    case.held_at, case.held_by = None, ""
    _await_answer(case, now=now)


def _await_answer(case: RepairCase, *, now: datetime) -> None:
    """In writing a step has two working days of whoever it waits for."""
    case.third_told_at = case.third_answer_by = None
    if case.way == Way.ROOM:
        case.answer_by = None
        return
    awaited = case.who(case.now_at.speaker or Part.ADDRESSEE)
    case.answer_by = answer_by(awaited, now=now)


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


def may_open(case: RepairCase, part: str, *, now: datetime) -> bool:
    """Whether the gate of this step is this part's to open now.

    Whoever speaks is not cut short: the other one opens the gate once the speaker
    says that they are done, or once the time is up; in writing, once it is written.
    """
    step = case.now_at
    if case.state != State.TALKING or part not in step.opened_by:
        return False
    if case.step == LAST:
        return case.check_back_on is not None and case.check_back_from != part
    if not step.speaker:
        return True
    if case.way != Way.ROOM and not _was_read(case, step.speaker):
        return False
    if step.says_back or case.speaker_done_at is not None:
        return True
    return case.way == Way.ROOM and case.seconds_left(now) == 0


def _was_read(case: RepairCase, part: str) -> bool:
    """Whether this part's words of this step have come to the other one."""
    return (
        RepairSaying.objects.unsealed("whether there is something to answer")
        .filter(
            case=case,
            author=case.who(part),
            round=case.round,
            step=case.step,
            said_at__gte=case.step_began_at,
        )
        .exists()
    )


@transaction.atomic
def open_gate(
    case: RepairCase, *, by: User, step: int, attempt: int, now: datetime
) -> RepairCase:
    """Open it for the other one. `step` and `attempt` are those of the page.

    A press that comes late, or twice, opens nothing a second time.
    """
    case, part = _hold(case, by=by)
    if (case.step, case.attempt) != (step, attempt) or case.state == State.SETTLED:
        earlier = RepairPress.objects.unsealed("one's own press").filter(
            case=case, round=case.round, step=step, attempt=attempt, part=part
        )
        if earlier.exists():
            return case
        raise Refused(
            _("The conversation has moved on since you opened this page. Have a look.")
        )
    if case.state == State.PAUSED:
        raise Refused(_("This is a pause. The gate opens when you go on."))
    if not may_open(case, part, now=now):
        raise Refused(_("This gate is opened by the other one."))
    RepairPress.objects.unsealed("one's own press").get_or_create(
        case=case,
        cohort_id=case.cohort_id,
        round=case.round,
        step=case.step,
        attempt=case.attempt,
        part=part,
        defaults={"pressed_at": now},
    )
    if case.step == LAST:
        _settle(case, part=part, now=now)
    elif pressed(case) >= set(case.now_at.opened_by):
        case.step, case.attempt = case.step + 1, 1
        _begin_step(case, now=now)
        if case.way != Way.ROOM:
            _tell(notices.REPAIR_NEWS, case, case.other(part), now=now)
    return _keep(case, now=now)


def _settle(case: RepairCase, *, part: str, now: datetime) -> None:
    """Both have said yes to a day: whoever named it, and whoever opens this gate."""
    _move(case, "settle", part=part, now=now)
    assert case.check_back_on is not None
    case.step_began_at = None
    case.erase_at = _end_of(case.check_back_on, case.cohort) + KEPT_AFTER
    for who in Part.values:
        _tell(notices.REPAIR_NEWS, case, who, now=now)


def _end_of(day: date, cohort: Cohort) -> datetime:
    return wall_to_utc(day + timedelta(days=1), MIDNIGHT, cohort.timezone)


@transaction.atomic
def be_done(
    case: RepairCase, *, by: User, step: int, attempt: int, now: datetime
) -> RepairCase:
    """The speaker says: that is all for now."""
    case, part = _hold(case, by=by)
    _still_at(case, step, attempt)
    if case.now_at.speaker != part or case.now_at.says_back:
        raise Refused(_("Only the one who speaks can say that."))
    if case.way != Way.ROOM and not _has_written(case, part):
        raise Refused(_("Write first; then say that it is all for now."))
    if case.speaker_done_at is None:
        case.speaker_done_at = now
        if case.way != Way.ROOM:
            _tell(notices.REPAIR_NEWS, case, case.other(part), now=now)
        _keep(case, now=now)
    return case


def _has_written(case: RepairCase, part: str) -> bool:
    """Whether they wrote in this step; what the third holds for them counts."""
    return (
        _was_read(case, part)
        or RepairAside.objects.unsealed("one's own words")
        .filter(
            case=case,
            author=case.who(part),
            stays=False,
            said_at__gte=case.step_began_at,
        )
        .exists()
    )


@transaction.atomic
def not_quite(
    case: RepairCase, *, by: User, step: int, attempt: int, now: datetime
) -> RepairCase:
    """It was said back, and that is not it yet: the same step, with a fresh clock."""
    case, part = _hold(case, by=by)
    _still_at(case, step, attempt)
    if not case.now_at.says_back or part not in case.now_at.opened_by:
        raise Refused(_("Only the one whose words are said back can say that."))
    case.attempt += 1
    _begin_step(case, now=now)
    if case.way != Way.ROOM:
        _tell(notices.REPAIR_NEWS, case, case.other(part), now=now)
    return _keep(case, now=now)


def _still_at(case: RepairCase, step: int, attempt: int) -> None:
    if case.state != State.TALKING or (case.step, case.attempt) != (step, attempt):
        raise Refused(
            _("The conversation has moved on since you opened this page. Have a look.")
        )


@transaction.atomic
def pause(case: RepairCase, *, by: User, now: datetime) -> RepairCase:
    """Anyone may, at any time, without a reason. The clock rests."""
    case, part = _hold(case, by=by)
    if case.state == State.PAUSED:
        return case
    _pause(case, part=part, now=now)
    return _keep(case, now=now)


def _pause(case: RepairCase, *, part: str, now: datetime) -> None:
    _move(case, "pause", part=part, now=now)
    case.held_at, case.held_by = now, part


def may_resume(case: RepairCase, part: str) -> bool:
    """Whoever asked for the pause, or the third; anyone, when neither is there."""
    if case.state != State.PAUSED or case.third_id is None:
        return False
    return part in (case.held_by, Part.THIRD) or case.held_by == Part.THIRD


@transaction.atomic
def resume(case: RepairCase, *, by: User, now: datetime) -> RepairCase:
    case, part = _hold(case, by=by)
    if case.state == State.TALKING:
        return case
    if case.state == State.PAUSED and case.third_id is None:
        raise Refused(_("Choose a third person first."))
    if case.third_willing_at is None:
        raise Refused(_("The third person has not said yet that they will be there."))
    if case.state == State.PAUSED and not may_resume(case, part):
        raise Refused(
            _("Whoever asked for the pause says when it is over, or the third person.")
        )
    _move(case, "resume", part=part, now=now)
    if case.held_at is not None and case.step_began_at is not None:
        case.step_began_at += now - case.held_at
    case.held_at, case.held_by = None, ""
    if case.way != Way.ROOM:
        _await_answer(case, now=now)
    return _keep(case, now=now)


@transaction.atomic
def give_time(
    case: RepairCase, *, by: User, step: int, attempt: int, now: datetime
) -> RepairCase:
    """Two minutes more, from the one who holds the time."""
    case, part = _hold(case, by=by)
    _still_at(case, step, attempt)
    if part != Part.THIRD:
        raise Refused(_("The third person holds the time."))
    if case.extra_seconds + 120 > MOST_EXTRA.total_seconds():
        raise Refused(_("That is enough for one step. Pause, or go on."))
    late = case.step_ends_at
    if late is not None and late < now:
        case.extra_seconds += int((now - late).total_seconds())
    case.extra_seconds += 120
    return _keep(case, now=now)


@transaction.atomic
def say(
    case: RepairCase,
    *,
    by: User,
    words: str,
    now: datetime,
    kind: str = "",
    lang: str = "en",
    client_key: UUID | None = None,
) -> RepairCase:
    """Write something to the other one, in any state where the two are in touch."""
    case, part = _hold(case, by=by)
    if case.state not in (State.AGREED, State.TALKING, State.PAUSED, State.SETTLED):
        raise Refused(_("There is nobody here to read it now."))
    if case.way == Way.SHUTTLE and part in TWO and case.third_id is None:
        raise Refused(_("Choose a third person first."))
    step = case.now_at
    if not kind:
        kind = RepairSaying.Kind.SAID
        if case.state == State.TALKING and step.says_back and step.speaker == part:
            kind = RepairSaying.Kind.BACK
    if kind == RepairSaying.Kind.INTENT and part not in TWO:
        raise Refused(_("What somebody meant, only they can say."))
    _say(
        case,
        by=by,
        kind=kind,
        words=words,
        lang=lang,
        now=now,
        client_key=client_key,
    )
    if case.way != Way.ROOM:
        if case.way == Way.SHUTTLE and part in TWO:
            _tell(notices.REPAIR_NEWS, case, Part.THIRD, now=now)
        elif part in TWO:
            _tell(notices.REPAIR_NEWS, case, case.other(part), now=now)
    return _keep(case, now=now)


@transaction.atomic
def say_aside(
    case: RepairCase,
    *,
    by: User,
    words: str,
    now: datetime,
    lang: str = "en",
    client_key: UUID | None = None,
) -> RepairAside:
    """A word between one of the two and the third, to be carried to nobody."""
    case, part = _hold(case, by=by)
    if part not in TWO or case.state not in OPEN:
        raise Refused(_("A word aside is from one of the two, while it is open."))
    if case.third_id is None:
        raise Refused(_("Choose a third person first."))
    aside, made = create_once(
        RepairAside,
        client_key=client_key,
        author=by,
        to_id=case.third_id,
        cohort_id=case.cohort_id,
        case=case,
        stays=True,
        words=words.strip(),
        lang=lang,
        said_at=now,
    )
    if made:
        _tell(notices.REPAIR_NEWS, case, Part.THIRD, now=now)
        _keep(case, now=now)
    return aside


@transaction.atomic
def carry(aside: RepairAside, *, by: User, now: datetime) -> None:
    """The third brings words over as they were written. Carrying twice is once."""
    case, part = _hold(RepairCase(pk=aside.case_id), by=by)
    held = (
        RepairAside.objects.unsealed("the third carries what was given to them")
        .select_for_update()
        .filter(pk=aside.pk, to=by, case=case, stays=False)
        .first()
    )
    if part != Part.THIRD or case.state not in OPEN:
        raise Refused(_("Only the third person carries words over."))
    if held is None:
        return
    shared: dict[str, Any] = {
        "client_key": held.client_key,
        "author": held.author,
        "cohort_id": case.cohort_id,
        "case": case,
        "round": case.round,
        "words": held.words,
        "lang": held.lang,
        "said_at": held.said_at,
    }
    author = case.part_of(held.author)
    if held.kind == RepairSaying.Kind.ASKED:
        _ask(author, now=held.said_at, **shared)
    else:
        create_once(RepairSaying, kind=held.kind, step=case.step, **shared)
    held.delete()
    if author in TWO:
        _tell(notices.REPAIR_NEWS, case, case.other(author), now=now)
    _keep(case, now=now)


# --- Agreements, and the day to look back ------------------------------------------


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
    case, part = _hold(case, by=by)
    if part not in TWO or case.state not in (State.TALKING, State.PAUSED):
        raise Refused(_("Requests are made by the two, in the conversation."))
    if case.way == Way.SHUTTLE:
        if case.third_id is None:
            raise Refused(_("Choose a third person first."))
        _say(
            case,
            by=by,
            kind=RepairSaying.Kind.ASKED,
            words=words,
            lang=lang,
            now=now,
            client_key=client_key,
        )
        _tell(notices.REPAIR_NEWS, case, Part.THIRD, now=now)
        _keep(case, now=now)
        return None
    asked, made = _ask(
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
            _tell(notices.REPAIR_NEWS, case, case.other(part), now=now)
        _keep(case, now=now)
    return asked


def _ask(part: str, *, now: datetime, **values: Any) -> tuple[RepairAgreement, bool]:
    return create_once(RepairAgreement, **values, **{f"{part}_yes_at": now})


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
    case, part = _hold(RepairCase(pk=agreement.case_id), by=by)
    held = _hold_agreement(agreement, case)
    if part not in TWO or case.state not in (State.TALKING, State.PAUSED):
        raise Refused(_("The two say yes to it, in the conversation."))
    if held.edition != edition or held.dropped_at is not None:
        raise Refused(_("The words changed since you opened this page. Read again."))
    if not held.said_yes(part):
        setattr(held, f"{part}_yes_at", now)
        held.save()
        _keep(case, now=now)
    return held


@transaction.atomic
def word_otherwise(
    agreement: RepairAgreement, *, by: User, words: str, now: datetime
) -> RepairAgreement:
    """Other words, from either; the yes of the other one was to the old ones."""
    case, part = _hold(RepairCase(pk=agreement.case_id), by=by)
    held = _hold_agreement(agreement, case)
    if part not in TWO or case.state not in (State.TALKING, State.PAUSED):
        raise Refused(_("The two word it, in the conversation."))
    if held.dropped_at is not None:
        raise Refused(_("This was dropped. Ask anew if you want it."))
    if case.way == Way.SHUTTLE:
        raise Refused(_("Ask anew in your words; the third person carries it over."))
    if held.words != words.strip():
        held.words = words.strip()
        held.asker_yes_at = held.addressee_yes_at = None
        setattr(held, f"{part}_yes_at", now)
        held.edition += 1
        held.save()
        _keep(case, now=now)
    return held


@transaction.atomic
def drop_request(agreement: RepairAgreement, *, by: User, now: datetime) -> None:
    """Not this. What both have agreed on before stays as it is."""
    case, part = _hold(RepairCase(pk=agreement.case_id), by=by)
    held = _hold_agreement(agreement, case)
    if part not in TWO or case.state not in (State.TALKING, State.PAUSED):
        raise Refused(_("The two drop it, in the conversation."))
    if held.dropped_at is None:
        held.dropped_at = now
        held.save()
        _keep(case, now=now)


@transaction.atomic
def name_day(case: RepairCase, *, by: User, day: date, now: datetime) -> RepairCase:
    """Name the day of the check-back; the other one opens the last gate to it."""
    case, part = _hold(case, by=by)
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
        _tell(notices.REPAIR_NEWS, case, case.other(part), now=now)
    return _keep(case, now=now)


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
    case, part = _hold(case, by=by)
    if case.state == State.ENDED and case.ending == Ending.KEPT:
        return case
    if part not in TWO or case.state != State.SETTLED:
        raise Refused(
            _("The conversation has moved on since you opened this page. Have a look.")
        )
    _say(
        case,
        by=by,
        kind=RepairSaying.Kind.CHECK,
        words=words,
        lang=lang,
        now=now,
        client_key=client_key,
    )
    if not holds:
        _move(case, "talk_again", part=part, now=now)
        case.round, case.step, case.attempt = case.round + 1, 0, 1
        case.check_back_on, case.check_back_from = None, ""
        case.erase_at = None
        _tell(notices.REPAIR_NEWS, case, case.other(part), now=now)
        _tell(notices.REPAIR_NEWS, case, Part.THIRD, now=now)
        return _keep(case, now=now)
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
        _move(case, "holds", part=part, now=now)
        _tell(notices.REPAIR_NEWS, case, case.other(part), now=now)
    return _keep(case, now=now)


# --- What the clock does -----------------------------------------------------------


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
            | Q(state__in=UNDER_WAY, moved_at__lte=now - LAPSES_AFTER)
            | Q(state=State.SETTLED, check_back_on__lte=local_day(now, "UTC") + _DAY)
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


_DAY = timedelta(days=1)


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
    case, _part = _hold(RepairCase(pk=pk), by=None)
    if case.state not in OPEN:
        return
    if gone_from(case):
        _move(case, "part", part="clock", now=now)
        for who in Part.values:
            _tell(notices.REPAIR_NEWS, case, who, now=now)
        _keep(case, now=now)
        return
    if case.third_id is not None and not _may_be_here(case, Part.THIRD):
        _without_third(case, now=now)
        _keep(case, now=now)
    if case.state == State.SETTLED:
        _look_at_the_day(case, now=now)
        return
    if case.moved_at <= now - LAPSES_AFTER:
        _move(case, "lapse", part="clock", now=now)
        for who in Part.values:
            _tell(notices.REPAIR_NEWS, case, who, now=now)
        _keep(case, now=now)
        return
    _escalate(case, now=now)


def _look_at_the_day(case: RepairCase, *, now: datetime) -> None:
    assert case.check_back_on is not None
    today = day_in(case.cohort, now)
    if today >= case.check_back_on + CHECK_WAITS:
        _move(case, "pass_by", part="clock", now=now)
        _keep(case, now=now)
    elif today >= case.check_back_on:
        answered = pressed(case, CHECK)
        for part in TWO:
            if part not in answered:
                _tell(
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
            _tell(notices.REPAIR_NEWS, case, Part.ASKER, now=now)
        else:
            if case.state == State.ASKED:
                case.third_answer_by = answer_by(case.third, now=now)
            _tell(
                notices.REPAIR_THIRD_OVERDUE,
                case,
                Part.THIRD,
                now=now,
                key=f"{case.pk}:{case.answer_by.isoformat()}:{case.third_id}",
            )
        # Not `_keep`: that a clock struck is nothing that happened between the two.
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
        _tell(notices.REPAIR_NEWS, case, Part.ASKER, now=now)
    case.save(update_fields=["third_answer_by", "overdue"])


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
    case, _part = _hold(RepairCase(pk=pk), by=None)
    if case.erased_at is not None or case.erase_at is None or case.erase_at > now:
        return
    if case.state == State.SETTLED:
        _move(case, "pass_by", part="clock", now=now)
    for model in HOLD_WORDS:
        model.objects.unsealed(CLOCK_ACTS).filter(case=case).update(  # type: ignore[attr-defined]
            words="", author=None
        )
    RepairAside.objects.unsealed(CLOCK_ACTS).filter(case=case).update(to=None)
    _move(case, "erase", part="clock", now=now)
    # The messages said nothing, but that there were some is forgotten with the rest.
    OutboxMessage.objects.filter(
        about_id=case.pk, notice__in=outbox.discreet()
    ).delete()
    case.asker = case.addressee = case.third = None
    case.left_out = []
    case.erased_at = now
    case.save()


# --- Telling -----------------------------------------------------------------------


def _tell(
    notice: outbox.Notice,
    case: RepairCase,
    part: str,
    *,
    now: datetime,
    key: str = "",
) -> None:
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
