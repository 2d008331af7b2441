"""Keep what was learned, change it, publish a copy of it, retire it."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import SearchVector
from django.db import transaction
from django.db.models import Value
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from cohorts.models import Membership
from library.dictionaries import dictionary_of
from library.models import (
    COPIES,
    Audience,
    Copy,
    Described,
    Kind,
    NetworkCopy,
    ProgramCopy,
    PublicCopy,
    Resource,
)
from people.models import User, create_once, record
from people.refusal import Refused

# What a copy takes from its original.
COPIED = [f.name for f in Described._meta.get_fields() if f.name != "search"]


@transaction.atomic
def keep(
    *,
    by: Membership,
    title: str,
    body: str = "",
    kind: str = Kind.INSIGHT,
    language: str = "en",
    tags: tuple[str, ...] = (),
    kept_from: str = "",
    kept_on: date | None = None,
    source: Resource | Copy | None = None,
    client_key: UUID | None = None,
    now: datetime | None = None,
    **described: Any,
) -> Resource:
    """Keep something in the cohort's library; the same key keeps it once.

    `kept_from` says where it was learned, in words ("Session 5, Peer
    consultation"), on the day `kept_on`. `source` is what it adapts.
    """
    _must_be_open(by)
    now = now or timezone.now()
    resource, made = create_once(
        Resource,
        client_key=client_key,
        author=by,
        cohort=by.cohort,
        kind=kind,
        title=title,
        body=body,
        language=language,
        kept_from=kept_from,
        kept_on=kept_on,
        source=source if isinstance(source, Resource) else None,
        source_copy=source.pk if isinstance(source, Copy) else None,
        source_title=source.title if source else "",
        written_at=now,
        edited_at=now,
        **described,
    )
    if made:
        _tag_and_index(resource, tags)
        record("library.keep", by=by.person, about=resource, place=by.cohort_id)
    return resource


@transaction.atomic
def revise(
    resource: Resource,
    *,
    by: User,
    tags: tuple[str, ...],
    now: datetime | None = None,
    **changes: Any,
) -> Resource:
    """Change a resource in its cohort. Its author and the facilitators may.

    Copies outside stay as they were until it is published again. The caller
    has seen to it that the page was not stale (`people.forms.EditForm`).
    """
    _may_curate(resource, by)
    for name, value in changes.items():
        setattr(resource, name, value)
    resource.edited_at = now or timezone.now()
    resource.edition += 1
    resource.save()
    _tag_and_index(resource, tags)
    record("library.revise", by=by, about=resource, place=resource.cohort_id)
    return resource


@transaction.atomic
def retire(resource: Resource, *, by: User, now: datetime | None = None) -> None:
    """Take it off the cohort's shelf; published copies are withdrawn with it."""
    _may_curate(resource, by)
    if resource.retired_at is None:
        resource.retired_at = now or timezone.now()
        resource.save(update_fields=["retired_at"])
        for audience in Audience:
            withdraw(resource, audience=audience, by=by)
        record("library.retire", by=by, about=resource, place=resource.cohort_id)


@transaction.atomic
def restore(resource: Resource, *, by: User) -> None:
    """Put it back on the shelf; copies stay withdrawn."""
    _may_curate(resource, by)
    resource.retired_at = None
    resource.save(update_fields=["retired_at"])


@transaction.atomic
def publish(
    resource: Resource,
    *,
    audience: str,
    by: User,
    attribution: str,
    now: datetime | None = None,
) -> Copy:
    """Make the edition of today readable to `audience`, or bring its copy up to date.

    Only the author may widen the circle, and must have asked those it names.
    """
    if resource.author.person_id != by.pk:
        raise Refused(_("Only the person who wrote it can let it leave the cohort."))
    if resource.retired_at:
        raise Refused(_("It was taken off the shelf. Put it back first."))
    copies = _of(resource, audience)
    copy = copies.first() or COPIES[audience](
        original=resource.pk, slug=_slug(resource.title)
    )
    for name in COPIED:
        setattr(copy, name, getattr(resource, name))
    parent = _published(resource)
    copy.parent = parent.pk if parent else None
    copy.root = parent.root if parent else copy.pk
    copy.edition = resource.edition
    copy.attribution = attribution
    copy.published_at = now or timezone.now()
    if isinstance(copy, ProgramCopy):
        copy.program_id = resource.cohort.program_id
    copy.save()
    _of(resource, audience).update(search=_vector(resource))
    record("library.publish", by=by, about=resource, place=resource.cohort_id)
    return copy


@transaction.atomic
def withdraw(resource: Resource, *, audience: str, by: User) -> bool:
    """Take the copy back; whoever looks for it finds a page that is gone."""
    _may_curate(resource, by)
    deleted, _rows = _of(resource, audience).delete()
    if deleted:
        record("library.withdraw", by=by, about=resource, place=resource.cohort_id)
    return bool(deleted)


def copies_of(resource: Resource) -> dict[str, Copy]:
    """The copies of a resource that stand outside now, by audience."""
    found = {audience: _of(resource, audience).first() for audience in Audience}
    return {str(audience): copy for audience, copy in found.items() if copy}


def _of(resource: Resource, audience: str) -> Any:
    if audience == Audience.PROGRAM:
        return ProgramCopy.objects.unsealed("the copy of this very resource").filter(
            original=resource.pk
        )
    table = PublicCopy if audience == Audience.PUBLIC else NetworkCopy
    return table.objects.filter(original=resource.pk)


def _published(resource: Resource) -> Copy | None:
    """The published copy that this resource was adapted from, the widest first."""
    for table in (PublicCopy, NetworkCopy, ProgramCopy):
        rows: Any = table.objects
        if table is ProgramCopy:
            rows = ProgramCopy.objects.unsealed("its family tree needs its place")
        if resource.source_copy:
            found = rows.filter(pk=resource.source_copy).first()
        elif resource.source_id:
            found = rows.filter(original=resource.source_id).first()
        else:
            return None
        if found:
            return found
    return None


def _slug(title: str) -> str:
    words = slugify(title, allow_unicode=False)[:60].strip("-") or "page"
    return f"{words}-{secrets.token_hex(3)}"


def _tag_and_index(resource: Resource, tags: tuple[str, ...]) -> None:
    resource.tags.set(tags)
    resource.tag_names = sorted(resource.tags.names())
    Resource.objects.unsealed("the row that was just written").filter(
        pk=resource.pk
    ).update(search=_vector(resource), tag_names=resource.tag_names)


def _vector(resource: Resource) -> Any:
    """Title before tags and summary before text, in the text's own language."""
    dictionary = dictionary_of(resource.language)
    return (
        SearchVector("title", weight="A", config=dictionary)
        + SearchVector(Value(" ".join(resource.tag_names)), weight="B", config="simple")
        + SearchVector("summary", weight="B", config=dictionary)
        + SearchVector("body", weight="C", config=dictionary)
    )


def _may_curate(resource: Resource, by: User) -> None:
    author = resource.author
    if author.person_id == by.pk and author.left_at is None:
        return
    if (
        Membership.objects.active()
        .facilitators()
        .filter(cohort=resource.cohort_id, person=by)
        .exists()
    ):
        return
    raise Refused(_("Only its author or a facilitator can change this."))


def _must_be_open(by: Membership) -> None:
    if by.cohort.is_finished:
        raise Refused(_("This cohort has finished; its library can be read only."))
