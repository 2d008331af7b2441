"""The course of a repair conversation: every state has a way out."""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from charters.course import (
    ALL,
    CLOCK,
    LAST,
    MOVES,
    OPEN,
    STEPS,
    TWO,
    State,
    moves_of,
)

FINAL = State.ERASED


def reachable(start, whose):
    """The states that these parts can bring it to, without anybody else."""
    found, to_look_at = {start}, [start]
    while to_look_at:
        state = to_look_at.pop()
        for move in MOVES.values():
            theirs = state in move.of and set(move.whose) & set(whose)
            if theirs and move.to not in found:
                found.add(move.to)
                to_look_at.append(move.to)
    return found


@pytest.mark.parametrize("state", State)
def test_every_state_is_reached(state):
    assert state in reachable(State.ASKED, (*ALL, CLOCK))


@pytest.mark.parametrize("state", [s for s in State if s != FINAL])
def test_the_clock_alone_brings_everything_to_its_end(state):
    """Whatever nobody does any more: the words are erased."""
    assert FINAL in reachable(state, (CLOCK,))


@pytest.mark.parametrize("state", [s for s in OPEN if s != State.SETTLED])
def test_the_one_who_asked_can_end_it_alone(state):
    ways = {move.to for move in moves_of(state, "asker")}

    assert State.ENDED in ways


@pytest.mark.parametrize(
    "state", [State.ASKED, State.AGREED, State.TALKING, State.PAUSED]
)
def test_the_one_who_was_asked_can_say_no_or_end_it_alone(state):
    ways = {move.to for move in moves_of(state, "addressee")}

    assert ways & {State.DECLINED, State.ENDED}


def test_a_no_binds_nobody_but_the_one_who_said_it():
    assert {m.name for m in moves_of(State.DECLINED, "addressee")} == {"accept"}
    assert {m.name for m in moves_of(State.DECLINED, "asker")} == {
        "ask_again",
        "let_go",
    }


def test_the_third_can_pause_and_end_nothing():
    moves = {m.name for state in State for m in moves_of(state, "third")}

    assert moves == {"pause", "resume"}


def test_what_ended_is_never_open_again():
    assert reachable(State.ENDED, (*ALL, CLOCK)) == {State.ENDED, FINAL}


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.key)
def test_a_gate_is_opened_by_the_other_one_or_by_each_for_the_other(step):
    assert step.opened_by
    assert step.speaker not in step.opened_by
    assert set(step.opened_by) <= set(TWO)


def test_what_one_said_is_said_back_by_the_other_before_anything_else():
    for spoken, back in ((1, 2), (3, 4)):
        assert STEPS[spoken].speaker != STEPS[back].speaker
        assert STEPS[back].says_back
        assert STEPS[back].opened_by == (STEPS[spoken].speaker,)


class ACourse(RuleBasedStateMachine):
    """Any sequence of moves, by whoever may make them: never stuck, never back."""

    @initialize()
    def asked(self):
        self.state = State.ASKED
        self.ended = False

    @rule(
        pick=st.integers(min_value=0, max_value=99), who=st.sampled_from([*ALL, CLOCK])
    )
    def move(self, pick, who):
        ways = list(moves_of(self.state, who))
        if ways:
            self.state = ways[pick % len(ways)].to
            self.ended = self.ended or self.state in (State.ENDED, FINAL)

    @invariant()
    def there_is_always_a_way(self):
        if self.state != FINAL:
            assert any(list(moves_of(self.state, who)) for who in (*ALL, CLOCK))

    @invariant()
    def an_end_is_an_end(self):
        if self.ended:
            assert self.state not in OPEN


TestACourse = ACourse.TestCase


def test_the_last_step_is_the_day_to_look_back():
    assert STEPS[LAST].key == "check_back"
