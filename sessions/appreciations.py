"""Thanks, said to one person before the whole cohort."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cohorts.models import Membership
from people import outbox
from people.models import create_once, record
from people.refusal import Refused, SentBefore
from sessions.models import Appreciation, RitualSession, stir
from sessions.notices import APPRECIATION_GIVEN
from sessions.tongues import language_of


@transaction.atomic
def give(
    *,
    by: Membership,
    to: Membership,
    text: str,
    lang: str = "",
    session: RitualSession | None = None,
    client_key: UUID | None = None,
    now: datetime | None = None,
) -> Appreciation:
    by.cohort.must_be_open()
    if to.cohort_id != by.cohort_id or to.left_at is not None:
        raise Refused(_("This person is not in your cohort any more."))
    if to.pk == by.pk:
        raise Refused(_("Thanks are for somebody else; keep yours as a check-in."))
    appreciation, is_new = create_once(
        Appreciation,
        client_key=client_key,
        cohort=by.cohort,
        given_by=by,
        to=to,
        text=text,
        lang=language_of(text, lang),
        session=session,
        written_at=now or timezone.now(),
    )
    if not is_new:
        if (appreciation.to_id, appreciation.text) != (to.pk, text):
            raise SentBefore(appreciation)
        return appreciation
    outbox.queue(
        APPRECIATION_GIVEN,
        to=to.person,
        about=appreciation,
        key=str(appreciation.pk),
    )
    stir(session)
    record("appreciation.give", by=by.person, about=appreciation, place=by.cohort_id)
    return appreciation
