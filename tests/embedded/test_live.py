"""The live stream: the process that serves it, and the pages that listen to it."""

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import redis
from django.core import signing

from cohortsite.embedded import ports
from cohortsite.embedded.fingerprints import BASE_DIR
from cohortsite.embedded.valkey import Valkey
from people import knocks
from tests.embedded.running import wait_until

pytestmark = pytest.mark.platform
KEY = "the key of this test's streams"
SITE = "http://127.0.0.1:8000"


class LiveServer:
    """`cohortsite.live` under Granian, with a Valkey of its own."""

    def __init__(self, home: Path) -> None:
        self.valkey = Valkey(home)
        self.valkey.start()
        self.port = ports.next_free(20_000 + os.getpid() % 20_000)
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "granian", "--interface", "asgi", "--factory"),
                *("--no-ws", "--log-level", "error", "--workers-kill-timeout", "4"),
                *("--port", str(self.port), "cohortsite.live:from_environment"),
            ],
            cwd=BASE_DIR,
            env={
                "PATH": os.environ["PATH"],
                "SECRET_KEY": KEY,
                "REDIS_URL": self.valkey.url,
                "SITE_URL": SITE,
            },
        )
        wait_until(lambda: ports.answers(self.port, "/live/health"), "the stream")

    def knock(self, room: str, version: int) -> None:
        with redis.Redis(unix_socket_path=str(self.valkey.socket)) as client:
            client.set(knocks.latest(room), version)
            client.publish(knocks.channel(room), version)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        self.valkey.stop()


class Page:
    """An open page: what it was told, and when."""

    def __init__(self, live: LiveServer, path: str, origin: str = SITE) -> None:
        self.socket = socket.create_connection(("127.0.0.1", live.port))
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: live\r\nOrigin: {origin}\r\n\r\n".encode()
        )
        self.received = b""
        self.heard: list[tuple[int, float]] = []
        self.reader = threading.Thread(target=self._read)
        self.reader.start()
        wait_until(lambda: b"\r\n\r\n" in self.received, "an answer", seconds=10)

    @property
    def status(self) -> int:
        return int(self.received.split()[1])

    @property
    def headers(self) -> str:
        return self.received.partition(b"\r\n\r\n")[0].decode()

    def wait_to_hear(self, version: int) -> float:
        return wait_until(
            lambda: next((when for what, when in self.heard if what == version), 0),
            f"version {version} among {self.heard}",
            seconds=15,
        )

    def close(self) -> None:
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.reader.join()
        self.socket.close()

    def _read(self) -> None:
        with suppress(OSError):
            while part := self.socket.recv(4096):
                self.received += part
                now = time.monotonic()
                self.heard += [
                    (int(version), now) for version in re.findall(rb"data: (\d+)", part)
                ]


def address(room: str, *, key: str = KEY) -> str:
    return f"/live/{signing.dumps(room, key=key, salt=knocks.SALT)}"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    server = LiveServer(tmp_path_factory.mktemp("live"))
    yield server
    server.stop()


@contextmanager
def opened(live: LiveServer, path: str, **options: str) -> Iterator[Page]:
    page = Page(live, path, **options)
    try:
        yield page
    finally:
        page.close()


def test_a_page_hears_the_newest_version_and_each_change_after_it(live):
    live.knock("birch", 7)
    with opened(live, address("birch")) as page:
        page.wait_to_hear(7)
        live.knock("birch", 8)
        page.wait_to_hear(8)

    assert [version for version, _ in page.heard] == [7, 8]


def test_a_room_hears_nothing_of_another(live):
    live.knock("oak", 3)
    with opened(live, address("oak")) as oak, opened(live, address("elm")) as elm:
        live.knock("elm", 4)
        elm.wait_to_hear(4)
        live.knock("oak", 5)
        oak.wait_to_hear(5)

    assert [version for version, _ in oak.heard] == [3, 5]


def test_twelve_followers_hear_of_a_change_in_under_a_second(live):
    pages = [Page(live, address("circle")) for _ in range(12)]
    waits = []
    for version in range(1, 21):
        knocked = time.monotonic()
        live.knock("circle", version)
        waits += [page.wait_to_hear(version) - knocked for page in pages]
    for page in pages:
        page.close()

    assert sorted(waits)[int(len(waits) * 0.95)] < 1


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/live/", id="none"),
        pytest.param("/live/birch", id="the bare name"),
        pytest.param("/live/%00", id="NUL"),
        pytest.param(address("birch", key="somebody else's key"), id="another key"),
        pytest.param(address("birch") + "x", id="a letter more"),
        pytest.param("/elsewhere", id="elsewhere"),
    ],
)
def test_without_a_good_token_there_is_nothing(live, path):
    with opened(live, path) as page:
        assert page.status == 404


def test_an_old_token_opens_nothing(live, monkeypatch):
    two_hours_ago = time.time() - knocks.TOKEN_SECONDS - 1
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: two_hours_ago)
        old = address("birch")

    with opened(live, old) as page:
        assert page.status == 404


def test_only_pages_of_this_site_may_listen(live):
    with (
        opened(live, address("birch")) as ours,
        opened(live, address("birch"), origin="http://localhost:8000") as by_name,
        opened(live, address("birch"), origin="http://elsewhere.example") as theirs,
    ):
        assert f"access-control-allow-origin: {SITE}" in ours.headers
        assert "allow-origin: http://localhost:8000" in by_name.headers
        assert "access-control-allow-origin" not in theirs.headers


def test_streams_outlive_a_restart_of_valkey(live):
    with opened(live, address("birch")) as page:
        live.valkey.stop()
        live.valkey.start()
        # Changed while the stream was not listening, or just after: heard anyway.
        live.knock("birch", 99)

        page.wait_to_hear(99)


def test_open_streams_end_at_once_when_the_server_is_told_to_stop(tmp_path):
    live = LiveServer(tmp_path)
    page = Page(live, address("birch"))
    began = time.monotonic()
    live.stop()
    took = time.monotonic() - began
    page.reader.join(5)
    page.close()

    assert page.received.endswith(b"0\r\n\r\n")  # a whole answer, not a broken one
    assert took < 3
