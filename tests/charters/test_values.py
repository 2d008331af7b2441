"""What the charter tells the software, and the clauses people begin with."""

from datetime import timedelta

import pytest
from django.utils import translation

from charters import amending, starters, values
from charters.forms import value_fields
from charters.models import Clause, QuarterlyReview, Section, Steers
from tests.charters.conftest import adopt_by_all


def test_without_a_charter_the_defaults_stand(birch):
    found = values.values_of(birch.cohort)

    assert (found.attendance.attend, found.said) == (7, frozenset())
    assert found.recording.rule == "each_yes"


def test_the_charter_in_force_steers(founded, now):
    presence = next(c for c in founded.clauses if c.steers == "attendance")
    amendment = amending.propose(
        by=founded.ada,
        clauses=[
            amending.Draft(
                change="changed",
                key=presence.key,
                section=presence.section,
                title=presence.title,
                text="We aim for eight of nine.",
                value={"attend": 8, "of": 9, "call_after_days": 7},
            )
        ],
        now=now,
    )
    before = values.values_of(founded.cohort).attendance
    adopt_by_all(founded, amendment, now=now)

    after = values.values_of(founded.cohort)

    assert (before.attend, after.attendance.attend) == (7, 8)
    assert after.airtime.visible
    assert "airtime" in after.said


def test_asking_costs_one_query(founded, django_assert_num_queries):
    with django_assert_num_queries(1):
        values.values_of(founded.cohort)


def test_another_cohorts_charter_steers_nothing_here(founded):
    assert values.values_of(founded.oak).said == frozenset()


def test_a_value_with_a_key_nobody_knows_any_more_is_still_read():
    found = values.read("review", {"months": 4, "phase_of_the_moon": "full"})

    assert found == values.Review(months=4)


def test_a_section_may_decide_by_a_stricter_rule():
    deciding = values.Deciding(sections={"confidentiality": "consensus"})

    assert deciding.rule_for({"feedback"}) == "consent"
    assert deciding.rule_for({"feedback", "confidentiality"}) == "consensus"


def test_a_decision_never_waits_less_than_72_hours():
    assert values.Response(decision_hours=5).decision_window.total_seconds() == 259_200


# --- Starters --------------------------------------------------------------------


def test_there_are_at_least_twenty_each_with_its_reason():
    assert len(starters.ALL) >= 20
    assert all(s.title and s.text and s.reason for s in starters.ALL)
    assert len({s.name for s in starters.ALL}) == len(starters.ALL)


def test_every_named_section_has_some():
    named = set(Section) - {Section.OWN}

    assert {s.section for s in starters.ALL} == named


def test_each_thing_is_steered_by_one_starter_with_values_its_form_knows():
    steering = [s for s in starters.ALL if s.steers]

    assert {s.steers for s in steering} == set(Steers) - {Steers.NOTHING}
    assert len(steering) == len({s.steers for s in steering})
    for starter in steering:
        fields = value_fields(starter.steers)
        for name, value in starter.value.items():
            assert fields[name].clean(value) == value


@pytest.mark.parametrize("starter", [s for s in starters.ALL if s.steers])
def test_what_steers_is_said_in_words(starter):
    with translation.override("en"):
        assert values.in_words(starter.steers, starter.value)


def test_the_usual_ones_make_a_charter(founded):
    sections = {
        c.section for c in Clause.objects.visible_to(founded.ada.person).of(founded.v1)
    }

    assert sections == {
        "confidentiality",
        "feedback",
        "decisions",
        "attendance",
        "support",
    }


@pytest.mark.parametrize(
    ("days", "words"),
    [(1, "1 working day"), (2.0, "2 working days"), (1.5, "36 hours on working days")],
)
def test_a_window_is_said_in_working_days(days, words):
    with translation.override("en"):
        assert values.days_in_words(days) == words


def test_a_charter_that_has_lapsed_still_steers(founded, client, now):
    review = QuarterlyReview.objects.unsealed("test").of(founded.cohort).awaited().get()
    review.due_on = now.date() - timedelta(days=60)
    review.opened_at = review.lapsed_at = now
    review.save()
    client.force_login(founded.ada.person)

    page = client.get("/c/birch/charter/").content.decode()

    assert values.values_of(founded.cohort).source("attendance") is not None
    assert "What it says to Cohortsite still holds" in page


def test_each_clause_that_steers_says_what_and_where(founded, client):
    client.force_login(founded.ada.person)

    page = client.get("/c/birch/charter/").content.decode()

    steering = [c for c in founded.clauses if c.steers]
    assert page.count("Cohortsite keeps to this:") == len(steering)
    assert 'href="/c/birch/sessions/">It shows in the sessions.' in page
