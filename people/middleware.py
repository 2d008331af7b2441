"""The person behind a request: their language, their place."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers


class PersonMiddleware:
    """Speak the reader's language and tell the time of their place.

    The account's choice comes first, then the cookie of the language switch,
    then what the browser asks for. Stands in for Django's LocaleMiddleware,
    which cannot know the account.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        chosen = user.language if user.is_authenticated else ""
        language = chosen or translation.get_language_from_request(request)
        if language not in dict(settings.LANGUAGES) and language not in (
            "en-xa",
            "ar-xb",
        ):
            language = settings.LANGUAGE_CODE
        translation.activate(language)
        request.LANGUAGE_CODE = translation.get_language()
        timezone.activate(user.zone if user.is_authenticated else ZoneInfo("UTC"))
        try:
            response = self.get_response(request)
        finally:
            timezone.deactivate()
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        if user.is_authenticated:
            # Nothing that names a person rests in a shared cache.
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response
