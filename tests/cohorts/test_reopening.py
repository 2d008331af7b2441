"""A finished cohort opens again by two signatures, or not at all."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from cohorts import joining, reopening
from cohorts.models import Cohort, Reopening
from people.models import OutboxMessage, Record
from people.refusal import Refused


@pytest.fixture
def closed(birch):
    return joining.finish(birch.cohort, by=birch.sol.person)


@pytest.fixture
def asked(birch, closed, now):
    return reopening.ask(closed, by=birch.sol.person, reason="By mistake", now=now)


def is_open(birch):
    return not Cohort.objects.get(pk=birch.cohort.pk).is_finished


def test_a_second_one_opens_it_and_everyone_is_told(birch, asked, now):
    reopening.agree(asked, by=birch.lea, now=now)
    reopening.agree(asked, by=birch.lea, now=now)

    told = OutboxMessage.objects.filter(notice="cohorts.reopened")
    assert is_open(birch)
    assert sorted(told.values_list("recipient__called", flat=True)) == [
        "Ada",
        "Ben",
        "Sol",
    ]
    assert Record.objects.filter(act="cohort.reopen").count() == 1


def test_nobody_opens_it_alone(birch, asked, now):
    with pytest.raises(Refused):
        reopening.agree(asked, by=birch.sol.person, now=now)

    assert not is_open(birch)


@pytest.mark.parametrize("who", ["ada", "oma"])
def test_members_and_neighbours_neither_ask_nor_agree(birch, asked, now, who):
    by = getattr(birch, who).person

    with pytest.raises(PermissionDenied):
        reopening.ask(birch.cohort, by=by, reason="x", now=now)
    with pytest.raises(PermissionDenied):
        reopening.agree(asked, by=by, now=now)
    with pytest.raises(PermissionDenied):
        reopening.withdraw(asked, by=by, now=now)

    assert not Reopening.objects.visible_to(by).exists()


def test_two_browsers_ask_one_question(birch, asked, now):
    again = reopening.ask(birch.cohort, by=birch.lea, reason="Me too", now=now)

    assert again == asked


def test_an_old_question_is_asked_anew(birch, asked, now):
    late = now + timedelta(days=15)

    with pytest.raises(Refused):
        reopening.agree(asked, by=birch.lea, now=late)
    again = reopening.ask(birch.cohort, by=birch.lea, reason="Still", now=late)

    assert again != asked


def test_what_was_refused_stays_closed(birch, asked, now):
    reopening.withdraw(asked, by=birch.lea, now=now)

    with pytest.raises(Refused):
        reopening.agree(asked, by=birch.lea, now=now)

    assert not is_open(birch)


def test_an_open_cohort_and_an_empty_reason_are_refused(birch, now):
    with pytest.raises(Refused):
        reopening.ask(birch.cohort, by=birch.lea, reason="x", now=now)
    joining.finish(birch.cohort, by=birch.lea)
    with pytest.raises(Refused):
        reopening.ask(birch.cohort, by=birch.lea, reason=" ", now=now)


def test_it_can_be_finished_once_more(birch, asked, now):
    reopening.agree(asked, by=birch.lea, now=now)

    joining.finish(birch.cohort, by=birch.sol.person)

    assert not is_open(birch)
