"""Newcomers and the charter they came to: their own yes, or a conversation."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from charters import notices
from charters.models import (
    NEWCOMERS_HAVE,
    CharterVersion,
    NewcomerAnswer,
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
    mine = (
        NewcomerAnswer.objects.unsealed("one's own answer")
        .select_for_update()
        .filter(member=by)
        .first()
    )
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


def tend(*, now: datetime) -> int:
    """Ask newcomers, once at the beginning and once shortly before the end."""
    told = 0
    for member in newcomers().filter(joined_at__gt=now - NEWCOMERS_HAVE):
        late = now >= member.joined_at + NEWCOMERS_HAVE - CLOSING_SOON
        notice = notices.NEWCOMER_REMINDER if late else notices.NEWCOMER_ASKED
        outbox.queue(
            notice,
            to=member.person,
            about=member,
            key=str(member.pk),
            send_after=now,
            not_after=member.joined_at + NEWCOMERS_HAVE,
        )
        told += 1
    return told
