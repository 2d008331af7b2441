"""Two people act on one charter at one moment, each over a connection of their own."""

from uuid import uuid4

import pytest

from charters import amending, welcoming
from charters.amending import Stale, TextChanged
from charters.models import (
    Amendment,
    CharterVersion,
    Consent,
    ConsentRound,
    NewcomerAnswer,
    QuarterlyReview,
    Remark,
)
from people.models import OutboxMessage
from people.refusal import Refused
from tests.charters.conftest import (
    adopt_by_all,
    change,
    now_round,
    object_to,
    proposed_of,
    rewrite_of,
    say_yes,
    seven,
)
from tests.charters.test_amending import deciding_by
from tests.charters.test_repair_races import at_once
from tests.conftest import person, seat

pytestmark = pytest.mark.django_db(transaction=True)
LOOKS = "a test looks at every row"


def versions():
    return CharterVersion.objects.unsealed(LOOKS).count()


def yes_to(asked, who, now, **more):
    return lambda: amending.answer(
        asked, by=who, kind="consent", text_hash=asked.text_hash, now=now, **more
    )


def test_two_adopt_at_once_and_there_is_one_version(asked, now):
    say_yes(asked, asked.round, asked.ben, asked.sol, now=now)

    heard = at_once(
        lambda: amending.adopt(asked.amendment, by=asked.ada, now=now),
        lambda: amending.adopt(asked.amendment, by=asked.sol, now=now),
        lambda: amending.settle(now=asked.round.closes_at),
    )

    assert heard == [None, None, None]
    assert versions() == 2
    mails = OutboxMessage.objects.filter(notice="charters.version_adopted")
    assert mails.count() == 6  # three people, two versions


def test_the_first_charter_adopted_twice_at_once_plans_one_review(birch, now):
    amendment = amending.propose(by=birch.ada, clauses=seven(), now=now)
    asked = amending.open_round(amendment, by=birch.ada, now=now)
    say_yes(birch, asked, birch.ben, birch.sol, now=now)

    heard = at_once(
        lambda: amending.adopt(amendment, by=birch.ada, now=now),
        lambda: amending.adopt(amendment, by=birch.sol, now=now),
    )

    assert heard == [None, None]
    assert (versions(), QuarterlyReview.objects.unsealed(LOOKS).count()) == (1, 1)


@pytest.mark.parametrize("turn", range(3))
def test_an_edit_lands_while_somebody_consents(asked, now, turn):
    """Whichever goes first: a consent to the old words never counts for the new."""
    line = proposed_of(asked)

    heard = at_once(
        lambda: amending.rewrite(
            line, rewrite_of(line, "Other words."), by=asked.ada, now=now
        ),
        yes_to(asked.round, asked.ben, now),
    )

    assert heard[0] is None
    assert heard[1] is None or isinstance(heard[1], TextChanged)
    asked_now = now_round(asked)
    stands = amending.standing(asked_now, now=now)
    assert stands.answer_of(asked.ben) is None
    assert asked_now.text_hash != asked.round.text_hash


@pytest.mark.parametrize("turn", range(3))
def test_an_objection_meets_an_adoption(asked, now, turn):
    """Either it blocks, or it came late and says so; never both."""
    say_yes(asked, asked.round, asked.ben, asked.sol, now=now)

    heard = at_once(
        lambda: amending.adopt(asked.amendment, by=asked.ada, now=now),
        lambda: object_to(asked.round, by=asked.ben, now=now),
    )

    adopted = versions() == 2
    stands = Consent.objects.unsealed(LOOKS).objections().exists()
    assert (adopted, stands) in {(True, False), (False, True)}
    assert [isinstance(one, Refused) for one in heard] == [not adopted, adopted]


def test_the_same_answer_twice_at_once_is_one_row(asked, now):
    heard = at_once(*[yes_to(asked.round, asked.ben, now)] * 3)

    assert heard == [None, None, None]
    mine = Consent.objects.unsealed(LOOKS).filter(member=asked.ben, round=asked.round)
    assert mine.count() == 1


def test_two_take_the_same_objection_in_at_once_and_one_looks_again(asked, now):
    objection = object_to(asked.round, by=asked.ben, now=now)
    line = proposed_of(asked)

    heard = at_once(
        *[
            lambda text=text: amending.integrate(
                objection,
                by=asked.ada,
                words={line.key: rewrite_of(line, text)},
                now=now,
            )
            for text in ("Sixty days.", "Ninety days.")
        ]
    )

    assert {type(one) for one in heard} == {type(None), Stale}
    assert now_round(asked).number == 2


def test_two_proposals_on_one_clause_are_never_both_decided(founded, now):
    both = [
        change(founded, founded.clauses[0], text, now)
        for text in ("One way.", "Another way.")
    ]

    heard = at_once(
        *[
            lambda one=one: amending.open_round(one, by=founded.ada, now=now)
            for one in both
        ]
    )

    assert sorted(isinstance(one, Refused) for one in heard) == [False, True]
    assert ConsentRound.objects.unsealed(LOOKS).open().count() == 1


def test_opening_twice_at_once_asks_once(founded, now):
    amendment = change(founded, founded.clauses[0], "New.", now)

    heard = at_once(
        *[lambda: amending.open_round(amendment, by=founded.ada, now=now)] * 2
    )

    assert heard == [None, None]
    assert ConsentRound.objects.unsealed(LOOKS).filter(amendment=amendment).count() == 1


def test_withdrawing_meets_adopting_and_one_of_them_holds(asked, now):
    say_yes(asked, asked.round, asked.ben, asked.sol, now=now)

    at_once(
        lambda: amending.adopt(asked.amendment, by=asked.ada, now=now),
        lambda: amending.withdraw(asked.amendment, by=asked.ada, now=now),
    )

    state = Amendment.objects.unsealed(LOOKS).get(pk=asked.amendment.pk).state
    assert (state, versions()) in {("adopted", 2), ("withdrawn", 1)}


def test_two_take_words_up_again_at_once_and_there_is_one_proposal(asked, now):
    amending.send_to_session(asked.amendment, by=asked.ada, now=now)

    heard = at_once(
        *[
            lambda who=who: amending.take_up_again(asked.amendment, by=who, now=now)
            for who in (asked.ben, asked.sol)
        ]
    )

    assert heard == [None, None]
    follow_ups = Amendment.objects.unsealed(LOOKS).filter(follows=asked.amendment)
    assert follow_ups.count() == 1


def test_an_answer_taken_back_while_it_is_adopted(asked, now):
    say_yes(asked, asked.round, asked.ben, asked.sol, now=now)

    heard = at_once(
        lambda: amending.adopt(asked.amendment, by=asked.ada, now=now),
        lambda: amending.take_back(asked.round, by=asked.ben, now=now),
    )

    mine = Consent.objects.unsealed(LOOKS).filter(member=asked.ben, round=asked.round)
    adopted = versions() == 2
    assert mine.exists() is adopted
    assert [isinstance(one, Refused) for one in heard] == [not adopted, adopted]


def test_the_use_of_one_advice_said_twice_at_once_is_one_line(founded, now):
    deciding_by(founded, {"rule": "advice"}, now)
    amendment = change(founded, founded.clauses[0], "New.", now)
    asked = amending.open_round(amendment, by=founded.ada, now=now)
    advice = amending.answer(
        asked,
        by=founded.ben,
        kind="concern",
        reason="Ask the newcomers.",
        text_hash=asked.text_hash,
        now=now,
    )

    heard = at_once(
        *[lambda: amending.use_advice(advice, by=founded.ada, text="Done.", now=now)]
        * 2
    )

    assert heard == [None, None]
    assert Remark.objects.unsealed(LOOKS).filter(about=advice).count() == 1


def test_a_newcomer_answers_on_the_page_and_from_the_mail_at_once(founded, now):
    eve = seat(founded.cohort, person("eve"), joined_at=now)

    def answer(kind):
        return lambda: welcoming.answer(
            founded.v1,
            by=eve,
            kind=kind,
            fingerprint=founded.v1.fingerprint,
            client_key=uuid4(),
            now=now,
        )

    heard = at_once(answer("consent"), answer("talk"))

    assert heard == [None, None]
    assert NewcomerAnswer.objects.unsealed(LOOKS).filter(member=eve).count() == 1


def test_a_clause_based_anew_keeps_the_words_written_meanwhile(founded, now):
    clause = founded.clauses[0]
    slow = change(founded, clause, "Slow.", now, by=founded.ben)
    adopt_by_all(founded, change(founded, clause, "Quick.", now), now=now)
    as_read = proposed_of(founded, slow)
    amending.rewrite(
        proposed_of(founded, slow),
        rewrite_of(as_read, "Slower."),
        by=founded.ben,
        now=now,
    )

    amending.base_anew(as_read, by=founded.ben, now=now)

    line = proposed_of(founded, slow)
    assert (line.text, line.edition) == ("Slower.", as_read.edition + 2)
