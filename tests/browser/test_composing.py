"""From a proposal to a cohort in real browsers: by keyboard, and without a script."""

import re
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from cohorts import joining, moving, seating, solving
from cohorts.arranging import Step
from cohorts.models import Composition, Invitation, Membership
from tests.cohorts.pool import intake_of, offered, six
from tests.cohorts.test_seating import ASKED, composed, elsewhere, seat_of
from tests.embedded.running import streaming

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BOARD = "/f/compose/spring/1/"


@pytest.fixture
def window(browser, live_server):
    """Opens a browser of somebody's own; of nobody's, for None."""
    contexts = []

    def open_as(person, **settings):
        context = browser.new_context(base_url=live_server.url, **settings)
        if person is not None:
            client = Client()  # its own: signing in ends a client's earlier session
            client.force_login(person)
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
        page.set_default_timeout(15_000)
        return page

    yield open_as
    for context in contexts:
        context.close()


@pytest.fixture
def proposal(birch):
    intake = intake_of(birch.program)
    six(intake)
    return composed(intake, birch.lea)


def test_somebody_is_moved_by_keyboard_and_focus_stays_with_them(
    window, birch, proposal
):
    huda = seat_of(proposal, "Huda")
    to = elsewhere(proposal, huda)
    page = window(birch.lea)
    page.goto(BOARD)

    place = page.get_by_label("Place Huda")
    place.focus()
    page.keyboard.type(to.name)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("#said")).to_have_text(f"Huda sits in {to.name} now.")
    expect(page.get_by_label("Place Huda")).to_be_focused()
    expect(page.get_by_label("Place Huda")).to_have_value(str(to.pk))
    expect(page.get_by_text("Huda could be the only one")).to_be_visible()
    # The page itself was not loaded anew: its heading still stands where it was.
    assert page.url.endswith(BOARD)

    page.get_by_role("button", name="Undo last move").press("Enter")

    expect(page.locator("#said")).to_have_text("Huda is back where they were.")
    assert seat_of(proposal, "Huda").group_id == huda.group_id


def test_in_a_crowd_somebody_is_found_and_moved_by_keyboard_alone(
    window, birch, proposal, monkeypatch
):
    monkeypatch.setattr("cohorts.board.UNFOLDED_UP_TO", 3)
    huda = seat_of(proposal, "Huda")
    to = elsewhere(proposal, huda)
    page = window(birch.lea)
    page.goto(BOARD)
    page.get_by_label("Find somebody on the board").focus()
    page.keyboard.type("hud")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/*#seat-{huda.pk}")

    # From the one who was found: why here, the place, the button.
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Place Huda")).to_be_focused()
    page.keyboard.type(to.name)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("#said")).to_have_text(f"Huda sits in {to.name} now.")
    expect(page.get_by_label("Place Huda")).to_be_focused()
    assert seat_of(proposal, "Huda").group_id == to.pk


def test_in_a_crowd_circles_are_opened_without_a_script(
    window, birch, proposal, monkeypatch
):
    monkeypatch.setattr("cohorts.board.UNFOLDED_UP_TO", 3)
    one, other = seating.groups_of(proposal)
    away = seating.seats_of(proposal).filter(group=other).first()
    called = away.application.called
    page = window(birch.lea, java_script_enabled=False)
    page.goto(BOARD)
    expect(page.get_by_label(f"Place {called}")).to_have_count(0)

    page.get_by_role("link", name=f"people in {other.name}").click()
    page.get_by_label(f"Place {called}").select_option(label=one.name)
    page.get_by_role("button", name=f"Move {called}").click()

    expect(page.get_by_text(f"{called} sits in {one.name} now.").first).to_be_visible()
    expect(page.locator(f"#seat-{away.pk}:target")).to_be_visible()
    expect(page.get_by_role("link", name="people in")).to_have_count(0)


def test_two_leads_at_once_the_later_one_sees_both_wishes(window, birch, proposal):
    huda, amina = seat_of(proposal, "Huda"), seat_of(proposal, "Amina")
    one, other = window(birch.lea), window(birch.lea)
    for page in (one, other):
        page.goto(BOARD)

    one.get_by_label("Place Huda").select_option("waiting")
    one.get_by_role("button", name="Move Huda").click()
    expect(one.locator("#said")).to_have_text("Huda waits now.")
    other.get_by_label("Place Amina").select_option("waiting")
    other.get_by_role("button", name="Move Amina").click()

    expect(other.locator("#said")).to_contain_text("Somebody moved people")
    expect(other.get_by_label("Place Amina")).to_have_value("waiting")
    assert seat_of(proposal, "Amina").group_id == amina.group_id
    assert seat_of(proposal, "Huda").group_id is None != huda.group_id

    other.get_by_role("button", name="Move Amina").click()

    expect(other.locator("#said")).to_have_text("Amina waits now.")


def test_from_a_proposal_to_a_seat_without_a_script(window, birch):
    """Lea proposes and signs, Sol signs, Lea publishes, Huda comes in."""
    six(intake_of(birch.program))
    plain = {"java_script_enabled": False, "viewport": {"width": 390, "height": 844}}
    lea = window(birch.lea, **plain)
    lea.goto("/f/compose/spring/")
    lea.get_by_role("button", name="Make a proposal").click()
    expect(lea.get_by_role("heading", level=1)).to_have_text("Composing 2 cohorts")
    lea.get_by_label("Place Huda").select_option("waiting")
    lea.get_by_role("button", name="Move Huda").click()
    expect(lea.get_by_text("Huda waits now.").first).to_be_visible()
    assert re.search(r"\?moved=[0-9a-f-]{36}#seat-", lea.url)
    lea.get_by_role("button", name="Undo last move").click()
    lea.get_by_role("link", name="Sign and publish").click()
    lea.get_by_label("Whom?").select_option(label="Sol")
    lea.get_by_role("button", name="Ask").click()
    lea.get_by_role("button", name="I sign").click()
    expect(lea.get_by_text("One more person has to sign")).to_be_visible()

    sol = window(birch.sol.person, **plain)
    sol.goto("/today/")
    sol.get_by_role("link", name="Cohorts for Spring").click()
    sol.get_by_role("button", name="I sign").click()
    expect(sol.get_by_text("Signed by two.")).to_be_visible()

    lea.reload()
    lea.get_by_role("link", name="Make the cohorts").click()
    lea.get_by_role("button", name="Make the cohorts").click()
    expect(lea.get_by_text("These cohorts were made from it")).to_be_visible()

    letter = Invitation.objects.unsealed("the test opens the mail").get(called="Huda")
    huda = window(None, **plain)
    huda.goto(f"/invite/{letter.secret()}/")
    huda.get_by_label("Which language shall the pages speak?").select_option("en")
    huda.get_by_role("button", name="Take the seat").click()
    expect(huda.get_by_role("heading", level=1)).to_contain_text("Huda")
    huda.get_by_role("link", name="Cohort", exact=True).click()
    expect(huda.get_by_role("heading", level=1)).to_have_text(letter.cohort.name)
    assert Membership.objects.active().get(person__called="Huda").cohort == (
        letter.cohort
    )


def searching(birch):
    """One search under way, and one that found rules which cannot be kept."""
    intake = intake_of(birch.program, slug="other", name="Other")
    one, two, *_more = [
        str(offered(intake, f"P{n}", code=f"P{n}", ties=["P0"]).pk) for n in range(6)
    ]
    asked = {"together": ((one, two),), "apart": ((one, two),)}
    seating.propose(intake, asked=ASKED, by=birch.lea)
    composed(intake, birch.lea, asked=seating.Asked(**{**ASKED.__dict__, **asked}))


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_pages_please_axe_and_fit_a_narrow_phone(
    window, birch, proposal, live_server, language
):
    huda = seat_of(proposal, "Huda")
    moving.move(
        huda, to=elsewhere(proposal, huda), by=birch.lea, edition=proposal.edition
    )
    letter = joining.invite("nia@example.org", into=birch.cohort, by=birch.lea)
    searching(birch)
    pages = {
        birch.lea: [
            BOARD,
            f"{BOARD}ways-out/",
            f"{BOARD}ties/",
            f"{BOARD}why/",
            "/f/compose/spring/compare/",
            "/f/compose/other/1/",
            "/f/compose/other/2/",
            f"{BOARD}seats/{huda.pk}/",
            "/f/compose/spring/new/",
            f"/f/compose/sign/{proposal.pk}/",
            "/f/",
        ],
        birch.sol.person: ["/f/birch/people/", "/today/", "/c/birch/"],
        None: [f"/invite/{letter.secret()}/"],
    }
    found = []
    for person, paths in pages.items():
        page = window(person, viewport={"width": 320, "height": 800})
        page.context.add_cookies(
            [{"name": "django_language", "value": language, "url": live_server.url}]
        )
        for path in paths:
            page.goto(path)
            page.evaluate(
                "document.querySelectorAll('details').forEach((d) => { d.open = true })"
            )
            wide = page.evaluate(
                "document.documentElement.scrollWidth"
                " - document.documentElement.clientWidth"
            )
            if wide > 0:
                found.append(f"{path} is {wide} px too wide")
            for fault in Axe().run(page).response["violations"]:
                node = fault["nodes"][0]["html"][:120]
                found.append(f"{path}: {fault['id']} at {node}")

    assert found == []


@pytest.fixture
def begun(birch):
    intake = intake_of(birch.program)
    six(intake)
    return seating.propose(intake, asked=ASKED, by=birch.lea, seed=7)


def tells(begun, **progress):
    Composition.objects.unsealed("the search tells").filter(pk=begun.pk).update(
        progress=progress, heard_at=timezone.now()
    )


def test_whoever_waits_sees_how_far_it_is_and_then_the_board(window, birch, begun):
    tells(begun, done=0.1, broken=2, value=0.5, at_most=0.6)
    page = window(birch.lea)
    page.goto(BOARD)
    expect(page.get_by_text("The best so far breaks 2 rules.")).to_be_visible()
    stop = page.get_by_role("button", name="Stop here, with the best so far")
    stop.focus()

    tells(begun, done=0.4, broken=0, value=0.582, at_most=0.6)

    expect(page.get_by_text("within 3 % of the best anyone could do")).to_be_visible()
    # What changes by itself takes nobody's focus.
    expect(stop).to_be_focused()

    Composition.objects.unsealed("its worker died").filter(pk=begun.pk).update(
        heard_at=None
    )
    solving.solve(begun.pk)

    expect(page.get_by_role("heading", level=1)).to_have_text("Composing 2 cohorts")


@pytest.fixture
def stream(live_server, settings):
    with streaming(settings, live_server.url) as port:
        yield port


def test_the_stream_brings_what_the_search_tells(stream, window, birch, begun):
    """The clock of the page stands still: what comes, comes over the stream."""
    following = solving.Following(begun.pk)
    page = window(birch.lea)
    page.clock.install()
    with page.expect_response(lambda answer: "/live/" in answer.url):
        page.goto(BOARD)
    page.clock.pause_at(timezone.now() + timedelta(minutes=1))

    following(Step(done=0.4, broken=0, value=0.582, at_most=0.6))

    expect(page.get_by_text("within 3 % of the best anyone could do")).to_be_visible()

    Composition.objects.unsealed("its worker died").filter(pk=begun.pk).update(
        heard_at=None
    )
    solving.solve(begun.pk)

    expect(page.get_by_role("heading", level=1)).to_have_text("Composing 2 cohorts")


def test_without_a_script_it_is_stopped_and_looked_at_again(window, birch, begun):
    tells(begun, done=0.4, broken=0, value=0.1, at_most=0.6)
    page = window(birch.lea, java_script_enabled=False)
    page.goto(BOARD)

    page.get_by_role("button", name="Stop here, with the best so far").press("Enter")
    expect(page.get_by_text("It ends with the next step")).to_be_visible()
    Composition.objects.unsealed("its worker died").filter(pk=begun.pk).update(
        heard_at=None
    )
    solving.solve(begun.pk)
    page.get_by_role("link", name="Look again").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Composing 2 cohorts")


def test_somebody_is_dragged_to_another_circle(window, birch, proposal):
    huda = seat_of(proposal, "Huda")
    to = elsewhere(proposal, huda)
    page = window(birch.lea, viewport={"width": 1280, "height": 2400})
    page.goto(BOARD)

    page.locator(f"#seat-{huda.pk} h3").drag_to(page.locator(f'[data-to="{to.pk}"] h2'))

    expect(page.locator("#said")).to_have_text(f"Huda sits in {to.name} now.")
    assert seat_of(proposal, "Huda").group_id == to.pk


def test_a_rule_that_cannot_be_kept_is_eased_by_keyboard(window, birch):
    people = six(intake_of(birch.program))
    pair = (str(people["Huda"].pk), str(people["Farah"].pk))
    asked = seating.Asked(**{**ASKED.__dict__, "together": (pair,), "apart": (pair,)})
    composed(people["Huda"].intake, birch.lea, asked=asked)
    page = window(birch.lea)
    page.goto(BOARD)

    page.get_by_role("button", name=re.compile("Ease this one")).first.press("Enter")

    expect(page.get_by_text("every rule is kept").first).to_be_visible()
    assert page.url.endswith("/f/compose/spring/2/")
