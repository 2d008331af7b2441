"""How people arrive, before a session or between: said once, read by the cohort.

Higher apps add fields to the form (a reading of a signal, say): they register a
provider, which looks at a membership and answers with an `Extra` or None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from cohorts.models import Membership
from people.models import record
from people.refusal import SentBefore
from sessions.models import CheckIn, RitualSession, stir
from sessions.tongues import language_of

# A phone may have lain in a drawer; what is older is dated to this.
LONGEST_WAIT = timedelta(days=60)
# The same words again so soon are the same check-in from another tab.
AGAIN = timedelta(minutes=10)

SAID = ("mood", "grounding", "intention", "edge")


@dataclass(frozen=True, kw_only=True)
class Extra:
    """Fields that a higher app adds to one member's check-in.

    `save(checkin, cleaned)` runs in the transaction of the check-in, once, with the
    cleaned values under the names that `fields` gave them.
    """

    name: str  # prefixes its fields in the form
    title: Any  # heads the block
    fields: dict[str, forms.Field]
    save: Callable[[CheckIn, dict[str, Any]], None]


Provider = Callable[[Membership], Extra | None]

_providers: list[Provider] = []


def register_extra(provider: Provider) -> Provider:
    """Add fields to the check-in form (from `AppConfig.ready`)."""
    _providers.append(provider)
    return provider


def extras_for(membership: Membership) -> list[Extra]:
    made = (provider(membership) for provider in _providers)
    return [extra for extra in made if extra is not None and extra.fields]


@transaction.atomic
def post(
    *,
    by: Membership,
    mood: str = "",
    grounding: str = "",
    intention: str = "",
    edge: str = "",
    lang: str = "",
    session: RitualSession | None = None,
    waited: timedelta = timedelta(),
    client_key: UUID | None = None,
    extras: Iterable[tuple[Extra, dict[str, Any]]] = (),
    now: datetime | None = None,
) -> tuple[CheckIn, bool]:
    """Say how one arrives. Returns the check-in and whether it is new.

    `waited` is how long it lay on the phone, by the phone's own clock: a span is
    right even where that clock is hours wrong. The same key, or the same words
    within ten minutes, are one check-in; the same key with other words raises
    `SentBefore`.
    """
    by.cohort.must_be_open()
    received_at = now or timezone.now()
    wrote_at = written_at(by, waited=waited, received_at=received_at)
    said = {"mood": mood, "grounding": grounding, "intention": intention, "edge": edge}
    extras = list(extras)
    adds = any(value for _extra, cleaned in extras for value in cleaned.values())
    near = (wrote_at - AGAIN, wrote_at + AGAIN)
    twin = Q(**said, session=session, written_at__range=near)
    # Tabs and the outbox post one after the other, so that a repeat is seen.
    Membership.objects.select_for_update(no_key=True).get(pk=by.pk)
    earlier = list(
        CheckIn.objects.unsealed("one's own, to tell a repeat").filter(
            Q(client_key=client_key) | (Q(pk=None) if adds else twin), author=by
        )
    )
    for row in earlier:
        if {name: getattr(row, name) for name in SAID} == said:
            return row, False
    if earlier:
        raise SentBefore(earlier[0])
    checkin = CheckIn.objects.create(
        client_key=client_key or uuid4(),
        cohort=by.cohort,
        author=by,
        session=session,
        lang=language_of(f"{grounding} {intention} {edge}", lang),
        written_at=wrote_at,
        received_at=received_at,
        **said,
    )
    for extra, cleaned in extras:
        extra.save(checkin, cleaned)
    stir(session)
    record("checkin.post", by=by.person, about=checkin, place=by.cohort_id)
    return checkin, True


def written_at(by: Membership, *, waited: timedelta, received_at: datetime) -> datetime:
    """When the button was pressed: never after it arrived, nor before its author came.

    The author's own beginning bounds it, or they could not read it themselves.
    """
    waited = min(max(waited, timedelta()), LONGEST_WAIT)
    return min(max(received_at - waited, by.reads_from), received_at)
