"""Every route says who may knock; tests/walls refuses a route that does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.crypto import salted_hmac
from django.views.decorators.csrf import csrf_exempt

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Access:
    who: str
    why: str = ""
    # Opens to people who still owe a second key: people.second_key.
    before_second_key: bool = False


def declare(
    view: View, *, who: str, why: str = "", before_second_key: bool = False
) -> View:
    view.access = Access(who, why, before_second_key)  # type: ignore[attr-defined]
    return view


def public(*, why: str) -> Callable[[View], View]:
    """Open to the world. Say why."""
    return lambda view: declare(
        login_not_required(view), who="anyone", why=why, before_second_key=True
    )


def by_link(*, why: str) -> Callable[[View], View]:
    """For whoever holds a link with a secret in it; the view checks the secret.

    What it shows rests nowhere on the way: a link that was taken back, or a phone
    that was handed on, shows nothing from a cache.
    """
    return lambda view: declare(
        login_not_required(_kept_nowhere(view)),
        who="holder of the link",
        why=why,
        before_second_key=True,
    )


def signed_in(view: View) -> View:
    """For every person with an account; the view shows each their own."""
    return declare(view, who="anyone signed in")


def about_oneself(view: View) -> View:
    """For every person with an account, about how they are called and reached."""
    return declare(view, who="anyone signed in", before_second_key=True)


def at_the_door(view: View) -> View:
    """A page of django-allauth on the way in; it keeps its own rate limits."""
    return declare(
        login_not_required(_with_our_manners(view)),
        who="anyone",
        why="nobody is signed in yet on the way in",
        before_second_key=True,
    )


def own_keys(view: View) -> View:
    """A page of django-allauth where people look after their own account."""
    return about_oneself(_with_our_manners(view))


def _kept_nowhere(view: View) -> View:
    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "no-store, private")
        response.headers.setdefault("X-Robots-Tag", "noindex")
        return response

    return inner


def _with_our_manners(view: View) -> View:
    """allauth answers 200 to a form it sends back; here that is 422."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if request.method == "POST" and response.status_code == 200:
            response.status_code = 422
        return response

    return inner


def from_this_machine(request: HttpRequest) -> bool:
    """Whether the request came from the machine that `manage.py up` runs on.

    Only the embedded run can say yes: elsewhere a proxy on the same machine would
    make every visitor look local.
    """
    return (
        settings.EMBEDDED
        and _is_loopback(request.META.get("REMOTE_ADDR", ""))
        and _is_loopback(urlsplit(f"//{request.get_host()}").hostname or "")
        and "X-Forwarded-For" not in request.headers
        and "Forwarded" not in request.headers
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def outbox_post(view: View) -> View:
    """For forms that may be sent days later from the phone's own outbox.

    Their CSRF token may have grown old meanwhile. A request that says
    `X-Outbox: 1` is judged by where it comes from instead: `Sec-Fetch-Site`
    must be same-origin and `Origin` this site; both are set by the browser and
    cannot be set by a page elsewhere (a foreign page cannot send the header
    without a preflight, which nobody answers). Any other request takes the
    ordinary check.

    An entry names whom it is for: when somebody else has signed in on the phone
    meanwhile, it is refused with 401 and stays there. What was taken answers 2xx,
    with the address to go on to in `Location`.
    """

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not _from_own_outbox(request):
            check = CsrfViewMiddleware(lambda r: HttpResponse())
            check.process_request(request)
            refused = check.process_view(request, view, (), {})
            if refused is not None:
                return refused
        written_for = request.headers.get("X-Outbox-For")
        if written_for and written_for != outbox_name(request.user):
            return HttpResponse(status=401)
        response = view(request, *args, **kwargs)
        if request.headers.get("X-Outbox") == "1" and response.status_code == 302:
            # The phone cannot see where a redirect leads; it may be to the door.
            taken = HttpResponse(headers={"Location": response.headers["Location"]})
            taken.cookies = response.cookies
            return taken
        return response

    return csrf_exempt(inner)


def outbox_name(person: Any) -> str:
    """A person as the outbox of their phone knows them: no key, no address."""
    return salted_hmac("people.outbox", str(person.pk)).hexdigest()[:16]


def _from_own_outbox(request: HttpRequest) -> bool:
    origin = urlsplit(request.headers.get("Origin", ""))
    return (
        request.headers.get("X-Outbox") == "1"
        and request.headers.get("Sec-Fetch-Site") == "same-origin"
        and origin.netloc == request.get_host()
    )
