"""Keep what was learned, publish a copy of it, retire it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.contrib.postgres.search import SearchVector
from django.db import transaction
from django.db.models import Value

from cohorts.models import Membership
from library.models import Kind, Resource
from people.models import create_once, record

# Content language → PostgreSQL's dictionary; others are split, not stemmed.
DICTIONARIES = {
    "en": "english",
    "fr": "french",
    "es": "spanish",
    "pt": "portuguese",
    "ar": "arabic",
}


def dictionary_of(language: str) -> str:
    return DICTIONARIES.get(language.split("-")[0], "simple")


@transaction.atomic
def keep(
    *,
    by: Membership,
    title: str,
    body: str = "",
    summary: str = "",
    kind: str = Kind.INSIGHT,
    language: str = "en",
    tags: tuple[str, ...] = (),
    kept_from: str = "",
    kept_on: date | None = None,
    client_key: UUID | None = None,
) -> Resource:
    """Keep something learned in the cohort's library; the same key keeps it once.

    `kept_from` says where it was learned, in words ("Session 5, Peer
    consultation"), on the day `kept_on`.
    """
    resource, made = create_once(
        Resource,
        client_key=client_key,
        author=by,
        cohort=by.cohort,
        kind=kind,
        title=title,
        summary=summary,
        body=body,
        language=language,
        kept_from=kept_from,
        kept_on=kept_on,
    )
    if made:
        resource.tags.set(tags)
        index(resource)
        record("library.keep", by=by.person, about=resource, place=by.cohort_id)
    return resource


def index(resource: Resource) -> None:
    """Bring the search column up to date, in the text's own language."""
    dictionary = dictionary_of(resource.language)
    words = " ".join(resource.tags.names())
    Resource.objects.unsealed("the row that was just written").filter(
        pk=resource.pk
    ).update(
        search=SearchVector("title", weight="A", config=dictionary)
        + SearchVector(Value(words), weight="B", config="simple")
        + SearchVector("summary", weight="B", config=dictionary)
        + SearchVector("body", weight="C", config=dictionary)
    )
