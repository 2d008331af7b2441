"""Whether a session may be recorded: the charter's rule, and what those present say.

Nothing is recorded here. Where a call is held elsewhere, the room tells whether the
circle agreed to a recording that day, and stops telling so the moment anybody takes
their yes back or somebody comes in who has not said it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from charters.values import RecordingRule, values_of
from cohorts.models import Membership
from people.prepared import prepared
from people.refusal import Refused
from sessions.models import Presence, RecordingWord, RitualSession, stir


class Stand(Enum):
    NEVER = "never"
    AGREED = "agreed"
    NOT_AGREED = "not agreed"


def stand(rule: str, *, present: Collection[UUID], words: Mapping[UUID, bool]) -> Stand:
    """How it stands; a rule nobody knows allows nothing. Pure.

    `present` are the people who came in and have not gone, whether their line holds
    or not; `words` what any person of the session said last.
    """
    if rule == RecordingRule.EACH_YES:
        agreed = bool(present) and all(words.get(person) for person in present)
    elif rule == RecordingRule.UNLESS_OBJECTION:
        agreed = bool(present) and all(words.get(person, True) for person in present)
    else:
        return Stand.NEVER
    return Stand.AGREED if agreed else Stand.NOT_AGREED


def words_in(session: RitualSession) -> dict[UUID, bool]:
    return dict(_words_in(session))


@prepared
def _words_in(session: RitualSession) -> QuerySet[Any, Any]:
    return (
        RecordingWord.objects.unsealed("what all of them make together; nobody's own")
        .filter(session=session)
        .values_list("person_id", "yes")
    )


@transaction.atomic
def say(
    session: RitualSession, *, by: Membership, yes: bool, now: datetime | None = None
) -> None:
    """One's own yes or no for this session, to be changed at any time while it runs."""
    session = (
        RitualSession.objects.unsealed("the row that the actor was shown, locked")
        .select_for_update(of=("self",))
        .select_related("cohort")
        .get(pk=session.pk)
    )
    if by.left_at is not None or by.cohort_id != session.cohort_id:
        raise Refused(_("Only people of this cohort take part."))
    if not session.is_open:
        raise Refused(_("The room is not open."))
    if values_of(session.cohort).recording.rule == RecordingRule.NEVER:
        raise Refused(_("Our charter says that sessions are never recorded."))
    presence = Presence.objects.unsealed("one's own presence").filter(
        session=session, membership=by, left_at=None
    )
    if not presence.exists():
        raise Refused(_("Come in first; only who is present is asked."))
    RecordingWord.objects.unsealed("one's own word").update_or_create(
        person=by.person,
        session=session,
        defaults={"yes": yes, "said_at": now or timezone.now()},
    )
    stir(session)
