"""The outbox of a phone, in a real browser: cut off, come back, sign in again."""

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from cohorts import joining
from sessions import checkins, commitments, posting
from sessions.models import CheckIn, Commitment, Post

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NEW = "/c/birch/check-ins/new/"


def said():
    return sorted(CheckIn.objects.unsealed("test").values_list("edge", flat=True))


@pytest.fixture
def phone(browser, live_server, client, birch):
    """Opens pages as somebody, on a phone's screen."""
    contexts = []

    def open_as(person, **settings):
        client.force_login(person)
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": 390, "height": 844},
            **settings,
        )
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
        page.set_default_timeout(10_000)
        return page

    yield open_as
    for context in contexts:
        for page in context.pages:
            # What is on its way arrives before the database is emptied.
            context.set_offline(False)
            page.wait_for_load_state("networkidle")
        context.close()


def wait_for_worker(page):
    page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
    page.wait_for_function("navigator.serviceWorker.controller !== null")


def waiting(page):
    return page.locator("#outbox li")


def check_in(page, edge):
    page.get_by_label("Stuck").check()
    page.get_by_label("What is your edge right now?").fill(edge)
    page.get_by_role("button", name="Post check-in").first.click()


def test_with_a_connection_one_sees_it_beside_the_others(phone, birch):
    checkins.post(by=birch.ben, edge="Ben's edge")
    page = phone(birch.ada.person)
    page.goto("/today/")

    check_in(page, "Ada's edge")

    page.wait_for_url("**/c/birch/check-ins/")
    expect(page.get_by_text("Ada's edge")).to_be_visible()
    expect(page.get_by_text("Ben's edge")).to_be_visible()
    expect(page.get_by_text("Your check-in is with your cohort.")).to_be_visible()
    assert said() == ["Ada's edge", "Ben's edge"]


def test_cut_off_two_check_ins_stay_and_go_out_once_when_back(phone, birch):
    page = phone(birch.ada.person)
    page.goto(NEW)
    wait_for_worker(page)
    page.reload()  # through the worker, which keeps a copy
    page.context.set_offline(True)

    check_in(page, "First, on the bus")
    expect(waiting(page)).to_have_count(1)
    page.reload()
    expect(page.locator("#as-of")).to_contain_text("No connection.")
    expect(waiting(page)).to_have_count(1)
    check_in(page, "Second, on the bus")
    expect(waiting(page)).to_have_count(2)
    expect(page.locator("#outbox p")).to_contain_text("Safe on this phone: 2.")
    page.reload()  # nothing is on its way from the form itself, which would lead on
    expect(waiting(page)).to_have_count(2)
    assert said() == []

    page.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")

    # The worker sends too, once the network is back. Whoever came first: nothing is
    # said to wait any more, and each has arrived once.
    expect(page.locator("#outbox p")).to_have_text("Sent.")
    expect(waiting(page).filter(has_not_text=re.compile(r", sent "))).to_have_count(0)
    assert said() == ["First, on the bus", "Second, on the bus"]
    page.reload()
    expect(page.locator("#outbox")).to_be_hidden()


def test_back_on_the_net_a_page_alone_says_what_it_sent_and_when(phone, birch):
    """No worker, which might be quicker: what is sent here, is sent by this page."""
    page = phone(birch.ada.person, service_workers="block")
    page.route(
        f"**{NEW}",
        lambda route: (
            route.abort() if route.request.method == "POST" else route.continue_()
        ),
    )
    page.goto(NEW)
    check_in(page, "First, on the bus")
    expect(waiting(page)).to_have_count(1)
    check_in(page, "Second, on the bus")
    expect(waiting(page)).to_have_count(2)
    page.reload()  # nothing is on its way from the form itself, which would lead on
    expect(page.locator("#outbox p")).to_contain_text("Safe on this phone: 2.")
    assert said() == []

    page.unroute(f"**{NEW}")
    page.evaluate("dispatchEvent(new Event('online'))")

    expect(page.locator("#outbox p")).to_have_text("Sent.")
    expect(waiting(page)).to_contain_text(
        [
            re.compile(rf"{which}, on the bus\s*written .+, sent .+")
            for which in ("First", "Second")
        ]
    )
    assert said() == ["First, on the bus", "Second, on the bus"]


def test_a_page_that_was_never_opened_says_so_without_a_connection(phone, birch):
    page = phone(birch.ada.person)
    page.goto("/today/")
    wait_for_worker(page)
    page.context.set_offline(True)

    page.goto("/c/birch/promises/")

    expect(page.get_by_role("heading", name="No connection")).to_be_visible()


def test_today_is_read_without_a_connection(phone, birch, now):
    commitments.make(by=birch.ada, promise="Ship the survey", due_on=now.date())
    page = phone(birch.ada.person)
    page.goto("/today/")
    wait_for_worker(page)
    page.reload()
    page.context.set_offline(True)

    page.reload()

    expect(page.get_by_text("Ship the survey").first).to_be_visible()
    expect(page.locator("#as-of")).to_contain_text(re.compile(r"stood at \d\d:\d\d"))


def keep(page, *paths):
    """Opens each page through the worker, until it keeps a copy."""
    page.goto(paths[0])
    wait_for_worker(page)
    for path in paths:
        page.goto(path)
        page.wait_for_function(
            """async (path) => !!await (await caches.open('pages')).match(path)""",
            arg=path,
        )


def until_kept_are(page, *paths):
    """The worker clears up beside the answer; the browser waits for it."""
    page.wait_for_function(
        """async (wanted) => (await (await caches.open('pages')).keys())
             .map(({ url }) => new URL(url).pathname).filter((at) => at !== '/owner')
             .sort().join() === wanted""",
        arg=",".join(sorted(paths)),
    )


CHARTER = "/c/birch/charter/"


@pytest.mark.parametrize("opened", ["/today/", CHARTER, "/c/birch/promises/"])
def test_a_session_ended_elsewhere_takes_what_the_phone_kept(phone, birch, opened):
    """Whichever page one opens next, kept or not: it leads to the door."""
    page = phone(birch.ada.person)
    keep(page, "/today/", CHARTER, NEW)
    Session.objects.all().delete()  # on the page of devices, from another one

    page.goto(opened)

    expect(page.get_by_label("Your mail address")).to_be_visible()
    until_kept_are(page)
    page.context.set_offline(True)
    page.goto(CHARTER)
    expect(page.get_by_role("heading", name="No connection")).to_be_visible()


@pytest.mark.parametrize("opened", [CHARTER, "/c/birch/"])
def test_removed_from_the_cohort_its_kept_pages_go(phone, birch, opened):
    page = phone(birch.ada.person)
    keep(page, "/today/", CHARTER, NEW)
    joining.remove(birch.ada, by=birch.sol.person)

    page.goto(opened)

    until_kept_are(page, "/today/")


def test_removed_from_the_cohort_today_is_enough_for_them_to_go(phone, birch):
    page = phone(birch.ada.person)
    keep(page, "/today/", CHARTER, NEW)
    joining.remove(birch.ada, by=birch.sol.person)

    page.goto("/today/")

    until_kept_are(page, "/today/")


def test_after_signing_out_going_back_shows_nothing(phone, birch):
    checkins.post(by=birch.ben, edge="Ben's edge")
    page = phone(birch.ada.person)
    page.goto("/c/birch/check-ins/")
    expect(page.get_by_text("Ben's edge")).to_be_visible()
    page.goto("/sign-out/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/")

    page.go_back()
    page.go_back()

    expect(page.get_by_label("Your mail address")).to_be_visible()
    expect(page.get_by_text("Ben's edge")).to_have_count(0)


def test_signed_out_it_is_kept_and_asks_to_sign_in(phone, birch):
    page = phone(birch.ada.person)
    page.goto(NEW)
    page.context.clear_cookies()

    check_in(page, "Kept")

    expect(page.locator("#outbox p")).to_contain_text("Sign in again")
    expect(waiting(page)).to_have_count(1)
    assert said() == []


def test_trouble_with_one_entry_keeps_it_and_holds_up_no_other(phone, birch):
    page = phone(birch.ada.person, service_workers="block")
    page.goto(NEW)

    def troubled(route):
        if "Unlucky" in (route.request.post_data or ""):
            route.fulfill(status=500, body="")
        else:
            route.continue_()

    page.route(f"**{NEW}", troubled)
    check_in(page, "Unlucky")
    expect(page.locator("#outbox p")).to_contain_text("Safe on this phone: 1.")

    check_in(page, "Lucky")

    page.wait_for_url("**/c/birch/check-ins/")
    expect(waiting(page)).to_have_count(1)
    assert said() == ["Lucky"]
    page.unroute(f"**{NEW}")
    page.reload()
    expect(page.locator("#outbox p")).to_have_text("Sent.")
    assert said() == ["Lucky", "Unlucky"]


def test_nobody_else_on_this_phone_sees_or_sends_it(phone, client, birch, live_server):
    page = phone(birch.ada.person)
    page.goto(NEW)
    page.context.clear_cookies()
    check_in(page, "Ada's own")
    expect(waiting(page)).to_have_count(1)

    def sign_in(person):
        client.force_login(person)
        value = client.cookies["sessionid"].value
        page.context.add_cookies(
            [{"name": "sessionid", "value": value, "url": live_server.url}]
        )
        page.goto("/today/")

    sign_in(birch.ben.person)
    expect(page.get_by_role("heading", name="Check in")).to_be_visible()
    expect(page.locator("#outbox")).to_be_hidden()
    assert said() == []
    sign_in(birch.ada.person)
    expect(page.locator("#outbox p")).to_have_text("Sent.")
    assert said() == ["Ada's own"]


def test_what_cannot_be_kept_opens_for_mending_with_the_text_in_it(phone, birch):
    page = phone(birch.ada.person)
    page.goto(NEW)
    page.locator("[name=edge]").evaluate("field => field.removeAttribute('maxlength')")

    check_in(page, "long " * 300)

    expect(page.locator("#errors")).to_be_visible()
    field = page.get_by_label("What is your edge right now?")
    assert field.input_value() == ("long " * 300)
    field.fill("short")
    page.get_by_role("button", name="Post check-in").first.click()
    page.wait_for_url("**/c/birch/check-ins/")
    expect(page.locator("#outbox")).to_be_hidden()
    assert said() == ["short"]


def test_an_entry_can_be_discarded(phone, birch):
    page = phone(birch.ada.person)
    page.goto(NEW)
    page.context.set_offline(True)
    check_in(page, "Never mind")

    page.get_by_role("button", name="Discard").click()

    expect(page.locator("#outbox")).to_be_hidden()


def test_tapping_twice_sends_once(phone, birch):
    page = phone(birch.ada.person)
    page.goto(NEW)
    page.get_by_label("What is your edge right now?").fill("Once")

    page.get_by_role("button", name="Post check-in").first.dblclick()

    page.wait_for_url("**/c/birch/check-ins/")
    assert said() == ["Once"]


def test_the_same_words_from_two_tabs_cut_off_are_one_check_in(phone, birch):
    page = phone(birch.ada.person)
    page.goto(NEW)
    other = page.context.new_page()
    other.goto(NEW)
    page.context.set_offline(True)
    check_in(page, "The ledger")
    expect(waiting(page)).to_have_count(1)
    check_in(other, "The ledger")
    expect(waiting(other)).to_have_count(2)

    page.context.set_offline(False)
    for tab in (page, other):
        tab.evaluate("dispatchEvent(new Event('online'))")

    expect(page.locator("#outbox p")).to_have_text("Sent.")
    page.goto("/c/birch/check-ins/")
    expect(page.get_by_text("The ledger")).to_have_count(1)
    assert said() == ["The ledger"]


def test_removed_from_the_cohort_meanwhile_ones_words_stay_on_the_phone(phone, birch):
    page = phone(birch.ada.person)
    page.goto(NEW)
    joining.remove(birch.ada, by=birch.sol.person)

    check_in(page, "Am I still here?")

    expect(page.get_by_role("heading", level=1)).to_have_text(
        "There is nothing here for you."
    )
    page.goto("/today/")
    expect(waiting(page)).to_contain_text("Am I still here?")
    assert said() == []
    page.get_by_role("button", name="Discard").click()
    expect(page.locator("#outbox")).to_be_hidden()


def test_signing_out_warns_when_something_waits(phone, birch):
    page = phone(birch.ada.person)
    page.goto("/sign-out/")
    page.evaluate(
        """async () => {
          const { dataset } = document.getElementById('outbox');
          await new Promise((done) => {
            const open = indexedDB.open('cohortsite', 1);
            open.onsuccess = () => {
              const put = open.result.transaction('outbox', 'readwrite');
              put.objectStore('outbox').put({ key: 'k', who: dataset.who, url: '/x/',
                data: [], at: Date.now(), label: 'Mine', mend: 1 });
              put.oncomplete = () => { open.result.close(); done(); };
            };
          });
        }"""
    )
    page.reload()
    expect(waiting(page)).to_have_count(1)

    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#outbox p")).to_contain_text("Press again to sign out")
    page.get_by_role("button", name="Sign out").click()

    page.wait_for_url("**/")
    left = page.evaluate("indexedDB.databases().then((all) => all.length)")
    assert left == 0


def test_on_a_shared_phone_nothing_is_kept(phone, birch, live_server):
    page = phone(birch.ada.person)
    page.context.add_cookies(
        [{"name": "shared_phone", "value": "1", "url": live_server.url}]
    )
    page.goto("/today/")

    check_in(page, "Plain")

    page.wait_for_url("**/c/birch/check-ins/")
    kept = page.evaluate(
        """async () => [(await navigator.serviceWorker.getRegistrations()).length,
                       (await caches.keys()).length,
                       (await indexedDB.databases()).length]"""
    )
    assert (kept, said()) == ([0, 0, 0], ["Plain"])


def test_a_promise_is_ticked_and_an_answer_given_cut_off(phone, birch, now):
    promise = commitments.make(by=birch.ada, promise="Ship it", due_on=now.date())
    post = posting.post(by=birch.ben, kind=Post.Kind.REQUEST, title="A ledger?")
    page = phone(birch.ada.person)
    page.goto("/today/")
    page.context.set_offline(True)
    page.get_by_label("Ship it").check()
    page.get_by_role("button", name="Save").click()
    expect(waiting(page)).to_have_count(1)
    expect(page.get_by_label("Ship it")).to_be_checked()
    page.context.set_offline(False)
    page.goto(f"/c/birch/requests/{post.pk}/")
    expect(page.locator("#outbox p")).to_have_text("Sent.")

    page.get_by_label("Your answer").fill("With pictures")
    page.get_by_role("button", name="Answer").click()

    page.wait_for_url("**/#answers")
    expect(page.get_by_text("With pictures")).to_be_visible()
    assert not Commitment.objects.unsealed("test").get(pk=promise.pk).is_open


def test_by_keyboard_alone(phone, birch):
    """Skip link, one Tab to the moods, arrows, Tab, type, Tab, Enter."""
    page = phone(birch.ada.person)
    page.goto(NEW)
    keys = page.keyboard

    keys.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    keys.press("Enter")
    keys.press("Tab")
    expect(page.get_by_label("Steady")).to_be_focused()
    keys.press("ArrowDown")
    keys.press("Tab")
    keys.type("By keyboard")
    keys.press("Tab")
    keys.press("Enter")

    page.wait_for_url("**/c/birch/check-ins/")
    assert CheckIn.objects.unsealed("test").values_list("mood", "edge").get() == (
        "stretched",
        "By keyboard",
    )


def test_without_a_script_the_same_form_posts_once(phone, birch):
    page = phone(birch.ada.person, java_script_enabled=False)
    page.goto("/today/")

    check_in(page, "Plain as plain")

    page.wait_for_url("**/c/birch/check-ins/")
    expect(page.get_by_text("Plain as plain")).to_be_visible()
    assert said() == ["Plain as plain"]


def test_a_form_that_is_too_large_says_so_and_going_back_shows_what_was_typed(
    phone, birch
):
    page = phone(birch.ada.person, service_workers="block")
    page.goto("/me/")
    field = page.get_by_label("What should we call you?")
    field.fill("Ada, typed")

    with page.expect_navigation():
        page.evaluate(
            """() => {
              const form = document.querySelector('main [name=called]').form;
              const much = Object.assign(document.createElement('input'),
                { type: 'hidden', name: 'x', value: 'b'.repeat(6e6) });
              form.append(much);
              HTMLFormElement.prototype.submit.call(form);
            }"""
        )

    expect(page.get_by_role("heading", level=1)).to_have_text(
        "This is more than can be sent at once"
    )
    page.go_back()
    expect(field).to_have_value("Ada, typed")
