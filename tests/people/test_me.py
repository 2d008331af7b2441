"""Who I am, when I can meet, what reaches me."""

import re

import pytest
from django.test import Client

from people import letters
from people.models import (
    AddressStop,
    How,
    NoticePreference,
    OutboxMessage,
    Purpose,
    User,
    When,
    Wish,
    set_wish,
    wishes_of,
)


@pytest.fixture
def ada(db):
    return User.objects.create_user(
        "ada@example.org", called="Ada", timezone="Africa/Nairobi", language="en"
    )


@pytest.fixture
def client(client, ada):
    client.force_login(ada)
    return client


PROFILE = {
    "called": "Ada L",
    "full_name": "",
    "pronouns": "she, elle",
    "languages": ["sw", "fr"],
    "timezone": "Africa/Lagos",
    "language": "fr",
    "theme": "dark",
}


def test_what_i_say_about_myself_is_kept(client, ada):
    response = client.post("/me/", PROFILE)

    ada.refresh_from_db()
    assert response.status_code == 302
    assert (ada.called, ada.pronouns, ada.languages) == (
        "Ada L",
        "she, elle",
        ["sw", "fr"],
    )
    assert (ada.timezone, ada.language, ada.theme) == ("Africa/Lagos", "fr", "dark")


def test_pages_then_speak_my_language_in_my_colours(client):
    client.post("/me/", PROFILE)

    page = client.get("/me/").content.decode()

    assert '<html lang="fr" dir="ltr" data-theme="dark">' in page


@pytest.mark.parametrize(
    ("field", "value"),
    [("called", ""), ("timezone", "Mars/Olympus"), ("language", "tlh"), ("theme", "x")],
)
def test_what_cannot_be_is_sent_back_with_what_was_typed(client, field, value):
    response = client.post("/me/", PROFILE | {field: value, "pronouns": "they"})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert 'value="they"' in response.content.decode()


def test_nobody_becomes_an_operator_by_a_field_of_their_own(client, ada):
    client.post("/me/", PROFILE | {"is_staff": "on", "email": "x@example.org"})

    ada.refresh_from_db()
    assert (ada.is_staff, ada.email) == (False, "ada@example.org")


def test_a_place_that_the_list_does_not_offer_stays_choosable(client, ada):
    User.objects.update(timezone="US/Eastern")

    page = client.get("/me/").content.decode()

    assert '<option value="US/Eastern" selected>New York' in page


def test_hours_are_painted_and_kept(client, ada):
    client.post(
        "/me/hours/",
        {
            "availability": "",
            "availability_day": ["0"],
            "availability_from": "18",
            "availability_until": "20",
            "availability_comfort": "3",
        },
    )

    ada.refresh_from_db()
    assert [n for n, digit in enumerate(ada.availability) if digit == "3"] == [18, 19]


def test_hours_that_cannot_be_read_are_sent_back(client):
    response = client.post("/me/hours/", {"availability": "7" * 336})

    assert response.status_code == 422


# What reaches me


def notices(**changes):
    said = {"quiet_from": "20:00", "quiet_until": "06:30", "day_off": "4"}
    said["digest_day"] = "2"
    for purpose in Purpose:
        said[f"{purpose}_how"] = "mail"
        said[f"{purpose}_when"] = "now"
    return said | changes


def test_purpose_by_purpose_how_and_when(client, ada):
    response = client.post(
        "/me/notices/", notices(update_when="day", thanks_how="none")
    )

    wishes = wishes_of([ada])[ada.pk]
    ada.refresh_from_db()
    assert response.status_code == 302
    assert wishes[Purpose.UPDATE] == Wish(How.MAIL, When.DAY)
    assert wishes[Purpose.THANKS].how == How.NONE
    assert (str(ada.quiet_from), ada.day_off, ada.digest_day) == ("20:00:00", 4, 2)


def test_no_day_off_is_a_choice_too(client, ada):
    client.post("/me/notices/", notices(day_off=""))

    ada.refresh_from_db()
    assert ada.day_off is None


def test_a_choice_that_is_not_offered_is_sent_back(client):
    response = client.post("/me/notices/", notices(session_when="week"))

    assert response.status_code == 422
    assert NoticePreference.objects.count() == 0


def test_the_page_says_when_the_next_message_comes(client):
    page = client.get("/me/notices/").content.decode()

    assert re.search(r"Next digest: Monday [^<]*, 08:00 in Nairobi", page)


def test_choosing_costs_the_same_queries_whatever_was_chosen(
    client, ada, django_assert_max_num_queries
):
    for purpose in Purpose:
        set_wish(ada, purpose, Wish(How.MAIL, When.NOW))

    with django_assert_max_num_queries(8):
        client.get("/me/notices/")


# The off-switch in a mail


def test_looking_at_an_off_switch_changes_nothing(ada):
    url = letters.Stop(purpose=Purpose.UPDATE, person=ada.pk).token()

    page = Client().get(f"/stop/{url}/")

    assert page.status_code == 200
    assert NoticePreference.objects.count() == 0


@pytest.mark.parametrize("body", [{}, {"List-Unsubscribe": "One-Click"}])
def test_pressing_it_stops_that_kind_without_signing_in(ada, body):
    token = letters.Stop(purpose=Purpose.UPDATE, person=ada.pk).token()
    mailer = Client(enforce_csrf_checks=True)

    response = mailer.post(f"/stop/{token}/", body)
    mailer.post(f"/stop/{token}/", body)

    assert response.status_code == 200
    assert wishes_of([ada])[ada.pk][Purpose.UPDATE].how == How.NONE
    assert NoticePreference.objects.count() == 1


def test_an_address_without_an_account_has_an_off_switch_too(db):
    token = letters.Stop(purpose=Purpose.ACCOUNT, address="New@example.org").token()

    Client().post(f"/stop/{token}/")
    Client().post(f"/stop/{token}/")

    assert list(AddressStop.objects.values_list("address", "purpose")) == [
        ("new@example.org", "account")
    ]


@pytest.mark.parametrize("token", ["x", "eyJwIjoiMSJ9:1abc:zzz", "%00", "a" * 3000])
def test_a_forged_off_switch_leads_nowhere(db, token):
    assert Client().get(f"/stop/{token}/").status_code in (400, 404)


# Place, language, colours


def test_a_device_elsewhere_is_asked_about_once(client, ada):
    client.cookies["zone"] = "Africa%2FLagos"
    question = "Your device is in Lagos. Show times for Lagos?"
    before = client.get("/me/").content.decode()

    client.post("/me/place/", {"zone": "Africa/Lagos", "answer": "no", "next": "/me/"})

    ada.refresh_from_db()
    assert question in before
    assert question not in client.get("/me/").content.decode()
    assert ada.timezone == "Africa/Nairobi"


def test_yes_shows_the_times_of_that_place(client, ada):
    client.post("/me/place/", {"zone": "Africa/Lagos", "answer": "yes"})

    ada.refresh_from_db()
    assert ada.timezone == "Africa/Lagos"


@pytest.mark.parametrize(
    "zone", ["Africa%2FKampala", "UTC", "Etc%2FGMT%2B3", "nonsense", "", "../../etc"]
)
def test_a_device_with_the_same_clock_or_none_is_not_asked(client, zone):
    client.cookies["zone"] = zone

    assert "Your device is in" not in client.get("/me/").content.decode()


def test_a_visitor_chooses_a_language_and_colours(db):
    visitor = Client()
    visitor.post("/language/", {"language": "ar", "next": "/sign-in/"})
    visitor.post("/language/", {"theme": "dark"})

    page = visitor.get("/sign-in/").content.decode()

    assert '<html lang="ar" dir="rtl" data-theme="dark">' in page


def test_a_chosen_language_stays_with_the_account(client, ada):
    client.post("/language/", {"language": "fr"})

    ada.refresh_from_db()
    assert ada.language == "fr"


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "javascript:x"]
)
def test_the_switch_leads_to_no_other_site(client, to):
    response = client.post("/language/", {"language": "fr", "next": to})

    assert response.headers["Location"] == "/"


def test_the_front_page_leads_people_with_an_account_to_today(client):
    assert client.get("/").headers["Location"] == "/today/"


def test_the_admin_shows_messages_without_content(ada):
    operator = User.objects.create_superuser("op@example.org")
    browser = Client()
    browser.force_login(operator)
    OutboxMessage.objects.create(
        notice="x", recipient=ada, dedupe_key="k", send_after=ada.date_joined
    )

    page = browser.get("/admin/people/outboxmessage/").content.decode()

    assert page.count("ada@example.org") == 0


def test_the_admin_has_no_door_of_its_own(db):
    assert Client().get("/admin/login/").headers["Location"].startswith("/sign-in/")


# When I work, and when I am away


def test_working_days_and_an_absence_are_kept(client, ada):
    client.post(
        "/me/hours/",
        {
            "availability": "",
            "working_days": ["6", "0", "1"],
            "away_from": "2027-03-01",
            "away_until": "2027-03-12",
        },
    )

    ada.refresh_from_db()
    assert ada.working_days == "016"
    assert (str(ada.away_from), str(ada.away_until)) == ("2027-03-01", "2027-03-12")


def test_the_usual_days_of_a_place_stay_usual_when_one_moves(client, ada):
    client.post("/me/hours/", {"availability": "", "working_days": list("01234")})

    ada.refresh_from_db()
    assert ada.working_days == ""


@pytest.mark.parametrize(
    ("begins", "ends"),
    [("2027-03-12", "2027-03-01"), ("2027-03-01", ""), ("2027-03-01", "2029-03-01")],
)
def test_an_absence_has_two_days_in_order_and_an_end(client, ada, begins, ends):
    response = client.post(
        "/me/hours/", {"availability": "", "away_from": begins, "away_until": ends}
    )

    ada.refresh_from_db()
    assert response.status_code == 422
    assert ada.away_from is None
