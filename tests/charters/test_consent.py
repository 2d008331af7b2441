from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charters.consent import (
    ADVICE,
    CONSENSUS,
    CONSENT,
    GRADIENTS,
    RULES,
    Answer,
    Asked,
    Code,
    Kind,
    Reason,
    State,
    decide,
    earliest_close,
    fingerprint,
)

OPENS = datetime(2027, 3, 1, 9, tzinfo=UTC)
CLOSES = OPENS + timedelta(hours=72)
WHILE_OPEN = OPENS + timedelta(hours=5)
AFTERWARDS = CLOSES + timedelta(minutes=1)

TEXT = fingerprint("We begin on time.")
OLD_TEXT = fingerprint("We begin when all are there.")

CIRCLE = [Asked(member="ada"), Asked(member="ben"), Asked(member="sol")]


def says(member, kind=Kind.CONSENT, *, text_hash=TEXT, hours=1):
    return Answer(
        member=member,
        text_hash=text_hash,
        kind=kind,
        given_at=OPENS + timedelta(hours=hours),
    )


def round_of(answers, *, asked=CIRCLE, now=WHILE_OPEN, **more):
    return decide(
        text_hash=TEXT,
        asked=asked,
        answers=answers,
        opens_at=OPENS,
        closes_at=CLOSES,
        now=now,
        **more,
    )


def codes(outcome):
    return {reason.code for reason in outcome.reasons}


ALL_CONSENT = [says("ada"), says("ben"), says("sol")]


def test_all_consent_and_the_round_has_passed():
    outcome = round_of(ALL_CONSENT)

    assert outcome.state == State.PASSED
    assert outcome.consents == ("ada", "ben", "sol")
    assert outcome.waiting_for == ()


def test_it_waits_for_those_who_have_not_answered():
    outcome = round_of([says("ada")])

    assert outcome.state == State.WAITING
    assert outcome.waiting_for == ("ben", "sol")


def test_a_concern_is_kept_and_does_not_block():
    outcome = round_of([*ALL_CONSENT[:2], says("sol", Kind.CONCERN)])

    assert outcome.state == State.PASSED
    assert Reason(code=Code.CONCERN_KEPT, members=("sol",)) in outcome.reasons


def test_an_objection_blocks_while_the_window_is_open_and_afterwards():
    answers = [*ALL_CONSENT[:2], says("sol", Kind.OBJECT)]

    states = [round_of(answers, now=now).state for now in (WHILE_OPEN, AFTERWARDS)]

    assert states == [State.BLOCKED, State.BLOCKED]


def test_an_objection_taken_back_no_longer_blocks():
    answers = [
        says("sol", Kind.OBJECT, hours=2),
        *ALL_CONSENT[:2],
        says("sol", hours=3),
    ]

    assert round_of(answers).state == State.PASSED


def test_an_earlier_consent_does_not_outweigh_a_later_objection():
    answers = [says("sol", Kind.OBJECT, hours=3), *ALL_CONSENT]

    assert round_of(answers).objections == ("sol",)


def test_a_consent_to_another_text_never_counts():
    outcome = round_of([*ALL_CONSENT[:2], says("sol", text_hash=OLD_TEXT)])

    assert outcome.state == State.WAITING
    assert outcome.waiting_for == ("sol",)
    assert Code.ANSWERED_ANOTHER_TEXT in codes(outcome)


def test_an_objection_to_another_text_does_not_block_this_one():
    outcome = round_of([says("sol", Kind.OBJECT, text_hash=OLD_TEXT), *ALL_CONSENT])

    assert outcome.state == State.PASSED


def test_who_has_left_neither_blocks_nor_is_waited_for():
    asked = [*CIRCLE[:2], replace(CIRCLE[2], active=False)]
    answers = [*ALL_CONSENT[:2], says("sol", Kind.OBJECT)]

    outcome = round_of(answers, asked=asked)

    assert outcome.state == State.PASSED
    assert Reason(code=Code.LEFT, members=("sol",)) in outcome.reasons


def test_somebody_who_was_not_asked_does_not_count():
    outcome = round_of([*ALL_CONSENT, says("oma", Kind.OBJECT)])

    assert (outcome.state, outcome.objections) == (State.PASSED, ())


def test_before_it_opens_nothing_is_decided():
    assert round_of(ALL_CONSENT, now=OPENS - timedelta(hours=1)).state == State.NOT_OPEN


def reminded(times):
    return [replace(one, reminders=times) for one in CIRCLE]


def test_silence_is_not_consent_unless_the_charter_says_so():
    outcome = round_of([says("ada")], asked=reminded(2), now=AFTERWARDS)

    assert outcome.state == State.EXPIRED
    assert Code.SILENCE_DOES_NOT_COUNT in codes(outcome)


@pytest.mark.parametrize(
    ("reminders", "now", "state"),
    [
        (2, AFTERWARDS, State.PASSED),
        (1, AFTERWARDS, State.EXPIRED),
        (2, WHILE_OPEN, State.WAITING),
    ],
)
def test_where_silence_counts_it_needs_two_reminders_and_a_closed_window(
    reminders, now, state
):
    outcome = round_of(
        [says("ada")], asked=reminded(reminders), now=now, silence_counts=True
    )

    assert outcome.state == state


def test_silence_of_all_decides_nothing():
    outcome = round_of([], asked=reminded(2), now=AFTERWARDS, silence_counts=True)

    assert outcome.state == State.EXPIRED
    assert Code.NOBODY_ANSWERED in codes(outcome)


def test_a_circle_of_nobody_decides_nothing():
    asked = [replace(one, active=False) for one in CIRCLE]

    assert round_of([], asked=asked).state == State.WAITING
    assert round_of([], asked=asked, now=AFTERWARDS).state == State.EXPIRED


def test_one_yes_of_whoever_proposed_it_and_silence_all_round_decide_nothing():
    outcome = round_of(
        [says("ada")],
        asked=reminded(2),
        now=AFTERWARDS,
        silence_counts=True,
        proposer="ada",
    )

    assert (outcome.state, outcome.silent) == (State.EXPIRED, ())


def test_under_consensus_a_concern_blocks_and_silence_never_counts():
    concern = [*ALL_CONSENT[:2], says("sol", Kind.CONCERN)]

    blocked = round_of(concern, rule=CONSENSUS)
    silent = round_of(
        [says("ada")],
        asked=reminded(2),
        now=AFTERWARDS,
        rule=CONSENSUS,
        silence_counts=True,
    )

    assert blocked.state == State.BLOCKED
    assert Reason(code=Code.CONCERN_STANDS, members=("sol",)) in blocked.reasons
    assert silent.state == State.EXPIRED


def test_a_round_lasts_three_days_at_least():
    assert earliest_close(OPENS) == CLOSES


# Fingerprints


def test_texts_that_read_alike_have_one_fingerprint():
    composed, decomposed = "Caf\u00e9\nopen", "Cafe\u0301\r\nopen"

    assert fingerprint(composed) == fingerprint(decomposed)


def test_the_same_letters_parted_otherwise_are_another_text():
    assert fingerprint("Confidentiality", "We keep it") != fingerprint(
        "ConfidentialityWe keep it"
    )


def test_a_fingerprint_is_sha_256_in_hexadecimal():
    assert len(TEXT) == 64
    assert set(TEXT) <= set("0123456789abcdef")


@given(one=st.text(), other=st.text())
def test_one_letter_more_is_another_text(one, other):
    assert fingerprint(one, other) != fingerprint(one, other + "x")
    assert fingerprint(one, other) == fingerprint(one, other)


# Whatever happens in a round

members = st.sampled_from(["ada", "ben", "sol", "oma", "kim"])
rounds = st.fixed_dictionaries(
    {
        "asked": st.lists(
            st.builds(
                Asked, member=members, active=st.booleans(), reminders=st.integers(0, 3)
            ),
            unique_by=lambda one: one.member,
        ),
        "answers": st.lists(
            st.builds(
                says,
                members,
                st.sampled_from(Kind),
                text_hash=st.sampled_from([TEXT, OLD_TEXT]),
                hours=st.integers(0, 80),
            )
        ),
        "now": st.integers(-10, 100).map(lambda hours: OPENS + timedelta(hours=hours)),
        "rule": st.sampled_from(list(RULES.values())),
        "silence_counts": st.booleans(),
    }
)


@given(case=rounds)
def test_nothing_passes_with_an_open_objection(case):
    outcome = round_of(**case)

    assert not (outcome.passed and outcome.objections)
    assert not (
        outcome.objections and outcome.state not in (State.BLOCKED, State.NOT_OPEN)
    )


@given(case=rounds)
def test_answers_to_another_text_change_no_decision(case):
    here = [answer for answer in case["answers"] if answer.text_hash == TEXT]

    outcome = round_of(**case)
    without = round_of(**{**case, "answers": here})

    assert replace(outcome, reasons=()) == replace(without, reasons=())


@given(case=rounds)
def test_those_who_left_change_no_decision(case):
    outcome = round_of(**case)
    without = round_of(
        **{**case, "asked": [one for one in case["asked"] if one.active]}
    )

    assert replace(outcome, reasons=()) == replace(without, reasons=())


@given(case=rounds)
def test_everybody_in_the_circle_is_in_exactly_one_place(case):
    outcome = round_of(**case)

    places = [
        *outcome.consents,
        *outcome.concerns,
        *outcome.objections,
        *outcome.asides,
        *outcome.disagreements,
        *outcome.silent,
        *outcome.waiting_for,
    ]
    circle = [one.member for one in case["asked"] if one.active]
    assert sorted(places) == sorted(circle)


@given(case=rounds)
def test_a_passed_round_heard_from_all_or_had_the_right_to_silence(case):
    outcome = round_of(**case)

    if outcome.passed:
        assert outcome.consents or outcome.concerns
        assert not outcome.waiting_for or (
            case["rule"] == ADVICE and case["now"] >= CLOSES
        )
        assert not outcome.silent or (
            case["silence_counts"] and case["now"] >= CLOSES and case["rule"] == CONSENT
        )


# Other rules are other values


def test_advice_ends_with_the_window_whoever_was_silent():
    given = [says("ada", Kind.CONSENT), says("ben", Kind.CONCERN)]
    case = {"asked": [Asked(member=m) for m in ("ada", "ben", "sol")], "rule": ADVICE}

    early = round_of(**case, answers=given, now=OPENS + timedelta(hours=1))
    late = round_of(**case, answers=given, now=CLOSES)

    assert (early.state, late.state) == (State.WAITING, State.PASSED)


def test_advice_that_nobody_gave_decides_nothing():
    case = {"asked": [Asked(member=m) for m in ("ada", "ben")], "rule": ADVICE}

    alone = round_of(**case, answers=[says("ada", Kind.CONSENT)], now=CLOSES)

    assert alone.state == State.EXPIRED
    assert Code.TOO_FEW_ANSWERED in [reason.code for reason in alone.reasons]


def test_an_objection_is_no_answer_where_advice_was_asked():
    case = {"asked": [Asked(member=m) for m in ("ada", "ben")], "rule": ADVICE}
    given = [says("ada", Kind.CONSENT), says("ben", Kind.OBJECT)]

    outcome = round_of(**case, answers=given, now=OPENS + timedelta(hours=1))

    assert (outcome.objections, outcome.waiting_for) == ((), ("ben",))


def test_gradients_ask_for_two_thirds_and_no_block():
    asked = [Asked(member=m) for m in ("ada", "ben", "sol")]
    now = OPENS + timedelta(hours=1)

    def with_answers(*kinds):
        given = [says(one.member, kind) for one, kind in zip(asked, kinds, strict=True)]
        return round_of(asked=asked, answers=given, now=now, rule=GRADIENTS)

    two_of_three = with_answers(Kind.CONSENT, Kind.CONCERN, Kind.DISAGREE)
    one_of_three = with_answers(Kind.CONSENT, Kind.ASIDE, Kind.DISAGREE)
    blocked = with_answers(Kind.CONSENT, Kind.CONSENT, Kind.OBJECT)

    assert two_of_three.passed
    assert two_of_three.disagreements == ("sol",)
    assert not one_of_three.passed
    assert Code.TOO_LITTLE_SUPPORT in [r.code for r in one_of_three.reasons]
    assert blocked.state == State.BLOCKED
