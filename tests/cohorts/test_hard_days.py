"""Days on which applying is not as the form imagined it."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from cohorts import applying
from cohorts.arrivals import Arrival, arrive
from cohorts.models import (
    Application,
    Appointment,
    Draft,
    IntakePhase,
    Permit,
    Program,
    appoint,
)
from tests.cohorts.conftest import open_call
from tests.cohorts.test_applying import (
    fill,
    link_in,
    page_1,
    page_2,
    page_3,
    page_4,
    post_office,  # noqa: F401  (a fixture)
    rows,
)
from tests.conftest import person

KIND = IntakePhase.Kind
DAY = timedelta(days=1)


# --- Time ------------------------------------------------------------------------


def reviewed(client, call, **third):
    client.post("/apply/mangrove/1/", page_1())
    client.post("/apply/mangrove/2/", page_2(call))
    client.post("/apply/mangrove/3/", page_3(**third))
    client.post("/apply/mangrove/4/", page_4(call))
    return client.get("/apply/mangrove/review/").content.decode()


def test_fewer_hours_than_it_takes_are_told_before_sending(client, call):
    page = reviewed(client, call, hours_per_month="2.5")

    assert "Taking part takes about 6 hours a month. You can give 2.5." in page
    assert "That is less than it takes. You may send it all the same" in page


def test_enough_hours_raise_no_question(client, call):
    page = reviewed(client, call, hours_per_month="6")

    assert "You can give 6." in page
    assert "less than it takes" not in page


def test_an_applicant_without_availability_is_asked_once_and_may_send(client, call):
    page = reviewed(client, call, availability="", hours_per_month="")

    response = client.post("/apply/mangrove/review/")

    assert "You have not said when you could meet." in page
    assert response.headers["Location"] == "/apply/mangrove/status/"
    application = rows(Application).get()
    assert (application.availability, application.hours_per_month) == ("", None)


@pytest.mark.parametrize(
    "zone", ["Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "Asia/Yangon"]
)
def test_half_hour_zones_keep_the_persons_own_wall_time(client, call, zone):
    client.post("/apply/mangrove/1/", page_1(timezone=zone))
    client.post("/apply/mangrove/2/", page_2(call))
    client.post(
        "/apply/mangrove/3/",
        page_3(
            availability="",
            availability_day="0",
            availability_from="37",
            availability_until="40",
            availability_comfort="3",
        ),
    )

    client.post("/apply/mangrove/4/", page_4(call))
    page = client.get("/apply/mangrove/review/").content.decode()
    client.post("/apply/mangrove/review/")

    application = rows(Application).get()
    assert application.timezone == zone
    assert application.availability.index("3") == 37
    assert application.availability.count("3") == 3
    assert "18:30–20:00" in page


def test_afterwards_times_are_told_for_the_place_of_who_applied(
    client,
    call,
    now,
    post_office,  # noqa: F811
):
    call.intake.timezone = "Asia/Kolkata"
    call.intake.save()
    IntakePhase.objects.create(
        intake=call.intake,
        kind=KIND.DECIDE,
        opens_at=now + 11 * DAY,
        closes_at=now + 20 * DAY,
        permits=[Permit.DECIDE],
    )
    reviewed(client, call)
    client.post("/apply/mangrove/review/")

    before = client.get("/apply/mangrove/status/").content.decode()
    client.get(link_in(post_office()[-1]))
    after = client.get("/apply/mangrove/status/").content.decode()

    assert "in Kolkata" in before
    assert "in Kampala" in after
    assert "in UTC" not in before + after


# --- People ----------------------------------------------------------------------


def test_a_person_in_two_calls_has_two_applications(client, birch, call, now):
    other = open_call(birch, now=now, name="Delta")
    client.force_login(birch.ada.person)
    fill(client, call)
    client.post("/apply/mangrove/review/")

    status = client.get("/apply/delta/status/")
    page = client.get("/apply/delta/1/").content.decode()
    draft = applying.begin(other, by=birch.ada.person, typed={"called": "Ada"}, now=now)

    assert status.headers["Location"] == "/apply/delta/"
    assert "Luganda" not in page
    assert rows(Application).get().intake == call.intake
    assert rows(Draft).filter(person=birch.ada.person).count() == 2
    assert draft.intake == other


def test_a_lead_is_told_of_a_persons_other_application(client, birch, call, now):
    other = open_call(birch, now=now, name="Delta")
    first = call.arrive("Amina", email="amina@example.net")
    (second,) = arrive(
        other, [Arrival(called="A. Yusuf", email="Amina@Example.net")], at=now
    )
    client.force_login(birch.lea)

    page = client.get(f"/f/calls/mangrove/applications/{first.pk}/").content.decode()
    alone = call.arrive("Bo")
    silent = client.get(f"/f/calls/mangrove/applications/{alone.pk}/").content.decode()

    assert "The same person applied to other calls that you lead." in page
    assert "Delta" in page
    assert second.code not in page
    assert "applied to other calls" not in silent


def test_of_a_call_in_anothers_program_nothing_is_said(client, birch, call, now):
    program = Program.objects.create(slug="far", name="Far", timezone="UTC")
    lou = person("lou")
    appoint(lou, to=program, role=Appointment.Role.LEAD)
    far = open_call(SimpleNamespace(program=program, lea=lou), now=now, name="Far")
    arrive(far, [Arrival(called="Amina", email="amina@example.net")], at=now)
    here = call.arrive("Amina", email="amina@example.net")
    client.force_login(birch.lea)

    page = client.get(f"/f/calls/mangrove/applications/{here.pk}/").content.decode()

    assert "applied to other calls" not in page


def test_withdrawing_from_one_call_leaves_the_other(birch, call, now):
    other = open_call(birch, now=now, name="Delta")
    first = call.arrive("Amina Yusuf", applicant=birch.ada.person)
    rows(Application).filter(pk=first.pk).update(email="ada@example.org")
    draft = applying.begin(other, by=birch.ada.person, typed={}, now=now)

    applying.withdraw(first, by=birch.ada.person, now=now)

    assert rows(Draft).get(pk=draft.pk).sent_as is None
    assert rows(Application).get(pk=first.pk).state == "withdrawn"


@pytest.mark.parametrize(
    "called",
    ["Ng", "王小明", "أمينة بنت يوسف", "ஆமினா", "O’Brien-Núñez y Ñáñez", "Wu " * 100],
)
def test_a_name_of_any_kind_stands_on_every_page_after(client, call, called):
    called = called.strip()
    client.post("/apply/mangrove/1/", page_1(called=called))

    page = client.get("/apply/mangrove/review/").content.decode()

    assert called in page.replace("&#x27;", "'")


# --- Forms that grew old ---------------------------------------------------------


def test_a_form_opened_yesterday_in_two_windows_keeps_both(client, call):
    client.post("/apply/mangrove/1/", page_1())
    first, second = (client.get("/apply/mangrove/2/") for _ in range(2))
    seen = first.context["form"].initial["seen"]
    client.post("/apply/mangrove/2/", page_2(call, "From one window") | {"seen": seen})

    late = client.post(
        "/apply/mangrove/2/", page_2(call, "From the other") | {"seen": seen}
    )

    assert second.status_code == 200
    assert late.status_code == 422
    body = late.content.decode()
    assert "From one window" in body
    assert "From the other" in body


def test_two_browsers_of_one_person_write_one_draft(birch, call):
    for _browser in range(2):
        client = Client()
        client.force_login(birch.ada.person)
        client.post("/apply/mangrove/1/", page_1())

    assert rows(Draft).count() == 1


@pytest.mark.parametrize("sensitive", [False, True])
def test_what_few_may_read_does_not_outlive_the_window(client, call, sensitive):
    question = call.questions[1]
    question.sensitive = sensitive
    question.visible_to_reviewers = question.may_be_shared = not sensitive
    question.save()
    client.post("/apply/mangrove/1/", page_1())

    stays = [
        "data-background" not in client.get(f"/apply/mangrove/{n}/").content.decode()
        for n in (1, 2, 3, 4)
    ]

    assert stays == [True, not sensitive, False, False]


# --- Phases ----------------------------------------------------------------------


def phase(call, kind, first, last, now):
    return IntakePhase.objects.create(
        intake=call.intake,
        kind=kind,
        opens_at=now + timedelta(days=first),
        closes_at=now + timedelta(days=last),
        permits=[Permit.REVIEW],
    )


def as_at_the_end():
    """What the database asks at the end of a transaction, asked now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize(
    ("kind", "first", "last"),
    [(KIND.DECIDE, 5, 20), (KIND.CONFIRM, 9, 20), (KIND.REVIEW, -9, 20)],
)
def test_the_database_holds_no_phases_that_overlap_wrongly(
    call, now, kind, first, last
):
    def past_the_form():
        phase(call, kind, first, last, now)
        as_at_the_end()

    with pytest.raises(IntegrityError), transaction.atomic():
        past_the_form()


def test_reading_may_begin_while_people_apply(call, now):
    phase(call, KIND.REVIEW, 2, 15, now)
    phase(call, KIND.DECIDE, 10, 20, now)

    as_at_the_end()

    assert call.intake.phases.count() == 3
