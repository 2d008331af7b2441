"""The charter as people live it: in browsers, by keyboard, with and without script."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core import mail
from django.test import Client
from django.utils import timezone

from charters import amending
from charters.models import Clause, QuarterlyReview
from people import delivery
from people.models import OutboxMessage, User
from tests.charters.conftest import in_force, object_to, proposed_of
from tests.conftest import person, seat

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


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


@pytest.fixture
def four(founded):
    """Cay, who reads Arabic, sits in the circle too."""
    founded.cay = seat(
        founded.cohort, person("cay", language="ar"), joined_at=founded.v1.adopted_at
    )
    return founded


def mailed_link(who):
    """The answer link in the newest mail to this person."""
    User.objects.update(quiet_from="00:00", quiet_until="00:00", day_off=None)
    OutboxMessage.objects.exclude(notice="charters.round_opened").delete()
    mail.outbox.clear()
    later = timezone.now() + timezone.timedelta(hours=1)
    delivery.deliver_due(now=later)
    [letter] = [m for m in mail.outbox if who.person.email in m.to[0]]
    return re.search(r"https?://[^/]+(/answer/\S+)", letter.body)[1]


def test_a_whole_amendment_by_four_people(four, open_page):
    ada = open_page("/c/birch/charter/", four.ada)
    ada.click("text=Propose a change")
    ada.click("text=Change it: What is said here stays here")
    ada.fill("#id_text", "Everything stays here.")
    ada.fill("#id_why", "It is shorter.")
    ada.click("text=Keep as a proposal")
    ada.click("text=Ask the circle")
    decision = ada.url.split("/c/birch", 1)[1]

    ben = open_page(mailed_link(four.ben), script=False)
    ben.check("input[value=concern]")
    ben.fill("#id_reason", "Who reminds us?")
    ben.click("button")
    assert ben.inner_text("h1") == "Thank you"

    cay = open_page(f"/c/birch{decision}", four.cay, script=False)
    assert cay.get_attribute("html", "dir") == "rtl"
    cay.check("input[value=object]")
    cay.fill("#id_reason", "Lessons must travel.")
    cay.fill("#id_harm", "Nobody outside learns.")
    cay.fill("#id_fix", "Let lessons leave.")
    cay.click(".answer button")

    ada.reload()
    ada.click("text=Take it into the text")
    ada.fill("textarea", "Everything stays here; lessons may leave.")
    ada.click("text=Put the new text to the circle")
    assert "consent round 2 of 3" in ada.inner_text("main")

    for who in (four.ben, four.cay, four.sol):
        page = open_page(f"/c/birch{decision}", who)
        page.check("input[value=consent]")
        page.click(".answer button")
        page.wait_for_selector("[role=status]")  # it is sent without leaving the page
    ada.reload()
    ada.click("text=Adopt it")

    clause = Clause.objects.visible_to(four.cay.person).of(in_force(four)).first()
    assert ada.inner_text(".kicker >> nth=0").startswith("Birch · version 2")
    assert clause.text == "Everything stays here; lessons may leave."


def test_consent_by_keyboard_alone(asked, open_page):
    page = open_page("/today/", asked.ben)
    page.focus("text=Consent to charter clause 1")
    page.keyboard.press("Enter")
    page.wait_for_url("**/decisions/**")
    page.focus("text=Answer >> nth=0")
    page.keyboard.press("Enter")
    focused = page.evaluate("document.activeElement.value")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    on = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=status]")

    stands = amending.standing(asked.round, now=timezone.now())
    assert (focused, on) == ("consent", "Send my answer")
    assert stands.answer_of(asked.ben).kind == "consent"


def test_words_are_asked_for_only_when_they_are_needed(asked, open_page):
    page = open_page(f"/c/birch/decisions/{asked.amendment.pk}/", asked.ben)
    seen = []

    for kind in ("consent", "concern", "object"):
        page.check(f"input[value={kind}]")
        seen.append(
            [
                name
                for name in ("reason", "harm", "fix")
                if page.is_visible(f"#id_{name}")
            ]
        )

    assert seen == [[], ["reason"], ["reason", "harm", "fix"]]


UNFOLD = "document.querySelectorAll('details').forEach(d => d.open = true)"
PAGES = [
    "charter/",
    "charter/v/1/",
    "charter/diff/1/1/",
    "charter/propose/",
    "charter/propose/?new=1",
    "charter/review/",
    "charter/welcome/",
    "decisions/",
    "decisions/{amendment}/",
    "decisions/{amendment}/withdraw/",
    "decisions/clauses/{line}/",
    "decisions/objections/{objection}/",
]


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_stands_in_anybodys_way(asked, open_page, live_server, width, scheme):
    now = timezone.now()
    objection = object_to(asked.round, by=asked.ben, now=now)
    amending.say(asked.amendment, by=asked.sol, kind="question", text="Why?", now=now)
    QuarterlyReview.objects.unsealed("a test's clock").update(opened_at=now)
    line = proposed_of(asked)
    page = open_page(
        "/c/birch/charter/",
        asked.ada,
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
    )
    found = {}

    for path in PAGES:
        path = path.format(
            amendment=asked.amendment.pk, line=line.pk, objection=objection.pk
        )
        page.goto(f"{live_server.url}/c/birch/{path}")
        page.evaluate(UNFOLD)
        result = Axe().run(page)
        if result.violations_count:
            found[path] = result.generate_report()
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            found[f"{path} is too wide"] = wide

    assert found == {}
