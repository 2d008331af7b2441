"""People with a task show a second key before anything private opens to them."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.test import Client
from django.urls import reverse

from cohorts import joining
from people import second_key
from tests.walls.routes import walk

ASKED = "/me/keys/second/?next="


@pytest.fixture
def house(birch, settings):
    settings.SECOND_KEY_REQUIRED = True
    return birch


def person_of(house, name):
    found = getattr(house, name)
    return getattr(found, "person", found)


def app_code(secret: str) -> str:
    counter = next(totp.yield_hotp_counters_from_time())
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


def sign_in(client, person) -> None:
    """By a mailed code; what a second gate asks for is still to come."""
    mail.outbox.clear()
    client.post("/sign-in/", {"email": person.email})
    code = re.search(r"^(\d{6})$", mail.outbox[0].body, re.M)[1]
    client.post("/sign-in/code/", {"code": code})


def has_an_app(person) -> str:
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(person, secret)
    return secret


def has_a_passkey(person) -> None:
    data = {"credential": {"clientExtensionResults": {"credProps": {"rk": True}}}}
    Authenticator.objects.create(user=person, type="webauthn", data=data)


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("sol", "/c/birch/"),
        ("sol", "/f/"),
        ("lea", "/f/calls/"),
        ("rex", "/f/calls/"),
        ("fay", "/evidence/riverbend/"),
        ("lea", "/today/"),
        ("sol", "/library/"),
        ("lea", "/me/data/"),
    ],
)
def test_whoever_has_a_task_is_led_to_a_second_key(house, client, name, page):
    client.force_login(person_of(house, name))

    response = client.get(page)
    led_to = client.get(response.headers["Location"])

    assert response.headers["Location"] == ASKED + page.replace("/", "%2F")
    assert led_to.status_code == 200
    assert "Add a passkey" in led_to.content.decode()


def test_so_is_the_operator(house, client):
    ada = house.ada.person
    ada.is_staff = True
    ada.save()
    client.force_login(ada)

    response = client.get("/admin/")

    assert response.headers["Location"].startswith(ASKED)


@pytest.mark.parametrize("page", ["/today/", "/c/birch/", "/library/"])
def test_a_member_signs_in_with_a_mailed_code_alone(house, client, page):
    client.force_login(house.ada.person)

    assert client.get(page).status_code == 200


def test_a_member_who_begins_to_facilitate_is_asked_from_then_on(house, client):
    client.force_login(house.ada.person)
    before = client.get("/c/birch/").status_code
    house.ada.role = "facilitator"
    house.ada.save()

    after = client.get("/c/birch/").status_code

    assert (before, after) == (200, 302)


@pytest.mark.parametrize("name", ["sol", "lea", "rex", "fay"])
@pytest.mark.parametrize(
    "page",
    [
        "/me/",
        "/me/hours/",
        "/me/notices/",
        "/me/privacy/",
        "/me/keys/",
        "/me/keys/second/",
        "/me/keys/app/",
        "/me/passkeys/new/",
        "/me/addresses/",
        "/me/devices/",
        "/sign-out/",
        "/language/",
        "/health/",
        "/offline/",
    ],
)
def test_help_and_ones_own_account_stay_open(house, client, name, page):
    person = person_of(house, name)
    person.emailaddress_set.create(email=person.email, verified=True, primary=True)
    client.force_login(person)

    response = client.get(page, follow=True)

    assert response.status_code == 200
    assert not any(url.startswith(ASKED) for url, _code in response.redirect_chain)


def test_of_what_needs_a_sign_in_only_ones_own_account_stays_open():
    """A page added tomorrow is behind the second key unless it says otherwise."""
    private = [
        route.pattern
        for route in walk()
        if (access := getattr(route.view, "access", None))
        and access.before_second_key
        and access.who == "anyone signed in"
    ]

    assert [path for path in private if not path.startswith("me/")] == []
    assert "me/data/" not in private


def test_signing_out_works(house, client):
    client.force_login(house.lea)

    client.post("/sign-out/")

    assert "_auth_user_id" not in client.session


@pytest.mark.django_db(transaction=True)  # what follows waits for the commit
def test_with_an_app_set_up_the_page_asked_for_opens(house, client):
    sign_in(client, house.lea)
    client.get(client.get("/f/calls/").headers["Location"])
    secret = client.get("/me/keys/app/").context["form"].secret

    done = client.post("/me/keys/app/", {"code": app_code(secret)})
    recovery = client.get(done.headers["Location"])
    onward = client.get("/me/keys/second/")

    assert done.headers["Location"] == "/me/keys/recovery/"
    assert 'href="/me/keys/second/"' in recovery.content.decode()
    assert len(recovery.context["unused_codes"]) == 10
    assert onward.headers["Location"] == "/f/calls/"
    assert client.get("/f/calls/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_new_facilitator_comes_from_the_invitation_to_the_cohort(house, client):
    letter = joining.invite(
        "nia@example.org", into=house.cohort, by=house.sol.person, role="facilitator"
    )
    door = reverse("cohorts:invitation", args=[letter.secret()])
    new = {"called": "Nia", "timezone": "Africa/Kampala", "language": "en"}

    asked = client.post(f"{door}accept/", new, follow=True)
    secret = client.get("/me/keys/app/").context["form"].secret
    client.post("/me/keys/app/", {"code": app_code(secret)})

    assert asked.redirect_chain[-1][0] == f"{ASKED}%2Ftoday%2F"
    assert client.get("/c/birch/").status_code == 200


def test_who_showed_the_app_on_the_way_in_is_not_asked_again(house, client):
    secret = has_an_app(house.lea)
    sign_in(client, house.lea)

    client.post("/sign-in/second/", {"code": app_code(secret)})

    assert client.get("/f/calls/").status_code == 200


def test_a_mailed_code_does_not_stand_in_for_the_passkey(house, client):
    has_a_passkey(house.lea)
    sign_in(client, house.lea)

    asked = client.get("/f/calls/", follow=True)

    assert 'href="/me/passkeys/sure/?next=' in asked.content.decode()
    assert "Add a passkey" not in asked.content.decode()


def test_whoever_signed_in_with_the_mail_alone_cannot_add_a_key_beside_the_passkey(
    house, client
):
    has_a_passkey(house.lea)
    sign_in(client, house.lea)

    response = client.get("/me/keys/app/")

    assert response.headers["Location"].startswith("/me/passkeys/sure/")


def test_a_recovery_code_opens_too(house, client):
    has_an_app(house.lea)
    codes = _recovery_codes(house.lea)
    sign_in(client, house.lea)

    client.post("/sign-in/second/", {"code": codes[0]})

    assert client.get("/f/calls/").status_code == 200


def _recovery_codes(person):
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    return RecoveryCodes.activate(person).get_unused_codes()


def test_every_device_is_asked_again_once_the_last_key_is_gone(house, client):
    secret = has_an_app(house.lea)
    elsewhere = Client()
    for device in (client, elsewhere):
        sign_in(device, house.lea)
        device.post("/sign-in/second/", {"code": app_code(secret)})
        Authenticator.objects.update(last_used_at=None)
        _forget_used_codes()
    client.post("/me/keys/sure/", {"code": app_code(secret)})

    client.post("/me/keys/app/off/")

    assert [d.get("/f/calls/").status_code for d in (client, elsewhere)] == [302, 302]


def _forget_used_codes():
    from django.core.cache import cache

    cache.clear()


def test_a_shown_key_is_of_its_owner_only(house, client):
    """Whoever signs in next in the same browser shows one of their own."""
    secret = has_an_app(house.lea)
    sign_in(client, house.lea)
    client.post("/sign-in/second/", {"code": app_code(secret)})
    client.post("/sign-out/")

    client.force_login(house.sol.person)

    assert client.get("/c/birch/").status_code == 302


def test_nothing_typed_is_lost(house, client):
    client.force_login(house.sol.person)

    response = client.post("/c/birch/updates/new/", {"body": "Bring the map."})

    page = response.content.decode()
    assert response.status_code == 409
    assert "Bring the map." in page
    assert 'href="/me/keys/second/"' in page


def test_what_waits_on_a_phone_stays_there(house, client):
    client.force_login(house.sol.person)

    response = client.post(
        "/c/birch/check-ins/new/", {"text": "All is well"}, headers={"X-Outbox": "1"}
    )

    assert response.status_code == 401


def test_a_fragment_leads_the_whole_page_there(house, client):
    client.force_login(house.sol.person)

    response = client.get(
        "/c/birch/",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/c/birch/"},
    )

    assert response.status_code == 204
    assert response.headers["HX-Redirect"].startswith("/me/keys/second/?next=")


def test_the_way_on_leads_to_this_site_only(house, client):
    client.force_login(house.lea)

    client.get("/me/keys/second/?next=https://elsewhere.example/")

    assert client.session[second_key.WAY] == "/today/"


def test_the_embedded_run_asks_nobody_and_says_so(birch, client, settings):
    assert settings.SECOND_KEY_REQUIRED is False
    client.force_login(birch.lea)

    page = client.get("/f/calls/")
    keys = client.get("/me/keys/")

    assert page.status_code == 200
    assert "On this machine nobody has to show a second key." in keys.content.decode()


def test_links_that_carry_their_own_secret_stay_open(house, client):
    client.force_login(house.lea)

    assert client.get("/invite/no-such-secret/").status_code == 404
