"""Handing out readings: looked at first, run again at any time, undone."""

import pytest
from django.core.exceptions import PermissionDenied

from cohorts import handing_out, reviewing
from cohorts.conflicts import Kind
from cohorts.founding import end_task
from cohorts.models import (
    Appointment,
    BlindCopy,
    Handout,
    Invitation,
    Membership,
    Review,
)
from cohorts.reviewing import Given
from people.models import OutboxMessage
from people.refusal import Refused

ALL = "the test looks at everything"


@pytest.fixture
def six(call, birch, ray):
    """Six applications, two reviewers, one reading each."""
    call.intake.readings_wanted = 1
    call.intake.save()
    for name in ("Amina", "Bolaji", "Chiara", "Daniel", "Esther", "Fiona"):
        call.arrive(name)
    return call


def handed(call, birch, now, seed=1):
    proposal = handing_out.propose(call.intake, by=birch.lea, seed=seed)
    return handing_out.hand_out(
        call.intake, by=birch.lea, seed=seed, seen=proposal.seal, now=now
    )


def loads():
    found = {}
    for name in Review.objects.unsealed(ALL).values_list("reviewer__called", flat=True):
        found[name] = found.get(name, 0) + 1
    return found


def copy_of(call, name):
    return BlindCopy.objects.unsealed(ALL).get(application__called=name)


def given(call, level=3):
    return {c.pk: Given(level, "because they say so") for c in call.criteria}


def test_each_application_gets_its_readings_and_loads_are_even(six, birch, now):
    handout = handed(six, birch, now)

    assert (handout.readings, loads()) == (6, {"Rex": 3, "Ray": 3})


def test_looking_writes_nothing(six, birch):
    handing_out.propose(six.intake, by=birch.lea)

    assert Review.objects.unsealed(ALL).count() == 0


def test_what_changed_since_it_was_looked_at_is_looked_at_again(six, birch, now):
    proposal = handing_out.propose(six.intake, by=birch.lea, seed=1)
    six.arrive("Gus")

    with pytest.raises(Refused):
        handing_out.hand_out(
            six.intake, by=birch.lea, seed=1, seen=proposal.seal, now=now
        )

    assert Review.objects.unsealed(ALL).count() == 0


def test_confirming_twice_hands_out_once(six, birch, now):
    proposal = handing_out.propose(six.intake, by=birch.lea, seed=1)
    for _ in range(2):
        handing_out.hand_out(
            six.intake, by=birch.lea, seed=1, seen=proposal.seal, now=now
        )

    assert Handout.objects.unsealed(ALL).count() == 1
    assert Review.objects.unsealed(ALL).count() == 6


def test_run_again_it_keeps_what_is_there_and_serves_who_came_late(six, birch, now):
    handed(six, birch, now)
    before = set(Review.objects.unsealed(ALL).values_list("copy", "reviewer"))
    six.arrive("Gus")
    six.arrive("Hal")

    handed(six, birch, now)

    after = set(Review.objects.unsealed(ALL).values_list("copy", "reviewer"))
    assert before < after
    assert loads() == {"Rex": 4, "Ray": 4}


def test_each_reviewer_then_reads_their_own_and_nothing_else(six, birch, now):
    handed(six, birch, now)

    waiting = reviewing.wants_readings(
        reviewing.to_read(six.intake, by=birch.rex), 1, handed_out=True
    )

    assert len(waiting) == 3


def test_who_can_read_few_gets_few(six, birch, ray, now):
    handing_out.set_terms(
        six.intake, reviewer=ray, by=ray, capacity=1, languages=(), ties=(), now=now
    )

    handed(six, birch, now)

    assert loads() == {"Rex": 5, "Ray": 1}


def test_who_reads_another_language_is_left_out(six, birch, ray, now):
    handing_out.set_terms(
        six.intake, reviewer=ray, by=birch.lea, capacity=None, languages=["fr"], now=now
    )

    handed(six, birch, now)

    assert loads() == {"Rex": 6}


def test_a_lead_reads_once_they_say_how_many(six, birch, now):
    handing_out.set_terms(
        six.intake,
        reviewer=birch.lea,
        by=birch.lea,
        capacity=2,
        languages=(),
        now=now,
    )

    handed(six, birch, now)

    assert loads() == {"Rex": 2, "Ray": 2, "Lea": 2}


def test_who_abstained_is_not_handed_it_again(six, birch, ray, now):
    copy = copy_of(six, "Amina")
    reviewing.abstain(copy, by=birch.rex, why="knows", now=now)

    handed(six, birch, now)

    by = Review.objects.unsealed(ALL).filter(copy=copy)
    assert dict(by.values_list("reviewer__called", "state")) == {
        "Rex": "abstained",
        "Ray": "assigned",
    }


def test_who_can_take_fewer_gives_back_what_they_had_not_begun(six, birch, ray, now):
    handed(six, birch, now)
    begun, *_unbegun = Review.objects.unsealed(ALL).filter(reviewer=ray)
    reviewing.save(begun.copy, by=ray, given={}, now=now)
    handing_out.set_terms(
        six.intake, reviewer=ray, by=ray, capacity=0, languages=(), ties=(), now=now
    )

    proposal = handing_out.propose(six.intake, by=birch.lea)
    handed(six, birch, now)

    assert len(proposal.given_back) == 2
    assert loads() == {"Rex": 5, "Ray": 1}


def test_who_reads_another_language_after_all_gives_back_too(six, birch, ray, now):
    handed(six, birch, now)
    handing_out.set_terms(
        six.intake, reviewer=ray, by=ray, capacity=None, languages=["fr"], now=now
    )

    handed(six, birch, now)

    assert loads() == {"Rex": 6}


# --- Conflicts -----------------------------------------------------------------


def conflicts(call, birch):
    found = handing_out.situation(call.intake, by=birch.lea).conflicts
    return {
        (c.copy.application.called, c.reviewer.called): c.kinds
        for c in found
        if c.holds
    }


def test_what_shows_keeps_people_apart(call, birch, ray, now):
    call.arrive("Ada", applicant=birch.ada.person, email="ada@example.org")
    call.arrive("Bo", organisation="Tools United", email="bo@tools.example")
    call.arrive("Chi", ties=["Tools United"])
    call.arrive("Dan", email="dan@elsewhere.example")
    Membership.objects.create(cohort=birch.cohort, person=ray)
    Invitation.objects.create(
        cohort=birch.cohort,
        email="dan@elsewhere.example",
        token_hash="x",
        expires_at=now,
        made_by=ray,
    )
    handing_out.set_terms(
        call.intake,
        reviewer=birch.rex,
        by=birch.rex,
        capacity=None,
        languages=(),
        ties=["tools united"],
        now=now,
    )

    assert conflicts(call, birch) == {
        ("Ada", "Ray"): [Kind.MAIL_DOMAIN, Kind.COHORT],
        ("Ada", "Rex"): [Kind.MAIL_DOMAIN],
        ("Bo", "Rex"): [Kind.NAMED],
        ("Dan", "Ray"): [Kind.INVITED],
    }


def test_nobody_is_handed_their_own(call, birch, ray, now):
    call.intake.readings_wanted = 2
    call.intake.save()
    call.arrive("Rex", email="REX@example.org")

    proposal = handing_out.propose(call.intake, by=birch.lea)

    assert proposal.plan.new == ()
    assert sum(proposal.plan.missing.values()) == 2


def test_a_conflict_that_comes_up_gives_back_what_is_not_begun(six, birch, ray, now):
    handed(six, birch, now)
    mine = Review.objects.unsealed(ALL).filter(reviewer=birch.rex).order_by("pk")
    name = mine[0].copy.application.called
    handing_out.set_terms(
        six.intake,
        reviewer=birch.rex,
        by=birch.rex,
        capacity=None,
        languages=(),
        ties=[name],
        now=now,
    )
    six.intake.refresh_from_db()

    handed(six, birch, now)

    assert loads() == {"Rex": 2, "Ray": 4}


def test_a_lead_overrules_with_a_reason_and_may_take_that_back(call, birch, ray, now):
    call.arrive("Bo", email="bo@example.org")
    copy = copy_of(call, "Bo")

    handing_out.overrule(
        copy, reviewer=birch.rex, by=birch.lea, reason="Just a shared domain", now=now
    )
    after = set(conflicts(call, birch))
    handing_out.let_stand(copy, reviewer=birch.rex, by=birch.lea)

    assert after == {("Bo", "Ray")}
    assert set(conflicts(call, birch)) == {("Bo", "Ray"), ("Bo", "Rex")}


def test_an_overruling_needs_a_reason(call, birch, now):
    call.arrive("Bo")

    with pytest.raises(Refused):
        handing_out.overrule(
            copy_of(call, "Bo"), reviewer=birch.rex, by=birch.lea, reason=" ", now=now
        )


def test_ones_own_application_cannot_be_overruled(call, birch, now):
    call.arrive("Rex", email="REX@example.org")

    with pytest.raises(Refused):
        handing_out.overrule(
            copy_of(call, "Rex"),
            reviewer=birch.rex,
            by=birch.lea,
            reason="surely fine",
            now=now,
        )


# --- Undoing, leaving ----------------------------------------------------------


def test_undone_it_takes_back_what_nobody_began(six, birch, now):
    handout = handed(six, birch, now)
    begun, read, *_rest = Review.objects.unsealed(ALL).filter(reviewer=birch.rex)
    reviewing.save(begun.copy, by=birch.rex, given={}, now=now)
    reviewing.finish(read.copy, by=birch.rex, given=given(six), now=now)

    found = handing_out.undo(handout, by=birch.lea, now=now)

    assert found == (4, 2)
    assert loads() == {"Rex": 2}
    assert handing_out.undo(handout, by=birch.lea, now=now) == (0, 0)


def test_undone_whole_everybody_reads_whatever_lacks_readings_again(six, birch, now):
    handout = handed(six, birch, now)

    handing_out.undo(handout, by=birch.lea, now=now)

    six.intake.refresh_from_db()
    assert six.intake.handed_out_at is None


def test_who_leaves_gives_back_what_they_had_not_begun(six, birch, ray, now):
    handed(six, birch, now)
    begun, read, _unbegun = Review.objects.unsealed(ALL).filter(reviewer=ray)
    reviewing.save(begun.copy, by=ray, given=given(six), now=now)
    reviewing.finish(read.copy, by=ray, given=given(six), now=now)

    end_task(Appointment.objects.get(person=ray), by=birch.lea, now=now)

    states = Review.objects.unsealed(ALL).filter(reviewer=ray)
    assert sorted(states.values_list("state", flat=True)) == ["begun", "done"]


def test_what_somebody_left_begun_is_handed_to_another(six, birch, ray, now):
    handed(six, birch, now)
    begun, read, _unbegun = Review.objects.unsealed(ALL).filter(reviewer=ray)
    reviewing.save(begun.copy, by=ray, given=given(six), now=now)
    reviewing.finish(read.copy, by=ray, given=given(six), now=now)
    end_task(Appointment.objects.get(person=ray), by=birch.lea, now=now)

    handed(six, birch, now)

    rex = Review.objects.unsealed(ALL).filter(reviewer=birch.rex)
    assert rex.count() == 5  # all but what Ray had read


# --- Who may -------------------------------------------------------------------


def test_only_a_lead_proposes_and_hands_out(six, birch, now):
    with pytest.raises(PermissionDenied):
        handing_out.propose(six.intake, by=birch.rex)
    with pytest.raises(PermissionDenied):
        handing_out.hand_out(six.intake, by=birch.rex, seed=1, seen="", now=now)


def test_only_a_lead_undoes(six, birch, now):
    handout = handed(six, birch, now)

    with pytest.raises(PermissionDenied):
        handing_out.undo(handout, by=birch.rex, now=now)


def test_only_a_lead_overrules(six, birch, now):
    with pytest.raises(PermissionDenied):
        handing_out.overrule(
            copy_of(six, "Bolaji"),
            reviewer=birch.rex,
            by=birch.rex,
            reason="yes",
            now=now,
        )
    with pytest.raises(PermissionDenied):
        handing_out.let_stand(copy_of(six, "Bolaji"), reviewer=birch.rex, by=birch.rex)


def test_nobody_sets_anothers_terms_but_a_lead(six, birch, ray, now):
    terms = {"capacity": 1, "languages": (), "now": now}

    with pytest.raises(PermissionDenied):
        handing_out.set_terms(six.intake, reviewer=ray, by=birch.rex, **terms)
    with pytest.raises(PermissionDenied):
        handing_out.set_terms(
            six.intake, reviewer=ray, by=birch.lea, ties=["Amina"], **terms
        )
    with pytest.raises(PermissionDenied):
        handing_out.set_terms(
            six.intake, reviewer=birch.ada.person, by=birch.ada.person, **terms
        )


def test_only_a_lead_reminds(six, birch, now):
    with pytest.raises(PermissionDenied):
        handing_out.remind(six.intake, by=birch.rex, today=now.date())


# --- Reminding -----------------------------------------------------------------


def test_everybody_with_something_to_read_is_reminded_once_a_day(six, birch, now):
    handed(six, birch, now)

    sent = [
        handing_out.remind(six.intake, by=birch.lea, today=now.date()) for _ in range(2)
    ]

    assert sent == [2, 2]
    assert OutboxMessage.objects.filter(notice="cohorts.readings_waiting").count() == 2


def test_who_has_read_everything_is_left_in_peace(six, birch, ray, now):
    handed(six, birch, now)
    for review in Review.objects.unsealed(ALL).filter(reviewer=ray):
        reviewing.finish(review.copy, by=ray, given=given(six), now=now)

    handing_out.remind(six.intake, by=birch.lea, today=now.date())

    message = OutboxMessage.objects.get(notice="cohorts.readings_waiting")
    assert message.recipient == birch.rex


def test_before_readings_end_each_call_reminds_once(six, birch, now):
    from datetime import timedelta

    from cohorts.models import IntakePhase, Permit

    handed(six, birch, now)
    IntakePhase.objects.create(
        intake=six.intake,
        kind=IntakePhase.Kind.REVIEW,
        opens_at=now - timedelta(hours=9),
        closes_at=now + timedelta(days=2),
        permits=[Permit.REVIEW],
    )

    for hours in (0, 5, 24):
        handing_out.remind_before_the_end(now=now + timedelta(hours=hours))

    assert OutboxMessage.objects.filter(notice="cohorts.readings_waiting").count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_leads_at_once_hand_out_once(six, birch, now):
    from threading import Barrier, Thread

    from django.db import connection

    seen = handing_out.propose(six.intake, by=birch.lea, seed=1).seal
    start, trouble = Barrier(2), []

    def confirm():
        try:
            start.wait()
            handing_out.hand_out(six.intake, by=birch.lea, seed=1, seen=seen, now=now)
        except Exception as error:
            trouble.append(error)
        finally:
            connection.close()

    leads = [Thread(target=confirm) for _ in range(2)]
    for lead in leads:
        lead.start()
    for lead in leads:
        lead.join()

    assert trouble == []
    assert Handout.objects.unsealed(ALL).count() == 1
    assert loads() == {"Rex": 3, "Ray": 3}
