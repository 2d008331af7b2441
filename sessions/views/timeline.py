"""A page of what was written, newest first, and the way to what lies under it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest

from sessions.models import PAGE


@dataclass(frozen=True)
class Shown:
    rows: list[Any]
    earlier: str  # the query of the next page; empty at the end


def page_of(
    request: HttpRequest,
    rows: Callable[[], Any],
    *,
    newest: Callable[[], list[Any]],
) -> Shown:
    """So many of `rows` as one page holds; `?before=` is the last row of another.

    `newest` gives the first `PAGE + 1` of them: a prepared query knows those.
    """
    query = request.GET.copy()
    if before := query.get("before"):
        everything = rows()
        try:
            last = everything.filter(pk=UUID(before)).first()
        except ValueError:
            last = None
        if last is None:
            raise Http404
        found = list(everything.before(last)[: PAGE + 1])
    else:
        found = newest()
    if len(found) <= PAGE:
        return Shown(found, "")
    query["before"] = str(found[PAGE - 1].pk)
    return Shown(found[:PAGE], query.urlencode())
