"""Queue a notice for a person; deliver what is due.

Higher apps register their notices here, so that people/ never imports them.
The database is the queue; Celery only wakes the worker.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy

from people.models import OutboxMessage, Purpose, User
from people.past import relived_moment

# The problem of a message that its recipient asked not to get.
NOT_WANTED = "not wanted"


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A kind of message.

    `find(person, about_id)` returns the thing as the recipient may see it at
    the moment of sending, or None when it is no longer theirs to know; for a
    bare address `person` is None. The templates `<template>.subject.txt` and
    `<template>.txt` receive `recipient`, `about`, `site` and `reason`.
    """

    name: str
    template: str
    purpose: Purpose
    reason: Any  # lazy sentence: "You get this because ..."
    find: Callable[[User | None, UUID], Any]
    # What to do when nobody knows whether a mail left: "resend" repeats it under
    # the same Message-ID, "hold" waits for a person to look.
    on_unknown: str = "resend"
    # What one needs to know: who wants no mail about it is told in another way, by
    # somebody who sees that the letter did not leave.
    told_otherwise: bool = False
    # Planned anew at every tick while its matter stands: only the row that went out
    # keeps it from being said twice, so that row is kept longer.
    asked_again: bool = False
    # That there is such a message at all is between its recipients: nobody who looks
    # after the outbox sees its row.
    discreet: bool = False


_notices: dict[str, Notice] = {}


def register(notice: Notice) -> Notice:
    _notices[notice.name] = notice
    return notice


def notice_named(name: str) -> Notice:
    return _notices[name]


def asked_again() -> list[str]:
    return [name for name, notice in _notices.items() if notice.asked_again]


def discreet() -> list[str]:
    return [name for name, notice in _notices.items() if notice.discreet]


# One letter with everything that was held for a person; `delivery` fills it.
DIGEST = register(
    Notice(
        name="people.digest",
        template="mail/digest",
        purpose=Purpose.UPDATE,
        reason=gettext_lazy(
            "You get this digest because you chose to read news together."
        ),
        find=lambda person, about_id: person,
    )
)


def is_queued(notice: Notice, *, to: User | str, key: str) -> bool:
    """Whether this was asked for already, under this key."""
    return OutboxMessage.objects.filter(dedupe_key=_dedupe(notice, to, key)).exists()


def _dedupe(notice: Notice, to: User | str, key: str) -> str:
    name = to.pk if isinstance(to, User) else to.lower()
    return f"{notice.name}:{name}:{key}"


def queue(
    notice: Notice,
    *,
    to: User | str,
    about: models.Model,
    key: str,
    send_after: datetime | None = None,
    not_after: datetime | None = None,
    language: str = "",
) -> OutboxMessage:
    """Ask for a notice once; asking again under the same key changes nothing.

    `to` is a person, or a bare address for somebody without an account; then
    `language` names the language of the mail. Written in the transaction of
    the act it tells about, so both happen or neither. About something long
    over nobody is told: then the message comes back unsaved.
    """
    whom: dict[str, Any] = (
        {"recipient": to}
        if isinstance(to, User)
        else {"address": to, "language": language or translation.get_language() or ""}
    )
    dedupe_key = _dedupe(notice, to, key)
    if relived_moment() is not None:
        return OutboxMessage(notice=notice.name, about_id=about.pk, **whom)
    with transaction.atomic():
        OutboxMessage.objects.bulk_create(
            [
                OutboxMessage(
                    dedupe_key=dedupe_key,
                    notice=notice.name,
                    about_id=about.pk,
                    send_after=send_after or timezone.now(),
                    not_after=not_after,
                    **whom,
                )
            ],
            ignore_conflicts=True,
        )
    return OutboxMessage.objects.get(dedupe_key=dedupe_key)


def say_again(message: OutboxMessage, *, now: datetime) -> None:
    """A person has looked and wants it sent; under the same Message-ID, by itself."""
    OutboxMessage.objects.stray().filter(pk=message.pk).update(
        state=OutboxMessage.State.PLANNED,
        send_after=now,
        tries=1,
        faults=0,
        first_tried_at=None,
        problem="",
    )


def lay_aside(message: OutboxMessage) -> None:
    """A person has looked, and nothing is left to do."""
    OutboxMessage.objects.stray().filter(pk=message.pk).update(
        state=OutboxMessage.State.DROPPED, problem="laid aside"
    )


__all__ = [
    "DIGEST",
    "Notice",
    "Purpose",
    "discreet",
    "lay_aside",
    "notice_named",
    "queue",
    "register",
    "say_again",
]
