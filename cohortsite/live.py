"""The live stream: tells open pages that their room changed, and nothing more.

A small ASGI application of its own, without Django's handler and without a database,
so that one process holds thousands of open streams. `GET /live/<token>` verifies the
token (`people.knocks` makes it) and sends the version number of its one room: once
now, and again whenever somebody knocks. All rooms share one connection to Valkey.

    granian --interface asgi --factory cohortsite.live:from_environment
"""

import asyncio
import logging
import os
import signal
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import redis
import redis.asyncio
from django.core import signing
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from people import knocks

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

HEARTBEAT_SECONDS = 20
CANCEL_AGAIN_SECONDS = 0.1
RECONNECT_SECONDS = 0.5
# Nobody knocked yet, or Valkey forgot: a version that no page has, so it asks.
UNKNOWN = "0"

logger = logging.getLogger("cohortsite.live")


class Stream:
    """One open page. It only ever needs the newest version, so that is all it holds."""

    def __init__(self) -> None:
        self.version: str | None = None
        self.news = asyncio.Event()

    def tell(self, version: str) -> None:
        if version != self.version:
            self.version = version
            self.news.set()


class Rooms:
    """Who listens where, and the one task that reads Valkey for all of them."""

    def __init__(self, url: str) -> None:
        self.valkey = redis.asyncio.Redis.from_url(
            url,
            decode_responses=True,
            # A silent reconnect would miss what happened meanwhile: we do it ourselves.
            retry=Retry(NoBackoff(), 0),
        )
        self.streams: defaultdict[str, set[Stream]] = defaultdict(set)
        self.pubsub: redis.asyncio.client.PubSub | None = None
        self.reader: asyncio.Task[None] | None = None

    def open(self) -> None:
        # Kept in a name: a task that nobody refers to may be collected as it runs.
        self.reader = asyncio.create_task(self._read_for_ever())

    async def close(self) -> None:
        # Once is not enough: the client takes a cancellation that comes while it waits
        # for a reply as a lost connection, and the reader would begin anew.
        while self.reader and not self.reader.done():
            self.reader.cancel()
            await asyncio.wait([self.reader], timeout=CANCEL_AGAIN_SECONDS)
        await self.valkey.aclose()

    @asynccontextmanager
    async def listening(self, room: str) -> AsyncIterator[Stream]:
        stream = Stream()
        self.streams[room].add(stream)
        try:
            await self._join(room)
            yield stream
        finally:
            self.streams[room].discard(stream)
            if not self.streams[room]:
                del self.streams[room]
                await self._leave(room)

    async def _join(self, room: str) -> None:
        """The reader sends the newest version when Valkey confirms, so that no knock
        falls between reading it and listening."""
        with suppress(
            redis.RedisError, OSError
        ):  # else the reader does it, coming back
            if self.pubsub:
                await self.pubsub.subscribe(knocks.channel(room))

    async def _leave(self, room: str) -> None:
        with suppress(redis.RedisError, OSError):
            if self.pubsub:
                await self.pubsub.unsubscribe(knocks.channel(room))

    async def _read_for_ever(self) -> None:
        while True:
            try:
                await self._read()
            except (redis.RedisError, OSError) as error:
                logger.warning("Valkey is away, trying again: %s", error)
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _read(self) -> None:
        """Subscribe to every open room, and pass on what comes until Valkey goes."""
        async with self.valkey.pubsub() as pubsub:
            # One that nobody uses: without any there would be nothing to wait for.
            await pubsub.subscribe(knocks.channel(""))
            self.pubsub = pubsub
            try:
                for room in list(self.streams):
                    await pubsub.subscribe(knocks.channel(room))
                async for message in pubsub.listen():
                    await self._pass_on(message)
            finally:
                self.pubsub = None

    async def _pass_on(self, message: Message) -> None:
        room = message["channel"].removeprefix(knocks.channel(""))
        if message["type"] == "message":
            version = message["data"]
        elif message["type"] == "subscribe" and room:
            version = await self.valkey.get(knocks.latest(room)) or UNKNOWN
        else:
            return
        for stream in self.streams.get(room, ()):
            stream.tell(version)


class Live:
    """The ASGI application."""

    def __init__(self, *, key: str, redis_url: str, site_url: str) -> None:
        self.key = key
        self.redis_url = redis_url
        self.origins = origins_of(site_url)
        self.rooms: Rooms
        self.closing: asyncio.Event

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["method"] != "GET":
            await answer(send, 405, [(b"allow", b"GET")])
        elif scope["path"] == "/live/health":
            await answer(send, 200)
        else:
            await self._stream(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        """From the server's first breath to its last."""
        await receive()
        self.closing = asyncio.Event()
        self.rooms = Rooms(self.redis_url)
        self.rooms.open()
        self._close_streams_when_told_to_stop()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.rooms.close()
        await send({"type": "lifespan.shutdown.complete"})

    def _close_streams_when_told_to_stop(self) -> None:
        """The server waits for its connections before it says that it shuts down.

        Ours never end by themselves, so we listen for the signal too. The server has
        its handler in the event loop, which stays there; this one runs beside it.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(
                number, lambda *_: loop.call_soon_threadsafe(self.closing.set)
            )

    async def _stream(self, scope: Message, receive: Receive, send: Send) -> None:
        room = self._room(scope["path"].removeprefix("/live/"))
        if room is None:
            await answer(send, 404)
            return
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [
                    (b"content-type", b"text/event-stream"),
                    # Nobody on the way may keep, or gather, what trickles in.
                    (b"cache-control", b"no-store"),
                    (b"x-accel-buffering", b"no"),
                    *self._cross_origin(scope),
                ],
            }
        )
        left = asyncio.create_task(until_gone(receive))
        closing = asyncio.create_task(self.closing.wait())
        end = asyncio.get_running_loop().time() + knocks.TOKEN_SECONDS
        try:
            async with self.rooms.listening(room) as stream:
                await write(send, "retry: 2000\n\n")
                while not (left.done() or closing.done()):
                    await self._write_news(stream, send, until=(left, closing))
                    if asyncio.get_running_loop().time() > end:
                        break
        finally:
            left.cancel()
            closing.cancel()
        if not left.done():
            await write(send, "", more=False)

    async def _write_news(
        self, stream: Stream, send: Send, *, until: tuple[asyncio.Task, ...]
    ) -> None:
        news = asyncio.create_task(stream.news.wait())
        try:
            await asyncio.wait(
                (news, *until),
                timeout=HEARTBEAT_SECONDS,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            news.cancel()
        if stream.news.is_set():
            stream.news.clear()
            await write(send, f"data: {stream.version}\n\n")
        elif not any(task.done() for task in until):
            await write(send, ": still here\n\n")

    def _room(self, token: str) -> str | None:
        try:
            return signing.loads(
                token,
                key=self.key,
                salt=knocks.SALT,
                max_age=knocks.TOKEN_SECONDS,
                fallback_keys=[],
            )
        except signing.BadSignature:
            return None

    def _cross_origin(self, scope: Message) -> Headers:
        """In the embedded run the stream has a port, so an origin, of its own."""
        asked = dict(scope["headers"]).get(b"origin", b"")
        if asked.decode("latin-1") in self.origins:
            return [(b"access-control-allow-origin", asked), (b"vary", b"origin")]
        return []


async def until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def write(send: Send, text: str, *, more: bool = True) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": more})


async def answer(send: Send, status: int, headers: Headers | None = None) -> None:
    await send(
        {"type": "http.response.start", "status": status, "headers": headers or []}
    )
    await write(send, "", more=False)


def origins_of(site_url: str) -> set[str]:
    """A page on this machine may have been opened by either of its names."""
    site = urlsplit(site_url)
    names = {site.hostname}
    if site.hostname in ("127.0.0.1", "localhost"):
        names |= {"127.0.0.1", "localhost"}
    port = f":{site.port}" if site.port else ""
    return {f"{site.scheme}://{name}{port}" for name in names}


def from_environment() -> Live:
    return Live(
        key=os.environ["SECRET_KEY"],
        redis_url=os.environ["REDIS_URL"].replace("redis+socket://", "unix://", 1),
        site_url=os.environ.get("SITE_URL", "http://127.0.0.1:8000"),
    )
