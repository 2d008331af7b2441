"""How a sent form is answered: to a page, to htmx, to the outbox of a phone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from cohorts.models import Cohort
from sessions.models import RitualSession

# Sent sooner than this, the person is still looking: then a word is said.
STILL_LOOKING = timedelta(seconds=10)


def session_of(request: HttpRequest, cohort: Cohort) -> RitualSession | None:
    """The session that the form was filled in, by its number; None for none."""
    number = request.POST.get("session") or request.GET.get("session") or ""
    if not number.isascii() or not number.isdigit() or len(number) > 4:
        return None
    return (
        RitualSession.objects.visible_to(request.user)
        .filter(cohort=cohort, number=int(number))
        .first()
    )


def way_back(request: HttpRequest, otherwise: str) -> str:
    """Where the page that held the form wants to go on; only within this site."""
    back = request.POST.get("next") or request.GET.get("next") or ""
    local = back.startswith("/") and url_has_allowed_host_and_scheme(
        back, allowed_hosts=None
    )
    return back if local else otherwise


def carried(request: HttpRequest) -> dict[str, str]:
    """The hidden fields that a form takes along: which session, where to go on."""
    given = request.POST or request.GET
    return {
        "session_number": given.get("session", ""),
        "next": way_back(request, ""),
    }


def done(
    request: HttpRequest,
    *,
    to: str,
    said: Any,
    is_new: bool = True,
    waited: timedelta = timedelta(),
    partial: str = "",
    context: dict[str, Any] | None = None,
) -> HttpResponse:
    """The form did what it should.

    A page is sent on with a word about it; htmx gets `partial` in place; the outbox
    gets 201, or 200 for what it had sent before, and the address to go on to.
    """
    to = way_back(request, to)
    if request.headers.get("X-Outbox") == "1":
        if is_new and waited < STILL_LOOKING:
            messages.success(request, said)
        response = HttpResponse(status=201 if is_new else 200)
        response.headers["Location"] = to
        return response
    if partial and request.htmx:  # type: ignore[attr-defined]
        return render(request, partial, {"said": said, **(context or {})})
    messages.success(request, said)
    return redirect(to)


def ask(
    request: HttpRequest, page: str, context: dict[str, Any], *, form: Any
) -> HttpResponse:
    """Show the form; with 422 when it was sent and something is to be mended."""
    if request.method == "POST" and request.htmx:  # type: ignore[attr-defined]
        page = f"{page}#form"
    return render(
        request,
        page,
        {"form": form, **carried(request), **context},
        status=422 if form.errors else 200,
    )
