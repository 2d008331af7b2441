"""Newcomers and the charter they came to: their own yes, or a conversation."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from charters import notices
from charters.models import (
    NEW_FOR,
    CharterVersion,
    NewcomerAnswer,
    NewcomerTalk,
    answer_by,
    newcomers,
)
from cohorts.models import Membership
from people import outbox
from people.models import create_once, record
from people.refusal import Refused

CLOSING_SOON = timedelta(days=3)


@transaction.atomic
def answer(
    version: CharterVersion,
    *,
    by: Membership,
    kind: str,
    fingerprint: str,
    now: datetime,
    text: str = "",
    client_key: UUID | None = None,
) -> NewcomerAnswer:
    """One newcomer's answer to the text they read; a later one replaces it."""
    if by.cohort_id != version.cohort_id or by.left_at is not None:
        raise Refused(_("Only people who sit in this circle can do that."))
    if by.cohort.is_finished:
        raise Refused(_("This cohort has finished; its charter can be read only."))
    newest = CharterVersion.objects.unsealed("the text a newcomer answers").in_force(
        by.cohort
    )
    if newest is None or newest.fingerprint != fingerprint:
        raise Refused(
            _("The charter has a new version since you opened it. Read it again.")
        )
    words = {
        "version": newest,
        "fingerprint": fingerprint,
        "kind": kind,
        "text": text.strip(),
        "given_at": now,
    }
    # The seat is the turnstile: an answer on the page and one from the mail at once.
    Membership.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
    mine = NewcomerAnswer.objects.unsealed("one's own answer").filter(member=by).first()
    if mine is None:
        mine, _made = create_once(
            NewcomerAnswer,
            client_key=client_key,
            cohort_id=by.cohort_id,
            member=by,
            **words,
        )
    else:
        for name, value in words.items():
            setattr(mine, name, value)
        mine.save(update_fields=list(words))
    record("newcomer.answer", by=by.person, about=newest, place=by.cohort_id)
    return mine


@transaction.atomic
def talked(
    member: Membership,
    *,
    by: Membership,
    now: datetime,
    text: str = "",
    client_key: UUID | None = None,
) -> NewcomerTalk:
    """A facilitator has talked with a newcomer; the task is done."""
    if by.cohort_id != member.cohort_id or by.left_at is not None:
        raise Refused(_("Only people who sit in this circle can do that."))
    if not by.is_facilitator:
        raise Refused(_("A facilitator of the circle notes that conversation."))
    if by.cohort.is_finished:
        raise Refused(_("This cohort has finished; its charter can be read only."))
    talk, _made = create_once(
        NewcomerTalk,
        client_key=client_key,
        cohort_id=by.cohort_id,
        member=member,
        by=by,
        text=text.strip(),
        talked_at=now,
    )
    record("newcomer.talk", by=by.person, about=member, place=by.cohort_id)
    return talk


def tend(*, now: datetime) -> int:
    """Ask newcomers, once at the beginning and once shortly before the end.

    Who said yes and was passed by a new version is asked about that one, as often.
    """
    told = 0
    for member in newcomers().filter(joined_at__gt=now - NEW_FOR):
        until = answer_by(member)
        if now >= until:
            continue
        late = now >= until - CLOSING_SOON
        outbox.queue(
            notices.NEWCOMER_REMINDER if late else notices.NEWCOMER_ASKED,
            to=member.person,
            about=member,
            key=_key(member),
            send_after=now,
            not_after=until,
        )
        told += 1
    return told


def _key(member: Any) -> str:
    return f"{member.pk}:{member.passed_by}" if member.agreed_to else str(member.pk)
