"""The quarterly review: what serves, what strains, and the day of the next one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from charters import quarterly
from charters.forms import HeldForm, PlanForm, ReviewForm
from charters.models import (
    Amendment,
    QuarterlyReview,
    ReviewNote,
    day_in,
    months_after,
)
from charters.values import values_of
from charters.views import parts
from cohorts.access import cohort_page
from cohorts.models import Cohort, Membership
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
        .order_by("proposed_at", "pk")
    )


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
        quarterly.note(
            awaited,
            by=membership,
            serves=form.cleaned_data["serves"],
            strains=form.cleaned_data["strains"],
            lang=get_language() or "en",
            client_key=form.key,
            now=timezone.now(),
        )
        messages.success(request, _("Noted. You can change it until the review."))
        return redirect("charters:review", cohort.slug)
    return _show(request, awaited, membership, notes=notes, form=form)


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
    today = day_in(cohort, timezone.now())
    members = _members(cohort)
    bound = [f for f in (form, plan_form, held_form) if f is not None and f.is_bound]
    if notes is None:
        notes = _notes_for(request.user, awaited)
    return render(
        request,
        "charters/review.html",
        {
            "cohort": cohort,
            "review": awaited,
            "notes": notes,
            "mine": any(n.member_id == membership.pk for n in notes),
            "form": form or ReviewForm(),
            "bound": bound[0] if bound else None,
            "plan_form": plan_form
            or PlanForm(
                members=members,
                initial={"due_on": awaited.due_on, "host": awaited.host_id or ""},
            ),
            "held_form": held_form
            or HeldForm(suggested=months_after(today, values_of(cohort).review.months)),
            "open_changes": _open_changes(request.user, cohort),
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
    if not form.is_valid():
        return _show(request, awaited, membership, held_form=form)
    quarterly.hold(
        awaited,
        by=membership,
        next_on=form.cleaned_data["next_on"],
        now=timezone.now(),
    )
    messages.success(request, _("The review is held, and the next one has its day."))
    return redirect("charters:charter", cohort.slug)
