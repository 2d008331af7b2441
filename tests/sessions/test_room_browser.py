"""The room as people live it: in browsers, with and without script."""

from contextlib import contextmanager

import pytest
from django.test import Client
from django.utils import timezone

from sessions import hosting
from sessions.hosting import Seen
from sessions.models import Room
from tests.embedded.running import streaming

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ROOM = "/c/birch/sessions/1/live/"


@pytest.fixture
def live(birch, due_now):
    hosting.open_room(due_now, by=birch.sol)
    hosting.join(due_now, by=birch.ada)
    return due_now


@pytest.fixture
def stream(live_server, settings):
    with streaming(settings, live_server.url) as port:
        yield port


@pytest.fixture
def open_room(browser, live_server):
    """A browser of its own for each person, standing in the room."""
    contexts = []

    def enter(membership, *, script=True):
        client = Client()
        client.force_login(membership.person)
        context = browser.new_context(java_script_enabled=script)
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
        page.goto(live_server.url + ROOM)
        return page

    yield enter
    for context in contexts:
        context.close()


def room_of(session):
    return Room.objects.unsealed("test").get(session=session)


def now_in(page, name):
    """The page stands in that phase."""
    page.wait_for_selector(f"#h-round:text-is('{name}')", timeout=8000)


@contextmanager
def no_reload(page):
    """Whatever happens meanwhile happens within the same page."""
    page.evaluate("window.stillThere = true")
    yield
    assert page.evaluate("window.stillThere") is True


def test_a_page_follows_the_host(live, birch, open_room, stream):
    host, ada = open_room(birch.sol), open_room(birch.ada)
    now_in(ada, "Arrive")

    with no_reload(host), no_reload(ada):
        host.click("text=Next: Sol")
        ada.wait_for_selector(".seat.now >> text=Sol, speaking now", state="attached")
        host.click("text=On to: Intentions")
        now_in(ada, "Intentions")
        now_in(host, "Intentions")


def test_what_is_being_typed_stays(live, birch, open_room, stream):
    ada = open_room(birch.ada)
    ada.click("#id_text")
    ada.keyboard.type("Who tells the nur")

    with no_reload(ada):
        hosting.go_on(live, by=birch.sol, seen=Seen(position=0))
        now_in(ada, "Intentions")
        ada.keyboard.type("se?")
        assert ada.input_value("#id_text") == "Who tells the nurse?"
        ada.keyboard.press("Enter")
        ada.wait_for_selector("#room-writing li >> text=Who tells the nurse?")

    assert ada.input_value("#id_text") == ""


def test_a_check_in_is_made_inside_the_room(live, birch, open_room, stream):
    host, ada = open_room(birch.sol), open_room(birch.ada)

    with no_reload(ada), no_reload(host):
        ada.fill("#bookend_grounding", "By the river.")
        ada.click("#room-bookend button")
        host.wait_for_selector("#room-bookend li >> text=By the river.")
        ada.wait_for_selector("#room-bookend li >> text=By the river.")

    assert ada.input_value("#bookend_grounding") == ""


def test_what_is_wrong_is_said_and_kept(live, birch, open_room, stream):
    ada = open_room(birch.ada)
    for position in range(6):
        hosting.go_on(live, by=birch.sol, seen=Seen(position=position))
    now_in(ada, "Commit")

    ada.fill("#bookend_promise", "Ask two clinics")
    ada.fill("#bookend_due_on", "2020-01-01")
    ada.click("#room-bookend button")
    ada.wait_for_selector("#errors")

    assert ada.input_value("[name=promise]") == "Ask two clinics"


def test_focus_stays_on_the_hosts_button(live, birch, open_room, stream):
    host = open_room(birch.sol)
    host.focus("#b-next")
    host.keyboard.press("Enter")
    host.wait_for_selector("#b-next >> text=Next: Ada")

    assert host.evaluate("document.activeElement.id") == "b-next"
    host.keyboard.press("Enter")
    host.wait_for_selector("#b-next >> text=End this turn")
    assert room_of(live).speaker_id == birch.ada.pk


def test_passing_by_keyboard(live, birch, open_room, stream):
    ada = open_room(birch.ada)
    ada.focus("#b-pass")
    ada.keyboard.press("Enter")
    ada.wait_for_selector("#b-pass[disabled]")

    assert birch.ada.pk in room_of(live).heard


def test_whoever_is_removed_is_told(live, birch, open_room, stream):
    ada = open_room(birch.ada)
    birch.ada.left_at = timezone.now()
    birch.ada.save()

    hosting.go_on(live, by=birch.sol, seen=Seen(position=0))

    ada.wait_for_selector("[role=alert] >> text=no longer yours to see")
    assert "Peer consultation" not in ada.inner_text("main")


def test_when_the_room_closes_the_page_goes_to_the_session(
    live, birch, open_room, stream, live_server
):
    ada = open_room(birch.ada)

    hosting.close(live, by=birch.sol)

    ada.wait_for_url(live_server.url + "/c/birch/sessions/1/")
    assert "How it was" in ada.inner_text("main")


def test_without_the_stream_the_page_asks_by_itself(live, birch, open_room):
    ada = open_room(birch.ada)

    hosting.go_on(live, by=birch.sol, seen=Seen(position=0))

    ada.wait_for_selector("#h-round:text-is('Intentions')", timeout=15_000)


def test_the_clock_goes_by_the_server(live, birch, open_room, stream):
    ada = open_room(birch.ada)
    # A phone that is three hours wrong counts from the server's clock all the same.
    ada.add_init_script(
        "const real = Date.now; Date.now = () => real() + 3 * 3600 * 1000;"
    )
    ada.reload()
    ada.wait_for_timeout(1500)

    minutes, seconds = ada.inner_text("[data-ends]").split(":")

    assert 4 * 60 < 60 * int(minutes) + int(seconds) <= 5 * 60


def test_the_whole_room_without_script(live, birch, open_room, live_server):
    host, ada = open_room(birch.sol, script=False), open_room(birch.ada, script=False)
    assert "Arrive" in ada.inner_text("#h-round")

    host.click("text=Next: Sol")
    host.click("text=On to: Intentions")
    ada.click("text=Look again now")
    assert "Intentions" in ada.inner_text("#h-round")
    ada.fill("#id_text", "By the river.")
    ada.click("#say button")
    assert "By the river." in ada.inner_text("#room-writing")
    host.click("text=Look again now")
    assert "By the river." in host.inner_text("#room-writing")
    host.click("summary:has-text('End earlier')")
    host.click("#d-close button")
    ada.click("text=Look again now")
    assert ada.url == live_server.url + "/c/birch/sessions/1/"
