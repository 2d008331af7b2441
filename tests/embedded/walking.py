"""People with browsers, on the platform that `up` started.

They know its pages and its mailbox and nothing else: whoever walks here does not
look into the database.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, Page, expect

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


@contextmanager
def house_of(browser: Browser, up: Up) -> Iterator[House]:
    house = House(browser, up)
    expect.set_options(timeout=PATIENCE)
    try:
        yield house
    finally:
        expect.set_options(timeout=None)
        house.close()
