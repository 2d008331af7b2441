"""Mailed links for people without an account.

The link's secret has 256 bits and is made when the mail is written; only its hash
is kept. Opening a link has no effect beyond showing what it leads to.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from cohorts.models import Application, Draft, ResumeToken
from people.models import User

LASTS = timedelta(days=180)
# So many letters to one address in an hour; more help nobody but a nuisance.
MOST_IN_AN_HOUR = 5


@dataclass(frozen=True)
class Holder:
    """Somebody without an account whose browser opened a link, or wrote the thing.

    `address` is the mailbox the link came from; empty when nothing proves one.
    """

    draft_id: UUID | None = None
    application_id: UUID | None = None
    address: str = ""


Actor = User | Holder


def hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def prepare(
    *,
    purpose: str,
    to: str,
    draft: Draft | None = None,
    application: Application | None = None,
    now: datetime,
) -> ResumeToken | None:
    """A link that gets its secret when its mail is written.

    None when that address had too many letters already.
    """
    # A decision always goes out; what anybody may cause by typing does not.
    if purpose != ResumeToken.Purpose.REPLY:
        lately = ResumeToken.objects.unsealed("counts letters to one address").filter(
            sent_to__iexact=to, purpose=purpose, made_at__gt=now - timedelta(hours=1)
        )
        if lately.count() >= MOST_IN_AN_HOUR:
            return None
    return ResumeToken.objects.create(
        purpose=purpose,
        token_hash=hash_of(secrets.token_urlsafe(32)),  # of a secret nobody has
        draft=draft,
        application=application,
        sent_to=to,
        made_at=now,
        ends_at=now + LASTS,
    )


def mint(token: ResumeToken) -> str:
    """Give the link its secret, which is told once and not kept."""
    secret = secrets.token_urlsafe(32)
    token.token_hash = hash_of(secret)
    token.save(update_fields=["token_hash"])
    return secret


def found(secret: str, *purposes: str, now: datetime | None = None) -> Any:
    """The live link with this secret, or None.

    A link that went to an address with a fault keeps no way in once that is mended.
    """
    token = (
        ResumeToken.objects.unsealed("compares the hash of a link")
        .select_related("draft__intake", "application__intake")
        .filter(token_hash=hash_of(secret), purpose__in=purposes)
        .first()
    )
    if token is None or not token.is_live(now or timezone.now()):
        return None
    application = token.application
    if application and not is_mailbox_of(token.sent_to, application):
        return None
    return token


def is_mailbox_of(address: str, application: Application) -> bool:
    return bool(address) and address.lower() == application.email.lower()


def is_applicant(by: Actor | None, application: Application) -> bool:
    """Whether this person, or the holder of this link, sent the application."""
    if isinstance(by, Holder):
        return by.application_id == application.pk
    return bool(by and by.is_authenticated and application.applicant_id == by.pk)


def proves_the_address(by: Actor | None, application: Application) -> bool:
    """Whether the actor showed that the application's mailbox is theirs."""
    if isinstance(by, Holder):
        return by.application_id == application.pk and is_mailbox_of(
            by.address, application
        )
    return is_applicant(by, application)
