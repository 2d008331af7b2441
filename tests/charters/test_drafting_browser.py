"""Writing the first charter together, in browsers: by keyboard, in two scripts."""

import os

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from charters import amending
from charters.amending import Draft
from charters.models import ProposedClause
from tests.charters.test_charter_browser import open_page  # noqa: F401 - a fixture
from tests.conftest import person, seat

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CHARTER = "/c/birch/charter/"
# Where to put pictures of the pages, for whoever wants to look at them.
PICTURES = os.environ.get("PICTURES", "")


def look(page, name):
    found = [v["id"] for v in Axe().run(page).response["violations"]]
    sideways = page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)
    assert (found, sideways) == ([], False)


@pytest.fixture
def written(birch, now):
    """A draft of four lines in three sections, one of them the circle's own."""
    birch.cay = seat(birch.cohort, person("cay", language="ar"), joined_at=now)
    birch.amendment = amending.write_first(
        by=birch.ada,
        clauses=[
            Draft(section="feedback", title="Ask first", text="We ask, then advise."),
            Draft(section="feedback", title="Slowly", text="We leave pauses."),
            Draft(section="Money", title="Named early", text="Paid work is named."),
            Draft(section="اللغات", title="لغاتنا", text="نتكلم ببطء.", lang="ar"),
        ],
        now=now,
    )
    birch.draft = f"/c/birch/decisions/{birch.amendment.pk}/"
    return birch


def titles(cast):
    lines = ProposedClause.objects.visible_to(cast.ada.person).of(cast.amendment)
    return [line.title for _name, some in amending.by_section(lines) for line in some]


def test_five_questions_on_a_phone_without_script(birch, open_page):  # noqa: F811
    page = open_page(
        f"{CHARTER}questions/",
        birch.ada,
        script=False,
        viewport={"width": 320, "height": 700},
    )

    page.get_by_label("How do you want to be told something hard?").fill("Ask me.")
    page.get_by_role("button", name="Put my lines to the others").click()

    expect(page.get_by_role("heading", name="How we tell each other")).to_be_visible()


def test_lines_are_put_in_order_by_keyboard_alone(written, open_page):  # noqa: F811
    page = open_page(written.draft, written.ben)

    page.get_by_role("button", name="Up : Slowly").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Down : Slowly")).to_be_visible()
    page.get_by_role("button", name="Up : Money").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Down : Money")).to_be_visible()

    assert titles(written) == ["Named early", "Slowly", "Ask first", "لغاتنا"]


def test_whoever_looks_again_sees_where_somebody_is_writing(
    written,
    open_page,  # noqa: F811
):
    ben = open_page(written.draft, written.ben)
    ben.get_by_role("link", name="Change the words : Slowly").click()
    expect(ben.get_by_label("What we agree")).to_be_visible()

    ada = open_page(written.draft, written.ada, script=False)

    expect(ada.get_by_text("is writing at")).to_contain_text("Ben")


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_the_draft_its_form_and_the_questions_are_whole(
    written,
    open_page,  # noqa: F811
    width,
    scheme,
):
    for who in (written.ada, written.cay):
        page = open_page(
            written.draft,
            who,
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
        )
        tongue = page.evaluate("document.documentElement.lang")
        name = f"{tongue}-{width}-{scheme}"
        page.wait_for_load_state()
        look(page, f"draft-{name}")
        base = page.url.split("/c/")[0]
        line = ProposedClause.objects.visible_to(written.ada.person).get(title="Slowly")
        for part, path in {
            "form": f"/c/birch/decisions/clauses/{line.pk}/",
            "add": f"{written.draft}add/",
            "questions": f"{CHARTER}questions/",
        }.items():
            page.goto(base + path)
            look(page, f"{part}-{name}")


@pytest.mark.parametrize("width", [390, 1280])
def test_a_version_is_whole_on_screen_and_fits_on_paper(
    written,
    open_page,  # noqa: F811
    now,
    width,
):
    asked = amending.open_round(written.amendment, by=written.ada, now=now)
    for who in (written.ben, written.sol, written.cay):
        amending.answer(
            asked, by=who, kind="consent", text_hash=asked.text_hash, now=now
        )
    amending.adopt(written.amendment, by=written.ada, now=now)
    for who in (written.ada, written.cay):
        page = open_page(
            f"{CHARTER}v/1/", who, viewport={"width": width, "height": 900}
        )
        tongue = page.evaluate("document.documentElement.lang")
        look(page, f"version-{tongue}-{width}")
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 680, "height": 960})  # A4 without its edges
        look(page, f"print-{tongue}")
        expect(page.get_by_role("button")).to_have_count(0)
