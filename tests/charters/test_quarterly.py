"""The quarterly review: its day, its reminders, and what happens when nobody comes."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError

from charters import amending, quarterly
from charters.models import Charter, QuarterlyReview, day_in, months_after
from people.models import OutboxMessage
from people.refusal import Refused
from tests.charters.conftest import adopt_by_all, change
from tests.conftest import person, seat

DAY = timedelta(days=1)


@pytest.fixture
def review(founded):
    founded.review = QuarterlyReview.objects.visible_to(founded.ada.person).get()
    return founded


def told(*members):
    """How many of each notice were asked for, for these people."""
    rows = OutboxMessage.objects.filter(
        notice__startswith="charters.review", recipient__in=[m.person for m in members]
    ) | OutboxMessage.objects.filter(
        notice="charters.charter_lapsed", recipient__in=[m.person for m in members]
    )
    return Counter(row.notice.removeprefix("charters.") for row in rows)


def noon(day):
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 12, 1), 12, date(2027, 12, 1)),
    ],
)
def test_months_later_is_the_same_day_or_the_last_of_a_shorter_month(
    day, months, expected
):
    assert months_after(day, months) == expected


def test_a_year_with_two_beats_and_a_sleeping_worker_says_everything_once(review):
    """Every hour, twice, with five days in which nothing ticks; nobody holds it."""
    founded = review
    start = noon(founded.review.due_on - 20 * DAY)
    asleep = range(22 * 24, 27 * 24)  # from two days after the due day on
    for hour in range(0, 24 * 80, 6):
        if hour in asleep:
            continue
        for _beat in range(2):
            quarterly.tend(now=start + timedelta(hours=hour))

    assert told(founded.ada) == {
        "review_opened": 1,
        "review_closing": 1,
        "review_due": 1,
        "review_overdue": 1,
        "charter_lapsed": 1,
    }
    founded.review.refresh_from_db()
    assert founded.review.is_lapsed


def test_closing_soon_goes_only_to_those_who_wrote_nothing(review):
    founded, due = review, review.review.due_on
    quarterly.tend(now=noon(due - 7 * DAY))
    quarterly.note(
        founded.review,
        by=founded.ben,
        serves="All.",
        strains="",
        now=noon(due - 5 * DAY),
    )

    quarterly.tend(now=noon(due - 2 * DAY))

    assert told(founded.ben) == {"review_opened": 1}
    assert told(founded.ada) == {"review_opened": 1, "review_closing": 1}


def test_the_day_begins_at_midnight_where_the_cohort_is_at_home(review):
    founded, due = review, review.review.due_on
    opens = due - 7 * DAY
    before = datetime(opens.year, opens.month, opens.day, tzinfo=UTC) - timedelta(
        hours=3, minutes=1
    )

    quarterly.tend(now=before)
    early = told(founded.ada)
    quarterly.tend(now=before + timedelta(minutes=2))  # midnight in Nairobi

    assert (early, told(founded.ada)) == ({}, {"review_opened": 1})


@pytest.mark.parametrize(
    ("place", "day", "begins"),
    [
        # Clocks go on at two: the day begins before that, at the old hour.
        ("Europe/Berlin", date(2027, 3, 28), datetime(2027, 3, 27, 23, tzinfo=UTC)),
        ("Europe/Berlin", date(2027, 3, 29), datetime(2027, 3, 28, 22, tzinfo=UTC)),
        # Clocks go back at midnight, so the day before has 25 hours.
        ("America/Santiago", date(2027, 4, 4), datetime(2027, 4, 4, 4, tzinfo=UTC)),
        # Clocks go on at midnight, which that day does not have.
        ("America/Santiago", date(2027, 9, 5), datetime(2027, 9, 5, 4, tzinfo=UTC)),
        ("America/Santiago", date(2027, 9, 6), datetime(2027, 9, 6, 3, tzinfo=UTC)),
    ],
)
def test_a_review_opens_with_its_day_over_a_change_of_clocks(
    review, place, day, begins
):
    cohort = review.cohort
    cohort.timezone = place
    cohort.save()
    QuarterlyReview.objects.unsealed("test").update(due_on=day + 7 * DAY)

    quarterly.tend(now=begins - timedelta(minutes=1))
    early = told(review.ada)
    quarterly.tend(now=begins)

    assert (early, told(review.ada)) == ({}, {"review_opened": 1})


def test_a_day_is_told_right_over_a_change_of_clocks(review):
    founded = review
    founded.cohort.timezone = "America/New_York"

    # 8 November 2026: clocks went back on the 1st; 04:30 UTC is still the 7th there.
    assert day_in(founded.cohort, datetime(2026, 11, 8, 4, 30, tzinfo=UTC)) == date(
        2026, 11, 7
    )
    assert day_in(founded.cohort, datetime(2026, 10, 31, 4, 30, tzinfo=UTC)) == date(
        2026, 10, 31
    )


def test_holding_it_plans_the_next_and_revives_the_charter(review):
    founded, due = review, review.review.due_on
    quarterly.tend(now=noon(due + 31 * DAY))
    founded.review.refresh_from_db()

    following = quarterly.hold(founded.review, by=founded.ben, now=noon(due + 32 * DAY))

    lapsed = QuarterlyReview.objects.visible_to(founded.ada.person).lapsed()
    assert following.due_on == months_after(due + 32 * DAY, 3)
    assert not lapsed.exists()


def test_two_people_press_held_at_once_and_one_review_is_planned(review, now):
    founded = review

    one = quarterly.hold(founded.review, by=founded.ada, now=now)
    other = quarterly.hold(founded.review, by=founded.ben, now=now)

    assert one == other


def test_a_review_that_moved_is_spoken_of_again(review):
    founded, due = review, review.review.due_on
    quarterly.tend(now=noon(due - 7 * DAY))
    quarterly.plan(
        founded.review,
        by=founded.ada,
        due_on=due + 20 * DAY,
        now=noon(due - 6 * DAY),
    )

    quarterly.tend(now=noon(due + 13 * DAY))

    assert told(founded.ada) == {"review_opened": 2}


def test_a_lapsed_charter_is_not_saved_by_moving_the_day(review):
    founded, due = review, review.review.due_on
    quarterly.tend(now=noon(due + 30 * DAY))

    with pytest.raises(Refused):
        quarterly.plan(
            founded.review,
            by=founded.ada,
            due_on=due + 60 * DAY,
            now=noon(due + 31 * DAY),
        )


def test_a_finished_cohort_is_left_in_peace(review, now):
    founded = review
    founded.cohort.finished_at = now
    founded.cohort.save()

    quarterly.tend(now=noon(founded.review.due_on))

    assert told(founded.ada) == {}


def test_someone_who_joined_since_is_told_too(review):
    founded, due = review, review.review.due_on
    quarterly.tend(now=noon(due - 7 * DAY))
    eve = seat(founded.cohort, person("eve"))

    quarterly.tend(now=noon(due - 6 * DAY))

    assert told(eve) == {"review_opened": 1}


def test_nobody_from_elsewhere_holds_it(review, now):
    founded = review

    with pytest.raises(Refused):
        quarterly.hold(founded.review, by=founded.oma, now=now)


def test_one_charter_awaits_one_review(review):
    founded = review
    charter = Charter.objects.visible_to(founded.ada.person).get()

    with pytest.raises(IntegrityError):
        QuarterlyReview.objects.create(
            cohort=founded.cohort, charter=charter, due_on=date(2030, 1, 1)
        )


# --- Another rhythm -----------------------------------------------------------------


def every(cast, months, now):
    """The circle agrees to look at the charter at another rhythm."""
    clause = next(c for c in cast.clauses if c.steers == "review")
    amendment = amending.propose(
        by=cast.ada,
        clauses=[
            amending.Draft(
                change="changed",
                key=clause.key,
                section=clause.section,
                title=clause.title,
                text=f"Every {months} months.",
                lang=clause.lang,
                steers="review",
                value={"months": months},
            )
        ],
        now=now,
    )
    return adopt_by_all(cast, amendment, now=now)


def awaited(cast):
    return QuarterlyReview.objects.visible_to(cast.ada.person).awaited().get()


def test_another_rhythm_moves_the_day_that_is_awaited(review, now):
    founded = review
    begun = day_in(founded.cohort, founded.v1.adopted_at)

    every(founded, 6, now)

    assert awaited(founded).due_on == months_after(begun, 6)


def test_a_shorter_one_leaves_the_days_for_writing(review, now):
    every(review, 1, now)  # a month after the founding is today or before

    assert awaited(review).due_on == day_in(review.cohort, now) + 7 * DAY


def test_a_day_that_somebody_chose_stays(review, now):
    chosen = review.review.due_on + 3 * DAY
    quarterly.plan(review.review, by=review.ada, due_on=chosen, now=now)

    every(review, 6, now)

    assert awaited(review).due_on == chosen


def test_a_review_that_is_open_keeps_its_day(review, now):
    quarterly.open_now(review.review, by=review.ada, now=now)

    every(review, 6, now)

    assert awaited(review).due_on == review.review.due_on


def test_another_change_leaves_the_day_alone(review, now):
    adopt_by_all(review, change(review, review.clauses[0], "New.", now), now=now)

    assert awaited(review).due_on == review.review.due_on
