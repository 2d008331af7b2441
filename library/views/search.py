"""The library's shelves: for members, and the public part of them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode

from library import searching
from people.access import public, signed_in

SIZE = 20


@signed_in
def library(request: HttpRequest) -> HttpResponse:
    """Search what the reader's cohorts keep together with what is published."""
    return _results(request, "library/library.html")


@public(why="what cohorts have published to everyone")
def commons(request: HttpRequest) -> HttpResponse:
    return _results(request, "library/commons.html")


def _results(request: HttpRequest, page_template: str) -> HttpResponse:
    words = request.GET.get("q", "")[:400]
    sort = request.GET.get("sort", "best")
    chosen = {
        facet: request.GET.getlist(facet)[:20]
        for facet in searching.FACETS
        if request.GET.getlist(facet)
    }
    page = _number(request.GET.get("page"))
    found = searching.search(
        # The public page is the same for everyone, whoever asks.
        request.user if page_template == "library/library.html" else _Anyone(),
        words=words,
        chosen=chosen,
        sort=sort if sort in searching.SORTS else "best",
        page=page,
        size=SIZE,
    )
    asked: dict[str, Any] = {"q": words, "sort": sort, **chosen}
    template = f"{page_template}#results" if request.htmx else page_template  # type: ignore[attr-defined]
    return render(
        request,
        template,
        {
            "found": found,
            "words": words,
            "sort": sort,
            "narrowed": bool(chosen),
            "page": page,
            "next_url": "?" + urlencode({**asked, "page": page + 1}, doseq=True)
            if found.total > page * SIZE
            else "",
            "earlier_url": "?" + urlencode({**asked, "page": page - 1}, doseq=True)
            if page > 1
            else "",
        },
    )


class _Anyone:
    is_authenticated = False


def _number(text: str | None) -> int:
    return (
        int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else 1
    )
