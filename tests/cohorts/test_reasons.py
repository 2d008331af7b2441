"""Every code the weighing knows has its words."""

from datetime import date

import pytest

from cohorts.compose import Obstacle, Weighing, Why
from cohorts.reasons import Speaker, duration
from cohorts.weighing import Code

SPEAKER = Speaker(
    names={"a": "Huda", "b": "Farah", "c": "Amina", "d": "Grace", "e": "Marek"},
    traits={"language": "Language"},
    groups=["Baobab", "Mangrove"],
    zone="Africa/Nairobi",
    monday=date(2026, 11, 23),
)
FOUND = {
    "people": ["a", "b"],
    "trait": "language",
    "value": "Arabic",
    "count": 2,
    "limit": 5,
    "breaks": 1,
}


def is_a_sentence(text):
    return text.endswith(".") and "%(" not in text and "None" not in text


@pytest.mark.parametrize("code", Code)
def test_every_finding_has_a_headline_and_a_sentence(code):
    found = {**FOUND, "code": str(code)}

    assert is_a_sentence(SPEAKER.finding(found))
    assert SPEAKER.headline(found)


@pytest.mark.parametrize("code", Why)
def test_every_reason_is_a_sentence(code):
    assert is_a_sentence(SPEAKER.because({**FOUND, "code": str(code)}))


@pytest.mark.parametrize("code", Weighing)
def test_everything_weighed_is_a_sentence(code):
    said = {"code": str(code), "traits": ["language"], "limits": [3, 5], "hard": True}

    assert is_a_sentence(SPEAKER.weighed(said))


@pytest.mark.parametrize("reason", Obstacle)
@pytest.mark.parametrize("nearest", [None, 1, 9])
def test_whoever_waits_is_told_why(reason, nearest):
    said = {
        "reason": str(reason),
        "nearest": nearest,
        "would_break": [{**FOUND, "code": "only_one"}],
    }

    assert is_a_sentence(SPEAKER.waiting(said))


def test_many_people_are_not_all_named():
    assert SPEAKER.people(["a", "b", "c", "d", "e"]) == (
        "Huda, Farah, Amina and 2 others"
    )


def test_somebody_who_is_gone_is_not_named():
    assert SPEAKER.people(["a", "gone"]) == "Huda"


def test_an_hour_is_told_where_the_program_is():
    # Half-hour 26 of the UTC week: Monday 13:00, when it is 16:00 in Nairobi.
    assert SPEAKER.moment(26) == "Monday, 16:00 in Nairobi"
    assert SPEAKER.moment(335) == "Monday, 02:30 in Nairobi"


@pytest.mark.parametrize(
    ("half_hours", "said"),
    [(1, "30 minutes"), (2, "1 hour"), (3, "90 minutes"), (4, "2 hours")],
)
def test_a_meeting_lasts_hours_or_minutes(half_hours, said):
    assert duration(half_hours) == said
