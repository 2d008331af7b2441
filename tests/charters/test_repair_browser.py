"""A repair between two with a third, lived in browsers; a fifth member sees nothing."""

import os
import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client

from charters import agreeing, asking, repair
from charters.models import RepairCase, day_in
from tests.charters.repairing import HAPPENED, IMPACT, fresh, settled, talk, through
from tests.charters.test_repair_pages import CHANCE
from tests.conftest import person, seat

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NARROW, WIDE = {"width": 320, "height": 800}, {"width": 1280, "height": 900}
TOO_WIDE = "document.documentElement.scrollWidth > innerWidth"


@pytest.fixture
def open_page(browser, live_server):
    """A browser of its own for each person."""
    contexts = []

    def enter(path, membership=None, *, script=True, **more):
        context = browser.new_context(java_script_enabled=script, **more)
        if membership is not None:
            client = Client()
            client.force_login(membership.person)
            cookie = {
                "name": "sessionid",
                "value": client.cookies["sessionid"].value,
                "url": live_server.url,
            }
            context.add_cookies([cookie])
        contexts.append(context)
        page = context.new_page()
        page.goto(live_server.url + path)
        return page

    yield enter
    for context in contexts:
        context.close()


def seen_by(who):
    client = Client()
    client.force_login(who.person)
    paths = ("/today/", "/c/birch/", "/c/birch/repair/", "/c/birch/charter/")
    return [CHANCE.sub("", client.get(path).content.decode()) for path in paths]


def press(page, words):
    page.get_by_role("button", name=words, exact=True).click()


def test_two_and_a_third_live_a_repair_and_a_fifth_sees_nothing(birch, now, open_page):
    dee = seat(birch.cohort, person("dee"), reads_from=birch.cohort.created_at)
    before = seen_by(dee)

    ada = open_page("/c/birch/repair/", birch.ada, script=False)
    ada.click("text=Write down a concern")
    ada.select_option("#id_addressee", label="Ben")
    ada.fill("#id_happened", HAPPENED)
    ada.fill("#id_impact", IMPACT)
    press(ada, "Keep it and go on")
    ada.get_by_label("Sol").check()
    press(ada, "Ask Ben")
    case = "/c/birch" + ada.url.split("/c/birch", 1)[1]

    ben = open_page("/today/", birch.ben, script=False)
    ben.click("text=Somebody waits for your answer")
    press(ben, "Yes, as it was asked")
    sol = open_page(case, birch.sol, viewport=NARROW)
    press(sol, "I will be there")
    ada.goto(ada.url)
    press(ada, "Begin")
    assert seen_by(dee) == before

    def both(words):
        for page in (ada, ben):
            page.goto(page.url)
            press(page, words)

    def one(page, words):
        page.goto(page.url)
        press(page, words)

    both("I am ready to go on")  # opening
    one(ada, "That is all for now")
    one(ben, "I have heard it")
    one(ada, "Not quite")
    one(ada, "Yes, that is it")
    one(ben, "I need a pause")
    assert seen_by(dee) == before
    one(ben, "Go on")
    one(ben, "That is all for now")
    one(ada, "I have heard it")
    one(ben, "Yes, that is it")
    both("I am ready to go on")  # impact apart from intent
    ada.goto(ada.url)
    ada.fill("#id_asked-words", "Ask me before Friday.")
    press(ada, "Ask for it")
    one(ben, "Yes to these words")
    both("I am ready to go on")
    ada.goto(ada.url)
    day = day_in(birch.cohort, now) + timedelta(days=14)
    ada.fill("#id_day-day", day.isoformat())
    press(ada, "Name this day")
    one(ben, "Yes, on that day")

    assert RepairCase.objects.visible_to(birch.ben.person).get().state == "settled"
    assert seen_by(dee) == before


def test_the_pages_are_to_be_read_by_everybody(birch, now, open_page):
    """At 320 px, mirrored, dark; with everything folded out."""
    over = settled(birch, now=now, way="shuttle")
    for who in (birch.ada, birch.ben):
        agreeing.look_back(over, by=who.person, holds=True, now=now)
    case = through(talk(birch, now=now), birch, now=now, until=6)
    agreeing.request(case, by=birch.ada.person, words="Ask me first.", now=now)
    concern = asking.note_down(
        by=birch.ada,
        addressee=birch.ben,
        happened=HAPPENED,
        impact=IMPACT,
        now=now,
    )
    paths = {
        "home": "/c/birch/repair/",
        "new": "/c/birch/repair/new/",
        "third": f"/c/birch/repair/concerns/{concern.pk}/",
        "talking": f"/c/birch/repair/{case.pk}/",
        "ended": f"/c/birch/repair/{fresh(over).pk}/",
        "print": f"/c/birch/repair/{case.pk}/print/",
        "moves": "/c/birch/moves/",
        "care": f"/care/{birch.program.pk}/",
        "one's care": "/care/",
    }
    assert looked_at(open_page, birch.ada, paths) == []


def test_the_third_and_those_apart_read_their_pages_too(birch, now, open_page):
    case = through(talk(birch, now=now, way="shuttle"), birch, now=now, until=2)
    repair.say(case, by=birch.ben.person, words="What I hear is…", now=now)
    repair.say_aside(case, by=birch.ben.person, words="For you alone.", now=now)
    here = f"/c/birch/repair/{case.pk}/"

    found = looked_at(open_page, birch.sol, {"carrying": here})
    found += looked_at(open_page, birch.ben, {"apart": here})
    repair.pause(fresh(case), by=birch.ben.person, now=now)
    found += looked_at(open_page, birch.ada, {"paused": here})
    lead = SimpleNamespace(person=birch.lea)
    found += looked_at(open_page, lead, {"lead": "/f/programs/riverbend/care/"})

    assert found == []


def looked_at(open_page, who, paths):
    """What is wrong with these pages, at 320 px, mirrored, and in the dark."""
    found = []
    page = open_page("/today/", who, viewport=NARROW)
    base = page.url.split("/today/")[0]
    for name, path in paths.items():
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(NARROW)
        page.goto(base + path)
        if folder := os.environ.get("REPAIR_SHOTS"):
            page.screenshot(path=f"{folder}/{name}-320.png", full_page=True)
        page.evaluate(
            "document.querySelectorAll('details').forEach(d => d.open = true)"
        )
        found += [(name, "320")] * page.evaluate(TOO_WIDE)
        found += [(name, f) for f in faults(page)]
        page.evaluate("document.documentElement.dir = 'rtl'")
        found += [(name, "mirrored")] * page.evaluate(TOO_WIDE)
        page.evaluate("document.documentElement.dir = 'ltr'")
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size(WIDE)
        if folder := os.environ.get("REPAIR_SHOTS"):
            page.screenshot(path=f"{folder}/{name}-1280-dark.png", full_page=True)
        found += [(name, "dark", f) for f in faults(page)]
    return found


def faults(page):
    results = Axe().run(page, options={"resultTypes": ["violations"]}).response
    return [
        (v["id"], re.sub(r"\s+", " ", v["nodes"][0]["html"])[:120])
        for v in results["violations"]
    ]
