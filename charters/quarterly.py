"""The quarterly review: planned, opened, held; or lapsed when nobody held it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from charters import lapsing, notices
from charters.models import (
    LAPSES_AFTER,
    Amendment,
    Candidate,
    Charter,
    CharterVersion,
    QuarterlyReview,
    ReviewNote,
    ReviewSummary,
    day_in,
    months_after,
)
from charters.values import values_of
from cohorts.models import Membership
from people import outbox
from people.models import create_once, record
from people.outbox import Notice
from people.refusal import Refused

ACTING = "the act decides for the whole circle"

CLOSING_SOON = timedelta(days=2)
OVERDUE_AFTER = timedelta(days=7)
FURTHEST = timedelta(days=370)


def _present(by: Membership, review: QuarterlyReview) -> None:
    if by.cohort_id != review.cohort_id or by.left_at is not None:
        raise Refused(_("Only people who sit in this circle can do that."))
    if by.cohort.is_finished:
        raise Refused(_("This cohort has finished; its charter can be read only."))


def _hold(review: QuarterlyReview) -> QuarterlyReview:
    Charter.objects.unsealed(ACTING).select_for_update().get(pk=review.charter_id)
    return (
        QuarterlyReview.objects.unsealed(ACTING)
        .select_related("cohort")
        .get(pk=review.pk)
    )


@transaction.atomic
def plan(
    review: QuarterlyReview,
    *,
    by: Membership,
    due_on: date,
    now: datetime,
    host: Membership | None = None,
) -> QuarterlyReview:
    """Move the awaited review to another day, or give it a host."""
    review = _hold(review)
    _present(by, review)
    if review.held_at is not None:
        raise Refused(_("That review was held already."))
    today = day_in(review.cohort, now)
    if review.lapsed_at is not None and due_on != review.due_on:
        raise Refused(
            _("The charter has lapsed: hold the review, it need not be long.")
        )
    if due_on != review.due_on and not today <= due_on <= today + FURTHEST:
        raise Refused(_("Choose a day still to come, within a year."))
    if host is not None and (host.cohort_id != review.cohort_id or host.left_at):
        raise Refused(_("The host sits in this circle."))
    review.due_on, review.host = due_on, host
    review.save(update_fields=["due_on", "host"])
    record("review.plan", by=by.person, about=review, place=review.cohort_id)
    return review


@transaction.atomic
def open_now(
    review: QuarterlyReview, *, by: Membership, now: datetime
) -> QuarterlyReview:
    """Begin before the clock would."""
    review = _hold(review)
    _present(by, review)
    if review.held_at is None and review.opened_at is None:
        _open(review, now=now)
        record("review.open", by=by.person, about=review, place=review.cohort_id)
    return review


@transaction.atomic
def note(
    review: QuarterlyReview,
    *,
    by: Membership,
    serves: str,
    strains: str,
    now: datetime,
    lang: str = "",
    client_key: UUID | None = None,
) -> ReviewNote:
    """What serves and what strains, as one member says it; theirs until it is held."""
    review = _hold(review)
    _present(by, review)
    if not review.is_open:
        raise Refused(_("This review is not open."))
    mine = (
        ReviewNote.objects.unsealed("one's own note")
        .filter(review=review, member=by)
        .first()
    )
    if mine is None:
        mine, _made = create_once(
            ReviewNote,
            client_key=client_key,
            cohort_id=review.cohort_id,
            review=review,
            member=by,
            serves=serves.strip(),
            strains=strains.strip(),
            lang=lang,
            written_at=now,
        )
        return mine
    mine.serves, mine.strains, mine.lang = serves.strip(), strains.strip(), lang
    mine.written_at = now
    mine.save(update_fields=["serves", "strains", "lang", "written_at"])
    return mine


@transaction.atomic
def grew(
    review: QuarterlyReview,
    amendment: Amendment,
    *,
    by: Membership,
    note: ReviewNote | None = None,
) -> Candidate | None:
    """Remember that a proposal grew out of this review, from this note perhaps."""
    review = _hold(review)
    _present(by, review)
    if not review.is_open or amendment.cohort_id != review.cohort_id:
        return None
    if note is not None and note.review_id != review.pk:
        note = None
    candidate, _made = Candidate.objects.unsealed(ACTING).get_or_create(
        amendment=amendment,
        defaults={"cohort_id": review.cohort_id, "review": review, "note": note},
    )
    return candidate


@transaction.atomic
def hold(
    review: QuarterlyReview,
    *,
    by: Membership,
    now: datetime,
    next_on: date | None = None,
    summary: str = "",
    lang: str = "",
) -> QuarterlyReview:
    """The circle has looked: revives a lapsed charter and plans the next review.

    What was looked at is kept: the version in force, what each wrote, what grew out
    of it; nothing to change is a result as well. Rounds that stood still go on.
    Returns the next review. Pressing twice plans one.
    """
    review = _hold(review)
    _present(by, review)
    if review.held_at is not None:
        return (
            QuarterlyReview.objects.unsealed(ACTING)
            .awaited()
            .get(charter=review.charter_id)
        )
    today = day_in(review.cohort, now)
    next_on = next_on or months_after(today, values_of(review.cohort).review.months)
    if not today < next_on <= today + FURTHEST:
        raise Refused(_("Choose a day still to come, within a year."))
    was_lapsed = review.is_lapsed
    review.opened_at = review.opened_at or now
    review.held_at, review.held_by = now, by
    review.version = CharterVersion.objects.unsealed(ACTING).in_force(review.cohort)
    review.save(update_fields=["opened_at", "held_at", "held_by", "version"])
    if summary.strip():
        ReviewSummary.objects.create(
            cohort_id=review.cohort_id,
            review=review,
            member=by,
            text=summary.strip(),
            lang=lang,
            written_at=now,
        )
    if was_lapsed:
        lapsing.resume_rounds(review.cohort_id, now=now)
        _tell(
            notices.CHARTER_REVIVED,
            review,
            whom=lambda member: member.pk != by.pk,
            now=now,
        )
    following = QuarterlyReview.objects.create(
        cohort_id=review.cohort_id, charter_id=review.charter_id, due_on=next_on
    )
    record("review.hold", by=by.person, about=review, place=review.cohort_id)
    return following


# --- What the clock does ---------------------------------------------------------


def tend(*, now: datetime) -> int:
    """Open, remind of and lapse reviews; return how many notices were asked for.

    Every day is a day in the cohort's own place. Each notice has its key, so a tick
    that comes twice, or late, says nothing twice.
    """
    awaited = (
        QuarterlyReview.objects.unsealed("the clock tends every cohort's review")
        .awaited()
        .filter(
            cohort__finished_at=None,
            due_on__lte=(now + timedelta(days=9)).date(),
        )
        .select_related("cohort")
        .order_by("due_on", "pk")
    )
    return sum(_tend(review, now=now) for review in awaited)


@transaction.atomic
def _tend(review: QuarterlyReview, *, now: datetime) -> int:
    review = _hold(review)
    if review.held_at is not None:
        return 0
    today = day_in(review.cohort, now)
    if today >= review.opens_on and review.opened_at is None:
        _open(review, now=now)
    if today >= review.lapses_on and review.lapsed_at is None:
        review.lapsed_at = now
        review.save(update_fields=["lapsed_at"])
        lapsing.pause_rounds(review.cohort_id, now=now)
        record("review.lapse", by=None, about=review, place=review.cohort_id)
    # Each is worth saying until the next one is: a worker that slept says the latest.
    stages: list[tuple[date, Notice]] = [
        (review.opens_on, notices.REVIEW_OPENED),
        (review.due_on - CLOSING_SOON, notices.REVIEW_CLOSING),
        (review.due_on, notices.REVIEW_DUE),
        (review.due_on + OVERDUE_AFTER, notices.REVIEW_OVERDUE),
        (review.lapses_on, notices.CHARTER_LAPSED),
    ]
    reached = [notice for day, notice in stages if day <= today]
    if not reached or today >= review.lapses_on + LAPSES_AFTER:
        return 0
    whom = _silent_in(review) if reached[-1] is notices.REVIEW_CLOSING else _anyone
    return _tell(reached[-1], review, whom=whom, now=now)


def _open(review: QuarterlyReview, *, now: datetime) -> None:
    review.opened_at = now
    review.save(update_fields=["opened_at"])


def _anyone(member: Membership) -> bool:
    return True


def _silent_in(review: QuarterlyReview) -> Callable[[Membership], bool]:
    written = set(
        ReviewNote.objects.unsealed("who has not written yet")
        .filter(review=review)
        .values_list("member", flat=True)
    )
    return lambda member: member.pk not in written


def _tell(
    notice: Notice,
    review: QuarterlyReview,
    *,
    whom: Callable[[Membership], bool],
    now: datetime,
) -> int:
    members = (
        Membership.objects.active()
        .filter(cohort=review.cohort_id)
        .select_related("person")
        .order_by("pk")
    )
    told = 0
    for member in filter(whom, members):
        outbox.queue(
            notice,
            to=member.person,
            about=review,
            # The day is part of the key: a review that moved is spoken of again.
            key=f"{review.pk}:{review.due_on}",
            send_after=now,
        )
        told += 1
    return told
