"""Hard days of a decision: each has a sentence that people read, and a state."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from charters import amending
from charters.models import (
    LONGEST_CLAUSE,
    Amendment,
    Consent,
    ProposedClause,
    Remark,
)
from people.models import OutboxMessage
from tests.charters.conftest import (
    change,
    now_round,
    object_to,
    proposed_of,
    rewrite_of,
    say_yes,
)
from tests.charters.test_amending import deciding_by, leave, refused
from tests.charters.test_pages import (
    at,
    queries_of,
    signed_in,
    text_of,
    yes,
)
from tests.conftest import person, seat

DAY = timedelta(days=1)
LOOKS = "a test looks at every row"


def page_of(asked, who):
    return text_of(signed_in(who).get(at("decision", asked.amendment.pk)))


def step(asked, who, what, amendment=None):
    return signed_in(who).post(
        at("decision_step", (amendment or asked.amendment).pk), {"step": what}
    )


def over(asked):
    """The window closed a moment ago."""
    asked.round.opens_at = timezone.now() - 6 * DAY
    asked.round.closes_at = timezone.now() - timedelta(minutes=1)
    asked.round.save()


def state_of(amendment):
    return Amendment.objects.unsealed(LOOKS).get(pk=amendment.pk).state


def told(notice):
    rows = OutboxMessage.objects.filter(notice=f"charters.{notice}")
    return sorted(row.recipient.name for row in rows.select_related("recipient"))


# --- A member leaves with a standing objection -----------------------------------


def test_an_objection_of_somebody_who_left_stays_on_record_and_blocks_nothing(
    asked, now
):
    object_to(asked.round, by=asked.ben, now=now)
    leave(asked.ben, now)
    say_yes(asked, asked.round, asked.sol, now=now)

    words = page_of(asked, asked.ada)
    version = amending.adopt(asked.amendment, by=asked.ada, now=now)

    assert "Objections of people who left" in words
    assert "It blocks nothing any more; it stays on record" in words
    assert "Thirty days is short." in words
    assert (version.number, version.asked, version.consented) == (2, 2, 2)


# --- All members silent ----------------------------------------------------------


def test_silence_of_all_decides_nothing_and_names_the_ways_on(asked):
    over(asked)

    words = page_of(asked, asked.ada)

    assert (
        "Nobody has answered, and silence decides nothing here. You can give more "
        "time, talk about it in a session, or withdraw it." in words
    )
    assert amending.settle(now=timezone.now()) == 0
    assert state_of(asked.amendment) == "decide"


@pytest.mark.parametrize(
    ("way", "state"), [("extend", "decide"), ("send", "sent_to_session")]
)
def test_each_way_on_from_silence_is_a_press(asked, way, state):
    over(asked)

    step(asked, asked.ada, way)

    assert state_of(asked.amendment) == state
    assert now_round(asked).is_asking(timezone.now()) is (way == "extend")


def test_when_everyone_who_was_to_decide_has_left_more_time_asks_the_circle(
    founded, now
):
    deciding_by(founded, {"asks": "facilitator"}, now)
    amendment = change(founded, founded.clauses[0], "New.", now)
    asked = amending.open_round(amendment, by=founded.ada, now=now)
    leave(founded.sol, now)

    late = asked.closes_at
    asked = amending.extend(amendment, by=founded.ada, now=late)

    assert len(amending.standing(asked, now=late).members) == 2


# --- Three rounds ----------------------------------------------------------------


def test_after_the_third_round_the_clock_takes_it_to_a_session(asked, now):
    for n in (1, 2):
        objection = object_to(now_round(asked), by=asked.ben, now=now)
        line = proposed_of(asked)
        amending.integrate(
            objection,
            by=asked.ada,
            words={line.key: rewrite_of(line, f"Try {n}.")},
            now=now,
        )
    third = object_to(now_round(asked), by=asked.ben, now=now).round

    early = amending.settle(now=third.closes_at - timedelta(hours=1))
    before = state_of(asked.amendment)
    amending.settle(now=third.closes_at)
    amending.settle(now=third.closes_at)

    assert (early, before) == (0, "decide")
    assert state_of(asked.amendment) == "sent_to_session"
    assert told("taken_to_session") == [asked.ada.person.name]


def test_before_the_third_round_an_objection_waits_for_the_proposer(asked, now):
    object_to(asked.round, by=asked.ben, now=now)

    amending.settle(now=asked.round.closes_at)

    assert state_of(asked.amendment) == "decide"


def test_what_waits_for_a_session_stands_where_one_is_planned(asked):
    sol = signed_in(asked.sol)
    url = "/c/birch/sessions/new/"
    before = text_of(sol.get(url))

    step(asked, asked.ada, "send")
    waiting = text_of(sol.get(url))
    step(asked, asked.sol, "here")
    taken_up = text_of(sol.get(url))

    assert "Waiting for a session" not in before
    assert "Waiting for a session" in waiting
    assert asked.amendment.title in waiting
    assert "Waiting for a session" not in taken_up


def test_a_session_decides_by_the_same_consent_on_that_text(asked, now):
    """Everyone answers there; when all have, nobody waits for a window to end."""
    step(asked, asked.ada, "send")
    step(asked, asked.sol, "here")
    step(asked, asked.ada, "here")
    again = Amendment.objects.unsealed(LOOKS).get(follows=asked.amendment)
    asked_again = now_round(asked, again)

    for who in (asked.ada, asked.ben, asked.sol):
        signed_in(who).post(at("decision", again.pk), yes(asked_again))
    step(asked, asked.sol, "adopt", again)

    assert state_of(again) == "adopted"
    assert asked_again.text_hash == asked.round.text_hash


# --- Changing one's mind ---------------------------------------------------------


def test_an_answer_can_be_taken_back(asked, now):
    say_yes(asked, asked.round, asked.ben, now=now)

    assert "Take my answer back" in page_of(asked, asked.ben)
    for _twice in range(2):
        step(asked, asked.ben, "unsay")

    stands = amending.standing(asked.round, now=now)
    assert stands.answer_of(asked.ben) is None
    assert "Take my answer back" not in page_of(asked, asked.ben)


def test_what_is_decided_is_not_unsaid(asked, now):
    say_yes(asked, asked.round, asked.ben, asked.sol, now=now)
    amending.adopt(asked.amendment, by=asked.ada, now=now)

    said = refused(amending.take_back, asked.round, by=asked.ben, now=now)

    assert said == "This is decided already; answers stay as they are."


# --- The text changed ------------------------------------------------------------


def test_whose_answer_was_voided_reads_why_and_what_is_new(asked, now):
    say_yes(asked, asked.round, asked.ben, now=now)
    line = proposed_of(asked)
    amending.rewrite(
        line, rewrite_of(line, "Stays here. Most of it."), by=asked.ada, now=now
    )

    mine, others = page_of(asked, asked.ben), page_of(asked, asked.sol)

    assert "You had answered the earlier words: Yes, I consent." in mine
    assert "so that answer no longer counts and you are asked again." in mine
    assert "New since the text you answered" in mine
    assert "New since the text you answered" not in others
    assert "2 answers to earlier words no longer count" in others


def test_an_objector_is_asked_first_whether_it_is_mended(asked, now):
    objection = object_to(asked.round, by=asked.ben, now=now)
    line = proposed_of(asked)
    amending.integrate(
        objection, by=asked.ada, words={line.key: rewrite_of(line, "Sixty.")}, now=now
    )

    mine, others = page_of(asked, asked.ben), page_of(asked, asked.sol)

    ben, sol = asked.ben.person.name, asked.sol.person.name
    assert "Does the new text mend what you objected to?" in mine
    assert f"{ben} objected to the earlier words and is asked first" in others
    assert told("objection_mended") == [ben]
    opened = told("round_opened")
    assert opened.count(sol) - opened.count(ben) == 1  # Ben's is another mail


def test_several_objections_are_taken_in_at_once(asked, now):
    asked.cay = seat(asked.cohort, person("cay"), joined_at=asked.v1.adopted_at)
    first = object_to(asked.round, by=asked.ben, now=now)
    second = object_to(asked.round, by=asked.sol, now=now)
    third = object_to(asked.round, by=asked.cay, now=now, reason="Another matter.")
    line = proposed_of(asked)

    sent = signed_in(asked.ada).post(
        at("decision_integrate", first.pk),
        {
            "1-title": line.title,
            "1-text": "Sixty days.",
            "1-section": line.section,
            "1-lang": "en",
            "1-edition": line.edition,
            "also": [str(second.pk)],
        },
    )

    rows = Consent.objects.unsealed(LOOKS)
    assert sent.status_code == 302
    assert [
        (one.voided_at is not None, one.integrated_by is not None)
        for one in (rows.get(pk=o.pk) for o in (first, second, third))
    ] == [(True, True), (True, True), (True, False)]


def test_their_fix_can_be_put_below_ones_own_words(asked, now):
    objection = object_to(asked.round, by=asked.ben, now=now)
    line = proposed_of(asked)
    typed = {
        "1-title": line.title,
        "1-text": "My own half sentence",
        "1-section": line.section,
        "1-lang": "en",
        "1-edition": line.edition,
        "start": str(objection.pk),
    }

    page = signed_in(asked.ada).post(at("decision_integrate", objection.pk), typed)

    assert page.status_code == 200
    assert "My own half sentence\n\nSixty days.</textarea>" in page.content.decode()
    assert now_round(asked).number == 1


def test_words_of_an_integration_that_came_too_late_stay_in_the_form(asked, now):
    objection = object_to(asked.round, by=asked.ben, now=now)
    line = proposed_of(asked)
    leave(asked.ben, now)

    page = signed_in(asked.ada).post(
        at("decision_integrate", objection.pk),
        {
            "1-title": line.title,
            "1-text": "A long evening of words.",
            "1-section": line.section,
            "1-lang": "en",
            "1-edition": line.edition,
        },
    )

    assert page.status_code == 422
    words = text_of(page)
    assert "That objection no longer stands." in words
    assert "Your words are still in the form below." in words
    assert "A long evening of words." in words


@pytest.mark.parametrize("name", ["clause_edit", "decision_integrate"])
def test_fifty_thousand_characters_are_refused_and_kept_in_the_form(asked, now, name):
    line = proposed_of(asked)
    prefix, pk = "", line.pk
    if name == "decision_integrate":
        prefix, pk = "1-", object_to(asked.round, by=asked.ben, now=now).pk
    long = "ab " * 16_667

    page = signed_in(asked.ada).post(
        at(name, pk),
        {
            f"{prefix}title": line.title,
            f"{prefix}text": long,
            f"{prefix}section": line.section,
            f"{prefix}lang": "en",
            f"{prefix}edition": line.edition,
        },
    )

    assert page.status_code == 422
    assert f"at most {LONGEST_CLAUSE} characters" in text_of(page).replace(",", "")
    assert long.strip() in page.content.decode()


def test_a_clause_emptied_while_an_objection_is_taken_in_is_refused(asked, now):
    objection = object_to(asked.round, by=asked.ben, now=now)
    line = proposed_of(asked)

    said = refused(
        amending.integrate,
        objection,
        by=asked.ada,
        words={line.key: rewrite_of(line, "   ")},
        now=now,
    )

    assert said == "An empty clause says nothing. To take it out, remove it."
    assert now_round(asked).number == 1


# --- Advice ----------------------------------------------------------------------


def advised(cast, now):
    deciding_by(cast, {"rule": "advice"}, now)
    cast.amendment = change(cast, cast.clauses[0], "New.", now)
    cast.round = amending.open_round(cast.amendment, by=cast.ada, now=now)
    return amending.answer(
        cast.round,
        by=cast.ben,
        kind="concern",
        reason="Ask the newcomers.",
        text_hash=cast.round.text_hash,
        now=now,
    )


def test_advice_is_adopted_once_its_use_was_said(founded, now):
    advice = advised(founded, now)
    closes = founded.round.closes_at

    said = refused(amending.adopt, founded.amendment, by=founded.ada, now=closes)
    signed_in(founded.ada).post(at("decision_use", advice.pk), {"text": "I asked two."})
    version = amending.adopt(founded.amendment, by=founded.ada, now=closes)

    assert said == "Say first what you made of each piece of advice."
    assert version.concerned == 1
    assert "I asked two." in page_of(founded, founded.sol)


def test_advice_to_earlier_words_stays_on_record_and_wants_its_use_too(founded, now):
    advice = advised(founded, now)
    line = proposed_of(founded)
    amending.rewrite(line, rewrite_of(line, "Newer."), by=founded.ada, now=now)
    again = now_round(founded)
    say_yes(founded, again, founded.ben, now=now)

    refused(amending.adopt, founded.amendment, by=founded.ada, now=again.closes_at)
    for text in ("It is in the new words.", "It is in the first line."):
        amending.use_advice(advice, by=founded.ada, text=text, now=now)
    version = amending.adopt(founded.amendment, by=founded.ada, now=again.closes_at)

    uses = Remark.objects.unsealed(LOOKS).filter(about=advice)
    assert [use.text for use in uses] == ["It is in the first line."]
    assert version.number == 3
    assert "Ask the newcomers." in page_of(founded, founded.sol)


def test_only_whoever_proposed_says_what_became_of_advice(founded, now):
    advice = advised(founded, now)

    page = signed_in(founded.ben).post(at("decision_use", advice.pk), {"text": "Mine."})

    assert page.status_code == 409
    assert Remark.objects.unsealed(LOOKS).count() == 0


def test_what_was_kept_for_a_decision_of_another_circle_is_not_found(founded, now):
    advice = advised(founded, now)

    page = signed_in(founded.oma).post(at("decision_use", advice.pk), {"text": "Hm."})

    assert page.status_code == 404


# --- Taken up again --------------------------------------------------------------


def test_two_who_take_the_words_up_again_take_up_one_proposal(asked, now):
    amending.send_to_session(asked.amendment, by=asked.ada, now=now)

    first = amending.take_up_again(asked.amendment, by=asked.ben, now=now)
    second = amending.take_up_again(asked.amendment, by=asked.sol, now=now)

    assert first == second
    assert ProposedClause.objects.unsealed(LOOKS).filter(amendment=first).count() == 1


# --- The roll, the record, the list ----------------------------------------------


def test_what_was_decided_keeps_its_roll_though_people_leave(asked, now):
    say_yes(asked, asked.round, asked.ben, asked.sol, now=now)
    amending.adopt(asked.amendment, by=asked.ada, now=now)
    leave(asked.sol, now + DAY)

    words = page_of(asked, asked.ben)

    assert "Who consented to this text" in words
    for who in (asked.ada, asked.ben, asked.sol):
        assert f"{who.person.name}: yes" in words


def test_the_record_tells_all_of_a_decision(asked, now):
    objection = object_to(asked.round, by=asked.ben, now=now)
    first_hash = asked.round.text_hash
    line = proposed_of(asked)
    amending.integrate(
        objection, by=asked.ada, words={line.key: rewrite_of(line, "Sixty.")}, now=now
    )
    second = now_round(asked)
    say_yes(asked, second, asked.ben, asked.sol, now=now + timedelta(minutes=1))
    amending.adopt(asked.amendment, by=asked.ada, now=now + timedelta(minutes=2))

    words = text_of(signed_in(asked.sol).get(at("decision_record", asked.amendment.pk)))

    assert "Adopted as version 2" in words
    assert first_hash in words
    assert second.text_hash in words
    assert "taken into the next text" in words
    assert words.count(f"{asked.ben.person.name} : I object") == 1
    assert words.count(f"{asked.ben.person.name} : Yes, I consent") == 1
    assert "Sixty days." in words


def test_the_record_is_for_the_circle_only(asked):
    url = at("decision_record", asked.amendment.pk)

    assert signed_in(asked.oma).get(url).status_code == 404
    assert Client().get(url).status_code in (302, 404)


def many(cast, now, n):
    for number in range(n):
        one = change(cast, cast.clauses[0], f"Draft {number}.", now)
        Amendment.objects.unsealed(LOOKS).filter(pk=one.pk).update(
            title=f"Matter {number}"
        )
        one.refresh_from_db()
        amending.withdraw(one, by=cast.ada, now=now + timedelta(minutes=number))


def test_everything_we_were_asked_has_pages_and_a_search(founded, now):
    many(founded, now, 30)
    ben = signed_in(founded.ben)

    first = text_of(ben.get(at("decisions")))
    second = text_of(ben.get(at("decisions") + "?page=2"))
    found = text_of(ben.get(at("decisions") + "?q=matter+17"))
    adopted = text_of(ben.get(at("decisions") + "?became=adopted"))
    nothing = text_of(ben.get(at("decisions") + "?q=zebra"))

    assert "Page 1 of 2" in first
    assert ("Matter 29" in first, "Matter 2 " in first) == (True, False)
    assert "Matter 2 " in second
    assert ("Matter 17" in found, "Matter 16" in found) == (True, False)
    assert "Our first charter" in adopted
    assert "Nothing we were asked fits this search." in nothing


def test_pages_cost_the_same_for_three_people_and_for_thirty(asked, now):
    ben = signed_in(asked.ben)
    urls = [
        at("decision", asked.amendment.pk),
        at("decision_record", asked.amendment.pk),
        at("decisions"),
    ]
    object_to(asked.round, by=asked.sol, now=now)
    amending.say(asked.amendment, by=asked.ben, kind="question", text="One?", now=now)
    many(asked, now, 1)
    few = [queries_of(ben, url) for url in urls]

    then = asked.round.opens_at - DAY
    for n in range(27):
        who = seat(asked.cohort, person(f"p{n}"), joined_at=then)
        amending.say(asked.amendment, by=who, kind="reaction", text=f"{n}", now=now)
        kind = ("consent", "concern", "object")[n % 3]
        amending.answer(
            asked.round,
            by=who,
            kind=kind,
            reason="R.",
            harm="H.",
            fix="F.",
            text_hash=asked.round.text_hash,
            now=now,
        )
    many(asked, now, 30)

    assert [queries_of(ben, url) for url in urls] == few


def test_a_page_says_by_which_clause_it_is_decided_and_who_is_asked(founded, now):
    deciding_by(founded, {"asks_in": {"feedback": "member"}}, now)
    feedback = next(c for c in founded.clauses if c.section == "feedback")
    deciding = next(c for c in founded.clauses if c.steers == "deciding")
    founded.amendment = change(founded, feedback, "New.", now)

    before = page_of(founded, founded.sol)
    amending.open_round(founded.amendment, by=founded.ada, now=now)
    asked = page_of(founded, founded.sol)

    for words in (before, asked):
        assert "The members are asked; facilitators talk along." in words
        assert f"Clause {deciding.number} of our charter says so." in words
    assert "Our charter asks others about this section." in asked


def test_by_gradients_the_scale_stands_in_words_with_its_tally(founded, now):
    deciding_by(founded, {"rule": "gradients", "support": "3/4"}, now)
    founded.amendment = change(founded, founded.clauses[0], "New.", now)
    asked = amending.open_round(founded.amendment, by=founded.ada, now=now)
    amending.answer(
        asked, by=founded.sol, kind="disagree", text_hash=asked.text_hash, now=now
    )

    words = page_of(founded, founded.ben)

    for choice in (
        "I am for it",
        "I am for it, with a concern",
        "I can go either way",
        "I disagree, and will not stand in the way",
        "I block it: it would harm our purpose",
    ):
        assert choice in words
    assert "1 for it · 1 disagrees · 1 not yet" in words
    assert "1 of the 2 who answered is for it; 2 needed." in words
    assert "three quarters of those who answer are for it" in words


def test_the_same_answer_sent_twice_at_the_end_of_a_bad_line_is_one(asked):
    key = str(uuid4())
    ben = signed_in(asked.ben)

    for _twice in range(2):
        ben.post(at("decision", asked.amendment.pk), yes(asked.round, client_key=key))

    mine = Consent.objects.unsealed(LOOKS).filter(member=asked.ben, round=asked.round)
    assert mine.count() == 1


@pytest.mark.parametrize("page", ["decision", "charter"])
def test_an_edit_in_the_middle_of_a_page_leaves_no_yes_to_unread_words(
    asked, now, page
):
    """What one press would answer is what stands on the page, or an earlier text."""
    line, done = proposed_of(asked), []

    def edit_once_the_words_are_read(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if sql.startswith('SELECT "charters_proposedclause"') and not done:
            done.append(True)
            words = rewrite_of(line, "Zebras.")
            amending.rewrite(line, words, by=asked.ada, now=now)
        return result

    url = (
        at("decision", asked.amendment.pk)
        if page == "decision"
        else reverse("charters:charter", args=[asked.cohort.slug])
    )
    with connection.execute_wrapper(edit_once_the_words_are_read):
        shown = signed_in(asked.ben).get(url).context

    lines = shown["lines"] if page == "decision" else shown["proposals"][0].lines
    answers_the_new = shown["form"]["text_hash"].value() == now_round(asked).text_hash
    assert done
    assert answers_the_new == (lines[0].proposed.text == "Zebras.")
