"""Reading in real browsers: a whole round by two, by keys, and without a script."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import expect

from cohorts import practising, reckoning
from cohorts.models import PracticeReading, Review
from tests.cohorts import conftest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ALL = "the test looks at everything"
call = conftest.call
ROOM = "/f/calls/mangrove/review/"
OPEN_ALL = "document.querySelectorAll('details').forEach(d => d.open = true)"
FITS = "(d => d.scrollWidth <= d.clientWidth)(document.documentElement)"
PHONE = {"viewport": {"width": 320, "height": 720}}


@pytest.fixture
def window(browser, live_server):
    contexts = []

    def open_as(who, **settings):
        context = browser.new_context(base_url=live_server.url, **settings)
        client = Client()  # its own: signing in ends a client's earlier session
        client.force_login(who)
        context.add_cookies(
            [
                {
                    "name": "sessionid",
                    "value": client.cookies["sessionid"].value,
                    "url": live_server.url,
                }
            ]
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        return page

    yield open_as
    for context in contexts:
        context.close()


def read_by_keys(page, digit):
    """A level and a line for each criterion without ever touching the mouse."""
    page.wait_for_load_state()  # keys are heard once the script is there
    for criterion in page.locator("#reading fieldset").all():
        criterion.locator("input[type=radio]").first.focus()
        page.keyboard.press(digit)
        page.keyboard.press("Tab")
        page.keyboard.type(f"they say so, {digit} times")
    page.keyboard.press("Control+Enter")


def test_a_whole_round_from_handing_out_to_the_order(window, call, birch, ray, now):
    for name in ("Amina", "Bolaji", "Chiara", "Daniel", "Esther"):
        call.arrive(name)
    lead = window(birch.lea)
    lead.goto(f"{ROOM}assign/")
    lead.get_by_role("button", name="Hand them out").click()
    expect(lead.locator("h2", has_text="Everything is handed out")).to_be_visible()

    for who, digits in ((birch.rex, "43321"), (ray, "32211")):
        page = window(who)
        page.goto("/today/")
        page.get_by_role("link", name="Mangrove").first.click()
        page.get_by_role("link", name="Read the next one").click()
        for n, digit in enumerate(digits, 1):
            expect(page.locator("#reading")).to_be_visible()
            where = page.url
            read_by_keys(page, digit)
            if n < len(digits):
                page.wait_for_url(lambda url, where=where: url != where)
        expect(page.get_by_text("Nothing waits to be read.")).to_be_visible()

    lead.goto(f"{ROOM}progress/")
    lead.get_by_role("button", name="Work out what the readings").click()

    expect(
        lead.get_by_text("5 of 5 applications have their 2 readings.")
    ).to_be_visible()
    expect(lead.locator("caption", has_text="The order")).to_be_visible()
    assert Review.objects.unsealed(ALL).done().count() == 10


def test_a_digit_in_the_line_of_evidence_is_a_digit(window, call, birch):
    call.arrive("Amina")
    page = window(birch.rex)
    page.goto(ROOM)
    page.get_by_role("link", name="Read the next one").click()
    line = page.get_by_label("What it rests on").first

    line.fill("they trained ")
    line.press("End")
    page.keyboard.type("42 nurses")

    expect(line).to_have_value("they trained 42 nurses")
    expect(page.locator("input[type=radio]:checked")).to_have_count(0)


def test_abstaining_needs_no_script(window, call, birch):
    call.arrive("Amina")
    page = window(birch.rex, java_script_enabled=False)
    page.goto(ROOM)
    page.get_by_role("link", name="Read the next one").click()

    page.get_by_label("Why should somebody else read it?").select_option("works")
    page.get_by_role("button", name="Abstain").click()

    expect(page.get_by_text("You abstain from this one")).to_be_visible()
    assert Review.objects.unsealed(ALL).get().why == "works"


def test_handing_out_and_taking_back_need_no_script(window, call, birch, ray):
    call.arrive("Amina")
    page = window(birch.lea, java_script_enabled=False)
    page.goto(f"{ROOM}assign/")

    page.get_by_role("button", name="Hand them out").click()
    expect(page.get_by_text("2 readings are handed out.")).to_be_visible()
    page.get_by_role("button", name="Take back").click()

    expect(page.get_by_text("2 readings are taken back.")).to_be_visible()
    assert Review.objects.unsealed(ALL).count() == 0


def test_practising_ends_with_how_the_others_scored(window, call, birch, ray, now):
    for sample in practising.SAMPLES:
        practising.score(
            call.intake,
            sample=sample,
            levels={str(c.pk): 2 for c in call.criteria},
            by=ray,
            now=now,
        )
    page = window(birch.rex, java_script_enabled=False)
    page.goto(f"{ROOM}practice/")
    page.get_by_role("link", name="Score the next one").click()

    for _ in practising.SAMPLES:
        for criterion in page.locator("fieldset").all():
            criterion.get_by_role("radio").nth(2).check()
        page.get_by_role("button", name="Save and next").click()

    expect(page.get_by_text("2 reviewers are through.")).to_be_visible()
    assert PracticeReading.objects.unsealed(ALL).filter(is_whole=True).count() == 6


def test_the_rooms_can_be_used_by_everybody_and_fit_a_small_phone(
    window, call, birch, ray, now
):
    for n in range(3):
        call.arrive(f"Person{n}", email=f"p{n}@example.org")
    lead, reader = window(birch.lea, **PHONE), window(birch.rex, **PHONE)
    lead.goto(f"{ROOM}assign/")
    reckoning.work_out(call.intake, now=now)
    pages = [
        *((lead, f"{ROOM}{room}/") for room in ("assign", "conflicts", "progress")),
        (lead, f"{ROOM}terms/{birch.rex.pk}/"),
        *((reader, f"{ROOM}{room}") for room in ("", "terms/", "practice/")),
        (reader, f"{ROOM}practice/1/"),
    ]

    for page, path in pages:
        page.goto(path)
        page.evaluate(
            "document.querySelectorAll('details').forEach(d => d.open = true)"
        )
        found = Axe().run(page)

        assert [v["id"] for v in found.response["violations"]] == [], path
        assert page.evaluate(FITS), path
        assert re.search("Mangrove", page.title()) or "Practise" in page.title()
