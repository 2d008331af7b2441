from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cohorts.models import Membership
from people.refusal import Refused
from sessions import hosting, rituals
from sessions.hosting import Seen
from sessions.models import (
    OwnNote,
    Presence,
    RitualSession,
    Room,
    SessionPhase,
    Turn,
    Writing,
)

pytestmark = pytest.mark.django_db


def room_of(session):
    return Room.objects.unsealed("test").get(session=session)


def phase(session, position):
    return SessionPhase.objects.unsealed("test").get(session=session, position=position)


def spoken(session):
    return {
        turn.person.called: turn.seconds
        for turn in Turn.objects.unsealed("test").filter(session=session)
    }


def seen(session):
    room = room_of(session)
    return Seen(
        position=room.position,
        speaker=room.speaker_id,
        extra_seconds=room.extra_seconds,
    )


def after(session, **more):
    return session.starts_at + timedelta(**more)


# --- Opening -------------------------------------------------------------------


def test_opening_begins_the_first_phase(birch, planned):
    room = hosting.open_room(planned, by=birch.sol, now=planned.starts_at)

    assert room.position == 0
    assert room.host == birch.sol
    assert phase(planned, 0).started_at == planned.starts_at
    assert RitualSession.objects.visible_to(birch.ada.person).get().is_open


def test_opening_twice_opens_once(birch, planned):
    first = hosting.open_room(planned, by=birch.sol, now=planned.starts_at)
    again = hosting.open_room(planned, by=birch.sol, now=after(planned, minutes=5))

    assert again == first
    assert again.phase_started_at == planned.starts_at


def test_a_member_does_not_open(birch, planned):
    with pytest.raises(Refused):
        hosting.open_room(planned, by=birch.ada, now=planned.starts_at)


def test_a_host_who_is_a_member_opens(birch, plan):
    session = rituals.schedule(birch.cohort, plan(host=birch.ada), by=birch.sol.person)

    assert hosting.open_room(session, by=birch.ada, now=session.starts_at)


def test_the_day_before_is_too_early(birch, planned):
    with pytest.raises(Refused):
        hosting.open_room(planned, by=birch.sol, now=after(planned, days=-1))


def test_what_was_called_off_stays_closed(birch, planned):
    rituals.call_off(planned, by=birch.sol.person, why="A storm.")

    with pytest.raises(Refused):
        hosting.open_room(planned, by=birch.sol, now=planned.starts_at)


# --- Phases --------------------------------------------------------------------


def test_the_circle_goes_on_and_back(birch, live):
    hosting.go_on(live, by=birch.sol, seen=Seen(position=0), now=after(live, minutes=5))
    room = hosting.go_back(
        live, by=birch.sol, seen=Seen(position=1), now=after(live, minutes=6)
    )

    assert room.position == 0
    assert phase(live, 1).ended_at == after(live, minutes=6)
    assert phase(live, 0).ended_at is None


def test_two_hosts_at_once_go_on_once(birch, live):
    hosting.go_on(live, by=birch.sol, seen=Seen(position=0))
    room = hosting.go_on(live, by=birch.sol, seen=Seen(position=0))

    assert room.position == 1


def test_the_last_phase_is_the_last(birch, live):
    for position in range(12):
        hosting.go_on(live, by=birch.sol, seen=Seen(position=position))

    assert room_of(live).position == 7


def test_only_hosts_move_the_circle(birch, live):
    for act in (hosting.go_on, hosting.go_back, hosting.add_minute, hosting.next_turn):
        with pytest.raises(Refused):
            act(live, by=birch.ada, seen=Seen(position=0))
    for act in (hosting.hold, hosting.resume, hosting.close):
        with pytest.raises(Refused):
            act(live, by=birch.ada)
    with pytest.raises(Refused):
        hosting.give_word(live, to=birch.ben, by=birch.ada)


def test_nobody_from_outside_moves_anything(birch, live):
    for act in (hosting.join, hosting.leave, hosting.take_seat, hosting.hold):
        with pytest.raises(Refused):
            act(live, by=birch.oma)
    with pytest.raises(Refused):
        hosting.write(live, by=birch.oma, text="Hello")


def test_a_minute_more_is_given_once(birch, live):
    hosting.add_minute(live, by=birch.sol, seen=Seen(position=0))
    room = hosting.add_minute(live, by=birch.sol, seen=Seen(position=0))

    assert room.extra_seconds == 60
    arrive = phase(live, 0)
    assert room.ends_at(arrive, now=live.starts_at) == after(
        live, minutes=arrive.minutes + 1
    )


def test_held_time_is_not_counted(birch, live):
    arrive = phase(live, 0)
    hosting.hold(live, by=birch.sol, now=after(live, minutes=1))
    held = room_of(live)
    hosting.resume(live, by=birch.sol, now=after(live, minutes=11))

    assert held.ends_at(arrive, now=after(live, minutes=4)) == after(
        live, minutes=arrive.minutes + 3
    )
    assert room_of(live).ends_at(arrive, now=after(live, minutes=12)) == after(
        live, minutes=arrive.minutes + 10
    )


def test_every_change_has_a_number(birch, live):
    before = room_of(live).version

    hosting.hold(live, by=birch.sol)
    hosting.hold(live, by=birch.sol)
    hosting.write(live, by=birch.ada, text="I am on the bus.")

    assert room_of(live).version == before + 2


# --- Turns ---------------------------------------------------------------------


def test_a_round_goes_through_those_who_are_here(birch, live):
    # Ada and Ben came after the phase began, so they follow Sol.
    room = room_of(live)
    assert room.speaking_order == [birch.sol.pk, birch.ada.pk, birch.ben.pk]

    said = []
    for minute in range(1, 5):
        room = hosting.next_turn(
            live, by=birch.sol, seen=seen(live), now=after(live, minutes=minute)
        )
        said.append(room.speaker_id)

    assert said == [birch.sol.pk, birch.ada.pk, birch.ben.pk, None]
    assert spoken(live) == {"Sol": 60, "Ada": 60, "Ben": 60}


def test_a_double_tap_skips_nobody(birch, live):
    shown = seen(live)
    hosting.next_turn(live, by=birch.sol, seen=shown, now=after(live, seconds=1))
    room = hosting.next_turn(live, by=birch.sol, seen=shown, now=after(live, seconds=2))

    assert room.speaker_id == birch.sol.pk


def test_quieter_voices_come_first(birch, live):
    hosting.give_word(live, to=birch.ada, by=birch.sol, now=after(live, seconds=10))
    hosting.give_word(live, to=birch.sol, by=birch.sol, now=after(live, seconds=100))
    hosting.go_on(
        live, by=birch.sol, seen=Seen(position=0), now=after(live, seconds=140)
    )
    for who in (birch.ada, birch.ben, birch.sol):
        hosting.join(live, by=who, now=after(live, minutes=5))
    room = hosting.go_on(
        live, by=birch.sol, seen=Seen(position=1), now=after(live, minutes=5)
    )

    assert spoken(live) == {"Ada": 90, "Sol": 40}
    assert room.speaking_order == [birch.ben.pk, birch.sol.pk, birch.ada.pk]


def test_a_pass_is_a_turn_and_not_asked_again(birch, live):
    hosting.pass_turn(live, by=birch.ada, seen=Seen(position=0))
    hosting.next_turn(live, by=birch.sol, seen=seen(live))
    room = hosting.next_turn(live, by=birch.sol, seen=seen(live))

    assert room.speaker_id == birch.ben.pk


def test_passing_while_one_has_the_word_hands_it_on(birch, live):
    hosting.next_turn(live, by=birch.sol, seen=seen(live), now=after(live, seconds=1))
    room = hosting.pass_turn(
        live, by=birch.sol, seen=Seen(position=0), now=after(live, seconds=4)
    )

    assert room.speaker_id == birch.ada.pk
    assert spoken(live) == {"Sol": 3}


def test_an_answer_in_writing_is_a_turn(birch, live):
    writing = hosting.write(live, by=birch.ada, text="Rested.", as_turn=True)

    assert writing.as_turn
    assert birch.ada.pk in room_of(live).heard


def test_while_held_nobody_is_counted(birch, live):
    hosting.next_turn(live, by=birch.sol, seen=seen(live), now=after(live, seconds=0))
    hosting.hold(live, by=birch.sol, now=after(live, seconds=30))
    hosting.resume(live, by=birch.sol, now=after(live, minutes=10))
    hosting.next_turn(
        live, by=birch.sol, seen=seen(live), now=after(live, minutes=10, seconds=15)
    )

    turns = Turn.objects.visible_to(birch.sol.person).order_by("started_at")
    assert [turn.seconds for turn in turns] == [30, 15]


def test_a_forgotten_tap_is_no_speech(birch, live):
    hosting.next_turn(live, by=birch.sol, seen=seen(live), now=live.starts_at)
    hosting.close(live, by=birch.sol, now=after(live, hours=2))

    assert spoken(live) == {"Sol": 20 * 60}


def test_airtime_is_ones_own(birch, live):
    hosting.give_word(live, to=birch.ada, by=birch.sol, now=live.starts_at)
    hosting.go_on(live, by=birch.sol, seen=seen(live), now=after(live, minutes=2))

    assert Turn.objects.visible_to(birch.ada.person).count() == 1
    assert Turn.objects.visible_to(birch.ben.person).count() == 0
    assert Turn.objects.visible_to(birch.sol.person).count() == 0


def test_the_index_is_of_many_voices_or_none():
    circle = ["ada", "ben", "kim", "sol"]

    assert hosting.evenness(
        spoken={"ada": 10, "ben": 6, "kim": 3, "sol": 1}, people=circle
    ) == pytest.approx(0.5)
    assert hosting.evenness(spoken={"ada": 10, "ben": 6}, people=circle) is None


# --- Coming and going ----------------------------------------------------------


def test_who_writes_is_not_called_up(birch, live):
    room = hosting.join(live, by=birch.ada, how="writing")

    assert birch.ada.pk not in room.speaking_order


def test_who_comes_back_on_another_device_is_the_same_person(birch, live):
    hosting.join(live, by=birch.ada, how="audio")

    ada = Presence.objects.unsealed("test").filter(session=live, membership=birch.ada)
    assert [presence.how for presence in ada] == ["audio"]
    assert room_of(live).speaking_order.count(birch.ada.pk) == 1


def test_who_leaves_gives_the_word_back(birch, live):
    hosting.give_word(live, to=birch.ada, by=birch.sol)
    room = hosting.leave(live, by=birch.ada)

    assert room.speaker_id is None
    assert birch.ada.pk not in room.speaking_order


def test_the_hosts_seat_is_free_after_a_minute(birch, live):
    soon, late = after(live, seconds=50), after(live, seconds=70)

    with pytest.raises(Refused):
        hosting.take_seat(live, by=birch.ada, now=soon)
    room = hosting.take_seat(live, by=birch.ada, now=late)

    assert room.host == birch.ada
    with pytest.raises(Refused):
        hosting.hold(live, by=birch.sol)


def test_a_facilitator_takes_the_seat_at_once(birch, plan):
    session = rituals.schedule(birch.cohort, plan(host=birch.ada), by=birch.sol.person)
    hosting.open_room(session, by=birch.ada, now=session.starts_at)

    room = hosting.take_seat(session, by=birch.sol, now=session.starts_at)

    assert room.host == birch.sol


def test_a_pause_is_asked_for_and_over(birch, live):
    hosting.pause(live, by=birch.ada, wanted=True)
    presence = Presence.objects.unsealed("test").get(membership=birch.ada)
    assert presence.pause_at is not None

    hosting.pause(live, by=birch.ada, wanted=False)
    presence.refresh_from_db()
    assert presence.pause_at is None


def test_being_here_is_written_now_and_then(birch, live):
    ada = Presence.objects.unsealed("test").get(membership=birch.ada)

    hosting.still_here(live, ada, now=after(live, seconds=5))
    ada.refresh_from_db()
    assert ada.seen_at == live.starts_at

    hosting.still_here(live, ada, now=after(live, seconds=20))
    ada.refresh_from_db()
    assert ada.seen_at == after(live, seconds=20)


def test_the_same_line_sent_twice_stands_once(birch, live):
    key = uuid4()

    hosting.write(live, by=birch.ada, text="Who tells the nurse?", client_key=key)
    hosting.write(live, by=birch.ada, text="Who tells the nurse?", client_key=key)

    assert Writing.objects.visible_to(birch.ben.person).count() == 1


def test_a_note_for_oneself_is_read_by_oneself(birch, live):
    hosting.keep_note(live, by=birch.ada, position=1, text="I am tired.")
    hosting.keep_note(live, by=birch.ada, position=1, text="I am tired of waiting.")

    assert OwnNote.objects.visible_to(birch.ada.person).get().text == (
        "I am tired of waiting."
    )
    assert not OwnNote.objects.visible_to(birch.sol.person).exists()


def test_a_closed_room_takes_nothing(birch, live):
    hosting.close(live, by=birch.sol)

    with pytest.raises(Refused):
        hosting.write(live, by=birch.ada, text="Wait!")
    with pytest.raises(Refused):
        hosting.go_on(live, by=birch.sol, seen=Seen(position=0))


def test_a_forgotten_room_is_closed(birch, live):
    assert hosting.close_forgotten(now=live.ends_at) == 0
    assert hosting.close_forgotten(now=live.ends_at + timedelta(hours=4)) == 1

    live.refresh_from_db()
    assert live.is_closed


# --- Many at once --------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_hosts_pressing_at_the_same_moment_skip_nothing(birch, live):
    pressing = 6
    together = Barrier(pressing)

    def press(_n):
        try:
            together.wait()
            hosting.go_on(live, by=birch.sol, seen=Seen(position=0))
        finally:
            connection.close()

    with ThreadPoolExecutor(pressing) as hosts:
        list(hosts.map(press, range(pressing)))

    assert room_of(live).position == 1


COMMANDS = st.lists(
    st.tuples(
        st.sampled_from(["on", "back", "turn", "minute", "hold", "resume", "pass"]),
        st.integers(0, 2),  # how many changes ago the page was made
    ),
    max_size=40,
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(COMMANDS)
def test_whatever_is_pressed_no_phase_is_skipped(birch, planned, commands):
    Room.objects.unsealed("test").all().delete()
    RitualSession.objects.unsealed("test").filter(pk=planned.pk).update(
        state="planned", opened_at=None
    )
    now = planned.starts_at
    hosting.open_room(planned, by=birch.sol, now=now)
    hosting.join(planned, by=birch.ada, now=now)
    shown = [seen(planned)]
    positions = [0]
    for command, ago in commands:
        now += timedelta(seconds=7)
        page = shown[max(0, len(shown) - 1 - ago)]
        match command:
            case "on":
                hosting.go_on(planned, by=birch.sol, seen=page, now=now)
            case "back":
                hosting.go_back(planned, by=birch.sol, seen=page, now=now)
            case "turn":
                hosting.next_turn(planned, by=birch.sol, seen=page, now=now)
            case "minute":
                hosting.add_minute(planned, by=birch.sol, seen=page, now=now)
            case "hold":
                hosting.hold(planned, by=birch.sol, now=now)
            case "resume":
                hosting.resume(planned, by=birch.sol, now=now)
            case "pass":
                hosting.pass_turn(planned, by=birch.ada, seen=page, now=now)
        shown.append(seen(planned))
        positions.append(shown[-1].position)

    moves = [b - a for a, b in pairwise(positions)]
    assert set(moves) <= {-1, 0, 1}
    room = room_of(planned)
    assert len(set(room.speaking_order)) == len(room.speaking_order)
    assert Membership.objects.filter(pk__in=room.heard).count() == len(room.heard)
