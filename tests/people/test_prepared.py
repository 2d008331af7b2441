"""Queries written once: the same rows as the plain query, for each reader alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Count, Q, QuerySet, Value
from django.utils import timezone
from hypothesis import HealthCheck, given, strategies
from hypothesis import settings as property_settings

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


def _both_raw_and_changed(person: User) -> QuerySet[Any]:
    return User.objects.filter(pk=person.pk).exclude(called__icontains=f"{person.pk}")


@pytest.mark.parametrize(
    "build",
    [
        _both_raw_and_changed,
        _ignores_its_argument,
        _asks_the_clock,
        _asks_the_zone,
        _changes_the_value,
    ],
)
def test_what_cannot_be_kept_is_refused_at_once(build, birch):
    with pytest.raises(NotToBePrepared), transaction.atomic():
        prepared(build)(birch.ada.person)


NAMES = ["ada", "Ada", "a", "Mark %_\\ 1", "%", "_", "\\", "\ue000", "ßen", "É"]
DAYS = [date(1, 1, 1), date(2026, 1, 1), date(2026, 2, 28), date(9999, 12, 31)]
MOMENTS = [
    datetime(2026, 3, 1, tzinfo=UTC),
    datetime(2026, 3, 1, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(2026, 12, 31, 12, 0, tzinfo=UTC),
]
# What is made of a value, beside the value itself.
MADE_OF_WORDS = {
    "case": str.lower,
    "part": lambda word: word[:3],
    "blanks": str.strip,
    "length": len,
    "pattern": lambda word: f"%{word}%",
    "choice": lambda word: "a" if word < "b" else "z",
}
MADE_OF_MOMENTS = {
    "start of the day": lambda at: at.replace(hour=0, minute=0, second=0),
    "start of the month": lambda at: at.replace(day=1),
    "the day before": lambda at: at - timedelta(days=1),
    "a week on": lambda at: at + timedelta(weeks=1),
    "not after now": lambda at: min(at, timezone.now()),
    "not before now": lambda at: max(at, timezone.now()),
    "year": lambda at: at.year,
    "text": str,
    "weekday": lambda at: at.weekday(),
    "the later of two": lambda at: max(at, MOMENTS[0]),
}


def _people_with(value: Any, made: Any) -> QuerySet[Any]:
    return User.objects.annotate(raw=Value(value), made=Value(made))


@pytest.mark.parametrize("change", MADE_OF_WORDS.values(), ids=MADE_OF_WORDS)
@pytest.mark.parametrize("given", NAMES)
def test_what_is_made_of_a_word_is_refused_though_the_word_is_there(change, given):
    made = prepared(lambda word: _people_with(word, change(word)))

    with pytest.raises(NotToBePrepared):
        made(given)


@pytest.mark.parametrize("change", MADE_OF_MOMENTS.values(), ids=MADE_OF_MOMENTS)
@pytest.mark.parametrize("given", MOMENTS)
def test_what_is_made_of_a_moment_is_refused_though_it_is_there(change, given):
    made = prepared(lambda at: _people_with(at, change(at)))

    with pytest.raises(NotToBePrepared):
        made(given)


@given(step=strategies.integers(-400, 400).filter(bool))
def test_no_day_stands_for_a_day_near_another(step):
    """As a builder would go from the beginning of a week to its end."""
    made = prepared(
        lambda days: User.objects.filter(
            date_joined__date__in=[*days, days[0] + timedelta(days=step)]
        )
    )

    with pytest.raises(NotToBePrepared):
        made([DAYS[1]] * 8)


@given(
    words=strategies.lists(
        strategies.text(
            strategies.characters(exclude_categories=["Cs"], exclude_characters="\0"),
            max_size=5,
        )
        | strategies.sampled_from(NAMES),
        max_size=4,
    ),
    moments=strategies.lists(strategies.sampled_from(MOMENTS), max_size=3),
)
@property_settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_words_and_moments_find_what_the_plain_query_finds(birch, words, moments):
    rows = named_or_joined_later(birch.ada.person, words, moments)

    assert rows == list(named_or_joined_later.build(birch.ada.person, words, moments))


@prepared
def named_or_joined_later(
    person: User, words: list[str], moments: list[datetime]
) -> Any:
    found = User.objects.filter(Q(pk=person.pk) | Q(called__in=words))
    for moment in moments:
        found = found.exclude(date_joined__lt=moment)
    return found.annotate(n=Count("pk")).order_by("pk")


def test_a_person_switched_off_is_answered_the_plain_way(birch):
    """The rule of who reads then names nobody, and the query asks for more."""

    @prepared
    def to_read(viewer: User, cohort: UUID) -> QuerySet[Any]:
        hers = User.objects.filter(pk=viewer.pk if viewer.is_active else None)
        return hers | User.objects.filter(memberships__cohort=cohort)

    ben = birch.ben.person
    ben.is_active = False

    assert set(to_read(ben, birch.cohort.pk)) >= {birch.ada.person}
    assert to_read.kept == {}


@pytest.mark.parametrize(
    "build", [_both_raw_and_changed, _asks_the_clock, _changes_the_value]
)
def test_in_a_house_that_runs_the_query_is_written_anew(build, birch, settings, caplog):
    settings.PREPARED_STRICTLY = False
    asked = prepared(build)

    found = [asked(birch.ada.person) for _twice in range(2)]

    assert found == [list(build(birch.ada.person))] * 2
    assert len(caplog.records) == 1


def test_in_a_house_that_runs_a_field_may_be_read(birch, settings):
    settings.PREPARED_STRICTLY = False
    by_name = prepared(lambda person: User.objects.filter(called=person.called))

    assert by_name(birch.ada.person) == [birch.ada.person]
    assert by_name(birch.ben.person) == [birch.ben.person]


def test_in_a_house_that_runs_any_kind_of_value_is_answered(birch, settings):
    settings.PREPARED_STRICTLY = False
    among = prepared(lambda keys: User.objects.filter(pk__in=keys))

    assert among({birch.ada.person.pk}) == [birch.ada.person]


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
