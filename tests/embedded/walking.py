"""People with browsers, on the platform that `up` started.

They know its pages and its mailbox and nothing else: whoever walks here does not
look into the database.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, expect

from cohortsite.embedded.fingerprints import BASE_DIR
from tests.embedded.running import Up, wait_until

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
# A busy machine is slow, and nothing here measures.
PATIENCE = 60_000


@dataclass(frozen=True, kw_only=True)
class Letter:
    subject: str
    text: str
    language: str

    def link(self, to: str) -> str:
        """The path of the first address in it that leads there."""
        found = re.search(rf"https?://[^/\s]+({to}[^\s<]*)", self.text)
        assert found, f"no link to {to} in:\n{self.text}"
        return found[1]


class House:
    """A running platform, and the browsers of its people."""

    def __init__(self, browser: Browser, up: Up) -> None:
        self.browser = browser
        self.up = up
        self.url = f"http://127.0.0.1:{up.port}"
        self.mailbox = self.window()

    def window(self, *, script: bool = True, **settings) -> Page:
        """A browser of somebody's own, signed out, whose language is English."""
        context = self.browser.new_context(
            base_url=self.url,
            java_script_enabled=script,
            **{"viewport": DESK, "locale": "en-GB", **settings},
        )
        context.set_default_timeout(PATIENCE)
        return context.new_page()

    def signed_in(self, address: str, **settings) -> Page:
        """A browser in which somebody has come in by the code they were sent."""
        page = self.window(**settings)
        page.goto("/sign-in/")
        self.come_in(page, address)
        page.wait_for_url("**/today/")
        return page

    def come_in(self, page: Page, address: str) -> None:
        """From the sign-in page on."""
        known = self.letters_to(address)
        page.locator("input[type=email]").first.fill(address)
        page.locator("main form[action='/sign-in/'] button").first.click()
        letter = self.letter(to=address, not_among=known)
        [code] = re.findall(r"^\s*(\d{6})\s*$", letter.text, re.M)
        page.locator("input[name=code]").fill(code)
        page.locator("main form[action='/sign-in/code/'] button").first.click()

    def letters_to(self, address: str) -> list[str]:
        """The addresses of the pages with the letters to somebody, the newest first."""
        self.mailbox.goto("/mailbox/")
        theirs = self.mailbox.locator("main li", has_text=address)
        return [link.get_attribute("href") for link in theirs.get_by_role("link").all()]

    def letter(
        self, *, to: str, saying: str = "", not_among=(), by_the_clock: bool = False
    ) -> Letter:
        """The newest letter to somebody with these words in it, once it is there.

        The worker sends what is due when the clock's minute is full. To wait for
        that is for those who test the clock; the others ask the worker now.
        """
        if not by_the_clock:
            self.up.ask_the_worker("people.tasks.deliver_due")
        read: dict[str, Letter] = {}

        def found() -> Letter | None:
            for page in self.letters_to(to):
                if page in not_among:
                    continue
                if page not in read:
                    read[page] = self._opened(page)
                letter = read[page]
                if saying in letter.subject or saying in letter.text:
                    return letter
            return None

        return wait_until(found, f"a letter to {to} saying {saying!r}", pause=0.5)

    def _opened(self, address: str) -> Letter:
        self.mailbox.goto(address)
        article = self.mailbox.locator("article")
        return Letter(
            subject=self.mailbox.locator("h1").inner_text(),
            text=article.inner_text(),
            language=article.get_attribute("lang") or "",
        )

    def close(self) -> None:
        for context in self.browser.contexts:
            context.close()


# Comes in at a terminal, and prints the cookie of a browser that is signed in.
SEAT_ADA = """
from django.test import Client
from cohorts.models import Cohort, Membership, Program
from people.models import User
program, _ = Program.objects.get_or_create(slug="riverbend", name="Riverbend")
birch, _ = Cohort.objects.get_or_create(program=program, slug="birch", name="Birch")
ada, _ = User.objects.get_or_create(email="ada@example.org", defaults={"called": "Ada"})
Membership.objects.get_or_create(cohort=birch, person=ada)
client = Client()
client.force_login(ada)
print(client.cookies["sessionid"].value)
"""


def seat_ada(state: Path, env: Mapping[str, str]) -> str:
    """Ada sits in Birch; returns the session of her browser."""
    return subprocess.check_output(
        [sys.executable, "manage.py", "shell", "-v0", "-c", SEAT_ADA],
        cwd=BASE_DIR,
        env={
            "PATH": os.environ["PATH"],
            "SECRET_KEY": (state / "secret_key").read_text(),
            **env,
        },
        text=True,
    ).strip()


@contextmanager
def signed_in_as(browser: Browser, url: str, session: str, **settings):
    """A page in a browser of their own."""
    context = browser.new_context(base_url=url, **settings)
    context.add_cookies([{"name": "sessionid", "value": session, "url": url}])
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    try:
        yield context.new_page()
    finally:
        expect.set_options(timeout=None)
        context.close()


def come_back(page: Page) -> None:
    """What a phone tells its pages when there is a connection again."""
    with suppress(Error):  # a page that goes on by itself cannot be told
        page.evaluate("dispatchEvent(new Event('online'))")


@contextmanager
def house_of(browser: Browser, up: Up) -> Iterator[House]:
    house = House(browser, up)
    expect.set_options(timeout=PATIENCE)
    try:
        yield house
    finally:
        expect.set_options(timeout=None)
        house.close()
