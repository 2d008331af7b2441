"""What Today tells applicants, reviewers and leads about calls."""

from datetime import timedelta

import pytest

from cohorts import applying, deciding, reviewing, sections
from cohorts.models import (
    Application,
    BlindCopy,
    Draft,
    IntakePhase,
    Permit,
    Standing,
)
from cohorts.places import places_of
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


def reading_time(call, now, days=3):
    return IntakePhase.objects.create(
        intake=call.intake,
        kind=IntakePhase.Kind.REVIEW,
        opens_at=now - timedelta(days=1),
        closes_at=now + timedelta(days=days, hours=1),
        permits=[Permit.REVIEW],
    )


def test_a_reviewer_sees_how_many_still_wait_and_until_when(client, birch, call, now):
    for name in ("Amina", "Bo", "Chen"):
        call.arrive(name)
    reading_time(call, now)
    first = BlindCopy.objects.unsealed(ALL).order_by("pk").first()
    reviewing.abstain(first, by=birch.rex, now=now)

    page = today(client, birch.rex)

    assert "2 applications to read" in page
    assert "3 days left" in page


def test_what_was_handed_out_has_its_end_too(client, birch, call, now):
    call.arrive("Amina")
    reading_time(call, now, days=5)
    copy = BlindCopy.objects.unsealed(ALL).get()
    reviewing.assign(copy, to=birch.rex, by=birch.lea, now=now)

    page = today(client, birch.rex)

    assert "1 application to read" in page
    assert "5 days left" in page


def test_when_nothing_is_left_to_read_nothing_waits(client, birch, call, now):
    call.arrive("Amina")
    reading_time(call, now)
    copy = BlindCopy.objects.unsealed(ALL).get()
    reviewing.abstain(copy, by=birch.rex, now=now)

    assert "/f/calls/mangrove/review/" not in today(client, birch.rex)


def test_ones_own_application_and_withdrawn_ones_do_not_wait(client, birch, call, now):
    call.arrive("Rex", email=birch.rex.email.upper())
    gone = call.arrive("Amina", applicant=birch.ada.person)
    reading_time(call, now)
    applying.withdraw(gone, by=birch.ada.person, now=now)

    assert "/f/calls/mangrove/review/" not in today(client, birch.rex)


def test_enough_readings_given_by_others_do_not_wait(client, birch, call, now):
    call.arrive("Amina")
    reading_time(call, now)
    Standing.objects.unsealed(ALL).update(readings=call.intake.readings_wanted)

    assert "/f/calls/mangrove/review/" not in today(client, birch.rex)


@pytest.mark.parametrize("many", [1, 30])
def test_readings_cost_a_reviewer_one_query_however_many(
    birch, call, now, rf, many, django_assert_num_queries
):
    for n in range(many):
        call.arrive(f"P{n}")
    reading_time(call, now)
    request = rf.get("/today/")
    request.user = birch.rex
    places = places_of(birch.rex)
    places.ask()

    with django_assert_num_queries(1):
        (line,) = sections.my_readings(request, places, now)

    assert str(many) in line.detail


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
