"""What the mails of the charter say, to whom, and what they keep to themselves."""

import re
from datetime import UTC, datetime, time, timedelta

import pytest
from django.core import mail

from charters import amending, quarterly
from charters.models import QuarterlyReview
from people import delivery
from people.clock import moment_for
from people.models import OutboxMessage, User
from tests.charters.conftest import change, object_to, say_yes

DAY = timedelta(days=1)


@pytest.fixture
def awake(birch):
    """Nobody has quiet hours, so that a test need not wait for the morning."""
    User.objects.update(quiet_from=time(0), quiet_until=time(0), day_off=None)
    for member in (birch.ada, birch.ben, birch.sol):
        member.person.refresh_from_db()
    return birch


def only(name):
    """Leave nothing in the outbox but this kind of notice."""
    OutboxMessage.objects.exclude(notice=f"charters.{name}").delete()


def delivered(now):
    delivery.deliver_due(now=now)
    return {m.to[0].split("<")[-1].strip(">"): m for m in mail.outbox}


def test_the_knock_names_the_circle_and_the_moment_not_the_text(awake, asked, now):
    only("round_opened")

    letters = delivered(now + timedelta(hours=1))

    body = letters["ben@example.org"].body
    assert "Birch" in body
    assert moment_for(asked.ben.person, asked.round.closes_at) in body
    assert "in Recife" in body
    assert "Stays here" not in body
    assert "What is said here" not in body


def test_the_moment_is_the_readers_own_over_a_change_of_clocks(awake, founded):
    # New York's clocks go back on 1 November 2026, while the round is open.
    founded.ben.person.timezone = "America/New_York"
    founded.ben.person.save()
    opened = datetime(2026, 10, 30, 14, tzinfo=UTC)
    amendment = change(founded, founded.clauses[0], "New.", opened)
    asked = amending.open_round(amendment, by=founded.ada, now=opened)
    only("round_opened")

    letters = delivered(opened + timedelta(hours=1))

    assert asked.closes_at == datetime(2026, 11, 4, 14, tzinfo=UTC)
    assert "Wednesday 4 November, 09:00 in New York" in letters["ben@example.org"].body
    assert "Wednesday 4 November, 17:00 in Nairobi" in letters["sol@example.org"].body


def test_the_link_in_the_mail_answers(awake, asked, now, client):
    only("round_opened")
    body = delivered(now + timedelta(hours=1))["ben@example.org"].body
    path = re.search(r"http://[^/]+(/answer/\S+)", body)[1]

    client.post(path, {"kind": "consent", "text_hash": asked.round.text_hash})

    stands = amending.standing(asked.round, now=now)
    assert stands.answer_of(asked.ben).kind == "consent"


def test_whoever_answered_meanwhile_gets_no_reminder(awake, asked, now):
    late = asked.round.closes_at - timedelta(hours=3)
    amending.remind(now=late)
    only("round_reminder")
    say_yes(asked, asked.round, asked.ben, now=late)

    letters = delivered(late + timedelta(minutes=31))

    assert set(letters) == {"sol@example.org"}


def test_someone_who_left_gets_nothing(awake, asked, now):
    only("round_opened")
    asked.ben.left_at = now
    asked.ben.save()

    assert set(delivered(now + timedelta(hours=1))) == {"sol@example.org"}


def test_an_objection_knocks_at_the_proposers_door_only(awake, asked, now):
    object_to(asked.round, by=asked.ben, now=now)
    only("objection_raised")

    letters = delivered(now + timedelta(hours=1))

    assert set(letters) == {"ada@example.org"}
    assert "Those who listen late" not in letters["ada@example.org"].body


def test_the_review_is_told_by_its_day(awake, founded):
    review = QuarterlyReview.objects.visible_to(founded.ada.person).get()
    opens = datetime.combine(review.opens_on, time(9), tzinfo=UTC)
    quarterly.tend(now=opens)
    only("review_opened")

    letters = delivered(opens + timedelta(hours=1))

    assert len(letters) == 3
    assert f"{review.due_on.day} " in letters["ben@example.org"].subject


@pytest.mark.parametrize(
    "name", ["round_ended", "version_adopted", "review_due", "charter_lapsed"]
)
def test_every_letter_can_be_written(awake, asked, name):
    from charters import notices
    from people.letters import plain
    from people.outbox import notice_named

    review = QuarterlyReview.objects.visible_to(asked.ada.person).get()
    about = {
        "round_ended": asked.round,
        "version_adopted": asked.v1,
        "review_due": review,
        "charter_lapsed": review,
    }[name]
    notice = notice_named(f"charters.{name}")

    found = notice.find(asked.ada.person, about.pk)
    text = plain(f"{notice.template}.txt", {"about": found})

    assert isinstance(found, notices.ForMember)
    assert found.url in text
    assert notice.find(asked.oma.person, about.pk) is None
    assert notice.find(None, about.pk) is None
