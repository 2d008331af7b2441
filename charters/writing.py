"""Who has the form of a clause open just now, so that two do not begin the same work.

Kept for a minute or a few in Valkey, under the amendment's key, and then forgotten by
itself: no row is written, nothing says who wrote how long. It tells the circle where
somebody is writing and decides nothing; two who write at once lose nothing either way.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import redis
from django.core.cache import cache

from charters.models import Amendment
from cohorts.models import Membership
from people.knocks import knock

# A page that can say so says it again every twenty seconds. One without a script
# cannot: it counts for as long as a line takes to write.
STILL_SECONDS = 60
OPENED_SECONDS = 180
# A line that is not there yet.
NEW = "new"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Writer:
    member: Membership
    line: str  # the key of a proposed clause, or NEW


def room_of(amendment: Amendment) -> str:
    """The text in hand, as the stream of knocks knows it."""
    return f"writing:{amendment.pk}"


def begin(
    amendment: Amendment, line: UUID | str, *, by: Membership, now: datetime
) -> None:
    """Somebody opened a form."""
    if _put(amendment, line, by=by, seconds=OPENED_SECONDS):
        stir(amendment, now=now)


def go_on(amendment: Amendment, line: UUID | str, *, by: Membership) -> None:
    """The form is still open. Who sees it already need not be told again."""
    _put(amendment, line, by=by, seconds=STILL_SECONDS)


def end(amendment: Amendment, *, by: Membership, now: datetime) -> None:
    """The words are in, or were given up."""
    try:
        cache.delete(_key(amendment, by))
    except redis.RedisError as error:
        logger.warning("Nobody could be told that a form was closed: %s", error)
    stir(amendment, now=now)


def stir(amendment: Amendment, *, now: datetime) -> None:
    """Open pages of this text ask again."""
    knock(room_of(amendment), int(now.timestamp() * 1000))


def writers(
    amendment: Amendment, circle: Iterable[Membership], *, but: Membership
) -> list[Writer]:
    """Who writes where, as far as is known; in the order of the circle."""
    others = {_key(amendment, m): m for m in circle if m.pk != but.pk}
    try:
        open_forms = cache.get_many(list(others))
    except redis.RedisError as error:
        logger.warning("Who is writing is not known: %s", error)
        return []
    return [
        Writer(member=member, line=open_forms[key])
        for key, member in others.items()
        if key in open_forms
    ]


def _put(
    amendment: Amendment, line: UUID | str, *, by: Membership, seconds: int
) -> bool:
    try:
        cache.set(_key(amendment, by), str(line), timeout=seconds)
    except redis.RedisError as error:
        logger.warning("Nobody could be told who is writing: %s", error)
        return False
    return True


def _key(amendment: Amendment, member: Membership) -> str:
    return f"writing:{amendment.pk}:{member.pk}"
