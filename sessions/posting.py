"""What is said between sessions, and who is waited for.

An update waits for nobody, a decision for everybody, a request for the one it is
put to or for the circle. The window is the charter's, or what the asker chose, and is
counted in the addressee's working time: their week, their place, not their days away.

When it runs out, the matter climbs: whoever has not answered is reminded once, with a
fifth left; then the asker is told, and may put it to somebody else; at twice the window
it stands in the facilitators' week. The person asked is not written to again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from charters.values import Values
from cohorts.models import Membership
from people import outbox, working
from people.models import User, create_once, record
from people.refusal import Refused, SentBefore
from sessions.models import Post, Reply
from sessions.notices import (
    DECISION_CLOSING,
    REQUEST_ANSWERED,
    REQUEST_ASKED,
    REQUEST_CLOSING,
    REQUEST_UNANSWERED,
)
from sessions.tongues import language_of

# Told while so much of the window is gone: a fifth is left.
REMIND_AFTER = 0.8
HOURS = 24


def days_for(kind: str, values: Values) -> float | None:
    """The working days that the charter gives for an answer; None: none is awaited."""
    return {
        Post.Kind.REQUEST.value: values.response.request_days,
        Post.Kind.DECISION.value: values.response.decision_days,
    }.get(kind)


@dataclass(frozen=True, kw_only=True)
class Window:
    """The moments of a window, promised when the question is put."""

    hours: int
    answer_by: datetime
    stuck_at: datetime

    @classmethod
    def begins(
        cls, days: float, *, people: Sequence[User], one: bool, now: datetime
    ) -> Window:
        def ends(so_many: float) -> datetime:
            if one:
                return working.after(people[0], so_many, now=now)
            return working.after_all(people, so_many, now=now)

        return cls(
            hours=max(1, round(days * HOURS)),
            answer_by=ends(days),
            stuck_at=ends(2 * days),
        )


def _asked_people(by: Membership, to: Membership | None) -> list[User]:
    """Whose working time counts; a circle of one waits for itself."""
    if to is not None:
        return [to.person]
    others = (
        Membership.objects.active()
        .filter(cohort=by.cohort_id, person__is_active=True)
        .exclude(pk=by.pk)
        .select_related("person")
    )
    return [member.person for member in others] or [by.person]


@transaction.atomic
def post(
    *,
    by: Membership,
    kind: str,
    title: str,
    text: str = "",
    to: Membership | None = None,
    days: float | None = None,
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
    people: list[User] = []
    window = None
    if kind != Post.Kind.UPDATE and days is not None:
        people = _asked_people(by, to)
        window = Window.begins(days, people=people, one=to is not None, now=written_at)
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
        answer_by=window and window.answer_by,
        window_hours=window and window.hours,
        stuck_at=window and window.stuck_at,
    )
    if not is_new:
        if (made.title, made.text) != (title, text):
            raise SentBefore(made)
        return made
    if made.to is not None:
        outbox.queue(REQUEST_ASKED, to=made.to.person, about=made, key=str(made.pk))
    if made.answer_by is not None:
        _plan(made, people=people, now=written_at)
    record(f"post.{kind}", by=by.person, about=made, place=by.cohort_id)
    return made


def _plan(post: Post, *, people: Sequence[User], now: datetime) -> None:
    """What will be said if nobody answers. Who answered meanwhile is not written to."""
    assert post.answer_by is not None
    assert post.window_days is not None
    # Another round of asking, another key.
    key = f"{post.pk}:{post.answer_by.isoformat()}"
    closing = DECISION_CLOSING if post.kind == Post.Kind.DECISION else REQUEST_CLOSING
    if post.kind == Post.Kind.DECISION or post.to_id is not None:
        for person in people:
            soon = working.after(person, REMIND_AFTER * post.window_days, now=now)
            if soon < post.answer_by:
                outbox.queue(
                    closing,
                    to=person,
                    about=post,
                    key=key,
                    send_after=soon,
                    not_after=post.answer_by,
                )
    if post.kind == Post.Kind.REQUEST:
        outbox.queue(
            REQUEST_UNANSWERED,
            to=post.author.person,
            about=post,
            key=key,
            send_after=post.answer_by,
        )


@transaction.atomic
def put_to(
    post: Post, *, to: Membership | None, by: Membership, now: datetime | None = None
) -> Post:
    """When the window went by: ask somebody else, or all; it begins anew for them."""
    now = now or timezone.now()
    by.cohort.must_be_open()
    post = _held(post)
    if post.author_id != by.pk or by.left_at is not None:
        raise Refused(_("Only the person who wrote this can put it to somebody else."))
    if post.kind != Post.Kind.REQUEST or post.window_days is None:
        raise Refused(_("Only a request is put to somebody."))
    if not post.is_open:
        raise Refused(_("This is closed."))
    if not post.is_overdue(now):
        raise Refused(_("There is time left to answer; ask somebody else after it."))
    if to is not None and (to.cohort_id != by.cohort_id or to.left_at is not None):
        raise Refused(_("This person is not in your cohort any more."))
    if to is not None and to.pk in (by.pk, post.to_id):
        raise Refused(_("Put the request to somebody else, or to the whole circle."))
    people = _asked_people(by, to)
    window = Window.begins(post.window_days, people=people, one=to is not None, now=now)
    post.to = to
    post.answer_by, post.stuck_at = window.answer_by, window.stuck_at
    post.save(update_fields=["to", "answer_by", "stuck_at"])
    if to is not None:
        key = f"{post.pk}:{post.answer_by.isoformat()}"
        outbox.queue(REQUEST_ASKED, to=to.person, about=post, key=key, send_after=now)
    _plan(post, people=people, now=now)
    record("post.put_to", by=by.person, about=post, place=post.cohort_id)
    return post


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
    post = _held(post)
    if post.author.person_id != by.pk or post.author.left_at is not None:
        raise Refused(_("Only the person who wrote this can close it."))
    post.cohort.must_be_open()
    if post.is_open:
        post.closed_at = at or timezone.now()
        post.outcome = outcome
        post.save(update_fields=["closed_at", "outcome"])
        record("post.close", by=by, about=post, place=post.cohort_id)
    return post


def _held(post: Post) -> Post:
    return (
        Post.objects.unsealed("its own author acts on it; asked by the caller")
        .select_for_update(of=("self",))
        .select_related("cohort", "author__person")
        .get(pk=post.pk)
    )
