"""Words that rest encrypted: one key writes, every key that is still known reads.

The keys come from the environment (`FIELD_KEYS`), never from the database, so that
neither a dump nor a query tells what somebody wrote. A new key goes in front; then
`manage.py reencrypt` brings older words under it, and the old key may go.
"""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

# Words are filled up to a multiple of this: their length tells next to nothing.
BLOCK = 256


class NoKeyOpensThis(RuntimeError):
    """None of the keys in FIELD_KEYS wrote these words; they are not shown or lost."""

    def __init__(self) -> None:
        super().__init__("No key in FIELD_KEYS opens this. Put the older one back.")


def encrypt(words: str) -> bytes:
    """What rests in the database. Nothing stays nothing: emptied is seen to be so."""
    if not words:
        return b""
    plain = words.encode() + b"\x80"
    plain += b"\x00" * (-len(plain) % BLOCK)
    return _ring()[0].encrypt(plain)


def decrypt(at_rest: bytes) -> str:
    if not at_rest:
        return ""
    for key in _ring():
        try:
            plain = key.decrypt(at_rest)
        except InvalidToken:
            continue
        return plain[: plain.rindex(b"\x80")].decode()
    raise NoKeyOpensThis


def is_under_the_newest(at_rest: bytes) -> bool:
    """Whether the first key, the one that writes, opens this."""
    if not at_rest:
        return True
    try:
        _ring()[0].decrypt(at_rest)
    except InvalidToken:
        return False
    return True


def _ring() -> tuple[Fernet, ...]:
    return _ring_of(tuple(settings.FIELD_KEYS))


@lru_cache(maxsize=8)
def _ring_of(secrets: tuple[str, ...]) -> tuple[Fernet, ...]:
    # Any secret will do: its digest has the length that the cipher wants.
    digests = (hashlib.sha256(b"words at rest " + s.encode()).digest() for s in secrets)
    return tuple(Fernet(base64.urlsafe_b64encode(digest)) for digest in digests)
