"""A charter whose review nobody held: what stops, what says so, and what revives it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from charters import amending, lapsing, notices, quarterly
from charters.models import ConsentRound, QuarterlyReview, RoundReminder
from people.models import OutboxMessage
from people.refusal import Refused
from tests.charters.conftest import (
    change,
    now_round,
    object_to,
    proposed_of,
    rewrite_of,
    say_yes,
    seven,
)

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
LAPSED = "This charter has lapsed."


def review_of(cast):
    return QuarterlyReview.objects.visible_to(cast.ada.person).awaited().get()


def let_it_lapse(cast, at):
    """Its day was thirty days before; the clock comes by."""
    review = review_of(cast)
    QuarterlyReview.objects.unsealed("test").filter(pk=review.pk).update(
        due_on=at.date() - timedelta(days=32), opened_at=at - timedelta(days=39)
    )
    quarterly.tend(now=at)
    return review_of(cast)


@pytest.fixture
def lapsed(asked, now):
    """Ada's change was being asked about for a day when the charter lapsed."""
    asked.lapsed_at = now + DAY
    asked.review = let_it_lapse(asked, asked.lapsed_at)
    return asked


# --- What stops ----------------------------------------------------------------------


def test_a_round_stands_still_and_gets_its_time_back(lapsed, now):
    before = now_round(lapsed)
    revived_at = lapsed.lapsed_at + 40 * DAY

    amending.settle(now=revived_at - HOUR)
    amending.remind(now=revived_at - HOUR)
    quarterly.hold(lapsed.review, by=lapsed.ben, now=revived_at)

    after = now_round(lapsed)
    left = before.closes_at - lapsed.lapsed_at
    assert after.paused_at is None
    assert after.closes_at - revived_at == left
    assert after.length == before.length
    assert not OutboxMessage.objects.filter(notice="charters.round_ended").exists()
    assert not RoundReminder.objects.unsealed("test").exists()


def test_time_stands_still_for_the_round_while_it_waits(lapsed):
    asked = now_round(lapsed)

    stands = amending.standing(asked, now=lapsed.lapsed_at + 300 * DAY)

    assert not stands.ran_out
    assert not asked.is_asking(lapsed.lapsed_at)
    assert not ConsentRound.objects.unsealed("t").asking(lapsed.lapsed_at).exists()


def test_who_was_reminded_is_not_reminded_of_the_same_window_again(asked, now):
    round_ = now_round(asked)
    late = round_.closes_at - HOUR
    amending.remind(now=late)
    review = let_it_lapse(asked, late)
    quarterly.hold(review, by=asked.ben, now=late + 40 * DAY)

    amending.remind(now=late + 40 * DAY + HOUR / 2)

    reminded = RoundReminder.objects.unsealed("test").values_list("member", flat=True)
    assert sorted(reminded) == sorted([asked.ben.pk, asked.sol.pk])


def test_who_was_not_reminded_yet_is_reminded_as_late_as_without_the_pause(lapsed, now):
    left = now_round(lapsed).closes_at - lapsed.lapsed_at
    revived_at = lapsed.lapsed_at + 40 * DAY
    quarterly.hold(lapsed.review, by=lapsed.ben, now=revived_at)
    fifth = now_round(lapsed).length / 5

    early = amending.remind(now=revived_at + left - fifth - HOUR)
    late = amending.remind(now=revived_at + left - fifth + HOUR)

    assert (early, late) == (0, 2)


def test_a_round_whose_window_was_over_keeps_its_end(asked, now):
    over = now_round(asked).closes_at
    review = let_it_lapse(asked, over + DAY)

    quarterly.hold(review, by=asked.ben, now=over + 5 * DAY)

    assert now_round(asked).closes_at == over


def refusals(cast, at):
    asked = now_round(cast)
    other = change(cast, cast.clauses[1], "Another text.", at, by=cast.ben)
    return {
        "open a round": lambda: amending.open_round(other, by=cast.ben, now=at),
        "answer": lambda: say_yes(cast, asked, cast.ben, now=at),
        "reword": lambda: amending.rewrite(
            proposed_of(cast),
            rewrite_of(proposed_of(cast), "Yet another."),
            by=cast.ada,
            now=at,
        ),
        "adopt": lambda: amending.adopt(cast.amendment, by=cast.ada, now=at),
        "extend": lambda: amending.extend(
            cast.amendment, by=cast.ada, now=asked.closes_at + DAY
        ),
    }


@pytest.mark.parametrize(
    "what", ["open a round", "answer", "reword", "adopt", "extend"]
)
def test_nothing_is_decided_while_it_has_lapsed(lapsed, what):
    # The window of "extend" has to be over; it is where the lapse found it so.
    ConsentRound.objects.unsealed("test").filter(pk=lapsed.round.pk).update(
        **({"paused_at": None} if what == "extend" else {})
    )

    with pytest.raises(Refused, match="lapsed"):
        refusals(lapsed, lapsed.lapsed_at + HOUR)[what]()


def test_an_objection_is_not_taken_in_while_it_has_lapsed(asked, now):
    objection = object_to(now_round(asked), by=asked.ben, now=now)
    let_it_lapse(asked, now + DAY)
    proposed = proposed_of(asked)

    with pytest.raises(Refused, match="lapsed"):
        amending.integrate(
            objection,
            by=asked.ada,
            words={proposed.key: rewrite_of(proposed, "Sixty days.")},
            now=now + DAY,
        )


def test_the_clock_adopts_nothing_and_goes_on_once_revived(asked, now):
    """Everyone said yes; the lapse came before the end of the window."""
    say_yes(asked, now_round(asked), asked.ben, asked.sol, now=now)
    review = let_it_lapse(asked, now + DAY)
    long_after = now + 60 * DAY

    amending.settle(now=long_after)
    quarterly.hold(review, by=asked.ada, now=long_after)
    still_open = now_round(asked)
    amending.settle(now=still_open.closes_at)

    assert still_open.closed_at is None
    asked.amendment.refresh_from_db()
    assert asked.amendment.state == "adopted"


def test_wording_and_talking_go_on(lapsed):
    at = lapsed.lapsed_at + HOUR
    draft = change(lapsed, lapsed.clauses[2], "Softer.", at, by=lapsed.ben)

    said = amending.say(draft, by=lapsed.ada, kind="question", text="Why?", now=at)
    amending.withdraw(lapsed.amendment, by=lapsed.ada, now=at)

    assert said.pk
    assert now_round(lapsed).closed_at == at


def test_a_first_charter_never_lapses(birch, now):
    amendment = amending.propose(by=birch.ada, clauses=seven(), now=now)
    amending.open_round(amendment, by=birch.ada, now=now)

    quarterly.tend(now=now + 400 * DAY)

    assert lapsing.lapsed_review(birch.cohort) is None
    assert now_round(birch, amendment).paused_at is None


def test_everyone_else_is_told_once_that_it_decides_again(lapsed):
    at = lapsed.lapsed_at + DAY

    for by in (lapsed.ben, lapsed.ada):  # pressed twice, by two
        quarterly.hold(lapsed.review, by=by, now=at)

    told = OutboxMessage.objects.filter(notice="charters.charter_revived")
    assert {m.recipient for m in told} == {lapsed.ada.person, lapsed.sol.person}
    assert told.count() == 2


def test_a_review_held_in_time_tells_nobody(founded, now):
    quarterly.hold(review_of(founded), by=founded.ada, now=now)

    told = OutboxMessage.objects.filter(notice="charters.charter_revived")
    assert not told.exists()


# --- What says so ---------------------------------------------------------------------


def page(client, person, url):
    client.force_login(person)
    return client.get(url).content.decode()


@pytest.fixture
def lapsed_today(asked):
    """Pages ask the clock themselves, so this one lapses now."""
    asked.review = let_it_lapse(asked, timezone.now())
    return asked


def test_every_page_that_shows_the_charter_says_so(client, lapsed_today):
    cast = lapsed_today
    urls = [
        reverse("charters:charter", args=["birch"]),
        reverse("charters:charter_version", args=["birch", 1]),
        reverse("charters:charter_propose", args=["birch"]),
        reverse("charters:decisions", args=["birch"]),
        reverse("charters:decision", args=["birch", cast.amendment.pk]),
        reverse("charters:review", args=["birch"]),
    ]

    silent = [u for u in urls if LAPSED not in page(client, cast.ben.person, u)]

    assert silent == []


def test_no_page_says_so_while_it_is_in_force(client, asked):
    urls = [
        reverse("charters:charter", args=["birch"]),
        reverse("charters:charter_version", args=["birch", 1]),
        reverse("charters:decision", args=["birch", asked.amendment.pk]),
    ]

    speaking = [u for u in urls if LAPSED in page(client, asked.ben.person, u)]

    assert speaking == []


def test_the_cohorts_page_and_today_lead_to_the_review(client, lapsed_today):
    cast = lapsed_today
    quarterly.note(
        cast.review, by=cast.ben, serves="All.", strains="", now=timezone.now()
    )

    home = page(client, cast.ben.person, "/c/birch/")
    today = page(client, cast.ben.person, "/today/")

    assert "The charter has lapsed." in home
    assert "/c/birch/charter/review/#h-held" in home
    # Whoever has written hears of it as well: the charter stops for all.
    assert "Our charter has lapsed" in today


def test_a_round_that_stands_still_offers_no_answer(client, lapsed_today):
    cast = lapsed_today
    url = reverse("charters:decision", args=["birch", cast.amendment.pk])

    shown = page(client, cast.ben.person, url)

    assert "It stands still" in shown
    assert "Send my answer" not in shown
    assert "Answers wait until the review is held" in shown


def test_an_answer_that_comes_anyway_is_refused_kindly(client, lapsed_today):
    cast = lapsed_today
    client.force_login(cast.ben.person)
    url = reverse("charters:decision", args=["birch", cast.amendment.pk])

    answer = client.post(url, {"kind": "consent", "text_hash": cast.round.text_hash})

    assert answer.status_code == 409
    assert "Hold the review first" in answer.content.decode()


def test_the_page_of_a_mail_says_so_and_keeps_the_question_for_later(
    client, lapsed_today
):
    cast = lapsed_today
    token = notices.answer_token(now_round(cast), cast.ben)

    shown = client.get(reverse("charters:answer_link", args=[token])).content.decode()

    assert LAPSED in shown
    assert "Send my answer" not in shown


def test_a_lead_reads_that_it_has_lapsed_and_gets_no_button(client, lapsed_today):
    cast = lapsed_today

    shown = page(
        client,
        cast.lea,
        reverse("charters:charter_version", args=["birch", 1]),
    )

    assert LAPSED in shown
    assert "Hold the review" not in shown


def test_a_mail_that_leaves_after_the_lapse_says_so(lapsed_today):
    cast = lapsed_today
    about = notices.ROUND_OPENED.find(cast.ben.person, now_round(cast).pk)

    assert about.lapsed
    assert about.answer_path


def test_moments_are_kept_to_the_microsecond(lapsed):
    """Nothing is rounded when time is given back."""
    odd = datetime(2031, 3, 30, 1, 59, 59, 123457, tzinfo=UTC)
    before = now_round(lapsed)
    paused_at = before.paused_at

    quarterly.hold(lapsed.review, by=lapsed.ben, now=odd)

    assert now_round(lapsed).closes_at - odd == before.closes_at - paused_at
