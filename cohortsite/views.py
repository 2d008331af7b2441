"""The few pages that belong to no app."""

from __future__ import annotations

import sys

import kombu.exceptions
import redis
from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.views.decorators.cache import never_cache

from people.access import public


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
