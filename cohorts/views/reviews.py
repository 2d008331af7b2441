"""Reading applications blind, and how the readings go."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from cohorts import keeping_apart, redacting, reviewing
from cohorts.access import reviewer_call_page
from cohorts.forms.reading import AbstainForm
from cohorts.forms.reviews import ReviewForm
from cohorts.models import (
    Appointment,
    BlindCopy,
    Intake,
    IntakePhase,
    Permit,
    Question,
    Review,
    Score,
    WhyNot,
)
from cohorts.reviewing import Given
from cohorts.views.calls import person_of
from people.models import User
from people.prepared import prepared, the_one
from people.refusal import Refused

SHOWN = 20


@reviewer_call_page
def review_queue(request: HttpRequest, intake: Intake) -> HttpResponse:
    person, now = person_of(request), timezone.now()
    handed = intake.handed_out_at is not None
    if not handed:
        keeping_apart.catch_up(intake, person, now=now)
    waiting = _waiting(intake, person, intake.readings_wanted, handed, SHOWN + 1)
    done = _done_by(person, intake)
    prefetch_related_objects([intake], "phases")
    asks_now = intake.phase_on(Permit.REVIEW, now=now)
    base = reverse("cohorts:review_queue", args=[intake.slug])
    turns = {0: _("yours to read"), 1: "", 2: _("skipped")}
    return render(
        request,
        "cohorts/review_queue.html",
        {
            "intake": intake,
            "waiting": [
                (
                    f"{base}{copy.pk}/",
                    _("Application %(code)s") % {"code": copy.code},
                    turns[copy.turn],  # type: ignore[attr-defined]
                    ngettext("%(n)s reading", "%(n)s readings", copy.readings)  # type: ignore[attr-defined]
                    % {"n": copy.readings},  # type: ignore[attr-defined]
                )
                for copy in waiting[:SHOWN]
            ],
            "more": len(waiting) > SHOWN,
            "done": [(review, _is_changed(review)) for review in done],
            "is_on": intake.permits(Permit.REVIEW, now=now),
            "said": said_of(request),
            "phase": asks_now or intake.phase(IntakePhase.Kind.REVIEW),
            "is_lead": Appointment.Role.LEAD in request.roles,  # type: ignore[attr-defined]
        },
    )


@prepared
def _done_by(person: User, intake: Intake) -> QuerySet[Review]:
    return (
        Review.objects.visible_to(person)
        .filter(
            reviewer=person,
            copy__intake=intake,
            state__in=(Review.State.DONE, Review.State.ABSTAINED),
        )
        .select_related("copy")
        .order_by("-changed_at", "pk")[:SHOWN]
    )


def _is_changed(review: Review) -> bool:
    """Whether the applicant changed the text since this reviewer scored it."""
    changed_at = review.copy.changed_at
    return (
        review.state == Review.State.DONE
        and changed_at is not None
        and changed_at > review.changed_at
    )


def _copy_or_404(request: HttpRequest, intake: Intake, copy_id: UUID) -> BlindCopy:
    copy = the_one(_readable(intake, person_of(request), copy_id))
    if copy is None:
        raise Http404
    copy.intake, copy.program = intake, intake.program
    return copy


@prepared
def _readable(intake: Intake, person: User, key: UUID) -> QuerySet[BlindCopy]:
    return reviewing.readable(intake, by=person).filter(pk=key)


@prepared
def _review_of(copy: BlindCopy, person: User) -> QuerySet[Review]:
    return Review.objects.visible_to(person).filter(copy=copy, reviewer=person)


@prepared
def _scores_of(review: Review, person: User) -> QuerySet[Score]:
    return Score.objects.visible_to(person).filter(review=review)


def _given_in(review: Review | None, person: User) -> dict[UUID, Given]:
    scores = _scores_of(review, person) if review else []
    return {s.criterion_id: Given(s.level, s.evidence) for s in scores}


@prepared
def _waiting(
    intake: Intake, person: User, readings_wanted: int, handed: bool, most: int
) -> QuerySet[BlindCopy]:
    copies = reviewing.to_read(intake, by=person)
    wanting = reviewing.wants_readings(copies, readings_wanted, handed_out=handed)
    return wanting.only("code", "language")[:most]


@reviewer_call_page
def review_write(
    request: HttpRequest, intake: Intake, blindcopy_id: UUID
) -> HttpResponse:
    if request.method == "POST":
        return _written(request, intake, blindcopy_id)
    person = person_of(request)
    copy = _copy_or_404(request, intake, blindcopy_id)
    review = the_one(_review_of(copy, person))
    form = ReviewForm(
        criteria=intake.rubric,
        given=_given_in(review, person),
        current=review,
        initial={"note": review.note if review else ""},
    )
    return _sheet(request, intake, copy, review, form)


@transaction.atomic
def _written(request: HttpRequest, intake: Intake, key: UUID) -> HttpResponse:
    """Hand in, or keep for later. Copy and review are held from the first look on:
    nothing is asked twice, and nothing changes between the look and the writing."""
    person, now = person_of(request), timezone.now()
    desk = reviewing.sit_down(intake, key, by=person, now=now)
    if desk is None:
        withdrawn = BlindCopy.objects.visible_to(person).exclude(closed_at=None)
        if withdrawn.filter(pk=key, intake=intake).exists():
            raise Refused(
                _("This application was withdrawn; there is nothing to read.")
            )
        raise Http404
    later = "later" in request.POST
    current = None if desk.review._state.adding else desk.review
    form = ReviewForm(
        request.POST,
        finishing=not later,
        criteria=intake.rubric,
        given={},
        current=current,
        kept=lambda: _given_in(current, person),
    )
    if request.POST.get("read", seal_of(desk.copy)) != seal_of(desk.copy):
        form.add_error(
            None,
            _(
                "The applicant changed the text while you were reading. Below it "
                "stands as it is now; what you wrote is still here. Look whether it "
                "still holds, and press again."
            ),
        )
    if not form.is_valid():
        return _sheet(request, intake, desk.copy, current, form)
    act = reviewing.save_at if later else reviewing.finish_at
    act(desk, given=form.given, note=form.cleaned_data["note"], now=now)
    if later:
        messages.success(request, _("Kept. Nobody else sees it."))
        return redirect("cohorts:review_queue", intake.slug)
    return _next(request, intake, said="in")


def _sheet(
    request: HttpRequest,
    intake: Intake,
    copy: BlindCopy,
    review: Review | None,
    form: ReviewForm,
) -> HttpResponse:
    return render(
        request,
        "cohorts/review_write.html",
        {
            "intake": intake,
            "copy": copy,
            "read": seal_of(copy),
            "form": form,
            "review": review,
            "texts": texts_of(intake, copy),
            "others": others_of(request, copy, review),
            "changes": changes_of(request, intake, copy, review),
            "whys": WhyNot.choices,
            "is_on": intake.permits(Permit.REVIEW, now=timezone.now()),
            "said": said_of(request),
        },
        status=422 if form.is_bound else 200,
    )


def seal_of(copy: BlindCopy) -> str:
    """Which text it was that lay before the reviewer."""
    return copy.changed_at.isoformat() if copy.changed_at else ""


def said_of(request: HttpRequest) -> str:
    """What to say of the reading before, told by the address: a message kept in the
    session would be written with every reading, and struck out with the next."""
    if request.GET.get("said") == "in":
        return _("Your reading is in. Thank you.")
    return ""


def texts_of(intake: Intake, copy: BlindCopy) -> list[tuple[Question, str]]:
    return [
        (question, copy.texts[str(question.pk)])
        for question in _questions_of(intake)
        if copy.texts.get(str(question.pk))
    ]


def changes_of(
    request: HttpRequest, intake: Intake, copy: BlindCopy, mine: Review | None
) -> list[tuple[Question, str, str]]:
    """What the applicant changed since this reviewer wrote: before and now."""
    if mine is None or copy.changed_at is None or copy.changed_at <= mine.changed_at:
        return []
    earlier = redacting.seen_by(mine, by=person_of(request))
    if earlier is None:
        return []
    found = []
    for question in _questions_of(intake):
        key = str(question.pk)
        before, now = earlier.texts.get(key, ""), copy.texts.get(key, "")
        if before != now:
            found.append((question, before, now))
    return found


@prepared
def _questions_of(intake: Intake) -> QuerySet[Question]:
    return Question.objects.filter(intake=intake).order_by("position", "pk")


def others_of(
    request: HttpRequest, copy: BlindCopy, mine: Review | None
) -> list[tuple[Review, list[Score]]]:
    """What others gave: empty until one's own reading is in."""
    if mine is None or mine.state != Review.State.DONE:
        return []
    reviews = list(
        Review.objects.visible_to(request.user)
        .done()
        .filter(copy=copy)
        .exclude(pk=mine.pk)
        .select_related("reviewer")
        .order_by("changed_at", "pk")
    )
    scores: dict[Any, list[Score]] = {}
    for score in (
        Score.objects.visible_to(request.user)
        .filter(review__in=reviews)
        .select_related("criterion")
        .order_by("criterion__position")
    ):
        scores.setdefault(score.review_id, []).append(score)
    return [(review, scores.get(review.pk, [])) for review in reviews]


def _next(request: HttpRequest, intake: Intake, *, said: str = "") -> HttpResponse:
    """Save and next: the next one that waits, or the list when none does."""
    person = person_of(request)
    handed = intake.handed_out_at is not None
    asked = (intake, person, intake.readings_wanted, handed)
    following = the_one(_following(*asked))
    if (
        following is None
        and not handed
        and keeping_apart.catch_up(intake, person, now=timezone.now())
    ):
        following = the_one(_following(*asked))
    if following is None:
        where = redirect("cohorts:review_queue", intake.slug)
    else:
        where = redirect("cohorts:review_write", intake.slug, following.pk)
    if said:
        where["Location"] += f"?said={said}"
    return where


@prepared
def _following(
    intake: Intake, person: User, readings_wanted: int, handed: bool
) -> QuerySet[BlindCopy]:
    copies = reviewing.to_read(intake, by=person)
    wanting = reviewing.wants_readings(copies, readings_wanted, handed_out=handed)
    return wanting.exclude(turn=2).only("pk")[:1]  # type: ignore[misc]


@require_POST
@reviewer_call_page
def review_set_aside(
    request: HttpRequest, intake: Intake, blindcopy_id: UUID
) -> HttpResponse:
    """Skip: not now. Abstain: somebody else must read it."""
    person, now = person_of(request), timezone.now()
    copy = _copy_or_404(request, intake, blindcopy_id)
    if request.POST.get("act") == "abstain":
        form = AbstainForm(request.POST)
        why = form.cleaned_data["why"] if form.is_valid() else ""
        reviewing.abstain(copy, by=person, why=why, now=now)
        messages.success(request, _("You abstain from this one; others will read it."))
    else:
        reviewing.skip(copy, by=person, now=now)
        messages.success(request, _("Skipped for now; it comes back at the end."))
    return _next(request, intake)
