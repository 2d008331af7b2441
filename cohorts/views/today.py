"""Today, for every role; and the switch between places."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from cohorts.access import reader
from cohorts.models import Program
from cohorts.places import places_for
from cohorts.tabs import PLACE_COOKIE, places_to_stand
from people import today as contents
from people.access import signed_in
from people.models import User


@signed_in
def today(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    places = places_for(request)
    waiting = contents.waiting_for(request, places, now=now)
    panels = contents.panels_for(request, places, now=now)
    has_a_place = bool(places.memberships or places.appointments)
    return render(
        request,
        "cohorts/today.html",
        {
            "today": timezone.localdate(now),
            "greeting": greeting(reader(request), now=now),
            "summary": summary(waiting, panels),
            "waiting": waiting,
            "meets_at": next((p.meets_at for p in panels if p.meets_at), None),
            "quiet": quiet_hours(reader(request)),
            "has_a_place": has_a_place,
            "leads": places.leads,
            # A phone lets go of what it kept of other cohorts.
            "seated_in": " ".join(m.cohort.slug for m in places.memberships),
            "first_run": not has_a_place
            and request.user.is_superuser
            and not Program.objects.exists(),
            "next": [p for p in panels if p.slot == "next"][:1],
            "promise": [p for p in panels if p.slot == "promise"],
            "checkin": [p for p in panels if p.slot == "checkin"],
            "more": [p for p in panels if p.slot == "more"],
        },
    )


def greeting(person: User, *, now: datetime) -> str:
    """By the hour where the person is, and by name once there is one."""
    hour = now.astimezone(person.zone).hour
    if not (person.called or person.full_name):
        return _("Good day")
    if 5 <= hour < 12:
        return _("Good morning, %(name)s") % {"name": person.name}
    if 12 <= hour < 18:
        return _("Good afternoon, %(name)s") % {"name": person.name}
    return _("Good evening, %(name)s") % {"name": person.name}


def summary(waiting: list[contents.Waiting], panels: list[contents.Panel]) -> list[str]:
    """Whole sentences, each true by itself, in the order of the page."""
    sentences = [p.summary for p in panels if p.summary and p.slot == "next"]
    people = len({line.person.pk for line in waiting if line.person is not None})
    things = sum(line.person is None for line in waiting)
    if people:
        sentences.append(
            ngettext(
                "One person would like to hear from you.",
                "%(n)s people would like to hear from you.",
                people,
            )
            % {"n": people}
        )
    if things:
        sentences.append(
            ngettext("One thing waits for you.", "%(n)s things wait for you.", things)
            % {"n": things}
        )
    return sentences + [p.summary for p in panels if p.summary and p.slot != "next"]


def quiet_hours(person: User) -> str:
    """What the person asked for, said where the silence shows."""
    hours = {
        "start": person.quiet_from.strftime("%H:%M"),
        "end": person.quiet_until.strftime("%H:%M"),
    }
    if person.day_off is None:
        if person.quiet_from == person.quiet_until:
            return ""
        return _("We stay quiet from %(start)s to %(end)s.") % hours
    return _("We stay quiet from %(start)s to %(end)s, and all day on %(day)s.") % {
        **hours,
        "day": WEEKDAYS[person.day_off],
    }


@require_POST
@signed_in
def place_choose(request: HttpRequest) -> HttpResponse:
    """Stand in another of one's own places; the tabs follow."""
    for stand in places_to_stand(places_for(request)):
        if stand.key == request.POST.get("place"):
            response = redirect(stand.url)
            response.set_cookie(
                PLACE_COOKIE,
                stand.key,
                httponly=True,
                samesite="Lax",
                secure=request.is_secure(),
            )
            return response
    return redirect("cohorts:today")
