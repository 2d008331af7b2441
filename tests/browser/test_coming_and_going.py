"""A cohort under way, in real browsers: what is asked anew, who comes, who goes.

Ada and Ben sit in Birch, Sol holds it, Lea leads the program, Nia comes from outside.
"""

import re

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from cohorts import agreements
from people import delivery

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PLAIN = {"java_script_enabled": False, "viewport": {"width": 390, "height": 844}}
FIRST = "Be there. What is said here stays here."
SECOND = "Be there, or say so a day before. What is said here stays here."


@pytest.fixture
def window(browser, live_server):
    contexts = []

    def open_as(who=None, **settings):
        context = browser.new_context(
            base_url=live_server.url, locale="en-GB", **settings
        )
        contexts.append(context)
        if who is not None:
            client = Client()  # its own: signing in ends a client's earlier session
            client.force_login(who)
            cookie = client.cookies["sessionid"].value
            context.add_cookies(
                [{"name": "sessionid", "value": cookie, "url": live_server.url}]
            )
        page = context.new_page()
        page.set_default_timeout(15_000)
        return page

    yield open_as
    for context in contexts:
        context.close()


def invitation_of(address):
    """The newest link to a seat that this address was sent."""
    delivery.deliver_due(now=timezone.now())
    return next(
        found.group()
        for letter in reversed(mail.outbox)
        if letter.to == [address]
        and (found := re.search(r"/invite/[\w-]+/", letter.body))
    )


def test_a_changed_agreement_is_asked_for_again_and_may_be_declined(window, birch):
    agreements.offer(birch.program, by=birch.lea, text=FIRST)
    ada = window(birch.ada.person)
    ada.goto("/today/")
    ada.locator("main a[href='/c/birch/agreement/']").first.click()
    ada.get_by_label("Type your name to sign").fill("Ada")
    ada.get_by_role("button", name="I agree and sign").click()
    expect(ada.get_by_text("You signed as Ada")).to_be_visible()

    lea = window(birch.lea)
    lea.goto("/f/programs/riverbend/agreement/")
    lea.get_by_label("The agreement").fill(SECOND)
    lea.get_by_role("button", name="Put it in force").click()
    expect(lea.get_by_text("Version 2 is in force")).to_be_visible()

    ada.goto("/today/")
    ada.locator("main a[href='/c/birch/agreement/']").first.click()
    changed = ada.get_by_role("region", name="What changed since version 1")
    expect(changed.locator("ins")).to_contain_text("or say so a day before")
    # The first text stays with her as she signed it.
    ada.get_by_text("Version 1, signed as Ada").click()
    expect(ada.get_by_text(FIRST)).to_be_visible()
    ada.get_by_role("link", name="I cannot sign this").click()
    ada.get_by_label("A word about it").fill("A day before is too early for me.")
    ada.get_by_role("button", name="I do not sign").click()
    expect(ada.get_by_role("link", name="sol@example.org")).to_be_visible()

    lea.reload()
    expect(lea.get_by_text("A day before is too early for me.")).to_be_visible()
    sol = window(birch.sol.person)
    sol.goto("/f/birch/people/")
    seats = sol.get_by_role("region", name="In the circle")
    expect(seats.get_by_text("did not sign the agreement")).to_be_visible()
    expect(sol.get_by_text("too early for me")).to_have_count(0)

    ada.get_by_label("Type your name to sign").fill("Ada")
    ada.get_by_role("button", name="I agree and sign").click()
    expect(ada.get_by_text("You signed as Ada")).to_be_visible()
    sol.reload()
    expect(seats.get_by_text("agreement signed", exact=True)).to_be_visible()


def test_holding_is_shared_and_handed_on_and_whoever_leaves_takes_their_words(
    window, birch
):
    sol = window(birch.sol.person)
    sol.goto("/f/birch/people/")
    sol.get_by_role("link", name="Ask to hold the circle Ben").click()
    sol.locator("main form button").click()
    expect(sol.get_by_text("Ben is asked.")).to_be_visible()
    ben = window(birch.ben.person, **PLAIN)
    ben.goto(invitation_of("ben@example.org"))
    ben.get_by_role("button", name="Yes, I hold it").click()
    expect(ben.get_by_text("You hold Birch now.")).to_be_visible()

    sol.goto("/f/birch/people/")
    expect(sol.get_by_text("holds the circle", exact=True)).to_have_count(2)
    sol.get_by_role("link", name="Hand over Sol").click()
    sol.get_by_label("To whom").select_option(label="Ada")
    sol.get_by_role("button", name="Ask them").click()
    ada = window(birch.ada.person)
    ada.goto(invitation_of("ada@example.org"))
    ada.get_by_role("button", name="Yes, I hold it").click()
    expect(ada.get_by_text("You hold Birch now.")).to_be_visible()

    sol.goto("/c/birch/")
    expect(sol.get_by_role("heading", level=1)).to_have_text("Birch")
    sol.goto("/c/birch/leave/")
    expect(sol.get_by_label("Make me a file of my own words")).to_be_checked()
    sol.get_by_role("button", name="Leave the cohort").click()
    expect(sol).to_have_url(re.compile("/me/data/$"))
    assert sol.goto("/c/birch/").status == 404

    ada.goto("/f/birch/people/")
    gone = ada.get_by_role("region", name="Left the circle")
    expect(gone).to_contain_text("Sol")


def test_somebody_is_replaced_mid_way_and_the_end_leaves_all_to_be_read(window, birch):
    sol = window(birch.sol.person)
    sol.goto("/f/birch/people/")
    sol.get_by_role("link", name="Replace Ben").click()
    sol.get_by_label("The mail address of who comes").fill("nia@example.org")
    sol.get_by_label("How you call them").fill("Nia")
    sol.get_by_role("button", name="Send the invitation").click()
    expect(sol.get_by_text("In the place of Ben")).to_be_visible()
    ben = window(birch.ben.person)
    assert ben.goto("/c/birch/").status == 200  # until the place is taken

    nia = window(**PLAIN)
    nia.goto(invitation_of("nia@example.org"))
    nia.get_by_role("button", name="Take the seat").click()
    expect(nia.get_by_text("Welcome to Birch.")).to_be_visible()
    assert ben.goto("/c/birch/").status == 404
    assert ben.goto("/today/").status == 200

    ada = window(birch.ada.person, **PLAIN)
    ada.goto("/c/birch/updates/new/")
    for line in ada.locator("main textarea, main input[type=text]").all():
        line.fill("Two clinics called back")
    sol.goto("/f/birch/finish/")
    sol.get_by_role("button", name="Finish the cohort").click()
    expect(sol.get_by_text("Birch has finished.")).to_be_visible()

    # A page that was open before says so, and nothing is added.
    ada.locator("main form[method=post] button").last.click()
    expect(ada.locator("main")).to_contain_text("finished")
    ada.goto("/c/birch/updates/")
    expect(ada.get_by_text("Two clinics called back")).to_have_count(0)
    expect(ada.locator("main a[href='/c/birch/updates/new/']")).to_have_count(0)
    assert ada.goto("/c/birch/").status == 200
