"""What Today tells applicants, reviewers and leads about calls."""

from datetime import timedelta

import pytest

from cohorts import applying, deciding, reviewing
from cohorts.models import Application, BlindCopy, Draft, IntakePhase, Permit
from people.front import open_calls

ALL = "the test looks at everything"


def today(client, person):
    client.force_login(person)
    return client.get("/today/").content.decode()


def begin(call, person, now):
    return applying.begin(call.intake, by=person, typed={"called": "Ada"}, now=now)


def test_a_draft_that_can_still_be_sent_waits(client, birch, call, now):
    begin(call, birch.ada.person, now)

    page = today(client, birch.ada.person)

    assert "/apply/mangrove/review/" in page
    assert "9 days left" in page


def test_a_draft_of_a_closed_call_does_not_wait(client, birch, call, now):
    begin(call, birch.ada.person, now)
    call.intake.phases.update(
        opens_at=now - timedelta(days=9), closes_at=now - timedelta(days=1)
    )

    assert "/apply/mangrove/" not in today(client, birch.ada.person)


def test_an_offer_waits_for_its_answer(client, birch, call, now):
    application = call.arrive("Ada", applicant=birch.ada.person)
    Application.objects.unsealed(ALL).filter(pk=application.pk).update(
        outcome="offered", released_at=now
    )

    assert "A seat for you" in today(client, birch.ada.person)


def test_a_pending_decision_shows_nothing_to_its_applicant(client, birch, call, now):
    application = call.arrive("Ada", applicant=birch.ada.person)
    deciding.decide(
        call.intake, [application.pk], outcome="offered", by=birch.lea, now=now
    )

    assert "/apply/mangrove/" not in today(client, birch.ada.person)


def test_what_a_reviewer_was_asked_to_read(client, birch, call, now):
    call.arrive("Amina")
    copy = BlindCopy.objects.unsealed(ALL).get()
    reviewing.assign(copy, to=birch.rex, by=birch.lea, now=now)

    page = today(client, birch.rex)

    assert "1 application to read" in page
    assert "/f/calls/mangrove/review/" in page


def test_a_call_in_its_reading_time_waits_for_every_reviewer(client, birch, call, now):
    call.arrive("Amina")
    IntakePhase.objects.create(
        intake=call.intake,
        kind=IntakePhase.Kind.REVIEW,
        opens_at=now - timedelta(days=1),
        closes_at=now + timedelta(days=3, hours=1),
        permits=[Permit.REVIEW],
    )

    page = today(client, birch.rex)

    assert "3 days left" in page


def test_of_two_phases_that_take_readings_the_first_to_end_is_told(
    client, birch, call, now
):
    call.arrive("Amina")
    call.intake.phases.update(
        opens_at=now - timedelta(days=9), closes_at=now - timedelta(days=1)
    )
    for kind, days in ((IntakePhase.Kind.REVIEW, 3), (IntakePhase.Kind.DECIDE, 12)):
        IntakePhase.objects.create(
            intake=call.intake,
            kind=kind,
            opens_at=now - timedelta(days=1),
            closes_at=now + timedelta(days=days, hours=1),
            permits=[Permit.REVIEW],
        )

    page = today(client, birch.rex)

    assert "3 days left" in page
    assert "12 days left" not in page


def test_pending_decisions_wait_for_the_lead(client, birch, call, now):
    application = call.arrive("Amina")
    deciding.decide(
        call.intake, [application.pk], outcome="offered", by=birch.lea, now=now
    )

    assert "1 decision is set and told to nobody yet" in today(client, birch.lea)


@pytest.mark.parametrize("drafts", [0, 1])
def test_calls_cost_a_member_one_query(
    birch, call, now, rf, drafts, django_assert_num_queries
):
    from cohorts.places import places_of
    from cohorts.sections import (
        my_applications,
        my_readings,
        what_leads_have_pending,
    )

    if drafts:
        begin(call, birch.ada.person, now)
    request = rf.get("/today/")
    request.user = birch.ada.person
    places = places_of(birch.ada.person)
    places.ask()

    with django_assert_num_queries(1):
        for maker in (my_applications, my_readings, what_leads_have_pending):
            list(maker(request, places, now))


def test_an_open_call_stands_on_the_first_page(call, now):
    assert [c.title for c in open_calls(now=now)] == ["Mangrove"]


def test_a_call_that_closed_does_not(call, now):
    assert open_calls(now=now + timedelta(days=30)) == []


def test_offers_lapse_when_their_time_has_passed(call, now):
    late, early = call.arrive("Late"), call.arrive("Early")
    for application, days in ((late, -1), (early, 1)):
        Application.objects.unsealed(ALL).filter(pk=application.pk).update(
            outcome="offered", released_at=now, reply_by=now + timedelta(days=days)
        )

    deciding.lapse_offers(now=now)
    deciding.lapse_offers(now=now)

    replies = Application.objects.unsealed(ALL).order_by("called")
    assert list(replies.values_list("reply", flat=True)) == ["", "lapsed"]


def test_a_draft_of_somebody_else_is_not_mine(birch, call, now):
    begin(call, birch.ada.person, now)

    assert list(Draft.objects.visible_to(birch.ben.person)) == []
