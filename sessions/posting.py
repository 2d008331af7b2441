"""What is said between sessions, and who is waited for.

An update waits for nobody, a decision for everybody, a request for the one it is
put to or for the circle. The window is counted in the addressee's working time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cohorts.models import Membership
from people import outbox
from people.models import User, create_once, record
from people.refusal import Refused, SentBefore
from people.wall_time import WorkingWeek, add_working_time
from sessions.models import Post, Reply
from sessions.notices import REQUEST_ANSWERED, REQUEST_ASKED
from sessions.tongues import language_of

WEEK = WorkingWeek()
HOURS_A_DAY = WEEK.day_length / timedelta(hours=1)


def answer_by(*, days: int, zone: str, now: datetime) -> datetime:
    """So many working days from now, where the one who answers lives."""
    return add_working_time(now, days * HOURS_A_DAY, zone, WEEK)


@transaction.atomic
def post(
    *,
    by: Membership,
    kind: str,
    title: str,
    text: str = "",
    to: Membership | None = None,
    days: int | None = None,
    lang: str = "",
    client_key: UUID | None = None,
    now: datetime | None = None,
) -> Post:
    """Tell the cohort something, or ask. `days` of working time are left to answer."""
    by.cohort.must_be_open()
    if to is not None and (to.cohort_id != by.cohort_id or to.left_at is not None):
        raise Refused(_("This person is not in your cohort any more."))
    if to is not None and to.pk == by.pk:
        raise Refused(_("Put the request to somebody else, or to the whole circle."))
    written_at = now or timezone.now()
    waits = kind != Post.Kind.UPDATE and days is not None
    zone = to.person.timezone if to is not None else by.cohort.timezone
    made, is_new = create_once(
        Post,
        client_key=client_key,
        cohort=by.cohort,
        author=by,
        kind=kind,
        title=title,
        text=text,
        to=to if kind == Post.Kind.REQUEST else None,
        lang=language_of(f"{title} {text}", lang),
        written_at=written_at,
        answer_by=answer_by(days=days or 0, zone=zone, now=written_at)
        if waits
        else None,
    )
    if not is_new:
        if (made.title, made.text) != (title, text):
            raise SentBefore(made)
        return made
    if made.to is not None:
        outbox.queue(REQUEST_ASKED, to=made.to.person, about=made, key=str(made.pk))
    record(f"post.{kind}", by=by.person, about=made, place=by.cohort_id)
    return made


@transaction.atomic
def reply(
    post: Post,
    *,
    by: Membership,
    text: str,
    lang: str = "",
    waited: timedelta = timedelta(),
    client_key: UUID | None = None,
    now: datetime | None = None,
) -> tuple[Reply, bool]:
    """Answer. Returns the answer and whether it is new."""
    by.cohort.must_be_open()
    if by.cohort_id != post.cohort_id:
        raise Refused(_("Only this cohort answers here."))
    received_at = now or timezone.now()
    waited = max(waited, timedelta())
    made, is_new = create_once(
        Reply,
        client_key=client_key,
        cohort=by.cohort,
        post=post,
        author=by,
        text=text,
        lang=language_of(text, lang),
        # Written on a phone without a connection, but never before the question.
        written_at=min(max(received_at - waited, post.written_at), received_at),
        received_at=received_at,
    )
    if not is_new:
        if made.text != text:
            raise SentBefore(made)
        return made, False
    if post.author_id != by.pk and post.author.left_at is None:
        outbox.queue(
            REQUEST_ANSWERED, to=post.author.person, about=made, key=str(made.pk)
        )
    record("post.reply", by=by.person, about=post, place=by.cohort_id)
    return made, True


@transaction.atomic
def close(
    post: Post, *, by: User, outcome: str = "", at: datetime | None = None
) -> Post:
    """Say what came of it. Only its author may; closed twice it stays as it was."""
    post = (
        Post.objects.unsealed("its own author acts on it; asked below")
        .select_for_update(of=("self",))
        .select_related("cohort", "author")
        .get(pk=post.pk)
    )
    if post.author.person_id != by.pk or post.author.left_at is not None:
        raise Refused(_("Only the person who wrote this can close it."))
    post.cohort.must_be_open()
    if post.is_open:
        post.closed_at = at or timezone.now()
        post.outcome = outcome
        post.save(update_fields=["closed_at", "outcome"])
        record("post.close", by=by, about=post, place=post.cohort_id)
    return post
