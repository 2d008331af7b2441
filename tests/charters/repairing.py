"""Ada asks Ben for a repair conversation; Sol is the third. Helpers of those tests."""

from datetime import timedelta

from charters import agreeing, asking, repair
from charters.course import LAST, STEPS
from charters.models import RepairCase, RepairSaying

HAPPENED = "The budget line went out without me."
IMPACT = "I felt that my work did not count."
WISH = "To be asked before."

MINUTE = timedelta(minutes=1)


def write_down(cast, *, now, by=None, about=None, **more):
    said = {"happened": HAPPENED, "impact": IMPACT, "wish": WISH} | more
    return asking.note_down(
        by=by or cast.ada, addressee=about or cast.ben, now=now, **said
    )


def asked_for(cast, *, now, third=None, **more):
    """A case that waits for Ben's answer."""
    concern = write_down(cast, now=now, **more)
    return asking.send(
        concern, by=more.get("by") or cast.ada, third=third or cast.sol.person, now=now
    )


def agreed_on(cast, *, now, **more):
    """Ben said yes, and Sol will be there."""
    case = asked_for(cast, now=now, **more)
    repair.be_the_third(case, by=cast.sol.person, now=now)
    return repair.accept(case, by=cast.ben.person, now=now)


def talk(cast, *, now, **more):
    case = agreed_on(cast, now=now, **more)
    return repair.begin(case, by=cast.ada.person, now=now)


def through(case, cast, *, now, until=LAST):
    """Open every gate as it should be opened, up to a step."""
    people = {"asker": cast.ada.person, "addressee": cast.ben.person}
    while case.step < until:
        step = STEPS[case.step]
        if step.speaker and case.way != "room":
            case = repair.say(
                case, by=people[step.speaker], words=f"In {step.key}.", now=now
            )
            for aside in waiting_to_be_carried(cast, case):
                repair.carry(aside, by=cast.sol.person, now=now)
            case = fresh(case)
        if step.speaker and not step.says_back:
            case = repair.be_done(
                case,
                by=people[step.speaker],
                step=case.step,
                attempt=case.attempt,
                now=now,
            )
        at = (case.step, case.attempt)
        for part in step.opened_by:
            case = repair.open_gate(
                case, by=people[part], step=at[0], attempt=at[1], now=now
            )
    return case


def settled(cast, *, now, days=14, **more):
    """They went through all of it, and look back in some days."""
    from charters.models import day_in

    case = through(talk(cast, now=now, **more), cast, now=now)
    day = day_in(cast.cohort, now) + timedelta(days=days)
    case = agreeing.name_day(case, by=cast.ada.person, day=day, now=now)
    return repair.open_gate(
        case, by=cast.ben.person, step=case.step, attempt=case.attempt, now=now
    )


def waiting_to_be_carried(cast, case):
    from charters.models import RepairAside

    return list(
        RepairAside.objects.visible_to(cast.sol.person).filter(case=case, stays=False)
    )


def fresh(case):
    return RepairCase.objects.unsealed("tests look at every row").get(pk=case.pk)


def words_in(case):
    rows = RepairSaying.objects.unsealed("tests look at every row").filter(case=case)
    return [(row.kind, row.words) for row in rows.order_by("said_at", "pk")]
