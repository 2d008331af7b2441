"""Bringing applicants in from files, in a real browser: look, mend, confirm, undo."""

import io
import re

import openpyxl
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import expect

from cohorts.models import Application
from tests.cohorts import conftest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ALL = "the test looks at everything"
call = conftest.call
IMPORT = "/f/calls/mangrove/import/"
HEADINGS = ["Who", "E-Mail", "Gender", "The work you would bring", "dietary reqs"]
LINES = [
    ["هدى", "huda@people.example", "woman", "Clinics that call back", "none"],
    ["Ravi", "ravi at people.example", "man", "=HYPERLINK(1)", "none"],
    ["Nia", "nia@people.example", "woman", "A night school", "vegan"],
    ["Huda", "HUDA@people.example", "woman", "The same again", "none"],
]


@pytest.fixture
def lea(browser, live_server, birch):
    client = Client()
    client.force_login(birch.lea)
    context = browser.new_context(base_url=live_server.url, locale="en")
    cookie = client.cookies["sessionid"].value
    context.add_cookies(
        [{"name": "sessionid", "value": cookie, "url": live_server.url}]
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


def table(lines, *, kind):
    if kind == "csv":
        text = "\r\n".join(";".join(cells) for cells in [HEADINGS, *lines])
        return {
            "name": "people.csv",
            "mimeType": "text/csv",
            "buffer": text.encode("utf-8-sig"),
        }
    book = openpyxl.Workbook()
    book.active.title = "Cover"
    book.active.append(["Applicants of the spring"])
    sheet = book.create_sheet("People")
    for cells in [HEADINGS, *lines]:
        sheet.append(cells)
    # What begins with = is a word of theirs here, not a formula.
    for row in sheet.iter_rows(min_row=2):
        row[3].data_type = "s"
    raw = io.BytesIO()
    book.save(raw)
    return {
        "name": "people.xlsx",
        "mimeType": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "buffer": raw.getvalue(),
    }


def bring(lea, file):
    lea.goto(IMPORT)
    lea.get_by_label("The file").set_input_files(file)
    lea.get_by_role("button", name="Upload and look").click()
    expect(lea.get_by_role("heading", level=1)).to_have_text("What is in the columns?")


def applications():
    return Application.objects.unsealed(ALL).submitted().count()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_with_a_wrong_line_is_mended_confirmed_and_taken_back(lea, call, kind):
    bring(lea, table(LINES, kind=kind))
    expect(lea.get_by_text("4 lines. Nothing is written yet.")).to_be_visible()
    expect(lea.get_by_label("E-Mail", exact=True)).to_have_value("email")
    # Nobody could guess that this is the name: the page says what is missing.
    lea.get_by_role("button", name="Check the lines").click()
    expect(lea.locator("#errors")).to_contain_text("which column holds the name")
    lea.get_by_label("Who", exact=True).select_option(label="Name")
    lea.get_by_role("button", name="Check the lines").click()

    expect(lea.get_by_text("2 people will come in.")).to_be_visible()
    for line in (
        re.compile(r"^3 left out B E-Mail “ravi at people.example” is not a mail"),
        re.compile(r"^5 left out B E-Mail The same address as in line 2"),
    ):
        expect(lea.get_by_role("row", name=line)).to_be_visible()
    assert applications() == 0

    mended = [[cell.replace(" at ", "@") for cell in line] for line in LINES[:3]]
    bring(lea, table(mended, kind=kind))
    # The headings are known by now.
    expect(lea.get_by_label("Who", exact=True)).to_have_value("called")
    lea.get_by_role("button", name="Check the lines").click()
    expect(lea.get_by_text("3 people will come in.")).to_be_visible()
    expect(lea.get_by_role("heading", name="What to look at")).to_have_count(0)
    assert applications() == 0
    lea.get_by_role("button", name="Bring them in").click()
    lea.get_by_role("link", name="To the applications").click()

    for name in ("هدى", "Ravi", "Nia"):
        expect(lea.get_by_role("link", name=name, exact=True)).to_be_visible()
    lea.get_by_role("link", name="Ravi", exact=True).click()
    expect(lea.locator("main")).to_contain_text("=HYPERLINK(1)")

    for n, act in enumerate(("Take the import back", "Forget this file")):
        lea.goto(IMPORT)
        lea.locator("#h-former + ul a").nth(n).click()
        lea.get_by_role("link", name=act).click()
        lea.locator("main form button").first.click()
    lea.goto("/f/calls/mangrove/applications/")

    expect(lea.get_by_text("No applications yet.")).to_be_visible()
    assert applications() == 0


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "before 2007"),
        ("page.xls", b"<html><table><tr><td>n</td></tr></table>", "neither a CSV"),
        ("photo.jpg", b"\xff\xd8\xff\xe0" + bytes(range(256)) * 8, "neither a CSV"),
    ],
)
def test_a_file_of_another_kind_is_refused_with_a_sentence(
    lea, call, name, content, said
):
    lea.goto(IMPORT)
    lea.get_by_label("The file").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )
    lea.get_by_role("button", name="Upload and look").click()

    expect(lea.locator("#errors")).to_contain_text(said)
    expect(lea.get_by_label("The file")).to_be_visible()


def test_the_pages_of_an_import_please_axe_and_fit_a_narrow_phone(lea, call):
    lea.set_viewport_size({"width": 320, "height": 800})
    found = []

    def look(where):
        found.extend(
            (where, fault["id"]) for fault in Axe().run(lea).response["violations"]
        )
        if (width := lea.evaluate("document.documentElement.scrollWidth")) > 320:
            found.append((where, width))

    bring(lea, table(LINES, kind="csv"))
    look("columns")
    lea.get_by_label("Who", exact=True).select_option(label="Name")
    lea.get_by_role("button", name="Check the lines").click()
    expect(lea.get_by_text("2 people will come in.")).to_be_visible()
    look("preview")
    lea.get_by_role("button", name="Bring them in").click()
    expect(lea.get_by_role("link", name="To the applications")).to_be_visible()
    look("done")

    assert found == []
