"""Every word on every page goes through the catalogue, for whoever may open it."""

import re
from html.parser import HTMLParser
from zoneinfo import available_timezones

import pytest
from django.conf import settings
from django.test import Client
from django.utils.translation import get_language_info

from people import clock
from tests.pseudo import CLOSE, OPEN, spoken_in
from tests.walls.addresses import address_of
from tests.walls.planting import CANARY
from tests.walls.routes import to_be_walked
from tests.walls.test_pages import ask

# What people wrote, names, moments and machine words need no translation.
OTHERS_WORDS = {"bdi", "time", "code", "pre", "textarea", "script", "style"}
SHOWN_ATTRIBUTES = ("aria-label", "placeholder", "title", "alt")
VOID = {"meta", "link", "input", "br", "hr", "img", "wbr", "source", "track", "col"}
NAMES = re.compile(
    r"\b(Cohortsite|Birch|Oak|Riverbend|Ada|Ben|Sol|Oma|Lea|Rex|Fay|Lapsed|Late|"
    r"English|UTC|CSV|JSON|PIN|SHA-?256|CC BY 4\.0|[ap]m|kB|MB)\b"
    r"|[\w.+-]+@[\w.-]+|https?://\S+|/[\w/.-]+"
)

KNOWN = {clock.place_name(zone) for zone in available_timezones()}
KNOWN |= set(clock.babel_locale("en").languages.values())
KNOWN |= {get_language_info(code)["name_local"] for code, _name in settings.LANGUAGES}
DAY = re.compile(r"\d{1,2} [A-Z][a-z]{2}( \d{4})?")


class Reader(HTMLParser):
    """What a reader sees or hears outside the brackets of the pseudo-locale."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.depth = 0
        self.raw: list[str] = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        for name in SHOWN_ATTRIBUTES:
            self.see(given.get(name) or "", inline=False)
        if tag in VOID:
            if tag == "input" and given.get("type") == "submit":
                self.see(given.get("value") or "", inline=False)
            return
        theirs = (
            tag in OTHERS_WORDS
            or given.get("dir") == "auto"
            or "bead" in (given.get("class") or "").split()
            or ("lang" in given and tag != "html")
        )
        self.open.append((tag, theirs))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if any(theirs for _tag, theirs in self.open):
            self.depth += data.count(OPEN) - data.count(CLOSE)
        else:
            self.see(data)

    def see(self, text, *, inline=True):
        """Keeps what stands outside; brackets of a text may close in a later one."""
        depth = self.depth if inline else 0
        for part in re.split(f"([{OPEN}{CLOSE}])", text):
            if part == OPEN:
                depth += 1
            elif part == CLOSE:
                depth -= 1
            elif not depth and re.search("[A-Za-z]{2}", plain := without_names(part)):
                self.raw.append(" ".join(plain.split()))
        if inline:
            self.depth = depth


def without_names(text):
    """Places, languages and days are named by CLDR, in the reader's own writing."""
    plain = CANARY.sub("", NAMES.sub("", DAY.sub("", text)))
    return "" if plain.strip(" ·,\n") in KNOWN else plain


@pytest.mark.parametrize(
    "name",
    ["anonymous", "member", "facilitator", "lead", "reviewer", "funder", "late_joiner"],
)
def test_no_page_says_a_word_that_cannot_be_translated(house, monkeypatch, name):
    spoken_in(monkeypatch, "en")
    client = Client()
    if house.viewers[name].is_authenticated:
        client.force_login(house.viewers[name])
    key, untold, opened = client.cookies.copy(), {}, 0

    for route in to_be_walked():
        if route.name.startswith(("admin:", "health")):
            continue
        url = address_of(route, house)
        client.cookies = key.copy()
        answer, body = ask(client, "get", url, {})
        if "html" not in answer.headers.get("Content-Type", ""):
            continue
        reader = Reader()
        reader.feed(body)
        opened += answer.status_code == 200
        if reader.raw:
            untold[f"{route.name} {url}"] = sorted(set(reader.raw))

    assert untold == {}
    assert opened >= 10
