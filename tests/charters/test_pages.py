"""The pages of the charter, and how they refuse."""

import re
from datetime import timedelta
from uuid import uuid4

import brotli
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from charters import amending, quarterly
from charters.models import (
    Amendment,
    CharterVersion,
    Clause,
    Consent,
    ProposedClause,
    QuarterlyReview,
    ReviewNote,
)
from charters.notices import answer_token
from cohorts.home import concerns_of
from cohorts.places import places_of
from people import today as contents
from people.models import OutboxMessage
from tests.charters.conftest import (
    adopt_by_all,
    change,
    in_force,
    now_round,
    object_to,
    proposed_of,
    rewrite_of,
    say_yes,
)
from tests.conftest import person, seat

DAY = timedelta(days=1)


def at(name, *args):
    return reverse(f"charters:{name}", args=["birch", *args])


def signed_in(member):
    client = Client()
    client.force_login(member.person)
    return client


def text_of(page):
    """The page as words, the tags left out."""
    words = re.sub(r"<[^>]+>", " ", page.content.decode())
    return " ".join(words.split())


def without_token(page):
    """Two pages are never equal to the letter: each carries a token of its own."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page.content.decode())


def yes(asked, **more):
    return {"kind": "consent", "text_hash": asked.text_hash, **more}


# --- Who may knock ---------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["charter/", "charter/v/1/", "charter/diff/1/1/", "charter/propose/", "decisions/"],
)
def test_a_stranger_finds_what_a_missing_cohort_gives(client, founded, path):
    client.force_login(founded.oma.person)

    theirs = client.get(f"/c/birch/{path}")
    missing = client.get(f"/c/nowhere/{path}")

    assert (theirs.status_code, missing.status_code) == (404, 404)
    assert without_token(theirs) == without_token(missing).replace("nowhere", "birch")


def test_a_decision_of_another_cohort_is_not_found_under_ones_own(client, asked):
    client.force_login(asked.oma.person)

    page = client.get(reverse("charters:decision", args=["oak", asked.amendment.pk]))

    assert page.status_code == 404


def test_someone_who_left_finds_nothing(client, asked, now):
    asked.ben.left_at = now
    asked.ben.save()
    client.force_login(asked.ben.person)

    assert client.get(at("charter")).status_code == 404


def test_a_lead_reads_the_charter_and_not_what_is_said_about_it(client, asked):
    client.force_login(asked.lea)

    shown = client.get(at("charter"), follow=True)
    closed = [
        client.get(at("decision", asked.amendment.pk)).status_code,
        client.get(at("decisions")).status_code,
        client.get(at("charter_propose")).status_code,
        client.get(at("review")).status_code,
    ]

    assert shown.redirect_chain == [(at("charter_version", 1), 302)]
    assert "Lessons may leave the room." in text_of(shown)
    assert "Stays here. All of it." not in text_of(shown)
    assert closed == [404, 404, 404, 404]


def test_a_lead_of_another_program_a_reviewer_and_a_funder_read_nothing(
    client, founded
):
    for who in (founded.rex, founded.fay):
        client.force_login(who)

        assert client.get(at("charter_version", 1)).status_code == 404


# --- The first charter -----------------------------------------------------------


def test_a_cohort_without_a_charter_is_shown_where_to_begin(client, birch):
    client.force_login(birch.ada.person)

    page = client.get(at("charter"))

    assert page.status_code == 200
    assert at("charter_start") in page.content.decode()


def test_the_first_charter_from_starters_to_version_1(birch):
    ada, ben, sol = map(signed_in, (birch.ada, birch.ben, birch.sol))
    started = ada.post(
        at("charter_start"), {"clauses": ["stays_here", "consent", "presence"]}
    )
    amendment = Amendment.objects.visible_to(birch.ada.person).get()
    ada.post(at("decision_step", amendment.pk), {"step": "ask"})
    asked = now_round(birch, amendment)
    for who in (ben, sol):
        who.post(at("decision", amendment.pk), yes(asked))

    adopted = ada.post(at("decision_step", amendment.pk), {"step": "adopt"})

    assert started.headers["Location"] == at("decision", amendment.pk)
    assert adopted.headers["Location"] == at("charter")
    clauses = Clause.objects.visible_to(birch.ben.person).of(in_force(birch))
    assert [c.title for c in clauses] == [
        "What is said here stays here",
        "How we decide",
        "Presence and care",
    ]


def test_a_first_charter_without_clauses_is_asked_again(client, birch):
    client.force_login(birch.ada.person)

    page = client.post(at("charter_start"), {})

    assert page.status_code == 422
    assert "Choose at least one clause." in text_of(page)


def test_starter_clauses_speak_the_language_of_whoever_chose_them(client, birch):
    birch.ada.person.language = "fr"
    birch.ada.person.save()
    client.force_login(birch.ada.person)

    client.post(at("charter_start"), {"clauses": ["stays_here"]})

    line = ProposedClause.objects.visible_to(birch.ada.person).get()
    assert line.lang == "fr"


# --- Reading ---------------------------------------------------------------------


def test_the_charter_shows_the_change_in_place_and_one_question(client, asked):
    client.force_login(asked.ben.person)

    page = client.get(at("charter"))

    words = text_of(page)
    assert "Answer on clause 1" in words
    assert "Can you live with clause 1?" in words
    assert "added:" in words
    assert "removed:" in words
    assert "Change proposed by Ada" in words
    assert page.content.decode().count('name="kind"') == 3


def test_the_answers_stand_in_text_beside_the_beads(client, asked, now):
    say_yes(asked, asked.round, asked.sol, now=now)
    client.force_login(asked.ben.person)

    words = text_of(client.get(at("charter")))

    assert "Ada: yes" in words
    assert "Sol: yes" in words
    assert "Ben: not yet" in words
    assert "2 yes · 1 not yet" in words


def test_a_version_is_read_as_it_stood(client, asked, now):
    say_yes(asked, asked.round, asked.ben, asked.sol, now=now)
    amending.adopt(asked.amendment, by=asked.ada, now=now)
    client.force_login(asked.ben.person)

    first, second = (client.get(at("charter_version", n)) for n in (1, 2))

    assert "Lessons may leave the room." in text_of(first)
    assert "Stays here. All of it." in text_of(second)


def test_any_two_versions_stand_side_by_side_word_by_word(client, founded, now):
    clause = founded.clauses[0]
    words = clause.text.replace("Names, places and numbers", "Names and places")
    adopt_by_all(founded, change(founded, clause, words, now), now=now)
    client.force_login(founded.ben.person)

    there = text_of(client.get(at("charter_diff", 1, 2)))
    back = text_of(client.get(at("charter_diff", 2, 1)))

    assert "One clause differs." in there
    assert "removed: , places and numbers" in there or "removed:" in there
    assert "added:" in back
    assert "6 clauses are the same" in there


def test_the_form_that_chooses_two_versions_leads_to_their_address(client, founded):
    client.force_login(founded.ben.person)

    chosen = client.get(at("charter_compare"), {"from": "1", "to": "1"})
    missing = client.get(at("charter_diff", 1, 99))

    assert chosen.headers["Location"] == at("charter_diff", 1, 1)
    assert missing.status_code == 404


def test_what_people_write_is_shown_as_text(client, founded, now):
    clause = founded.clauses[0]
    evil = "<script>alert(1)</script>\nSecond line & more"
    amendment = change(founded, clause, evil, now)
    adopt_by_all(founded, amendment, now=now)
    client.force_login(founded.ben.person)

    for url in (at("charter"), at("charter_diff", 1, 2), at("decision", amendment.pk)):
        assert b"<script>alert" not in client.get(url).content


# --- Proposing -------------------------------------------------------------------


def words_of(clause, **changes):
    return {
        "title": clause.title,
        "text": clause.text,
        "section": clause.section,
        "lang": clause.lang,
        "why": "",
    } | changes


def test_anyone_proposes_other_words(client, founded):
    clause = founded.clauses[0]
    client.force_login(founded.ben.person)

    page = client.get(f"{at('charter_propose')}?clause={clause.key}")
    made = client.post(
        f"{at('charter_propose')}?clause={clause.key}",
        words_of(clause, text="Stays here.", why="Shorter."),
    )

    amendment = Amendment.objects.visible_to(founded.ben.person).open().get()
    assert clause.text in page.content.decode()
    assert made.headers["Location"] == at("decision", amendment.pk)
    assert (amendment.proposer, amendment.why) == (founded.ben, "Shorter.")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "This field is required."),
        ("x" * 5001, "Ensure this value has at most 5000 characters"),
        ("x" * 50_000, "Ensure this value has at most 5000 characters"),
    ],
)
def test_a_text_that_cannot_be_kept_stays_in_the_form(client, founded, text, said):
    clause = founded.clauses[0]
    client.force_login(founded.ben.person)

    page = client.post(
        f"{at('charter_propose')}?clause={clause.key}",
        words_of(clause, text=text, why="Keep me."),
    )

    assert page.status_code == 422
    assert said in text_of(page)
    assert "Keep me." in text_of(page)


def test_the_same_form_sent_twice_proposes_once(client, founded):
    clause = founded.clauses[0]
    client.force_login(founded.ben.person)
    typed = words_of(clause, text="Stays.", client_key=str(uuid4()))

    for _ in range(2):
        client.post(f"{at('charter_propose')}?clause={clause.key}", typed)

    assert Amendment.objects.visible_to(founded.ben.person).open().count() == 1


def test_a_clause_changed_while_somebody_was_writing_shows_both_texts(
    client, founded, now
):
    clause = founded.clauses[0]
    client.force_login(founded.ben.person)
    url = f"{at('charter_propose')}?clause={clause.key}"
    seen = client.get(url).context["form"]["based_on"].value()
    adopt_by_all(founded, change(founded, clause, "Theirs.", now), now=now)

    page = client.post(url, words_of(clause, text="Mine.", based_on=seen))
    again = client.post(
        url,
        words_of(
            clause, text="Mine.", based_on=page.context["form"]["based_on"].value()
        ),
    )

    assert page.status_code == 422
    assert "Theirs." in text_of(page)
    assert "Mine." in text_of(page)
    assert again.status_code == 302


def test_a_value_and_its_words_change_together(client, founded):
    clause = next(c for c in founded.clauses if c.steers == "attendance")
    client.force_login(founded.ben.person)
    url = f"{at('charter_propose')}?clause={clause.key}"

    impossible = client.post(
        url, words_of(clause, value_attend=9, value_of=7, value_call_after_days=10)
    )
    client.post(
        url, words_of(clause, value_attend=8, value_of=9, value_call_after_days=10)
    )

    line = ProposedClause.objects.visible_to(founded.ben.person).filter(
        amendment__closed_at=None
    )
    assert impossible.status_code == 422
    assert line.get().value == {"attend": 8, "of": 9, "call_after_days": 10}


def test_taking_a_clause_out_asks_why(client, founded):
    clause = founded.clauses[0]
    client.force_login(founded.ben.person)
    url = f"{at('charter_propose')}?clause={clause.key}&remove=1"

    silent = client.post(url, {"why": ""})
    said = client.post(url, {"why": "We say it elsewhere."})

    assert (silent.status_code, said.status_code) == (422, 302)


def test_an_unknown_clause_is_not_found(client, founded):
    client.force_login(founded.ben.person)

    for key in (uuid4(), "nonsense"):
        assert client.get(f"{at('charter_propose')}?clause={key}").status_code == 404


def test_two_browsers_word_the_same_clause_and_nothing_is_overwritten(founded, now):
    amendment = change(founded, founded.clauses[0], "First.", now)
    line = proposed_of(founded, amendment)
    one, other = signed_in(founded.ada), signed_in(founded.ada)
    seen = one.get(at("clause_edit", line.pk)).context["form"]["edition"].value()
    typed = {
        "title": line.title,
        "section": line.section,
        "lang": "en",
        "edition": seen,
    }

    one.post(at("clause_edit", line.pk), typed | {"text": "Theirs."})
    late = other.post(at("clause_edit", line.pk), typed | {"text": "Mine."})
    again = other.post(
        at("clause_edit", line.pk),
        typed | {"text": "Mine.", "edition": late.context["form"]["edition"].value()},
    )

    assert late.status_code == 422
    assert "Theirs." in text_of(late)
    assert "Where yours differs" in text_of(late)
    assert "Mine." in text_of(late)
    assert again.status_code == 302
    assert proposed_of(founded, amendment).text == "Mine."


def test_a_clause_is_added_to_a_proposal_and_left_out_again(founded, now):
    amendment = change(founded, founded.clauses[0], "First.", now)
    ada = signed_in(founded.ada)

    ada.post(
        at("clause_add", amendment.pk),
        {"title": "Tea", "text": "There is tea.", "section": "own", "lang": "en"},
    )
    added = ProposedClause.objects.visible_to(founded.ada.person).get(title="Tea")
    ada.post(at("clause_drop", added.pk))

    left = ProposedClause.objects.visible_to(founded.ada.person).of(amendment)
    assert [p.title for p in left] == ["What is said here stays here"]


# --- Answering -------------------------------------------------------------------


def test_one_answer_and_the_way_back_to_the_decision(client, asked):
    client.force_login(asked.ben.person)

    sent = client.post(at("decision", asked.amendment.pk), yes(asked.round))

    assert sent.headers["Location"] == at("decision", asked.amendment.pk)
    assert (
        Consent.objects.visible_to(asked.ada.person).filter(member=asked.ben).count()
        == 2
    )  # the first charter, and this


def test_an_answer_that_waited_on_a_phone_needs_no_token(asked):
    """Written on the bus, sent by the phone's outbox days later."""
    phone = Client(enforce_csrf_checks=True)
    phone.force_login(asked.ben.person)
    url = at("decision", asked.amendment.pk)
    ours = {
        "X-Outbox": "1",
        "Sec-Fetch-Site": "same-origin",
        "Origin": "http://testserver",
    }

    forged = phone.post(url, yes(asked.round), headers=ours | {"Origin": "http://x"})
    page = phone.get(url)
    taken = phone.post(url, yes(asked.round), headers=ours)
    unsaid = phone.post(url, {"text_hash": asked.round.text_hash}, headers=ours)

    assert (forged.status_code, taken.status_code) == (403, 200)
    assert taken.headers["Location"] == url
    assert unsaid.status_code == 422
    assert "Without a connection it waits on this phone" in text_of(page)


def test_an_objection_without_its_words_is_asked_for_them(client, asked):
    client.force_login(asked.ben.person)

    page = client.post(
        at("decision", asked.amendment.pk),
        {
            "kind": "object",
            "text_hash": asked.round.text_hash,
            "reason": "The bus.",
        },
    )

    assert page.status_code == 422
    assert "Say what harm you fear." in text_of(page)
    assert "Say what would mend it, even roughly." in text_of(page)
    assert "The bus." in text_of(page)


def test_no_answer_chosen_is_asked_again(client, asked):
    client.force_login(asked.ben.person)

    page = client.post(
        at("decision", asked.amendment.pk), {"text_hash": asked.round.text_hash}
    )

    assert page.status_code == 422
    assert "Choose one of the three answers." in text_of(page)


def test_a_text_changed_while_answering_shows_what_is_new_and_keeps_the_words(
    client, asked, now
):
    client.force_login(asked.ben.person)
    typed = {
        "kind": "concern",
        "reason": "Who keeps the keys?",
        "text_hash": asked.round.text_hash,
        "client_key": str(uuid4()),
    }
    line = proposed_of(asked)
    amending.rewrite(
        line, rewrite_of(line, "Stays here. Nearly all."), by=asked.ada, now=now
    )

    late = client.post(at("decision", asked.amendment.pk), typed)
    form = late.context["form"]
    again = client.post(
        at("decision", asked.amendment.pk),
        typed | {"text_hash": form["text_hash"].value()},
    )

    words = text_of(late)
    assert late.status_code == 422
    assert "The text was changed while you were answering." in words
    assert "New since the text on your page" in words
    assert "added: Nearly all" in words
    assert "Who keeps the keys?" in words
    assert again.status_code == 302
    stands = amending.standing(now_round(asked), now=now)
    assert stands.answer_of(asked.ben).reason == "Who keeps the keys?"


def test_the_same_answer_from_two_tabs_is_one_row(asked):
    tabs = [signed_in(asked.ben), signed_in(asked.ben)]

    for tab in tabs:
        tab.post(
            at("decision", asked.amendment.pk), yes(asked.round, client_key=uuid4())
        )

    rows = Consent.objects.visible_to(asked.ada.person).filter(round=asked.round)
    assert rows.filter(member=asked.ben).count() == 1


def test_whoever_answered_an_earlier_text_is_shown_what_is_new(client, asked, now):
    say_yes(asked, asked.round, asked.ben, now=now)
    line = proposed_of(asked)
    amending.rewrite(line, rewrite_of(line, "Stays. All of it."), by=asked.ada, now=now)
    client.force_login(asked.ben.person)

    words = text_of(client.get(at("decision", asked.amendment.pk)))

    assert "New since the text you answered" in words


def test_an_answer_after_the_decision_came_late_and_says_so(client, asked, now):
    say_yes(asked, asked.round, asked.ben, asked.sol, now=now)
    amending.adopt(asked.amendment, by=asked.ada, now=now)
    client.force_login(asked.ben.person)

    sent = client.post(
        at("decision", asked.amendment.pk), yes(asked.round), follow=True
    )

    assert "This is decided already; your answer came late." in text_of(sent)


def test_a_newcomer_reads_that_the_round_does_not_wait_for_them(client, asked, now):
    eve = seat(asked.cohort, person("eve"), joined_at=now + timedelta(seconds=1))
    client.force_login(eve.person)

    page = client.get(at("decision", asked.amendment.pk))

    assert 'name="kind" value="consent"' not in page.content.decode()
    assert "opened before you joined" in text_of(page)


# --- What the proposer does ------------------------------------------------------


def test_an_objection_stands_beside_the_words_that_answer_it(asked, now):
    objection = object_to(asked.round, by=asked.ben, now=now)
    line = proposed_of(asked)
    ada = signed_in(asked.ada)

    page = ada.get(at("decision_integrate", objection.pk))
    sent = ada.post(
        at("decision_integrate", objection.pk),
        {
            "1-title": line.title,
            "1-text": "Sixty days.",
            "1-section": line.section,
            "1-lang": "en",
            "1-edition": line.edition,
        },
    )

    words = text_of(page)
    assert "Thirty days is short." in words
    assert "Those who listen late lose it." in words
    assert sent.headers["Location"] == at("decision", asked.amendment.pk)
    assert now_round(asked).number == 2


def test_nobody_else_answers_the_objection_with_words(asked, now):
    objection = object_to(asked.round, by=asked.ben, now=now)
    line = proposed_of(asked)

    page = signed_in(asked.ben).post(
        at("decision_integrate", objection.pk),
        {
            "1-title": line.title,
            "1-text": "Sixty days.",
            "1-section": line.section,
            "1-lang": "en",
        },
    )

    assert page.status_code == 409
    assert "Only the person who proposed this can change its words." in text_of(page)


def test_withdrawing_asks_first(asked):
    ada = signed_in(asked.ada)

    asks = ada.get(at("decision_withdraw", asked.amendment.pk))
    ada.post(at("decision_withdraw", asked.amendment.pk))

    asked.amendment.refresh_from_db()
    assert "Withdraw this proposal?" in text_of(asks)
    assert asked.amendment.state == "withdrawn"


def test_a_member_who_may_not_is_told_why(asked):
    page = signed_in(asked.ben).post(
        at("decision_step", asked.amendment.pk), {"step": "send"}
    )

    assert page.status_code == 409
    assert "Only the person who proposed this or a facilitator can." in text_of(page)


def test_talk_is_kept_once(client, asked):
    client.force_login(asked.ben.person)
    typed = {"kind": "question", "text": "Voice notes too?", "client_key": uuid4()}

    for _ in range(2):
        client.post(at("decision_say", asked.amendment.pk), typed)

    words = text_of(client.get(at("decision", asked.amendment.pk)))
    assert words.count("Voice notes too?") == 1


# --- From the mail ---------------------------------------------------------------


def test_the_mailed_link_shows_one_question_and_looking_changes_nothing(client, asked):
    url = reverse("charters:answer_link", args=[answer_token(asked.round, asked.ben)])

    page = client.get(url)

    assert page.status_code == 200
    assert page.content.decode().count('name="kind"') == 3
    assert page.headers["Cache-Control"] == "no-store, private"
    stands = amending.standing(asked.round, now=timezone.now())
    assert stands.answer_of(asked.ben) is None


def test_the_mailed_link_answers_without_signing_in(client, asked, now):
    url = reverse("charters:answer_link", args=[answer_token(asked.round, asked.ben)])

    page = client.post(url, yes(asked.round))

    assert "Thank you" in text_of(page)
    stands = amending.standing(asked.round, now=timezone.now())
    assert stands.answer_of(asked.ben).kind == "consent"


def test_the_mailed_link_dies_with_the_membership(client, asked, now):
    url = reverse("charters:answer_link", args=[answer_token(asked.round, asked.ben)])
    asked.ben.left_at = now
    asked.ben.save()

    assert client.get(url).status_code == 404


def test_a_mailed_link_to_a_round_that_is_over_says_so(client, asked, now):
    url = reverse("charters:answer_link", args=[answer_token(asked.round, asked.ben)])
    amending.withdraw(asked.amendment, by=asked.ada, now=now)

    page = client.post(url, yes(asked.round))

    assert "This is over" in text_of(page)


@pytest.mark.parametrize("spoil", [lambda t: t[:-1], lambda t: "x" + t, lambda t: "x"])
def test_a_spoiled_link_opens_nothing(client, asked, spoil):
    token = spoil(answer_token(asked.round, asked.ben))

    page = client.get(reverse("charters:answer_link", args=[token]))

    assert page.status_code == 404


def test_a_link_for_somebody_elsewhere_opens_nothing(client, asked):
    token = answer_token(asked.round, asked.oma)

    page = client.get(reverse("charters:answer_link", args=[token]))

    assert page.status_code == 404


# --- The review ------------------------------------------------------------------


@pytest.fixture
def reviewing(founded, now):
    founded.review = QuarterlyReview.objects.visible_to(founded.ada.person).get()
    quarterly.open_now(founded.review, by=founded.sol, now=now)
    founded.review.refresh_from_db()
    return founded


def test_a_note_is_kept_and_can_be_changed(client, reviewing):
    client.force_login(reviewing.ben.person)

    client.post(at("review"), {"serves": "Airtime.", "strains": ""})
    client.post(at("review"), {"serves": "Airtime.", "strains": "Mondays."})

    notes = ReviewNote.objects.visible_to(reviewing.ada.person)
    assert [(n.serves, n.strains) for n in notes] == [("Airtime.", "Mondays.")]


def test_an_empty_note_is_asked_again(client, reviewing):
    client.force_login(reviewing.ben.person)

    page = client.post(at("review"), {"serves": "", "strains": ""})

    assert page.status_code == 422


def test_a_lapsed_charter_says_so_and_one_press_revives_it(client, reviewing, now):
    review = reviewing.review
    QuarterlyReview.objects.unsealed("a test's clock").update(
        due_on=(now - 40 * DAY).date(), lapsed_at=now
    )
    client.force_login(reviewing.ben.person)

    lapsed = text_of(client.get(at("charter")))
    client.post(
        at("review_held"),
        {"review": review.pk, "next_on": (now + 90 * DAY).date().isoformat()},
    )
    revived = text_of(client.get(at("charter")))

    review.refresh_from_db()
    assert "This charter has lapsed." in lapsed
    assert "This charter has lapsed." not in revived
    assert review.held_at is not None


def test_a_day_that_is_past_is_refused(client, reviewing):
    client.force_login(reviewing.ben.person)

    page = client.post(at("review_plan"), {"due_on": "2001-01-01", "host": ""})

    assert page.status_code == 409


def test_a_host_from_elsewhere_is_no_choice(client, reviewing):
    client.force_login(reviewing.ben.person)
    day = reviewing.review.due_on.isoformat()

    page = client.post(at("review_plan"), {"due_on": day, "host": reviewing.oma.pk})

    assert page.status_code == 422


# --- Elsewhere -------------------------------------------------------------------


class AsIf:
    """A request as the makers of Today's lines see it."""

    def __init__(self, user):
        self.user = user


def lines_for(member, now):
    request = AsIf(member.person)
    return contents.waiting_for(request, places_of(member.person), now=now)


def test_today_names_the_clause_and_the_time_left(asked, now):
    [line] = lines_for(asked.ben, now)

    assert (line.kind, line.title, line.window) == (
        "Decision",
        "Consent to charter clause 1",
        "5 days left",
    )
    assert line.url == at("decision", asked.amendment.pk)


def test_today_is_quiet_once_the_answer_is_given(asked, now):
    say_yes(asked, asked.round, asked.ben, now=now)

    assert lines_for(asked.ben, now) == []
    assert lines_for(asked.oma, now) == []


def test_today_asks_again_when_the_text_changed(asked, now):
    say_yes(asked, asked.round, asked.ben, now=now)
    line = proposed_of(asked)
    amending.rewrite(line, rewrite_of(line, "Other."), by=asked.ada, now=now)

    assert len(lines_for(asked.ben, now)) == 1


def test_an_open_review_waits_until_one_has_written(reviewing, now):
    before = [line.kind for line in lines_for(reviewing.ben, now)]
    quarterly.note(
        reviewing.review, by=reviewing.ben, serves="All.", strains="", now=now
    )

    assert (before, lines_for(reviewing.ben, now)) == (["Review"], [])


def test_the_week_of_a_facilitator_names_what_is_stuck(asked, now):
    QuarterlyReview.objects.unsealed("a test's clock").update(due_on=(now - DAY).date())
    request = AsIf(asked.sol.person)

    early = concerns_of(request, [asked.cohort], now=now)
    late = concerns_of(request, [asked.cohort], now=asked.round.closes_at)

    def mine(found):
        return [c.title for c in found if "/charter" in c.url or "/decisions/" in c.url]

    assert mine(early) == ["The review of the charter is overdue"]
    assert mine(late) == [
        "A consent round ran out",
        "The review of the charter is overdue",
    ]


# --- What it costs ---------------------------------------------------------------


def grown(cast, now, *, clauses, versions):
    """A charter of so many clauses and versions, each adopted by all."""
    drafts = [
        amending.Draft(section="own", title=f"Clause {n}", text=f"We agree on {n}.")
        for n in range(clauses - len(cast.clauses))
    ]
    if drafts:
        adopt_by_all(
            cast, amending.propose(by=cast.ada, clauses=drafts, now=now), now=now
        )
    for n in range(in_force(cast).number, versions):
        clause = Clause.objects.visible_to(cast.ada.person).of(in_force(cast)).first()
        adopt_by_all(cast, change(cast, clause, f"Words, {n} of them.", now), now=now)


def test_forty_clauses_and_thirty_versions_stay_light(client, founded, now):
    grown(founded, now, clauses=40, versions=30)
    amending.open_round(
        change(founded, founded.clauses[3], "Lighter words.", now),
        by=founded.ada,
        now=now,
    )
    client.force_login(founded.ben.person)
    client.get(at("charter"))

    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = client.get(at("charter"))

    assert CharterVersion.objects.visible_to(founded.ada.person).count() == 30
    assert len(queries) <= 12
    assert len(brotli.compress(page.content, quality=11)) <= 8 * 1024


def queries_of(client, url):
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(url)
    assert page.status_code == 200
    return len(queries)


def test_pages_of_the_charter_are_cheap(asked):
    ben = signed_in(asked.ben)

    assert queries_of(ben, at("decision", asked.amendment.pk)) <= 12
    assert queries_of(ben, at("charter")) <= 10
    assert queries_of(ben, at("review")) <= 10


def test_lists_cost_the_same_for_one_row_and_for_many(founded, now):
    ben = signed_in(founded.ben)
    urls = [at("charter"), at("decisions"), at("review"), "/today/"]
    amending.open_round(
        change(founded, founded.clauses[0], "New.", now), by=founded.ada, now=now
    )
    one = [queries_of(ben, url) for url in urls]
    for clause in founded.clauses[1:]:
        if not clause.steers:
            amending.open_round(
                change(founded, clause, "New.", now), by=founded.ada, now=now
            )
    for n in range(30):
        change(founded, founded.clauses[0], f"Draft {n}.", now)

    many = [queries_of(ben, url) for url in urls]

    assert one == many


def test_a_decision_costs_the_same_however_much_was_said(asked, now):
    ben = signed_in(asked.ben)
    url = at("decision", asked.amendment.pk)
    amending.say(asked.amendment, by=asked.ben, kind="question", text="One?", now=now)
    one = queries_of(ben, url)
    for n in range(30):
        amending.say(
            asked.amendment, by=asked.sol, kind="reply", text=f"No {n}.", now=now
        )

    assert queries_of(ben, url) == one


def test_nothing_waits_in_the_outbox_twice(asked, now):
    keys = list(OutboxMessage.objects.values_list("dedupe_key", flat=True))

    assert len(keys) == len(set(keys))
