"""How a charter changes, and what can never happen on the way."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError

from charters import amending
from charters.models import (
    CharterVersion,
    Clause,
    Consent,
    ProposedClause,
    QuarterlyReview,
    Wording,
)
from people.models import OutboxMessage
from people.refusal import Refused
from tests.charters.conftest import (
    adopt_by_all,
    change,
    in_force,
    now_round,
    object_to,
    proposed_of,
    rewrite_of,
    say_yes,
    seven,
)
from tests.conftest import person, seat

DAY = timedelta(days=1)


def refused(act, *args, **kwargs) -> str:
    with pytest.raises(Refused) as caught:
        act(*args, **kwargs)
    return str(caught.value.sentence)


def notices_to(who, name):
    return OutboxMessage.objects.filter(
        recipient=who.person, notice=f"charters.{name}"
    ).count()


# --- The first charter -----------------------------------------------------------


def test_the_first_charter_is_adopted_by_consent(birch, now):
    amendment = amending.propose(by=birch.ada, clauses=seven(), now=now)

    version = adopt_by_all(birch, amendment, now=now)

    clauses = Clause.objects.visible_to(birch.ben.person).of(version)
    assert (version.number, version.asked, version.agreed) == (1, 3, 3)
    assert [c.number for c in clauses] == [1, 2, 3, 4, 5, 6, 7]
    assert amendment.founding


def test_the_first_charter_plans_its_first_review(founded):
    review = QuarterlyReview.objects.visible_to(founded.ada.person).get()

    assert review.due_on.month == (founded.v1.adopted_at.month + 2) % 12 + 1


def test_only_one_first_charter_is_written_at_a_time(birch, now):
    amending.propose(by=birch.ada, clauses=seven(), now=now)

    said = refused(amending.propose, by=birch.ben, clauses=seven(), now=now)

    assert said == ("The first charter is being written already: add your lines there.")


def test_anyone_may_word_the_first_charter_while_it_is_a_draft(birch, now):
    amendment = amending.propose(by=birch.ada, clauses=seven(), now=now)
    line = proposed_of(birch, amendment)

    amending.rewrite(line, rewrite_of(line, "Ben's words."), by=birch.ben, now=now)
    amending.add_clause(
        amendment,
        amending.Draft(title="Tea", text="There is tea."),
        by=birch.ben,
        now=now,
    )

    texts = [
        p.text
        for p in ProposedClause.objects.visible_to(birch.ada.person).of(amendment)
    ]
    assert (texts[0], texts[-1], len(texts)) == ("Ben's words.", "There is tea.", 8)


def test_a_form_sent_twice_proposes_once(birch, now):
    key = uuid4()

    first = amending.propose(by=birch.ada, clauses=seven(), client_key=key, now=now)
    again = amending.propose(by=birch.ada, clauses=seven(), client_key=key, now=now)

    assert first == again


# --- Proposing -------------------------------------------------------------------


def test_a_stranger_proposes_nothing(founded, now):
    said = refused(
        amending.ask_for,
        change(founded, founded.clauses[0], "New.", now),
        "clarify",
        by=founded.oma,
        now=now,
    )

    assert said == "Only people who sit in this circle can do that."


def test_a_finished_cohort_proposes_nothing(founded, now):
    founded.cohort.finished_at = now
    founded.cohort.save()
    founded.ada.refresh_from_db()

    said = refused(change, founded, founded.clauses[0], "New.", now)

    assert said == "This cohort has finished; its charter can be read only."


def test_the_same_words_are_no_proposal(founded, now):
    clause = founded.clauses[0]

    said = refused(change, founded, clause, clause.text, now)

    assert said == "These are the words we have: change something first."


def test_a_clause_emptied_is_refused(founded, now):
    said = refused(change, founded, founded.clauses[0], "   \n ", now)

    assert said == "An empty clause says nothing. To take it out, remove it."


def test_a_clause_that_is_gone_cannot_be_changed(founded, now):
    gone = founded.clauses[0]
    gone.key = founded.clauses[0].pk

    said = refused(change, founded, gone, "New.", now)

    assert said == "That clause is no longer in the charter."


def test_only_its_proposer_words_a_proposal(asked, now):
    line = proposed_of(asked)

    said = refused(
        amending.rewrite, line, rewrite_of(line, "Ben's."), by=asked.ben, now=now
    )

    assert said == "Only the person who proposed this can change its words."


def test_somebody_carries_on_when_the_proposer_left(asked, now):
    line = proposed_of(asked)
    leave(asked.ada, now)

    amending.rewrite(line, rewrite_of(line, "Ben's."), by=asked.ben, now=now)

    asked.amendment.refresh_from_db()
    assert asked.amendment.proposer == asked.ben


def test_nobody_but_proposer_and_facilitator_asks_the_circle(founded, now):
    amendment = change(founded, founded.clauses[0], "New.", now)

    said = refused(amending.open_round, amendment, by=founded.ben, now=now)

    assert said == "Only the person who proposed this or a facilitator can."


def test_a_proposal_passes_through_questions_and_reactions(founded, now):
    amendment = change(founded, founded.clauses[0], "New.", now)
    states = []

    for step in ("clarify", "react"):
        amendment = amending.ask_for(amendment, step, by=founded.ada, now=now)
        states.append(amendment.state)
    amending.open_round(amendment, by=founded.ada, now=now)
    amendment.refresh_from_db()

    assert [*states, amendment.state] == ["clarify", "react", "decide"]


def test_a_proposal_never_goes_back(founded, now):
    amendment = change(founded, founded.clauses[0], "New.", now)
    amendment = amending.ask_for(amendment, "react", by=founded.ada, now=now)

    amendment = amending.ask_for(amendment, "clarify", by=founded.ada, now=now)

    assert amendment.state == "react"


def test_two_people_writing_at_once_lose_nothing(birch, now):
    amendment = amending.propose(by=birch.ada, clauses=seven(), now=now)
    line = proposed_of(birch, amendment)
    both_read = rewrite_of(line, "Ada's."), rewrite_of(line, "Ben's.")
    amending.rewrite(line, both_read[0], by=birch.ada, now=now)

    with pytest.raises(amending.Stale):
        amending.rewrite(line, both_read[1], by=birch.ben, now=now)

    assert proposed_of(birch, amendment).text == "Ada's."


# --- Asking ----------------------------------------------------------------------


def test_pressing_twice_opens_one_round(asked, now):
    again = amending.open_round(asked.amendment, by=asked.ada, now=now)

    assert again == asked.round


def test_the_proposer_consents_by_proposing(asked, now):
    stands = amending.standing(asked.round, now=now)

    assert stands.outcome.consents == (asked.ada.pk,)


def test_a_window_is_never_shorter_than_72_hours(founded, now):
    amendment = change(founded, founded.clauses[0], "New.", now)

    opened = amending.open_round(
        amendment, by=founded.ada, now=now, window=timedelta(hours=1)
    )

    assert opened.closes_at - opened.opens_at == timedelta(hours=72)


def test_the_database_refuses_a_shorter_window(asked):
    asked.round.closes_at = asked.round.opens_at + timedelta(hours=71)

    with pytest.raises(IntegrityError):
        asked.round.save()


def test_two_changes_of_one_clause_are_not_decided_at_once(asked, now):
    other = change(asked, asked.clauses[0], "Another.", now, by=asked.ben)

    said = refused(amending.open_round, other, by=asked.ben, now=now)

    assert said == (
        "Another change to “What is said here stays here” is being decided. Wait until "
        "it is over, then look at both."
    )


def test_a_change_begun_before_another_was_adopted_looks_at_both_first(founded, now):
    clause = founded.clauses[0]
    slow = change(founded, clause, "Slow.", now, by=founded.ben)
    adopt_by_all(founded, change(founded, clause, "Quick.", now), now=now)

    said = refused(amending.open_round, slow, by=founded.ben, now=now)
    amending.base_anew(proposed_of(founded, slow), by=founded.ben, now=now)
    opened = amending.open_round(slow, by=founded.ben, now=now)

    assert said == (
        "“What is said here stays here” was changed in the charter meanwhile. Look at "
        "both texts before you ask the circle."
    )
    assert opened.number == 1


def test_a_change_of_a_clause_that_another_removed_becomes_a_new_one(founded, now):
    clause = founded.clauses[0]
    slow = change(founded, clause, "Slow.", now, by=founded.ben)
    removal = amending.propose(
        by=founded.ada,
        clauses=[amending.Draft(change="removed", key=clause.key)],
        now=now,
    )
    adopt_by_all(founded, removal, now=now)

    said = refused(amending.open_round, slow, by=founded.ben, now=now)
    amending.base_anew(proposed_of(founded, slow), by=founded.ben, now=now)
    amending.open_round(slow, by=founded.ben, now=now)

    assert said == (
        "“What is said here stays here” was taken out of the charter meanwhile. "
        "Propose it as a new clause, or leave it out."
    )
    assert proposed_of(founded, slow).change == "new"


def test_one_thing_is_said_to_the_software_once(founded, now):
    second = amending.propose(by=founded.ada, clauses=seven({"review"}), now=now)

    said = refused(amending.open_round, second, by=founded.ada, now=now)

    assert (
        said == "Another clause already says this to Cohortsite: Looking at this again."
    )


def test_everyone_but_the_one_who_asks_hears_of_the_round_once(asked):
    told = [notices_to(m, "round_opened") for m in (asked.ada, asked.ben, asked.sol)]

    assert told == [0, 2, 2]  # the first charter, and this change


# --- Answering -------------------------------------------------------------------


def test_an_answer_is_tied_to_the_text_it_was_given_to(asked, now):
    given = amending.answer(
        asked.round,
        by=asked.ben,
        kind="consent",
        text_hash=asked.round.text_hash,
        now=now,
    )

    wording = Wording.objects.visible_to(asked.ben.person).get(
        pk=asked.round.wording_id
    )
    assert given.text_hash == amending.fingerprint_of(wording.clauses)


def test_an_answer_to_another_text_is_not_taken(asked, now):
    with pytest.raises(amending.TextChanged):
        amending.answer(
            asked.round, by=asked.ben, kind="consent", text_hash="0" * 64, now=now
        )

    assert amending.standing(asked.round, now=now).answer_of(asked.ben) is None


def test_of_two_answers_the_last_counts_and_there_is_one_row(asked, now):
    object_to(asked.round, by=asked.ben, now=now)

    say_yes(asked, asked.round, asked.ben, now=now)

    rows = Consent.objects.visible_to(asked.ada.person).filter(
        round=asked.round, member=asked.ben
    )
    assert [(r.kind, r.reason) for r in rows] == [("consent", "")]


@pytest.mark.parametrize("missing", ["reason", "harm", "fix"])
def test_an_objection_says_why_what_harm_and_what_would_mend_it(asked, now, missing):
    said = refused(object_to, asked.round, by=asked.ben, now=now, **{missing: " "})

    assert said == (
        "An objection says why, what harm it fears for our purpose, and what would "
        "mend it."
    )


def test_the_proposer_hears_of_an_objection_once(asked, now):
    for _ in range(2):
        object_to(asked.round, by=asked.ben, now=now)

    assert notices_to(asked.ada, "objection_raised") == 1


def test_a_newcomer_neither_counts_nor_blocks(asked, now):
    eve = seat(asked.cohort, person("eve"), joined_at=now + DAY)

    said = refused(object_to, asked.round, by=eve, now=now + DAY)

    assert said == (
        "This round was opened before you joined, so it does not wait for you. You may "
        "still ask and react."
    )


def test_nobody_answers_what_is_decided(asked, now):
    say_yes(asked, asked.round, asked.ben, asked.sol, now=now)
    amending.adopt(asked.amendment, by=asked.ada, now=now)

    said = refused(say_yes, asked, asked.round, asked.ben, now=now)

    assert said == "This is decided already; your answer came too late."


# --- Editing and integrating -----------------------------------------------------


def test_any_edit_voids_the_answers_and_opens_the_window_again(asked, now):
    say_yes(asked, asked.round, asked.ben, now=now)
    line = proposed_of(asked)
    later = now + 2 * DAY

    amending.rewrite(line, rewrite_of(line, "Other words."), by=asked.ada, now=later)

    fresh = now_round(asked)
    stands = amending.standing(fresh, now=later)
    assert (fresh.number, fresh.opens_at) == (1, later)
    assert fresh.closes_at >= later + timedelta(hours=72)
    assert stands.outcome.consents == (asked.ada.pk,)


def test_going_back_to_the_first_words_does_not_revive_old_answers(asked, now):
    say_yes(asked, asked.round, asked.ben, now=now)
    first = asked.round.text_hash
    for text in ("Other words.", "Stays here. All of it."):
        line = proposed_of(asked)
        amending.rewrite(line, rewrite_of(line, text), by=asked.ada, now=now)

    stands = amending.standing(now_round(asked), now=now)

    assert now_round(asked).text_hash == first
    assert stands.answer_of(asked.ben) is None


def test_while_an_objection_stands_the_text_changes_by_taking_it_in_only(asked, now):
    object_to(asked.round, by=asked.ben, now=now)
    line = proposed_of(asked)

    said = refused(
        amending.rewrite, line, rewrite_of(line, "Sly."), by=asked.ada, now=now
    )

    assert said == "An objection stands: answer it by taking it into the text."


def test_an_integrated_objection_opens_the_next_round(asked, now):
    objection = object_to(asked.round, by=asked.ben, now=now)
    line = proposed_of(asked)

    opened = amending.integrate(
        objection,
        by=asked.ada,
        words={line.key: rewrite_of(line, "Sixty days.")},
        now=now,
    )

    objection.refresh_from_db()
    assert (opened.number, objection.integrated_by_id, objection.voided_at) == (
        2,
        opened.wording_id,
        now,
    )
    assert amending.standing(opened, now=now).objections == []


def test_integrating_changes_something(asked, now):
    objection = object_to(asked.round, by=asked.ben, now=now)
    line = proposed_of(asked)

    said = refused(
        amending.integrate,
        objection,
        by=asked.ada,
        words={line.key: rewrite_of(line, line.text)},
        now=now,
    )

    assert said == "The text is the same as before. What will mend it?"


def test_after_three_rounds_it_goes_to_a_session(asked, now):
    for text in ("Two.", "Three."):
        objection = object_to(now_round(asked), by=asked.ben, now=now)
        line = proposed_of(asked)
        amending.integrate(
            objection,
            by=asked.ada,
            words={line.key: rewrite_of(line, text)},
            now=now,
        )
    objection = object_to(now_round(asked), by=asked.ben, now=now)
    line = proposed_of(asked)

    said = refused(
        amending.integrate,
        objection,
        by=asked.ada,
        words={line.key: rewrite_of(line, "Four.")},
        now=now,
    )
    sent = amending.send_to_session(asked.amendment, by=asked.sol, now=now)

    assert said.startswith("Three rounds are enough.")
    assert (sent.state, now_round(asked).closed_at) == ("sent_to_session", now)


def test_what_went_to_a_session_can_be_taken_up_again(asked, now):
    amending.send_to_session(asked.amendment, by=asked.ada, now=now)

    again = amending.take_up_again(asked.amendment, by=asked.ben, now=now)

    assert (again.state, again.proposer, again.follows) == (
        "draft",
        asked.ben,
        asked.amendment,
    )


def test_an_answer_with_an_old_pages_key_reaches_the_new_text(asked, now):
    key = uuid4()
    amending.answer(
        asked.round,
        by=asked.ben,
        kind="consent",
        text_hash=asked.round.text_hash,
        client_key=key,
        now=now,
    )
    line = proposed_of(asked)
    amending.rewrite(line, rewrite_of(line, "Other."), by=asked.ada, now=now)
    fresh = now_round(asked)

    amending.answer(
        fresh,
        by=asked.ben,
        kind="consent",
        text_hash=fresh.text_hash,
        client_key=key,
        now=now,
    )

    assert amending.standing(fresh, now=now).answer_of(asked.ben).kind == "consent"


# --- Adopting --------------------------------------------------------------------


def test_adopting_changes_the_clause_and_keeps_the_others(asked, now):
    say_yes(asked, asked.round, asked.ben, asked.sol, now=now)

    version = amending.adopt(asked.amendment, by=asked.ada, now=now)

    clauses = list(Clause.objects.visible_to(asked.ben.person).of(version))
    assert (version.number, clauses[0].text, clauses[0].since) == (
        2,
        "Stays here. All of it.",
        2,
    )
    assert [c.as_parts for c in clauses[1:]] == [c.as_parts for c in asked.clauses[1:]]
    assert clauses[0].key == asked.clauses[0].key


def test_two_people_adopt_at_once_and_there_is_one_version(asked, now):
    say_yes(asked, asked.round, asked.ben, asked.sol, now=now)

    one = amending.adopt(asked.amendment, by=asked.ada, now=now)
    other = amending.adopt(asked.amendment, by=asked.sol, now=now)

    assert one == other


def test_nothing_is_adopted_over_an_objection(asked, now):
    say_yes(asked, asked.round, asked.sol, now=now)
    object_to(asked.round, by=asked.ben, now=now)

    said = refused(amending.adopt, asked.amendment, by=asked.ada, now=now)

    assert said == (
        "An objection stands. Take it into the text, or talk about it together."
    )


def test_silence_does_not_count(asked, now):
    say_yes(asked, asked.round, asked.sol, now=now)
    later = now + 30 * DAY

    adopted = amending.settle(now=later)

    assert (adopted, in_force(asked).number) == (0, 1)
    assert notices_to(asked.ada, "round_ended") == 1


def test_those_who_left_do_not_block(asked, now):
    say_yes(asked, asked.round, asked.sol, now=now)
    object_to(asked.round, by=asked.ben, now=now)
    leave(asked.ben, now)

    version = amending.adopt(asked.amendment, by=asked.ada, now=now)

    assert (version.asked, version.consented) == (2, 2)


def test_the_clock_adopts_what_has_passed(asked, now):
    say_yes(asked, asked.round, asked.ben, asked.sol, now=now)

    early = amending.settle(now=now + DAY)
    due = amending.settle(now=now + 6 * DAY)
    again = amending.settle(now=now + 7 * DAY)

    assert (early, due, again, in_force(asked).number) == (0, 1, 0, 2)


def test_a_round_that_ran_out_can_be_given_more_time(asked, now):
    say_yes(asked, asked.round, asked.sol, now=now)
    later = now + 9 * DAY

    opened = amending.extend(asked.amendment, by=asked.ada, now=later)
    stands = amending.standing(opened, now=later)

    assert opened.closes_at >= later + timedelta(hours=72)
    assert set(stands.outcome.consents) == {asked.ada.pk, asked.sol.pk}


def test_nothing_is_extended_before_the_circle_was_asked(founded, now):
    amendment = change(founded, founded.clauses[0], "New.", now)

    said = refused(amending.extend, amendment, by=founded.ada, now=now)

    assert said == "The circle has not been asked yet."


def test_a_concern_is_kept_on_record_and_blocks_nothing(asked, now):
    say_yes(asked, asked.round, asked.sol, now=now)
    amending.answer(
        asked.round,
        by=asked.ben,
        kind="concern",
        reason="The bus.",
        text_hash=asked.round.text_hash,
        now=now,
    )

    version = amending.adopt(asked.amendment, by=asked.ada, now=now)

    assert (version.consented, version.concerned, version.agreed) == (2, 1, 3)


def test_under_consensus_a_concern_blocks(founded, now):
    deciding = next(c for c in founded.clauses if c.steers == "deciding")
    stricter = amending.propose(
        by=founded.ada,
        clauses=[
            amending.Draft(
                change="changed",
                key=deciding.key,
                section=deciding.section,
                title=deciding.title,
                text="All of us say yes.",
                value={"rule": "consensus", "silence_counts": False},
            )
        ],
        now=now,
    )
    adopt_by_all(founded, stricter, now=now)
    amendment = change(founded, founded.clauses[0], "New.", now)
    opened = amending.open_round(amendment, by=founded.ada, now=now)
    say_yes(founded, opened, founded.sol, now=now)
    amending.answer(
        opened,
        by=founded.ben,
        kind="concern",
        reason="Hm.",
        text_hash=opened.text_hash,
        now=now,
    )

    assert opened.rule == "consensus"
    refused(amending.adopt, amendment, by=founded.ada, now=now)


def deciding_by(cast, value, now):
    """From now on the circle decides in this way."""
    deciding = next(c for c in cast.clauses if c.steers == "deciding")
    amendment = amending.propose(
        by=cast.ada,
        clauses=[
            amending.Draft(
                change="changed",
                key=deciding.key,
                section=deciding.section,
                title=deciding.title,
                text="As we agreed.",
                value=value,
            )
        ],
        now=now,
    )
    adopt_by_all(cast, amendment, now=now)


def test_a_section_decides_by_its_own_rule(founded, now):
    deciding_by(founded, {"rule": "consent", "sections": {"feedback": "advice"}}, now)
    feedback = next(c for c in founded.clauses if c.section == "feedback")
    other = next(c for c in founded.clauses if c.section == "support")

    rules = [
        amending.open_round(
            change(founded, clause, "New.", now), by=founded.ada, now=now
        ).rule
        for clause in (feedback, other)
    ]

    assert rules == ["advice", "consent"]


def test_by_advice_the_proposer_decides_after_hearing_somebody(founded, now):
    deciding_by(founded, {"rule": "advice"}, now)
    amendment = change(founded, founded.clauses[0], "New.", now)
    opened = amending.open_round(amendment, by=founded.ada, now=now)

    said = refused(object_to, opened, by=founded.ben, now=now)
    alone = amending.settle(now=opened.closes_at)
    say_yes(founded, opened, founded.ben, now=now)
    heard = amending.settle(now=opened.closes_at)
    version = amending.adopt(amendment, by=founded.ada, now=opened.closes_at)

    assert said == "That answer is not one that this decision asks for."
    assert (alone, heard) == (0, 0)  # the clock never decides for whoever proposed
    assert version.number == 3


def test_by_gradients_too_little_support_is_said_and_new_words_ask_again(founded, now):
    deciding_by(founded, {"rule": "gradients"}, now)
    amendment = change(founded, founded.clauses[0], "New.", now)
    opened = amending.open_round(amendment, by=founded.ada, now=now)
    for who, kind in ((founded.ben, "disagree"), (founded.sol, "aside")):
        amending.answer(opened, by=who, kind=kind, text_hash=opened.text_hash, now=now)

    said = refused(amending.adopt, amendment, by=founded.ada, now=now)
    line = proposed_of(founded, amendment)
    amending.rewrite(line, rewrite_of(line, "Newer."), by=founded.ada, now=now)
    again = now_round(founded, amendment)
    for who, kind in ((founded.ben, "concern"), (founded.sol, "aside")):
        amending.answer(
            again,
            by=who,
            kind=kind,
            reason="Hm.",
            text_hash=again.text_hash,
            now=now,
        )
    version = amending.adopt(amendment, by=founded.ada, now=now)

    assert said == ("Too few are for it. Change the words, or talk about it together.")
    assert (version.consented, version.concerned) == (1, 1)


def test_silence_counts_where_the_charter_says_so_after_two_reminders(founded, now):
    founded.clauses = counting_silence(founded, now)
    amendment = change(founded, founded.clauses[0], "New.", now)
    opened = amending.open_round(amendment, by=founded.ada, now=now)
    say_yes(founded, opened, founded.sol, now=now)
    window = opened.closes_at - opened.opens_at

    unreminded = amending.standing(opened, now=opened.closes_at).passed
    for share in (0.5, 0.8):
        amending.remind(now=now + window * share)
    adopted = amending.settle(now=opened.closes_at)

    assert (unreminded, adopted, in_force(founded).silent) == (False, 1, 1)


def test_reminders_reach_only_those_who_have_not_answered_and_once(asked, now):
    say_yes(asked, asked.round, asked.sol, now=now)
    late = asked.round.closes_at - timedelta(hours=3)

    made = [amending.remind(now=late) for _ in range(3)]

    assert made == [1, 0, 0]
    assert notices_to(asked.ben, "round_reminder") == 1
    assert notices_to(asked.sol, "round_reminder") == 0


def test_nothing_reminds_before_a_fifth_of_the_window_is_left(asked, now):
    window = asked.round.closes_at - asked.round.opens_at

    made = amending.remind(now=now + window * 0.79)

    assert made == 0


# --- Ways out --------------------------------------------------------------------


def test_the_proposer_withdraws_and_the_clause_is_free_again(asked, now):
    amending.withdraw(asked.amendment, by=asked.ada, now=now)

    other = change(asked, asked.clauses[0], "Another.", now, by=asked.ben)
    opened = amending.open_round(other, by=asked.ben, now=now)

    asked.amendment.refresh_from_db()
    assert (asked.amendment.state, opened.number) == ("withdrawn", 1)


def test_nobody_else_withdraws_it_not_even_a_facilitator(asked, now):
    said = refused(amending.withdraw, asked.amendment, by=asked.sol, now=now)

    assert said == "Only the person who proposed this can withdraw it."


def test_a_lapsed_charter_decides_nothing(asked, now):
    say_yes(asked, asked.round, asked.ben, asked.sol, now=now)
    review = QuarterlyReview.objects.visible_to(asked.ada.person).get()
    review.opened_at = review.lapsed_at = now
    review.save()

    said = refused(amending.adopt, asked.amendment, by=asked.ada, now=now)
    adopted = amending.settle(now=now + 30 * DAY)

    assert said == (
        "The charter has lapsed: it decides nothing until its review was held. Hold "
        "the review first."
    )
    assert adopted == 0


# --- Never edited ----------------------------------------------------------------


@pytest.mark.parametrize("what", ["v1", "clause", "wording"])
def test_the_database_refuses_to_edit_what_was_agreed(asked, what):
    row = {
        "v1": asked.v1,
        "clause": asked.clauses[0],
        "wording": asked.round.wording,
    }[what]

    with pytest.raises(DatabaseError, match="is never edited"), transaction.atomic():
        row.save()


def test_a_cohort_can_still_be_removed_whole(asked):
    asked.cohort.delete()

    assert CharterVersion.objects.unsealed("nothing is left").count() == 0


def counting_silence(cast, now):
    deciding = next(c for c in cast.clauses if c.steers == "deciding")
    amendment = amending.propose(
        by=cast.ada,
        clauses=[
            amending.Draft(
                change="changed",
                key=deciding.key,
                section=deciding.section,
                title=deciding.title,
                text="Silence is a yes, after two reminders.",
                value={"rule": "consent", "silence_counts": True},
            )
        ],
        now=now,
    )
    version = adopt_by_all(cast, amendment, now=now)
    return list(Clause.objects.visible_to(cast.ada.person).of(version))


def leave(member, now):
    member.left_at = now
    member.save()
