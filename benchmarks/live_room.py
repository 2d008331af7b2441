"""How soon a change in a live room reaches the pages that follow it.

    uv run python benchmarks/live_room.py [--followers 12] [--changes 100] [--json FILE]

Starts the whole platform in a temporary folder, seats a host and the followers in a
room, and lets the host press its buttons. Each follower does what its page does: it
listens to the stream, and at each knock asks for its part through the guarded
address. Measured from the moment the host's button is pressed until a follower has
read the new part. Then the followers ask again while nothing changes.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode, urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent
GOALS = {"change to follower, p95 (ms)": 1000, "unchanged poll (bytes)": 512}
ROOM = "/c/bench/sessions/1/live/"
# Between two buttons: every follower has long read the last one.
PAUSE = 0.7


@contextmanager
def platform(port: int) -> Iterator[str]:
    """A whole one; this process then sees what its web process sees."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "state"
        process = subprocess.Popen(
            [
                *(sys.executable, "manage.py", "up", "--no-demo"),
                *("--state", str(state), "--port", str(port)),
            ],
            cwd=BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            said = []
            assert process.stdout
            for line in process.stdout:
                said.append(line)
                if "is ready at" in line:
                    break
            else:
                sys.exit("".join(said))
            threading.Thread(target=process.stdout.read, daemon=True).start()
            note = json.loads((state / "running").read_text())
            os.environ.update(environment_of_the_web(note["children"]))
            yield note["url"]
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()


def environment_of_the_web(children: list[int]) -> dict[str, str]:
    for pid in children:
        pairs = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
        environment = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
        if environment.get("DATABASE_POOL"):
            del environment["DATABASE_POOL"]
            return environment
    sys.exit("No web process was found.")


def seat(people: int) -> list[str]:
    """A host and the others in an open room; the session cookie of each."""
    sys.path.insert(0, str(BASE_DIR))
    import django

    django.setup()
    from django.test import Client
    from django.utils import timezone

    from cohorts.models import Cohort, Membership, Program, Role
    from people.models import User
    from sessions import hosting, rituals

    program = Program.objects.create(slug="bench", name="Bench")
    cohort = Cohort.objects.create(program=program, slug="bench", name="Bench")
    members = [
        Membership.objects.create(
            cohort=cohort,
            person=User.objects.create_user(f"p{n}@bench.example", called=f"P{n}"),
            role=Role.MEMBER if n else Role.FACILITATOR,
        )
        for n in range(people)
    ]
    now = timezone.now()
    session = rituals.schedule(
        cohort,
        rituals.Plan(
            title="Bench",
            day=now.date(),
            at=now.time().replace(second=0, microsecond=0),
            timezone="UTC",
            minutes=90,
            template="standard-90",
            host=members[0],
        ),
        by=members[0].person,
    )
    hosting.open_room(session, by=members[0])
    cookies = []
    for member in members:
        hosting.join(session, by=member)
        client = Client()
        client.force_login(member.person)
        cookies.append(client.cookies["sessionid"].value)
    return cookies


class Page:
    """One browser's connection to the pages."""

    def __init__(self, url: str, cookie: str) -> None:
        self.cookies = f"sessionid={cookie}"
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc)
        self.tag = ""
        self.bytes = 0

    def ask(self, *, part: bool = True) -> tuple[int, str]:
        headers = {"Cookie": self.cookies}
        if part:
            headers |= {"HX-Request": "true", "If-None-Match": self.tag}
        self.connection.request("GET", ROOM, headers=headers)
        answer = self.connection.getresponse()
        body = answer.read()
        self.tag = answer.headers.get("ETag", self.tag)
        self.bytes = len(body) + sum(
            len(name) + len(value) + 4 for name, value in answer.getheaders()
        )
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            if cookie.startswith("csrftoken=") and "csrftoken" not in self.cookies:
                self.cookies += "; " + cookie.split(";")[0]
        return answer.status, body.decode()

    def press(self, button: str, html: str) -> None:
        def hidden(name: str) -> str:
            found = re.search(rf'name="{name}" value="([^"]*)"', html)
            return found[1] if found else ""

        names = ("csrfmiddlewaretoken", "position", "speaker", "extra")
        self.connection.request(
            "POST",
            f"{ROOM}host/",
            urlencode({name: hidden(name) for name in names} | {"do": button}),
            {
                "Cookie": self.cookies,
                "HX-Request": "true",
                "Content-Type": "application/x-www-form-urlencoded",
            },
        )
        answer = self.connection.getresponse()
        answer.read()
        assert answer.status == 204, (answer.status, button)


class Follower(threading.Thread):
    """Listens, and asks at each knock; notes when it had read which version."""

    def __init__(self, url: str, cookie: str) -> None:
        super().__init__(daemon=True)
        self.page = Page(url, cookie)
        _status, html = self.page.ask(part=False)
        found = re.search(r'data-stream="([^"]+)"', html)
        assert found
        self.stream = urlsplit(found[1])
        self.knocked: dict[int, float] = {}
        self.read: dict[int, float] = {}
        self.ready = threading.Event()

    def run(self) -> None:
        connection = http.client.HTTPConnection(self.stream.netloc)
        connection.request("GET", self.stream.path)
        for line in connection.getresponse():
            if not line.startswith(b"data: "):
                continue
            self.knocked.setdefault(int(line[6:]), time.monotonic())
            status, html = self.page.ask()
            if status == 200:
                found = re.search(r'data-version="(\d+)"', html)
                assert found
                self.read.setdefault(int(found[1]), time.monotonic())
            self.ready.set()


def measure(url: str, *, followers: int, changes: int) -> dict[str, float]:
    cookies = seat(followers + 1)
    host = Page(url, cookies[0])
    pages = [Follower(url, cookie) for cookie in cookies[1:]]
    for page in pages:
        page.start()
    for page in pages:
        page.ready.wait(20)
    pressed = press_buttons(host, changes)
    reads, knocks, missed = [], [], 0
    for page in pages:
        for version, at in pressed.items():
            if version in page.knocked and version in page.read:
                knocks.append(1000 * (page.knocked[version] - at))
                reads.append(1000 * (page.read[version] - at))
            else:
                missed += 1
    polls, sizes = ask_in_vain(pages)
    return {
        "changes": changes,
        "followers": followers,
        "not followed": missed,
        "change to knock, p50 (ms)": quantile(knocks, 50),
        "change to knock, p95 (ms)": quantile(knocks, 95),
        "change to follower, p50 (ms)": quantile(reads, 50),
        "change to follower, p95 (ms)": quantile(reads, 95),
        "change to follower, worst (ms)": max(reads),
        "unchanged poll, p95 (ms)": quantile(polls, 95),
        "unchanged poll (bytes)": max(sizes),
    }


def press_buttons(host: Page, changes: int) -> dict[int, float]:
    """When each version came to be."""
    chance = random.Random(4711)
    pressed = {}
    for _change in range(changes):
        _status, html = host.ask(part=False)
        seen = re.search(r'data-version="(\d+)"', html)
        assert seen
        possible = [
            name
            for name in ("on", "back", "next", "minute", "hold", "resume")
            if f'value="{name}"' in html
        ]
        pressed[int(seen[1]) + 1] = time.monotonic()
        host.press(chance.choice(possible), html)
        time.sleep(PAUSE)
    return pressed


def ask_in_vain(pages: list[Follower]) -> tuple[list[float], list[int]]:
    polls, sizes = [], []
    for page in pages:
        page.page.ask()
        for _again in range(10):
            began = time.monotonic()
            status, _html = page.page.ask()
            polls.append(1000 * (time.monotonic() - began))
            assert status == 304, status
            sizes.append(page.page.bytes)
    return polls, sizes


def quantile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--followers", type=int, default=12)
    parser.add_argument("--changes", type=int, default=100)
    parser.add_argument("--port", type=int, default=18100)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with platform(arguments.port) as url:
        found = measure(url, followers=arguments.followers, changes=arguments.changes)
    for name, value in found.items():
        goal = f"  goal: at most {GOALS[name]}" if name in GOALS else ""
        print(f"{name:32} {value:9.1f}{goal}")
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
