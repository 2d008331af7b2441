"""Who decides what stands in the charter itself, and rounds keep to it."""

import pytest

from charters import amending
from charters.models import Clause, ConsentRound
from charters.values import Deciding, in_words
from cohorts.models import Role
from people.refusal import Refused
from tests.charters.conftest import change, say_yes
from tests.charters.test_amending import deciding_by, refused


def section(cast, name):
    return next(c for c in cast.clauses if c.section == name)


def ask(cast, clause, now, text="New.", by=None, **more):
    amendment = change(cast, clause, text, now, by=by)
    return amending.open_round(amendment, by=by or cast.ada, now=now)


def names(asked, now):
    members = amending.standing(asked, now=now).members
    return sorted(m.person.name.split()[0] for m in members)


def test_by_default_everyone_is_asked_and_the_charter_says_by_which_clause(
    founded, now
):
    asked = ask(founded, section(founded, "support"), now)
    deciding = next(c for c in founded.clauses if c.steers == "deciding")

    assert names(asked, now) == ["Ada", "Ben", "Sol"]
    assert asked.grounds == {
        "sections": ["support"],
        "clause": deciding.number,
        "version": 1,
    }


def test_a_section_that_asks_members_waits_for_no_facilitator(founded, now):
    deciding_by(founded, {"asks_in": {"feedback": "member"}}, now)
    asked = ask(founded, section(founded, "feedback"), now)

    said = refused(say_yes, founded, asked, founded.sol, now=now)
    say_yes(founded, asked, founded.ben, now=now)
    version = amending.adopt(asked.amendment, by=founded.ada, now=now)

    assert said == (
        "Our charter asks others about this section. You may still ask and react."
    )
    assert (names(asked, now), version.asked) == (["Ada", "Ben"], 2)


def test_a_facilitator_who_is_not_asked_has_nothing_waiting(founded, now):
    deciding_by(founded, {"asks": "member"}, now)
    asked = ask(founded, section(founded, "feedback"), now)
    rounds = ConsentRound.objects.unsealed("a test looks")

    waiting = [
        rounds.filter(pk=asked.pk).unanswered_by(who.person).exists()
        for who in (founded.ada, founded.ben, founded.sol)
    ]

    assert waiting == [False, True, False]


def test_whoever_proposes_without_being_asked_does_not_consent_by_it(founded, now):
    deciding_by(founded, {"asks": "facilitator"}, now)
    asked = ask(founded, section(founded, "feedback"), now)

    stands = amending.standing(asked, now=now)

    assert names(asked, now) == ["Sol"]
    assert stands.outcome.consents == ()


def test_where_nobody_of_those_is_here_everyone_is_asked(founded, now):
    deciding_by(founded, {"asks": "facilitator"}, now)
    founded.sol.left_at = now
    founded.sol.save()

    assert names(ask(founded, section(founded, "feedback"), now), now) == ["Ada", "Ben"]


def test_a_clause_that_moves_is_decided_by_the_rule_of_the_section_it_leaves(
    founded, now
):
    """Else moving a clause first would be a way round consensus."""
    deciding_by(
        founded,
        {
            "rule": "advice",
            "sections": {"confidentiality": "consensus"},
            "asks_in": {"own": "facilitator"},
        },
        now,
    )
    kept = section(founded, "confidentiality")
    amendment = amending.propose(
        by=founded.ada,
        clauses=[
            amending.Draft(
                change="changed",
                key=kept.key,
                section="own",
                title=kept.title,
                text=kept.text,
                lang=kept.lang,
                value=kept.value,
            )
        ],
        now=now,
    )

    asked = amending.open_round(amendment, by=founded.ada, now=now)

    assert (asked.rule, asked.asks) == ("consensus", "everyone")
    assert asked.grounds["sections"] == ["confidentiality", "own"]


def test_moving_it_while_the_circle_is_asked_asks_by_the_stricter_rule(founded, now):
    deciding_by(founded, {"sections": {"confidentiality": "consensus"}}, now)
    asked = ask(founded, section(founded, "feedback"), now)
    [line] = amending.permits.proposed_in(asked.amendment)

    amending.rewrite(
        line,
        amending.Rewrite(
            edition=line.edition,
            title=line.title,
            text=line.text,
            value=line.value,
            section="confidentiality",
        ),
        by=founded.ada,
        now=now,
    )

    asked.refresh_from_db()
    assert asked.rule == "consensus"


def test_a_change_of_how_we_decide_touches_every_section_it_changes(founded, now):
    """Consensus on one section cannot be consented away."""
    deciding_by(founded, {"sections": {"confidentiality": "consensus"}}, now)
    deciding = Clause.objects.unsealed("a test looks").get(
        version=amending.in_force(founded.cohort), steers="deciding"
    )
    amendment = amending.propose(
        by=founded.ada,
        clauses=[
            amending.Draft(
                change="changed",
                key=deciding.key,
                section=deciding.section,
                title=deciding.title,
                text="Simpler.",
                value={"rule": "consent"},
            )
        ],
        now=now,
    )

    asked = amending.open_round(amendment, by=founded.ada, now=now)

    assert asked.rule == "consensus"
    assert asked.grounds["sections"] == ["confidentiality", "decisions"]


@pytest.mark.parametrize(
    ("support", "passes"), [("1/2", True), ("2/3", True), ("3/4", False)]
)
def test_gradients_need_the_share_that_the_charter_names(founded, now, support, passes):
    deciding_by(founded, {"rule": "gradients", "support": support}, now)
    asked = ask(founded, section(founded, "feedback"), now)
    for who, kind in ((founded.ben, "disagree"), (founded.sol, "consent")):
        amending.answer(asked, by=who, kind=kind, text_hash=asked.text_hash, now=now)

    assert amending.standing(asked, now=now).passed is passes


def test_the_widest_circle_is_asked_where_sections_differ():
    deciding = Deciding(asks="member", asks_in={"feedback": "facilitator"})

    assert [
        deciding.asked_for(sections)
        for sections in ([], ["own"], ["feedback"], ["own", "feedback"])
    ] == ["everyone", "member", "facilitator", "everyone"]


def test_a_value_that_nobody_knows_asks_everyone():
    assert Deciding(asks="the moon").asked_for(["own"]) == "everyone"


def test_what_it_says_is_said_in_words():
    said = in_words(
        "deciding",
        {"rule": "gradients", "support": "3/4", "asks_in": {"feedback": "member"}},
    )

    assert said == (
        "A proposal passes when three quarters of those who answer are for it and "
        "nobody blocks. Feedback asks: The members; facilitators talk along. Silence "
        "does not count as yes."
    )


def test_a_role_given_since_is_the_role_that_counts(founded, now):
    deciding_by(founded, {"asks": "member"}, now)
    asked = ask(founded, section(founded, "feedback"), now)

    founded.ben.role = Role.FACILITATOR
    founded.ben.save()

    assert names(asked, now) == ["Ada"]
    with pytest.raises(Refused):
        say_yes(founded, asked, founded.ben, now=now)
