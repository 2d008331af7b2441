"""Who may open released figures, and the role the database sees meanwhile.

Whoever asks, funder or stranger with a link, the view runs as the database role
`funder`, which may read released tables and public pages and nothing else. A
slip in a query there is an error, never a leak.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from cohorts.models import Program
from cohorts.places import Places, places_for
from measurement.models import ShareLink
from measurement.sharing import hash_of
from people.access import View, by_link, declare


@contextmanager
def as_funder() -> Iterator[None]:
    """Put on the role `funder` until the block ends."""
    is_inside = connection.in_atomic_block
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE funder")
        yield
        # The end of the transaction takes the role off, and so does an error's
        # rollback; only where an outer one goes on it must be said.
        if is_inside:
            with connection.cursor() as cursor:
                cursor.execute("RESET ROLE")


def evidence_page(view: View) -> View:
    """For a program's funders, its staff and everyone in its cohorts.

    The route's `program_slug` becomes `program_id`; the view runs as `funder`, and
    `request.leads_it` says whether the reader is shown the way to the releases.
    """

    @wraps(view)
    def inner(request: HttpRequest, program_slug: str, **kwargs: Any) -> HttpResponse:
        places = places_for(request)
        places.ask()  # before the role is put on: the tabs need it later
        program = _program_of(places, program_slug)
        if program is None:
            raise Http404
        request.leads_it = program in places.leads  # type: ignore[attr-defined]
        with as_funder():
            return view(request, program_id=program.pk, **kwargs)

    return declare(inner, who="funder, staff or member of the program")


def shared_page(view: View) -> View:
    """For whoever holds a share link. `token` becomes `program_id`."""

    @wraps(view)
    def inner(request: HttpRequest, token: str, **kwargs: Any) -> HttpResponse:
        link = (
            ShareLink.objects.open(timezone.now())
            .filter(token_hash=hash_of(token))
            .first()
        )
        if link is None:
            raise Http404
        bool(request.user.is_authenticated)  # asked before the role is put on
        places_for(request).ask()
        with as_funder():
            return view(
                request, program_id=link.program_id, shared_token=token, **kwargs
            )

    return by_link(
        why="a lead gave this address to somebody; it ends and can be revoked"
    )(inner)


def _program_of(places: Places, slug: str) -> Program | None:
    programs = [m.cohort.program for m in places.memberships]
    programs += [a.program for a in places.appointments]
    return next((p for p in programs if p.slug == slug), None)
