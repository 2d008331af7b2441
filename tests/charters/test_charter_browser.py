"""The charter as people live it: in browsers, by keyboard, with and without script."""

import re
from datetime import timedelta
from itertools import count

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core import mail
from django.test import Client
from django.utils import timezone

from charters import amending
from charters.models import Clause, QuarterlyReview
from charters.notices import answer_token, talk_token
from people import delivery
from people.models import User
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


@pytest.fixture
def read_mail(db):
    """The letters that are due, by reader; each time an hour later than before.

    Letters of half an hour go together, so that nobody gets five.
    """
    hours = count(1)

    def read():
        User.objects.update(quiet_from="00:00", quiet_until="00:00", day_off=None)
        mail.outbox.clear()
        delivery.deliver_due(now=timezone.now() + timedelta(hours=next(hours)))
        return {letter.to[0]: letter for letter in mail.outbox}

    return read


def link_in(letters, who, path):
    """The address in this person's letter that begins with `path`."""
    [letter] = [one for to, one in letters.items() if who.person.email in to]
    return re.search(rf"https?://[^/\s]+({path}\S+)", letter.body)[1]


def tab_to(page, words, *, least=0):
    """Press Tab until what has the focus says so; a person without a mouse."""
    for _n in range(120):
        page.keyboard.press("Tab")
        here = page.evaluate(
            "(document.activeElement.innerText || document.activeElement.labels"
            "?.[0]?.innerText || '').trim()"
        )
        if here.startswith(words):
            return
    raise AssertionError(f"no way by keyboard to {words}")


def answer_by_keyboard(page, *, downs=0, words=""):
    """Choose with the arrows, type, and press the button."""
    tab_to(page, "Yes, I consent")
    page.keyboard.press("Space")
    for _n in range(downs):
        page.keyboard.press("ArrowDown")
    if words:
        page.keyboard.press("Tab")
        page.keyboard.type(words)
    tab_to(page, "Send my answer")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=status]")  # it is sent without leaving the page


OUTSIDE = ["/c/oak/", "/c/oak/charter/", "/c/oak/decisions/"]


def seen_by(outsider, decision):
    """What somebody of another circle meets: her own pages, and nothing of theirs."""
    client = Client()
    client.force_login(outsider.person)
    pages = [client.get(path, follow=True) for path in OUTSIDE]
    theirs = [client.get(path) for path in (decision, f"{decision}record/")]
    assert [page.status_code for page in theirs] == [404, 404]
    assert "What is said here stays here" not in client.get("/today/").content.decode()
    return [
        re.sub(r'(nonce|value|content)="[\w-]{20,}"', "", page.content.decode())
        for page in [*pages, *theirs]
    ]


def test_a_whole_amendment_by_four_people_on_pages_and_from_mails(
    four, open_page, read_mail
):
    """Ada on the page, Ben by keyboard, Cay by mail without script, Sol by mail."""
    ada = open_page("/c/birch/charter/", four.ada)
    ada.click("text=Propose a change")
    ada.click("text=Change it: What is said here stays here")
    ada.fill("#id_text", "Everything stays here.")
    ada.fill("#id_why", "It is shorter.")
    ada.click("text=Keep as a proposal")
    ada.wait_for_url("**/decisions/**")
    decision = "/c/birch" + ada.url.split("/c/birch", 1)[1]
    read_mail()  # of the first charter
    outside = seen_by(four.oma, decision)

    # Questions first: from the mail, signed out.
    ada.click("text=Ask for questions")
    ada.wait_for_selector("text=The circle can talk about it now.")
    letters = read_mail()
    sol = open_page(link_in(letters, four.sol, "/answer/talk/"), script=False)
    assert sol.locator("ins").count() > 0
    sol.fill("textarea", "Lessons too?")
    sol.click("main button")
    assert sol.inner_text("h1") == "Thank you"

    # The first round.
    ada.goto(ada.url)
    assert "Lessons too?" in ada.inner_text("main")
    ada.click("text=Ask the circle")
    ada.wait_for_selector("text=consent round 1 of 3")
    letters = read_mail()
    assert not [to for to in letters if four.oma.person.email in to]

    ben = open_page("/today/", four.ben)
    tab_to(ben, "Consent to charter clause 1")
    ben.keyboard.press("Enter")
    ben.wait_for_url("**/decisions/**")
    answer_by_keyboard(ben, downs=1, words="Who reminds us?")

    cay = open_page(link_in(letters, four.cay, "/answer/"), script=False)
    assert cay.get_attribute("html", "dir") == "rtl"
    cay.check("input[value=object]")
    cay.fill("#id_reason", "Lessons must travel.")
    cay.fill("#id_harm", "Nobody outside learns.")
    cay.fill("#id_fix", "Lessons may leave.")
    cay.click("main form button")
    assert cay.locator(".pick").count() == 0

    # The objection reaches its proposer, and the mail leads to the words.
    ada.goto(
        ada.url.split("/c/birch")[0]
        + link_in(read_mail(), four.ada, "/c/birch/decisions/objections/")
    )
    ada.fill("textarea >> nth=0", "Everything stays here.")
    ada.click("text=Put their fix below my words")
    ada.wait_for_selector("text=proposed stands below your words")
    assert ada.input_value("textarea >> nth=0").split("\n\n") == [
        "Everything stays here.",
        "Lessons may leave.",
    ]
    ada.fill("textarea >> nth=0", "Everything stays here; lessons may leave.")
    ada.click("text=Put the new text to the circle")
    ada.wait_for_selector("text=consent round 2 of 3")

    # The second round: whoever objected is asked whether it is mended.
    letters = read_mail()
    cay = open_page(link_in(letters, four.cay, "/answer/"), script=False)
    assert cay.locator("ins").count() > 0
    cay.check("input[value=consent]")
    cay.click("main form button")
    assert cay.locator(".pick").count() == 0

    ben.goto(ada.url)
    assert "so that answer no longer counts" in ben.inner_text("main")
    answer_by_keyboard(ben)

    sol = open_page(link_in(letters, four.sol, "/answer/"))
    sol.check("input[value=consent]")
    sol.click("main form button")
    sol.wait_for_selector("h1:has-text('Thank you')")

    ada.goto(ada.url)
    ada.click("text=Adopt it")
    ada.wait_for_url("**/charter/")

    clause = Clause.objects.visible_to(four.cay.person).of(in_force(four)).first()
    assert ada.inner_text(".kicker >> nth=0").startswith("Birch · version 2")
    assert clause.text == "Everything stays here; lessons may leave."
    assert in_force(four).consented == 4
    for before, after in zip(outside, seen_by(four.oma, decision), strict=True):
        assert before.splitlines() == after.splitlines()


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
    "decisions/{amendment}/record/",
    "decisions/{amendment}/withdraw/",
    "decisions/clauses/{line}/",
    "decisions/objections/{objection}/",
    "../../answer/{answer}/",
    "../../answer/talk/{talk}/",
    "../../answer/nothing/",
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
            amendment=asked.amendment.pk,
            line=line.pk,
            objection=objection.pk,
            answer=answer_token(asked.round, asked.sol),
            talk=talk_token(asked.amendment, asked.sol),
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
