from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.agenda import (
    Capture,
    Code,
    Phase,
    Problem,
    Repeat,
    Speaks,
    Verdict,
    fits,
    plan,
    problems,
    rooms_for,
    template_fits,
)
from sessions.agendas import BUILT_IN, STANDARD, TROIKA, by_key


def phase(key="talk", minutes=5, **more):
    return Phase(key=key, name=key.title(), minutes=minutes, **more)


WISE_CROWDS = [
    phase("present", 2, repeat_per=Repeat.CLIENT),
    phase("clarify", 3, repeat_per=Repeat.CLIENT),
    phase("consult", 8, repeat_per=Repeat.CLIENT),
    phase("feedback", 2, repeat_per=Repeat.CLIENT),
]


def test_seven_people_in_wise_crowds_need_105_minutes():
    fit = fits(WISE_CROWDS, people=7, minutes=90)

    assert (fit.verdict, fit.needed) == (Verdict.TOO_LONG, 105)


def test_seven_people_in_troika_need_two_rooms_and_30_minutes():
    fit = template_fits(TROIKA, people=7, minutes=30)

    assert (fit.verdict, fit.rooms, fit.needed) == (Verdict.FITS, 2, 30)


def test_phases_that_repeat_are_gone_through_as_a_block():
    steps = plan(WISE_CROWDS[:2], people=2).steps

    assert [(s.phase.key, s.turn, s.starts, s.minutes) for s in steps] == [
        ("present", 1, 0, 2),
        ("clarify", 1, 2, 3),
        ("present", 2, 5, 2),
        ("clarify", 2, 7, 3),
    ]


def test_minutes_per_person_grow_with_the_circle():
    made = plan([phase(minutes=2, per_person=True), phase("end", 3)], people=6)

    assert made.minutes == 15


def test_rounds_repeat_as_often_as_they_say():
    made = plan([phase(minutes=15, repeat_per=Repeat.ROUND, rounds=2)], people=9)

    assert [(step.turn, step.turns) for step in made.steps] == [(1, 2), (2, 2)]


def test_a_session_that_fits_only_when_shortened_says_so():
    phases = [phase(minutes=10, minutes_min=6), phase("end", 10)]

    fit = fits(phases, people=5, minutes=17)

    assert (fit.verdict, fit.needed, fit.shortest) == (Verdict.FITS_SHORTENED, 20, 16)
    assert fit.fits


@pytest.mark.parametrize(
    ("people", "room", "rooms"), [(7, 3, 2), (6, 3, 2), (2, 3, 1), (60, None, 1)]
)
def test_how_many_rooms(people, room, rooms):
    assert rooms_for(people, room) == rooms


@pytest.mark.parametrize(
    ("people", "problem"),
    [
        (3, Problem(code=Code.TOO_FEW_PEOPLE, value=3, limit=4)),
        (60, Problem(code=Code.TOO_MANY_PEOPLE, value=60, limit=14)),
        (0, Problem(code=Code.NOBODY)),
    ],
)
def test_a_circle_too_small_or_too_large_is_told(people, problem):
    assert template_fits(STANDARD, people=people, minutes=90).problems == (problem,)


@pytest.mark.parametrize(
    ("phases", "problem"),
    [
        ([], Problem(code=Code.NO_PHASES)),
        (
            [phase(minutes=0)],
            Problem(code=Code.MINUTES_OUT_OF_RANGE, phase=0, value=0, limit=240),
        ),
        ([phase(minutes=5, minutes_min=6)], Problem(code=Code.LIMITS_CROSSED, phase=0)),
        ([phase(minutes=5, minutes_max=4)], Problem(code=Code.LIMITS_CROSSED, phase=0)),
        (
            [phase(rounds=1000)],
            Problem(code=Code.ROUNDS_OUT_OF_RANGE, phase=0, value=1000, limit=20),
        ),
        ([phase(key=" ")], Problem(code=Code.NAMELESS, phase=0)),
        (
            [phase(minutes=200)] * 3,
            Problem(code=Code.SESSION_TOO_LONG, value=600, limit=480),
        ),
        (
            [phase(minutes=1)] * 41,
            Problem(code=Code.TOO_MANY_PHASES, value=41, limit=40),
        ),
    ],
)
def test_what_an_agenda_would_stumble_over(phases, problem):
    assert problems(phases) == (problem,)


phases_of_any_kind = st.lists(
    st.builds(
        phase,
        minutes=st.integers(1, 60),
        per_person=st.booleans(),
        repeat_per=st.sampled_from(Repeat),
        rounds=st.integers(1, 3),
        minutes_min=st.just(1),
    ),
    min_size=1,
    max_size=8,
)


@given(
    phases=phases_of_any_kind,
    people=st.integers(1, 20),
    room=st.none() | st.integers(2, 5),
)
def test_a_plan_has_no_gap_and_its_minutes_are_those_of_its_steps(phases, people, room):
    made = plan(phases, people=people, room=room)

    assert made.steps[0].starts == 0
    assert all(one.ends == following.starts for one, following in pairwise(made.steps))
    assert made.steps[-1].ends == made.minutes
    assert plan(phases, people=people, room=room, shortest=True).minutes <= made.minutes


@given(phases=phases_of_any_kind, people=st.integers(1, 20))
def test_a_session_fits_exactly_the_minutes_it_needs(phases, people):
    needed = plan(phases, people=people).minutes

    assert fits(phases, people=people, minutes=needed).verdict == Verdict.FITS
    assert fits(phases, people=people, minutes=needed - 1).verdict != Verdict.FITS


def test_a_phase_is_kept_as_plain_data_and_read_back():
    kept = phase(
        roles=("Client",),
        speaker_rule=Speaks.ROLE,
        capture=Capture.EDGE,
        private_writing=True,
    )

    data = kept.as_data()

    assert Phase.from_data({**data, "from_a_later_version": 1}) == kept
    assert type(data["capture"]) is str
    assert data["roles"] == ["Client"]


# The built-in agendas


@pytest.mark.parametrize(
    ("key", "people", "minutes"),
    [
        ("standard-90", 6, 90),
        ("opening-bookend", 6, 15),
        ("closing-bookend", 6, 15),
        ("troika-consulting", 3, 30),
        ("1-2-4-all", 12, 12),
        ("case-clinic-light", 5, 33),
        ("consent-round", 6, 30),
        ("quarterly-review", 6, 56),
    ],
)
def test_the_minutes_of_each_built_in_agenda(key, people, minutes):
    fit = template_fits(by_key(key), people=people, minutes=minutes)

    assert (fit.needed, fit.problems) == (minutes, ())


def test_the_standard_session_has_its_eight_phases():
    assert [phase.key for phase in STANDARD.phases] == [
        "arrive",
        "intentions",
        "edges",
        "consult",
        "reflect",
        "appreciate",
        "commit",
        "one-insight",
    ]


@pytest.mark.parametrize("template", BUILT_IN, ids=lambda template: template.key)
def test_built_in_agendas_are_sound(template):
    keys = [phase.key for phase in template.phases]

    assert problems(template.phases) == ()
    assert len(set(keys)) == len(keys)
    assert all(str(phase.prompt) for phase in template.phases)
    assert str(template.source)
