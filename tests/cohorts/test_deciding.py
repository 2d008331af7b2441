"""Decisions: pending for as long as it takes, released together."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cohorts import applying, deciding
from cohorts.links import Holder, mint
from cohorts.models import (
    Application,
    Appointment,
    IntakePhase,
    Permit,
    ResumeToken,
    Standing,
    appoint,
)
from people import delivery
from people.letters import message_id
from people.models import OutboxMessage, Purpose, User
from people.models.preferences import AddressStop
from people.refusal import Refused
from tests.conftest import person

ALL = "the test looks at everything"


@pytest.fixture
def three(call):
    return [call.arrive(name) for name in ("Amina Yusuf", "Bo", "Chi")]


def decide(call, birch, now, applications, outcome="offered", **fields):
    return deciding.decide(
        call.intake,
        [a.pk for a in applications],
        outcome=outcome,
        by=birch.lea,
        now=now,
        **fields,
    )


def ticks(*applications):
    """These as they are ticked in a list that is open now."""
    rows = Standing.objects.unsealed(ALL).filter(application__in=applications)
    return [f"{row.application_id}:{row.edition}" for row in rows]


def seen(call, birch):
    return deciding.seal_of(call.intake, deciding.pending(call.intake, by=birch.lea))


def release(call, birch, now, **fields):
    fields.setdefault("seen", seen(call, birch))
    return deciding.release(call.intake, by=birch.lea, now=now, **fields)


def test_a_pending_decision_is_told_to_nobody(call, birch, three, now):
    assert decide(call, birch, now, three) == 3

    told = Application.objects.unsealed(ALL).exclude(outcome="")
    assert (told.count(), OutboxMessage.objects.count()) == (0, 0)


def test_an_applicant_cannot_read_a_pending_decision(call, birch, now):
    application = call.arrive("Ada", applicant=birch.ada.person)
    decide(call, birch, now, [application])

    assert list(Standing.objects.visible_to(birch.ada.person)) == []


def test_released_together_each_gets_one_letter(call, birch, three, now):
    decide(call, birch, now, three[:2])
    decide(call, birch, now, three[2:], outcome="declined", reasons="Too many, sadly.")

    assert release(call, birch, now) == 3

    outcomes = Application.objects.unsealed(ALL).order_by("called")
    assert list(outcomes.values_list("outcome", "reasons")) == [
        ("offered", ""),
        ("offered", ""),
        ("declined", "Too many, sadly."),
    ]
    letters = OutboxMessage.objects.filter(notice="cohorts.application_decision")
    assert letters.count() == 3


def test_releasing_twice_sends_once(call, birch, three, now):
    decide(call, birch, now, three)
    looked_at = seen(call, birch)
    release(call, birch, now, seen=looked_at)

    with pytest.raises(Refused):
        release(call, birch, now, seen=looked_at)

    assert OutboxMessage.objects.count() == 3


def test_a_decision_changed_after_the_look_stops_all_letters(call, birch, three, now):
    decide(call, birch, now, three)
    looked_at = seen(call, birch)
    decide(call, birch, now, three[:1], outcome="waitlisted")

    with pytest.raises(Refused):
        release(call, birch, now, seen=looked_at)

    assert OutboxMessage.objects.count() == 0


def test_two_leads_deciding_at_once(call, birch, three, now):
    liv = person("liv")
    appoint(liv, to=birch.program, role=Appointment.Role.LEAD)
    edition = Standing.objects.unsealed(ALL).get(application=three[0]).edition
    decide(call, birch, now, three[:1], edition=edition)

    with pytest.raises(Refused):
        deciding.decide(
            call.intake,
            [three[0].pk],
            outcome="declined",
            reasons="x",
            by=liv,
            edition=edition,
            now=now,
        )


def test_a_withdrawn_application_is_left_out(call, birch, three, now):
    three[0].state, three[0].withdrawn_at = "withdrawn", now
    three[0].save()

    assert decide(call, birch, now, three) == 2


def test_what_was_offered_cannot_be_declined_afterwards(call, birch, three, now):
    decide(call, birch, now, three[:1])
    release(call, birch, now)

    assert decide(call, birch, now, three[:1], outcome="declined", reasons="x") == 0


def test_somebody_on_the_waiting_list_can_get_a_seat(call, birch, three, now):
    decide(call, birch, now, three[:1], outcome="waitlisted")
    release(call, birch, now)
    decide(call, birch, now, three[:1])
    release(call, birch, now)

    application = Application.objects.unsealed(ALL).get(pk=three[0].pk)
    assert application.outcome == "offered"
    assert OutboxMessage.objects.count() == 2


def test_taking_a_pending_decision_back(call, birch, three, now):
    decide(call, birch, now, three)
    decide(call, birch, now, three, outcome="")

    assert deciding.pending(call.intake, by=birch.lea) == []


def test_only_a_lead_decides(call, birch, three, now):
    with pytest.raises(PermissionDenied):
        deciding.decide(
            call.intake, [three[0].pk], outcome="offered", by=birch.rex, now=now
        )


def test_only_a_lead_releases(call, birch, three, now):
    with pytest.raises(PermissionDenied):
        deciding.release(call.intake, by=birch.rex, seen="", now=now)


def test_a_reply_by_voice_is_written_down(call, birch, three, now):
    decide(call, birch, now, three[:1])
    release(call, birch, now)

    deciding.note_reply(three[0], accepted=True, by=birch.lea, now=now)

    assert Application.objects.unsealed(ALL).accepted().get() == three[0]


def test_an_address_that_another_application_has_is_refused(call, birch, three):
    with pytest.raises(Refused):
        deciding.add_address(three[0], email="BO@example.net", by=birch.lea)


# --- The pages and the letters ----------------------------------------------------


def test_from_the_ticked_list_to_the_seat(client, call, birch, three, now):
    client.force_login(birch.lea)
    client.post(
        "/f/calls/mangrove/applications/decide/",
        {"ticked": ticks(*three), "outcome": "offered"},
    )
    letters = client.get("/f/calls/mangrove/letters/").content.decode()
    assert "Amina Yusuf, we would like you to join" in letters
    looked_at = re.search(r'name="seen" value="(\w+)"', letters).group(1)
    client.post("/f/calls/mangrove/letters/", {"seen": looked_at})
    client.logout()

    delivery.deliver_due(now=now + timedelta(minutes=1))
    letter = next(m for m in mail.outbox if m.to == ["amina@example.net"])
    link = re.search(r"/apply/reply/[\w-]+/", letter.body).group()
    shown = client.get(link)
    before = Application.objects.unsealed(ALL).get(pk=three[0].pk).reply
    taken = client.post(link, {"answer": "yes"}, follow=True)

    assert (shown.status_code, before) == (200, "")
    assert b"Your seat is yours" in taken.content
    application = Application.objects.unsealed(ALL).get(pk=three[0].pk)
    assert application.applicant == User.objects.get(email="amina@example.net")


def test_refusing_by_the_link(client, call, birch, three, now):
    decide(call, birch, now, three[:1])
    release(call, birch, now)
    delivery.deliver_due(now=now + timedelta(minutes=1))
    link = re.search(r"/apply/reply/[\w-]+/", mail.outbox[0].body).group()

    client.post(link, {"answer": "no"})

    assert Application.objects.unsealed(ALL).get(pk=three[0].pk).reply == "refused"


@pytest.fixture
def offered(call, birch, three, now):
    """The address of Amina's letter with an offer."""
    decide(call, birch, now, three[:1])
    release(call, birch, now)
    delivery.deliver_due(now=now + timedelta(minutes=1))
    (letter,) = mail.outbox
    return re.search(r"/apply/reply/[\w-]+/", letter.body).group()


def amina(three):
    return Application.objects.unsealed(ALL).get(pk=three[0].pk)


def test_a_letter_read_by_somebody_else_gives_them_no_seat(
    client, birch, three, offered
):
    """Passed on, or opened on the laptop of a friend who is signed in."""
    client.force_login(birch.ben.person)

    shown = client.get(offered).content.decode()
    client.post(offered, {"answer": "yes"})

    assert "You are signed in as ben@example.org" in shown
    assert "The seat is for amina@example.net." in shown
    assert amina(three).reply == "accepted"
    assert amina(three).applicant.email == "amina@example.net"


def test_whoever_has_the_address_among_theirs_gets_the_seat(
    client, birch, three, offered
):
    birch.ada.person.emailaddress_set.create(email="Amina@example.net", verified=True)
    client.force_login(birch.ada.person)

    shown = client.get(offered).content.decode()
    client.post(offered, {"answer": "yes"})

    assert "You are signed in as" not in shown
    assert amina(three).applicant == birch.ada.person


def test_an_address_that_nobody_confirmed_is_not_theirs(client, birch, three, offered):
    birch.ben.person.emailaddress_set.create(email="amina@example.net", verified=False)
    client.force_login(birch.ben.person)

    client.post(offered, {"answer": "yes"})

    assert amina(three).applicant.email == "amina@example.net"


def test_an_answer_stands_when_the_link_is_used_again(client, three, offered):
    client.post(offered, {"answer": "yes"})

    again = client.post(offered, {"answer": "yes"})
    other = client.post(offered, {"answer": "maybe"})

    assert (again.status_code, other.status_code) == (302, 302)
    assert amina(three).reply == "accepted"
    sent = OutboxMessage.objects.filter(notice="cohorts.application_seat_taken")
    assert sent.count() == 1


def test_a_link_that_ran_out_answers_nothing(client, three, offered, now):
    ResumeToken.objects.unsealed(ALL).update(ends_at=now - timedelta(seconds=1))

    shown = client.get(offered)
    sent = client.post(offered, {"answer": "yes"})

    assert (shown.status_code, sent.status_code) == (404, 404)
    assert amina(three).reply == ""


@pytest.mark.django_db(transaction=True)
def test_two_leads_releasing_at_once_send_each_letter_once(call, birch, three, now):
    decide(call, birch, now, three)
    liv = person("liv")
    appoint(liv, to=birch.program, role=Appointment.Role.LEAD)
    looked_at, ready = seen(call, birch), Barrier(2)

    def press(lead):
        try:
            ready.wait()
            return deciding.release(call.intake, by=lead, seen=looked_at, now=now)
        except Refused:
            return 0
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as leads:
        told = sorted(leads.map(press, [birch.lea, liv]))

    assert told == [0, 3]
    assert (
        OutboxMessage.objects.filter(notice=deciding.notices.DECISION.name).count() == 3
    )


@pytest.mark.django_db(transaction=True)
def test_a_decision_changed_while_another_releases_leaves_as_one_of_the_two(
    call, birch, three, now
):
    decide(call, birch, now, three)
    liv = person("liv")
    appoint(liv, to=birch.program, role=Appointment.Role.LEAD)
    looked_at, ready = seen(call, birch), Barrier(2)

    def sending():
        ready.wait()
        deciding.release(call.intake, by=birch.lea, seen=looked_at, now=now)

    def changing():
        ready.wait()
        deciding.decide(
            call.intake,
            [three[0].pk],
            outcome="declined",
            reasons="Full.",
            by=liv,
            now=now,
        )

    def pressed(act):
        try:
            act()
        except Refused:
            return "refused"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as leads:
        list(leads.map(pressed, [sending, changing]))

    told = Application.objects.unsealed(ALL).exclude(released_at=None)
    assert told.count() in (0, 3)
    assert set(told.values_list("outcome", flat=True)) <= {"offered"}


@pytest.mark.django_db(transaction=True)
def test_who_is_told_while_another_lead_decides_gets_no_second_decision(
    call, birch, three, now
):
    decide(call, birch, now, three)
    liv = person("liv")
    appoint(liv, to=birch.program, role=Appointment.Role.LEAD)

    def changing():
        try:
            return deciding.decide(
                call.intake, [three[0].pk], outcome="", by=liv, now=now
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            release(call, birch, now)
            changed = other.submit(changing)
            wait_until_it_waits(changed)

        assert changed.result(60) == 0

    assert deciding.pending(call.intake, by=birch.lea) == []


def wait_until_it_waits(other):
    """Until the other thread waits for what this transaction holds, or is done."""
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    with connection.cursor() as cursor:
        while not other.done() and cursor.execute(waiting).fetchone()[0] == 0:
            pass


def test_a_reply_is_not_noted_for_somebody_who_withdrew(call, birch, three, now):
    decide(call, birch, now, three)
    release(call, birch, now)
    applying.withdraw(amina(three), by=Holder(application_id=three[0].pk), now=now)

    with pytest.raises(Refused):
        deciding.note_reply(amina(three), accepted=True, by=birch.lea, now=now)

    assert amina(three).reply == ""


def test_a_link_that_went_to_an_address_with_a_fault_opens_nothing_once_mended(
    client, call, birch, three, now
):
    decide(call, birch, now, three)
    release(call, birch, now)
    token = ResumeToken.objects.unsealed(ALL).get(application=three[0])
    secret = mint(token)
    client.get(f"/apply/resume/{secret}/")

    deciding.add_address(amina(three), email="amina@mended.example", by=birch.lea)

    assert client.get("/apply/mangrove/status/").status_code == 302
    assert client.post("/apply/mangrove/withdraw/").status_code == 302
    assert amina(three).is_open
    for path in ("resume", "reply"):
        assert client.get(f"/apply/{path}/{secret}/").status_code == 404


def test_declining_needs_reasons(client, call, birch, three):
    client.force_login(birch.lea)

    response = client.post(
        "/f/calls/mangrove/applications/decide/",
        {"ticked": ticks(three[0]), "outcome": "declined", "reasons": " "},
    )

    assert response.status_code == 422
    assert b" checked" in response.content
    assert deciding.pending(call.intake, by=birch.lea) == []


DECIDE = "/f/calls/mangrove/applications/decide/"


def test_of_two_leads_who_decide_on_ticked_ones_at_once_the_later_sees_both_decisions(
    client, call, birch, three, now
):
    liv = person("liv")
    appoint(liv, to=birch.program, role=Appointment.Role.LEAD)
    before = ticks(*three)
    deciding.decide(
        call.intake,
        [three[0].pk],
        outcome="declined",
        reasons="Too far from the sea.",
        by=liv,
        now=now,
    )
    client.force_login(birch.lea)
    form = {"ticked": before, "outcome": "offered"}

    # The filter they had on finds only two of the three by now.
    response = client.post(f"{DECIDE}?state=undecided", form)

    page = response.content.decode()
    assert response.status_code == 422
    assert "Nothing was set" in page
    assert "you wanted “seat offered”; <bdi>Liv</bdi> set “declined”." in page
    assert "Too far from the sea." in page
    pending = deciding.pending(call.intake, by=birch.lea)
    assert [(row.application_id, row.pending) for row in pending] == [
        (three[0].pk, "declined")
    ]
    again = re.findall(r'name="ticked" value="([^"]+)"[^>]*checked', page)
    assert sorted(again) == sorted(ticks(*three))
    assert client.post(DECIDE, {**form, "ticked": again}).status_code == 302
    pending = deciding.pending(call.intake, by=birch.lea)
    assert [row.pending for row in pending] == ["offered"] * 3


def test_a_decision_that_was_told_meanwhile_is_said_and_not_passed_over(
    client, call, birch, three, now
):
    before = ticks(*three)
    decide(call, birch, now, three[:1])
    release(call, birch, now)
    client.force_login(birch.lea)

    response = client.post(DECIDE, {"ticked": before, "outcome": "waitlisted"})

    assert response.status_code == 422
    assert "now it is “seat offered”" in response.content.decode()
    assert deciding.pending(call.intake, by=birch.lea) == []


def test_deciding_on_ticked_ones_sent_twice_sets_them_once(
    client, call, birch, three, now
):
    client.force_login(birch.lea)
    form = {"ticked": ticks(*three), "outcome": "offered"}

    codes = [client.post(DECIDE, form).status_code for _n in range(2)]

    assert codes == [302, 302]
    rows = Standing.objects.unsealed(ALL).filter(application__in=three)
    assert {(row.pending, row.edition) for row in rows} == {("offered", 2)}


def test_deciding_on_nothing_is_refused_with_a_sentence(client, call, birch):
    client.force_login(birch.lea)

    response = client.post("/f/calls/mangrove/applications/decide/", {"ticked": ["x"]})

    assert response.status_code == 409


def test_deciding_on_one_from_an_old_page_tells_so(client, call, birch, three, now):
    decide(call, birch, now, three[:1])
    client.force_login(birch.lea)

    response = client.post(
        f"/f/calls/mangrove/applications/{three[0].pk}/act/",
        {"outcome": "waitlisted", "edition": "1"},
    )

    assert response.status_code == 409
    assert b"Another lead decided" in response.content


def test_letters_name_those_without_an_address(client, call, birch, now):
    nobody = call.arrive("No Mail", email="")
    decide(call, birch, now, [nobody])
    client.force_login(birch.lea)

    page = client.get("/f/calls/mangrove/letters/").content.decode()

    assert "These have no mail address; tell them yourself:" in page


# --- The program's own words ------------------------------------------------------

WORDS = "/f/calls/mangrove/letters/words/"


def mailed(call, birch, now, outcome, **fields):
    """The one letter that one person got, with this outcome."""
    application = call.arrive("Zoë O'Neil")
    decide(call, birch, now, [application], outcome=outcome, **fields)
    release(call, birch, now)
    delivery.deliver_due(now=delivery.database_now())
    [letter] = mail.outbox
    return letter.body


@pytest.mark.parametrize(
    ("outcome", "says"),
    [
        ("offered", "Zoë O'Neil, we would like you to join"),
        ("waitlisted", "One may come free and be offered to you"),
        ("declined", "There is no seat for you this time."),
    ],
)
def test_everyone_decided_on_is_told_in_plain_words(call, birch, now, outcome, says):
    assert says in mailed(call, birch, now, outcome)


@pytest.mark.parametrize("outcome", ["offered", "waitlisted", "declined"])
def test_the_programs_own_words_stand_in_place_of_the_houses(
    client, call, birch, now, outcome
):
    client.force_login(birch.lea)
    edition = client.get(WORDS).context["form"]["edition"].value()
    client.post(
        WORDS, {f"letter_{outcome}": "We read you & thank you.", "edition": edition}
    )
    call.intake.refresh_from_db()

    letter = mailed(call, birch, now, outcome, reasons="Your aim is clear.")

    assert "Zoë O'Neil,\n\nWe read you & thank you.\n\nYour aim is clear." in letter
    assert "/apply/" in letter
    assert ("Please say yes or no" in letter) == (outcome == "offered")


def test_the_letters_are_looked_through_in_the_words_they_leave_in(
    client, call, birch, three, now
):
    decide(call, birch, now, three, outcome="declined", reasons="Too many.")
    call.intake.letter_declined = "With heavy hearts: not this time."
    call.intake.save()
    client.force_login(birch.lea)

    page = client.get("/f/calls/mangrove/letters/").content.decode()

    assert page.count("With heavy hearts: not this time.") == 3


def test_words_changed_after_the_look_stop_all_letters(call, birch, three, now):
    decide(call, birch, now, three)
    before = seen(call, birch)
    call.intake.letter_offered = "Come!"
    call.intake.save()

    with pytest.raises(Refused, match="Something changed"):
        release(call, birch, now, seen=before)

    assert OutboxMessage.objects.count() == 0


def test_words_changed_after_the_release_change_no_letter(call, birch, three, now):
    call.intake.letter_offered = "Come!"
    call.intake.save()
    decide(call, birch, now, three[:1])
    release(call, birch, now)
    call.intake.letter_offered = "Stay away."
    call.intake.save()

    delivery.deliver_due(now=delivery.database_now())

    assert "Come!" in mail.outbox[0].body


def test_a_page_of_words_from_before_shows_both_texts(client, call, birch):
    client.force_login(birch.lea)
    client.post(WORDS, {"letter_offered": "Hers", "edition": call.intake.edition})

    stale = client.post(
        WORDS, {"letter_offered": "Mine", "edition": call.intake.edition}
    )

    page = stale.content.decode()
    assert stale.status_code == 422
    assert ("Hers" in page, "Mine" in page) == (True, True)


def test_a_reviewer_writes_no_words(client, call, birch):
    client.force_login(birch.rex)

    assert client.get(WORDS).status_code == 404


# --- Letters that may not have arrived --------------------------------------------

STRAY = "/f/calls/mangrove/letters/stray/"


def astray(call, birch, now, state="unknown", name="Chi"):
    """Somebody was declined, and their letter went astray."""
    application = call.arrive(name)
    decide(call, birch, now, [application], outcome="declined", reasons="Full.")
    release(call, birch, now)
    letter = OutboxMessage.objects.latest("created_at")
    OutboxMessage.objects.filter(pk=letter.pk).update(state=state)
    letter.refresh_from_db()
    return application, letter


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("unknown", "The connection broke while it was sent."),
        ("dead", "The mail server refused it."),
        ("expired", "For a whole day no mail server took it."),
    ],
)
def test_a_lead_is_told_of_letters_that_may_not_have_arrived(
    client, call, birch, now, state, says
):
    astray(call, birch, now, state)
    client.force_login(birch.lea)

    today = client.get("/today/").content.decode()
    page = client.get("/f/calls/mangrove/letters/").content.decode()

    assert "A letter with a decision may not have arrived." in today
    assert says in page


def test_who_wants_no_mails_gets_no_letter_and_the_lead_is_told(
    client, call, birch, now
):
    application = call.arrive("Chi")
    AddressStop.objects.create(
        address=application.email.upper(), purpose=Purpose.ACCOUNT
    )
    decide(call, birch, now, [application], outcome="declined", reasons="Full.")
    release(call, birch, now)
    mail.outbox.clear()

    delivery.deliver_due(now=now + timedelta(minutes=1))
    client.force_login(birch.lea)
    today = client.get("/today/").content.decode()
    page = client.get("/f/calls/mangrove/letters/").content.decode()

    assert mail.outbox == []
    assert "A letter with a decision may not have arrived." in today
    assert "They asked for no mails about their applications" in page
    assert "Tell them in another way." in page
    assert "Send it again" not in page


def test_once_told_in_another_way_it_is_settled(client, call, birch, now):
    application = call.arrive("Chi")
    AddressStop.objects.create(address=application.email, purpose=Purpose.ACCOUNT)
    decide(call, birch, now, [application], outcome="declined", reasons="Full.")
    release(call, birch, now)
    delivery.deliver_due(now=now + timedelta(minutes=1))
    (stray,) = deciding.strays(call.intake, by=birch.lea)
    client.force_login(birch.lea)

    client.post(STRAY, {"message": str(stray.message.pk), "act": "settled"})

    assert deciding.strays(call.intake, by=birch.lea) == []


@pytest.mark.parametrize("state", ["planned", "sending", "sent", "dropped"])
def test_of_all_others_nothing_is_said(client, call, birch, now, state):
    application = call.arrive("Chi")
    decide(call, birch, now, [application])
    release(call, birch, now)
    OutboxMessage.objects.update(state=state, sent_at=now if state == "sent" else None)

    assert list(deciding.calls_with_strays(birch.lea)) == []
    assert deciding.strays(call.intake, by=birch.lea) == []


def test_it_leaves_once_more_under_the_same_id(client, call, birch, now):
    _application, letter = astray(call, birch, now)
    client.force_login(birch.lea)

    client.post(STRAY, {"message": letter.pk, "act": "again"})
    client.post(STRAY, {"message": letter.pk, "act": "again"})
    delivery.deliver_due(now=delivery.database_now())

    [sent] = mail.outbox
    assert sent.extra_headers["Message-ID"] == message_id(letter)
    assert deciding.strays(call.intake, by=birch.lea) == []


def test_it_goes_to_the_address_that_was_mended_meanwhile(client, call, birch, now):
    application, letter = astray(call, birch, now, "dead")
    deciding.add_address(application, email="chi@new.example", by=birch.lea)
    client.force_login(birch.lea)

    client.post(STRAY, {"message": letter.pk, "act": "again"})
    delivery.deliver_due(now=delivery.database_now())

    [sent] = mail.outbox
    assert sent.to == ["chi@new.example"]
    assert "There is no seat for you this time." in sent.body


def test_what_is_settled_is_not_sent(client, call, birch, now):
    _application, letter = astray(call, birch, now)
    client.force_login(birch.lea)

    client.post(STRAY, {"message": letter.pk, "act": "settled"})

    assert delivery.deliver_due(now=delivery.database_now()) == 0
    assert deciding.strays(call.intake, by=birch.lea) == []


@pytest.mark.parametrize("message", ["", "nonsense", "\N{SNOWMAN}"])
def test_a_letter_that_is_none_is_not_found(client, call, birch, message):
    client.force_login(birch.lea)

    assert client.post(STRAY, {"message": message}).status_code == 404


def test_only_a_lead_looks_at_strays(client, call, birch, now):
    _application, letter = astray(call, birch, now)
    client.force_login(birch.rex)

    response = client.post(STRAY, {"message": letter.pk, "act": "again"})

    assert response.status_code == 404
    assert list(deciding.calls_with_strays(birch.rex)) == []
    with pytest.raises(PermissionDenied):
        deciding.strays(call.intake, by=birch.rex)


def test_the_letters_page_costs_the_same_for_one_stray_and_for_ten(
    client, call, birch, now, django_assert_num_queries
):
    astray(call, birch, now)
    client.force_login(birch.lea)
    client.get("/f/calls/mangrove/letters/")
    with CaptureQueriesContext(connection) as one:
        client.get("/f/calls/mangrove/letters/")
    for n in range(9):
        astray(call, birch, now, name=f"Person{n}")

    with django_assert_num_queries(len(one)):
        client.get("/f/calls/mangrove/letters/")


def test_a_reviewer_finds_no_letters(client, call, birch):
    client.force_login(birch.rex)

    assert client.get("/f/calls/mangrove/letters/").status_code == 404


@pytest.mark.parametrize(
    ("act", "data"),
    [("address", {"email": "new@example.net"}), ("ask", {}), ("reply", {})],
)
def test_acts_on_one_application(client, call, birch, three, act, data, now):
    decide(call, birch, now, three[:1])
    release(call, birch, now)
    client.force_login(birch.lea)
    data = {"ask": {"reviewer": birch.rex.pk}, "reply": {"accepted": "yes"}}.get(
        act, data
    )

    response = client.post(
        f"/f/calls/mangrove/applications/{three[0].pk}/act/", {"act": act, **data}
    )

    assert response.status_code == 302


# --- Before the time to answer ends -------------------------------------------------


@pytest.fixture
def waiting_offers(call, birch, three, now):
    """Told four days ago; a day and a half is left to answer."""
    earlier = now - timedelta(days=4)
    decide(call, birch, earlier, three)
    release(call, birch, earlier)
    Application.objects.unsealed(ALL).update(reply_by=now + timedelta(hours=36))
    return list(Application.objects.unsealed(ALL).order_by("submitted_at", "pk"))


def reminders():
    return OutboxMessage.objects.filter(notice="cohorts.offer_waits")


def test_who_has_not_answered_is_reminded_once(waiting_offers, now):
    first = deciding.remind_of_offers(now=now)
    again = deciding.remind_of_offers(now=now + timedelta(hours=1))

    assert (first, again, reminders().count()) == (3, 0, 3)


def test_the_reminder_says_until_when_and_leads_to_the_answer(
    client, waiting_offers, now
):
    deciding.remind_of_offers(now=now)
    delivery.deliver_due(now=now)
    letter = next(m for m in mail.outbox if m.subject.startswith("Your seat waits"))

    link = re.search(r"/apply/reply/[\w-]+/", letter.body).group()
    page = client.get(link).content

    assert "it goes to somebody who waits" in letter.body
    assert b"Take the seat" in page


@pytest.mark.parametrize(
    "changes",
    [
        {"reply": "accepted"},
        {"reply": "refused"},
        {"state": "withdrawn"},
        {"email": ""},
        {"hours_left": 72},
        {"hours_left": -1},
        {"told_hours_ago": 3},
    ],
)
def test_of_all_others_nobody_is_reminded(waiting_offers, now, changes):
    changes = dict(changes)
    if "reply" in changes:
        changes["replied_at"] = now
    if "state" in changes:
        changes["withdrawn_at"] = now
    if "hours_left" in changes:
        changes["reply_by"] = now + timedelta(hours=changes.pop("hours_left"))
    if "told_hours_ago" in changes:
        changes["released_at"] = now - timedelta(hours=changes.pop("told_hours_ago"))
    Application.objects.unsealed(ALL).update(**changes)

    assert deciding.remind_of_offers(now=now) == 0
    assert not reminders().exists()


def test_who_answers_between_asking_and_sending_gets_no_reminder(
    waiting_offers, now, birch
):
    deciding.remind_of_offers(now=now)
    mail.outbox.clear()
    for one in waiting_offers:
        deciding.note_reply(one, accepted=True, by=birch.lea, now=now)

    delivery.deliver_due(now=now)

    assert not [m for m in mail.outbox if m.subject.startswith("Your seat waits")]


def test_nobody_is_reminded_of_what_cannot_be_answered_now(call, waiting_offers, now):
    IntakePhase.objects.create(
        intake=call.intake,
        kind=IntakePhase.Kind.CONFIRM,
        opens_at=now + timedelta(days=20),
        closes_at=now + timedelta(days=30),
        permits=[Permit.REPLY],
    )

    assert deciding.remind_of_offers(now=now) == 0
