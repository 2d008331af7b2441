"""The page for funders, by account and by link."""

import csv
import io
from datetime import timedelta

import pytest
from django.utils import timezone

from measurement import figures, sharing
from measurement.models import ShareLink
from tests.measurement.test_figures import fill, period


@pytest.fixture
def released(birch):
    fill(birch.cohort, "Africa/Nairobi", 30)
    fill(birch.oak, "America/Lima", 20)
    fill(birch.oak, "Europe/Warsaw", 3)
    birch.release = figures.release(
        birch.program,
        by=birch.lea,
        unknowns="Whether it lasts",
        **period(),
    )
    return birch


def test_funder_member_and_lead_see_the_same_page(client, released):
    pages = []
    for person in (released.fay, released.ada.person, released.lea):
        client.force_login(person)
        page = client.get("/evidence/riverbend/").content.decode()
        pages.append(page[page.index("<h1>") : page.index("</main>")])

    assert pages[0] == pages[1] == pages[2]
    assert "Whether it lasts" in pages[0]


def test_the_funders_today_opens_the_last_release(client, released):
    client.force_login(released.fay)

    page = client.get("/today/").content.decode()

    assert "Release 1 came out on" in page
    assert 'href="/evidence/riverbend/"' in page


def test_the_funders_today_says_that_nothing_is_released_yet(client, birch):
    client.force_login(birch.fay)

    assert "Nothing has been released yet" in client.get("/today/").content.decode()


def test_a_member_is_not_sent_to_the_release_first(client, released):
    client.force_login(released.ada.person)

    assert "came out on" not in client.get("/today/").content.decode()


def test_only_the_lead_finds_the_way_to_the_releases(client, released):
    ways = []
    for person in (released.fay, released.ada.person, released.lea):
        client.force_login(person)
        page = client.get("/evidence/riverbend/").content.decode()
        ways.append('href="/f/evidence/riverbend/"' in page)

    assert ways == [False, False, True]


def test_a_stranger_gets_the_404_of_a_missing_program(client, released):
    client.force_login(type(released.fay).objects.create_user("stranger@example.org"))

    assert client.get("/evidence/riverbend/").status_code == 404
    assert client.get("/evidence/no-such-program/").status_code == 404


def test_csv_json_and_page_say_the_same(client, released):
    client.force_login(released.fay)

    rows = list(
        csv.DictReader(
            io.StringIO(
                client.get("/evidence/riverbend/tables.csv").content.decode("utf-8-sig")
            )
        )
    )
    data = client.get("/evidence/riverbend/tables.json").json()
    page = client.get("/evidence/riverbend/").content.decode()

    from_csv = [(r["row"], r["number"]) for r in rows]
    from_json = [
        (row["row"], str(cell["number"] if cell["number"] is not None else ""))
        for table in data["tables"]
        for row in table["rows"]
        for cell in row["cells"]
    ]
    assert from_csv == from_json
    assert page.count('class="hidden-cell"') == sum(n == "" for _, n in from_csv)


def test_a_share_link_works_signed_out_until_it_is_revoked(client, released):
    link, token = sharing.make_link(
        released.program, by=released.lea, for_whom="A foundation", days=30
    )

    page = client.get(f"/evidence/shared/{token}/")
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store, private"
    assert token not in ShareLink.objects.get().token_hash
    sharing.revoke(link, by=released.lea)
    assert client.get(f"/evidence/shared/{token}/").status_code == 404


def test_a_share_link_ends_by_itself(client, released):
    _link, token = sharing.make_link(
        released.program,
        by=released.lea,
        for_whom="A foundation",
        days=30,
        now=timezone.now() - timedelta(days=31),
    )

    assert client.get(f"/evidence/shared/{token}/").status_code == 404


def test_withdrawing_and_revoking_are_asked_about_first(client, released):
    link, _token = sharing.make_link(
        released.program, by=released.lea, for_whom="the board", days=30
    )
    client.force_login(released.lea)
    releases = "/f/evidence/riverbend"

    asked = [
        client.get(f"{releases}/{released.release.pk}/withdraw/").content.decode(),
        client.get(f"{releases}/links/{link.pk}/revoke/").content.decode(),
    ]

    released.release.refresh_from_db()
    link.refresh_from_db()
    assert "Withdraw release 1?" in asked[0]
    assert "Revoke the link for the board?" in asked[1]
    assert (released.release.withdrawn_at, link.revoked_at) == (None, None)


def test_a_withdrawn_release_is_seen_by_nobody(client, released):
    figures.withdraw(released.release, program=released.program, by=released.lea)
    client.force_login(released.fay)

    assert "Nothing has been released" in (
        client.get("/evidence/riverbend/").content.decode()
    )


def test_the_lead_looks_before_it_leaves(client, released):
    client.force_login(released.lea)
    today = timezone.localdate()
    form = {
        "period_from": (today - timedelta(days=30)).isoformat(),
        "period_to": today.isoformat(),
        "threshold": "10",
    }

    looked = client.post("/f/evidence/riverbend/new/", {**form, "look": "1"})

    assert "hidden" in looked.content.decode()
    assert client.get("/evidence/riverbend/?release=2").status_code == 404


def test_a_threshold_below_five_is_refused_and_the_form_keeps_its_words(
    client, released
):
    client.force_login(released.lea)
    today = timezone.localdate().isoformat()

    answer = client.post(
        "/f/evidence/riverbend/new/",
        {
            "period_from": today,
            "period_to": today,
            "threshold": "2",
            "unknowns": "Much is unknown",
        },
    )

    assert answer.status_code == 422
    assert "Much is unknown" in answer.content.decode()


def test_a_reviewer_does_not_release(client, released):
    client.force_login(released.rex)

    assert client.get("/f/evidence/riverbend/").status_code == 404
