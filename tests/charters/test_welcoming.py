"""Newcomers, the charter they came to, and the conversation that may follow."""

from datetime import timedelta

import pytest
from django.urls import reverse

from charters import amending, notices, welcoming
from charters.models import NewcomerAnswer, NewcomerTalk, answer_by, newcomers
from charters.sections import conversations, my_charter
from cohorts.places import places_of
from people.models import OutboxMessage
from people.refusal import Refused
from tests.charters.conftest import change, say_yes
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


# --- A version that comes meanwhile ---------------------------------------------------


def by_a_round_open_before(cast, now):
    """A change that was before the circle when Eve came, adopted three days later."""
    amendment = change(cast, cast.clauses[0], "New words.", now - DAY)
    asked = amending.open_round(amendment, by=cast.ada, now=now - DAY)
    say_yes(cast, asked, cast.ben, cast.sol, now=now)
    return amendment


def test_a_version_that_passed_a_newcomer_by_is_asked_of_them(founded, now):
    amendment = by_a_round_open_before(founded, now)
    eve = seat(founded.cohort, person("eve"), joined_at=now)
    welcoming.tend(now=now)
    agree(founded.v1, eve, now + DAY)
    amending.adopt(amendment, by=founded.ada, now=now + 3 * DAY)

    for hours in range(0, 24 * 40, 12):
        welcoming.tend(now=now + timedelta(hours=hours))

    # Once at first; and for the new version, once and a reminder.
    assert told(eve) == [
        "charters.newcomer_asked",
        "charters.newcomer_asked",
        "charters.newcomer_reminder",
    ]
    [again] = newcomers()
    assert answer_by(again) == now + 17 * DAY


def test_a_yes_to_the_new_version_ends_it(founded, now):
    amendment = by_a_round_open_before(founded, now)
    eve = seat(founded.cohort, person("eve"), joined_at=now)
    agree(founded.v1, eve, now + DAY)
    second = amending.adopt(amendment, by=founded.ada, now=now + 3 * DAY)

    agree(second, eve, now + 4 * DAY)

    assert not newcomers().exists()


def test_a_version_they_were_asked_about_is_not_asked_of_them_again(founded, eve, now):
    agree(founded.v1, eve, now)
    amendment = change(founded, founded.clauses[0], "New words.", now)
    asked = amending.open_round(amendment, by=founded.ada, now=now + DAY)
    say_yes(founded, asked, founded.ben, founded.sol, eve, now=now + DAY)

    amending.adopt(amendment, by=founded.ada, now=now + 2 * DAY)

    assert not newcomers().exists()


def test_who_has_not_answered_gets_three_days_at_least_for_a_new_version(founded, now):
    amendment = by_a_round_open_before(founded, now)
    seat(founded.cohort, person("eve"), joined_at=now)

    amending.adopt(amendment, by=founded.ada, now=now + 13 * DAY)

    [member] = newcomers()
    assert answer_by(member) == now + 16 * DAY


def agree(version, member, at):
    welcoming.answer(
        version, by=member, kind="consent", fingerprint=version.fingerprint, now=at
    )


# --- The conversation -----------------------------------------------------------------


def test_a_conversation_that_was_had_leaves_the_week(client, founded, eve, now):
    late = now + 15 * DAY
    client.force_login(founded.sol.person)
    url = reverse("charters:welcome_talk", args=["birch", eve.pk])

    page = client.get(url)
    client.post(url, {"text": "We read it together."})

    assert page.status_code == 200
    assert to_call(founded, late) == []
    talk = NewcomerTalk.objects.visible_to(eve.person).get()
    assert (talk.by, talk.text) == (founded.sol, "We read it together.")


def test_the_wish_to_talk_again_comes_back_to_the_week(founded, eve, now):
    welcoming.talked(eve, by=founded.sol, now=now + DAY)

    welcoming.answer(
        founded.v1,
        by=eve,
        kind="talk",
        text="One thing more.",
        fingerprint=founded.v1.fingerprint,
        now=now + 2 * DAY,
    )

    assert to_call(founded, now + 3 * DAY) == [(eve.person, "One thing more.")]


def test_only_facilitators_note_it(client, founded, eve, now):
    with pytest.raises(Refused):
        welcoming.talked(eve, by=founded.ben, now=now)

    client.force_login(founded.ben.person)
    url = reverse("charters:welcome_talk", args=["birch", eve.pk])
    assert client.get(url).status_code == 404


def test_what_they_agreed_is_for_the_two_and_the_facilitators(founded, eve, now):
    welcoming.talked(eve, by=founded.sol, text="Between us.", now=now)

    seen = {
        who: NewcomerTalk.objects.visible_to(p).exists()
        for who, p in {
            "eve": eve.person,
            "sol": founded.sol.person,
            "ben": founded.ben.person,
            "lea": founded.lea,
            "oma": founded.oma.person,
        }.items()
    }
    assert seen == {"eve": True, "sol": True, "ben": False, "lea": False, "oma": False}


# --- From the mail --------------------------------------------------------------------


@pytest.fixture
def link(eve):
    return reverse("charters:welcome_link", args=[notices.welcome_token(eve)])


def test_a_mailed_link_shows_the_charter_and_changes_nothing(client, founded, link):
    page = client.get(link)

    assert founded.clauses[0].text in page.content.decode()
    assert page.headers["Cache-Control"] == "no-store, private"
    assert not NewcomerAnswer.objects.unsealed("test").exists()


def test_a_yes_from_the_mail_counts(client, founded, eve, link):
    client.post(link, {"kind": "consent", "fingerprint": founded.v1.fingerprint})

    answer = NewcomerAnswer.objects.visible_to(eve.person).get()
    assert (answer.member, answer.kind) == (eve, "consent")


def test_a_yes_to_an_older_text_shows_the_new_one(client, founded, eve, link):
    answer = client.post(link, {"kind": "consent", "fingerprint": "0" * 64})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "a new version since you opened it" in page
    assert founded.v1.fingerprint in page
    assert not NewcomerAnswer.objects.unsealed("test").exists()


@pytest.mark.parametrize("what", ["spoiled", "left"])
def test_a_link_that_is_over_does_nothing(client, founded, eve, link, what, now):
    if what == "left":
        eve.left_at = now
        eve.save()
    else:
        link = link[:-4] + "xxx/"

    answer = client.post(
        link, {"kind": "consent", "fingerprint": founded.v1.fingerprint}
    )

    assert answer.status_code == 404
    assert not NewcomerAnswer.objects.unsealed("test").exists()


def test_a_mailed_link_speaks_the_language_of_whoever_got_it(client, eve, link):
    eve.person.language = "de"
    eve.person.save()

    page = client.get(link)

    assert page.headers["Content-Language"] == "de"
    assert 'lang="de"' in page.content.decode()
