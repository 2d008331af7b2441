"""What leaves by mail about a session: the knock, never the content."""

import re
from datetime import timedelta
from email.utils import parseaddr

import pytest
from django.core import mail
from django.utils import timezone

from people import delivery
from people.models import OutboxMessage
from sessions import rituals
from sessions.models import Rsvp

pytestmark = pytest.mark.django_db


@pytest.fixture
def soon(birch, plan):
    """A session of tomorrow noon in Nairobi, whose people are awake."""
    for member in (birch.ada, birch.ben, birch.sol):
        person = member.person
        person.quiet_from = person.quiet_until
        person.day_off = None
        person.save()
    return rituals.schedule(
        birch.cohort,
        plan(
            title="Secret title",
            purpose="Secret purpose",
            day=timezone.localdate() + timedelta(days=1),
        ),
        by=birch.sol.person,
    )


def deliver():
    mail.outbox.clear()
    delivery.deliver_due(now=timezone.now())
    return {parseaddr(message.to[0])[1]: message for message in mail.outbox}


def test_everyone_is_told_of_a_new_session(birch, soon):
    told = deliver()

    assert set(told) == {
        "ada@example.org",
        "ben@example.org",
        "sol@example.org",
    }
    # Ben is in Recife: the hour of his mail is his own.
    assert "10:00 in Recife" in told["ben@example.org"].subject
    assert "16:00 in Nairobi" in told["ada@example.org"].subject


def test_no_mail_carries_the_title_or_the_purpose(birch, soon):
    told = deliver()
    rituals.call_off(soon, by=birch.sol.person, why="A secret reason")
    told |= {f"again {to}": message for to, message in deliver().items()}

    assert len(told) == 6
    for message in told.values():
        assert "ecret" not in str(message.message())


def test_the_link_of_the_mail_answers_in_one_press(birch, soon, client):
    letter = deliver()["ada@example.org"].body
    link = re.search(r"http://[^/]+(/will-you-come/\S+\?answer=no)", letter)[1]

    page = client.get(link)
    client.post(link.split("?")[0], {"answer": "no"})

    assert 'value="no" checked' in page.content.decode()
    assert Rsvp.objects.unsealed("test").get().membership == birch.ada


def test_reminders_go_out_each_once_and_in_time(birch, soon):
    deliver()
    rituals.remind(now=timezone.now())
    OutboxMessage.objects.filter(notice="sessions.session_soon").update(
        send_after=timezone.now()
    )

    # Nobody is told "within the hour" a day before.
    assert all("within the hour" not in m.subject for m in deliver().values())


def test_whoever_left_hears_nothing_more(birch, soon):
    birch.ada.left_at = timezone.now()
    birch.ada.save()

    assert "ada@example.org" not in deliver()
