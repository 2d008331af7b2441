"""A whole intake in real browsers: from an empty program to two cohorts that sit.

Lea and Liv lead, Rex and Ray read, Sol will hold the circles. Five people apply, each
in a way of their own: Amina by keyboard alone, Bo without a script, Chen on a laptop
and then on a phone, Huda in Arabic, Esi who adds something later. Whoever walks here
knows the pages and the letters, and nothing else.

The dates of the call lie days apart; the clock of the house is moved on between them,
so that the story is the same at whatever hour it is told.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from cohorts.models import Appointment, Membership, appoint
from people import delivery
from tests.conftest import person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PATIENCE = 30_000
PHONE = {"viewport": {"width": 390, "height": 844}}
PLAIN = {"java_script_enabled": False, **PHONE}
CALL, ROOM = "/apply/mangrove/", "/f/calls/mangrove/"
VALUE = "4 8 15 16 23 42"
DAY = timedelta(days=1)

# What they would bring; a reader who knows no names knows them by it.
WORK = {
    "Amina": "wells that run dry",
    "Bo": "tools that nobody returns",
    "Chen": "a choir of the night shift",
    "Huda": "عيادات لا يعود إليها أحد",
    "Esi": "seeds kept over the winter",
}
SHOWN = {"Huda": "هدى"}  # as she calls herself
SEX = {"Amina": "woman", "Bo": "man", "Chen": "man", "Huda": "woman", "Esi": "woman"}
# The level that both readers give to whoever wrote of it.
LEVELS = {"wells": 4, "tools": 2, "choir": 3, "عيادات": 2, "seeds": 3}


@pytest.fixture
def days_pass(monkeypatch) -> Callable[[int], None]:
    """Moves the clock that every page asks for the time."""
    asked, ahead = timezone.now, [timedelta()]
    monkeypatch.setattr(timezone, "now", lambda: asked() + ahead[0])

    def pass_(days: int) -> None:
        ahead[0] += days * DAY

    return pass_


@dataclass
class House:
    """Opens browsers, and the letters that were sent."""

    open: Callable[..., Page]

    def leave(self, *pages: Page) -> None:
        """They close their browsers: twenty at once are heavy."""
        for page in pages:
            page.context.close()

    def letters(self, to: str) -> list:
        """What that address was sent, the newest last."""
        delivery.deliver_due(now=timezone.now() + timedelta(minutes=5))
        return [letter for letter in mail.outbox if letter.to == [to]]

    def links(self, to: str, path: str) -> list[str]:
        """The addresses they were sent that lead there, the newest last."""
        return [
            found.group()
            for letter in self.letters(to)
            if (found := re.search(rf"{path}[\w-]+/", letter.body))
        ]

    def link(self, to: str, path: str) -> str:
        return self.links(to, path)[-1]


@pytest.fixture
def house(browser, live_server):
    contexts = []

    def open_for(who=None, **settings) -> Page:
        settings = {"locale": "en-GB", **settings}
        context = browser.new_context(base_url=live_server.url, **settings)
        contexts.append(context)
        if who is not None:
            client = Client()  # its own: signing in ends a client's earlier session
            client.force_login(who)
            cookie = client.cookies["sessionid"].value
            context.add_cookies(
                [{"name": "sessionid", "value": cookie, "url": live_server.url}]
            )
        context.set_default_timeout(PATIENCE)
        return context.new_page()

    expect.set_options(timeout=PATIENCE)
    yield House(open_for)
    expect.set_options(timeout=None)
    for context in contexts:
        context.close()


def mail_of(name: str) -> str:
    return f"{name.lower()}@people.example"


def test_a_whole_intake(house, birch, days_pass):
    liv, ray = person("liv"), person("ray")
    appoint(liv, to=birch.program, role=Appointment.Role.LEAD)
    appoint(ray, to=birch.program, role=Appointment.Role.REVIEWER)

    lea = house.open(birch.lea)
    put_an_agreement_in_force(lea)
    make_a_call(lea)
    say_it_in_arabic(lea)
    look_at_it_as_an_applicant(lea)
    publish(lea)

    apply_by_keyboard(house)
    apply_without_a_script(house)
    apply_on_two_devices(house)
    apply_in_arabic(house)
    apply_and_add_later(house)

    days_pass(12)
    come_too_late(house)
    hand_out(lea, readings=10)
    rex = house.open(birch.rex)
    read_everything(rex)
    add_while_it_is_read(house)
    read_what_changed(rex)
    house.leave(rex)
    abstain_from(house, ray, "wells")
    hand_out_to_a_lead(house, liv, lea)

    put_into_bands(lea)
    keep_seats(lea)
    lottery = prepare_and_publish_a_draw(lea)
    read_ones_chance(house)
    days_pass(3)
    type_the_value(lea, lottery)
    drawn = type_the_value_too(house, liv, lottery)
    read_the_letters_and_send(lea)

    waits = answer_the_offers(house, drawn)
    promote(house, lea, waits)

    seated = [name for name in WORK if name != drawn[0]]
    compose(lea, seated)
    sign(house, liv, lea)
    hold_the_circles(house, birch.sol.person)
    for name in seated:
        join(house, name)
    read_what_amina_shares(house, birch.sol.person)
    everybody_sits_once(lea, seated)


# --- A call ---------------------------------------------------------------------------


def put_an_agreement_in_force(lea: Page) -> None:
    lea.goto("/f/programs/riverbend/agreement/")
    lea.get_by_label("The agreement").fill("Be there. What is said here stays here.")
    lea.get_by_role("button", name="Put it in force").click()

    expect(lea.get_by_text("What is said here stays here.").first).to_be_visible()


def make_a_call(lea: Page) -> None:
    """Its offer, one more question, one more trait, one more criterion, its dates."""
    lea.goto("/f/calls/new/")
    lea.get_by_label("Name of the call").fill("Mangrove")
    lea.get_by_label("What it offers, and to whom").fill("A year among peers.")
    lea.get_by_role("checkbox", name="Arabic").check()
    for label, number in {
        "Seats in all": 4,
        "Cohorts to form": 2,
        "Smallest cohort": 2,
        "Largest cohort": 3,
        "Readings for each application": 2,
    }.items():
        lea.get_by_label(label).fill(str(number))
    lea.get_by_role("button", name="Begin").click()
    for part, typed in {
        "question": {"The question": "Who walks with you?"},
        "trait": {"What it asks": "Age", "What to choose from": "young\nold"},
        "criterion": {
            "What you look for": "Kindness",
            "Level 1": "not yet",
            "Level 2": "a little",
            "Level 3": "mostly",
            "Level 4": "always",
        },
    }.items():
        lea.get_by_role("link", name=f"Add a {part}").click()
        for label, words in typed.items():
            lea.get_by_label(label).fill(words)
        lea.get_by_role("button", name="Save").click()
        expect(lea.get_by_text(next(iter(typed.values()))).first).to_be_visible()

    today = datetime.now(ZoneInfo("Africa/Nairobi")).date()
    lea.get_by_role("link", name="Change the dates").click()
    for phase, (opens, closes) in {
        "Apply": (-1, 10),
        "Review": (-1, 25),
        "Decide": (11, 30),
        "Confirm": (12, 40),
    }.items():
        morning = lea.get_by_label(f"{phase}: opens on the morning of")
        morning.fill(f"{today + opens * DAY}")
        lea.get_by_label(f"{phase}: closes at").fill(f"{today + closes * DAY}")
    lea.get_by_role("button", name="Save").click()

    expect(lea.get_by_role("heading", name="Dates")).to_be_visible()


def say_it_in_arabic(lea: Page) -> None:
    lea.get_by_role("link", name="Arabic").click()
    lea.get_by_label("Name", exact=True).first.fill("المانغروف")
    lea.get_by_role("button", name="Save").click()

    expect(lea.get_by_text("Saved.")).to_be_visible()


def look_at_it_as_an_applicant(lea: Page) -> None:
    lea.get_by_role("link", name="See it as an applicant").click()
    lea.get_by_role("link", name="Next page").click()

    expect(lea.get_by_label("Who walks with you?")).to_be_visible()
    lea.get_by_role("link", name="Back to the call").click()


def publish(lea: Page) -> None:
    lea.get_by_role("link", name="Publish").click()
    lea.get_by_role("button", name="Publish").click()

    expect(lea.get_by_text("The call is public.")).to_be_visible()


# --- Five who apply -------------------------------------------------------------------


def tab_to(page: Page, target: Locator) -> None:
    """As somebody does who has no mouse: on, until the focus is there."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if target.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"no way to {target} by the Tab key")


def apply_by_keyboard(house: House) -> None:
    amina = house.open()

    def type_into(label: str, words: str) -> None:
        tab_to(amina, amina.get_by_label(label))
        amina.keyboard.type(words)

    def press(name: str, role="button") -> None:
        tab_to(amina, amina.get_by_role(role, name=name, exact=True).last)
        amina.keyboard.press("Enter")

    amina.goto(CALL)
    press("Apply", role="link")
    expect(amina.get_by_role("heading", name="About you")).to_be_visible()
    type_into("What should we call you?", "Amina")
    type_into("Your mail address", mail_of("Amina"))
    press("Save and go on")
    expect(amina.get_by_role("heading", name="What you want to test")).to_be_visible()
    press("Save and go on")  # too early: answers are needed
    expect(amina.locator("#errors")).to_be_focused()
    amina.keyboard.press("Tab")
    amina.keyboard.press("Enter")
    expect(amina.get_by_label("The work you would bring")).to_be_focused()
    amina.keyboard.type(WORK["Amina"])
    for label in ("A hunch you could test", "A time someone", "What would you like"):
        type_into(label, "We ask the neighbours")
    press("Save and go on")
    expect(amina.get_by_role("heading", name="What you bring")).to_be_visible()
    tab_to(amina, amina.locator("[name=availability_day]").first)
    amina.keyboard.press("Space")
    press("Put these hours in")
    expect(amina.locator("[name=availability]")).to_have_value(re.compile("1|2|3"))
    press("Save and go on")
    expect(amina.get_by_role("heading", name="Only if you like")).to_be_visible()
    tab_to(amina, amina.get_by_label("Gender", exact=True))
    amina.keyboard.type("woman")
    tab_to(amina, amina.get_by_label("Gender: I am fine"))
    amina.keyboard.press("Space")
    tab_to(amina, amina.get_by_label("I have read what happens"))
    amina.keyboard.press("Space")
    press("Save and go on")
    expect(amina.get_by_role("heading", name="Look through it")).to_be_visible()
    expect(amina.locator("main")).to_contain_text(WORK["Amina"])
    press("Send my application")

    expect(amina).to_have_url(re.compile("/status/$"))
    expect(amina.locator("main")).to_contain_text(mail_of("Amina"))
    house.leave(amina)


def fill_page_1(page: Page, name: str, called: str = "") -> None:
    page.locator("[name=called]").fill(called or name)
    page.locator("[name=email]").fill(mail_of(name))


def fill_page_2(page: Page, name: str) -> None:
    answers = page.locator("main form textarea").all()
    answers[0].fill(WORK[name])
    for answer in answers[1:]:
        answer.fill("…")


def fill_page_3(page: Page) -> None:
    page.locator("[name=availability_day]").first.check()
    page.locator("[name=stay]").click()
    expect(page.locator("[name=availability]")).to_have_value(re.compile("1|2|3"))


def fill_page_4(page: Page, name: str) -> None:
    gender = page.locator("select[name^=t_]", has=page.locator("option[value=woman]"))
    gender.select_option(SEX[name])
    fine = f"[name={gender.get_attribute('name')}_fine]"
    page.locator(fine).check()
    for consent in page.locator("input[type=checkbox][name^=q_]").all():
        consent.check()


def go_on(page: Page, to: str) -> None:
    """By the button that says so in whatever language; `to` is where it leads."""
    page.locator("main form[novalidate] p.row > button:not([name]):not([type])").click()
    expect(page).to_have_url(re.compile(f"{to}$"))


def send(page: Page) -> None:
    page.locator("main form[method=post] p.row > button").last.click()
    expect(page).to_have_url(re.compile("/status/$"))


def fill_and_send(page: Page, name: str) -> None:
    """From the second page on."""
    fill_page_2(page, name)
    go_on(page, "/3/")
    fill_page_3(page)
    go_on(page, "/4/")
    fill_page_4(page, name)
    go_on(page, "/review/")
    expect(page.locator("main")).to_contain_text(WORK[name])
    send(page)


def apply_without_a_script(house: House) -> None:
    bo = house.open(**PLAIN)
    bo.goto("/apply/")
    bo.get_by_role("link", name="Mangrove").click()
    bo.get_by_role("link", name="Apply", exact=True).click()
    fill_page_1(bo, "Bo")
    go_on(bo, "/2/")
    fill_and_send(bo, "Bo")
    house.leave(bo)


def apply_on_two_devices(house: House) -> None:
    laptop = house.open()
    laptop.goto(f"{CALL}1/")
    fill_page_1(laptop, "Chen")
    go_on(laptop, "/2/")
    laptop.get_by_label("The work you would bring").fill("a choi")
    expect(laptop.locator("#saved")).to_contain_text("Saved at")
    laptop.get_by_role("button", name="Finish later").click()
    expect(laptop.get_by_role("heading", level=1)).to_have_text("Kept for later")

    phone = house.open(**PHONE)
    phone.goto(house.link(mail_of("Chen"), "/apply/resume/"))
    expect(phone.get_by_label("The work you would bring")).to_have_value("a choi")
    fill_and_send(phone, "Chen")
    house.leave(laptop, phone)


def apply_in_arabic(house: House) -> None:
    huda = house.open(locale="ar", **PHONE)
    huda.goto(CALL)
    expect(huda.locator("html")).to_have_attribute("dir", "rtl")
    expect(huda.get_by_role("heading", level=1)).to_have_text("المانغروف")
    huda.locator("main a.btn").first.click()
    fill_page_1(huda, "Huda", called="هدى")
    go_on(huda, "/2/")
    fill_and_send(huda, "Huda")
    house.leave(huda)


def apply_and_add_later(house: House) -> None:
    esi = house.open()
    esi.goto(f"{CALL}1/")
    fill_page_1(esi, "Esi")
    go_on(esi, "/2/")
    fill_and_send(esi, "Esi")

    later = house.open(**PHONE)
    later.goto(house.link(mail_of("Esi"), "/apply/resume/"))
    later.get_by_role("link", name="Add something").click()
    later.get_by_label("To which answer?").select_option("The work you would bring")
    later.get_by_label("What you would like to add").fill("Now there is a shelf, too.")
    later.get_by_role("button", name="Add it").click()

    expect(later).to_have_url(re.compile("/status/$"))
    house.leave(esi, later)


def come_too_late(house: House) -> None:
    late = house.open()
    late.goto(CALL)
    expect(late.get_by_text("This call takes no more applications.")).to_be_visible()
    late.goto(f"{CALL}1/")

    expect(late.get_by_role("heading", name="This call has closed")).to_be_visible()
    house.leave(late)


# --- Reading --------------------------------------------------------------------------


def hand_out(lea: Page, *, readings: int) -> None:
    lea.goto(f"{ROOM}review/assign/")
    expect(lea.get_by_text(re.compile(rf"^{readings} new reading"))).to_be_visible()
    lea.get_by_role("button", name="Hand them out").click()

    expect(lea.get_by_role("heading", name="Everything is handed out")).to_be_visible()


def begin_reading(page: Page) -> None:
    page.goto("/today/")
    page.get_by_role("link", name="Mangrove").first.click()
    page.get_by_role("link", name="Read the next one").click()


def read_one(page: Page) -> None:
    """A level and a line for each criterion, by keys; no name stands anywhere."""
    text = page.get_by_role("region", name="What they wrote").inner_text()
    [level] = [level for work, level in LEVELS.items() if work in text]
    for name in ("Amina", "Bo ", "Chen", "هدى", "Esi"):
        assert name not in text
    for criterion in page.locator("#reading fieldset").all():
        criterion.locator("input[type=radio]").first.focus()
        page.keyboard.press(str(level))
        criterion.get_by_label("What it rests on").fill("the first line")
    page.keyboard.press("Control+Enter")


def read_everything(rex: Page) -> None:
    begin_reading(rex)
    for n in range(1, len(WORK) + 1):
        expect(rex.locator("#reading")).to_be_visible()
        where = rex.url
        read_one(rex)
        if n < len(WORK):
            rex.wait_for_url(lambda url, where=where: url != where)

    expect(rex.get_by_text("Nothing waits to be read.")).to_be_visible()


def add_while_it_is_read(house: House) -> None:
    chen = house.open()
    chen.goto(house.link(mail_of("Chen"), "/apply/resume/"))
    chen.get_by_role("link", name="Add something").click()
    chen.get_by_label("To which answer?").select_option(
        "A hunch you could test in a month"
    )
    chen.get_by_label("What you would like to add").fill("They sing at six.")
    chen.get_by_role("button", name="Add it").click()

    expect(chen).to_have_url(re.compile("/status/$"))
    house.leave(chen)


def read_what_changed(rex: Page) -> None:
    """Rex has read it: the queue says that it changed, the page shows both texts."""
    rex.goto(f"{ROOM}review/")
    line = rex.get_by_role("listitem").filter(has_text="changed since you read it")
    line.get_by_role("link").click()
    changed = rex.get_by_role("region", name="Changed since you scored it")
    expect(changed.locator("ins")).to_contain_text("They sing at six.")
    rex.get_by_role("button", name="Hand in, and next").click()
    expect(rex.get_by_text("Nothing waits to be read.")).to_be_visible()

    expect(rex.get_by_text("changed since you read it")).to_have_count(0)


def abstain_from(house: House, who, work: str) -> None:
    """Ray knows who wrote of this, and reads the others."""
    ray = house.open(who)
    begin_reading(ray)
    for n in range(1, len(WORK) + 1):
        expect(ray.locator("#reading")).to_be_visible()
        where = ray.url
        # Others' scores show only once one's own are in.
        expect(ray.get_by_text("rex gave", exact=False)).to_have_count(0)
        if work in ray.get_by_role("region", name="What they wrote").inner_text():
            ray.get_by_label("Why should somebody else read it?").select_option("works")
            ray.get_by_role("button", name="Abstain").click()
            expect(ray.get_by_text("You abstain from this one")).to_be_visible()
            if n < len(WORK):
                begin_reading(ray)
        else:
            read_one(ray)
            if n < len(WORK):
                ray.wait_for_url(lambda url, where=where: url != where)

    expect(ray.get_by_text("Nothing waits to be read.")).to_be_visible()
    house.leave(ray)


def hand_out_to_a_lead(house: House, liv, lea: Page) -> None:
    """Somebody else must read what Ray did not; Liv does."""
    hers = house.open(liv)
    hers.goto(f"{ROOM}review/terms/")
    hers.get_by_label("How many can you read?").fill("1")
    hers.get_by_role("button", name="Save").click()
    hand_out(lea, readings=1)
    hers.goto(f"{ROOM}review/")
    hers.get_by_role("link", name="Read the next one").click()
    read_one(hers)
    expect(hers.get_by_text("Nothing waits to be read.")).to_be_visible()
    house.leave(hers)

    lea.goto(f"{ROOM}review/progress/")
    lea.get_by_role("button", name="Work out what the readings").click()
    expect(
        lea.get_by_text("5 of 5 applications have their 2 readings.")
    ).to_be_visible()


# --- Selecting ------------------------------------------------------------------------


def put_into_bands(lea: Page) -> None:
    lea.goto(f"{ROOM}selection/")
    lea.get_by_role("link", name="Put applications into bands").click()
    for band, names in {
        "accept": ["Amina"],
        "lottery": ["Bo", "Chen", "هدى", "Esi"],
    }.items():
        for name in names:
            lea.get_by_role("checkbox", name=name, exact=True).check()
        lea.get_by_label("Put the ticked ones into").select_option(band)
        lea.get_by_label("Why").fill("As two who read it said.")
        lea.get_by_role("button", name="Move them").click()
        expect(lea.get_by_text("moved. Nobody is told.")).to_be_visible()
    lea.goto(f"{ROOM}selection/")
    lea.get_by_role("link", name="Set their offers").click()
    lea.get_by_role("button").last.click()

    lea.goto(f"{ROOM}letters/")
    expect(lea.get_by_text("1 decision waits.")).to_be_visible()


def keep_seats(lea: Page) -> None:
    lea.goto(f"{ROOM}selection/")
    lea.get_by_role("link", name="Keep seats").click()
    lea.get_by_label("Who counts").select_option(label="woman")
    lea.get_by_label("At least so many seats").fill("2")
    lea.get_by_label("At most so many seats").fill("3")
    lea.get_by_label("Why, in words").fill("So that no woman sits alone.")
    lea.get_by_role("button", name="Save").click()

    expect(lea.get_by_text("So that no woman sits alone.")).to_be_visible()


def prepare_and_publish_a_draw(lea: Page) -> str:
    lea.get_by_role("button", name="Prepare the lottery").click()
    expect(lea.get_by_role("heading", name="The smallest chance is")).to_be_visible()
    lea.get_by_role("link", name="Publish it before the draw").click()
    lea.get_by_label("Where the random value will come from").fill("The state lottery")
    speaks_on = timezone.now().astimezone(ZoneInfo("Africa/Nairobi")).date() + 2 * DAY
    lea.get_by_label("The day on which").fill(f"{speaks_on}")
    lea.get_by_label("The hour").fill("12:00")
    lea.get_by_label("I know that nothing").check()
    lea.get_by_role("button", name="Publish").click()
    expect(lea.get_by_text("It is published.")).to_be_visible()
    expect(lea.get_by_text("Nobody can know it before")).to_be_visible()

    fingerprint = lea.locator("main code").first.inner_text()
    where = lea.url
    lea.goto(f"{CALL}draw/")
    expect(lea.get_by_text(fingerprint).first).to_be_visible()
    return where


def read_ones_chance(house: House) -> None:
    chen = house.open()
    chen.goto(house.link(mail_of("Chen"), "/apply/resume/"))

    expect(chen.get_by_role("heading", name="Your part in the draw")).to_be_visible()
    expect(chen.get_by_text(re.compile(r"\d in 100"))).to_be_visible()
    house.leave(chen)


def type_the_value(lead: Page, lottery: str) -> None:
    lead.goto(lottery)
    lead.get_by_label("What the source spoke").fill(VALUE)
    lead.get_by_role("button", name="This is the value").click()

    expect(lead.get_by_text("A second lead has to type").first).to_be_visible()


def type_the_value_too(house: House, who, lottery: str) -> list[str]:
    """Returns who is drawn."""
    liv = house.open(who)
    liv.goto(lottery)
    expect(liv.get_by_text(VALUE)).to_have_count(0)
    liv.get_by_label("What the source spoke").fill(VALUE)
    liv.get_by_role("button", name="This is the value").click()
    expect(liv.get_by_role("heading", name="Drawn")).to_be_visible()

    liv.get_by_role("link", name="Who was drawn, and who waits").click()
    rows = [row.inner_text() for row in liv.locator("main tbody tr").all()]
    drawn = [
        name
        for name in WORK
        for row in rows
        if "drawn" in row and SHOWN.get(name, name) in row
    ]
    assert len(drawn) == 3
    house.leave(liv)
    return drawn


def read_the_letters_and_send(lea: Page) -> None:
    lea.goto(f"{ROOM}letters/")
    expect(lea.get_by_text("5 decisions wait.")).to_be_visible()
    for letter in lea.locator("main details").all():
        letter.locator("summary").click()
        expect(letter.locator("strong")).to_be_visible()
    lea.get_by_role("button", name="Send all of them now").click()

    expect(lea.get_by_text("5 people are told.")).to_be_visible()


def choose_what_to_share(page: Page, name: str) -> None:
    """Nothing is ticked to begin with. Amina shares one answer, the others none."""
    expect(page).to_have_url(re.compile("/share/$"))
    expect(page.locator("input[name=shown]:checked")).to_have_count(0)
    if name == "Amina":
        page.locator("input[name=shown]").first.check()
        page.get_by_role("button", name="Share what is ticked").click()
    else:
        page.locator("button[name=nothing]").click()


def answer_the_offers(house: House, drawn: list[str]) -> str:
    """The first who was drawn says no; returns who waits."""
    [waits] = set(WORK) - {"Amina", *drawn}
    for name in ["Amina", *drawn]:
        page = house.open(**PLAIN)
        page.goto(house.link(mail_of(name), "/apply/reply/"))
        answer = "no" if name == drawn[0] else "yes"
        page.locator(f"button[value={answer}]").click()
        if answer == "yes":
            choose_what_to_share(page, name)
        expect(page).to_have_url(re.compile("/status/$"))
        expect(page.locator(f"button[value={answer}]")).to_have_count(0)
        house.leave(page)

    page = house.open(**PLAIN)
    page.goto(house.link(mail_of(waits), "/apply/(?:resume|reply)/"))
    expect(page.get_by_role("heading", name="A seat for you")).to_have_count(0)
    expect(page.locator("button[value=yes]")).to_have_count(0)
    house.leave(page)
    return waits


def promote(house: House, lea: Page, waits: str) -> None:
    lea.goto("/today/")
    lea.get_by_role("link", name="Mangrove").first.click()
    lea.goto(f"{ROOM}selection/")
    expect(lea.get_by_role("heading", name="1 seat is free")).to_be_visible()
    lea.get_by_role("button", name="Offer the seat").click()
    lea.goto(f"{ROOM}letters/")
    lea.get_by_role("button", name="Send all of them now").click()
    expect(lea.get_by_text("1 person is told.")).to_be_visible()

    page = house.open(**PHONE)
    page.goto(house.link(mail_of(waits), "/apply/reply/"))
    page.locator("button[value=yes]").click()
    expect(page.locator("button[value=yes]")).to_have_count(0)
    house.leave(page)
    lea.goto(f"{ROOM}selection/")
    expect(lea.get_by_role("heading", name="seat is free")).to_have_count(0)


# --- Cohorts --------------------------------------------------------------------------


def compose(lea: Page, seated: list[str]) -> None:
    lea.goto("/f/compose/mangrove/")
    lea.get_by_role("button", name="Make a proposal").click()
    expect(lea.get_by_role("heading", level=1)).to_have_text("Composing 2 cohorts")
    for name in seated:
        shown = SHOWN.get(name, name)
        expect(lea.get_by_label(f"Place {shown}", exact=True)).to_be_visible()
    lea.get_by_role("link", name="Names, and who will hold them").click()
    for circle, name in enumerate(("Cedar", "Neem"), 1):
        lea.get_by_label(f"Name of circle {circle}").fill(name)
        lea.get_by_label(f"Who will hold circle {circle}").fill("sol@example.org")
    lea.get_by_role("button", name="Save").click()
    lea.get_by_role("link", name="Sign and publish").click()
    lea.get_by_role("button", name="I sign").click()
    expect(lea.get_by_text("One more person has to sign")).to_be_visible()
    lea.get_by_label("Whom?").select_option(label="Liv")
    lea.get_by_role("button", name="Ask", exact=True).click()


def sign(house: House, liv, lea: Page) -> None:
    hers = house.open(liv)
    hers.goto("/today/")
    hers.get_by_role("link", name="Cohorts for Mangrove").click()
    hers.get_by_role("button", name="I sign").click()
    expect(hers.get_by_text("Signed, exactly as it stands.")).to_be_visible()
    house.leave(hers)

    lea.reload()
    lea.get_by_role("link", name="Make the cohorts").click()
    lea.get_by_role("button", name="Make the cohorts").click()
    expect(lea.get_by_text("These cohorts were made from it")).to_be_visible()


def come_in(house: House, page: Page, address: str) -> None:
    """From the sign-in page on, by the code they are sent."""
    known = len(house.letters(address))
    page.locator("input[type=email]").first.fill(address)
    page.locator("main form[action='/sign-in/'] button").first.click()
    expect(page.locator("input[name=code]")).to_be_visible()
    [letter] = house.letters(address)[known:]
    [code] = re.findall(r"^\s*(\d{6})\s*$", letter.body, re.M)
    page.locator("input[name=code]").fill(code)
    page.locator("main form[action='/sign-in/code/'] button").first.click()


def hold_the_circles(house: House, sol) -> None:
    page = house.open(sol)
    invitations = house.links(sol.email, "/invite/")
    assert len(invitations) == 2
    for invitation in invitations:
        page.goto(invitation)
        page.get_by_role("button", name="Take the seat").click()
        page.wait_for_url("**/today/")
    house.leave(page)


def read_what_amina_shares(house: House, sol) -> None:
    """Sol reads the one answer that she ticked; of the others, nothing."""
    seat = Membership.objects.select_related("cohort").get(person__called="Amina")
    page = house.open(sol)
    page.goto(f"/f/{seat.cohort.slug}/people/")
    page.get_by_role("link", name="What Amina agreed to share").click()
    expect(page.get_by_text(WORK["Amina"])).to_be_visible()
    expect(page.locator("main dl.facts > div")).to_have_count(1)
    page.goto(f"/f/{seat.cohort.slug}/people/")
    expect(page.get_by_role("link", name="agreed to share")).to_have_count(1)
    house.leave(page)


def join(house: House, name: str) -> None:
    """By the letter and a code, then with one's own hand under the agreement."""
    page = house.open(**(PLAIN if name == "Bo" else PHONE))
    page.goto(house.link(mail_of(name), "/invite/"))
    # Huda's page speaks Arabic: it is for her.
    page.locator("main a.btn.bright").click()
    come_in(house, page, mail_of(name))
    page.locator("form[action$='/accept/'] button").click()
    page.wait_for_url("**/today/")

    page.locator("main a[href$='/agreement/']").first.click()
    page.locator("[name=name_typed]").fill(name)
    page.locator("main button.bright").click()
    page.goto("/today/")
    expect(page.locator("main a[href$='/agreement/']")).to_have_count(0)
    house.leave(page)


def everybody_sits_once(lea: Page, seated: list[str]) -> None:
    """In one of the two circles, with the agreement signed."""
    sitting = []
    for circle in ("cedar", "neem"):
        lea.goto(f"/f/{circle}/people/")
        seats = lea.get_by_role("region", name="In the circle")
        sitting += seats.locator("li strong").all_inner_texts()
        expect(seats.get_by_text("agreement signed")).to_have_count(2)
        expect(lea.get_by_text("No invitation is on its way.")).to_be_visible()

    shown = [SHOWN.get(name, name) for name in seated]
    assert sorted(sitting) == sorted([*shown, "Sol", "Sol"])
