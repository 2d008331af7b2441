"""Coming in: a code by mail, and everything that keeps strangers out."""

import re
from pathlib import Path

import allauth
import pytest
from allauth import urls as allauth_urls
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from people import front
from people.adapters import SecondFactorAdapter
from people.devices import devices_of, forget_ended
from people.models import User
from people.urls import account as account_urls

SIGN_IN = "/sign-in/"
CODE = "/sign-in/code/"


@pytest.fixture
def ada(db):
    return User.objects.create_user(
        "ada@example.org", called="Ada", timezone="Africa/Nairobi", language="en"
    )


def code_in(letter) -> str:
    return re.search(r"^(\d{6})$", letter.body, re.M)[1]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def ask(client, email="ada@example.org", **fields):
    return client.post(SIGN_IN, {"email": email, **fields})


def signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def test_a_code_by_mail_opens_the_door(client, ada):
    ask(client)

    response = client.post(CODE, {"code": code_in(mail.outbox[0])})

    assert (response.status_code, response.headers["Location"]) == (302, "/today/")
    assert signed_in(client)


def test_the_way_in_leads_on_to_the_page_that_was_asked_for(client, ada):
    page = client.get("/me/")
    client.post(page.headers["Location"], {"email": "ada@example.org"})

    response = client.post(f"{CODE}?next=/me/", {"code": code_in(mail.outbox[0])})

    assert response.headers["Location"] == "/me/"


def test_an_address_without_an_account_sees_the_same_pages(client, ada):
    answers = {}
    for email in ("ada@example.org", "nobody@example.org"):
        client.cookies.clear()
        response = ask(client, email)
        page = client.get(response.headers["Location"])
        text = re.sub(r'value="[^"]{60,}"', "", page.content.decode())
        answers[email] = (response.status_code, text.replace(email, "@"))

    assert answers["ada@example.org"] == answers["nobody@example.org"]
    assert [len(m.to) for m in mail.outbox] == [1, 1]


def test_a_code_typed_wrong_three_times_says_so_and_sends_a_new_one(client, ada):
    ask(client)
    first = code_in(mail.outbox[0])

    statuses = [
        client.post(CODE, {"code": wrong(first)}).status_code for _n in range(3)
    ]
    page = client.get(CODE).content.decode()

    assert statuses == [422, 422, 302]
    assert "wrong three times" in page
    assert len(mail.outbox) == 2
    assert client.post(CODE, {"code": first}).status_code == 422
    client.post(CODE, {"code": code_in(mail.outbox[1])})
    assert signed_in(client)


def test_new_codes_come_to_an_end(client, ada):
    ask(client)

    for _n in range(9):
        client.post(CODE, {"code": "000000"})

    assert len(mail.outbox) == 3
    assert client.get(CODE).headers["Location"] == SIGN_IN


def test_asking_for_codes_again_and_again_is_slowed_down(client, ada):
    for _n in range(5):
        client.cookies.clear()
        last = ask(client)

    assert last.status_code == 422
    assert len(mail.outbox) == 3


def test_a_shared_phone_forgets_when_the_browser_closes(client, ada):
    ask(client, shared="on")

    response = client.post(CODE, {"code": code_in(mail.outbox[0])})

    assert client.session.get_expire_at_browser_close()
    assert response.cookies["shared_phone"].value == "1"
    assert response.cookies["shared_phone"]["max-age"] == ""


def test_ones_own_phone_stays_signed_in_for_thirty_days(client, ada):
    ask(client)

    response = client.post(CODE, {"code": code_in(mail.outbox[0])})

    assert client.session.get_expiry_age() == 30 * 24 * 3600
    assert "shared_phone" not in response.cookies


def test_a_closed_account_gets_no_code(client, ada):
    User.objects.update(is_active=False)

    ask(client)

    assert not re.search(r"^\d{6}$", mail.outbox[0].body, re.M)


def test_a_password_opens_the_door_as_well(client, ada):
    ada.set_password("river stone lantern")
    ada.save()
    ada.emailaddress_set.create(email=ada.email, verified=True, primary=True)

    client.post(
        "/sign-in/password/",
        {"login": "ada@example.org", "password": "river stone lantern"},
    )

    assert signed_in(client)


@pytest.mark.parametrize("email", ["ada@example.org", "nobody@example.org"])
def test_a_wrong_password_says_the_same_for_every_address(client, ada, email):
    response = client.post(
        "/sign-in/password/", {"login": email, "password": "not it at all"}
    )

    assert response.status_code == 422
    assert response.context["form"].non_field_errors() == [
        "That address and that password do not belong together. "
        "You can sign in with a code by mail instead."
    ]


def test_signing_up_asks_for_a_name_a_place_and_a_code(client, db):
    client.post(
        "/sign-up/",
        {
            "email": "New@Example.org",
            "called": "Noor",
            "timezone": "Africa/Lagos",
        },
    )
    response = client.post("/sign-up/code/", {"code": code_in(mail.outbox[0])})

    noor = User.objects.get()
    assert response.headers["Location"] == "/me/"
    assert (noor.email, noor.called, noor.timezone) == (
        "new@example.org",
        "Noor",
        "Africa/Lagos",
    )
    assert signed_in(client)


def test_signing_up_twice_tells_the_owner_and_nobody_else(client, ada):
    known = client.post(
        "/sign-up/",
        {"email": "ada@example.org", "called": "X", "timezone": "UTC"},
    )

    assert known.headers["Location"] == "/sign-up/code/"
    assert User.objects.count() == 1
    assert not re.search(r"^\d{6}$", mail.outbox[0].body, re.M)


def test_signing_out_clears_what_the_browser_kept(client, ada):
    client.force_login(ada)

    response = client.post("/sign-out/")

    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert not signed_in(client)


@pytest.mark.parametrize(
    ("path", "name"),
    [("/sign-in/", "email"), ("/sign-in/password/", "login"), ("/sign-up/", "email")],
)
@pytest.mark.parametrize(
    ("text", "status"), [("a\0b@example.org", 400), ("a\ud800b@example.org", 422)]
)
def test_broken_text_is_refused_at_the_door(client, db, path, name, text, status):
    body = f"{name}=".encode() + text.encode("utf-8", "surrogatepass")

    response = client.post(path, body, content_type="application/x-www-form-urlencoded")

    assert response.status_code == status


def test_a_mail_server_that_is_away_is_told_and_nothing_breaks(client, ada, settings):
    settings.EMAIL_BACKEND = "tests.people.mailers.NobodyHome"

    response = ask(client)

    assert response.status_code == 409
    assert "could not leave just now" in response.content.decode()


# The demo


@pytest.fixture
def demo(ada, monkeypatch):
    people = [front.DemoPerson(email="ada@example.org", role="A member")]
    monkeypatch.setattr(front, "_demo", [lambda: people])


def test_a_demo_person_is_one_click_away(client, demo, settings):
    settings.EMBEDDED = True
    page = client.get(SIGN_IN, REMOTE_ADDR="127.0.0.1", HTTP_HOST="127.0.0.1:8000")

    client.post(
        "/sign-in/as/",
        {"email": "ada@example.org"},
        REMOTE_ADDR="127.0.0.1",
        HTTP_HOST="127.0.0.1:8000",
    )

    assert 'value="ada@example.org"' in page.content.decode()
    assert signed_in(client)


@pytest.mark.parametrize(
    ("embedded", "seen"),
    [
        (False, {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1"}),
        (True, {"REMOTE_ADDR": "192.0.2.7", "HTTP_HOST": "127.0.0.1"}),
        (True, {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "cohorts.example.org"}),
        (
            True,
            {
                "REMOTE_ADDR": "127.0.0.1",
                "HTTP_HOST": "127.0.0.1",
                "HTTP_X_FORWARDED_FOR": "192.0.2.7",
            },
        ),
    ],
)
def test_no_demo_person_elsewhere(client, demo, settings, embedded, seen):
    settings.EMBEDDED = embedded
    settings.ALLOWED_HOSTS = ["*"]

    page = client.get(SIGN_IN, **seen)
    response = client.post("/sign-in/as/", {"email": "ada@example.org"}, **seen)

    assert "ada@example.org" not in page.content.decode()
    assert response.status_code == 404
    assert not signed_in(client)


def test_only_people_of_the_demo_can_be_tried(client, demo, settings):
    settings.EMBEDDED = True
    User.objects.create_superuser("boss@example.org")

    response = client.post(
        "/sign-in/as/",
        {"email": "boss@example.org"},
        REMOTE_ADDR="127.0.0.1",
        HTTP_HOST="127.0.0.1",
    )

    assert response.status_code == 404
    assert not signed_in(client)


def test_without_a_demo_nobody_can_be_tried(client, ada, settings):
    settings.EMBEDDED = True

    response = client.post(
        "/sign-in/as/",
        {"email": "ada@example.org"},
        REMOTE_ADDR="127.0.0.1",
        HTTP_HOST="127.0.0.1",
    )

    assert response.status_code == 404


# Devices


def test_another_device_can_be_signed_out_from_here(ada):
    phone, laptop = Client(HTTP_USER_AGENT="Phone"), Client(HTTP_USER_AGENT="Laptop")
    for device in (phone, laptop):
        mail.outbox.clear()
        ask(device)
        device.post(CODE, {"code": code_in(mail.outbox[0])})
    page = laptop.get("/me/devices/")
    other = next(d for d in page.context["devices"] if d.user_agent == "Phone")

    laptop.post("/me/devices/", {"device": other.pk})

    assert phone.get("/me/").status_code == 302
    assert laptop.get("/me/").status_code == 200


def test_one_cannot_end_the_session_of_somebody_else(client, ada):
    ben = User.objects.create_user("ben@example.org", called="Ben")
    theirs = Client()
    for device, email in ((client, ada.email), (theirs, ben.email)):
        mail.outbox.clear()
        ask(device, email)
        device.post(CODE, {"code": code_in(mail.outbox[0])})
    session = ben.usersession_set.get()

    client.post("/me/devices/", {"device": session.pk})

    assert theirs.get("/me/").status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "account_login",
        "people_password_sign_in",
        "account_signup",
        "account_reset_password",
        "account_inactive",
        "people:landing",
        "people:language",
    ],
)
def test_pages_of_the_entrance_look_like_ours(client, db, name):
    page = client.get(reverse(name))

    assert page.status_code == 200
    assert 'class="mast"' in page.content.decode()


@pytest.mark.parametrize(
    "name",
    [
        "account_email",
        "account_set_password",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_list_webauthn",
        "usersessions_list",
        "account_logout",
        "people:me",
        "people:hours",
        "people:notices",
        "people:privacy",
        "people:data",
        "people:erase",
    ],
)
def test_pages_about_oneself_look_like_ours(client, ada, name):
    client.force_login(ada)
    ada.emailaddress_set.create(email=ada.email, verified=True, primary=True)

    page = client.get(reverse(name))

    text = page.content.decode()
    assert page.status_code == 200
    assert 'class="mast"' in text
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", text)
    assert 'style="' not in text


def come_in_from(browser, email="ada@example.org"):
    mail.outbox.clear()
    ask(browser, email)
    browser.post(CODE, {"code": code_in(mail.outbox[0])})
    return browser


def test_the_list_of_devices_costs_the_same_for_one_and_for_thirty(
    client, ada, django_assert_num_queries
):
    come_in_from(client)
    client.get("/me/devices/")
    with CaptureQueriesContext(connection) as one:
        client.get("/me/devices/")
    for n in range(30):
        session = SessionStore()
        session.update(client.session.items())
        session.create()
        UserSession.objects.create(
            user=ada, session_key=session.session_key, ip="192.0.2.7", user_agent=f"{n}"
        )

    with django_assert_num_queries(len(one)):
        page = client.get("/me/devices/")

    assert len(page.context["devices"]) == 31


def test_a_device_that_came_in_by_an_invitation_is_listed_too(client, ada):
    client.force_login(ada)

    page = client.get("/me/devices/")

    assert page.content.decode().count("This one") == 1


def test_a_changed_password_ends_the_other_devices(client, ada):
    come_in_from(client)
    ada.set_password("river stone lantern")
    ada.save()

    assert devices_of(ada) == []


def test_what_is_known_of_ended_sessions_is_forgotten(client, ada):
    come_in_from(client)
    client.session.flush()

    assert (forget_ended(), UserSession.objects.count()) == (1, 0)


# Mails of the entrance


def test_the_code_stands_in_the_subject_too_for_small_screens(client, ada):
    ask(client)

    letter = mail.outbox[0]
    assert letter.subject == f"{code_in(letter)} is your sign-in code"
    assert len(letter.message().as_bytes()) < 3_000


def test_every_mail_of_the_entrance_is_in_our_words():
    """allauth brings texts of its own; none of them shall reach anybody."""
    theirs = Path(allauth.__file__).parent / "templates"
    ours = settings.BASE_DIR / "templates"
    missing = {
        str(path.relative_to(theirs))
        for folder in ("account/email", "mfa/email")
        for path in (theirs / folder).glob("*.txt")
        if not (ours / path.relative_to(theirs)).exists()
    }

    # Links instead of codes, which the settings do not use.
    assert missing == {
        "account/email/password_reset_key_message.txt",
        "account/email/password_reset_key_subject.txt",
    }


def test_every_name_that_allauth_asks_for_has_a_page():
    def names(patterns):
        for pattern in patterns:
            if hasattr(pattern, "url_patterns"):
                yield from names(pattern.url_patterns)
            else:
                yield pattern.name

    here = set(names(account_urls.urlpatterns))

    assert set(names(allauth_urls.urlpatterns)) <= here


def test_a_changed_key_is_told_by_mail(client, ada):
    client.force_login(ada)
    ada.emailaddress_set.create(email=ada.email, verified=True, primary=True)

    client.post(
        "/me/password/new/",
        {"password1": "river stone lantern", "password2": "river stone lantern"},
    )

    letter = mail.outbox[0]
    assert letter.subject == "Your account has a password"
    assert "/me/keys/" in letter.body


def test_whoever_came_by_an_invitation_is_told_too(client, ada):
    client.force_login(ada)

    client.post(
        "/me/password/new/",
        {"password1": "river stone lantern", "password2": "river stone lantern"},
    )

    assert [letter.to for letter in mail.outbox] == [["ada@example.org"]]


# A second key


def app_code(secret: str) -> str:
    counter = next(totp.yield_hotp_counters_from_time())
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


@pytest.fixture
def guarded(ada):
    """Ada asks for a second key."""
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(ada, secret)
    return secret


def test_a_second_key_is_asked_for_after_the_code(client, ada, guarded):
    ask(client)
    response = client.post(CODE, {"code": code_in(mail.outbox[0])})
    halfway = signed_in(client)

    wrong_one = client.post("/sign-in/second/", {"code": "000000"})
    client.post("/sign-in/second/", {"code": app_code(guarded)})

    assert response.headers["Location"] == "/sign-in/second/"
    assert (halfway, wrong_one.status_code) == (False, 422)
    assert signed_in(client)


def test_the_secret_of_a_second_key_is_unreadable_in_the_database(ada, guarded):
    kept = Authenticator.objects.get(user=ada).data["secret"]

    assert guarded not in kept
    assert SecondFactorAdapter().decrypt(kept) == guarded


def test_a_passkey_alone_is_no_second_gate(ada):
    data = {"credential": {"clientExtensionResults": {"credProps": {"rk": True}}}}
    Authenticator.objects.create(user=ada, type="webauthn", data=data)

    asks = SecondFactorAdapter().is_mfa_enabled(ada, ["totp", "webauthn"])

    assert asks is False
