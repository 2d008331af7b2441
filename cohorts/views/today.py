"""Today, for every role."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from cohorts.places import places_for
from people import today as contents
from people.access import signed_in


@signed_in
def today(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    places = places_for(request)
    panels = contents.panels_for(request, places, now=now)
    return render(
        request,
        "cohorts/today.html",
        {
            "now": now,
            "waiting": contents.waiting_for(request, places, now=now),
            "next": [p for p in panels if p.slot == "next"][:1],
            "promise": [p for p in panels if p.slot == "promise"],
            "checkin": [p for p in panels if p.slot == "checkin"],
            "more": [p for p in panels if p.slot == "more"],
        },
    )
