"""Every language of the pages: message files in order, and pages that follow them."""

import re
from collections import Counter
from io import BytesIO
from string import ascii_letters

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.test import Client

from cohortsite.management.commands.languages import compiled

SOURCES = sorted((settings.BASE_DIR / "locale").rglob("*.po"))
each_file = pytest.mark.parametrize(
    "source", SOURCES, ids=lambda path: path.parent.parent.name
)


def messages(source):
    with source.open("rb") as file:
        return [m for m in read_po(file, locale=source.parent.parent.name) if m.id]


def test_french_and_arabic_have_begun():
    assert {path.parent.parent.name for path in SOURCES} >= {"fr", "ar"}


@each_file
def test_what_django_reads_is_what_was_translated(source):
    committed = read_mo(BytesIO(source.with_suffix(".mo").read_bytes()))
    fresh = read_mo(BytesIO(compiled(source)))

    assert {str(m.id): m.string for m in committed if m.id} == {
        str(m.id): m.string for m in fresh if m.id
    }


def holes(text):
    """What a sentence is filled with, and its marks: each must survive translation."""
    return Counter(re.findall(r"%\(\w+\)[sd]|%[sd%]|\{\w+\}|</?[a-z][^>]*>", text))


@each_file
def test_a_translation_has_exactly_the_placeholders_of_its_source(source):
    """A name or number left out would leave a hole in the sentence."""
    wrong = [
        message.id
        for message in messages(source)
        if isinstance(message.id, str)
        and message.string
        and holes(message.string) != holes(message.id)
    ]

    assert wrong == []


@each_file
def test_a_plural_has_every_form_and_loses_nothing_but_its_number(source):
    """A form for one or two may say the number in words; all else stays."""
    wrong = []
    for message in messages(source):
        if isinstance(message.id, str) or not any(message.string):
            continue
        wanted = holes(message.id[-1])
        number = {hole for hole in wanted if hole[-1] in "sd"}
        for form in message.string:
            lost = wanted - holes(form)
            kept = lost.total() <= 1 and set(lost) <= number
            if not form or holes(form) - wanted or not kept:
                wrong.append(message.id)

    assert wrong == []


@each_file
def test_nothing_is_guessed(source):
    """A fuzzy message is a machine's guess at what somebody else said."""
    assert [m.id for m in messages(source) if m.fuzzy] == []


APPS = ["charters", "cohorts", "cohortsite", "library", "measurement", "people"]


@pytest.mark.parametrize("app", [*APPS, "sessions"])
def test_every_sentence_is_asked_for_by_a_name_that_is_collected(app):
    """Under another name a sentence works, and no translator ever sees it."""
    renamed = [
        (path.name, line)
        for path in (settings.BASE_DIR / app).rglob("*.py")
        for line in path.read_text().splitlines()
        if re.search(r"import \w*gettext\w* as (?!_$)", line)
    ]

    assert renamed == []


TRANSLATED = re.compile(r"\{%\s*blocktranslate\b.*?\{%\s*endblocktranslate\s*%\}", re.S)
NOT_SHOWN = re.compile(
    r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}"
    r"|<!--.*?-->|<(script|style)\b.*?</\1>",
    re.S,
)
FILLED_IN = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\?answer=(yes|no)|/today/", re.S)
SPOKEN = re.compile(r"""\b(?:aria-label|title|placeholder|alt)=("[^"]*"|'[^']*')""")
OURS = {"Cohortsite", "sessionid", "csrftoken", "django_language", "theme", "zone"}
OURS |= {"zone_asked", "shared_phone"}


@pytest.mark.parametrize("kind", ["html", "txt"])
def test_no_template_says_a_word_outside_the_catalogue(kind):
    untold = {}
    for template in (settings.BASE_DIR / "templates").rglob(f"*.{kind}"):
        text = NOT_SHOWN.sub("", TRANSLATED.sub("", template.read_text()))
        text = FILLED_IN.sub(" ", text)
        spoken = [match[1] for match in SPOKEN.finditer(text)]
        if kind == "html":
            text = re.sub(r"<[^<>]*>", " ", text)
        said = re.findall(
            r"[A-Za-z_]{2,}", re.sub(r"&\w+;", "", " ".join([text, *spoken]))
        )
        if words := set(said) - OURS:
            untold[template.name] = words

    assert untold == {}


@pytest.mark.parametrize(
    ("language", "direction", "word"),
    [("fr", "ltr", "Aujourd’hui"), ("ar", "rtl", "اليوم"), ("en", "ltr", "Today")],
)
def test_a_page_speaks_its_reader_s_language(birch, language, direction, word):
    birch.ada.person.language = language
    birch.ada.person.save()
    client = Client()
    client.force_login(birch.ada.person)

    page = client.get("/today/").content.decode()

    assert f'<html lang="{language}" dir="{direction}"' in page
    assert word in page


def test_signed_out_the_browser_is_asked(client, db):
    page = client.get("/", headers={"Accept-Language": "ar"}).content.decode()

    assert 'dir="rtl"' in page
    assert not set("تخط").isdisjoint(page)
    assert set(page) & set(ascii_letters)  # the brand and the markup stay
