"""Three made-up applications that all reviewers score before the real ones."""

import pytest
from django.core.exceptions import PermissionDenied

from cohorts import practising
from cohorts.models import PracticeReading
from people.refusal import Refused

ALL = "the test looks at everything"


def levels(call, level):
    return {str(c.pk): level for c in call.criteria}


def through(call, who, level, now):
    for sample in practising.SAMPLES:
        practising.score(
            call.intake, sample=sample, levels=levels(call, level), by=who, now=now
        )


def test_others_show_when_ones_own_three_are_in(call, birch, ray, now):
    through(call, ray, 2, now)
    before = practising.compared(call.intake, by=birch.rex)
    through(call, birch.rex, 4, now)

    found = practising.compared(call.intake, by=birch.rex)

    assert before == {}
    first = found[1][0]
    assert (first.mine, dict(first.given), first.usual) == (4, {2: 1, 4: 1}, 2)


def test_two_of_three_open_nothing(call, birch, ray, now):
    through(call, ray, 2, now)
    for sample in (1, 2):
        practising.score(
            call.intake, sample=sample, levels=levels(call, 3), by=birch.rex, now=now
        )

    assert practising.compared(call.intake, by=birch.rex) == {}
    assert PracticeReading.objects.visible_to(birch.rex).count() == 2


def test_who_is_not_through_is_not_shown_to_those_who_are(call, birch, ray, now):
    through(call, birch.rex, 3, now)
    practising.score(call.intake, sample=1, levels=levels(call, 1), by=ray, now=now)

    found = practising.compared(call.intake, by=birch.rex)

    assert dict(found[1][0].given) == {3: 1}


def test_a_lead_sees_them_without_scoring_first(call, birch, ray, now):
    before = practising.compared(call.intake, by=birch.lea)
    through(call, ray, 2, now)

    found = practising.compared(call.intake, by=birch.lea)

    assert before == {}
    assert (found[1][0].mine, dict(found[1][0].given)) == (None, {2: 1})


def test_scoring_again_changes_it_until_all_are_in(call, birch, now):
    for level in (1, 4):
        practising.score(
            call.intake, sample=1, levels=levels(call, level), by=birch.rex, now=now
        )

    row = PracticeReading.objects.unsealed(ALL).get()
    assert set(row.levels.values()) == {4}


def test_nobody_changes_theirs_after_seeing_the_others(call, birch, now):
    through(call, birch.rex, 3, now)

    with pytest.raises(Refused):
        practising.score(
            call.intake, sample=1, levels=levels(call, 1), by=birch.rex, now=now
        )


@pytest.mark.parametrize("given", [{}, {"nonsense": 3}])
def test_every_criterion_gets_a_level(call, birch, now, given):
    with pytest.raises(Refused):
        practising.score(call.intake, sample=1, levels=given, by=birch.rex, now=now)


def test_a_level_that_does_not_exist_is_refused(call, birch, now):
    with pytest.raises(Refused):
        practising.score(
            call.intake, sample=1, levels=levels(call, 5), by=birch.rex, now=now
        )


def test_there_are_three(call, birch, now):
    with pytest.raises(Refused):
        practising.score(
            call.intake, sample=4, levels=levels(call, 3), by=birch.rex, now=now
        )


def test_members_do_not_practise(call, birch, now):
    with pytest.raises(PermissionDenied):
        practising.score(
            call.intake,
            sample=1,
            levels=levels(call, 3),
            by=birch.ada.person,
            now=now,
        )


def test_agreement_over_all_samples(call, birch, ray, now):
    for who in (birch.rex, ray):
        for sample, level in ((1, 3), (2, 4), (3, 1)):
            practising.score(
                call.intake,
                sample=sample,
                levels=levels(call, level),
                by=who,
                now=now,
            )

    found = practising.compared(call.intake, by=ray)

    assert practising.agreement(found) == 1.0


def test_nothing_of_it_counts(call, birch, now):
    from cohorts.models import Review

    through(call, birch.rex, 3, now)

    assert Review.objects.unsealed(ALL).count() == 0
