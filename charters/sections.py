"""What the charter shows outside its own pages: on the cohort's page, on Today."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from charters.course import TWO, Part, State
from charters.models import (
    NEW_ON_TODAY,
    OPENS_BEFORE,
    CharterVersion,
    Clause,
    ConsentRound,
    NewcomerAnswer,
    NewcomerTalk,
    ProposedClause,
    QuarterlyReview,
    RepairCase,
    RepairOverdue,
    ReviewNote,
    Steers,
    answer_by,
    day_in,
    newcomers,
)
from charters.values import keys_of
from cohorts.home import Concern, Section, Standing, concern, section, standing
from cohorts.models import Appointment, Cohort, Membership
from people.clock import day_for, time_left
from people.prepared import prepared, the_one
from people.today import Waiting, waits


@section
def charter_section(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> Section | None:
    asked = the_one(_open_round(request.user, cohort))
    now = timezone.now()
    return Section(
        template="charters/section.html",
        order=30,
        aside=True,
        context={
            "cohort": cohort,
            "version": the_one(_version_in_force(request.user, cohort)),
            "review": the_one(_review_ahead(request.user, cohort)),
            "asked": asked,
            "left": time_left(asked.closes_at, asked.clock(now)) if asked else "",
        },
    )


@prepared
def _open_round(viewer: Any, cohort: Cohort) -> QuerySet[ConsentRound]:
    return (
        ConsentRound.objects.visible_to(viewer)
        .open()
        .filter(cohort=cohort)
        .select_related("amendment")
        .order_by("closes_at", "pk")[:1]
    )


@prepared
def _version_in_force(viewer: Any, cohort: Cohort) -> QuerySet[CharterVersion]:
    return CharterVersion.objects.visible_to(viewer).of(cohort)[:1]


@prepared
def _review_ahead(viewer: Any, cohort: Cohort) -> QuerySet[QuarterlyReview]:
    return (
        QuarterlyReview.objects.visible_to(viewer)
        .of(cohort)
        .awaited()
        .order_by("pk")[:1]
    )


@waits
def open_answers(request: HttpRequest, places: Any, now: datetime) -> Iterator[Waiting]:
    """Rounds that wait for this person. One query, none for people without a seat."""
    cohorts = {m.cohort_id: m.cohort for m in places.memberships}
    if not cohorts:
        return
    for asked in _asking(request.user, list(cohorts), now):
        cohort, amendment = cohorts[asked.cohort_id], asked.amendment
        if amendment.founding:
            title = _("Consent to our first charter")
        elif asked.clauses == 1 and asked.about:
            title = _("Consent to charter clause %(number)d") % {"number": asked.about}
        else:
            title = _("Consent to a change of the charter")
        yield Waiting(
            kind=_("Decision"),
            title=title,
            url=reverse("charters:decision", args=[cohort.slug, amendment.pk]),
            window=time_left(asked.closes_at, now),
            detail=amendment.title,
            person=amendment.proposer.person,
            until=asked.closes_at,
        )


@prepared
def _asking(viewer: Any, cohorts: list[UUID], now: datetime) -> QuerySet[Any]:
    return (
        ConsentRound.objects.visible_to(viewer)
        .asking(now)
        .unanswered_by(viewer)
        .filter(cohort__in=cohorts, cohort__finished_at=None)
        .select_related("amendment__proposer__person")
        .annotate(clauses=_count(), about=_number())
        .order_by("closes_at", "pk")
    )


def _count() -> Subquery:
    return Subquery(
        ProposedClause.objects.unsealed("the reader may see the round")
        .standing()
        .filter(amendment=OuterRef("amendment"))
        .order_by()
        .values("amendment")
        .annotate(n=Count("pk"))
        .values("n"),
        output_field=IntegerField(),
    )


def _number() -> Subquery:
    """The number that the proposal's clause bears in the version in force."""
    return Subquery(
        Clause.objects.unsealed("the reader may see the round")
        .filter(
            cohort=OuterRef("cohort"),
            key__in=ProposedClause.objects.unsealed("the reader may see the round")
            .standing()
            .filter(amendment=OuterRef(OuterRef("amendment")))
            .values("key"),
        )
        .order_by("-version__number", "number")
        .values("number")[:1]
    )


@waits
def open_reviews(request: HttpRequest, places: Any, now: datetime) -> Iterator[Waiting]:
    """Reviews in which this person has written nothing yet; lapsed ones, for all.

    One query.
    """
    cohorts = {m.cohort_id: m.cohort for m in places.memberships}
    if not cohorts:
        return
    for review in _reviews_to_answer(request.user, list(cohorts)):
        cohort = cohorts[review.cohort_id]
        if review.is_lapsed:
            yield Waiting(
                kind=_("Review"),
                title=_("Our charter has lapsed"),
                url=reverse("charters:review", args=[cohort.slug]),
                detail=_("It decides nothing until its review is held."),
                window=_("anyone can revive it"),
            )
            continue
        days = (review.due_on - day_in(cohort, now)).days
        yield Waiting(
            kind=_("Review"),
            title=_("What does our charter do for you?"),
            url=reverse("charters:review", args=[cohort.slug]),
            window=_when(days),
            urgent=days <= 2,
        )


@prepared
def _reviews_to_answer(viewer: Any, cohorts: list[UUID]) -> QuerySet[QuarterlyReview]:
    written = ReviewNote.objects.unsealed("one's own notes").filter(
        member__person=viewer.pk
    )
    return (
        QuarterlyReview.objects.visible_to(viewer)
        .awaited()
        .filter(cohort__in=cohorts, cohort__finished_at=None)
        .exclude(opened_at=None)
        .exclude(lapsed_at=None, pk__in=written.values("review"))
        .order_by("due_on", "pk")
    )


@concern
def stuck_charters(
    request: HttpRequest, cohorts: Sequence[Cohort], now: datetime
) -> Iterator[Concern]:
    """Rounds that ran out, and reviews whose day has passed. Two queries."""
    known = {cohort.pk: cohort for cohort in cohorts}
    for asked in _ran_out(request.user, list(known), now):
        cohort = known[asked.cohort_id]
        yield Concern(
            kind=_("Stuck"),
            title=_("A consent round ran out"),
            url=reverse("charters:decision", args=[cohort.slug, asked.amendment_id]),
            detail=asked.amendment.title,
            person=asked.amendment.proposer.person,
            cohort=cohort,
            until=asked.closes_at,
        )
    for review in _reviews_near(request.user, list(known), now.date() + OPENS_BEFORE):
        cohort = known[review.cohort_id]
        yield Concern(
            kind=_("Charter"),
            title=_how_it_stands(review, day_in(cohort, now)),
            url=reverse("charters:review", args=[cohort.slug]),
            detail=_("Its day is %(day)s.") % {"day": day_for(review.due_on)},
            cohort=cohort,
        )


@standing
def charters_of_the_led(
    request: HttpRequest, cohorts: Sequence[Cohort], now: datetime
) -> Iterator[Standing]:
    """Which charters have lapsed, or soon will be looked at. One query."""
    known = {cohort.pk: cohort for cohort in cohorts}
    for review in _reviews_near(request.user, list(known), now.date() + OPENS_BEFORE):
        cohort = known[review.cohort_id]
        yield Standing(
            cohort=cohort,
            says=_how_it_stands(review, day_in(cohort, now)),
            urgent=review.is_lapsed,
        )


def _how_it_stands(review: QuarterlyReview, today: date) -> str:
    if review.is_lapsed:
        return _("The charter has lapsed")
    if review.due_on < today:
        return _("The review of the charter is overdue")
    return _("The review of the charter is near")


@prepared
def _ran_out(viewer: Any, cohorts: list[UUID], now: datetime) -> QuerySet[ConsentRound]:
    return (
        ConsentRound.objects.visible_to(viewer)
        .open()
        .filter(
            cohort__in=cohorts,
            closes_at__lte=now,
            paused_at=None,
            cohort__finished_at=None,
        )
        .select_related("amendment__proposer__person")
        .order_by("closes_at", "pk")
    )


@prepared
def _reviews_near(
    viewer: Any, cohorts: list[UUID], until: date
) -> QuerySet[QuarterlyReview]:
    return (
        QuarterlyReview.objects.visible_to(viewer)
        .awaited()
        .filter(cohort__in=cohorts, due_on__lte=until, cohort__finished_at=None)
        .order_by("due_on", "pk")
    )


@waits
def my_charter(request: HttpRequest, places: Any, now: datetime) -> Iterator[Waiting]:
    """The charter that a newcomer came to. One query, for newcomers of today only."""
    if not any(m.joined_at > now - NEW_ON_TODAY for m in places.memberships):
        return
    for member in _newcomer_myself(request.user, now - NEW_ON_TODAY):
        if answer_by(member) <= now:
            continue
        yield Waiting(
            kind=_("Charter"),
            title=_("Can you live with our charter?"),
            url=reverse("charters:welcome", args=[member.cohort.slug]),
            window=time_left(answer_by(member), now),
            urgent=False,
            until=answer_by(member),
        )


@prepared
def _newcomer_myself(viewer: Any, since: datetime) -> QuerySet[Membership]:
    return newcomers().filter(person=viewer.pk, joined_at__gt=since)


@concern
def conversations(
    request: HttpRequest, cohorts: Sequence[Cohort], now: datetime
) -> Iterator[Concern]:
    """Newcomers who wish to talk about the charter, or let fourteen days pass.

    Until a facilitator notes that they have talked. Two queries.
    """
    known = [cohort.pk for cohort in cohorts]
    arrived = _newcomers_in(known)
    talks = (
        {m: (text, at) for m, text, at in _talks_wished(request.user, known)}
        if arrived
        else {}
    )
    for member in arrived:
        text, wished_at = talks.get(member.pk, ("", None))
        if _to_talk(member, wished_at, now):
            yield Concern(
                kind=_("To call"),
                title=_("Talk about the charter with %(name)s")
                % {"name": member.person.name},
                url=reverse(
                    "charters:welcome_talk", args=[member.cohort.slug, member.pk]
                ),
                detail=text,
                person=member.person,
                cohort=member.cohort,
            )


def _to_talk(member: Any, wished_at: datetime | None, now: datetime) -> bool:
    if wished_at is not None:
        return member.talked_at is None or member.talked_at < wished_at
    if answer_by(member) > now:
        return False
    if member.talked_at is None:
        return True
    return member.text_since is not None and member.talked_at < member.text_since


@prepared
def _newcomers_in(cohorts: list[UUID]) -> QuerySet[Membership]:
    talks = NewcomerTalk.objects.unsealed("for the circle's own facilitators").filter(
        member=OuterRef("pk")
    )
    return (
        newcomers()
        .filter(cohort__in=cohorts)
        .annotate(
            talked_at=Subquery(talks.order_by("-talked_at").values("talked_at")[:1])
        )
    )


@prepared
def _talks_wished(viewer: Any, cohorts: list[UUID]) -> QuerySet[Any, Any]:
    return (
        NewcomerAnswer.objects.visible_to(viewer)
        .filter(cohort__in=cohorts, kind=NewcomerAnswer.Kind.TALK)
        .values_list("member", "text", "given_at")
    )


def _when(days: int) -> str:
    if days < 0:
        return _("its day has passed")
    if days == 0:
        return _("today")
    return _("before its day")


@concern
def named_and_gone(
    request: HttpRequest, cohorts: Sequence[Cohort], now: datetime
) -> Iterator[Concern]:
    """People whom a charter names to turn to, and who left. Two queries at most."""
    by_pk = {cohort.pk: cohort for cohort in cohorts if not cohort.is_finished}
    clauses = _naming_clauses(list(by_pk)) if by_pk else []
    asked = {
        key: (cohort, number)
        for cohort, number, value in clauses
        for key in keys_of(value.get("people", ()))
    }
    for seat in _gone_among(list(asked)) if asked else []:
        cohort_id, number = asked[seat.pk]
        cohort = by_pk[cohort_id]
        yield Concern(
            kind=_("Charter"),
            title=_("%(name)s left; our charter names them to turn to")
            % {"name": seat.person.name},
            url=reverse("charters:charter", args=[cohort.slug]) + f"#c{number}",
            detail=_("They are not shown any more. Propose whom to name instead."),
            cohort=cohort,
        )


@prepared
def _naming_clauses(cohorts: list[UUID]) -> QuerySet[Any, Any]:
    newest = (
        CharterVersion.objects.unsealed("the charter steers the software for all")
        .filter(cohort=OuterRef("cohort"))
        .order_by("-number")
        .values("pk")[:1]
    )
    return (
        Clause.objects.unsealed("the charter steers the software for all")
        .filter(cohort__in=cohorts, steers=Steers.SUPPORT, version=Subquery(newest))
        .values_list("cohort_id", "number", "value")
    )


@prepared
def _gone_among(seats: list[UUID]) -> QuerySet[Membership]:
    return (
        Membership.objects.filter(pk__in=seats)
        .exclude(left_at=None)
        .select_related("person")
        .order_by("left_at", "pk")
    )


# --- When something is hard -------------------------------------------------------


@section
def hard_moments_section(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> Section:
    """The same three ways for everyone, whether anybody goes them or not."""
    return Section(
        template="charters/section_hard.html",
        order=95,
        aside=True,
        context={"cohort": cohort},
    )


@waits
def in_confidence(
    request: HttpRequest, places: Any, now: datetime
) -> Iterator[Waiting]:
    """What waits for one of the three in a repair conversation. One query.

    The words tell nothing to whoever looks over a shoulder.
    """
    if not places.memberships and not places.programs(Appointment.Role.THIRD_PARTY):
        return
    for case in _open_cases(request.user):
        title = _what_waits(case, case.part_of(request.user), now)
        if title:
            yield Waiting(
                kind=_("In confidence"),
                title=title,
                url=reverse("charters:in_confidence", args=[case.pk]),
                detail=case.cohort.name,
                until=case.answer_by,
                window=time_left(case.answer_by, now) if case.answer_by else "",
            )


def _what_waits(case: RepairCase, part: str, now: datetime) -> str:
    if part == Part.THIRD and case.third_willing_at is None:
        return _("Somebody asks for your help")
    if case.state == State.ASKED and part == Part.ADDRESSEE:
        return _("Somebody waits for your answer")
    if case.state in (State.TALKING, State.PAUSED):
        return _("Something goes on that you are part of")
    if case.state == State.AGREED:
        return _("Something can begin that you are part of")
    today = day_in(case.cohort, now)
    if case.state == State.SETTLED and part in TWO and today >= case.check_back_on:  # type: ignore[operator]
        return _("A day to look back has come")
    return ""


@prepared
def _open_cases(viewer: Any) -> QuerySet[RepairCase]:
    return (
        RepairCase.objects.visible_to(viewer)
        .open()
        .select_related("cohort")
        .order_by("moved_at", "pk")
    )


@waits
def people_to_call(
    request: HttpRequest, places: Any, now: datetime
) -> Iterator[Waiting]:
    """All that a lead learns: an answer is overdue, and whom to call. One query."""
    led = {program.pk: program for program in places.leads}
    if not led:
        return
    for overdue in _overdue_in(request.user, list(led)):
        yield Waiting(
            kind=_("To call"),
            title=_("Please call %(name)s") % {"name": overdue.whom.name},
            url=reverse("charters:program_care", args=[led[overdue.program_id].slug]),
            detail=_("An answer is overdue that somebody waits for."),
            person=overdue.whom,
        )


@prepared
def _overdue_in(viewer: Any, programs: list[UUID]) -> QuerySet[RepairOverdue]:
    return (
        RepairOverdue.objects.visible_to(viewer)
        .filter(program__in=programs)
        .select_related("whom")
        .order_by("since", "pk")
    )
