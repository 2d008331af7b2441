"""An author opens what they wrote to people who joined later, and takes it back."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cohorts.models import Membership
from people.models import record
from sessions.models import OpenedPost, Post


def is_open_to_all(post: Post, *, by: Membership) -> bool:
    return OpenedPost.objects.visible_to(by.person).filter(post=post).exists()


@transaction.atomic
def open_to_all(post: Post, *, by: Membership, now: datetime) -> OpenedPost:
    """Copy the post for the whole cohort. The answers of others stay as they are."""
    _must_be_its_author(post, by)
    post.cohort.must_be_open()
    mine = OpenedPost.objects.visible_to(by.person)
    opened = mine.filter(post=post).first()
    if opened is not None:
        return opened
    try:
        with transaction.atomic():
            opened = OpenedPost.objects.create(
                cohort=post.cohort,
                post=post,
                author=by,
                title=post.title,
                text=post.text,
                lang=post.lang,
                said_at=post.written_at,
                opened_at=now,
            )
    except IntegrityError:
        # Pressed in two browsers at the same moment.
        return mine.get(post=post)
    record("post.open_to_all", by=by.person, about=post, place=post.cohort_id)
    return opened


@transaction.atomic
def take_back(post: Post, *, by: Membership) -> None:
    """Late joiners stop reading it; who sat there before reads the post as ever."""
    _must_be_its_author(post, by)
    gone, _each = OpenedPost.objects.visible_to(by.person).filter(post=post).delete()
    if gone:
        record("post.take_back", by=by.person, about=post, place=post.cohort_id)


def _must_be_its_author(post: Post, by: Membership) -> None:
    if post.author_id != by.pk:
        raise PermissionDenied(_("Only its author can open it."))
