"""Hard days of composing: nobody, all alike, no hours, odd names, two at once."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from cohorts import moving, publishing, seating, signing, solving
from cohorts.models import Cohort, Composition, Invitation, Seat
from tests.cohorts.pool import EVENINGS, intake_of, offered, six
from tests.cohorts.test_composing_pages import FORM
from tests.cohorts.test_seating import ASKED, board, composed, elsewhere, seat_of

FORMULA = "=HYPERLINK(1)"
LONG = "Wolfeschlegelsteinhausenbergerdorff " * 8
NAMES = ["李小龍", "أمينة بنت خالد", "Нина", "Ọlábísí", "Björk", "X", FORMULA, LONG]


@pytest.fixture
def intake(birch):
    return intake_of(birch.program)


@pytest.fixture
def lea(client, birch):
    client.force_login(birch.lea)
    return client


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


def asked(**changed):
    return seating.Asked(**{**ASKED.__dict__, "protected": (), "vary": (), **changed})


# How many there are


def test_with_nobody_every_page_has_a_sentence(lea, intake):
    pages = [
        text(lea.get(f"/f/compose/spring/{page}")) for page in ("new/", "compare/")
    ]
    listed = text(lea.get("/f/compose/"))
    sent = lea.post("/f/compose/spring/new/", FORM)

    assert "Nobody was offered a seat in this call yet." in pages[0]
    assert "No proposal stands." in pages[1]
    assert "No proposal yet." in listed
    assert (sent.status_code, Composition.objects.unsealed("all").count()) == (422, 0)


def test_three_people_for_four_seats_sit_together(lea, intake):
    for name in ("Ana", "Bo", "Cem"):
        offered(intake, name)

    form = {**FORM, "groups": "1", "size_min": "2", "size_max": "4", "protected": []}
    page = text(lea.post("/f/compose/spring/new/", form, follow=True))

    assert "From six people on, a proposal says something." in text(
        lea.get("/f/compose/spring/new/")
    )
    assert "Composing one cohort" in page
    assert "3 of 4 seats" in page
    assert "every rule is kept" in page


def test_one_person_sits_alone_if_that_is_asked(birch, intake):
    offered(intake, "Ana")

    proposal = composed(intake, birch.lea, asked=asked(groups=1, size_min=1))

    assert board(proposal) == {"Circle 1": {"Ana"}}
    assert proposal.broken == 0


def test_more_people_than_seats_the_others_wait_with_a_reason(lea, birch, intake):
    for n in range(8):
        offered(intake, f"P{n}", code=f"P{n}")
    proposal = composed(intake, birch.lea, asked=asked(groups=1, size_max=5))

    page = text(lea.get("/f/compose/spring/1/"))

    assert len(board(proposal)[None]) == 3
    assert page.count("All seats are taken.") == 3


def test_everybody_the_same_is_no_puzzle(lea, birch, intake):
    for n in range(12):
        offered(
            intake,
            f"P{n}",
            code=f"P{n}",
            said={"language": "English", "role": "lead"},
            offers=["data"],
            needs=["data"],
        )
    proposal = composed(
        intake, birch.lea, asked=asked(protected=("language",), size_max=8)
    )

    assert proposal.broken == 0
    assert None not in board(proposal)
    assert lea.get("/f/compose/spring/1/ties/").status_code == 200


# Hours


def test_who_did_not_say_their_hours_sits_and_is_to_be_asked(lea, birch, intake):
    six(intake)
    offered(intake, "Zed", availability="")

    proposal = composed(intake, birch.lea, asked=asked())
    page = text(lea.get("/f/compose/spring/1/"))

    assert proposal.broken == 0
    assert "Zed did not say when they can meet. Ask before you publish." in page


def test_nobody_said_any_hours(lea, birch, intake):
    for n in range(6):
        offered(intake, f"P{n}", code=f"P{n}", availability="")

    proposal = composed(intake, birch.lea, asked=asked())

    assert proposal.broken == 0
    assert lea.get("/f/compose/spring/1/").status_code == 200


def test_half_hour_and_quarter_hour_zones_meet_where_their_hours_do(lea, birch, intake):
    """Evenings of Kathmandu (+5:45), Kolkata (+5:30) and Dhaka (+6) overlap."""
    for n, zone in enumerate(
        ("Asia/Kathmandu", "Asia/Kolkata", "Asia/Dhaka", "Asia/Kathmandu")
    ):
        offered(intake, f"P{n}", code=f"P{n}", timezone=zone, availability=EVENINGS)

    proposal = composed(intake, birch.lea, asked=asked(groups=1))
    page = text(lea.get("/f/compose/spring/1/"))

    assert proposal.broken == 0
    assert "All 4:" in page


def test_who_shares_no_hour_is_told_apart(lea, birch, intake):
    nights = "".join("3" * 8 + "0" * 40 for _day in range(7))
    for n in range(3):
        offered(intake, f"P{n}", code=f"P{n}")
    offered(intake, "Owl", availability=nights)

    proposal = composed(intake, birch.lea, asked=asked(groups=1, size_min=4))
    page = text(lea.get("/f/compose/spring/1/"))

    assert proposal.broken == 1
    assert "No hour for everybody" in page
    assert "These rules cannot all be kept" in page


# Names


def test_names_in_any_script_and_of_any_length_stand_on_every_page(lea, birch, intake):
    for n, name in enumerate(NAMES):
        offered(
            intake, name, code=f"P{n}", email=f"p{n}@example.org", ties=[NAMES[n - 1]]
        )
    composed(intake, birch.lea, asked=asked(groups=2, size_min=4))
    seat = Seat.objects.unsealed("all").first()
    proposal = Composition.objects.unsealed("all").get()

    pages = [
        text(lea.get(f"/f/compose/spring/1/{page}"))
        for page in ("", "why/", "ties/", f"seats/{seat.pk}/")
    ]
    signing = text(lea.get(f"/f/compose/sign/{proposal.pk}/"))

    for name in NAMES:
        assert name.strip() in pages[0]
        assert name.strip() in pages[2]
        assert name.strip() in signing


def test_a_name_that_is_markup_is_shown_as_it_is(lea, birch, intake):
    for n in range(4):
        offered(intake, "<b>Ana</b>", code=f"P{n}", email=f"p{n}@example.org")
    composed(intake, birch.lea, asked=asked(groups=1))

    for page in ("", "why/", "ties/", "ways-out/"):
        assert "<b>Ana" not in text(lea.get(f"/f/compose/spring/1/{page}"))


# Twice, and two at once


@pytest.mark.django_db(transaction=True)
def test_two_leads_move_at_once_one_moves_and_one_is_told(birch, intake):
    six(intake)
    proposal = composed(intake, birch.lea)
    seats = [seat_of(proposal, name) for name in ("Huda", "Amina")]

    def press(seat):
        try:
            client = Client()
            client.force_login(birch.lea)
            return client.post(
                f"/f/compose/spring/1/seats/{seat.pk}/move/",
                {"to": "waiting", "edition": proposal.edition},
            ).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as leads:
        answers = sorted(leads.map(press, seats))

    assert answers == [302, 409]
    assert len(board(proposal)[None]) == 1


def test_a_swap_an_undo_and_a_pin_from_an_old_page_change_nothing(lea, birch, intake):
    six(intake)
    proposal = composed(intake, birch.lea)
    huda = seat_of(proposal, "Huda")
    other = next(
        seat
        for seat in Seat.objects.unsealed("all").filter(composition=proposal)
        if seat.group_id != huda.group_id
    )
    old = {"edition": proposal.edition}
    moving.move(
        seat_of(proposal, "Amina"), to=None, by=birch.lea, edition=proposal.edition
    )
    before, here = board(proposal), f"/f/compose/spring/1/seats/{huda.pk}/"

    answers = [
        lea.post(f"{here}swap/", {**old, "other": str(other.pk)}),
        lea.post(f"{here}pin/", {**old, "pinned": "1"}),
        lea.post("/f/compose/spring/1/undo/", old),
        lea.post("/f/compose/spring/1/update/", old),
    ]

    assert [one.status_code for one in answers] == [409] * 4
    assert all("Somebody moved people while" in text(one) for one in answers)
    assert (board(proposal), seat_of(proposal, "Huda").pinned) == (before, False)


@pytest.mark.django_db(transaction=True)
def test_the_form_sent_twice_at_once_begins_one_proposal(birch, intake):
    six(intake)
    form = {**FORM, "client_key": "0199aaaa-0000-7000-8000-000000000003"}

    def press(_n):
        try:
            client = Client()
            client.force_login(birch.lea)
            return client.post("/f/compose/spring/new/", form)["Location"]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pages:
        led_to = set(pages.map(press, range(2)))

    assert led_to == {"/f/compose/spring/1/"}
    proposal = Composition.objects.unsealed("all").get()
    assert Seat.objects.unsealed("all").filter(composition=proposal).count() == 6


def test_a_move_sent_twice_is_one_move(lea, birch, intake):
    six(intake)
    proposal = composed(intake, birch.lea)
    huda = seat_of(proposal, "Huda")
    form = {"to": str(elsewhere(proposal, huda).pk), "edition": proposal.edition}

    answers = [
        lea.post(f"/f/compose/spring/1/seats/{huda.pk}/move/", form).status_code
        for _ in range(2)
    ]

    assert answers == [302, 409]
    last = moving.last_move(proposal)
    proposal.refresh_from_db()
    moving.undo(proposal, by=birch.lea, edition=proposal.edition)
    assert (last.seat, moving.last_move(proposal)) == (huda, None)


@pytest.mark.django_db(transaction=True)
def test_signing_and_publishing_twice_at_once_is_once(birch, intake):
    six(intake)
    proposal = composed(intake, birch.lea)
    signing.ask_to_sign(proposal, birch.sol.person, by=birch.lea)
    stands = {"arrangement": signing.arrangement_of(proposal), "answer": "sign"}

    def press(page):
        person, url, form = page
        try:
            client = Client()
            client.force_login(person)
            return client.post(url, form).status_code
        finally:
            connection.close()

    sign = f"/f/compose/sign/{proposal.pk}/"
    with ThreadPoolExecutor(2) as pages:
        for person in (birch.lea, birch.sol.person):
            signed = list(pages.map(press, [(person, sign, stands)] * 2))
            assert signed == [302, 302]
        published = list(
            pages.map(press, [(birch.lea, "/f/compose/spring/1/publish/", {})] * 2)
        )

    assert published == [302, 302]
    assert len(signing.signatures_of(proposal)) == 2
    assert Cohort.objects.count() == 4
    assert Invitation.objects.unsealed("all").count() == 8


# People who change while it is composed


def test_who_withdraws_during_the_search_is_told_and_brought_out(lea, birch, intake):
    people = six(intake)
    begun = seating.propose(intake, asked=ASKED, by=birch.lea, seed=7)
    huda = people["Huda"]
    huda.state, huda.withdrawn_at = "withdrawn", timezone.now()
    huda.save()

    proposal = solving.solve(begun.pk)

    assert "1 person no longer comes." in text(lea.get("/f/compose/spring/1/"))
    assert publishing.what_hinders(proposal)[-1] == (
        "Somebody's answer changed since. Bring the proposal up to date."
    )


def test_an_application_that_is_erased_during_the_search_leaves_no_seat(birch, intake):
    people = six(intake)
    begun = seating.propose(intake, asked=asked(), by=birch.lea, seed=7)
    people["Huda"].delete()

    proposal = solving.solve(begun.pk)

    assert set().union(*board(proposal).values()) == set(people) - {"Huda"}


# Comparing


def test_two_proposals_that_differ_only_in_names_seat_all_with_the_same(
    lea, birch, intake
):
    six(intake)
    first = composed(intake, birch.lea, seed=3)
    composed(intake, birch.lea, seed=3, names=("Other", "Another"))

    page = text(lea.get("/f/compose/spring/compare/"))

    assert "Everybody sits with the same people in both." in page
    assert seating.sit_elsewhere(first, first) == []


def test_who_sits_with_others_is_named_with_both_places(lea, birch, intake):
    six(intake)
    composed(intake, birch.lea, seed=3)
    second = composed(intake, birch.lea, seed=3)
    huda = seat_of(second, "Huda")
    moving.move(huda, to=None, by=birch.lea, edition=second.edition)

    page = text(lea.get("/f/compose/spring/compare/"))
    same = text(lea.get("/f/compose/spring/compare/", {"one": "1", "other": "1"}))

    assert "1 person sits with others." in page
    assert f"<td><bdi>{huda.group.name}</bdi></td><td><bdi>Waiting</bdi></td>" in page
    assert "People were moved since." in page
    assert "Choose two different proposals." in same
