"""Tell the pages of a room that something changed, without saying what.

A page opens the stream at `stream_url(room)`; `knock(room, version)` sends a number
down every open stream of that room, and the page fetches what it may see through its
own guarded view. So the stream needs to know nobody, and has nothing to leak: it is
served by `cohortsite.live`, without a database. A page without a stream asks again
every few seconds instead, so a lost knock delays and never misleads.
"""

import logging
from functools import cache

import redis
from django.conf import settings
from django.core import signing
from django.db import transaction

from people.past import relived_moment

# Long enough for a session; a page that stays open longer asks by itself.
TOKEN_SECONDS = 2 * 3600
SALT = "people.knocks"

logger = logging.getLogger(__name__)


def stream_url(room: str) -> str:
    """Where a page that shows `room` listens. The address opens this one room only."""
    token = signing.dumps(room, key=settings.SECRET_KEY, salt=SALT)
    return f"{settings.LIVE_URL}/live/{token}"


def knock(room: str, version: int) -> None:
    """Send `version` to everybody in `room`, once the change is really there."""
    if relived_moment() is not None:
        return  # long over: nobody has that room open
    transaction.on_commit(lambda: _publish(room, version))


def channel(room: str) -> str:
    return f"knock:{room}"


def latest(room: str) -> str:
    """The key of the newest version, for streams that open between two knocks."""
    return f"knocked:{room}"


def _publish(room: str, version: int) -> None:
    try:
        with _valkey().pipeline(transaction=False) as pipeline:
            pipeline.set(latest(room), version, ex=TOKEN_SECONDS)
            pipeline.publish(channel(room), version)
            pipeline.execute()
    except redis.RedisError as error:
        logger.warning("A room was not told of its change: %s", error)


@cache
def _valkey() -> redis.Redis:
    # A page never waits long for somebody else to be told.
    return redis.Redis.from_url(
        settings.REDIS_CLIENT_URL, socket_timeout=1, socket_connect_timeout=1
    )
