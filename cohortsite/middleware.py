"""Manners of the house, the same for every page."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from people.refusal import Refused

Next = Callable[[HttpRequest], HttpResponse]


class CleanInputMiddleware:
    """NUL bytes and broken text answer 400 at the door, never 500 inside.

    PostgreSQL refuses both; forms and JSON decode to `str` long before.
    """

    def __init__(self, get_response: Next):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self.is_broken(request):
            return render(request, "400.html", status=400)
        return self.get_response(request)

    def is_broken(self, request: HttpRequest) -> bool:
        if _broken_bytes(unquote_to_bytes(request.META.get("RAW_URI") or request.path)):
            return True
        if _broken(request.path) or _broken_bytes(
            unquote_to_bytes(request.META.get("QUERY_STRING", "").replace("+", " "))
        ):
            return True
        if request.method not in ("POST", "PUT", "PATCH"):
            return False
        if request.content_type == "application/json":
            return _broken_json(request.body)
        return any(
            _broken(name) or any(map(_broken, values))
            for name, values in request.POST.lists()
        )


def _broken(text: object) -> bool:
    return isinstance(text, str) and (
        "\0" in text or any("\ud800" <= char <= "\udfff" for char in text)
    )


def _broken_bytes(raw: bytes) -> bool:
    if b"\0" in raw:
        return True
    try:
        raw.decode()
    except UnicodeDecodeError:
        return True
    return False


def _broken_json(raw: bytes) -> bool:
    # An escape may hide what the bytes do not show.
    return _broken_bytes(raw) or b"\\u0000" in raw or b"\\ud" in raw.lower()


class HtmxMannersMiddleware:
    """A page and its fragment share an address: caches must tell them apart.

    A redirect that htmx would follow silently, into a fragment's place, becomes
    a visit of the whole page.
    """

    def __init__(self, get_response: Next):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        patch_vary_headers(response, ("HX-Request",))
        if request.headers.get("HX-Request") and response.status_code in (301, 302):
            moved = HttpResponse(status=204)
            moved.headers["HX-Redirect"] = response.headers["Location"]
            moved.cookies = response.cookies
            patch_vary_headers(moved, ("HX-Request",))
            return moved
        return response


class RefusalMiddleware:
    """A `Refused` act becomes a page with its sentence and a way back."""

    def __init__(self, get_response: Next):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        kept = [
            (name, value)
            for name, values in request.POST.lists()
            for value in values
            if name != "csrfmiddlewaretoken" and value.strip()
        ]
        return render(
            request,
            "refused.html",
            {"sentence": exception.sentence, "kept": kept},
            status=409,
        )
