"""The first page, and the small switches that every page carries."""

from __future__ import annotations

from urllib.parse import unquote

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from people import cities, front
from people.access import about_oneself, public
from people.clock import place_name
from people.models import User
from people.views.me import account

A_YEAR = 365 * 24 * 3600


@require_safe
@public(why="says what this is and which calls are open")
def landing(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    return render(
        request, "people/landing.html", {"calls": front.open_calls(now=timezone.now())}
    )


@public(why="a page in a language one cannot read is no page")
def language(request: HttpRequest) -> HttpResponse:
    """Languages and colours, for people with an account and without."""
    if request.method != "POST":
        return render(
            request,
            "people/language.html",
            {
                "languages": _languages(),
                "themes": User.Theme.choices,
                "theme": _theme(request),
                "back": back_to(request),
            },
        )
    response = HttpResponseRedirect(back_to(request))
    chosen = request.POST.get("language")
    if chosen in dict(settings.LANGUAGES):
        _keep(request, response, settings.LANGUAGE_COOKIE_NAME, chosen, "language")
    theme = request.POST.get("theme")
    if theme in User.Theme.values:
        _keep(request, response, "theme", theme, "theme")
    return response


def _keep(
    request: HttpRequest, response: HttpResponse, cookie: str, value: str, field: str
) -> None:
    response.set_cookie(
        cookie,
        value,
        max_age=A_YEAR,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    if request.user.is_authenticated:
        User.objects.filter(pk=account(request).pk).update(**{field: value})


def _languages() -> list[tuple[str, str, bool]]:
    """Each language by its own name, which its readers know, and its direction."""
    return [
        (
            code,
            translation.get_language_info(code)["name_local"],
            translation.get_language_info(code)["bidi"],
        )
        for code, _name in settings.LANGUAGES
    ]


def _theme(request: HttpRequest) -> str:
    if request.user.is_authenticated:
        return request.user.theme
    return request.COOKIES.get("theme", "")


@require_POST
@about_oneself
def place(request: HttpRequest) -> HttpResponse:
    """The answer to "Your device is in Lagos. Show times for Lagos?", asked once."""
    zone = cities.known(unquote(request.POST.get("zone", "")))
    response = HttpResponseRedirect(back_to(request))
    if zone:
        response.set_cookie("zone_asked", zone, max_age=A_YEAR, samesite="Lax")
        if request.POST.get("answer") == "yes":
            User.objects.filter(pk=account(request).pk).update(timezone=zone)
            messages.success(
                request,
                _("Times are now shown for %(place)s.") % {"place": place_name(zone)},
            )
    return response


def back_to(request: HttpRequest) -> str:
    """Where the reader came from, if that is a page of this site."""
    asked = request.POST.get("next") or request.GET.get("next") or "/"
    safe = url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return asked if safe else "/"
