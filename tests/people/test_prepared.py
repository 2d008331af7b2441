"""Queries written once: the same rows as the plain query, for each reader alone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from cohorts.models import Membership, Role
from people.models import User
from people.prepared import NotToBePrepared, prepared, the_one
from people.visibility import StillSealed
from sessions.models import CheckIn

pytestmark = pytest.mark.django_db


@prepared
def checkins_of(viewer: Any) -> QuerySet[CheckIn]:
    return (
        CheckIn.objects.visible_to(viewer)
        .select_related("author__person")
        .order_by("written_at", "pk")
    )


@prepared
def written_by(viewer: Any, seats: list[Membership], since: datetime) -> QuerySet:
    return CheckIn.objects.visible_to(viewer).filter(
        author__in=seats, written_at__gt=since
    )


def write(cohort: Any, *seats: Any) -> None:
    for seat in seats:
        CheckIn.objects.create(cohort=cohort, author=seat, mood="steady", edge="x")


def test_each_reader_gets_their_own_rows_from_the_same_sql(birch):
    write(birch.cohort, birch.ada, birch.ben)
    write(birch.oak, birch.oma)
    readers = [birch.ada.person, birch.oma.person, birch.ben.person]

    found = [checkins_of(person) for person in readers]

    assert len(checkins_of.kept) == 1
    assert [[c.author.person for c in rows] for rows in found] == [
        [birch.ada.person, birch.ben.person],
        [birch.oma.person],
        [birch.ada.person, birch.ben.person],
    ]


def test_nobody_and_who_was_switched_off_see_nothing(birch):
    write(birch.cohort, birch.ada)
    gone = birch.ada.person
    assert len(checkins_of(gone)) == 1

    gone.is_active = False

    assert checkins_of(gone) == []
    assert checkins_of(AnonymousUser()) == []


def test_rows_and_moments_go_where_they_belong(birch):
    write(birch.cohort, birch.ada, birch.ben)
    now = timezone.now()

    def asked(seats: list[Membership], since: datetime) -> list[Any]:
        return [c.author for c in written_by(birch.ada.person, seats, since)]

    hour = timedelta(hours=1)
    assert asked([birch.ben], now - hour) == [birch.ben]
    assert asked([birch.ada], now - hour) == [birch.ada]
    assert asked([birch.ada], now + hour) == []
    assert asked([], now - hour) == []
    assert len(asked([birch.ada, birch.ben], now - hour)) == 2


def test_one_query_and_a_related_row_comes_with_it(birch, django_assert_num_queries):
    write(birch.cohort, birch.ada)
    checkins_of(birch.ada.person)

    with django_assert_num_queries(1):
        assert the_one(checkins_of(birch.ada.person)).author.person.name


def test_rows_of_values_stay_rows_of_values(birch):
    @prepared
    def names(role: str) -> QuerySet[Any, Any]:
        return (
            Membership.objects.filter(role=role)
            .order_by("person__called")
            .values_list("person__called", flat=True)
        )

    assert names("member") == list(names.build("member"))
    assert names(Role.FACILITATOR) == list(names.build("facilitator"))


def test_a_sealed_query_stays_sealed(birch):
    @prepared
    def everything(cohort: Any) -> QuerySet[CheckIn]:
        return CheckIn.objects.filter(cohort=cohort)

    with pytest.raises(StillSealed):
        everything(birch.cohort)


def _ignores_its_argument(person: User) -> QuerySet[Any]:
    return User.objects.all()


def _asks_the_clock(person: User) -> QuerySet[Any]:
    return User.objects.filter(pk=person.pk, date_joined__lt=timezone.now())


def _asks_the_zone(person: User) -> QuerySet[Any]:
    return User.objects.filter(pk=person.pk, date_joined__date=date(2026, 1, 1))


def _changes_the_value(person: User) -> QuerySet[Any]:
    return User.objects.filter(called__icontains=f"{person.pk}")


@pytest.mark.parametrize(
    "build",
    [
        _ignores_its_argument,
        _asks_the_clock,
        _asks_the_zone,
        _changes_the_value,
    ],
)
def test_what_cannot_be_kept_is_refused_at_once(build, birch):
    with pytest.raises(NotToBePrepared), transaction.atomic():
        prepared(build)(birch.ada.person)


@pytest.mark.django_db(transaction=True)
def test_a_lock_needs_its_transaction_each_time(birch):
    @prepared
    def held(person: User) -> QuerySet[Any]:
        return User.objects.filter(pk=person.pk).select_for_update()

    with transaction.atomic():
        assert held(birch.ada.person) == [birch.ada.person]

    with pytest.raises(transaction.TransactionManagementError):
        held(birch.ada.person)


def test_a_builder_cannot_look_at_a_person(birch):
    @prepared
    def by_name(person: User) -> QuerySet[Any]:
        return User.objects.filter(pk=person.pk, called=person.called)

    with pytest.raises(Exception, match="no database"):
        by_name(birch.ada.person)
