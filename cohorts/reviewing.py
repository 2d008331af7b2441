"""Reading applications: blind, by the rubric, each reviewer for themselves.

Whoever has the fewest readings comes first. Others' scores stay hidden until one's
own is in.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import (
    Avg,
    Case,
    Count,
    Exists,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest, Upper
from django.utils.translation import gettext as _

from cohorts import keeping_apart
from cohorts.models import (
    Application,
    Appointment,
    BlindCopy,
    Criterion,
    Intake,
    IntakePhase,
    Permit,
    Program,
    Review,
    Score,
    Standing,
)
from cohorts.rights import must_lead, must_read_applications, serves
from people.models import User, record
from people.prepared import prepared, the_one
from people.refusal import Refused

SHORTEST_EVIDENCE = 3


@dataclass(frozen=True)
class Given:
    """A level, and the line it rests on."""

    level: int
    evidence: str


# --- What to read -------------------------------------------------------------


def readable(intake: Intake, *, by: User) -> QuerySet[BlindCopy]:
    """The copies this reviewer may read: open ones, never their own, and none that
    something keeps from them."""
    own = _own_applications(by).filter(intake=intake)
    return (
        BlindCopy.objects.visible_to(by)
        .open()
        .filter(~keeping_apart.is_kept_from(by), intake=intake)
        .exclude(application__in=own.values("pk"))
    )


def _own_applications(by: User) -> QuerySet[Application]:
    address = User.objects.filter(pk=by.pk).values(folded=Upper("email"))[:1]
    return (
        Application.objects.unsealed("nobody reads their own application")
        .alias(folded=Upper("email"))
        .filter(Q(applicant=by) | Q(folded=Subquery(address)))
    )


def to_read(intake: Intake, *, by: User) -> QuerySet[BlindCopy]:
    """What waits for this reviewer: what was handed to them or begun, then the
    copies with the fewest readings; what they skipped comes last.

    Copies that they were not compared with yet are offered by nobody but a lead.
    """
    state = Review.State
    standing = Standing.objects.unsealed("the fewest readings come first").filter(
        application=OuterRef("application")
    )
    return (
        readable(intake, by=by)
        .exclude(_has_mine(by, state.DONE, state.ABSTAINED))
        .annotate(
            turn=Case(
                When(_has_mine(by, state.ASSIGNED, state.BEGUN), then=Value(0)),
                When(_has_mine(by, state.SKIPPED), then=Value(2)),
                default=Value(1),
                output_field=IntegerField(),
            ),
            readings=Coalesce(Subquery(standing.values("readings")[:1]), 0),
        )
        .filter(Q(turn__in=(0, 2)) | Q(keeping_apart.is_compared(intake, by)))
        .order_by("turn", "readings", "pk")
    )


def lacking_readings(by: User) -> QuerySet[BlindCopy]:
    """Of the call in the outer query: the copies that this reviewer may still read
    and that lack readings, or that they began.

    To be counted. Who was compared with them is not asked: that is done when the
    queue is opened.
    """
    state = Review.State
    given = Standing.objects.unsealed("how many readings a copy has").filter(
        application=OuterRef("application"),
        readings__gte=Greatest(OuterRef("intake__readings_wanted"), Value(1)),
    )
    return (
        BlindCopy.objects.visible_to(by)
        .open()
        .filter(
            ~keeping_apart.is_kept_from(by),
            _has_mine(by, state.ASSIGNED, state.BEGUN) | ~Exists(given),
            intake=OuterRef("pk"),
        )
        .exclude(_has_mine(by, state.DONE, state.ABSTAINED))
        .exclude(application__in=_own_applications(by).values("pk"))
    )


def all_settled(intakes: Collection[Intake]) -> set[UUID]:
    """Of these calls, those in which every application has its answer, told or not:
    another reading would change nothing."""
    still_open = Q(pending="", application__outcome="")
    counted = (
        Standing.objects.unsealed("whether anything is left to read for")
        .filter(
            intake__in=[intake.pk for intake in intakes],
            application__state=Application.State.SUBMITTED,
        )
        .order_by()
        .values_list("intake")
        .annotate(n=Count("pk", filter=still_open))
    )
    return {intake for intake, n in counted if not n}


def _has_mine(by: User, *states: str) -> Exists:
    """Of a copy: whether this reviewer's own review of it stands so."""
    mine = Review.objects.unsealed("one's own reviews, of copies one may read")
    return Exists(mine.filter(reviewer=by, copy=OuterRef("pk"), state__in=states))


def wants_readings(
    copies: QuerySet[BlindCopy], readings_wanted: int, *, handed_out: bool = False
) -> QuerySet[BlindCopy]:
    """Of what waits, the copies that still lack readings, or are this reviewer's.

    Once readings are handed out, only the reviewer's own.
    """
    if handed_out:
        return copies.filter(turn__in=(0, 2))  # type: ignore[misc]
    return copies.filter(Q(turn__in=(0, 2)) | Q(readings__lt=max(1, readings_wanted)))


# --- Reading ------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A copy that lies before one reviewer, and their review of it; both are held.

    The copy is held with it: readings of one application are begun and counted one
    at a time. Only `sit_down` makes one, and it is worth nothing once its
    transaction is over.
    """

    copy: BlindCopy
    by: User
    review: Review  # a new one, not kept yet, if none is
    takes_readings: bool

    def must_take_readings(self) -> None:
        if not self.takes_readings:
            raise Refused(_("Readings are not being taken now."))


def sit_down(intake: Intake, key: UUID, *, by: User, now: datetime) -> Desk | None:
    """What is needed to read this copy, held until the transaction ends; None for
    whoever may not read it."""
    copy = the_one(_held_if_readable(intake, key, by, now=now))
    if copy is None:
        return None
    review = the_one(_held_review(copy, by))
    if review is None and not copy.is_compared:  # type: ignore[attr-defined]
        keeping_apart.compare(intake, [by], now=now)
        copy = the_one(_held_if_readable(intake, key, by, now=now))
        if copy is None:
            return None
    copy.intake, copy.program = intake, intake.program
    return Desk(
        copy=copy,
        by=by,
        review=review or Review(program_id=copy.program_id, copy=copy, reviewer=by),
        takes_readings=copy.takes_readings,  # type: ignore[attr-defined]
    )


@prepared
def _held_if_readable(
    intake: Intake, key: UUID, by: User, *, now: datetime
) -> QuerySet[BlindCopy]:
    return (
        readable(intake, by=by)
        .filter(pk=key)
        .annotate(
            takes_readings=_takes_readings(intake, now=now),
            is_compared=keeping_apart.is_compared(intake, by),
        )
        .select_for_update(of=("self",))
    )


def _takes_readings(intake: Intake, *, now: datetime) -> Exists | Q:
    """`intake.permits(Permit.REVIEW)`, asked together with something else."""
    speaking = IntakePhase.objects.filter(
        intake=intake, permits__contains=[Permit.REVIEW.value]
    )
    return Q(Exists(speaking.filter(opens_at__lte=now, closes_at__gt=now))) | ~Q(
        Exists(speaking)
    )


@prepared
def _held_review(copy: BlindCopy, by: User) -> QuerySet[Review]:
    mine = Review.objects.visible_to(by).filter(copy=copy, reviewer=by)
    return mine.select_for_update()


def _at_desk(copy: BlindCopy, by: User, *, now: datetime) -> Desk:
    """The same for a copy that was found already. Raises what stands against it."""
    desk = sit_down(copy.intake, copy.pk, by=by, now=now)
    if desk is not None:
        desk.must_take_readings()
        return desk
    must_read_applications(by, copy.program)
    if not BlindCopy.objects.visible_to(by).open().filter(pk=copy.pk).exists():
        raise Refused(_("This application was withdrawn; there is nothing to read."))
    raise PermissionDenied(_("This application is not yours to read."))


@transaction.atomic
def save(
    copy: BlindCopy,
    *,
    by: User,
    given: Mapping[UUID, Given],
    note: str = "",
    now: datetime,
) -> Review:
    """Keep what is scored so far; nobody else sees it."""
    return save_at(_at_desk(copy, by, now=now), given=given, note=note, now=now)


def save_at(
    desk: Desk, *, given: Mapping[UUID, Given], note: str = "", now: datetime
) -> Review:
    desk.must_take_readings()
    if desk.review.state == Review.State.DONE:
        raise Refused(_("Your reading is in; finish it again to change it."))
    return _write(desk.review, given, note=note, state=Review.State.BEGUN, now=now)


@transaction.atomic
def finish(
    copy: BlindCopy,
    *,
    by: User,
    given: Mapping[UUID, Given],
    note: str = "",
    now: datetime,
) -> Review:
    """Hand in a level with its evidence for every criterion.

    May be done again while readings are taken; sent twice, it is one reading.
    """
    return finish_at(_at_desk(copy, by, now=now), given=given, note=note, now=now)


def finish_at(
    desk: Desk, *, given: Mapping[UUID, Given], note: str = "", now: datetime
) -> Review:
    desk.must_take_readings()
    copy, review = desk.copy, desk.review
    criteria = copy.intake.rubric
    for criterion in criteria:
        line = given.get(criterion.pk)
        if line is None or len(line.evidence.strip()) < SHORTEST_EVIDENCE:
            raise Refused(
                _("Give “%(criterion)s” a level and a line of evidence.")
                % {"criterion": criterion.name}
            )
    review.score = score_of(criteria, given)
    review = _write(review, given, note=note, state=Review.State.DONE, now=now)
    _count(copy)
    record("review.finish", by=desk.by, about=review, place=copy.program_id)
    return review


@transaction.atomic
def abstain(copy: BlindCopy, *, by: User, why: str = "", now: datetime) -> Review:
    """I know who this is, or have a stake: somebody else must read it.

    It stays out of this reviewer's hands however often readings are handed out.
    """
    review = _at_desk(copy, by, now=now).review
    _clear(review)
    review.score = None
    review = _write(review, {}, note="", state=Review.State.ABSTAINED, now=now)
    review.why = why
    review.save(update_fields=["why"])
    _count(copy)
    record("review.abstain", by=by, about=review, place=copy.program_id)
    return review


@transaction.atomic
def skip(copy: BlindCopy, *, by: User, now: datetime) -> Review:
    """Not now: it comes back at the end of the queue, with what was scored."""
    review = _at_desk(copy, by, now=now).review
    if review.state == Review.State.DONE:
        raise Refused(_("Your reading is in already."))
    if review.edition == 1:
        review.changed_at = now
    # Else it stays the moment of the last words: what changed since is asked of them.
    review.state = Review.State.SKIPPED
    _keep(review, "state", "changed_at")
    return review


@transaction.atomic
def assign(copy: BlindCopy, *, to: User, by: User, now: datetime) -> Review:
    """Ask one reviewer to read this one. Asking again changes nothing."""
    must_lead(by, copy.program)
    roles = (Appointment.Role.REVIEWER, Appointment.Role.LEAD)
    if not serves(to, copy.program, *roles):
        raise Refused(_("Only reviewers of the program may read applications."))
    keeping_apart.catch_up(copy.intake, to, now=now)
    # Held: whoever reads it now may be making a review of their own.
    if not _held_if_readable(copy.intake, copy.pk, to, now=now):
        raise Refused(_("This person cannot read this application."))
    Review.objects.bulk_create(
        [
            Review(
                program_id=copy.program_id,
                copy=copy,
                reviewer=to,
                state=Review.State.ASSIGNED,
                changed_at=now,
            )
        ],
        ignore_conflicts=True,
    )
    review = Review.objects.visible_to(by).get(copy=copy, reviewer=to)
    record("review.assign", by=by, about=review, place=copy.program_id)
    return review


def _write(
    review: Review,
    given: Mapping[UUID, Given],
    *,
    note: str,
    state: str,
    now: datetime,
) -> Review:
    review.state = state
    review.note = note[:2000]
    review.changed_at = now
    review.edition += 1
    _keep(review, "state", "note", "score", "changed_at", "edition")
    Score.objects.bulk_create(
        [
            Score(
                program_id=review.program_id,
                review=review,
                criterion_id=criterion,
                level=line.level,
                evidence=line.evidence.strip()[:400],
            )
            for criterion, line in given.items()
        ],
        update_conflicts=True,
        unique_fields=["review", "criterion"],
        update_fields=["level", "evidence"],
    )
    return review


def _keep(review: Review, *changed: str) -> None:
    review.save(update_fields=None if review._state.adding else changed)


def _clear(review: Review) -> None:
    Score.objects.unsealed("the reviewer abstains: nothing of theirs counts").filter(
        review=review
    ).delete()


def _count(copy: BlindCopy) -> None:
    """Bring the application's standing up to date; the copy is held meanwhile."""
    done = (
        Review.objects.unsealed("counts readings, whoever finished one")
        .done()
        .filter(copy=copy)
        .order_by()
        .values("copy")
    )
    Standing.objects.unsealed("counts readings, whoever finished one").filter(
        application=copy.application_id
    ).update(
        readings=Coalesce(Subquery(done.annotate(n=Count("pk")).values("n")), 0),
        score=Subquery(done.annotate(mean=Avg("score")).values("mean")),
    )


def score_of(criteria: list[Criterion], given: Mapping[UUID, Given]) -> Decimal | None:
    """The weighted mean of the levels, without what stands beside the score."""
    counted = [
        (c.weight, given[c.pk].level)
        for c in criteria
        if not c.beside_score and c.weight and c.pk in given
    ]
    weights = sum(weight for weight, _level in counted)
    if not weights:
        return None
    total = Decimal(sum(weight * level for weight, level in counted))
    return (total / weights).quantize(Decimal("0.001"))


# --- How it goes --------------------------------------------------------------


@dataclass(frozen=True)
class Progress:
    """How far the readings of a call are."""

    applications: int
    readings_wanted: int
    enough: int  # applications with all the readings they should have
    by_reviewer: list[tuple[User, int, int, int]]  # person, read, waiting, abstained
    by_readings: dict[int, int]  # how many applications have so many readings

    @property
    def lacking(self) -> int:
        return self.applications - self.enough


def progress(intake: Intake, *, by: User) -> Progress:
    must_lead(by, intake.program)
    wanted = max(1, intake.readings_wanted)
    by_readings = dict(_by_readings(intake, by))
    counts = {person: numbers for person, *numbers in _by_reviewer(intake, by)}
    return Progress(
        applications=sum(by_readings.values()),
        readings_wanted=wanted,
        enough=sum(n for readings, n in by_readings.items() if readings >= wanted),
        by_reviewer=[
            (person, *counts.get(person.pk, (0, 0, 0)))
            for person in _readers(intake, intake.program)
        ],
        by_readings=by_readings,
    )


@prepared
def _by_readings(intake: Intake, by: User) -> QuerySet[Any, Any]:
    return (
        Standing.objects.visible_to(by)
        .filter(intake=intake, application__state=Application.State.SUBMITTED)
        .values_list("readings")
        .annotate(n=Count("pk"))
        .order_by("readings")
    )


@prepared
def _by_reviewer(intake: Intake, by: User) -> QuerySet[Any, Any]:
    """How many each has read, still has waiting, and abstained from."""
    state = Review.State
    return (
        Review.objects.visible_to(by)
        .filter(copy__intake=intake)
        .values_list("reviewer")
        .annotate(
            read=Count("pk", filter=Q(state=state.DONE)),
            waiting=Count("pk", filter=Q(state__in=(state.ASSIGNED, state.BEGUN))),
            abstained=Count("pk", filter=Q(state=state.ABSTAINED)),
        )
        .order_by("reviewer")
    )


@prepared
def _readers(intake: Intake, program: Program) -> QuerySet[User]:
    """Who reads, and who has read and reads no longer."""
    serving = Appointment.objects.active().filter(program=program)
    have = Review.objects.unsealed("who has read in this call, for its leads")
    return User.objects.filter(
        Q(pk__in=serving.filter(role=Appointment.Role.REVIEWER).values("person"))
        | Q(pk__in=have.filter(copy__intake=intake).values("reviewer"))
    ).order_by("called", "pk")
