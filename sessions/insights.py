"""One thing learned, carried from a session into the library with its provenance."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cohorts.models import Membership
from library import curation
from people.models import create_once
from people.wall_time import local_day
from sessions.models import Insight, RitualSession, stir
from sessions.tongues import language_of


@transaction.atomic
def keep(
    *,
    by: Membership,
    title: str,
    body: str = "",
    lang: str = "",
    session: RitualSession | None = None,
    client_key: UUID | None = None,
    now: datetime | None = None,
) -> Insight:
    """Keep it in the library; what stays here is which session it came from."""
    by.cohort.must_be_open()
    now = now or timezone.now()
    moment = session.starts_at if session is not None else now
    lang = language_of(f"{title} {body}", lang)
    resource = curation.keep(
        by=by,
        kind="insight",
        title=title,
        body=body,
        language=lang or by.person.language or "en",
        kept_from=learned_in(session, lang),
        kept_on=local_day(moment, by.cohort.timezone),
        client_key=client_key,
        now=now,
    )
    insight, is_new = create_once(
        Insight,
        client_key=resource.client_key,
        cohort=by.cohort,
        kept_by=by,
        session=session,
        resource=resource,
        written_at=now,
    )
    if is_new:
        stir(session)
    return insight


def learned_in(session: RitualSession | None, lang: str) -> str:
    """Where it was learned, in words and in the insight's own language."""
    if session is None:
        return ""
    with translation.override(lang or None):
        return _("Session %(number)s, %(title)s") % {
            "number": session.number,
            "title": session.title,
        }
