"""Thanks, and the one thing kept for the library."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cohorts.access import cohort_page
from cohorts.models import Cohort, Membership
from people.access import outbox_post
from people.prepared import prepared
from people.refusal import SentBefore
from sessions import appreciations, insights
from sessions.forms.bookends import AppreciationForm, InsightForm
from sessions.models import PAGE, Appreciation
from sessions.views.answers import ask, done, session_of
from sessions.views.timeline import page_of


@cohort_page
def appreciation_list(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    shown = page_of(
        request,
        lambda: _everyones(request.user, cohort),
        newest=lambda: _newest(request.user, cohort),
    )
    return render(
        request,
        "sessions/appreciation_list.html",
        {
            "cohort": cohort,
            "appreciations": shown.rows,
            "earlier": shown.earlier,
            "may_add": not cohort.is_finished,
        },
    )


def _everyones(viewer: Any, cohort: Cohort) -> QuerySet[Appreciation]:
    return (
        Appreciation.objects.visible_to(viewer)
        .filter(cohort=cohort)
        .select_related("given_by__person", "to__person", "session")
        .newest_first()
    )


@prepared
def _newest(viewer: Any, cohort: Cohort) -> QuerySet[Appreciation]:
    return _everyones(viewer, cohort)[: PAGE + 1]


@outbox_post
@cohort_page
def appreciation_give(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    cohort.must_be_open()
    sent = request.POST if request.method == "POST" else None
    session = session_of(request, cohort)
    form = AppreciationForm(sent, by=membership)
    page = "sessions/appreciation_give.html"
    if sent is not None and form.is_valid():
        try:
            appreciations.give(
                by=membership,
                to=form.cleaned_data["to"],
                text=form.cleaned_data["text"],
                lang=get_language() or "",
                session=session,
                client_key=form.key,
            )
        except SentBefore as before:
            form.send_again_as_new(before.sentence)
        else:
            return done(
                request,
                to=reverse("sessions:appreciation_list", args=[cohort.slug]),
                said=_("Thanked."),
                waited=form.cleaned_data["waited"],
                partial=f"{page}#said",
            )
    return ask(request, page, {"cohort": cohort, "session": session}, form=form)


@outbox_post
@cohort_page
def insight_keep(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    cohort.must_be_open()
    sent = request.POST if request.method == "POST" else None
    session = session_of(request, cohort)
    form = InsightForm(sent)
    page = "sessions/insight_keep.html"
    if sent is not None and form.is_valid():
        insight = insights.keep(
            by=membership,
            title=form.cleaned_data["title"],
            body=form.cleaned_data["body"],
            lang=get_language() or "",
            session=session,
            client_key=form.key,
        )
        return done(
            request,
            to=reverse(
                "library:resource_detail", args=[cohort.slug, insight.resource_id]
            ),
            said=_("Kept in your cohort's library."),
            waited=form.cleaned_data["waited"],
            partial=f"{page}#said",
        )
    return ask(request, page, {"cohort": cohort, "session": session}, form=form)
