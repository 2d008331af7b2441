"""The mails of the embedded run, read back from their files.

Production sends mail for real and has no such page.
"""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime
from pathlib import Path

from django.conf import settings

NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,80}")
NEWEST = 200


@dataclass(frozen=True, kw_only=True)
class Letter:
    name: str
    to: str
    subject: str
    at: datetime | None
    text: str
    language: str = ""


def letters() -> list[Letter]:
    """The newest mails, the last one first."""
    folder = Path(settings.EMAIL_FILE_PATH)
    files = sorted(folder.glob("*.eml"), reverse=True)[:NEWEST]
    return [_read(path) for path in files]


def letter_named(name: str) -> Letter | None:
    if not NAME.fullmatch(name):
        return None
    path = Path(settings.EMAIL_FILE_PATH) / f"{name}.eml"
    return _read(path) if path.is_file() else None


def remove(*, to_domain: str) -> int:
    """Throw away every mail to an address of that domain; returns how many."""
    removed = 0
    for path in Path(settings.EMAIL_FILE_PATH).glob("*.eml"):
        address = parseaddr(_read(path).to)[1]
        if address.lower().endswith(f"@{to_domain}"):
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _read(path: Path) -> Letter:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain", "html"))
    date = message["Date"]
    return Letter(
        name=path.stem,
        to=str(message["To"]),
        subject=str(message["Subject"]),
        at=parsedate_to_datetime(str(date)) if date else None,
        text=body.get_content() if body else "",
        language=str(message["Content-Language"] or ""),
    )
