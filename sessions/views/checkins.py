"""Check-ins: read them, say how one arrives."""

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
from sessions import checkins
from sessions.forms.bookends import CheckInForm
from sessions.models import PAGE, CheckIn
from sessions.views.answers import ask, done, session_of
from sessions.views.timeline import page_of

NEW = "sessions/checkin_new.html"


@cohort_page
def checkin_list(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    shown = page_of(
        request,
        lambda: _everyones(request.user, cohort),
        newest=lambda: _newest(request.user, cohort),
    )
    return render(
        request,
        "sessions/checkin_list.html",
        {"cohort": cohort, "checkins": shown.rows, "earlier": shown.earlier},
    )


def _everyones(viewer: Any, cohort: Cohort) -> QuerySet[CheckIn]:
    return (
        CheckIn.objects.visible_to(viewer)
        .filter(cohort=cohort)
        .select_related("author__person")
        .newest_first()
    )


@prepared
def _newest(viewer: Any, cohort: Cohort) -> QuerySet[CheckIn]:
    return _everyones(viewer, cohort)[: PAGE + 1]


@outbox_post
@cohort_page
def checkin_new(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    cohort.must_be_open()
    sent = request.POST if request.method == "POST" else None
    session = session_of(request, cohort)
    form = CheckInForm(sent, extras=checkins.extras_for(membership))
    if sent is not None and form.is_valid():
        waited = form.cleaned_data["waited"]
        try:
            _checkin, is_new = checkins.post(
                by=membership,
                mood=form.cleaned_data["mood"],
                grounding=form.cleaned_data["grounding"],
                intention=form.cleaned_data["intention"],
                edge=form.cleaned_data["edge"],
                session=session,
                lang=get_language() or "",
                waited=waited,
                client_key=form.key,
                extras=form.added,
            )
        except SentBefore as before:
            form.send_again_as_new(before.sentence)
        else:
            return done(
                request,
                to=reverse("sessions:checkin_list", args=[cohort.slug]),
                said=_("Your check-in is with your cohort."),
                is_new=is_new,
                waited=waited,
                partial=f"{NEW}#said",
            )
    return ask(request, NEW, {"cohort": cohort, "session": session}, form=form)
