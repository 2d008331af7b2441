"""Sessions as calendar files (RFC 5545), and each person's private feed of them.

A calendar lies on other people's servers: an entry carries the day, the cohort and
a link back, never the title or what is said.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from urllib.parse import urlsplit

import icalendar
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cohorts.models import Cohort
from people.models import User, record
from sessions.models import CalendarFeed, RitualSession

# The feed keeps what was, for a while: calendars drop what a feed no longer holds.
LOOKS_BACK = timedelta(days=90)
REFRESH = timedelta(hours=4)
MOST_ENTRIES = 500


def invitation(session: RitualSession) -> bytes:
    """One session as a file; a session called off takes its entry away."""
    method = "CANCEL" if session.did_not_happen else "PUBLISH"
    return _calendar([session], method=method).to_ical()


def feed(person: User, *, now: datetime) -> bytes:
    """Every session of the cohorts that `person` sits in now."""
    sessions = (
        RitualSession.objects.visible_to(person)
        .filter(ends_at__gt=now - LOOKS_BACK)
        .select_related("cohort")
        .order_by("starts_at", "pk")[:MOST_ENTRIES]
    )
    return _calendar(sessions, method="PUBLISH", name=_("My sessions")).to_ical()


@transaction.atomic
def open_feed(person: User, *, now: datetime | None = None) -> str:
    """Make a new secret address for the person's feed; the one before dies.

    Returns the secret, which is kept nowhere.
    """
    close_feed(person, now=now)
    secret = secrets.token_urlsafe(32)
    made = CalendarFeed.objects.create(person=person, secret_hash=_hash(secret))
    record("calendar.open", by=person, about=made)
    return secret


@transaction.atomic
def close_feed(person: User, *, now: datetime | None = None) -> None:
    """Revoke the person's feed, if there is one."""
    CalendarFeed.objects.visible_to(person).filter(revoked_at=None).update(
        revoked_at=now or timezone.now()
    )


def has_feed(person: User) -> bool:
    return CalendarFeed.objects.visible_to(person).filter(revoked_at=None).exists()


def person_of(secret: str) -> User | None:
    """Whose feed a secret opens; None for one that never was, or is revoked."""
    found = (
        CalendarFeed.objects.unsealed("whoever holds the secret reads the dates")
        .filter(secret_hash=_hash(secret), revoked_at=None, person__is_active=True)
        .select_related("person")
        .first()
    )
    return found.person if found is not None else None


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _calendar(
    sessions: Iterable[RitualSession], *, method: str, name: str = ""
) -> icalendar.Calendar:
    calendar = icalendar.Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Cohortsite//Sessions//EN")
    calendar.add("method", method)
    if name:
        calendar.add("x-wr-calname", name)
        calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
        calendar.add("x-published-ttl", REFRESH)
    for session in sessions:
        calendar.add_component(_event(session, session.cohort))
    # What the zones of these hours do, for calendars that do not know them.
    for zone in sorted(calendar.get_missing_tzids()):
        calendar.subcomponents.insert(0, _rules_of(zone))
    return calendar


@lru_cache(maxsize=600)  # there are not more zones
def _rules_of(zone: str) -> icalendar.Timezone:
    """The zone with its changes of clock, which takes longer than all the rest."""
    return icalendar.Timezone.from_tzid(zone)


def _event(session: RitualSession, cohort: Cohort) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", f"{session.pk}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("dtstamp", session.changed_at)
    event.add("last-modified", session.changed_at)
    event.add("sequence", session.calendar_sequence)
    event.add("dtstart", session.starts_at.astimezone(session.zone))
    event.add("dtend", session.ends_at.astimezone(session.zone))
    event.add(
        "summary",
        _("Session %(number)d, %(cohort)s")
        % {"number": session.number, "cohort": cohort.name},
    )
    page = settings.SITE_URL + reverse(
        "sessions:session_page", args=[cohort.slug, session.number]
    )
    event.add("url", page)
    event.add("description", _("Prepare, join or say no here: %(url)s") % {"url": page})
    event.add("class", "PRIVATE")
    event.add("status", "CANCELLED" if session.did_not_happen else "CONFIRMED")
    return event
