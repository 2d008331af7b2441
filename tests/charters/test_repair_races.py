"""Two people press at the same moment, each over a connection of their own."""

from threading import Barrier, Thread

import pytest
from django.db import connection

from charters import asking, repair, tending
from charters.models import RepairCase, RepairConcern, RepairPress
from people.models import OutboxMessage
from people.refusal import Refused
from tests.charters.repairing import (
    agreed_on,
    asked_for,
    fresh,
    talk,
    through,
    write_down,
)

pytestmark = pytest.mark.django_db(transaction=True)
LOOKS = "tests look at every row"


def at_once(*acts):
    """Run all of them together; return what each was refused with, or None."""
    start, heard = Barrier(len(acts)), [None] * len(acts)

    def run(n, act):
        try:
            start.wait()
            act()
        except Exception as error:
            heard[n] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=(n, act)) for n, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return heard


def gate(case, who, now):
    return lambda: repair.open_gate(
        case, by=who.person, step=case.step, attempt=case.attempt, now=now
    )


def test_two_gates_pressed_at_once_open_one(birch, now):
    case = talk(birch, now=now)

    heard = at_once(gate(case, birch.ada, now), gate(case, birch.ben, now))

    assert heard == [None, None]
    assert fresh(case).step == 1
    assert RepairPress.objects.unsealed(LOOKS).count() == 2


def test_one_finger_that_presses_twice_opens_one(birch, now):
    case = through(talk(birch, now=now), birch, now=now, until=2)

    heard = at_once(*[gate(case, birch.ada, now)] * 3)

    assert heard == [None] * 3
    assert fresh(case).step == 3


def test_two_who_begin_at_once_begin_once(birch, now):
    case = agreed_on(birch, now=now)

    heard = at_once(
        lambda: repair.begin(case, by=birch.ada.person, now=now),
        lambda: repair.begin(case, by=birch.ben.person, now=now),
    )

    assert heard == [None, None]
    assert (fresh(case).state, fresh(case).step) == ("talking", 0)


def test_a_pause_and_a_gate_at_once_are_one_after_the_other(birch, now):
    case = through(talk(birch, now=now), birch, now=now, until=2)

    heard = at_once(
        gate(case, birch.ada, now),
        lambda: repair.pause(case, by=birch.ben.person, now=now),
    )

    after = fresh(case)
    assert after.state == "paused"
    assert all(error is None or isinstance(error, Refused) for error in heard)
    assert after.step == (3 if heard[0] is None else 2)


def test_a_concern_sent_twice_at_once_is_one_case(birch, now):
    concern = write_down(birch, now=now)

    def send():
        asking.send(
            RepairConcern(pk=concern.pk), by=birch.ada, third=birch.sol.person, now=now
        )

    heard = at_once(send, send)

    assert heard == [None, None]
    assert RepairCase.objects.unsealed(LOOKS).count() == 1


def test_two_beats_at_once_escalate_once(birch, now):
    case = asked_for(birch, now=now)
    late = case.answer_by

    heard = at_once(lambda: tending.tend(now=late), lambda: tending.tend(now=late))

    assert heard == [None, None]
    assert (
        OutboxMessage.objects.filter(notice="charters.repair_third_overdue").count()
        == 1
    )


def test_words_erased_while_somebody_writes_stay_erased(birch, now):
    case = repair.end(talk(birch, now=now), by=birch.ada.person, now=now)
    late = case.erase_at

    at_once(
        lambda: tending.erase_what_is_due(now=late),
        lambda: repair.say(case, by=birch.ben.person, words="But…", now=late),
    )

    assert fresh(case).state == "erased"


def test_two_concerns_of_the_same_two_sent_at_once_are_one_conversation(birch, now):
    hers = write_down(birch, now=now)
    again = write_down(birch, now=now)
    his = write_down(birch, now=now, by=birch.ben, about=birch.ada)

    def send(concern, by):
        return lambda: asking.send(concern, by=by, third=birch.sol.person, now=now)

    heard = at_once(send(hers, birch.ada), send(again, birch.ada), send(his, birch.ben))

    assert sorted(isinstance(one, Refused) for one in heard) == [False, True, True]
    assert RepairCase.objects.unsealed(LOOKS).count() == 1
    assert RepairConcern.objects.unsealed(LOOKS).count() == 2
