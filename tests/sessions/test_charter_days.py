"""Sessions and the charter: the days it is remembered by, and where it begins."""

from datetime import timedelta

import pytest

from charters import amending
from charters.amending import Draft
from sessions import hosting
from tests.charters.conftest import adopt_by_all
from tests.charters.test_pages import at


def test_a_session_is_a_day_to_remember_it_by(client, founded, live):
    hosting.close(live, by=founded.sol, now=live.starts_at + timedelta(hours=1))
    client.force_login(founded.ben.person)

    offered = client.get(at("charter_version", 1)).content.decode()
    held = client.get("/c/birch/sessions/1/").content.decode()

    assert '<option value="2027-03-11">Session 1 · Thursday 11 March' in offered
    assert f"{at('charter')}?on=2027-03-11" in held


@pytest.mark.parametrize("path", ["", "live/"])
def test_where_there_is_no_charter_a_session_offers_five_questions(
    client, birch, live, now, path
):
    url = f"/c/birch/sessions/1/{path}"
    client.force_login(birch.ben.person)

    before = client.get(url).content.decode()
    tea = Draft(section="own", title="Tea", text="There is tea.")
    adopt_by_all(birch, amending.propose(by=birch.ada, clauses=[tea], now=now), now=now)
    after = client.get(url).content.decode()

    assert at("charter_questions") in before
    assert at("charter_questions") not in after


def test_a_review_is_planned_as_a_session_with_its_agenda_and_day(client, birch):
    client.force_login(birch.sol.person)

    page = client.get(
        "/c/birch/sessions/new/?template=quarterly-review&day=2031-04-04"
    ).content.decode()

    assert '<option value="quarterly-review" selected>' in page
    assert 'value="2031-04-04"' in page
    assert "Quarterly charter review" in page


def test_an_address_that_asks_for_nonsense_plans_as_ever(client, birch):
    client.force_login(birch.sol.person)

    page = client.get("/c/birch/sessions/new/?template=none&day=soon")

    assert page.status_code == 200
