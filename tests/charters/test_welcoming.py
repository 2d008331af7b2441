"""Newcomers, the charter they came to, and the conversation that may follow."""

from datetime import timedelta

import pytest
from django.urls import reverse

from charters import welcoming
from charters.models import NewcomerAnswer, newcomers
from charters.sections import conversations, my_charter
from cohorts.places import places_of
from people.models import OutboxMessage
from people.refusal import Refused
from tests.conftest import person, seat

DAY = timedelta(days=1)


class AsIf:
    def __init__(self, user):
        self.user = user


@pytest.fixture
def eve(founded, now):
    return seat(founded.cohort, person("eve"), joined_at=now)


def lines_for(member, now):
    places = places_of(member.person)
    return list(my_charter(AsIf(member.person), places, now))


def to_call(cast, now):
    found = conversations(AsIf(cast.sol.person), [cast.cohort], now)
    return [(c.person, c.detail) for c in found]


def told(member):
    rows = OutboxMessage.objects.filter(
        recipient=member.person, notice__startswith="charters.newcomer"
    )
    return sorted(row.notice for row in rows)


def test_only_those_who_came_to_a_charter_are_newcomers(founded, eve):
    assert list(newcomers()) == [eve]


def test_a_newcomer_is_asked_once_and_reminded_once(eve, now):
    for hours in range(0, 24 * 14, 12):
        welcoming.tend(now=now + timedelta(hours=hours))

    assert told(eve) == ["charters.newcomer_asked", "charters.newcomer_reminder"]


def test_today_shows_the_time_left(eve, now):
    [line] = lines_for(eve, now)

    assert (line.title, line.window) == (
        "Can you live with our charter?",
        "14 days left",
    )


def test_a_yes_ends_the_asking(client, founded, eve, now):
    client.force_login(eve.person)
    url = reverse("charters:welcome", args=["birch"])

    page = client.get(url)
    client.post(url, {"kind": "consent", "fingerprint": founded.v1.fingerprint})

    answer = NewcomerAnswer.objects.visible_to(eve.person).get()
    assert page.status_code == 200
    assert (answer.version, answer.fingerprint) == (
        founded.v1,
        founded.v1.fingerprint,
    )
    assert lines_for(eve, now) == []
    assert to_call(founded, now + 20 * DAY) == []


def test_the_wish_to_talk_reaches_the_facilitator_and_nobody_else(founded, eve, now):
    welcoming.answer(
        founded.v1,
        by=eve,
        kind="talk",
        text="About recording.",
        fingerprint=founded.v1.fingerprint,
        now=now,
    )

    assert to_call(founded, now) == [(eve.person, "About recording.")]
    seen = {
        who: NewcomerAnswer.objects.visible_to(member.person).exists()
        for who, member in {
            "eve": eve,
            "sol": founded.sol,
            "ben": founded.ben,
            "oma": founded.oma,
        }.items()
    }
    assert seen == {"eve": True, "sol": True, "ben": False, "oma": False}


def test_fourteen_days_without_a_word_ask_for_a_conversation(founded, eve, now):
    assert to_call(founded, now + 13 * DAY) == []
    assert to_call(founded, now + 14 * DAY) == [(eve.person, "")]


def test_a_changed_mind_is_one_row(founded, eve, now):
    for kind in ("talk", "consent"):
        welcoming.answer(
            founded.v1,
            by=eve,
            kind=kind,
            fingerprint=founded.v1.fingerprint,
            now=now,
        )

    answers = NewcomerAnswer.objects.visible_to(eve.person)
    assert [a.kind for a in answers] == ["consent"]


def test_a_yes_is_tied_to_the_text_that_was_read(founded, eve, now):
    with pytest.raises(Refused):
        welcoming.answer(
            founded.v1, by=eve, kind="consent", fingerprint="0" * 64, now=now
        )


def test_nobody_answers_for_another_circle(founded, now):
    with pytest.raises(Refused):
        welcoming.answer(
            founded.v1,
            by=founded.oma,
            kind="consent",
            fingerprint=founded.v1.fingerprint,
            now=now,
        )
