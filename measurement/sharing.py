"""Links that open a program's released figures to whoever holds them."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cohorts.models import Appointment, Program
from measurement.models import ShareLink
from people.models import User, record
from people.refusal import Refused


@transaction.atomic
def make_link(
    program: Program,
    *,
    by: User,
    for_whom: str,
    days: int,
    now: datetime | None = None,
) -> tuple[ShareLink, str]:
    """A new link and its secret, which is shown once and kept only as a hash."""
    _must_lead(program, by)
    token = secrets.token_urlsafe(32)
    now = now or timezone.now()
    link = ShareLink.objects.create(
        program=program,
        token_hash=hash_of(token),
        for_whom=for_whom,
        made_by=by,
        made_at=now,
        expires_at=now + timedelta(days=days),
    )
    record("evidence.share", by=by, about=link, place=program.pk)
    return link, token


@transaction.atomic
def revoke(link: ShareLink, *, by: User, now: datetime | None = None) -> None:
    """The link stops working at once."""
    _must_lead(link.program, by)
    if link.revoked_at is None:
        link.revoked_at = now or timezone.now()
        link.save(update_fields=["revoked_at"])
        record("evidence.unshare", by=by, about=link, place=link.program_id)


def hash_of(token: str) -> str:
    """What is kept of a secret address."""
    return hashlib.sha256(token.encode()).hexdigest()


def _must_lead(program: Program, by: User) -> None:
    leads = Appointment.objects.active().filter(
        program=program, person=by, role=Appointment.Role.LEAD
    )
    if not leads.exists():
        raise Refused(_("Only a lead of the program can do this."))
