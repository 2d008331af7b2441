"""Find what cohorts have kept: words, in any of the languages, and facets.

A reader's own cohorts and the three circles of published copies are searched in
one query; the public page asks the public table alone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, FloatField, Q, QuerySet, Value
from django.db.models.functions import Cast, Extract

from library.dictionaries import DICTIONARIES
from library.models import NetworkCopy, ProgramCopy, PublicCopy, Resource
from people.prepared import prepared

# Enough for honest counts beside the facets; more matches say "2000+".
MOST = 2000
FACETS = ("kind", "language", "sector", "tag")
SORTS = ("best", "newest")
NEAR_TO_FAR = ("cohort", "program", "network", "public")
COLUMNS = (
    "pk",
    "piece",
    "shelf",
    "kind",
    "language",
    "sector",
    "tag_names",
    "at",
    "rank",
)


@dataclass(frozen=True)
class Facet:
    value: str
    count: int
    chosen: bool


@dataclass
class Found:
    """A page of what was found and the counts of everything that was."""

    rows: list[Any]
    total: int
    facets: dict[str, list[Facet]] = field(default_factory=dict)
    capped: bool = False


def words_query(words: str) -> SearchQuery | None:
    """The words in every dictionary at once: a French text answers to French stems.

    `websearch` syntax only, which takes anything a person may type.
    """
    if not words:
        return None
    query = SearchQuery(words, search_type="websearch", config="simple")
    for dictionary in DICTIONARIES.values():
        query |= SearchQuery(words, search_type="websearch", config=dictionary)
    return query


def shelves(viewer: Any) -> list[tuple[str, QuerySet[Any]]]:
    """What `viewer` may search: name of the shelf and its rows."""
    public = [("public", PublicCopy.objects.all())]
    if not viewer.is_authenticated:
        return public
    return [
        ("cohort", Resource.objects.visible_to(viewer).kept()),
        ("program", ProgramCopy.objects.visible_to(viewer)),
        ("network", NetworkCopy.objects.all()),
        *public,
    ]


def search(
    viewer: Any,
    *,
    words: str = "",
    chosen: dict[str, list[str]] | None = None,
    sort: str = "best",
    page: int = 1,
    size: int = 20,
) -> Found:
    """What `viewer` may read and asked for.

    `chosen` maps a facet (kind, language, sector, tag) to the values ticked;
    values of one facet widen, facets narrow. Counts beside a facet's values are
    taken with the other facets applied. Two queries, plus one per shelf shown.
    """
    chosen = chosen or {}
    rows = _each_once(_matches(viewer, words.strip()[:400], sort == "best"))
    facets = {name: _counts(name, rows, chosen) for name in FACETS}
    kept = [row for row in rows[:MOST] if _fits(row, chosen)]
    start = (max(page, 1) - 1) * size
    return Found(
        rows=_whole(kept[start : start + size], viewer),
        total=len(kept),
        facets=facets,
        capped=len(rows) > MOST,
    )


@prepared
def _matches(viewer: Any, words: str, best_first: bool) -> QuerySet[Any, Any]:
    query = words_query(words)
    first = ("-rank",) if query is not None and best_first else ()
    # The first of each shelf, so that none is read to its end.
    parts = [
        _light(name, rows, query).order_by(*first, f"-{_day_of(name)}")[: MOST + 1]
        for name, rows in shelves(viewer)
    ]
    if len(parts) == 1:
        return parts[0]
    return parts[0].union(*parts[1:], all=True).order_by(*first, "-at")[: MOST + 1]


def _day_of(shelf: str) -> str:
    return "edited_at" if shelf == "cohort" else "published_at"


def _light(shelf: str, rows: QuerySet[Any], query: SearchQuery | None) -> Any:
    rows = rows.annotate(
        shelf=Value(shelf),
        piece=F("pk") if shelf == "cohort" else F("original"),
        # Two thousand numbers are read in a tenth of the time of as many moments.
        at=Cast(Extract(_day_of(shelf), "epoch", tzinfo=UTC), FloatField()),
        rank=Cast(
            SearchRank(F("search"), query) if query is not None else Value(0.0),
            FloatField(),
        ),
    )
    if query is not None:
        rows = rows.filter(search=query)
    return rows.values(*COLUMNS)


def _each_once(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of a piece and its copies the one that went furthest, where it came first."""
    furthest: dict[Any, dict[str, Any]] = {}
    for row in rows:
        known = furthest.setdefault(row["piece"], row)
        if NEAR_TO_FAR.index(row["shelf"]) > NEAR_TO_FAR.index(known["shelf"]):
            furthest[row["piece"]] = row
    return list(furthest.values())


def _values(row: dict[str, Any], facet: str) -> list[str]:
    return row["tag_names"] if facet == "tag" else [row[facet]]


def _fits(
    row: dict[str, Any], chosen: dict[str, list[str]], but: str | None = None
) -> bool:
    return all(
        set(wanted) & set(_values(row, facet))
        for facet, wanted in chosen.items()
        if wanted and facet != but
    )


def _counts(
    facet: str, rows: list[dict[str, Any]], chosen: dict[str, list[str]]
) -> list[Facet]:
    counts = Counter(
        value
        for row in rows
        if _fits(row, chosen, but=facet)
        for value in _values(row, facet)
        if value
    )
    ticked = chosen.get(facet, [])
    shown = [value for value, _n in counts.most_common(12)]
    shown += [value for value in ticked if value not in shown]
    return [Facet(value, counts[value], value in ticked) for value in shown]


def _whole(light: list[dict[str, Any]], viewer: Any) -> list[Any]:
    """The rows of one page in full, each shelf asked once."""
    full: dict[Any, Any] = {}
    for shelf in NEAR_TO_FAR:
        wanted = [row["pk"] for row in light if row["shelf"] == shelf]
        found: list[Any] = []
        match shelf:
            case "cohort":
                found = _kept(viewer, wanted)
            case "program":
                found = _in_program(viewer, wanted)
            case "network":
                found = _in_network(wanted)
            case "public":
                found = _in_public(wanted)
        for one in found:
            one.shelf = shelf
            full[one.pk] = one
    return [full[row["pk"]] for row in light if row["pk"] in full]


@prepared
def _kept(viewer: Any, keys: list[UUID]) -> QuerySet[Any]:
    return (
        Resource.objects.visible_to(viewer)
        .kept()
        .filter(pk__in=keys)
        .defer("body", "search")
        .select_related("cohort")
    )


@prepared
def _in_program(viewer: Any, keys: list[UUID]) -> QuerySet[Any]:
    copies = ProgramCopy.objects.visible_to(viewer).filter(pk__in=keys)
    return copies.defer("body", "search")


@prepared
def _in_network(keys: list[UUID]) -> QuerySet[Any]:
    return NetworkCopy.objects.filter(pk__in=keys).defer("body", "search")


@prepared
def _in_public(keys: list[UUID]) -> QuerySet[Any]:
    return PublicCopy.objects.filter(pk__in=keys).defer("body", "search")


def published(viewer: Any, slug: str) -> Any | None:
    """The copy at this address, if this reader may read it."""
    for shelf, rows in shelves(viewer):
        if shelf == "cohort":
            continue
        found = rows.filter(slug=slug).first()
        if found is not None:
            found.shelf = shelf
            return found
    return None


def relatives(viewer: Any, copy: Any) -> list[Any]:
    """Every copy of the same family that this reader may read."""
    return [
        relative
        for shelf, rows in shelves(viewer)
        if shelf != "cohort"
        for relative in rows.filter(Q(root=copy.root)).defer("body", "search")
    ]
