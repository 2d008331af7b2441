"""Repair: a concern, its third party, the gates, the clock, and forgetting it all."""

import contextlib
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import FieldError
from django.db import connection
from django.utils import timezone

from charters import agreeing, asking, holding, repair, tasks, tending
from charters.course import LAST, MINUTES_IN_ALL, STEPS
from charters.models import (
    HOLD_WORDS,
    CareContact,
    RepairAgreement,
    RepairAside,
    RepairCase,
    RepairConcern,
    RepairOverdue,
    RepairPress,
    RepairSaying,
    day_in,
)
from charters.support import support_list
from cohorts import joining
from cohorts.models import Appointment, Role, appoint
from people import cipher, privacy
from people.models import OutboxMessage, Record
from people.refusal import Refused
from people.rekeying import at_rest
from tests.charters.repairing import (
    HAPPENED,
    IMPACT,
    MINUTE,
    WISH,
    agreed_on,
    asked_for,
    fresh,
    settled,
    talk,
    through,
    waiting_to_be_carried,
    words_in,
    write_down,
)
from tests.conftest import person, seat

DAY = timedelta(days=1)
LOOKS = "tests look at every row"
# A Monday, at nine in Recife, where Ben lives: his working day begins.
MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def tam(birch):
    """Appointed by the program for repair; sits in no circle."""
    tam = person("tam")
    appoint(tam, to=birch.program, role=Appointment.Role.THIRD_PARTY)
    return tam


@pytest.fixture
def dee(birch):
    """A fifth member, who is not in it."""
    return seat(birch.cohort, person("dee"), reads_from=birch.cohort.created_at)


def told(who, name):
    return OutboxMessage.objects.filter(
        notice=f"charters.{name}", recipient=getattr(who, "person", who)
    ).count()


def press(case, who, *, now, step=None, attempt=None):
    return repair.open_gate(
        case,
        by=who.person,
        step=case.step if step is None else step,
        attempt=attempt or case.attempt,
        now=now,
    )


def done(case, who, *, now):
    return repair.be_done(
        case, by=who.person, step=case.step, attempt=case.attempt, now=now
    )


# --- The concern ------------------------------------------------------------------


def test_a_concern_is_read_by_whoever_wrote_it_and_nobody_is_told(birch, now):
    concern = write_down(birch, now=now)

    assert RepairConcern.objects.visible_to(birch.ada.person).get() == concern
    for other in (birch.ben.person, birch.sol.person, birch.lea):
        assert not RepairConcern.objects.visible_to(other).exists()
    assert OutboxMessage.objects.count() == 0


def test_a_concern_written_twice_by_one_form_is_one(birch, now):
    key = write_down(birch, now=now).client_key

    again = write_down(birch, now=now, client_key=key)

    assert RepairConcern.objects.visible_to(birch.ada.person).get() == again


def test_nobody_asks_themselves_or_somebody_next_door(birch, now):
    for other in (birch.ada, birch.oma):
        with pytest.raises(Refused):
            write_down(birch, now=now, about=other)


def test_a_finished_cohort_takes_no_new_concern(birch, now):
    birch.cohort.finished_at = now
    birch.cohort.save()

    with pytest.raises(Refused):
        write_down(birch, now=now)


def test_the_support_list_is_who_holds_the_circle_and_who_was_appointed(birch, tam):
    assert support_list(birch.cohort) == [birch.sol.person, tam]


def test_a_facilitator_who_is_a_party_is_never_the_third(birch, tam, now):
    concern = write_down(birch, now=now, about=birch.sol)

    assert asking.thirds_for(concern).free == (tam,)
    assert asking.thirds_for(concern).left_out == (birch.sol.person,)
    with pytest.raises(Refused):
        asking.send(concern, by=birch.ada, third=birch.sol.person, now=now)


def test_nor_is_the_facilitator_who_asks(birch, tam, now):
    concern = write_down(birch, now=now, by=birch.sol, about=birch.ben)

    assert asking.thirds_for(concern).free == (tam,)


def test_whoever_is_marked_as_concerned_is_left_out(birch, tam, now):
    concern = write_down(birch, now=now, left_out=[birch.sol.person.pk])

    assert asking.thirds_for(concern).free == (tam,)


@pytest.mark.parametrize(
    "words",
    ["And Sol laughed.", "and SOL, too", "Sól lo dijo", "it was sol's idea"],
)
def test_whoever_the_words_name_is_left_out(birch, tam, now, words):
    concern = write_down(birch, now=now, impact=words)

    assert asking.thirds_for(concern).free == (tam,)


def test_a_word_that_only_holds_a_name_names_nobody(birch, now):
    concern = write_down(birch, now=now, impact="I was left in isolation.")

    assert asking.thirds_for(concern).free == (birch.sol.person,)


def test_when_all_on_the_list_are_in_it_nobody_is_left(birch, now):
    concern = write_down(birch, now=now, about=birch.sol)

    assert asking.thirds_for(concern).nobody_is_left


def test_sending_twice_asks_once_and_leaves_no_draft(birch, now):
    concern = write_down(birch, now=now)
    first = asking.send(concern, by=birch.ada, third=birch.sol.person, now=now)
    concern.pk = first.pk  # the page that was open beside

    second = asking.send(concern, by=birch.ada, third=birch.sol.person, now=now)

    assert first == second
    assert not RepairConcern.objects.visible_to(birch.ada.person).exists()
    assert words_in(first) == [
        ("happened", HAPPENED),
        ("impact", IMPACT),
        ("wish", WISH),
    ]
    assert (told(birch.ben, "repair_asked"), told(birch.sol, "repair_third_asked")) == (
        1,
        1,
    )


def test_what_was_meant_is_left_blank_for_the_other_side(birch, now):
    case = asked_for(birch, now=now)

    assert (
        not RepairSaying.objects.unsealed(LOOKS)
        .filter(case=case, kind="intent")
        .exists()
    )


def test_the_three_read_it_and_nobody_else(birch, tam, dee, now):
    case = asked_for(birch, now=now)

    for reader in (birch.ada.person, birch.ben.person, birch.sol.person):
        assert RepairCase.objects.visible_to(reader).get() == case
        assert RepairSaying.objects.visible_to(reader).count() == 3
    for other in (tam, dee.person, birch.oma.person, birch.lea, birch.rex, birch.fay):
        assert not RepairCase.objects.visible_to(other).exists()
        assert not RepairSaying.objects.visible_to(other).exists()


def test_a_facilitator_who_is_not_chosen_reads_nothing(birch, tam, now):
    asked_for(birch, now=now, third=tam)

    assert not RepairCase.objects.visible_to(birch.sol.person).exists()
    assert RepairCase.objects.visible_to(tam).exists()


def test_a_third_whose_task_ended_reads_no_more(birch, tam, now):
    asked_for(birch, now=now, third=tam)

    Appointment.objects.filter(person=tam).update(ended_at=now)

    assert not RepairCase.objects.visible_to(tam).exists()


# --- The answer --------------------------------------------------------------------


def test_the_one_who_is_asked_says_yes_once(birch, now):
    case = asked_for(birch, now=now)

    repair.accept(case, by=birch.ben.person, now=now)
    case = repair.accept(case, by=birch.ben.person, now=now)

    assert case.state == "agreed"
    assert told(birch.ada, "repair_news") == 1


@pytest.mark.parametrize("who", ["ada", "sol"])
def test_nobody_else_says_yes_for_them(birch, now, who):
    case = asked_for(birch, now=now)

    with pytest.raises(Refused):
        repair.accept(case, by=getattr(birch, who).person, now=now)


def test_a_stranger_may_do_nothing(birch, dee, now):
    case = talk(birch, now=now)

    for act in (repair.pause, repair.end, repair.accept, repair.be_the_third):
        with pytest.raises(Refused):
            act(case, by=dee.person, now=now)


def test_a_yes_may_be_a_yes_to_more_distance(birch, now):
    case = asked_for(birch, now=now)

    case = repair.accept(case, by=birch.ben.person, now=now, way="shuttle")

    assert (case.state, case.way) == ("agreed", "shuttle")


def test_more_distance_is_given_and_never_taken_back(birch, now):
    case = agreed_on(birch, now=now)

    case = repair.keep_apart(case, by=birch.ben.person, now=now, way="shuttle")

    assert case.way == "shuttle"
    with pytest.raises(Refused):
        repair.keep_apart(case, by=birch.ada.person, now=now, way="room")


def test_after_a_no_the_same_way_is_not_asked_again(birch, now):
    case = asked_for(birch, now=now)
    case = repair.decline(case, by=birch.ben.person, words="Not in a call.", now=now)

    with pytest.raises(Refused):
        repair.ask_again(case, by=birch.ada.person, way="room", now=now)
    case = repair.ask_again(case, by=birch.ada.person, way="written", now=now)

    assert (case.state, case.way) == ("asked", "written")
    assert told(birch.ben, "repair_asked") == 2


def test_a_no_may_become_a_yes(birch, now):
    case = repair.decline(asked_for(birch, now=now), by=birch.ben.person, now=now)

    case = repair.accept(case, by=birch.ben.person, now=now)

    assert case.state == "agreed"


def test_a_no_may_be_let_go(birch, now):
    case = repair.decline(asked_for(birch, now=now), by=birch.ben.person, now=now)

    case = repair.end(case, by=birch.ada.person, now=now)

    assert (case.state, case.ending) == ("ended", "let_go")
    assert case.erase_at == now + 30 * DAY


def test_the_same_two_have_one_conversation_at_a_time(birch, now):
    asked_for(birch, now=now)
    concern = write_down(birch, now=now, by=birch.ben, about=birch.ada)

    with pytest.raises(Refused):
        asking.send(concern, by=birch.ben, third=birch.sol.person, now=now)

    assert RepairConcern.objects.visible_to(birch.ben.person).exists()


def test_a_no_stands_until_it_is_forgotten(birch):
    case = repair.decline(asked_for(birch, now=MONDAY), by=birch.ben.person, now=MONDAY)
    case = repair.end(case, by=birch.ada.person, now=MONDAY)

    with pytest.raises(Refused):
        asked_for(birch, now=MONDAY + DAY)
    tending.erase_what_is_due(now=case.erase_at)

    assert asked_for(birch, now=case.erase_at).state == "asked"


def test_a_no_stands_too_where_it_was_asked_again_and_taken_back(birch):
    case = repair.decline(asked_for(birch, now=MONDAY), by=birch.ben.person, now=MONDAY)
    later = MONDAY + MINUTE
    repair.ask_again(case, by=birch.ada.person, way="written", now=later)
    repair.end(case, by=birch.ada.person, now=later)

    with pytest.raises(Refused, match="They said no within the last thirty days"):
        asked_for(birch, now=later)


def test_what_was_taken_back_before_any_answer_may_be_asked_anew(birch):
    case = asked_for(birch, now=MONDAY)
    repair.end(case, by=birch.ada.person, now=MONDAY + MINUTE)

    assert asked_for(birch, now=MONDAY + DAY).state == "asked"


# --- The third party ---------------------------------------------------------------


def test_it_does_not_begin_before_the_third_is_willing(birch, now):
    case = repair.accept(asked_for(birch, now=now), by=birch.ben.person, now=now)

    with pytest.raises(Refused):
        repair.begin(case, by=birch.ada.person, now=now)
    repair.be_the_third(case, by=birch.sol.person, now=now)

    assert repair.begin(case, by=birch.ada.person, now=now).state == "talking"


def test_when_the_third_steps_back_the_talk_rests_until_there_is_another(
    birch, tam, now
):
    case = talk(birch, now=now)

    case = repair.step_back(case, by=birch.sol.person, now=now)

    assert (case.state, case.third) == ("paused", None)
    assert not RepairCase.objects.visible_to(birch.sol.person).exists()
    with pytest.raises(Refused):
        repair.resume(case, by=birch.ada.person, now=now)
    case = repair.choose_third(case, by=birch.ben.person, third=tam, now=now)
    case = repair.be_the_third(case, by=tam, now=now)

    assert repair.resume(case, by=birch.ada.person, now=now).state == "talking"


def test_the_other_one_may_ask_for_another_third(birch, tam, now):
    case = agreed_on(birch, now=now)

    case = repair.choose_third(case, by=birch.ben.person, third=tam, now=now)

    assert (case.third, case.third_willing_at) == (tam, None)


def test_when_the_third_says_nothing_the_two_are_told_once(birch):
    case = repair.accept(asked_for(birch, now=MONDAY), by=birch.ben.person, now=MONDAY)
    before = told(birch.ada, "repair_news"), told(birch.ben, "repair_news")

    for _two_beats in range(2):
        tending.tend(now=case.third_due_at)

    after = told(birch.ada, "repair_news"), told(birch.ben, "repair_news")
    assert after == (before[0] + 1, before[1] + 1)


def test_a_third_who_answered_is_waited_for_no_more(birch):
    case = agreed_on(birch, now=MONDAY)
    before = told(birch.ada, "repair_news")

    tending.tend(now=MONDAY + 9 * DAY)

    assert case.third_due_at is None
    assert told(birch.ada, "repair_news") == before


def test_a_member_who_is_not_on_the_list_is_no_third(birch, dee, now):
    case = agreed_on(birch, now=now)

    with pytest.raises(Refused):
        repair.choose_third(case, by=birch.ben.person, third=dee.person, now=now)


def test_what_was_said_to_one_third_is_not_read_by_the_next(birch, tam, now):
    case = talk(birch, now=now)
    repair.say_aside(case, by=birch.ada.person, words="I am afraid of him.", now=now)
    repair.step_back(case, by=birch.sol.person, now=now)

    repair.choose_third(case, by=birch.ada.person, third=tam, now=now)

    assert not RepairAside.objects.visible_to(tam).exists()
    assert not RepairAside.objects.visible_to(birch.ben.person).exists()
    assert RepairAside.objects.visible_to(birch.ada.person).count() == 1


# --- The gates ---------------------------------------------------------------------


def test_it_takes_thirty_five_minutes_in_all():
    assert [step.minutes for step in STEPS] == [3, 5, 3, 5, 3, 6, 8, 2]
    assert MINUTES_IN_ALL == 35


def test_the_first_gate_is_opened_by_each_for_the_other(birch, now):
    case = talk(birch, now=now)

    case = press(case, birch.ada, now=now)
    assert case.step == 0
    case = press(case, birch.ben, now=now)

    assert STEPS[case.step].key == "asker_speaks"


def test_no_gate_opens_without_the_other_one(birch, now):
    """At every step, whatever the one who acts presses, it stays shut."""
    case = talk(birch, now=now)
    people = {"asker": birch.ada, "addressee": birch.ben}
    while case.step < LAST:
        step = STEPS[case.step]
        at, actor = case.step, people[step.speaker or "asker"]
        for _try in range(2):
            with contextlib.suppress(Refused):
                press(case, actor, now=now + 60 * MINUTE)
        assert fresh(case).step == at, step.key
        case = through(fresh(case), birch, now=now, until=at + 1)


def test_the_third_opens_no_gate(birch, now):
    case = talk(birch, now=now)

    with pytest.raises(Refused):
        press(case, birch.sol, now=now)


def test_whoever_speaks_is_not_cut_short(birch, now):
    case = through(talk(birch, now=now), birch, now=now, until=1)

    with pytest.raises(Refused):
        press(case, birch.ben, now=now + 4 * MINUTE)
    done(case, birch.ada, now=now + 4 * MINUTE)
    case = press(case, birch.ben, now=now + 4 * MINUTE)

    assert STEPS[case.step].key == "addressee_says_back"


def test_once_the_time_is_up_the_listener_may_open_the_gate(birch, now):
    case = through(talk(birch, now=now), birch, now=now, until=1)

    case = press(case, birch.ben, now=now + 5 * MINUTE)

    assert STEPS[case.step].key == "addressee_says_back"


def test_not_quite_begins_the_same_step_again(birch, now):
    case = through(talk(birch, now=now), birch, now=now, until=2)
    late = now + 3 * MINUTE

    case = repair.not_quite(
        case, by=birch.ada.person, step=case.step, attempt=case.attempt, now=late
    )

    assert (STEPS[case.step].key, case.attempt) == ("addressee_says_back", 2)
    assert case.seconds_left(late) == 180


def test_only_the_one_whose_words_they_are_says_not_quite(birch, now):
    case = through(talk(birch, now=now), birch, now=now, until=2)

    with pytest.raises(Refused):
        repair.not_quite(case, by=birch.ben.person, step=2, attempt=1, now=now)


def test_a_press_from_an_old_page_opens_no_later_gate(birch, now):
    case = through(talk(birch, now=now), birch, now=now, until=5)
    old = fresh(case)
    case = through(case, birch, now=now, until=6)

    press(old, birch.ada, now=now, step=5)
    with pytest.raises(Refused):
        press(old, birch.ada, now=now, step=5, attempt=7)

    assert fresh(case).step == 6
    assert holding.pressed(fresh(case)) == set()


def test_pressing_twice_is_pressing_once(birch, now):
    case = talk(birch, now=now)

    press(case, birch.ada, now=now)
    press(case, birch.ada, now=now)

    assert RepairPress.objects.unsealed(LOOKS).count() == 1


def test_the_timebox_is_the_servers_and_ends_nothing(birch, now):
    case = talk(birch, now=now)

    assert case.seconds_left(now + MINUTE) == 120
    assert case.seconds_left(now + 9 * MINUTE) == 0
    assert fresh(case).step == 0


def test_anyone_may_pause_and_the_clock_rests(birch, now):
    case = talk(birch, now=now)

    case = repair.pause(case, by=birch.ben.person, now=now + MINUTE)
    assert case.seconds_left(now + 60 * MINUTE) == 120
    with pytest.raises(Refused):
        press(case, birch.ada, now=now + MINUTE)
    with pytest.raises(Refused):
        repair.resume(case, by=birch.ada.person, now=now + 60 * MINUTE)
    case = repair.resume(case, by=birch.ben.person, now=now + 60 * MINUTE)

    assert case.seconds_left(now + 60 * MINUTE) == 120


def test_two_who_pause_at_once_pause_once(birch, now):
    case = talk(birch, now=now)

    repair.pause(case, by=birch.ada.person, now=now)
    case = repair.pause(case, by=birch.ben.person, now=now)

    assert (case.state, case.held_by) == ("paused", "asker")


def test_the_third_gives_two_minutes_more(birch, now):
    case = talk(birch, now=now)

    case = repair.give_time(case, by=birch.sol.person, step=0, attempt=1, now=now)

    assert case.seconds_left(now) == 300
    with pytest.raises(Refused):
        repair.give_time(case, by=birch.ada.person, step=0, attempt=1, now=now)


# --- Apart, and in writing ---------------------------------------------------------


def test_apart_words_reach_the_other_only_when_they_are_carried(birch, now):
    case = through(talk(birch, now=now, way="shuttle"), birch, now=now, until=1)

    case = repair.say(case, by=birch.ada.person, words="It hurt.", now=now)
    assert ("said", "It hurt.") not in words_in(case)
    assert not RepairAside.objects.visible_to(birch.ben.person).exists()
    case = done(case, birch.ada, now=now)
    with pytest.raises(Refused):
        press(case, birch.ben, now=now)
    (aside,) = waiting_to_be_carried(birch, case)
    repair.carry(aside, by=birch.sol.person, now=now)
    repair.carry(aside, by=birch.sol.person, now=now)

    assert words_in(case).count(("said", "It hurt.")) == 1
    assert (
        STEPS[press(fresh(case), birch.ben, now=now).step].key == "addressee_says_back"
    )


def test_apart_a_request_is_carried_before_it_is_an_agreement_to_be(birch, now):
    case = through(talk(birch, now=now, way="shuttle"), birch, now=now, until=6)

    agreeing.request(case, by=birch.ada.person, words="Ask me.", now=now)
    assert not RepairAgreement.objects.visible_to(birch.ben.person).exists()
    (aside,) = waiting_to_be_carried(birch, case)
    repair.carry(aside, by=birch.sol.person, now=now)
    asked = RepairAgreement.objects.visible_to(birch.ben.person).get()

    assert (asked.words, asked.said_yes("asker"), asked.stands) == (
        "Ask me.",
        True,
        False,
    )
    with pytest.raises(Refused):
        agreeing.word_otherwise(asked, by=birch.ben.person, words="No.", now=now)
    assert agreeing.say_yes(asked, by=birch.ben.person, edition=1, now=now).stands


def test_words_that_were_not_carried_yet_can_be_taken_back(birch, now):
    case = talk(birch, now=now, way="shuttle")
    repair.say(case, by=birch.ada.person, words="It hurt.", now=now)
    (aside,) = waiting_to_be_carried(birch, case)

    repair.take_back(aside, by=birch.ben.person, now=now)
    assert waiting_to_be_carried(birch, case) == [aside]
    repair.take_back(aside, by=birch.ada.person, now=now)

    assert waiting_to_be_carried(birch, case) == []


def test_the_third_has_a_word_with_one_of_them_alone(birch, now):
    case = talk(birch, now=now, way="shuttle")

    repair.say_aside(
        case, by=birch.sol.person, to="addressee", words="How are you?", now=now
    )

    assert RepairAside.objects.visible_to(birch.ben.person).count() == 1
    assert not RepairAside.objects.visible_to(birch.ada.person).exists()


def test_the_two_have_no_word_aside_with_each_other(birch, now):
    case = talk(birch, now=now, way="shuttle")

    with pytest.raises(Refused):
        repair.say_aside(
            case, by=birch.ada.person, to="addressee", words="Psst.", now=now
        )


def test_only_the_third_carries(birch, now):
    case = talk(birch, now=now, way="shuttle")
    repair.say(case, by=birch.ada.person, words="It hurt.", now=now)
    (aside,) = waiting_to_be_carried(birch, case)

    with pytest.raises(Refused):
        repair.carry(aside, by=birch.ben.person, now=now)


def test_a_word_aside_is_carried_to_nobody(birch, now):
    case = talk(birch, now=now)

    aside = repair.say_aside(case, by=birch.ada.person, words="Only you.", now=now)
    repair.carry(aside, by=birch.sol.person, now=now)

    assert ("said", "Only you.") not in words_in(case)


@pytest.mark.parametrize("way", ["room", "written", "shuttle"])
def test_every_way_leads_through_all_gates(birch, now, way):
    case = settled(birch, now=now, way=way)

    assert case.state == "settled"


def test_in_writing_a_gate_waits_for_the_words(birch, now):
    case = through(talk(birch, now=now, way="written"), birch, now=now, until=1)

    with pytest.raises(Refused):
        done(case, birch.ada, now=now)
    with pytest.raises(Refused):
        press(case, birch.ben, now=now + 30 * DAY)


# --- Agreements, and looking back --------------------------------------------------


def test_a_request_stands_once_both_have_said_yes(birch, now):
    case = through(talk(birch, now=now), birch, now=now, until=6)

    asked = agreeing.request(
        case, by=birch.ada.person, words="Ask me before Friday.", now=now
    )
    assert not asked.stands
    asked = agreeing.say_yes(asked, by=birch.ben.person, edition=asked.edition, now=now)

    assert asked.stands


def test_other_words_void_the_yes_of_the_other(birch, now):
    case = through(talk(birch, now=now), birch, now=now, until=6)
    asked = agreeing.request(case, by=birch.ada.person, words="Ask me.", now=now)
    read = asked.edition
    asked = agreeing.word_otherwise(
        asked, by=birch.ada.person, words="Ask me twice.", now=now
    )

    with pytest.raises(Refused):
        agreeing.say_yes(asked, by=birch.ben.person, edition=read, now=now)

    assert not RepairAgreement.objects.visible_to(birch.ada.person).get().stands


def test_two_who_word_it_otherwise_at_once_lose_nothing(birch, now):
    case = through(talk(birch, now=now), birch, now=now, until=6)
    asked = agreeing.request(case, by=birch.ada.person, words="Ask me.", now=now)
    agreeing.word_otherwise(
        asked, by=birch.ada.person, words="Ask me twice.", edition=1, now=now
    )

    with pytest.raises(Refused):
        agreeing.word_otherwise(
            asked, by=birch.ben.person, words="Never.", edition=1, now=now
        )

    assert RepairAgreement.objects.visible_to(birch.ada.person).get().words == (
        "Ask me twice."
    )


def test_the_third_asks_for_nothing(birch, now):
    case = through(talk(birch, now=now), birch, now=now, until=6)

    with pytest.raises(Refused):
        agreeing.request(case, by=birch.sol.person, words="Be kind.", now=now)


def test_the_day_is_named_by_one_and_opened_by_the_other(birch, now):
    case = through(talk(birch, now=now), birch, now=now)
    day = day_in(birch.cohort, now) + 14 * DAY
    case = agreeing.name_day(case, by=birch.ada.person, day=day, now=now)

    with pytest.raises(Refused):
        press(case, birch.ada, now=now)
    case = press(case, birch.ben, now=now)

    assert (case.state, case.check_back_on) == ("settled", day)


def test_a_page_with_another_day_opens_no_gate(birch, now):
    case = through(talk(birch, now=now), birch, now=now)
    today = day_in(birch.cohort, now)
    seen = agreeing.name_day(case, by=birch.ada.person, day=today + 7 * DAY, now=now)
    agreeing.name_day(case, by=birch.ada.person, day=today + 70 * DAY, now=now)

    with pytest.raises(Refused):
        press(seen, birch.ben, now=now)

    assert fresh(case).state == "talking"


@pytest.mark.parametrize("days", [-1, 0, 400])
def test_the_day_is_one_to_come(birch, now, days):
    case = through(talk(birch, now=now), birch, now=now)
    day = day_in(birch.cohort, now) + days * DAY

    with pytest.raises(Refused):
        agreeing.name_day(case, by=birch.ada.person, day=day, now=now)


def test_it_ends_when_both_say_that_it_holds(birch, now):
    case = settled(birch, now=now)

    case = agreeing.look_back(case, by=birch.ada.person, holds=True, now=now)
    assert case.state == "settled"
    case = agreeing.look_back(case, by=birch.ben.person, holds=True, now=now)

    assert (case.state, case.ending) == ("ended", "kept")


def test_one_of_them_may_ask_to_talk_again(birch, now):
    case = settled(birch, now=now)

    case = agreeing.look_back(case, by=birch.ben.person, holds=False, now=now)

    assert (case.state, case.round, case.erase_at) == ("agreed", 2, None)
    case = repair.begin(case, by=birch.ada.person, now=now)
    case = through(case, birch, now=now)
    assert case.step == LAST


# --- The clock ---------------------------------------------------------------------


def test_an_answer_has_two_working_days_of_the_one_who_is_asked(birch):
    friday = MONDAY - 3 * DAY

    case = asked_for(birch, now=friday)

    # Friday and Monday, nine to five in Recife.
    assert case.answer_by == datetime(2026, 3, 2, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day_off", "until"),
    [
        # Thursday and, after Friday and Saturday, Sunday; nine to five in Cairo.
        ("Africa/Cairo", None, datetime(2026, 3, 8, 15, tzinfo=UTC)),
        # Thursday and Friday, in Nairobi.
        ("Africa/Nairobi", None, datetime(2026, 3, 6, 14, tzinfo=UTC)),
        # Their own day off is no working day either.
        ("Africa/Nairobi", 4, datetime(2026, 3, 9, 14, tzinfo=UTC)),
    ],
)
def test_a_working_day_is_one_where_they_live(birch, zone, day_off, until):
    ben = birch.ben.person
    ben.timezone, ben.day_off = zone, day_off
    ben.save()

    case = asked_for(birch, now=datetime(2026, 3, 5, 4, tzinfo=UTC))

    assert case.answer_by == until


def test_the_window_keeps_to_the_clocks_when_they_change(birch):
    """Ben in Berlin, over the last Sunday of March: nine to five stays nine to five."""
    birch.ben.person.timezone = "Europe/Berlin"
    birch.ben.person.save()
    friday = datetime(2026, 3, 27, 8, tzinfo=UTC)  # nine in Berlin, in winter

    case = asked_for(birch, now=friday)

    assert case.answer_by == datetime(2026, 3, 30, 15, tzinfo=UTC)  # five, in summer


def test_after_two_working_days_the_third_is_told_and_then_the_lead(birch):
    case = asked_for(birch, now=MONDAY)
    wednesday = MONDAY + 2 * DAY

    tending.tend(now=MONDAY + timedelta(hours=31))
    assert told(birch.sol, "repair_third_overdue") == 0
    for _two_beats in range(2):
        tending.tend(now=wednesday)
    assert told(birch.sol, "repair_third_overdue") == 1
    assert told(birch.lea, "repair_overdue") == 0
    late = fresh(case).third_answer_by
    for _two_beats in range(2):
        tending.tend(now=late)

    assert told(birch.lea, "repair_overdue") == 1
    overdue = RepairOverdue.objects.visible_to(birch.lea).get()
    assert overdue.whom == birch.sol.person


def test_the_lead_learns_whom_to_call_and_neither_name_nor_circle(birch):
    case = asked_for(birch, now=MONDAY)
    tending.tend(now=MONDAY + 3 * DAY)
    tending.tend(now=MONDAY + 9 * DAY)

    overdue = RepairOverdue.objects.visible_to(birch.lea).get()

    keys = {getattr(overdue, f.attname) for f in overdue._meta.concrete_fields}
    assert not keys & {
        case.pk,
        birch.ada.person.pk,
        birch.ben.person.pk,
        birch.cohort.pk,
    }
    assert not RepairCase.objects.visible_to(birch.lea).exists()


def test_an_answer_takes_the_line_away_from_the_lead(birch):
    case = asked_for(birch, now=MONDAY)
    tending.tend(now=MONDAY + 3 * DAY)
    tending.tend(now=MONDAY + 9 * DAY)

    repair.decline(case, by=birch.ben.person, now=MONDAY + 9 * DAY)

    assert not RepairOverdue.objects.visible_to(birch.lea).exists()


def test_a_lead_who_is_in_it_is_not_told_as_lead(birch):
    appoint(birch.ben.person, to=birch.program, role=Appointment.Role.LEAD)
    asked_for(birch, now=MONDAY)

    tending.tend(now=MONDAY + 3 * DAY)
    tending.tend(now=MONDAY + 9 * DAY)

    assert not RepairOverdue.objects.visible_to(birch.lea).exists()
    # That the third says nothing, and then that nobody else was told.
    assert told(birch.ada, "repair_news") == 2


def test_what_nobody_touches_for_thirty_days_lapses(birch):
    case = asked_for(birch, now=MONDAY)

    tending.tend(now=MONDAY + 30 * DAY)

    assert (fresh(case).state, fresh(case).ending) == ("ended", "lapsed")


def test_a_draft_is_kept_for_thirty_days(birch):
    write_down(birch, now=MONDAY)

    tending.tend(now=MONDAY + 29 * DAY)
    assert RepairConcern.objects.visible_to(birch.ada.person).exists()
    tending.tend(now=MONDAY + 30 * DAY)

    assert not RepairConcern.objects.visible_to(birch.ada.person).exists()


def test_on_the_day_both_are_asked_to_look_back_once(birch):
    case = settled(birch, now=MONDAY, days=14)

    tending.tend(now=MONDAY + 13 * DAY)
    assert told(birch.ada, "repair_check_back") == 0
    for _two_beats in range(2):
        tending.tend(now=MONDAY + 14 * DAY)

    assert (
        told(birch.ada, "repair_check_back")
        == told(birch.ben, "repair_check_back")
        == 1
    )
    tending.tend(now=MONDAY + 28 * DAY)
    assert fresh(case).ending == "quiet"


# --- Leaving in the middle ---------------------------------------------------------


def test_who_leaves_reads_no_more_and_it_ends_for_the_other(birch, now):
    case = talk(birch, now=now)

    joining.leave(birch.ben, by=birch.ben.person, now=now)

    assert not RepairCase.objects.visible_to(birch.ben.person).exists()
    with pytest.raises(Refused):
        repair.pause(case, by=birch.ada.person, now=now)
    tending.tend(now=now)
    case = RepairCase.objects.visible_to(birch.ada.person).get()
    assert (case.state, case.ending) == ("ended", "parted")
    assert case.erase_at == now + 30 * DAY


def test_who_leaves_takes_their_own_words_along(birch, now):
    asked_for(birch, now=now)
    joining.leave(birch.ada, by=birch.ada.person, now=now)

    taken = privacy.export(birch.ada.person)["tables"]

    assert [row["words"] for row in taken["charters.RepairSaying"]] == [
        HAPPENED,
        IMPACT,
        WISH,
    ]


def test_an_export_holds_ones_own_words_and_not_the_others(birch, now):
    case = talk(birch, now=now)
    repair.say(case, by=birch.ben.person, words="From Ben.", now=now)

    taken = privacy.export(birch.ada.person)["tables"]

    assert "From Ben." not in str(taken)
    assert taken["charters.RepairCase"][0]["state"] == "talking"


def test_an_erased_person_leaves_no_words(birch, now):
    case = talk(birch, now=now)

    privacy.erase(birch.ada.person, by=birch.ada.person, now=now)
    tending.tend(now=now)

    assert {words for _kind, words in words_in(case)} == {""}
    assert fresh(case).ending == "parted"


def test_a_third_who_leaves_makes_room_for_another(birch, now):
    seat(birch.cohort, person("nia"), Role.FACILITATOR)
    case = talk(birch, now=now)

    joining.leave(birch.sol, by=birch.sol.person, now=now)
    tending.tend(now=now)

    assert (fresh(case).state, fresh(case).third) == ("paused", None)


def test_it_lapses_though_its_third_left_while_the_clock_stood_still(birch):
    seat(birch.cohort, person("nia"), Role.FACILITATOR)
    case = asked_for(birch, now=MONDAY)
    joining.leave(birch.sol, by=birch.sol.person, now=MONDAY + DAY)

    tending.tend(now=MONDAY + 400 * DAY)

    assert (fresh(case).state, fresh(case).ending) == ("ended", "lapsed")


def test_who_leaves_before_the_day_is_not_kept_until_that_day(birch):
    case = settled(birch, now=MONDAY, days=180)
    joining.leave(birch.ben, by=birch.ben.person, now=MONDAY + DAY)

    tending.tend(now=MONDAY + DAY)

    assert fresh(case).erase_at == MONDAY + 31 * DAY


# --- At rest, and erased -----------------------------------------------------------


def kept(model):
    rows = model.objects.unsealed(LOOKS).annotate(raw=at_rest("words"))
    return [bytes(raw) for raw in rows.values_list("raw", flat=True)]


def test_words_rest_encrypted_and_their_length_says_little(birch, now):
    asked_for(birch, now=now)

    at = kept(RepairSaying)

    assert len(at) == 3
    assert len({len(one) for one in at}) == 1
    assert not any(b"budget" in one or b"asked before" in one for one in at)


def test_no_column_of_the_database_holds_a_plain_word(birch, now):
    """Every text of every table, as the database itself keeps it."""
    case = settled(birch, now=now, way="shuttle")
    repair.say_aside(case, by=birch.ada.person, words="Zanzibar.", now=now)
    case = agreeing.look_back(
        case, by=birch.ben.person, holds=False, words="Zanzibar?", now=now
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables "
            "WHERE table_schema = 'public'"
        )
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for table in tables:
            if table == "django_migrations":
                continue
            cursor.execute(
                f'SELECT count(*) FROM "{table}" t WHERE t::text ~* %s',
                ["zanzibar|budget line|work did not count|In asker_speaks"],
            )
            if cursor.fetchone()[0]:
                found.append(table)

    assert found == []


def test_words_at_rest_cannot_be_searched():
    with pytest.raises(FieldError):
        RepairSaying.objects.unsealed(LOOKS).filter(words="x")


def test_thirty_days_after_the_check_back_every_column_is_empty(birch):
    case = settled(birch, now=MONDAY, days=14, way="shuttle")
    repair.say_aside(case, by=birch.ada.person, words="For you alone.", now=MONDAY)
    case = agreeing.look_back(
        case, by=birch.ada.person, holds=True, now=MONDAY + 14 * DAY
    )
    end_of_the_day = datetime(2026, 3, 16, 21, tzinfo=UTC)  # midnight in Nairobi

    tending.erase_what_is_due(now=end_of_the_day + 30 * DAY - MINUTE)
    assert all(kept(RepairSaying))
    tending.erase_what_is_due(now=end_of_the_day + 30 * DAY)

    for model in HOLD_WORDS:
        assert set(kept(model)) <= {b""}, model
    assert kept(RepairSaying)
    case = fresh(case)
    assert (case.asker, case.addressee, case.third, case.state) == (
        None,
        None,
        None,
        "erased",
    )
    for reader in (birch.ada.person, birch.ben.person, birch.sol.person):
        assert not RepairCase.objects.visible_to(reader).exists()
    assert not OutboxMessage.objects.filter(about_id=case.pk).exists()


def test_each_run_is_written_down_whether_or_not_there_was_anything(birch):
    tending.erase_what_is_due(now=MONDAY)
    case = repair.end(asked_for(birch, now=MONDAY), by=birch.ada.person, now=MONDAY)
    tending.erase_what_is_due(now=case.erase_at)

    first, second = Record.objects.filter(act="clock.erase_words").order_by("at")

    assert [(r.actor, r.about, r.place) for r in (first, second)] == [
        (None, None, None)
    ] * 2


def test_nothing_of_it_is_in_the_record_of_acts(birch, now):
    before = Record.objects.count()

    case = settled(birch, now=now)
    agreeing.look_back(case, by=birch.ada.person, holds=False, now=now)

    assert Record.objects.count() == before


def test_an_ending_without_a_check_back_is_forgotten_after_thirty_days(birch):
    case = repair.end(asked_for(birch, now=MONDAY), by=birch.ada.person, now=MONDAY)

    tending.erase_what_is_due(now=MONDAY + 30 * DAY)

    assert fresh(case).state == "erased"


def test_a_care_contact_is_told_to_everyone(birch):
    contact = CareContact.objects.create(
        program=birch.program, name="Casa Aberta", reach="+55 81 5550 0101"
    )

    assert CareContact.objects.get() == contact
    assert timezone.is_aware(contact.changed_at)
    assert cipher.encrypt("") == b""


# --- The clocks, as they run -------------------------------------------------------


def test_every_clock_of_the_house_strikes_a_task_that_there_is():
    from django.conf import settings

    from cohortsite.celery import app

    app.loader.import_default_modules()
    wanted = {one["task"] for one in settings.CELERY_BEAT_SCHEDULE.values()}

    assert wanted <= set(app.tasks)


def test_the_tasks_say_nothing_of_what_they_did(birch, caplog):
    """What a task returns stands in the log of the worker."""
    case = repair.end(asked_for(birch, now=MONDAY), by=birch.ada.person, now=MONDAY)
    caplog.set_level("DEBUG")

    assert tasks.tend_repairs() is None
    assert tasks.erase_repairs() is None

    assert fresh(case).state == "erased"
    assert str(case.pk) not in caplog.text
    assert HAPPENED not in caplog.text


def test_months_of_two_beats_and_a_sleeping_worker_say_everything_once(birch):
    """Nobody answers. The worker sleeps for five days, when the third is due."""
    case = asked_for(birch, now=MONDAY)
    for quarter_hour in range(0, 70 * 24 * 4, 24):
        at = MONDAY + timedelta(minutes=15 * quarter_hour)
        if timedelta(days=2) <= at - MONDAY < timedelta(days=7):
            continue
        for _beat in range(2):
            tending.tend(now=at)
            tending.erase_what_is_due(now=at)
        if fresh(case).state == "ended":
            assert told(birch.ben, "repair_asked") == 1
            assert told(birch.sol, "repair_third_asked") == 1
            assert told(birch.sol, "repair_third_overdue") == 1
            assert told(birch.lea, "repair_overdue") == 1
            # That the third says nothing, and that it lapsed.
            assert told(birch.ada, "repair_news") == 2

    assert fresh(case).state == "erased"
    assert not OutboxMessage.objects.filter(about_id=case.pk).exists()


def test_the_empty_rows_go_after_a_year_and_a_half(birch):
    case = repair.end(asked_for(birch, now=MONDAY), by=birch.ada.person, now=MONDAY)
    tending.erase_what_is_due(now=case.erase_at)

    tending.erase_what_is_due(now=case.erase_at + 550 * DAY)

    assert not RepairCase.objects.unsealed(LOOKS).exists()
    assert not RepairSaying.objects.unsealed(LOOKS).exists()


def test_asked_in_the_circle_of_a_program_without_leads_it_goes_on(birch):
    Appointment.objects.filter(role=Appointment.Role.LEAD).delete()
    case = asked_for(birch, now=MONDAY)

    tending.tend(now=MONDAY + 3 * DAY)
    tending.tend(now=MONDAY + 9 * DAY)

    assert fresh(case).state == "asked"
    assert told(birch.ada, "repair_news") == 2


def test_without_a_third_the_one_who_asked_is_told_of_the_silence(birch):
    case = asked_for(birch, now=MONDAY)
    repair.step_back(case, by=birch.sol.person, now=MONDAY)
    before = told(birch.ada, "repair_news")

    tending.tend(now=MONDAY + 3 * DAY)
    tending.tend(now=MONDAY + 9 * DAY)

    assert told(birch.ada, "repair_news") == before + 1
    assert not RepairOverdue.objects.visible_to(birch.lea).exists()


def test_the_same_form_twice_tells_once(birch, now):
    case = agreed_on(birch, now=now, way="written")
    key = uuid4()
    before = told(birch.ben, "repair_news")

    for _twice in range(2):
        repair.say(case, by=birch.ada.person, words="Once.", now=now, client_key=key)

    assert told(birch.ben, "repair_news") == before + 1


def test_news_of_silence_do_not_swallow_the_answer_that_comes_after(birch):
    case = asked_for(birch, now=MONDAY)
    repair.step_back(case, by=birch.sol.person, now=MONDAY)
    tending.tend(now=MONDAY + 3 * DAY)
    before = told(birch.ada, "repair_news")

    repair.accept(case, by=birch.ben.person, now=MONDAY + 4 * DAY)

    assert told(birch.ada, "repair_news") == before + 1


# --- When the circle, or an account, comes to its end ------------------------------


def test_a_cohort_that_finishes_lets_a_conversation_go_on(birch, now):
    """What broke is not mended by the calendar; only new concerns end with it."""
    case = talk(birch, now=now)
    draft = write_down(birch, about=birch.sol, now=now)
    joining.finish(birch.cohort, by=birch.sol.person, now=now)
    birch.cohort.refresh_from_db()

    case = through(case, birch, now=now)
    tending.tend(now=now)

    assert (fresh(case).state, fresh(case).step) == ("talking", LAST)
    with pytest.raises(Refused):
        asking.send(draft, by=birch.ada, third=birch.sol.person, now=now)


def test_an_erased_third_makes_room_and_their_words_go(birch, now):
    seat(birch.cohort, person("nia"), Role.FACILITATOR)
    case = talk(birch, now=now)
    repair.say(case, by=birch.sol.person, words="From the third.", now=now)
    repair.say_aside(case, by=birch.ada.person, words="To them alone.", now=now)

    privacy.erase(birch.sol.person, by=birch.sol.person, now=now)
    tending.tend(now=now)

    assert (fresh(case).state, fresh(case).third) == ("paused", None)
    assert "From the third." not in {words for _kind, words in words_in(case)}


def test_an_erased_person_leaves_no_draft_and_nobody_is_told(birch, now):
    write_down(birch, now=now)

    privacy.erase(birch.ada.person, by=birch.ada.person, now=now)

    assert not RepairConcern.objects.unsealed(LOOKS).exists()
    assert not OutboxMessage.objects.filter(notice__startswith="repair").exists()


def test_a_draft_about_somebody_who_left_is_kept_and_cannot_be_sent(birch, now):
    concern = write_down(birch, now=now)
    joining.leave(birch.ben, by=birch.ben.person, now=now)

    with pytest.raises(Refused, match="not in your circle any more"):
        asking.send(concern, by=birch.ada, third=birch.sol.person, now=now)

    assert RepairConcern.objects.visible_to(birch.ada.person).get() == concern


@pytest.mark.parametrize("way", ["written", "shuttle"])
def test_nothing_is_not_quite_before_it_was_said_back(birch, now, way):
    case = through(talk(birch, now=now, way=way), birch, now=now, until=2)
    not_quite = {"step": 2, "attempt": 1, "now": now}

    with pytest.raises(Refused, match="Nothing has been said back yet"):
        repair.not_quite(case, by=birch.ada.person, **not_quite)
    repair.say(case, by=birch.ben.person, words="What I hear is…", now=now)
    for aside in waiting_to_be_carried(birch, case):
        repair.carry(aside, by=birch.sol.person, now=now)
    case = repair.not_quite(case, by=birch.ada.person, **not_quite)

    assert case.attempt == 2


def test_other_words_from_a_page_of_before_they_were_apart_are_carried(birch, now):
    case, key = talk(birch, now=now), uuid4()
    repair.say(case, by=birch.ada.person, words="First.", client_key=key, now=now)
    repair.keep_apart(case, by=birch.ben.person, way="shuttle", now=now)
    repair.say(case, by=birch.ada.person, words="Second.", client_key=key, now=now)

    for aside in waiting_to_be_carried(birch, case):
        repair.carry(aside, by=birch.sol.person, now=now)

    assert [words for _kind, words in words_in(case)][-2:] == ["First.", "Second."]
