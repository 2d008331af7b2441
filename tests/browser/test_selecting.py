"""Selecting in real browsers, without a script: from quotas to the letters."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from cohorts.models import Lottery
from tests.cohorts.conftest import call  # noqa: F401  (a fixture)
from tests.cohorts.selecting import (
    ALL,
    VALUE,
    keep_seats,
    liv,
    prepared,
    published,
    seven,
    toy_quotas,
)
from tests.walls.test_looks import faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

S = "/f/calls/mangrove/selection/"


@pytest.fixture
def window(browser, live_server):
    """Opens a browser of somebody's own; of nobody's, for None."""
    contexts = []

    def open_as(person, **settings):
        context = browser.new_context(base_url=live_server.url, **settings)
        if person is not None:
            client = Client()  # its own: signing in ends a client's earlier session
            client.force_login(person)
            cookie = client.cookies["sessionid"].value
            context.add_cookies(
                [{"name": "sessionid", "value": cookie, "url": live_server.url}]
            )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        return page

    yield open_as
    for context in contexts:
        context.close()


def test_from_quotas_to_a_published_draw_without_a_script(
    window,
    call,  # noqa: F811
    birch,
    now,
):
    seven(call, birch, now, band="")
    page = window(birch.lea, java_script_enabled=False)
    page.goto(S)

    page.get_by_role("link", name="Keep seats").click()
    page.get_by_label("Who counts").select_option(label="woman")
    page.get_by_label("At least so many seats").fill("1")
    page.get_by_label("At most so many seats").fill("2")
    page.get_by_label("Why, in words").fill("So that nobody is alone.")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Put applications into bands").click()
    expect(page.get_by_role("checkbox")).to_have_count(7)
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_label("Put the ticked ones into").select_option(label="lottery")
    page.get_by_label("Why").fill("Read alike.")
    page.get_by_role("button", name="Move them").click()
    expect(page.get_by_text("7 applications moved. Nobody is told.")).to_be_visible()
    page.get_by_role("link", name="Selection").click()
    page.get_by_role("button", name="Prepare the lottery").click()
    expect(page.get_by_role("heading", name="The smallest chance is")).to_be_visible()
    page.get_by_role("link", name="Publish it before the draw").click()
    page.get_by_label("Where the random value will come from").fill("A public lottery")
    page.get_by_label("The day on which").fill("2999-12-01")
    page.get_by_label("The hour").fill("18:00")
    page.get_by_label("I know that nothing").check()
    page.get_by_role("button", name="Publish").click()

    expect(page.get_by_text("It is published.")).to_be_visible()
    lottery = Lottery.objects.unsealed(ALL).get()
    page.goto("/apply/mangrove/draw/")
    expect(page.get_by_text(lottery.record.fingerprint).first).to_be_visible()


def test_two_leads_type_the_value_and_read_the_letters(
    window,
    call,  # noqa: F811
    birch,
):
    long_ago = timezone.now() - timedelta(hours=4)
    seven(call, birch, long_ago)
    lottery = published(call, birch, long_ago)
    second = liv(birch)

    for lead in (birch.lea, second):
        page = window(lead, java_script_enabled=False)
        page.goto(f"{S}lottery/{lottery.pk}/")
        page.get_by_label("What the source spoke").fill(VALUE)
        page.get_by_role("button", name="This is the value").click()

    expect(page.get_by_role("heading", name="Drawn")).to_be_visible()
    page.get_by_role("link", name="Look through the letters").click()
    expect(page.get_by_text("7 decisions wait.")).to_be_visible()
    page.get_by_role("button", name="Send all of them now").click()
    expect(page.get_by_text("7 people are told.")).to_be_visible()


@pytest.mark.parametrize("state", ["prepared", "clashing", "committed"])
def test_the_lottery_can_be_read_by_everybody(
    window,
    call,  # noqa: F811
    birch,
    state,
):
    """No barrier at 320 px or wide, in each state; the pages around it too."""
    long_ago = timezone.now() - timedelta(hours=4)
    seven(call, birch, long_ago)
    if state == "clashing":
        keep_seats(call, birch, "gender", "woman", 3, 3)
    else:
        toy_quotas(call, birch)
    make = published if state == "committed" else prepared
    lottery = make(call, birch, long_ago)
    assert lottery.state == state
    page = window(birch.lea, bypass_csp=True, locale="en")
    pages = {
        "prepared": [S, f"{S}bands/", f"{S}lottery/{lottery.pk}/publish/"],
        "clashing": [f"{S}lottery/{lottery.pk}/ease/", "/apply/mangrove/how/"],
        "committed": ["/apply/mangrove/draw/", "/apply/mangrove/how/"],
    }[state]

    found = [
        fault
        for url in [f"{S}lottery/{lottery.pk}/", *pages]
        for fault in faults(page, url)
    ]

    assert found == []
