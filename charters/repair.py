"""Hold a repair conversation: its answer, its third person, its gates, its words."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from charters import notices
from charters.course import LAST, MOVES, OPEN, TWO, UNDER_WAY, Part, State, Way
from charters.holding import (
    ACTING,
    answer_by,
    ask,
    hold,
    keep,
    move,
    pressed,
    rest,
    tell,
    without_third,
    write,
)
from charters.models import (
    KEPT_AFTER,
    RepairAside,
    RepairCase,
    RepairOverdue,
    RepairPress,
    RepairSaying,
)
from charters.support import Choice, choice_for
from cohorts.models import Cohort
from people.models import User, create_once
from people.refusal import Refused
from people.wall_time import MIDNIGHT, wall_to_utc

MOST_EXTRA = timedelta(minutes=30)


# --- The answer --------------------------------------------------------------


@transaction.atomic
def accept(case: RepairCase, *, by: User, now: datetime, way: str = "") -> RepairCase:
    """Say yes, as asked or more apart. Saying it twice is saying it once."""
    case, part = hold(case, by=by)
    if part == Part.ADDRESSEE and case.state == State.AGREED:
        return case
    move(case, "accept", part=part, now=now)
    if way:
        _go_further_apart(case, way, now=now)
    tell(notices.REPAIR_NEWS, case, Part.ASKER, now=now)
    tell(notices.REPAIR_NEWS, case, Part.THIRD, now=now)
    return keep(case, now=now)


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
    case, part = hold(case, by=by)
    if part == Part.ADDRESSEE and case.state == State.DECLINED:
        return case
    move(case, "decline", part=part, now=now)
    write(
        case,
        by=by,
        kind=RepairSaying.Kind.ANSWER,
        words=words,
        lang=lang,
        now=now,
        client_key=client_key,
    )
    tell(notices.REPAIR_NEWS, case, Part.ASKER, now=now)
    tell(notices.REPAIR_NEWS, case, Part.THIRD, now=now)
    return keep(case, now=now)


@transaction.atomic
def ask_again(case: RepairCase, *, by: User, now: datetime, way: str) -> RepairCase:
    """After a no: ask once more, in another way. The same way is not asked twice."""
    case, part = hold(case, by=by)
    if case.state == State.DECLINED and way == case.way:
        raise Refused(
            _(
                "That was declined. Ask in another way: in writing, or apart with the "
                "third person between you."
            )
        )
    move(case, "ask_again", part=part, now=now)
    _go_further_apart(case, way, now=now)
    case.asked_at = now
    assert case.addressee is not None
    case.answer_by = answer_by(case.addressee, now=now)
    tell(notices.REPAIR_ASKED, case, Part.ADDRESSEE, now=now)
    return keep(case, now=now)


@transaction.atomic
def keep_apart(case: RepairCase, *, by: User, now: datetime, way: str) -> RepairCase:
    """Meet further apart than before. Either may ask, at any time, and it is so."""
    case, part = hold(case, by=by)
    if part not in TWO or case.state not in UNDER_WAY:
        raise Refused(_("The two choose how they meet, while the conversation is on."))
    if way == case.way:
        return case
    _go_further_apart(case, way, now=now)
    tell(notices.REPAIR_NEWS, case, case.other(part), now=now)
    tell(notices.REPAIR_NEWS, case, Part.THIRD, now=now)
    return keep(case, now=now)


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
    case, part = hold(case, by=by)
    if case.state in (State.ENDED, State.ERASED):
        return case
    names = ("withdraw", "let_go", "stop")
    name = next((n for n in names if case.state in MOVES[n].of), "stop")
    move(case, name, part=part, now=now)
    if name != "let_go":
        tell(notices.REPAIR_NEWS, case, case.other(part), now=now)
    tell(notices.REPAIR_NEWS, case, Part.THIRD, now=now)
    return keep(case, now=now)


# --- The third person --------------------------------------------------------


@transaction.atomic
def be_the_third(case: RepairCase, *, by: User, now: datetime) -> RepairCase:
    case, part = hold(case, by=by)
    if part != Part.THIRD or case.state not in OPEN:
        raise Refused(_("Only the third person can say that, while it is open."))
    if case.third_willing_at is None:
        case.third_willing_at, case.third_due_at = now, None
        tell(notices.REPAIR_NEWS, case, Part.ASKER, now=now)
        keep(case, now=now)
    return case


@transaction.atomic
def step_back(case: RepairCase, *, by: User, now: datetime) -> RepairCase:
    """The third steps out; the two may choose another. A talk under way pauses."""
    case, part = hold(case, by=by)
    if part != Part.THIRD or case.state not in OPEN:
        raise Refused(_("Only the third person can say that, while it is open."))
    without_third(case, now=now)
    return keep(case, now=now)


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
    case, part = hold(case, by=by)
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
    case.third_due_at = answer_by(third, now=now)
    # A clock that had come to the one before begins again for this one.
    case.third_told_at = case.third_answer_by = None
    tell(notices.REPAIR_THIRD_ASKED, case, Part.THIRD, now=now)
    tell(notices.REPAIR_NEWS, case, case.other(part), now=now)
    return keep(case, now=now)


# --- The gates ---------------------------------------------------------------


@transaction.atomic
def begin(case: RepairCase, *, by: User, now: datetime) -> RepairCase:
    """Open the first step, once both said yes and the third is willing."""
    case, part = hold(case, by=by)
    if case.state == State.TALKING:
        return case  # the other one pressed at the same moment
    if case.third_id is None:
        raise Refused(_("Choose a third person first."))
    if case.third_willing_at is None:
        raise Refused(_("The third person has not said yet that they will be there."))
    move(case, "begin", part=part, now=now)
    case.step, case.attempt = 0, 1
    _begin_step(case, now=now)
    tell(notices.REPAIR_NEWS, case, case.other(part), now=now)
    tell(notices.REPAIR_NEWS, case, Part.THIRD, now=now)
    return keep(case, now=now)


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
    case, part = hold(case, by=by)
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
            tell(notices.REPAIR_NEWS, case, case.other(part), now=now)
    return keep(case, now=now)


def _settle(case: RepairCase, *, part: str, now: datetime) -> None:
    """Both have said yes to a day: whoever named it, and whoever opens this gate."""
    move(case, "settle", part=part, now=now)
    assert case.check_back_on is not None
    case.step_began_at = None
    case.erase_at = _end_of(case.check_back_on, case.cohort) + KEPT_AFTER
    for who in Part.values:
        tell(notices.REPAIR_NEWS, case, who, now=now)


def _end_of(day: date, cohort: Cohort) -> datetime:
    return wall_to_utc(day + timedelta(days=1), MIDNIGHT, cohort.timezone)


@transaction.atomic
def be_done(
    case: RepairCase, *, by: User, step: int, attempt: int, now: datetime
) -> RepairCase:
    """The speaker says: that is all for now."""
    case, part = hold(case, by=by)
    _still_at(case, step, attempt)
    if case.now_at.speaker != part or case.now_at.says_back:
        raise Refused(_("Only the one who speaks can say that."))
    if case.way != Way.ROOM and not _has_written(case, part):
        raise Refused(_("Write first; then say that it is all for now."))
    if case.speaker_done_at is None:
        case.speaker_done_at = now
        if case.way != Way.ROOM:
            tell(notices.REPAIR_NEWS, case, case.other(part), now=now)
        keep(case, now=now)
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
    case, part = hold(case, by=by)
    _still_at(case, step, attempt)
    if not case.now_at.says_back or part not in case.now_at.opened_by:
        raise Refused(_("Only the one whose words are said back can say that."))
    if case.way != Way.ROOM and not _was_read(case, case.now_at.speaker):
        raise Refused(_("Nothing has been said back yet."))
    case.attempt += 1
    _begin_step(case, now=now)
    if case.way != Way.ROOM:
        tell(notices.REPAIR_NEWS, case, case.other(part), now=now)
    return keep(case, now=now)


def _still_at(case: RepairCase, step: int, attempt: int) -> None:
    if case.state != State.TALKING or (case.step, case.attempt) != (step, attempt):
        raise Refused(
            _("The conversation has moved on since you opened this page. Have a look.")
        )


@transaction.atomic
def pause(case: RepairCase, *, by: User, now: datetime) -> RepairCase:
    """Anyone may, at any time, without a reason. The clock rests."""
    case, part = hold(case, by=by)
    if case.state == State.PAUSED:
        return case
    rest(case, part=part, now=now)
    return keep(case, now=now)


def may_resume(case: RepairCase, part: str) -> bool:
    """Whoever asked for the pause, or the third; anyone, when neither is there."""
    if case.state != State.PAUSED or case.third_id is None:
        return False
    return part in (case.held_by, Part.THIRD) or case.held_by == Part.THIRD


@transaction.atomic
def resume(case: RepairCase, *, by: User, now: datetime) -> RepairCase:
    case, part = hold(case, by=by)
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
    move(case, "resume", part=part, now=now)
    if case.held_at is not None and case.step_began_at is not None:
        case.step_began_at += now - case.held_at
    case.held_at, case.held_by = None, ""
    if case.way != Way.ROOM:
        _await_answer(case, now=now)
    return keep(case, now=now)


@transaction.atomic
def give_time(
    case: RepairCase, *, by: User, step: int, attempt: int, now: datetime
) -> RepairCase:
    """Two minutes more, from the one who holds the time."""
    case, part = hold(case, by=by)
    _still_at(case, step, attempt)
    if part != Part.THIRD:
        raise Refused(_("The third person holds the time."))
    if case.extra_seconds + 120 > MOST_EXTRA.total_seconds():
        raise Refused(_("That is enough for one step. Pause, or go on."))
    late = case.step_ends_at
    if late is not None and late < now:
        case.extra_seconds += int((now - late).total_seconds())
    case.extra_seconds += 120
    return keep(case, now=now)


# --- Words -------------------------------------------------------------------


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
    case, part = hold(case, by=by)
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
    made = write(
        case,
        by=by,
        kind=kind,
        words=words,
        lang=lang,
        now=now,
        client_key=client_key,
    )
    if not made:
        return case
    if case.way != Way.ROOM:
        if case.way == Way.SHUTTLE and part in TWO:
            tell(notices.REPAIR_NEWS, case, Part.THIRD, now=now)
        elif part in TWO:
            tell(notices.REPAIR_NEWS, case, case.other(part), now=now)
    return keep(case, now=now)


@transaction.atomic
def say_aside(
    case: RepairCase,
    *,
    by: User,
    words: str,
    now: datetime,
    to: str = Part.THIRD.value,
    lang: str = "en",
    client_key: UUID | None = None,
) -> RepairAside:
    """A word between one of the two and the third, to be carried to nobody."""
    case, part = hold(case, by=by)
    between = {part, to}
    if case.state not in OPEN or Part.THIRD not in between or not between & set(TWO):
        raise Refused(
            _("A word aside is between one of the two and the third, while it is open.")
        )
    if case.third_id is None:
        raise Refused(_("Choose a third person first."))
    aside, made = create_once(
        RepairAside,
        client_key=client_key,
        author=by,
        to=case.who(to),
        cohort_id=case.cohort_id,
        case=case,
        stays=True,
        words=words.strip(),
        lang=lang,
        said_at=now,
    )
    if made:
        tell(notices.REPAIR_NEWS, case, to, now=now)
        keep(case, now=now)
    return aside


@transaction.atomic
def take_back(aside: RepairAside, *, by: User, now: datetime) -> None:
    """Words that the third has not carried over yet, by whoever wrote them."""
    case, _part = hold(RepairCase(pk=aside.case_id), by=by)
    gone, _each = (
        RepairAside.objects.unsealed("one's own words")
        .filter(pk=aside.pk, author=by, case=case, stays=False)
        .delete()
    )
    if gone:
        keep(case, now=now)


@transaction.atomic
def carry(aside: RepairAside, *, by: User, now: datetime) -> None:
    """The third brings words over as they were written. Carrying twice is once."""
    case, part = hold(RepairCase(pk=aside.case_id), by=by)
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
        ask(author, now=held.said_at, **shared)
    else:
        shared |= {"kind": held.kind, "step": case.step}
        said, made = create_once(RepairSaying, **shared)
        if not made and said.words != held.words:
            # Other words from a page that had sent some before they were apart.
            create_once(RepairSaying, **shared | {"client_key": None})
    held.delete()
    if author in TWO:
        tell(notices.REPAIR_NEWS, case, case.other(author), now=now)
    keep(case, now=now)
