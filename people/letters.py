"""A mail, made at the moment of sending: the knock, not the content.

Each notice brings two templates, `<template>.subject.txt` (one line) and
`<template>.txt` (the few words of the knock, with its link). The letter round
them is the same for all: greeting, reason, off-switch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import formataddr, parseaddr
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.template import Context
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext

from people.models import OutboxMessage, Purpose, User
from people.outbox import Notice

# Slow links: a letter is at most this long, all its parts together.
LONGEST = 15_000
SALT = "people.letters.stop"


def _signer() -> signing.Signer:
    # No date in it: the link of a letter is the same whenever it is made.
    return signing.Signer(salt=SALT)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One notice, written for its reader."""

    message: OutboxMessage
    notice: Notice
    subject: str
    text: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Stop:
    """What an off-switch switches off, and for whom."""

    purpose: Purpose
    person: UUID | None = None
    address: str = ""

    def token(self) -> str:
        who = {"p": str(self.person)} if self.person else {"a": self.address}
        return _signer().sign_object({**who, "n": self.purpose.value})

    @classmethod
    def read(cls, token: str) -> Stop | None:
        """What a link of ours says; None for a link that is not ours.

        Old links keep working: a mail may be read a year later.
        """
        try:
            said = _signer().unsign_object(token)
            purpose = Purpose(said["n"])
        except (signing.BadSignature, KeyError, ValueError):
            return None
        if "p" in said:
            return cls(purpose=purpose, person=UUID(said["p"]))
        return cls(purpose=purpose, address=said["a"])

    @property
    def url(self) -> str:
        return settings.SITE_URL + reverse("people:stop", args=[self.token()])


def stop_for(message: OutboxMessage, purpose: Purpose) -> Stop:
    if message.recipient_id:
        return Stop(purpose=purpose, person=message.recipient_id)
    return Stop(purpose=purpose, address=message.address)


def reader_of(message: OutboxMessage) -> tuple[str, str]:
    """The language and the zone that a letter speaks."""
    person = message.recipient
    language = (person.language if person else message.language) or ""
    if language not in dict(settings.LANGUAGES):
        language = settings.LANGUAGE_CODE
    return language, person.timezone if person else "UTC"


class speaking_to:
    """Everything inside is said in the language and the place of the reader."""

    def __init__(self, message: OutboxMessage):
        language, zone = reader_of(message)
        self.language = translation.override(language)
        self.zone = timezone.override(ZoneInfo(zone))

    def __enter__(self) -> None:
        self.language.__enter__()
        self.zone.__enter__()

    def __exit__(self, *error: Any) -> None:
        self.zone.__exit__(*error)
        self.language.__exit__(*error)


def part_of(message: OutboxMessage, notice: Notice, about: Any) -> Part:
    """The words of one notice. Call it inside `speaking_to(message)`."""
    context = {
        "recipient": message.recipient,
        "about": about,
        "site": settings.SITE_URL,
        "reason": notice.reason,
    }
    return Part(
        message=message,
        notice=notice,
        subject=one_line(plain(f"{notice.template}.subject.txt", context)),
        text=plain(f"{notice.template}.txt", context).strip(),
        reason=str(notice.reason),
    )


def plain(template: str, context: dict[str, Any]) -> str:
    """A template as text: nothing in it is escaped, for nothing in it is HTML."""
    found: Any = get_template(template)
    return found.template.render(Context(context, autoescape=False))


def one_line(text: str) -> str:
    return " ".join(text.split())


def letter(
    lead: OutboxMessage, parts: Sequence[Part], *, digest: bool = False
) -> EmailMultiAlternatives:
    """One mail with all these parts. Call it inside `speaking_to(lead)`."""
    language, _zone = reader_of(lead)
    purposes = list(dict.fromkeys(part.notice.purpose for part in parts))
    stops = [(purpose.label, stop_for(lead, purpose).url) for purpose in purposes]
    context = {
        "recipient": lead.recipient,
        "parts": parts,
        "several": digest or len(parts) > 1,
        "reasons": list(dict.fromkeys(part.reason for part in parts)),
        "stops": stops,
        "settings_url": (
            settings.SITE_URL + reverse("people:notices") if lead.recipient_id else ""
        ),
        "language": language,
        "rtl": translation.get_language_info(language)["bidi"],
    }
    first_stop = stops[0][1]
    mail = EmailMultiAlternatives(
        subject=subject_of(parts, digest=digest),
        body=plain("mail/letter.txt", context),
        to=[address_of(lead)],
        headers={
            "Message-ID": message_id(lead),
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{first_stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Content-Language": language,
        },
    )
    html = get_template("mail/letter.html").render(context)
    if len(mail.body.encode()) + len(html.encode()) < LONGEST:
        mail.attach_alternative(html, "text/html")
    return mail


def subject_of(parts: Sequence[Part], *, digest: bool) -> str:
    if digest:
        return gettext("Your digest")
    if len(parts) == 1:
        return parts[0].subject
    more = len(parts) - 1
    return ngettext(
        "%(first)s, and one thing more", "%(first)s, and %(n)s things more", more
    ) % {"first": parts[0].subject, "n": more}


def address_of(message: OutboxMessage) -> str:
    person: User | None = message.recipient
    if person is None:
        return message.address
    return formataddr((person.called or person.full_name, person.email))


def message_id(message: OutboxMessage) -> str:
    """Always the same for a row: whoever gets a mail twice can tell."""
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    host = urlsplit(settings.SITE_URL).hostname or sender or "localhost"
    return f"<{message.pk}@{host}>"
