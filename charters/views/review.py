"""The quarterly review: what serves, what strains, and the day of the next one.

Live, as a session, or over a week in writing: both use the same page, and what it
keeps can be read later as a record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from charters import notices, quarterly
from charters.forms import HeldForm, PlanForm, ReviewForm
from charters.models import (
    Amendment,
    Candidate,
    CharterVersion,
    QuarterlyReview,
    ReviewNote,
    ReviewSummary,
    day_in,
    months_after,
)
from charters.values import values_of
from charters.views import by_mail, parts
from cohorts.access import cohort_page
from cohorts.models import Cohort, Membership
from people.access import by_link
from people.prepared import prepared, the_one


def _awaited(request: HttpRequest, cohort: Cohort) -> QuarterlyReview:
    review = the_one(parts.review_awaited(request.user, cohort))
    if review is None:
        raise Http404
    review.cohort = cohort
    return review


@prepared
def _members(cohort: Cohort) -> QuerySet[Membership]:
    return (
        Membership.objects.active()
        .filter(cohort=cohort)
        .select_related("person")
        .order_by("joined_at", "pk")
    )


@prepared
def _notes_for(viewer: Any, review: QuarterlyReview) -> QuerySet[ReviewNote]:
    return (
        ReviewNote.objects.visible_to(viewer)
        .filter(review=review)
        .select_related("member__person")
        .order_by("written_at", "pk")
    )


@prepared
def _open_changes(viewer: Any, cohort: Cohort) -> QuerySet[Amendment]:
    return (
        Amendment.objects.visible_to(viewer)
        .of(cohort)
        .open()
        .filter(founding=False)
        .select_related("proposer__person")
        .order_by("proposed_at", "pk")
    )


@prepared
def _candidates_of(viewer: Any, review: QuarterlyReview) -> QuerySet[Candidate]:
    made = CharterVersion.objects.visible_to(viewer).filter(
        amendment=OuterRef("amendment")
    )
    return (
        Candidate.objects.visible_to(viewer)
        .filter(review=review)
        .select_related("amendment__proposer__person")
        .annotate(made=Subquery(made.values("number")[:1]))
        .order_by("amendment__proposed_at", "pk")
    )


@prepared
def _held(viewer: Any, cohort: Cohort) -> QuerySet[QuarterlyReview]:
    return (
        QuarterlyReview.objects.visible_to(viewer)
        .of(cohort)
        .exclude(held_at=None)
        .order_by("-held_at", "-pk")
    )


# --- The course of a review ---------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Step:
    """One of the five steps, how far the circle is, and where it is done."""

    name: str
    minutes: str
    stands: str
    url: str = ""
    doing: str = ""
    done: bool = False


def _steps(
    review: QuarterlyReview,
    *,
    written: int,
    changes: list[Amendment],
) -> list[Step]:
    slug = review.cohort.slug
    asking = sum(1 for a in changes if a.is_deciding)
    return [
        Step(
            name=_("Read alone"),
            minutes=_("4 minutes"),
            stands=_("The charter as it is in force."),
            url=reverse("charters:charter", args=[slug]),
            doing=_("Read the charter"),
        ),
        Step(
            name=_("What serves, what strains"),
            minutes=_("12 minutes: alone, in pairs, in fours, all"),
            stands=ngettext(
                "%(n)d of us has written.", "%(n)d of us have written.", written
            )
            % {"n": written}
            if written
            else _("Nobody has written yet; one line is plenty."),
            done=bool(written),
        ),
        Step(
            name=_("What could change"),
            minutes=_("8 minutes; two changes at most for one day"),
            stands=ngettext(
                "%(n)d proposal is open.", "%(n)d proposals are open.", len(changes)
            )
            % {"n": len(changes)}
            if changes
            else _("None yet. Nothing to change is a result too."),
            url="#h-changes",
            doing=_("Look at them"),
            done=bool(changes),
        ),
        Step(
            name=_("Consent rounds"),
            minutes=_("15 minutes each"),
            stands=ngettext(
                "The circle is asked about %(n)d.",
                "The circle is asked about %(n)d.",
                asking,
            )
            % {"n": asking}
            if asking
            else _("Nobody is asked yet. In writing a round takes days, not minutes."),
            url=reverse("charters:decisions", args=[slug]) if asking else "",
            doing=_("See what we are asked"),
            done=bool(asking),
        ),
        Step(
            name=_("The day of the next one"),
            minutes=_("2 minutes"),
            stands=_("One of you says that it is held, and keeps a line."),
            url="#h-held",
            doing=_("Go to the end"),
        ),
    ]


@cohort_page
def review(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    """The page of the review; posting keeps one's own note."""
    awaited = _awaited(request, cohort)
    notes = _notes_for(request.user, awaited)
    mine = next((n for n in notes if n.member_id == membership.pk), None)
    form = ReviewForm(
        parts.typed(request),
        initial={"serves": mine.serves, "strains": mine.strains} if mine else None,
    )
    if request.method == "POST" and form.is_valid():
        _noted(form, awaited, membership)
        messages.success(request, _("Noted. You can change it until the review."))
        return redirect("charters:review", cohort.slug)
    return _show(request, awaited, membership, notes=notes, form=form)


def _noted(form: ReviewForm, review: QuarterlyReview, membership: Membership) -> None:
    quarterly.note(
        review,
        by=membership,
        serves=form.cleaned_data["serves"],
        strains=form.cleaned_data["strains"],
        lang=get_language() or "en",
        client_key=form.key,
        now=timezone.now(),
    )


def _show(
    request: HttpRequest,
    awaited: QuarterlyReview,
    membership: Membership,
    *,
    notes: list[ReviewNote] | None = None,
    form: ReviewForm | None = None,
    plan_form: PlanForm | None = None,
    held_form: HeldForm | None = None,
) -> HttpResponse:
    cohort = awaited.cohort
    now = timezone.now()
    today = day_in(cohort, now)
    members = _members(cohort)
    bound = [f for f in (form, plan_form, held_form) if f is not None and f.is_bound]
    if notes is None:
        notes = _notes_for(request.user, awaited)
    written = {note.member_id for note in notes}
    candidates = _candidates_of(request.user, awaited) if awaited.opened_at else []
    changes = _open_changes(request.user, cohort)
    grown = {candidate.amendment_id for candidate in candidates}
    return render(
        request,
        "charters/review.html",
        {
            "cohort": cohort,
            "membership": membership,
            "review": awaited,
            "notes": notes,
            "mine": membership.pk in written,
            "wrote": [m for m in members if m.pk in written],
            "candidates": candidates,
            "others": [a for a in changes if a.pk not in grown],
            "steps": _steps(awaited, written=len(notes), changes=changes),
            "form": form or ReviewForm(),
            "bound": bound[0] if bound else None,
            "plan_form": plan_form
            or PlanForm(
                members=members,
                initial={"due_on": awaited.due_on, "host": awaited.host_id or ""},
            ),
            "held_form": held_form
            or HeldForm(
                suggested=months_after(today, values_of(cohort).review.months),
                initial={"review": awaited.pk},
            ),
            "held": _held(request.user, cohort),
            "is_overdue": today > awaited.due_on,
        },
        status=422 if bound else 200,
    )


@require_POST
@cohort_page
def review_open(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    quarterly.open_now(_awaited(request, cohort), by=membership, now=timezone.now())
    messages.success(request, _("The review is open."))
    return redirect("charters:review", cohort.slug)


@require_POST
@cohort_page
def review_plan(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    awaited = _awaited(request, cohort)
    form = PlanForm(request.POST, members=_members(cohort))
    if not form.is_valid():
        return _show(request, awaited, membership, plan_form=form)
    quarterly.plan(
        awaited,
        by=membership,
        due_on=form.cleaned_data["due_on"],
        host=form.chosen_host,
        now=timezone.now(),
    )
    messages.success(request, _("The day is set."))
    return redirect("charters:review", cohort.slug)


@require_POST
@cohort_page
def review_held(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    awaited = _awaited(request, cohort)
    form = HeldForm(request.POST)
    if form.is_valid() and form.cleaned_data["review"] != awaited.pk:
        # The page is of a review that was held meanwhile: never the next one instead.
        held = get_object_or_404(
            QuarterlyReview.objects.visible_to(request.user)
            .of(cohort)
            .exclude(held_at=None),
            pk=form.cleaned_data["review"],
        )
        if held.held_by_id == membership.pk or not form.cleaned_data["summary"]:
            return redirect("charters:review_record", cohort.slug, held.pk)
        form.add_error(
            "summary",
            _(
                "Somebody said meanwhile that it was held, so your line came too late. "
                "It is still here: take it along."
            ),
        )
    if not form.is_valid():
        return _show(request, awaited, membership, held_form=form)
    quarterly.hold(
        awaited,
        by=membership,
        next_on=form.cleaned_data["next_on"],
        summary=form.cleaned_data["summary"],
        lang=get_language() or "en",
        now=timezone.now(),
    )
    messages.success(request, _("The review is held, and the next one has its day."))
    return redirect("charters:review_record", cohort.slug, awaited.pk)


@cohort_page
def review_record(
    request: HttpRequest,
    cohort: Cohort,
    membership: Membership,
    quarterlyreview_id: UUID,
) -> HttpResponse:
    """A review that was held: which text, who wrote what, what came of it."""
    held = get_object_or_404(
        QuarterlyReview.objects.visible_to(request.user).select_related(
            "host__person", "held_by__person", "version"
        ),
        cohort=cohort,
        pk=quarterlyreview_id,
    )
    if held.held_at is None:
        return redirect("charters:review", cohort.slug)
    return render(
        request,
        "charters/review_record.html",
        {
            "cohort": cohort,
            "review": held,
            "notes": _notes_for(request.user, held),
            "candidates": _candidates_of(request.user, held),
            "summary": the_one(_summary_of(request.user, held)),
            "awaited": the_one(parts.review_awaited(request.user, cohort)),
        },
    )


@prepared
def _summary_of(viewer: Any, review: QuarterlyReview) -> QuerySet[ReviewSummary]:
    return (
        ReviewSummary.objects.visible_to(viewer)
        .filter(review=review)
        .select_related("member__person")
    )


# --- From the mail ------------------------------------------------------------------


@by_link(why="the mailed link of one review for one member: a page with one question")
def note_link(request: HttpRequest, note_token: str) -> HttpResponse:
    """GET shows the question and changes nothing; POST keeps the note."""
    read = notices.read_note_token(note_token)
    membership = by_mail.seat_of_link(read[1]) if read else None
    if read is None or membership is None:
        return by_mail.no_link(request)
    # Read as the member whom the link names, and as nobody else.
    review = (
        QuarterlyReview.objects.visible_to(membership.person)
        .filter(pk=read[0], cohort=membership.cohort)
        .first()
    )
    if review is None:
        return by_mail.no_link(request)
    review.cohort = membership.cohort
    with by_mail.speaking_to(membership):
        return _one_note(request, membership, review)


def _one_note(
    request: HttpRequest, membership: Membership, review: QuarterlyReview
) -> HttpResponse:
    if not review.is_open:
        return _note_page(request, membership, review, over=True)
    mine = (
        ReviewNote.objects.visible_to(membership.person)
        .filter(review=review, member=membership)
        .first()
    )
    form = ReviewForm(
        parts.typed(request),
        initial={"serves": mine.serves, "strains": mine.strains} if mine else None,
    )
    if request.method == "POST" and form.is_valid():
        _noted(form, review, membership)
        return _note_page(request, membership, review, thanks=True)
    return _note_page(
        request,
        membership,
        review,
        form=form,
        mine=mine,
        status=422 if form.is_bound else 200,
    )


def _note_page(
    request: HttpRequest,
    membership: Membership,
    review: QuarterlyReview,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    return by_mail.kept_nowhere(
        render(
            request,
            "charters/note_link.html",
            {"cohort": membership.cohort, "review": review, **more},
            status=status,
        )
    )
