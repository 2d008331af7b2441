"""Telling afterwards what happened earlier, as if it were happening.

A demo program, or one that is carried over from elsewhere, goes through the same
functions as everything else. Within `relived(moment)` what they record bears that
moment, and nobody is written to about something long over.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

_moment: ContextVar[datetime | None] = ContextVar("relived_moment", default=None)


@contextmanager
def relived(moment: datetime) -> Iterator[datetime]:
    """Act at `moment`, which is over. Pass the functions the same clock."""
    token = _moment.set(moment)
    try:
        yield moment
    finally:
        _moment.reset(token)


def relived_moment() -> datetime | None:
    """The moment that is being told, or None: it is now."""
    return _moment.get()
