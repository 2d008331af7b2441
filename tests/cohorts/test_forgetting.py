"""Answers are kept until the day that the call told, then deleted unless one joined."""

from datetime import timedelta

import pytest

from cohorts import applying, drawing, forgetting, joining
from cohorts.models import (
    Answer,
    Application,
    BlindCopy,
    Draft,
    IntakePhase,
    Permit,
    Standing,
    TraitAnswer,
)
from cohorts.tasks import forget_what_is_kept_no_longer
from tests.cohorts.selecting import drawn, put

ALL = "the test looks at everything"
DAY = timedelta(days=1)


def rows(model):
    return model.objects.unsealed(ALL)


@pytest.fixture
def over(call, now):
    """All phases of the call have ended, and its day is two days ago."""
    call.intake.phases.update(opens_at=now - 90 * DAY, closes_at=now - 60 * DAY)
    call.intake.kept_until = (now - 2 * DAY).date()
    call.intake.save()
    return call


def told(call):
    return call.arrive("Amina", traits=[(call.traits["gender"].pk, "woman", True)])


def test_when_the_day_has_passed_nothing_of_an_application_stays(over, now):
    told(over)

    assert forgetting.forget(now=now) == 1
    assert forgetting.forget(now=now) == 0
    for model in (Application, Answer, TraitAnswer, BlindCopy, Standing):
        assert not rows(model).exists(), model


def test_on_the_day_itself_and_the_day_after_all_is_kept(over, now):
    told(over)
    for days in (0, 1):
        over.intake.kept_until = (now - days * DAY).date()
        over.intake.save()

        assert forgetting.forget(now=now) == 0


def test_a_call_that_told_no_day_keeps_everything(over, now):
    over.intake.kept_until = None
    over.intake.save()
    told(over)

    assert forgetting.forget(now=now) == 0


def test_a_day_set_too_early_deletes_nothing_while_the_call_goes_on(over, now):
    IntakePhase.objects.create(
        intake=over.intake,
        kind=IntakePhase.Kind.CONFIRM,
        opens_at=now - DAY,
        closes_at=now + DAY,
        permits=[Permit.REPLY],
    )
    told(over)

    assert forgetting.forget(now=now) == 0


def test_who_joined_keeps_what_they_sent_even_if_they_left_since(over, birch, now):
    stays = over.arrive("Ada", applicant=birch.ada.person)
    told(over)
    rows(Application).filter(pk=stays.pk).update(
        outcome="offered", released_at=now - DAY, reply="accepted", replied_at=now - DAY
    )
    invitation = joining.invite(
        "ada.too@example.org",
        into=birch.cohort,
        by=birch.sol.person,
        application=stays,
        now=now,
    )
    seat = joining.accept(invitation, by=birch.ada.person, now=now)
    joining.leave(seat, by=birch.ada.person, now=now)

    forgetting.forget(now=now)

    assert rows(Application).get() == stays


def test_drafts_go_too_and_those_of_other_calls_stay(over, birch, now):
    earlier = now - 80 * DAY
    applying.begin(over.intake, by=birch.ada.person, typed={"called": "A"}, now=earlier)

    forgetting.forget(now=now)

    assert not rows(Draft).exists()


def test_a_draw_can_be_checked_after_its_people_are_forgotten(call, birch, now):
    put(call, birch, now, [call.arrive(f"P{n}") for n in range(6)], "lottery")
    call.intake.seats = 2
    call.intake.save()
    before = now - 3 * DAY
    lottery = drawn(call, birch, before)
    call.intake.phases.update(opens_at=now - 90 * DAY, closes_at=now - 60 * DAY)
    call.intake.kept_until = (now - 2 * DAY).date()
    call.intake.save()

    assert forget_what_is_kept_no_longer() == 6
    assert len(drawing.outcome_of(lottery.record).waiting) == 4


def test_the_list_says_why_nobody_stands_there_any_more(client, over, birch, now):
    told(over)
    client.force_login(birch.lea)
    forgetting.forget(now=now)

    page = client.get("/f/calls/mangrove/applications/").content.decode()

    assert "Answers were kept until" in page
    assert "nothing is left of it here" in page
    assert "No applications yet" not in page


def test_many_are_forgotten_in_stretches(over, now, monkeypatch):
    monkeypatch.setattr(forgetting, "STRETCH", 2)
    for n in range(5):
        over.arrive(f"P{n}")

    assert forgetting.forget(now=now) == 5
