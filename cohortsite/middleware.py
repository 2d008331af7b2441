"""Manners of the house, the same for every page."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes, urlencode

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import (
    BadRequest,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from cohorts.places import places_for
from people import second_key
from people.refusal import Refused

Next = Callable[[HttpRequest], HttpResponse]


class CleanInputMiddleware:
    """NUL bytes and broken text answer 400 at the door, never 500 inside.

    PostgreSQL refuses both; forms and JSON decode to `str` long before. What is too
    large to be read answers 413 and says how large it may be.
    """

    def __init__(self, get_response: Next):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            broken = self.is_broken(request)
        except (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent) as error:
            return too_large(request, error)
        except (BadRequest, SuspiciousOperation, MultiPartParserError):
            # Answered here: Django's own page would read the form once more, to
            # check its token, and fail again.
            broken = True
        if broken:
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


def too_large(request: HttpRequest, error: SuspiciousOperation) -> HttpResponse:
    """Which of the limits it was; a page of ours stays, with all that was typed."""
    with translation.override(translation.get_language_from_request(request)):
        said = {"sentence": _what_is_too_large(error)}
        if request.headers.get("X-Autosave"):
            return JsonResponse({"said": said["sentence"]}, status=413)
        if not request.headers.get("HX-Request"):
            return render(request, "413.html", said, status=413)
        note = render(request, "413.html#note", said, status=409)
        note.headers["HX-Retarget"] = "#main"
        note.headers["HX-Reswap"] = "afterbegin"
        return note


def _what_is_too_large(error: SuspiciousOperation) -> str:
    if isinstance(error, TooManyFieldsSent):
        return _("A form may hold at most %(n)s fields; this one holds more.") % {
            "n": number_format(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS)
        }
    if isinstance(error, TooManyFilesSent):
        return _("At most %(n)s files can be sent at once; these are more.") % {
            "n": number_format(settings.DATA_UPLOAD_MAX_NUMBER_FILES)
        }
    return _("The text of a form may be at most %(size)s; this one is larger.") % {
        "size": filesizeformat(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    }


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
    """An escape may hide what the bytes do not show."""
    if _broken_bytes(raw):
        return True
    try:
        said = json.loads(raw)
    except RecursionError:
        return True
    except ValueError:
        return False  # no JSON at all: the page that wants some says so
    return _is_broken_anywhere(said)


def _is_broken_anywhere(said: object) -> bool:
    left = [said]
    while left:
        part = left.pop()
        if _broken(part):
            return True
        if isinstance(part, dict):
            left += [*part.keys(), *part.values()]
        elif isinstance(part, list):
            left += part
    return False


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


class SignInMiddleware(LoginRequiredMiddleware):
    """Shows the door; whoever wrote something while signed out keeps it in hand.

    A session may end while a form is open: on another device, or overnight.
    """

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> Any:
        kept = typed(request)
        # The outbox of a phone keeps what it sends, and shows the door itself.
        if not kept or request.headers.get("X-Outbox") == "1":
            return super().handle_no_permission(request, view_func)
        if not request.headers.get("HX-Request"):
            return render(request, "signed_out.html", {"kept": kept}, status=403)
        # The page stays as it is, with all that was typed, and gets a note.
        note = render(request, "signed_out.html#note", status=409)
        note.headers["HX-Retarget"] = "#main"
        note.headers["HX-Reswap"] = "afterbegin"
        return note


class SecondKeyMiddleware:
    """People with a task show a second key before anything private opens to them.

    Their own pages stay open, so that they can set one up, be helped and sign out.
    """

    def __init__(self, get_response: Next):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not settings.SECOND_KEY_REQUIRED or not request.user.is_authenticated:
            return None
        access = getattr(view, "access", None)
        if access is not None and access.before_second_key:
            return None
        if second_key.has_shown(request) or not self.owes_one(request):
            return None
        return self.ask(request)

    def owes_one(self, request: HttpRequest) -> bool:
        operates = request.user.is_staff or request.user.is_superuser
        return operates or places_for(request).needs_second_key

    def ask(self, request: HttpRequest) -> HttpResponse:
        where = reverse("people:second_key")
        if request.headers.get("X-Outbox") == "1":
            # It stays on the phone, which shows the way to the door.
            return HttpResponse(status=401)
        if request.method not in ("GET", "HEAD"):
            return render(
                request,
                "refused.html",
                {
                    "sentence": _(
                        "This was not done: your tasks here ask for a second key "
                        "first. What you wrote stands below."
                    ),
                    "kept": typed(request),
                    "way": where,
                    "way_label": _("Show or set up a second key"),
                },
                status=409,
            )
        going = request.headers.get("HX-Current-URL") or request.get_full_path()
        return redirect(f"{where}?{urlencode({'next': going})}")


def typed(request: HttpRequest) -> list[tuple[str, str]]:
    """What somebody wrote into a form that was not taken."""
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken" and isinstance(value, str) and value.strip()
    ]


# What buttons and hidden fields say, in the forms of all apps; nobody wrote it.
UNSAID = (
    *("act", "action", "do", "way", "next", "prefix", "client_key", "text_hash"),
    *("edition", "attempt", "step", "position", "extra", "seen", "session", "speaker"),
)


def written(request: HttpRequest) -> list[tuple[str, str]]:
    """Of what was sent, the words of a person: what they would want back."""
    return [
        (name, value)
        for name, value in typed(request)
        if name.rpartition("-")[2] not in UNSAID
    ]


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
        return render(
            request,
            "refused.html",
            {"sentence": exception.sentence, "kept": written(request)},
            status=409,
        )
