"""Invitations, agreements and the people of a cohort, as pages."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cohorts import agreements, joining
from cohorts.models import Cohort, Invitation, Membership
from people.models import Export, User
from tests.conftest import person, seat


@pytest.fixture
def letter(birch):
    return joining.invite(
        "nia@example.org", into=birch.cohort, by=birch.sol.person, called="Nia"
    )


@pytest.fixture
def door(letter):
    return reverse("cohorts:invitation", args=[letter.secret()])


def sits(name):
    return Membership.objects.active().filter(person__email=f"{name}@example.org")


NEW = {"called": "Nia", "timezone": "Africa/Kampala", "language": "sw"}


# The invitation


def test_opening_the_link_tells_who_invites_and_changes_nothing(client, letter, door):
    page = client.get(door)

    assert page.status_code == 200
    assert "<bdi>Sol</bdi> would like to have you" in page.content.decode()
    assert "no-store" in page["Cache-Control"] or "no-cache" in page["Cache-Control"]
    letter.refresh_from_db()
    assert (letter.state, User.objects.filter(email=letter.email).exists()) == (
        "waiting",
        False,
    )


def test_somebody_new_says_three_things_and_is_in(client, letter, door):
    response = client.post(f"{door}accept/", NEW)

    assert response["Location"] == "/today/"
    nia = User.objects.get(email="nia@example.org")
    assert (nia.called, nia.timezone, nia.language) == ("Nia", "Africa/Kampala", "sw")
    assert client.get("/c/birch/").status_code == 200


def test_a_missing_name_is_asked_for_and_nothing_is_made(client, letter, door):
    response = client.post(f"{door}accept/", {**NEW, "called": " "})

    assert response.status_code == 422
    assert not User.objects.filter(email="nia@example.org").exists()


def test_somebody_with_an_account_signs_in_first(client, letter, door):
    person("nia")

    response = client.post(f"{door}accept/", NEW)

    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/?next=")
    assert not sits("nia").exists()


def test_somebody_signed_in_joins_with_one_press(client, letter, door):
    client.force_login(person("nia"))

    client.post(f"{door}accept/")
    again = client.post(f"{door}accept/")

    assert again["Location"] == "/today/"
    assert sits("nia").count() == 1


def test_the_link_is_not_for_others(client, letter, door):
    client.force_login(person("zoe"))

    page = client.get(door).content.decode()
    response = client.post(f"{door}accept/")

    assert "You are signed in as zoe@example.org" in page
    assert response.status_code == 409
    assert not sits("zoe").exists()


def test_a_used_link_signs_nobody_in(client, letter, door):
    client.post(f"{door}accept/", NEW)
    client.logout()

    response = client.post(f"{door}accept/", NEW)

    assert response["Location"].startswith("/sign-in/")
    assert "_auth_user_id" not in client.session


def test_a_link_taken_back_makes_no_account(client, birch, letter, door):
    joining.revoke(letter, by=birch.sol.person)

    response = client.post(f"{door}accept/", NEW)

    assert response.status_code == 409
    assert not User.objects.filter(email="nia@example.org").exists()


def test_declining_asks_once_and_names_somebody_to_talk_to(client, letter, door):
    asked = client.get(f"{door}decline/").content.decode()
    client.post(f"{door}decline/", {"note": "Next year."})
    page = client.get(door).content.decode()

    assert "Decline the seat in Birch?" in asked
    assert "The seat is declined." in page
    assert "sol@example.org" in page
    letter.refresh_from_db()
    assert letter.note == "Next year."


@pytest.mark.parametrize("secret", ["nothing", "x" * 43])
def test_a_link_that_is_none_gives_the_404_of_a_missing_page(client, db, secret):
    assert client.get(f"/invite/{secret}/").status_code == 404
    assert client.post(f"/invite/{secret}/accept/", NEW).status_code == 404


def test_the_page_speaks_the_language_of_the_letter(client, birch):
    letter = joining.invite(
        "omar@example.org", into=birch.cohort, by=birch.sol.person, language="ar"
    )

    page = client.get(reverse("cohorts:invitation", args=[letter.secret()]))

    assert '<html lang="ar" dir="rtl"' in page.content.decode()


def test_an_invitation_waits_on_today(client, birch):
    oak = joining.invite("ada@example.org", into=birch.oak, by=birch.lea)
    client.force_login(birch.ada.person)

    page = client.get("/today/").content.decode()

    assert "A seat in Oak" in page
    assert reverse("cohorts:invitation", args=[oak.secret()]) in page


# The people of a cohort


def test_a_facilitator_invites_by_form(client, birch):
    client.force_login(birch.sol.person)

    response = client.post(
        "/f/birch/people/", {"email": "nia@example.org", "role": "member"}
    )

    assert response.status_code == 302
    sent = Invitation.objects.visible_to(birch.sol.person).get()
    assert (sent.email, sent.founding) == ("nia@example.org", False)


def test_inviting_a_member_again_says_so_beside_the_field(client, birch):
    client.force_login(birch.sol.person)

    response = client.post(
        "/f/birch/people/", {"email": "ada@example.org", "role": "member"}
    )

    assert response.status_code == 422
    assert "sits in the cohort already" in response.content.decode()


@pytest.mark.parametrize("who", ["ada", "oma", "rex", "fay", "zoe"])
def test_the_people_page_is_for_facilitators_and_leads(client, birch, who):
    known = getattr(birch, who, None)
    client.force_login(getattr(known, "person", known) or person(who))

    assert client.get("/f/birch/people/").status_code == 404


def test_a_lead_sees_the_people_of_the_programs_cohorts(client, birch):
    client.force_login(birch.lea)

    assert client.get("/f/birch/people/").status_code == 200


def test_removing_asks_first(client, birch):
    client.force_login(birch.sol.person)
    url = f"/f/birch/people/{birch.ada.pk}/remove/"

    asked = client.get(url).content.decode()
    still = sits("ada").exists()
    client.post(url)

    assert "Remove Ada from Birch?" in asked
    assert (still, sits("ada").exists()) == (True, False)


def test_a_member_removed_while_a_page_is_open_is_a_stranger(client, birch):
    client.force_login(birch.ada.person)
    assert client.get("/c/birch/").status_code == 200

    joining.remove(birch.ada, by=birch.sol.person)

    assert client.get("/c/birch/").status_code == 404
    assert client.post("/c/birch/leave/").status_code == 404


def test_a_seat_of_another_cohort_cannot_be_reached_from_here(client, birch):
    client.force_login(birch.sol.person)

    response = client.post(f"/f/birch/people/{birch.oma.pk}/remove/")

    assert response.status_code == 404
    assert sits("oma").exists()


def test_an_invitation_of_another_cohort_cannot_be_reached_from_here(client, birch):
    oak = joining.invite("x@example.org", into=birch.oak, by=birch.lea)
    client.force_login(birch.sol.person)

    response = client.post(f"/f/birch/invitations/{oak.pk}/revoke/")

    oak.refresh_from_db()
    assert (response.status_code, oak.state) == (404, "waiting")


def test_the_last_facilitator_reads_why_not(client, birch):
    client.force_login(birch.sol.person)

    response = client.post("/c/birch/leave/")

    assert response.status_code == 409
    assert "Hand facilitation over first" in response.content.decode()


def test_facilitation_is_handed_over_by_form(client, birch):
    client.force_login(birch.sol.person)

    client.post(f"/f/birch/people/{birch.sol.pk}/hand-over/", {"to": str(birch.ada.pk)})

    assert client.get("/f/birch/people/").status_code == 200
    client.force_login(birch.ada.person)
    asked = Invitation.objects.unsealed("the test reads all").get()
    assert "Will you hold Birch?" in client.get("/today/").content.decode()
    page = client.get(f"/invite/{asked.secret()}/").content.decode()
    assert "Sol</bdi> asks you to hold this circle" in page
    client.post(f"/invite/{asked.secret()}/accept/")
    assert client.get("/f/birch/people/").status_code == 200
    client.force_login(birch.sol.person)
    assert client.get("/f/birch/people/").status_code == 404


def test_nobody_holds_a_cohort_without_saying_yes(client, birch):
    client.force_login(birch.sol.person)

    client.post(f"/f/birch/people/{birch.ada.pk}/facilitate/")

    birch.ada.refresh_from_db()
    assert not birch.ada.is_facilitator
    assert "asked to hold the circle" in client.get("/f/birch/people/").content.decode()


def test_not_holding_it_keeps_the_seat(client, birch):
    asked = joining.ask_to_hold(birch.ada, by=birch.sol.person)
    client.force_login(birch.ada.person)

    page = client.get(f"/invite/{asked.secret()}/decline/").content.decode()
    client.post(f"/invite/{asked.secret()}/decline/", {"note": "Not now"})

    birch.ada.refresh_from_db()
    assert "Your own seat stays." in page
    assert (birch.ada.role, birch.ada.left_at) == ("member", None)


def test_stepping_down_by_form_is_ones_own(client, birch):
    joining.add_facilitator(birch.ada, by=birch.lea)
    client.force_login(birch.ada.person)

    others = client.post(f"/f/birch/people/{birch.sol.pk}/step-down/")
    client.post(f"/f/birch/people/{birch.ada.pk}/step-down/")

    birch.ada.refresh_from_db()
    assert (others.status_code, birch.ada.role) == (404, "member")


def test_replacing_somebody_by_form(client, birch):
    client.force_login(birch.sol.person)
    url = f"/f/birch/people/{birch.ben.pk}/replace/"

    already = client.post(url, {"email": birch.ada.person.email})
    client.post(url, {"email": "nia@example.org", "called": "Nia"})

    page = client.get("/f/birch/people/").content.decode()
    assert already.status_code == 422
    assert "In the place of <bdi>Ben</bdi>" in page


def test_who_left_stands_there_to_be_replaced(client, birch):
    joining.leave(birch.ben, by=birch.ben.person)
    client.force_login(birch.sol.person)

    page = client.get("/f/birch/people/").content.decode()

    assert f"/f/birch/people/{birch.ben.pk}/replace/" in page
    assert client.get(f"/f/birch/people/{birch.oma.pk}/replace/").status_code == 404


def test_whoever_leaves_takes_their_words_along(client, birch):
    client.force_login(birch.ada.person)

    response = client.post("/c/birch/leave/", {"take": "on"})

    asked = Export.objects.visible_to(birch.ada.person).get()
    assert response["Location"] == "/me/data/"
    assert asked.person == birch.ada.person
    assert client.get("/c/birch/").status_code == 404


def test_whoever_may_not_leave_asked_for_no_file(client, birch):
    client.force_login(birch.sol.person)

    client.post("/c/birch/leave/", {"take": "on"})

    assert not Export.objects.visible_to(birch.sol.person).exists()


def test_opening_again_takes_two(client, birch):
    joining.finish(birch.cohort, by=birch.sol.person)
    client.force_login(birch.sol.person)

    client.post("/f/birch/reopen/", {"act": "ask", "reason": "Closed by mistake"})
    alone = client.post("/f/birch/reopen/", {"act": "agree"})
    client.force_login(birch.lea)
    page = client.get("/f/birch/reopen/").content.decode()
    client.post("/f/birch/reopen/", {"act": "agree"})

    assert alone.status_code == 409
    assert "Closed by mistake" in page
    assert not Cohort.objects.get(slug="birch").is_finished


def test_asking_without_a_reason_says_so(client, birch):
    joining.finish(birch.cohort, by=birch.sol.person)
    client.force_login(birch.sol.person)

    response = client.post("/f/birch/reopen/", {"act": "ask", "reason": " "})

    assert response.status_code == 422


def test_members_find_no_way_to_open_it(client, birch):
    joining.finish(birch.cohort, by=birch.sol.person)
    client.force_login(birch.ada.person)

    assert client.get("/f/birch/reopen/").status_code == 404


def test_finishing_leaves_everything_to_be_read(client, birch):
    client.force_login(birch.sol.person)

    client.post("/f/birch/finish/")

    page = client.get("/c/birch/").content.decode()
    assert "Everything can be read; nothing is added." in page
    assert Cohort.objects.get(slug="birch").is_finished


@pytest.mark.parametrize("url", ["/c/birch/", "/f/birch/people/"])
def test_the_pages_cost_the_same_however_many_people(
    client, birch, url, django_assert_num_queries
):
    agreements.offer(birch.program, text="Come on time.", by=birch.lea)

    def more_people(first, last):
        for n in range(first, last):
            seat(birch.cohort, person(f"extra{n}"))
            joining.invite(f"i{n}@example.org", into=birch.cohort, by=birch.sol.person)

    more_people(0, 1)
    client.force_login(birch.sol.person)
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    more_people(1, 30)

    with django_assert_num_queries(len(few)):
        client.get(url)


# The agreement


@pytest.fixture
def agreement(birch):
    return agreements.offer(birch.program, text="Come on time.", by=birch.lea)


def test_today_asks_to_sign_and_other_pages_stay_open(client, birch, agreement):
    client.force_login(birch.ada.person)

    assert "/c/birch/agreement/" in client.get("/today/").content.decode()
    assert client.get("/c/birch/").status_code == 200


def test_signing_by_form(client, birch, agreement):
    client.force_login(birch.ada.person)

    response = client.post(
        "/c/birch/agreement/",
        {"sha256": agreement.sha256, "name_typed": "Ada Lovelace"},
    )

    assert response.status_code == 302
    page = client.get("/c/birch/agreement/").content.decode()
    assert "You signed as <bdi>Ada Lovelace</bdi>" in page
    assert "/c/birch/agreement/" not in client.get("/today/").content.decode()


def test_a_page_opened_before_the_text_changed_signs_nothing(client, birch, agreement):
    agreements.offer(birch.program, text="Come when you can.", by=birch.lea)
    client.force_login(birch.ada.person)

    response = client.post(
        "/c/birch/agreement/",
        {"sha256": agreement.sha256, "name_typed": "Ada Lovelace"},
    )

    assert response.status_code == 409
    assert "changed while you were reading" in response.content.decode()


def test_not_signing_names_somebody_to_talk_to(client, birch, agreement):
    client.force_login(birch.ada.person)

    client.post("/c/birch/agreement/decline/", {"note": "Tuesdays."})

    page = client.get("/c/birch/agreement/").content.decode()
    assert "You did not sign" in page
    assert "sol@example.org" in page


def test_without_an_agreement_there_is_no_page(client, birch):
    client.force_login(birch.ada.person)

    assert client.get("/c/birch/agreement/").status_code == 404


def test_the_agreement_is_for_the_cohorts_own_people(client, birch, agreement):
    client.force_login(birch.oma.person)

    assert client.get("/c/birch/agreement/").status_code == 404


def test_what_changed_is_shown_to_who_signed_before(client, birch, agreement):
    agreements.sign(
        agreement, by=birch.ada.person, name_typed="Ada", sha256=agreement.sha256
    )
    agreements.offer(birch.program, text="Come in good time.", by=birch.lea)

    def page_of(one):
        client.force_login(one.person)
        return client.get("/c/birch/agreement/").content.decode()

    page, others = page_of(birch.ada), page_of(birch.ben)
    assert "What changed since version 1, which you signed" in page
    assert re.search(r"<del>.*\bon\b.*</del>", page)
    assert re.search(r"<ins>.*\bin good\b.*</ins>", page)
    assert "Version 1, signed as <bdi>Ada</bdi>" in page
    assert "What changed since" not in others


def test_who_did_not_sign_is_seen_by_those_who_talk_with_them(client, birch, agreement):
    agreements.decline(agreement, by=birch.ada.person, note="Too many hours")
    client.force_login(birch.sol.person)
    people = client.get("/f/birch/people/").content.decode()
    client.force_login(birch.lea)
    lead = client.get("/f/programs/riverbend/agreement/").content.decode()

    assert "did not sign the agreement: talk with them" in people
    assert "Too many hours" not in people
    assert "Too many hours" in lead
    assert "0 of 4 people in open cohorts have signed it." in lead


def test_a_lead_who_wrote_from_an_older_text_sees_both(client, birch, agreement):
    client.force_login(birch.lea)
    agreements.offer(birch.program, text="Come early.", by=birch.lea)
    url = "/f/programs/riverbend/agreement/"

    stale = client.post(url, {"text": "Come late.", "after": "1"})
    page = stale.content.decode()
    client.post(url, {"text": "Come late.", "after": "2"})

    assert stale.status_code == 422
    assert re.search(r"<del>.*\bearly\b.*</del>", page)
    assert re.search(r"<ins>.*\blate\b.*</ins>", page)
    assert 'name="after" value="2"' in page
    assert agreements.in_force(birch.program).text == "Come late."


def test_versions_are_told_with_what_changed(client, birch, agreement):
    for n in range(12):
        agreements.offer(birch.program, text=f"Come at {n}.", by=birch.lea)
    client.force_login(birch.lea)

    page = client.get("/f/programs/riverbend/agreement/").content.decode()

    assert page.count("<summary>") == 9
