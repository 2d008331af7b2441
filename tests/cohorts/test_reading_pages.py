"""The rooms of reading: who reads what, what each can take, how it goes."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from cohorts import handing_out, practising, reckoning, redacting, reviewing
from cohorts.models import (
    Answer,
    Appointment,
    BlindCopy,
    Handout,
    IntakePhase,
    Overruling,
    Permit,
    PracticeReading,
    ReadingTerms,
    Review,
)
from cohorts.reviewing import Given
from people.models import OutboxMessage

ALL = "the test looks at everything"
ROOM = "/f/calls/mangrove/review/"


@pytest.fixture
def lea(client, birch):
    client.force_login(birch.lea)
    return client


@pytest.fixture
def rex(client, birch):
    client.force_login(birch.rex)
    return client


def given(call, level=3):
    return {c.pk: Given(level, "because they say so") for c in call.criteria}


def text_of(response):
    return response.content.decode()


def copy_of(call, name):
    return BlindCopy.objects.unsealed(ALL).get(application__called=name)


# --- Who reads what -----------------------------------------------------------


def sealed(page):
    """What the form of the page would send."""
    return {
        "seed": str(page.context["proposal"].seed),
        "seen": page.context["proposal"].seal,
    }


def test_a_lead_looks_confirms_and_undoes(call, lea, ray):
    for name in ("Amina", "Bolaji"):
        call.arrive(name)
    page = lea.get(f"{ROOM}assign/")
    assert Review.objects.unsealed(ALL).count() == 0

    lea.post(f"{ROOM}assign/", sealed(page))
    handed = Review.objects.unsealed(ALL).count()
    lea.post(f"{ROOM}assign/undo/")

    assert "4 new readings." in text_of(page)
    assert "Every reviewer then holds 2 readings." in text_of(page)
    assert (handed, Review.objects.unsealed(ALL).count()) == (4, 0)


def test_an_old_look_is_refused_kindly(call, lea, ray):
    call.arrive("Amina")
    page = lea.get(f"{ROOM}assign/")
    call.arrive("Bolaji")

    response = lea.post(f"{ROOM}assign/", sealed(page))

    assert response.status_code == 409
    assert "Something changed while you were looking" in text_of(response)
    assert Handout.objects.unsealed(ALL).count() == 0


def test_another_mix_is_another_assignment(call, lea, ray, birch):
    for n in range(8):
        call.arrive(f"Person{n}")
    call.intake.readings_wanted = 1
    call.intake.save()

    seals = {lea.get(f"{ROOM}assign/?seed={n}").context["proposal"].seal for n in "012"}

    assert len(seals) > 1


def test_what_cannot_be_met_is_said_in_words(call, lea, birch, now):
    call.arrive("Amina", language="sw")
    handing_out.set_terms(
        call.intake,
        reviewer=birch.rex,
        by=birch.rex,
        capacity=None,
        languages=["fr"],
        now=now,
    )

    page = text_of(lea.get(f"{ROOM}assign/"))

    assert "lacks 2 readings" in page
    assert "1 reviewer does not read Swahili." in page
    assert "Nobody may read what is missing." in page


def test_without_applications_or_reviewers_it_says_so(call, lea, birch):
    empty = text_of(lea.get(f"{ROOM}assign/"))
    call.arrive("Amina")
    Appointment.objects.filter(person=birch.rex).delete()

    alone = text_of(lea.get(f"{ROOM}assign/"))

    assert "there is nothing to hand out" in empty
    assert "Nobody is appointed to read yet." in alone


@pytest.mark.parametrize("rows", [1, 12])
def test_looking_costs_the_same_however_many(
    call, lea, ray, rows, django_assert_max_num_queries
):
    for n in range(rows):
        call.arrive(f"Person{n}")

    with django_assert_max_num_queries(30) as asked:
        lea.get(f"{ROOM}assign/")

    assert len(asked) == 15


@pytest.mark.parametrize(
    "path",
    ["assign/", "conflicts/", "progress/"],
)
def test_reviewers_find_none_of_the_leads_rooms(call, rex, path):
    assert rex.get(f"{ROOM}{path}").status_code == 404


@pytest.mark.parametrize("path", ["assign/", "assign/undo/", "remind/", "reckon/"])
def test_reviewers_do_none_of_the_leads_acts(call, rex, path):
    assert rex.post(f"{ROOM}{path}").status_code == 404


@pytest.mark.parametrize("path", ["terms/", "practice/", "practice/1/", "assign/"])
def test_members_find_no_room_at_all(call, client, birch, path):
    client.force_login(birch.ada.person)

    assert client.get(f"{ROOM}{path}").status_code == 404


# --- Conflicts ----------------------------------------------------------------


def test_a_conflict_is_told_and_overruled_with_a_reason(call, lea, birch):
    call.arrive("Bolaji", email="b@example.org")
    copy = copy_of(call, "Bolaji")
    page = text_of(lea.get(f"{ROOM}conflicts/"))
    path = f"{ROOM}conflicts/{copy.pk}/{birch.rex.pk}/"

    lea.post(path, {"reason": "A shared mail house, nothing more"})
    after = text_of(lea.get(f"{ROOM}conflicts/"))
    lea.post(path, {"act": "stand"})

    assert "the same mail domain" in page
    assert "A shared mail house, nothing more" in after
    assert Overruling.objects.unsealed(ALL).count() == 0


def test_overruling_without_a_reason_is_refused(call, lea, birch):
    call.arrive("Bolaji", email="b@example.org")
    copy = copy_of(call, "Bolaji")

    response = lea.post(f"{ROOM}conflicts/{copy.pk}/{birch.rex.pk}/", {"reason": ""})

    assert response.status_code == 409


@pytest.mark.parametrize("rows", [1, 12])
def test_conflicts_cost_the_same_however_many(
    call, lea, rows, django_assert_max_num_queries
):
    for n in range(rows):
        call.arrive(f"Person{n}", ties=["Rex of Riverbend"])
    handing_out.set_terms(
        call.intake,
        reviewer=(rex := Appointment.objects.get(role="reviewer").person),
        by=rex,
        capacity=None,
        languages=(),
        ties=[f"Person{n}" for n in range(rows)],
        now=timezone.now(),
    )

    with django_assert_max_num_queries(20) as asked:
        page = lea.get(f"{ROOM}conflicts/")

    assert len(page.context["rows"]) == rows
    assert len(asked) == 11


def test_a_lead_is_told_of_a_conflict_before_asking_one_reviewer(call, lea, birch):
    application = call.arrive("Bolaji", email="b@example.org")
    path = f"/f/calls/mangrove/applications/{application.pk}/act/"
    asked = {"act": "ask", "reviewer": str(birch.rex.pk)}

    refused = lea.post(path, asked)
    copy = copy_of(call, "Bolaji")
    lea.post(f"{ROOM}conflicts/{copy.pk}/{birch.rex.pk}/", {"reason": "It is fine"})
    taken = lea.post(path, asked)

    assert (refused.status_code, taken.status_code) == (409, 302)
    assert "the same mail domain" in text_of(refused)
    assert Review.objects.unsealed(ALL).get().reviewer == birch.rex


def test_conflicts_are_searched(call, lea, birch):
    for name in ("Bolaji", "Chiara"):
        call.arrive(name, email=f"{name}@example.org")

    page = text_of(lea.get(f"{ROOM}conflicts/?q=chia"))

    assert ("Chiara" in page, "Bolaji" in page) == (True, False)


def test_an_abstention_is_told_to_leads_with_its_reason(call, lea, birch, now):
    call.arrive("Amina")
    reviewing.abstain(copy_of(call, "Amina"), by=birch.rex, why="works", now=now)

    assert "we work together, or did" in text_of(lea.get(f"{ROOM}conflicts/"))


# --- What each can take -------------------------------------------------------


def test_a_reviewer_says_what_they_can_take(call, rex, birch):
    response = rex.post(
        f"{ROOM}terms/",
        {"capacity": "7", "languages": ["en", "fr"], "ties": "Tools United\nAmina"},
    )

    terms = ReadingTerms.objects.unsealed(ALL).get()
    assert response.headers["Location"] == ROOM
    assert (terms.capacity, terms.languages, terms.ties) == (
        7,
        ["en", "fr"],
        ["Tools United", "Amina"],
    )


def test_a_language_of_the_call_can_be_ticked_whatever_the_pages_speak(call, rex):
    call.intake.languages = ["en", "yo"]
    call.intake.save()

    rex.post(f"{ROOM}terms/", {"languages": ["yo"]})

    assert ReadingTerms.objects.unsealed(ALL).get().languages == ["yo"]


def test_a_wrong_number_keeps_what_was_typed(call, rex):
    response = rex.post(f"{ROOM}terms/", {"capacity": "-3", "ties": "Tools United"})

    assert response.status_code == 422
    assert "Tools United" in text_of(response)


def test_a_lead_sets_number_and_languages_but_never_sees_a_field_for_ties(
    call, lea, birch, now
):
    handing_out.set_terms(
        call.intake,
        reviewer=birch.rex,
        by=birch.rex,
        capacity=None,
        languages=(),
        ties=["Tools United"],
        now=now,
    )
    path = f"{ROOM}terms/{birch.rex.pk}/"

    page = text_of(lea.get(path))
    lea.post(path, {"capacity": "4", "ties": "overwritten"})

    terms = ReadingTerms.objects.unsealed(ALL).get()
    assert 'name="ties"' not in page
    assert (terms.capacity, terms.ties) == (4, ["Tools United"])


def test_terms_of_somebody_who_does_not_read_are_nowhere(call, lea, birch):
    assert lea.get(f"{ROOM}terms/{birch.ada.person.pk}/").status_code == 404


def test_another_reviewers_terms_are_theirs(call, birch, ray, now):
    handing_out.set_terms(
        call.intake, reviewer=ray, by=ray, capacity=1, languages=(), now=now
    )

    assert not ReadingTerms.objects.visible_to(birch.rex).exists()


# --- Reading ------------------------------------------------------------------


def test_once_handed_out_the_queue_is_ones_own(call, client, birch, ray, now):
    call.intake.readings_wanted = 1
    call.intake.save()
    for n in range(4):
        call.arrive(f"Person{n}")
    proposal = handing_out.propose(call.intake, by=birch.lea)
    handing_out.hand_out(call.intake, by=birch.lea, seed=0, seen=proposal.seal, now=now)
    client.force_login(birch.rex)

    page = client.get(ROOM)

    assert len(page.context["waiting"]) == 2


def test_abstaining_with_a_reason(call, rex):
    call.arrive("Amina")
    copy = copy_of(call, "Amina")

    rex.post(f"{ROOM}{copy.pk}/aside/", {"act": "abstain", "why": "close"})

    review = Review.objects.unsealed(ALL).get()
    assert (review.state, review.why) == ("abstained", "close")


def test_a_reason_that_does_not_exist_still_abstains(call, rex):
    call.arrive("Amina")
    copy = copy_of(call, "Amina")

    rex.post(f"{ROOM}{copy.pk}/aside/", {"act": "abstain", "why": "nonsense"})

    review = Review.objects.unsealed(ALL).get()
    assert (review.state, review.why) == ("abstained", "")


def test_a_change_by_the_applicant_shows_to_whoever_scored(call, rex, birch, now):
    call.arrive("Amina", answers={call.questions[0].pk: ("I lead a school.", ())})
    copy = copy_of(call, "Amina")
    reviewing.finish(copy, by=birch.rex, given=given(call), now=now)
    Answer.objects.unsealed(ALL).update(text="I lead a clinic.")
    redacting.renew(copy, now=now + timedelta(hours=1))

    page = text_of(rex.get(f"{ROOM}{copy.pk}/"))

    assert "Changed since you scored it" in page
    assert "school" in page.split("<del>")[1].split("</del>")[0]
    assert "clinic" in page.split("<ins>")[1].split("</ins>")[0]


@pytest.mark.parametrize("button", [{}, {"later": "1"}])
def test_a_change_while_it_is_read_is_told_before_anything_is_handed_in(
    call, rex, now, button
):
    call.arrive("Amina", answers={call.questions[0].pk: ("I lead a school.", ())})
    copy = copy_of(call, "Amina")
    page = rex.get(f"{ROOM}{copy.pk}/")
    sheet = {
        f"{field}_{c.pk.hex}": value
        for c in call.criteria
        for field, value in (("level", 3), ("evidence", "They lead a school."))
    }
    Answer.objects.unsealed(ALL).update(text="I lead a clinic.")
    redacting.renew(copy, now=now)

    told = rex.post(
        f"{ROOM}{copy.pk}/", {**sheet, "read": page.context["read"], **button}
    )

    assert told.status_code == 422
    assert "changed the text while you were reading" in text_of(told)
    assert "I lead a clinic." in text_of(told)
    assert 'value="They lead a school."' in text_of(told)
    assert not Review.objects.unsealed(ALL).exists()
    again = rex.post(
        f"{ROOM}{copy.pk}/", {**sheet, "read": told.context["read"], **button}
    )
    assert again.status_code == 302


def test_what_stands_beside_the_score_is_said_where_it_is_scored(call, rex):
    first = call.criteria[0]
    first.beside_score = True
    first.save()
    call.arrive("Amina")

    page = text_of(rex.get(f"{ROOM}{copy_of(call, 'Amina').pk}/"))

    assert page.count("shown beside the score, not in it") == 1


def test_today_stays_quiet_for_whoever_has_read_their_own(
    call, client, birch, ray, now
):
    IntakePhase.objects.create(
        intake=call.intake,
        kind=IntakePhase.Kind.REVIEW,
        opens_at=now - timedelta(days=1),
        closes_at=now + timedelta(days=3),
        permits=[Permit.REVIEW],
    )
    call.arrive("Amina")
    client.force_login(birch.rex)
    before = text_of(client.get("/today/"))
    proposal = handing_out.propose(call.intake, by=birch.lea)
    handing_out.hand_out(call.intake, by=birch.lea, seed=0, seen=proposal.seal, now=now)
    between = text_of(client.get("/today/"))
    call.intake.refresh_from_db()
    reviewing.finish(copy_of(call, "Amina"), by=birch.rex, given=given(call), now=now)

    after = text_of(client.get("/today/"))

    assert ["Mangrove" in page for page in (before, between, after)] == [
        True,
        True,
        False,
    ]


# --- Hiding words -------------------------------------------------------------


def test_a_lead_hides_a_word(call, lea, birch, client):
    application = call.arrive(
        "Amina", answers={call.questions[0].pk: ("I am the mayor of Kibera.", ())}
    )
    path = f"/f/calls/mangrove/applications/{application.pk}/redact/"

    lea.post(path, {"words": "Kibera"})
    page = text_of(lea.get(path))
    client.force_login(birch.rex)
    copy = copy_of(call, "Amina")
    reading = text_of(client.get(f"{ROOM}{copy.pk}/"))

    assert "I am the mayor of […]." in page
    assert ("Kibera" in reading, "I am the mayor of […]." in reading) == (False, True)
    assert client.get(path).status_code == 404


# --- Practising ---------------------------------------------------------------


def test_three_samples_lead_to_how_the_others_scored(call, rex, birch, ray, now):
    for sample in practising.SAMPLES:
        practising.score(
            call.intake,
            sample=sample,
            levels={str(c.pk): 2 for c in call.criteria},
            by=ray,
            now=now,
        )
    before = text_of(rex.get(f"{ROOM}practice/"))
    levels = {c.pk.hex: "4" for c in call.criteria}

    ways = [
        rex.post(f"{ROOM}practice/{n}/", levels).headers["Location"] for n in (1, 2, 3)
    ]

    after = text_of(rex.get(f"{ROOM}practice/"))
    assert ways == [f"{ROOM}practice/2/", f"{ROOM}practice/3/", f"{ROOM}practice/"]
    assert ("In the middle" in before, "In the middle" in after) == (False, True)
    assert "2 reviewers are through." in after


def test_a_missing_level_keeps_the_others(call, rex):
    _first, *others = call.criteria

    response = rex.post(f"{ROOM}practice/1/", {c.pk.hex: "4" for c in others})

    assert response.status_code == 422
    assert text_of(response).count(" checked") == len(others)
    assert PracticeReading.objects.unsealed(ALL).count() == 0


def test_there_is_no_fourth(call, rex):
    assert rex.get(f"{ROOM}practice/4/").status_code == 404


# --- How it goes --------------------------------------------------------------


@pytest.fixture
def read(call, birch, ray, now):
    """Four applications, each read by Rex and by Ray, who is harder."""
    for name, mild, harsh in (
        ("Amina", 4, 3),
        ("Bolaji", 3, 2),
        ("Chiara", 4, 1),
        ("Daniel", 2, 1),
    ):
        call.arrive(name)
        copy = copy_of(call, name)
        reviewing.finish(copy, by=birch.rex, given=given(call, mild), now=now)
        reviewing.finish(copy, by=ray, given=given(call, harsh), now=now)
    return call


def test_it_tells_what_is_missing_before_anything_is_read(call, lea):
    call.arrive("Amina")

    page = text_of(lea.get(f"{ROOM}progress/"))

    assert "0 of 1 applications have their 2 readings." in page
    assert "How far reviewers agree" not in page


def test_who_came_late_lacks_a_reader_until_handed_out_again(
    call, lea, ray, birch, now
):
    call.arrive("Amina")
    before = lea.get(f"{ROOM}progress/").context["without_reader"]
    proposal = handing_out.propose(call.intake, by=birch.lea)
    handing_out.hand_out(call.intake, by=birch.lea, seed=0, seen=proposal.seal, now=now)
    call.arrive("Bolaji")

    page = text_of(lea.get(f"{ROOM}progress/"))

    assert before == 0
    assert "1 application still lacks somebody to read it" in page


def test_without_applications_nothing_breaks(call, lea):
    page = lea.get(f"{ROOM}progress/")
    worked_out = lea.post(f"{ROOM}reckon/")

    assert "0 of 0 applications have their 2 readings." in text_of(page)
    assert (page.status_code, worked_out.status_code) == (200, 302)


def test_it_tells_agreement_and_the_order_when_asked_to_work_it_out(read, lea):
    lea.post(f"{ROOM}reckon/")

    page = text_of(lea.get(f"{ROOM}progress/"))

    assert "Reviewers agree" in page
    assert "From 8 readings" in page
    order = [name for name in ("Amina", "Bolaji", "Daniel") if name in page]
    assert order == sorted(order, key=page.rindex)


def test_an_expected_place_is_told_with_its_decimal(read, lea, now):
    reckoning.work_out(read.intake, now=now)

    page = lea.get(f"{ROOM}progress/").content.decode()

    assert "Expected place" in page
    assert len(re.findall(r"<tr><td>\d\.\d</td>", page)) == 4


def test_who_was_read_very_unlike_is_worth_a_talk(read, lea, now):
    reckoning.work_out(read.intake, now=now)

    found = lea.get(f"{ROOM}progress/").context["unlike"]

    assert [called for _key, _code, called, _least, _most in found] == ["Chiara"]


def test_it_says_when_readings_have_come_in_since(read, lea, birch, now):
    reckoning.work_out(read.intake, now=now)
    read.arrive("Esther")
    reviewing.finish(copy_of(read, "Esther"), by=birch.rex, given=given(read), now=now)

    page = text_of(lea.get(f"{ROOM}progress/"))

    assert "1 has come in since" in page


def test_bands_are_chosen_by_the_address(read, lea, now):
    read.intake.seats = 2
    read.intake.save()
    reckoning.work_out(read.intake, now=now)

    whole = lea.get(f"{ROOM}progress/").context["bands"]
    page = text_of(lea.get(f"{ROOM}progress/?band=overlap&page=99"))

    assert whole[0][2] == 4
    assert sum(n for _key, _words, n in whole[1:]) == 4
    assert 'aria-current="page" href="?band=overlap"' in page


def test_no_severity_of_anybody_is_printed(read, lea, now):
    reckoning.work_out(read.intake, now=now)

    page = lea.get(f"{ROOM}progress/")

    assert "Some reviewers score lower than others" in text_of(page)
    assert page.context["progress"].by_reviewer[0][1:] == (4, 0, 0)


def test_a_lead_reminds_those_who_have_something_left(call, lea, ray, birch, now):
    call.arrive("Amina")
    proposal = handing_out.propose(call.intake, by=birch.lea)
    handing_out.hand_out(call.intake, by=birch.lea, seed=0, seen=proposal.seal, now=now)

    lea.post(f"{ROOM}remind/")

    assert OutboxMessage.objects.filter(notice="cohorts.readings_waiting").count() == 2


@pytest.mark.parametrize("rows", [1, 30])
def test_how_it_goes_costs_the_same_however_many(
    call, lea, birch, ray, now, rows, django_assert_max_num_queries
):
    for n in range(rows):
        call.arrive(f"Person{n}")
        copy = copy_of(call, f"Person{n}")
        reviewing.finish(copy, by=birch.rex, given=given(call, 1 + n % 4), now=now)
    reckoning.work_out(call.intake, now=now)
    call.intake.handed_out_at = now
    call.intake.save()

    with django_assert_max_num_queries(12) as asked:
        lea.get(f"{ROOM}progress/")

    assert len(asked) == 12
