"""Applying in real browsers: saved by itself, on two devices, and without a script."""

import gzip
import re
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core import mail
from django.test import Client
from playwright.sync_api import expect

from cohorts import deciding
from cohorts.models import Application, BlindCopy, Draft, DraftFile
from cohortsite.embedded.browser import FLAGS, find_chromium
from people import delivery
from tests.cohorts import conftest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ALL = "the test looks at everything"
call = conftest.call
PHONE = {"viewport": {"width": 390, "height": 844}}


@pytest.fixture
def window(browser, live_server):
    """Opens a browser of nobody's, or of somebody who is signed in."""
    contexts = []

    def open_for(person=None, **settings):
        context = browser.new_context(base_url=live_server.url, **settings)
        contexts.append(context)
        if person is not None:
            client = Client()
            client.force_login(person)
            cookie = client.cookies["sessionid"].value
            context.add_cookies(
                [{"name": "sessionid", "value": cookie, "url": live_server.url}]
            )
        page = context.new_page()
        page.set_default_timeout(15_000)
        return page

    yield open_for
    for context in contexts:
        context.close()


def letter_link(now, kind="resume"):
    mail.outbox.clear()
    delivery.deliver_due(now=now + timedelta(minutes=5))
    return re.search(rf"/apply/{kind}/[\w-]+/", mail.outbox[-1].body).group()


def about(page, email="amina@example.net"):
    page.get_by_label("What should we call you?").fill("Amina Yusuf")
    page.get_by_label("Your mail address").fill(email)


def save(page):
    page.get_by_role("button", name="Save and go on").click()


def answer_everything(page):
    for box in page.locator("textarea").all():
        box.fill("We lend tools")


def test_what_is_typed_is_saved_by_itself_and_opens_on_another_device(
    window, call, now
):
    laptop = window()
    laptop.goto("/apply/mangrove/1/")
    about(laptop)
    save(laptop)
    laptop.get_by_label("The work you would bring").fill("Half a thou")

    expect(laptop.locator("#saved")).to_contain_text("Saved at")
    phone = window(**PHONE)
    phone.goto(letter_link(now))

    expect(phone.get_by_label("The work you would bring")).to_have_value("Half a thou")


def test_saving_by_itself_does_not_look_like_another_device(window, call):
    page = window()
    page.goto("/apply/mangrove/1/")
    about(page)
    save(page)
    answer_everything(page)
    expect(page.locator("#saved")).to_contain_text("Saved at", timeout=20_000)
    page.get_by_label("The work you would bring").fill("A second thought")

    save(page)

    expect(page.get_by_role("heading", level=1)).to_contain_text("What you bring")
    draft = Draft.objects.unsealed(ALL).get()
    assert "A second thought" in draft.typed.values()


ON_THIS_DEVICE = """[localStorage, sessionStorage].flatMap(
    shelf => Object.keys(shelf).filter(key => key.startsWith("apply/"))
)"""


def test_without_a_connection_lines_stay_on_the_device_until_they_are_saved(
    window, call
):
    page = window()
    page.goto("/apply/mangrove/1/")
    about(page)
    save(page)
    page.context.set_offline(True)
    page.get_by_label("The work you would bring").fill("Half a thought")
    expect(page.locator("#saved")).to_contain_text("Kept on this device")
    save(page)  # the page stays, too
    expect(page.get_by_label("The work you would bring")).to_have_value(
        "Half a thought"
    )

    page.context.set_offline(False)

    expect(page.locator("#saved")).to_contain_text("Saved at")
    assert page.evaluate(ON_THIS_DEVICE) == []
    assert "Half a thought" in Draft.objects.unsealed(ALL).get().typed.values()


def test_a_window_that_closed_without_a_connection_gives_its_lines_back(window, call):
    page = window()
    page.goto("/apply/mangrove/1/")
    about(page)
    save(page)
    page.context.set_offline(True)
    page.get_by_label("The work you would bring").fill("Half a thought")
    expect(page.locator("#saved")).to_contain_text("Kept on this device")
    page.close()
    page.context.set_offline(False)

    again = page.context.new_page()
    again.goto("/apply/mangrove/2/")

    expect(again.get_by_label("The work you would bring")).to_have_value(
        "Half a thought"
    )
    expect(again.locator("#saved")).to_contain_text("Saved at")
    assert again.evaluate(ON_THIS_DEVICE) == []


def test_whoever_throws_it_away_leaves_nothing_on_the_device(window, call):
    page = window()
    page.goto("/apply/mangrove/1/")
    about(page)
    save(page)
    page.context.set_offline(True)
    page.get_by_label("The work you would bring").fill("Half a thought")
    expect(page.locator("#saved")).to_contain_text("Kept on this device")
    page.close()
    page.context.set_offline(False)
    again = page.context.new_page()
    again.goto("/apply/mangrove/4/")
    assert len(again.evaluate(ON_THIS_DEVICE)) == 1

    again.get_by_text("What happens to my answers", exact=True).click()
    again.get_by_role("button", name="Delete what I have written now").click()

    expect(again.get_by_text("What you had written is deleted.")).to_be_visible()
    assert again.evaluate(ON_THIS_DEVICE) == []


def test_background_typed_without_a_connection_leaves_with_the_window(window, call):
    page = window()
    page.goto("/apply/mangrove/1/")
    about(page)
    save(page)
    page.goto("/apply/mangrove/4/")
    page.context.set_offline(True)
    page.get_by_label("Gender").first.select_option(index=1)
    expect(page.locator("#saved")).to_contain_text("Kept on this device")

    kept = page.evaluate("[localStorage, sessionStorage].map(s => s.length)")

    assert kept == [0, 1]


def test_signing_out_leaves_nothing_on_the_device(window, birch, call):
    page = window(birch.ada.person)
    page.goto("/apply/mangrove/1/")
    save(page)
    page.context.set_offline(True)
    page.get_by_label("The work you would bring").fill("Half a thought")
    expect(page.locator("#saved")).to_contain_text("Kept on this device")
    assert len(page.evaluate(ON_THIS_DEVICE)) == 1
    page.close()
    page.context.set_offline(False)

    again = page.context.new_page()
    again.goto("/sign-out/")
    again.locator("main form[data-signs-out] button").click()
    again.wait_for_url(lambda url: "sign-out" not in url)

    assert again.evaluate(ON_THIS_DEVICE) == []


def test_one_who_begins_after_another_on_the_same_device_finds_no_line_of_theirs(
    window, call
):
    page = window()
    page.goto("/apply/mangrove/1/")
    about(page)
    save(page)
    page.context.set_offline(True)
    page.get_by_label("The work you would bring").fill("Half a thought")
    expect(page.locator("#saved")).to_contain_text("Kept on this device")
    page.close()
    page.context.set_offline(False)
    page.context.clear_cookies()
    again = page.context.new_page()
    again.goto("/apply/mangrove/1/")
    about(again, email="other@example.net")
    save(again)

    expect(again.get_by_label("The work you would bring")).to_have_value("")


def test_an_application_is_mended_by_keyboard(window, call):
    page = window()
    page.goto("/apply/mangrove/1/")
    about(page)
    save(page)
    page.get_by_role("button", name="Save and go on").press("Enter")

    expect(page.locator("#errors")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_label("The work you would bring")).to_be_focused()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_from_the_call_to_the_seat_without_a_script(window, birch, call, now, language):
    """Amina applies, Rex reads, Lea decides, Amina takes her seat."""
    plain = {"java_script_enabled": False, **PHONE}
    amina = window(**plain, locale=language)
    amina.goto("/apply/mangrove/")
    amina.locator("main a.btn").first.click()
    amina.locator("#id_called").fill("Amina Yusuf")
    amina.locator("#id_email").fill("amina@example.net")
    amina.locator("main form button").first.click()
    answer_everything(amina)
    amina.locator("form[data-autosave] p > button:not([type])").first.click()
    amina.locator("[name=availability_day]").first.check()
    amina.locator("[name=stay]").click()
    assert amina.url.endswith("/3/#id_availability")
    amina.locator("form[data-autosave] p > button:not([type]):not([name])").click()
    for box in amina.locator("form[data-autosave] input[name^=q_]").all():
        box.check()
    amina.locator("form[data-autosave] p > button:not([type]):not([name])").click()
    expect(amina).to_have_url(re.compile("/review/$"))
    amina.locator("main form[method=post] button").first.click()
    expect(amina).to_have_url(re.compile("/status/$"))

    rex = window(birch.rex, **plain)
    copy = BlindCopy.objects.unsealed(ALL).get()
    rex.goto("/f/calls/mangrove/review/")
    rex.get_by_role("link", name=f"Application {copy.code}").click()
    for group in rex.locator("main fieldset").all():
        group.locator("input[type=radio]").nth(2).check()
        group.locator("input[type=text]").fill("Says so in the second line")
    rex.get_by_role("button", name="Hand in, and next").click()
    expect(rex.get_by_text("Your reading is in.").first).to_be_visible()

    lea = window(birch.lea, **plain)
    lea.goto("/f/calls/mangrove/applications/")
    lea.get_by_role("checkbox", name="Amina Yusuf").check()
    lea.get_by_text("Decide on the ticked ones").click()
    lea.get_by_role("button", name="Set this decision").click()
    lea.get_by_role("link", name="Look through the letters").click()
    lea.get_by_role("button", name="Send all of them now").click()
    expect(lea.get_by_text("1 person is told.")).to_be_visible()

    amina.goto(letter_link(now, "reply"))
    amina.locator("button[value=yes]").click()

    assert Application.objects.unsealed(ALL).accepted().count() == 1


def test_the_pages_please_axe_and_fit_a_narrow_phone(window, birch, call):
    application = call.arrive("Amina Yusuf", organisation="Tools United")
    copy = BlindCopy.objects.unsealed(ALL).get()
    room = "/f/calls/mangrove/"
    pages = {
        None: [
            *("/apply/", "/apply/mangrove/", "/apply/mangrove/how/"),
            "/apply/mangrove/1/",
        ],
        birch.lea: [
            "/f/calls/",
            "/f/calls/new/",
            *(room + page for page in ("setup/", "setup/dates/", "applications/")),
            *(room + page for page in ("setup/how/", "setup/copy/", "setup/in/fr/")),
            *(room + page for page in ("import/", "letters/", "review/progress/")),
            *(f"{room}preview/{n}/" for n in (2, 3, 4)),
            f"{room}applications/{application.pk}/?ask",
        ],
        birch.rex: [f"{room}review/", f"{room}review/{copy.pk}/"],
    }
    found = []
    for person, addresses in pages.items():
        page = window(person, viewport={"width": 320, "height": 800})
        for address in addresses:
            page.goto(address)
            for fold in page.locator("details").all():
                fold.evaluate("fold => fold.open = true")
            faults = [f["id"] for f in Axe().run(page).response["violations"]]
            width = page.evaluate("document.documentElement.scrollWidth")
            if faults or width > 320:
                found.append((address, faults, width))

    assert found == []


@pytest.mark.parametrize("letter", ["W", "ا", "का", "語"])
def test_three_hundred_letters_without_a_gap_fit_a_narrow_phone(
    window, birch, call, now, letter
):
    """A name, an organisation and an answer that nobody could break by hand."""
    long = (letter * 300)[:300]
    application = call.arrive(
        long,
        email="long@example.net",
        organisation=long[:200],
        answers={call.questions[0].pk: (long, ())},
        offers=[long[:80]],
        ties=[long[:120]],
    )
    deciding.decide(
        call.intake, [application.pk], outcome="offered", by=birch.lea, now=now
    )
    copy = BlindCopy.objects.unsealed(ALL).get()
    room = "/f/calls/mangrove/"
    pages = {
        birch.lea: [
            *(f"{room}applications/{page}" for page in ("", f"{application.pk}/")),
            *(room + page for page in ("letters/", "selection/bands/")),
            *(room + page for page in ("review/assign/", "review/progress/")),
        ],
        birch.rex: [f"{room}review/{copy.pk}/"],
    }
    found = []
    for person, addresses in pages.items():
        page = window(person, viewport={"width": 320, "height": 800})
        for address in addresses:
            assert page.goto(address).ok
            for fold in page.locator("details").all():
                fold.evaluate("fold => fold.open = true")
            width = page.evaluate("document.documentElement.scrollWidth")
            if width > 320:
                found.append((address, width))

    assert found == []


def test_an_answer_is_spoken_into_the_page(
    browser, live_server, call, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    voice = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
    hearing = browser.browser_type.launch(
        executable_path=find_chromium(), args=[*FLAGS, *voice]
    )
    page = hearing.new_page(base_url=live_server.url)
    page.goto("/apply/mangrove/1/")
    about(page)
    save(page)
    answer_everything(page)
    page.get_by_label("The work you would bring").fill("")
    page.get_by_text("Answer by voice or with a file").first.click()

    page.get_by_role("button", name="Record now").first.click()
    expect(page.get_by_text("Recording, up to 90 seconds.")).to_be_visible()
    # The microphone is slow to begin on a busy machine.
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Recorded. It is kept when you save")).to_be_visible()
    save(page)

    expect(page.get_by_role("heading", name="What you bring")).to_be_visible()
    kept = DraftFile.objects.unsealed(ALL).get()
    assert (kept.mime, kept.question) == ("audio/webm", call.questions[0])
    hearing.close()


def test_enter_in_a_line_saves_and_removes_nothing(window, call, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    question = call.questions[1]
    question.kind = "short"
    question.save()
    page = window()
    page.goto("/apply/mangrove/1/")
    about(page)
    save(page)
    answer_everything(page)
    page.get_by_label(question.label).fill("One line")
    page.get_by_text("Answer by voice or with a file").first.click()
    page.locator("input[type=file]").first.set_input_files(
        {"name": "a.txt", "mimeType": "text/plain", "buffer": b"Tools"}
    )
    save(page)
    page.goto("/apply/mangrove/2/")

    page.get_by_label(question.label).press("Enter")

    expect(page.get_by_role("heading", name="What you bring")).to_be_visible()
    assert DraftFile.objects.unsealed(ALL).count() == 1


def test_the_pages_of_an_application_are_light(window, client, call, settings):
    """32 KB the first time, 6 KB after: what crosses a slow line, compressed."""
    client.post("/apply/mangrove/1/", {"called": "Amina", "email": "a@example.net"})
    weights = {}
    for number in (1, 2, 3, 4):
        answer = client.get(
            f"/apply/mangrove/{number}/", headers={"Accept-Encoding": "gzip"}
        )
        body = answer.content
        weights[number] = (
            len(body)
            if answer.headers.get("Content-Encoding") == "gzip"
            else len(gzip.compress(body))
        )

    assert max(weights.values()) <= 6 * 1024, weights
