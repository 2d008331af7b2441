"""A page of what was written, newest first, and the way to what lies under it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest

from sessions.models import PAGE


@dataclass(frozen=True)
class Shown:
    rows: list[Any]
    earlier: str  # the query of the next page; empty at the end


def page_of(request: HttpRequest, rows: Any) -> Shown:
    """So many of `rows` as one page holds; `?before=` is the last row of another."""
    query = request.GET.copy()
    if before := query.get("before"):
        try:
            last = rows.filter(pk=UUID(before)).first()
        except ValueError:
            last = None
        if last is None:
            raise Http404
        rows = rows.before(last)
    found = list(rows[: PAGE + 1])
    if len(found) <= PAGE:
        return Shown(found, "")
    query["before"] = str(found[PAGE - 1].pk)
    return Shown(found[:PAGE], query.urlencode())
