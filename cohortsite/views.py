"""The few pages that belong to no app."""

from __future__ import annotations

import sys
from typing import cast

import kombu.exceptions
import redis
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cohorts.founding import may_begin_programs
from cohorts.places import places_for
from cohortsite.demo import filling, removing, visiting
from people.access import public, signed_in
from people.models import User


@never_cache
@public(why="the proxy and the supervisor ask whether the pages can be served")
def health(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("well\n", content_type="text/plain")


@public(why="the service worker shows it when there is no connection")
def offline(request: HttpRequest) -> HttpResponse:
    return render(request, "offline.html")


@login_not_required
def form_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token grew old: everything typed is still there, to send again."""
    return render(request, "form_too_old.html", {"kept": _typed(request)}, status=403)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def demo_load(request: HttpRequest) -> HttpResponse:
    """For whoever runs this house, while it is empty: a program to look round in."""
    if not may_begin_programs(request.user):
        raise Http404
    filling.must_stay_here()
    if request.method == "POST":
        if filling.fill(now=timezone.now()):
            messages.success(
                request,
                _("The demo is filled in. Sign out to look round as its people."),
            )
        return redirect("cohorts:today")
    return render(
        request,
        "components/confirm.html",
        {
            "question": _("Load the demo program?"),
            "consequence": _(
                "It takes some seconds. One button on its pages removes all of it."
            ),
            "action": _("Load the demo"),
            "back": reverse("cohorts:today"),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def demo_remove(request: HttpRequest) -> HttpResponse:
    """For a lead of the demo: one question, and then all of it is gone."""
    program = visiting.demo_led(places_for(request))
    if program is None:
        raise Http404
    if request.method == "POST":
        removing.remove(program, by=cast("User", request.user))
        logout(request)
        messages.success(request, _("The demo is gone, with everybody in it."))
        return redirect("/")
    return render(
        request,
        "components/confirm.html",
        {
            "question": _("Remove the demo?"),
            "consequence": _(
                "Its program, its people, everything they wrote and the mails to "
                "them are deleted. Whoever is not of the demo stays."
            ),
            "action": _("Remove all of it"),
            "back": reverse("cohorts:today"),
            "stop": True,
        },
    )


# The database or Valkey away, or too busy to answer in time.
GROUND_GONE = (
    OperationalError,
    InterfaceError,
    redis.RedisError,
    kombu.exceptions.OperationalError,
)


@login_not_required
def went_wrong(request: HttpRequest) -> HttpResponse:
    """What is shown when an exception was nobody's (handler500).

    When the ground is gone, that is said, and everything typed can be sent again.
    Neither page asks who is reading: the answer is in the database.
    """
    _, exception, _ = sys.exc_info()
    with translation.override(translation.get_language_from_request(request)):
        if not isinstance(exception, GROUND_GONE):
            return HttpResponse(render_to_string("500.html"), status=500)
        # htmx leaves its page in place, with all that was typed, and adds a note.
        answer = "#note" if request.headers.get("HX-Request") else ""
        page = render_to_string(
            f"ground_gone.html{answer}",
            {
                "address": request.get_full_path(),
                "kept": _typed(request),
                "files": [
                    file.name for _, files in request.FILES.lists() for file in files
                ],
                "csrf_token": get_token(request),
            },
        )
    return HttpResponse(
        page, status=503, headers={"Retry-After": "5", "Cache-Control": "no-store"}
    )


def _typed(request: HttpRequest) -> list[tuple[str, object]]:
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken"
    ]
