"""The way in, in a real browser, under the real Content-Security-Policy."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core import mail
from playwright.sync_api import expect

from people.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FINGER = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def house(live_server, settings):
    # A passkey belongs to a name, not to an address of numbers.
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    return live_server.url.replace("127.0.0.1", "localhost")


@pytest.fixture
def opened(browser, house):
    """Opens a page on a phone; what the console complains of fails the test."""
    contexts, complaints = [], []

    def open_page(**settings):
        context = browser.new_context(
            base_url=house, viewport={"width": 390, "height": 844}, **settings
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on(
            "console",
            lambda said: complaints.append(said.text) if said.type == "error" else None,
        )
        return page

    yield open_page
    for context in contexts:
        for page in context.pages:
            page.wait_for_load_state("networkidle")
        context.close()
    assert complaints == []


@pytest.fixture
def ada(transactional_db):
    return User.objects.create_user(
        "ada@example.org", called="Ada", timezone="Africa/Nairobi", language="en"
    )


def code():
    return re.search(r"^(\d{6})$", mail.outbox[-1].body, re.M)[1]


def come_in(page, address="ada@example.org"):
    come_in_by_code(page, address, "**/today/")


def come_in_by_code(page, address, leads_to):
    page.goto("/sign-in/")
    page.get_by_label("Your mail address").fill(address)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code").fill(code())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(leads_to)


def test_a_code_by_mail_needs_no_script(opened, ada):
    page = opened(java_script_enabled=False)

    come_in(page)

    expect(page.get_by_role("heading", level=1)).to_contain_text("Ada")


def test_a_passkey_is_added_and_opens_the_door(opened, ada):
    page = opened()
    come_in(page)
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": FINGER})

    page.goto("/me/passkeys/new/")
    page.get_by_role("button", name="Add it").click()
    page.wait_for_url("**/me/passkeys/")
    page.goto("/sign-out/")
    page.locator("form[data-signs-out] button").click()
    page.wait_for_url(re.compile(r"/$"))
    page.goto("/sign-in/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/today/")

    expect(page.get_by_role("heading", level=1)).to_contain_text("Ada")


def test_whoever_leads_adds_a_passkey_on_the_way_to_their_calls(
    opened, birch, settings
):
    """As in production: led to it, once; then it is asked for beside a mailed code."""
    settings.SECOND_KEY_REQUIRED = True
    page = opened()
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": FINGER})
    come_in_by_code(page, birch.lea.email, "**/me/keys/second/**")

    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    page.get_by_role("link", name="Go on").click()
    page.wait_for_url("**/today/")
    page.goto("/sign-out/")
    page.locator("form[data-signs-out] button").click()
    page.wait_for_url(re.compile(r"/$"))
    come_in_by_code(page, birch.lea.email, "**/me/keys/second/**")
    page.get_by_role("link", name="Use a passkey").click()
    page.get_by_role("button", name="Use a passkey").click()

    page.wait_for_url("**/today/")
    assert page.goto("/f/calls/").ok
    assert page.url.endswith("/f/calls/")


def test_an_address_of_numbers_gets_a_sentence_instead_of_the_button(
    opened, ada, house
):
    page = opened()

    page.goto(house.replace("localhost", "127.0.0.1") + "/sign-in/")

    expect(page.get_by_text("Passkeys work only under a name")).to_be_visible()
    expect(page.get_by_role("button", name="Use a passkey")).to_be_hidden()


def test_a_passkey_that_fails_is_told(opened, ada):
    page = opened()
    page.goto("/sign-in/")
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": FINGER | {"isUserVerified": False}},
    )

    page.get_by_role("button", name="Use a passkey").click()

    expect(page.get_by_role("alert")).to_contain_text("did not work this time")


def test_a_device_elsewhere_is_asked_about_once(opened, ada):
    page = opened(timezone_id="Africa/Lagos")
    come_in(page)

    page.get_by_role("button", name="Yes").click()

    expect(page.get_by_text("Times are now shown for Lagos.")).to_be_visible()
    expect(page.get_by_text("Your device is in")).to_have_count(0)
    ada.refresh_from_db()
    assert ada.timezone == "Africa/Lagos"


ENTRANCE = ["/", "/sign-in/", "/sign-in/password/", "/sign-up/", "/language/"]
MINE = [
    "/me/keys/second/",
    "/me/",
    "/me/hours/",
    "/me/notices/",
    "/me/privacy/",
    "/me/data/",
    "/me/data/erase/",
    "/me/addresses/",
    "/me/keys/",
    "/me/keys/app/",
    "/me/passkeys/",
    "/me/passkeys/new/",
    "/me/password/new/",
    "/me/devices/",
    "/sign-out/",
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_barrier_or_scrolls_sideways(opened, ada, scheme):
    page = opened(color_scheme=scheme, bypass_csp=True)
    found = look_at(page, ENTRANCE)
    come_in(page)
    found += look_at(page, MINE)

    assert found == []


def look_at(page, paths):
    """What axe objects to, with every fold open, and pages wider than 320 px."""
    found = []
    for path in paths:
        page.set_viewport_size({"width": 320, "height": 800})
        page.goto(path)
        page.evaluate(
            "document.querySelectorAll('details').forEach((d) => { d.open = true; })"
        )
        wide = page.evaluate(
            "document.documentElement.scrollWidth"
            " - document.documentElement.clientWidth"
        )
        if wide > 0:
            found.append(f"{path} is {wide} px too wide")
        answer = Axe().run(page).response
        found += [f"{path}: {v['id']}" for v in answer["violations"]]
    return found
