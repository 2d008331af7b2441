"""The mails that bring people in: what they say, and when they stay at home."""

import re
from datetime import time, timedelta

import pytest
from django.conf import settings
from django.core import mail

from cohorts import agreements, founding, joining, reopening, signing
from cohorts.models import Invitation
from people import delivery
from people.models import OutboxMessage, User
from tests.cohorts.pool import intake_of, six
from tests.cohorts.test_seating import composed


@pytest.fixture
def awake(birch):
    """Nobody has quiet hours, so that a test need not wait for the morning."""
    User.objects.update(quiet_from=time(0), quiet_until=time(0), day_off=None)
    return birch


@pytest.fixture
def letter(awake):
    return joining.invite(
        "nia@example.org", into=awake.cohort, by=awake.sol.person, called="Nia"
    )


def delivered(now):
    delivery.deliver_due(now=now + timedelta(hours=1))
    return {m.to[0].split("<")[-1].strip(">"): m for m in mail.outbox}


def path_in(message):
    (found,) = re.findall(rf"{settings.SITE_URL}(/[^\s]*)\n", message.body)[:1]
    return found


def test_the_invitation_says_who_asks_what_it_costs_and_where_to_look(
    client, letter, now
):
    sent = delivered(now)["nia@example.org"]

    assert sent.subject == "A seat for you in Birch"
    assert "Sol would like to have you in Birch" in sent.body
    assert "about 6 hours a month" in sent.body
    assert client.get(path_in(sent)).status_code == 200
    assert len(sent.message().as_bytes()) < 15_000


def test_the_link_is_in_the_mail_and_nowhere_in_the_outbox(letter, now):
    row = OutboxMessage.objects.values().get()

    assert letter.secret() not in str(row)
    assert letter.secret() in delivered(now)["nia@example.org"].body


def test_the_invitation_speaks_the_language_of_the_invited(awake, now):
    joining.invite("omar@example.org", into=awake.oak, by=awake.lea, language="ar")

    sent = delivered(now)["omar@example.org"]

    assert sent.extra_headers["Content-Language"] == "ar"


def test_what_was_taken_back_is_not_sent(awake, letter, now):
    joining.revoke(letter, by=awake.sol.person)

    assert delivered(now) == {}


def test_only_the_newest_link_is_ever_mailed(client, awake, letter, now):
    older = letter.secret()
    joining.resend(letter, by=awake.sol.person)

    delivered(now)

    assert {path_in(m) for m in mail.outbox} == {
        f"/invite/{Invitation.objects.visible_to(awake.lea).get().secret()}/"
    }
    assert client.get(f"/invite/{older}/").status_code == 404


def test_a_changed_agreement_knocks_without_its_text(awake, now):
    agreements.offer(awake.program, text="Bring bread.", by=awake.lea)

    sent = delivered(now)["ada@example.org"]

    assert path_in(sent) == "/c/birch/agreement/"
    assert "Bring bread" not in sent.body


def test_who_left_is_asked_to_sign_nothing(awake, now):
    agreements.offer(awake.program, text="Bring bread.", by=awake.lea)
    joining.leave(awake.ada, by=awake.ada.person)

    assert sorted(delivered(now)) == [
        "ben@example.org",
        "oma@example.org",
        "sol@example.org",
    ]


def test_who_has_signed_is_not_asked_any_more(awake, now):
    intake = intake_of(awake.program)
    six(intake)
    proposal = composed(intake, awake.lea)
    signing.ask_to_sign(proposal, awake.sol.person, by=awake.lea)
    signing.sign(
        proposal, by=awake.sol.person, arrangement=signing.arrangement_of(proposal)
    )

    assert "sol@example.org" not in delivered(now)


def test_the_request_to_sign_names_the_call_and_nobody(awake, now):
    intake = intake_of(awake.program)
    six(intake)
    proposal = composed(intake, awake.lea)
    signing.ask_to_sign(proposal, awake.sol.person, by=awake.lea)

    sent = delivered(now)["sol@example.org"]

    assert sent.subject == "Cohorts for Spring: will you sign?"
    assert "Huda" not in sent.body


def test_a_task_is_told_with_the_way_to_sign_in(awake, now):
    founding.give_task(
        "ren@example.org", program=awake.program, role="reviewer", by=awake.lea
    )
    User.objects.update(quiet_from=time(0), quiet_until=time(0), day_off=None)

    assert "reviewer" in delivered(now)["ren@example.org"].body


def test_who_is_asked_to_hold_a_cohort_reads_that_and_not_of_a_seat(client, awake, now):
    joining.ask_to_hold(awake.ada, by=awake.sol.person)

    sent = delivered(now)["ada@example.org"]

    assert sent.subject == "Will you hold Birch?"
    assert "Sol asks you to hold Birch" in sent.body
    assert client.get(path_in(sent)).status_code == 200


def test_a_no_to_the_agreement_is_told_without_a_name_or_words(awake, now):
    agreement = agreements.offer(awake.program, text="Bring bread.", by=awake.lea)
    OutboxMessage.objects.all().delete()
    agreements.decline(agreement, by=awake.ada.person, note="Too early")

    sent = delivered(now)

    letter = sent["sol@example.org"]
    assert list(sent) == ["sol@example.org"]
    assert letter.subject == "Somebody in Birch would like to talk"
    assert path_in(letter) == "/f/birch/people/"
    assert "Ada" not in letter.body
    assert "Too early" not in letter.body


def test_who_signs_after_all_calls_nobody(awake, now):
    agreement = agreements.offer(awake.program, text="Bring bread.", by=awake.lea)
    OutboxMessage.objects.all().delete()
    agreements.decline(agreement, by=awake.ada.person)
    agreements.sign(
        agreement, by=awake.ada.person, name_typed="Ada", sha256=agreement.sha256
    )

    assert delivered(now) == {}


def test_everyone_learns_who_opened_their_cohort_again(awake, now):
    closed = joining.finish(awake.cohort, by=awake.sol.person)
    asked = reopening.ask(closed, by=awake.sol.person, reason="Oh dear", now=now)
    reopening.agree(asked, by=awake.lea, now=now)

    sent = delivered(now)

    assert sorted(sent) == ["ada@example.org", "ben@example.org", "sol@example.org"]
    assert "Sol and Lea have opened Birch again" in sent["ada@example.org"].body
    assert "Oh dear" not in sent["ada@example.org"].body
