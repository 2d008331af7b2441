"""Calendar files, and the private feed."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from cohorts.access import cohort_page
from cohorts.models import Cohort, Membership
from people.access import by_link, signed_in
from people.models import User
from sessions import calendar
from sessions.models import RitualSession

CALENDAR = "text/calendar; charset=utf-8"


@require_safe
@cohort_page
def session_file(
    request: HttpRequest, cohort: Cohort, membership: Membership, number: int
) -> HttpResponse:
    session = get_object_or_404(
        RitualSession.objects.visible_to(request.user).select_related("cohort"),
        cohort=cohort,
        number=number,
    )
    response = HttpResponse(calendar.invitation(session), content_type=CALENDAR)
    response.headers["Content-Disposition"] = (
        f'attachment; filename="{cohort.slug}-{session.number}.ics"'
    )
    return response


@require_safe
@by_link(why="calendar programs hold no session; the 256-bit secret is checked here")
def feed(request: HttpRequest, calendar_secret: str) -> HttpResponse:
    person = calendar.person_of(calendar_secret)
    if person is None:
        raise Http404
    with translation.override(person.language or settings.LANGUAGE_CODE):
        body = calendar.feed(person, now=timezone.now())
    response = HttpResponse(body, content_type=CALENDAR)
    response.headers["Cache-Control"] = "no-store, private"
    return response


@signed_in
def feed_manage(request: HttpRequest) -> HttpResponse:
    """Make or revoke one's own feed; a new address is shown this once."""
    person = request.user
    assert isinstance(person, User)
    address = ""
    if request.method == "POST":
        if request.POST.get("do") == "close":
            calendar.close_feed(person)
            return redirect("sessions:calendar_manage")
        secret = calendar.open_feed(person)
        address = settings.SITE_URL + reverse("sessions:calendar_feed", args=[secret])
    return render(
        request,
        "sessions/calendar_manage.html",
        {"address": address, "has_feed": calendar.has_feed(person)},
    )
