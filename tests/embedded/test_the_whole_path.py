"""A program's first weeks, from a file of applicants to the funder's page.

Lived in real browsers against everything that `manage.py up` starts: pages, worker and
beat, live stream, PostgreSQL, Valkey. Olga runs the house, Lea leads, Rex reads,
Sol facilitates, Fay funds; Amina, Huda and Tomas are members: Huda reads Arabic, Tomas'
browser runs no script. Each step below is one of theirs, and each ends with
what they see.
"""

import re
from datetime import UTC, date, datetime, timedelta
from functools import cache
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.embedded.conftest import copy
from tests.embedded.running import Up
from tests.embedded.walking import PHONE, House, house_of

pytestmark = [pytest.mark.platform, pytest.mark.browser]

OLGA, LEA, REX = "olga@house.example", "lea@riverbend.example", "rex@riverbend.example"
SOL, FAY = "sol@riverbend.example", "fay@fund.example"
AMINA, HUDA, TOMAS = (f"{name}@people.example" for name in ("amina", "huda", "tomas"))

# As form tools write it: headings of their own, a formula, a wrong address, one
# person twice, and a column of no use.
APPLICANTS = """\
Name,E-Mail,Gender,Languages,Time zone,The work you would bring,dietary reqs
Huda,huda@people.example,,ar; en,Africa/Cairo,We lend tools to neighbours,none
Tomas,tomas@people.example,,en,Africa/Accra,"=HYPERLINK(""http://x"",""seeds"")",none
Nia,nia@people.example,Woman,en,Africa/Accra,A night school,vegan
Ravi,not an address,Man,en,Asia/Kolkata,Boats,none
Olu,olu@people.example,Woman,en,Africa/Lagos,A repair café,none
Wen,wen@people.example,Woman,en,Africa/Accra,Clean wells,none
Huda again,HUDA@people.example,,ar,Africa/Cairo,We lend tools,none
Kofi,kofi@people.example,Man,en,Africa/Accra,A choir,none
Sena,sena@people.example,Woman,en,Africa/Accra,Bread,none
Luz,luz@people.example,Woman,en,America/Lima,A radio,none
"""
# Wherever it is night, it is day in one of these.
PLACES = (
    *("Africa/Lagos", "Asia/Tokyo", "Pacific/Auckland", "Asia/Kolkata"),
    *("America/Lima", "America/Tijuana", "Pacific/Honolulu", "America/Noronha"),
)
CHOSEN = ("Amina", "Huda", "Tomas", "Nia", "Olu", "Wen")


def test_from_a_file_of_applicants_to_the_funders_page(prepared, tmp_path, browser):
    with (
        Up(copy(prepared, tmp_path / "state"), "--no-demo", "--operator", OLGA) as up,
        house_of(browser, up) as house,
    ):
        live_the_path(house)


def live_the_path(house: House) -> None:
    olga = house.signed_in(OLGA)
    say_who_one_is(olga, "Olga")
    begin_a_program(olga)
    give_tasks(olga, {LEA: "program lead", REX: "reviewer", FAY: "funder"})
    put_an_agreement_in_force(olga)
    publish_a_call(olga)

    lea = house.signed_in(LEA)
    import_applicants(lea)
    amina = house.window(script=False, viewport=PHONE)
    apply_by_form(amina)
    rex = house.signed_in(REX)
    read_three(rex)
    offer_seats(lea)
    take_the_seat_by_mail(house, amina)

    write_down_who_comes(lea)
    compose(lea)
    sign(olga)
    make_the_cohorts(lea)
    sol = join(house, SOL, "Sol")
    huda = join(house, HUDA, "هدى", locale="ar", viewport=PHONE)
    tomas = join(house, TOMAS, "Tomas", script=False)
    join_with_an_account(house, amina)
    for member in (sol, huda, tomas, amina):
        sign_the_agreement(member)
    read_what_is_shared(sol)
    for member in (huda, tomas):
        rest_on_no_day(member)

    begin_a_charter(sol)
    say_a_concern_by_mail(house, tomas)
    for member in (huda, amina):
        consent(member)
    adopt(sol, version=1)
    propose_a_change(amina)
    for member in (sol, huda, tomas):
        consent(member)
    adopt(amina, version=2)

    plan_a_session(sol)
    answer_by_mail(house, tomas)
    answer_and_take_the_calendar_file(huda)
    live_it(sol, huda, tomas)

    house.up.let_days_pass(2)
    keep_the_promise_by_mail(house, huda)

    find_the_insight(amina)
    write_a_playbook(amina)
    find_the_playbook(huda)
    start_a_project(amina)
    read_a_signal(amina)

    figures = release_figures(lea)
    look_at_the_figures(house.signed_in(FAY), "/evidence/riverbend/")
    look_at_the_figures(house.window(), figures)


# --- A call, and who answers it ---------------------------------------------------


def say_who_one_is(page: Page, name: str) -> None:
    page.goto("/me/")
    page.get_by_label("what should we call you?").fill(name)
    page.get_by_role("button", name="Keep it").click()

    page.goto("/today/")
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def begin_a_program(olga: Page) -> None:
    olga.goto("/f/")
    expect(olga.get_by_text("Nothing stands here yet.")).to_be_visible()
    olga.get_by_role("link", name="Start", exact=True).click()
    olga.get_by_label("What is it called?").fill("Riverbend")
    for language in ("English", "Arabic"):
        olga.get_by_label(language).check()
    olga.get_by_role("button", name="Begin").click()

    expect(olga.get_by_text("Riverbend has begun.")).to_be_visible()


def give_tasks(olga: Page, tasks: dict[str, str]) -> None:
    for address, task in tasks.items():
        olga.goto("/f/programs/riverbend/people/")
        olga.get_by_label("Their mail address").fill(address)
        olga.get_by_label("How you call them").fill(address.partition("@")[0].title())
        olga.get_by_label("Their task").select_option(label=task)
        olga.get_by_role("button", name="Go on").click()
        olga.get_by_role("button", name="Appoint").click()

        said = f"{address} is appointed: {task}."
        expect(olga.get_by_text(said)).to_be_visible()


def put_an_agreement_in_force(olga: Page) -> None:
    olga.goto("/f/programs/riverbend/agreement/")
    olga.get_by_label("The agreement").fill("Be there. What is said here stays here.")
    olga.get_by_role("button", name="Put it in force").click()

    expect(olga.get_by_text("What is said here stays here.").first).to_be_visible()


def publish_a_call(olga: Page) -> None:
    olga.goto("/f/calls/new/")
    olga.get_by_label("Name of the call").fill("Spring")
    olga.get_by_label("What it offers, and to whom").fill("A year among peers.")
    for label, number in {
        "Seats in all": 6,
        "Cohorts to form": 2,
        "Smallest cohort": 2,
        "Largest cohort": 4,
        "Readings for each application": 1,
    }.items():
        olga.get_by_label(label).fill(str(number))
    olga.get_by_role("button", name="Begin").click()
    add_a_part(olga, "question", {"The question": "Who walks with you?"})
    add_a_part(
        olga, "trait", {"What it asks": "Age", "What to choose from": "young\nold"}
    )
    today = date.today()
    olga.get_by_role("link", name="Change the dates").click()
    olga.get_by_label("Apply: opens on the morning of").fill(f"{today - DAY}")
    olga.get_by_label("Apply: closes at the end of").fill(f"{today + 30 * DAY}")
    olga.get_by_role("button", name="Save").click()
    olga.get_by_role("link", name="Publish").click()
    olga.get_by_role("button", name="Publish").click()

    expect(olga.get_by_text("The call is public.")).to_be_visible()


DAY = timedelta(days=1)


def add_a_part(olga: Page, kind: str, typed: dict[str, str]) -> None:
    olga.get_by_role("link", name=f"Add a {kind}").click()
    for label, text in typed.items():
        olga.get_by_label(label).fill(text)
    olga.get_by_role("button", name="Save").click()

    expect(olga.get_by_text(next(iter(typed.values()))).first).to_be_visible()


def import_applicants(lea: Page) -> None:
    lea.goto("/f/calls/spring/import/")
    lea.get_by_label("The file").set_input_files(
        {"name": "pool.csv", "mimeType": "text/csv", "buffer": APPLICANTS.encode()}
    )
    lea.get_by_role("button", name="Upload and look").click()
    # Usual headings are recognised; what a form tool calls its own, one says.
    expect(lea.get_by_label("E-Mail", exact=True)).to_have_value("email")
    expect(lea.get_by_label("dietary reqs")).to_have_value("")
    lea.get_by_role("button", name="Check the lines").click()

    expect(lea.get_by_text("8 people will come in.")).to_be_visible()
    for line in (
        "5 left out B E-Mail “not an address” is not a mail address. not an address",
        "8 left out B E-Mail The same address as in line 2. HUDA@people.example",
    ):
        expect(lea.get_by_role("row", name=line)).to_be_visible()
    lea.goto("/f/calls/spring/applications/")
    expect(lea.get_by_text("No applications yet.")).to_be_visible()
    lea.go_back()
    lea.get_by_role("button", name="Bring them in").click()
    lea.get_by_role("link", name="To the applications").click()

    expect(lea.get_by_role("link", name="Huda")).to_have_count(1)


def apply_by_form(amina: Page) -> None:
    """Without a script, on a phone."""
    amina.goto("/apply/spring/")
    amina.locator("main a.btn").first.click()
    amina.get_by_label("What should we call you?").fill("Amina")
    amina.get_by_label("Your mail address").fill(AMINA)
    save = amina.get_by_role("button", name="Save and go on")
    save.click()
    save.click()  # too early: answers are needed
    expect(amina.locator("#errors")).to_be_visible()
    for box in amina.locator("main textarea").all():
        box.fill("We count wells")
    save.click()
    save.click()
    for consent in amina.locator("main input[name^=q_]").all():
        consent.check()
    save.click()
    amina.get_by_role("button", name="Send my application").click()

    expect(amina).to_have_url(re.compile("/status/$"))


def read_three(rex: Page) -> None:
    """By rubric, and without a name."""
    rex.goto("/f/calls/spring/review/")
    rex.get_by_role("link", name="Application").first.click()
    for _ in range(3):
        expect(rex.get_by_text("Amina")).to_have_count(0)
        for criterion in rex.locator("main fieldset").all():
            criterion.get_by_role("radio").nth(2).check()
            criterion.get_by_label("What it rests on").fill("The second line")
        rex.get_by_role("button", name="Hand in, and next").click()

        expect(rex.get_by_text("Your reading is in.").first).to_be_visible()


def offer_seats(lea: Page) -> None:
    lea.goto("/f/calls/spring/applications/")
    for name in CHOSEN:
        lea.get_by_role("checkbox", name=name).check()
    lea.get_by_text("Decide on the ticked ones").click()
    lea.get_by_role("button", name="Set this decision").click()
    lea.get_by_role("link", name="Look through the letters").click()
    lea.get_by_role("button", name="Send all of them now").click()

    expect(lea.get_by_text("6 people are told.")).to_be_visible()


def take_the_seat_by_mail(house: House, amina: Page) -> None:
    letter = house.letter(to=AMINA, saying="/apply/reply/", by_the_clock=True)
    amina.goto(letter.link(to="/apply/reply/"))
    amina.locator("button[value=yes]").click()
    amina.wait_for_url("**/share/")
    expect(amina.locator("input[name=shown]:checked")).to_have_count(0)
    amina.locator("input[name=shown]").first.check()
    amina.get_by_role("button", name="Share what is ticked").click()

    amina.wait_for_url("**/status/")
    expect(amina.get_by_text("1 answer is shared with those who hold")).to_be_visible()


# --- Cohorts ------------------------------------------------------------------------


def write_down_who_comes(lea: Page) -> None:
    """The others said so by telephone."""
    lea.goto("/f/calls/spring/applications/?state=offered")
    for tick in lea.locator("main tbody input[type=checkbox]").all():
        tick.check()
    lea.get_by_text("Decide on the ticked ones").click()
    lea.get_by_role("button", name="They told us they take their seat").click()

    expect(lea.get_by_text("5 seats taken are written down.")).to_be_visible()


def compose(lea: Page) -> None:
    """Whatever is proposed: in the end the three of this story sit together."""
    lea.goto("/f/compose/spring/")
    lea.get_by_role("button", name="Make a proposal").click()
    expect(lea.get_by_role("heading", level=1)).to_have_text("Composing 2 cohorts")
    here = place_of(lea, "Huda").input_value()
    move(lea, "Huda", "waiting")
    lea.get_by_role("button", name="Undo last move").click()
    expect(lea.locator("#said")).to_have_text("Huda is back where they were.")
    expect(place_of(lea, "Huda")).to_have_value(here)
    there = next(
        place
        for option in place_of(lea, "Huda").get_by_role("option").all()
        if (place := option.get_attribute("value")) not in (here, "waiting")
    )
    for name in ("Amina", "Tomas"):
        move(lea, name, here)
    for name in ("Nia", "Olu", "Wen"):
        move(lea, name, there)
    expect(lea.get_by_text("every rule is kept", exact=True)).to_be_visible()

    lea.get_by_role("link", name="Names, and who will hold them").click()
    for circle, name in enumerate(("Baobab", "Mangrove"), 1):
        lea.get_by_label(f"Name of circle {circle}").fill(name)
        lea.get_by_label(f"Who will hold circle {circle}").fill(SOL)
    lea.get_by_role("button", name="Save").click()
    lea.get_by_role("link", name="Sign and publish").click()
    lea.get_by_role("button", name="I sign").click()
    expect(lea.get_by_text("One more person has to sign")).to_be_visible()
    lea.get_by_label("Whom?").select_option(label="Olga")
    lea.get_by_role("button", name="Ask", exact=True).click()


def place_of(lea: Page, name: str) -> Locator:
    return lea.get_by_label(f"Place {name}")


def move(lea: Page, name: str, to: str) -> None:
    if place_of(lea, name).input_value() != to:
        place_of(lea, name).select_option(to)
        lea.get_by_role("button", name=f"Move {name}").click()
        expect(lea.locator("#said")).to_contain_text(name)
        expect(place_of(lea, name)).to_have_value(to)


def sign(olga: Page) -> None:
    olga.goto("/today/")
    olga.get_by_role("link", name="Cohorts for Spring").click()
    olga.get_by_role("button", name="I sign").click()

    expect(olga.get_by_text("Signed, exactly as it stands.")).to_be_visible()


def make_the_cohorts(lea: Page) -> None:
    lea.reload()
    lea.get_by_role("link", name="Make the cohorts").click()
    lea.get_by_role("button", name="Make the cohorts").click()

    expect(lea.get_by_text("These cohorts were made from it")).to_be_visible()


def join(house: House, address: str, name: str, **browser) -> Page:
    """By the link in the letter, in the language of their browser."""
    page = house.window(**browser)
    letter = house.letter(to=address, saying="Baobab")
    page.goto(letter.link(to="/invite/"))
    page.locator("[name=called]").fill(name)
    page.locator("[name=language]").select_option(browser.get("locale", "en"))
    page.locator("[name=timezone]").select_option(where_it_is_noon())
    page.locator("form[action$='/accept/'] button").click()

    page.wait_for_url("**/today/")
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    return page


def join_with_an_account(house: House, amina: Page) -> None:
    """She took her seat by mail, so there is one: she signs in and comes back."""
    amina.goto(house.letter(to=AMINA, saying="Baobab").link(to="/invite/"))
    amina.get_by_role("link", name="Sign in and join").click()
    house.come_in(amina, AMINA)
    amina.get_by_role("button", name="Take the seat").click()

    amina.wait_for_url("**/today/")


def read_what_is_shared(sol: Page) -> None:
    """Of all answers to the call, those who hold the circle read one."""
    sol.goto("/f/baobab/people/")
    sol.get_by_role("link", name="agreed to share").click()
    expect(sol.locator("main dl.facts > div")).to_have_count(1)


def sign_the_agreement(member: Page) -> None:
    member.goto("/c/baobab/agreement/")
    member.locator("[name=name_typed]").fill("In my own hand")
    member.locator("main button.bright").click()

    member.goto("/c/baobab/agreement/")
    expect(member.locator("main .note bdi", has_text="In my own hand")).to_be_visible()


@cache
def where_it_is_noon() -> str:
    """A place where nobody rests at the moment, whenever this test runs."""
    return next(zone for zone in PLACES if 9 <= datetime.now(ZoneInfo(zone)).hour < 17)


def rest_on_no_day(member: Page) -> None:
    member.goto("/me/notices/")
    member.locator("[name=day_off]").select_option("")
    member.locator("form[action='/me/notices/'] button").click()

    expect(member.locator("[name=day_off]")).to_have_value("")


# --- The charter -------------------------------------------------------------------


def begin_a_charter(sol: Page) -> None:
    sol.goto("/c/baobab/charter/")
    sol.get_by_role("link", name="Choose from clauses").click()
    sol.get_by_role("button", name="Begin with these").click()
    sol.get_by_role("button", name="Ask the circle").click()

    # Whoever asks has answered.
    expect(sol.get_by_role("button", name="Change my answer")).to_be_visible()


def consent(member: Page) -> None:
    """From Today to the one question, and yes."""
    member.goto("/today/")
    member.locator("main a[href*='/decisions/']").first.click()
    member.locator("input[value=consent]").check()
    member.locator(".answer button").click()

    expect(member.locator("main [role=status]").first).to_be_visible()


def adopt(member: Page, *, version: int) -> None:
    member.goto("/c/baobab/decisions/")
    member.locator("main a[href*='/decisions/']").first.click()
    member.locator("button[value=adopt]").click()

    member.goto("/c/baobab/charter/")
    expect(member.locator("main")).to_contain_text(f"version {version}")


def propose_a_change(amina: Page) -> None:
    amina.goto("/c/baobab/charter/")
    amina.get_by_role("link", name="Propose a change").click()
    amina.get_by_role("link", name="Change it").first.click()
    amina.locator("#id_text").fill("What is said here stays here; lessons may leave.")
    amina.locator("#id_why").fill("Lessons must travel.")
    amina.get_by_role("button", name="Keep as a proposal").click()
    expect(amina.locator("main del").first).to_be_visible()
    expect(amina.locator("main ins").first).to_contain_text("added:")
    amina.get_by_role("button", name="Ask the circle").click()

    expect(amina.get_by_role("button", name="Change my answer")).to_be_visible()


def say_a_concern_by_mail(house: House, tomas: Page) -> None:
    letter = house.letter(to=TOMAS, saying="/answer/")
    tomas.goto(letter.link(to="/answer/"))
    tomas.locator("input[value=concern]").check()
    tomas.locator("#id_reason").fill("Who reminds us?")
    tomas.locator("main form button").first.click()

    expect(tomas.get_by_role("heading", level=1)).to_have_text("Thank you")


# --- A session ---------------------------------------------------------------------


def plan_a_session(sol: Page) -> None:
    soon = datetime.now(UTC) + timedelta(minutes=40)
    sol.goto("/c/baobab/sessions/new/")
    sol.get_by_label("Title", exact=True).fill("Who tells the nurses?")
    sol.get_by_label("Agenda").select_option(label="Standard 90-minute session")
    sol.get_by_label("Day", exact=True).fill(f"{soon:%Y-%m-%d}")
    sol.get_by_label("Hour", exact=True).fill(f"{soon:%H:%M}")
    sol.get_by_label("Place of that hour").select_option("UTC")
    sol.get_by_role("button", name="Put it in the calendar").click()

    expect(sol.get_by_text("Session 1 stands in the calendar.")).to_be_visible()


def answer_by_mail(house: House, tomas: Page) -> None:
    letter = house.letter(to=TOMAS, saying="/will-you-come/")
    assert "nurses" not in letter.subject + letter.text
    tomas.goto(letter.link(to="/will-you-come/"))
    tomas.locator("main form button").first.click()

    tomas.goto("/c/baobab/sessions/1/")
    expect(tomas.locator("#answer input[value=yes]")).to_be_checked()


def answer_and_take_the_calendar_file(huda: Page) -> None:
    huda.goto("/c/baobab/sessions/1/")
    huda.locator("#answer input[value=audio]").check()
    huda.locator("#answer button").click()
    expect(huda.locator("#answer input[value=audio]")).to_be_checked()

    with huda.expect_download() as download:
        huda.locator("main a[href$='session.ics']").click()
    calendar = download.value.path().read_text()
    assert "BEGIN:VEVENT" in calendar
    assert "nurses" not in calendar


def live_it(sol: Page, huda: Page, tomas: Page) -> None:
    """Sol hosts; Huda's page follows by itself, Tomas presses "Look again"."""
    sol.goto("/c/baobab/sessions/1/")
    sol.get_by_role("button", name="Open the room").click()
    for member in (huda, tomas):
        member.goto("/c/baobab/sessions/1/live/")
        member.locator("#room-join button[value=here]").click()
    expect(huda.locator("html")).to_have_attribute("dir", "rtl")
    expect(sol.locator("#room-head")).to_contain_text("3 people here")
    everybody = (sol, huda, tomas)

    say_in_the_room(huda, "grounding", "قرب النهر")
    say_in_the_room(tomas, "grounding", "By the stove")
    for page in everybody:
        sees(page, "#room-bookend", "قرب النهر", "By the stove")

    sol.locator("#b-next").click()
    expect(huda.locator(".seat.now")).to_have_count(1)

    go_on(everybody, 2)
    say_in_the_room(tomas, "intention", "To know whom to ask")
    sees(huda, "#room-bookend", "To know whom to ask")

    go_on(everybody, 3)
    say_in_the_room(huda, "edge", "لا أعرف من أسأل")
    sees(tomas, "#room-bookend", "لا أعرف من أسأل")

    go_on(everybody, 4)
    tomas.locator("#id_text").fill("Ask the night shift")
    tomas.locator("#say button").click()
    sees(huda, "#room-writing", "Ask the night shift")

    go_on(everybody, 5)
    go_on(everybody, 6)
    tomas.locator("#room-bookend [name=to]").select_option(label="هدى")
    say_in_the_room(tomas, "text", "your question")
    sees(huda, "#room-bookend", "your question")

    go_on(everybody, 7)
    day = huda.locator("#room-bookend [name=due_on]")
    today = datetime.now(ZoneInfo(where_it_is_noon())).date()
    day.fill(f"{today + 4 * DAY}")
    say_in_the_room(huda, "promise", "أسأل عيادتين")
    sees(sol, "#room-bookend", "أسأل عيادتين")

    go_on(everybody, 8)
    say_in_the_room(tomas, "title", "The night shift knows first")
    sees(sol, "#room-bookend", "The night shift knows first")
    sol.locator("#b-close").click()

    huda.wait_for_url("**/c/baobab/sessions/1/")  # by itself
    for kept in ("لا أعرف من أسأل", "your question", "أسأل عيادتين", "knows first"):
        expect(huda.locator("main")).to_contain_text(kept)


def say_in_the_room(member: Page, name: str, words: str) -> None:
    member.locator(f"#room-bookend [name={name}]").fill(words)
    member.locator("#room-bookend button").click()


def go_on(everybody: tuple[Page, Page, Page], phase: int) -> None:
    sol, *_ = everybody
    sol.locator("#b-on").click()
    for page in everybody:
        sees(page, "#room-head [aria-current=step]", re.compile(rf"\b{phase}\b.*\b8"))


def sees(page: Page, where: str, *words: str | re.Pattern) -> None:
    if (again := page.get_by_text("Look again now")).count():
        again.click()
    for said in words:
        expect(page.locator(where)).to_contain_text(said)


def keep_the_promise_by_mail(house: House, huda: Page) -> None:
    """Two days before its day she is reminded, in Arabic, and says it is done."""
    house.up.ask_the_worker("sessions.tasks.remind_of_commitments")
    letter = house.letter(to=HUDA, saying="/promises/kept/")
    assert letter.language == "ar"
    assert "عيادتين" not in letter.subject + letter.text
    huda.goto(letter.link(to="/promises/kept/"))
    huda.locator("main form button").first.click()

    huda.goto("/c/baobab/promises/?state=kept")
    expect(huda.locator("main")).to_contain_text("أسأل عيادتين")


# --- What is kept, and what it shows -----------------------------------------------


def find_the_insight(amina: Page) -> None:
    """She was not there, and finds what was learned, and where."""
    amina.goto("/library/")
    amina.get_by_label("Search the library").fill("night shift")
    amina.get_by_role("button", name="Search").click()
    amina.get_by_role("link", name="The night shift knows first").click()

    where = amina.get_by_role("region", name="Where it comes from")
    expect(where).to_contain_text("Tomas")
    expect(where).to_contain_text("Who tells the nurses?")


def write_a_playbook(amina: Page) -> None:
    amina.goto("/c/baobab/library/new/")
    amina.get_by_label("Title", exact=True).fill("A walk with the night shift")
    amina.get_by_label("Playbook").check()
    amina.get_by_label("In one or two sentences").fill("Walk along, ask, listen.")
    amina.get_by_label("Text", exact=True).fill(
        "## Before\n\n- Ask the *matron*\n- Bring a kettle\n\n<script>x</script>"
    )
    amina.get_by_label("Tags").fill("listening, clinics")
    amina.get_by_role("button", name="See how it will look").click()
    expect(amina.get_by_role("listitem").get_by_text("matron")).to_be_visible()
    amina.get_by_role("button", name="Keep it").click()

    expect(amina.get_by_role("heading", level=1)).to_have_text(
        "A walk with the night shift"
    )


def find_the_playbook(huda: Page) -> None:
    """By a word of its text, then by its tag."""
    huda.goto("/library/?q=kettles")
    huda.locator("main a", has_text="A walk with the night shift").click()
    huda.locator("main a.tag", has_text="listening").click()

    expect(huda.locator("#results")).to_contain_text("A walk with the night shift")
    expect(huda.locator("#results")).not_to_contain_text("knows first")


def start_a_project(amina: Page) -> None:
    amina.goto("/c/baobab/project/new/")
    for label, words in {
        "What you work on": "Calling back",
        "If we …": "call back within a day",
        "then …": "more people come again",
        "What would you see if it worked?": "People called back",
        "Before": "38",
        "We hope for": "90",
    }.items():
        amina.get_by_label(label, exact=True).fill(words)
    day = amina.get_by_label("We decide to go on or stop on")
    day.fill(f"{date.today() + 30 * DAY}")
    amina.get_by_role("button", name="Start it").click()

    expect(amina.get_by_role("heading", level=1)).to_have_text("Calling back")


def read_a_signal(amina: Page) -> None:
    amina.get_by_role("link", name="Add a reading").click()
    amina.get_by_label("How many").fill("52")
    amina.get_by_role("button", name="Write it down").click()
    expect(amina.get_by_role("cell", name="52")).to_be_visible()
    amina.get_by_role("button", name="Let its numbers be released").click()

    expect(amina.get_by_text("Its numbers may stand in released")).to_be_visible()


def release_figures(lea: Page) -> str:
    """A release, and the path of a link for somebody without an account."""
    lea.goto("/f/evidence/riverbend/new/")
    lea.get_by_label("From").fill(f"{date.today() - 30 * DAY}")
    lea.get_by_label("To", exact=True).fill(f"{date.today()}")
    lea.get_by_label("Hide groups of fewer people than").fill("5")
    lea.get_by_label("What we do not know").fill("Whether it lasts.")
    lea.get_by_role("button", name="See it as a funder").click()
    lea.get_by_role("button", name="Release these figures").click()
    lea.goto("/f/evidence/riverbend/")
    lea.get_by_label("Who it is for").fill("The board of the fund")
    lea.get_by_role("button", name="Make the link").click()
    return urlsplit(lea.get_by_label("The secret address").input_value()).path


def look_at_the_figures(fay: Page, path: str) -> None:
    fay.goto(path)

    expect(fay.get_by_text("Whether it lasts.")).to_be_visible()
    # Nine applied, one of them from America: only the sum of all is shown.
    expect(fay.get_by_role("row", name="All together 10")).to_be_visible()
    for hidden in ("America", "Luz", "People in cohorts"):
        expect(fay.locator("main")).not_to_contain_text(hidden)
    expect(fay.get_by_role("row", name="People called back")).to_contain_text("52")
