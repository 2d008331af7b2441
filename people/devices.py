"""Where a person is signed in."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils.crypto import constant_time_compare

from people.models import User


def devices_of(person: User) -> list[UserSession]:
    """The sessions that are still good, the newest first.

    Two queries, however many there are; rows whose session has ended are dropped.
    """
    rows = list(UserSession.objects.filter(user=person).order_by("-created_at"))
    good = {
        session.session_key
        for session in Session.objects.filter(
            session_key__in=[row.session_key for row in rows]
        )
        if _is_good(session, person)
    }
    ended = [row.pk for row in rows if row.session_key not in good]
    if ended:
        UserSession.objects.filter(pk__in=ended).delete()
    return [row for row in rows if row.session_key in good]


def _is_good(session: Session, person: User) -> bool:
    # A changed password ends every session but the one that changed it.
    said = session.get_decoded().get(HASH_SESSION_KEY, "")
    return constant_time_compare(said, person.get_session_auth_hash())


def forget_ended() -> int:
    """Drop what is kept about sessions that have ended: an address, a browser."""
    SessionStore.clear_expired()
    gone = UserSession.objects.exclude(
        session_key__in=Session.objects.values("session_key")
    )
    number, _each = gone.delete()
    return number
