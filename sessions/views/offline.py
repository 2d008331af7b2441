"""What a phone keeps for when there is no connection."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.templatetags.static import static

from people.access import public

SCRIPT = "js/house.js"
SHELL = ("css/cohortsite.css", SCRIPT, "django_htmx/htmx-2.min.js")


@public(why="the browser asks for the worker by itself; it holds nobody's words")
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker, told the names of today's files; a new name makes a new version."""
    house = {
        "version": _version(),
        "script": static(SCRIPT),
        "shell": [static(name) for name in SHELL],
        "files": settings.STATIC_URL,
        "door": resolve_url(settings.LOGIN_URL),
    }
    response = render(
        request, "sw.js", {"house": json.dumps(house)}, content_type="text/javascript"
    )
    response.headers["Service-Worker-Allowed"] = "/"
    response.headers["Cache-Control"] = "no-cache"
    return response


@lru_cache(maxsize=1)
def _version() -> str:
    digest = hashlib.sha256()
    for name in SHELL:
        digest.update(static(name).encode())
        if found := finders.find(name):
            digest.update(Path(found).read_bytes())
    return digest.hexdigest()[:12]
