"""`manage.py up` as somebody at a terminal sees it."""

import copy
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from celery import Celery
from psycopg.sql import SQL, Identifier

from cohortsite.embedded import ports
from cohortsite.embedded.fingerprints import BASE_DIR
from cohortsite.embedded.postgres import Postgres
from cohortsite.embedded.valkey import Valkey

PATIENCE = 180


def wait_until(
    true: Callable[[], object],
    what: str,
    seconds: float = PATIENCE,
    pause: float = 0.02,
):
    """The first truth that `true` gives; a failure when it gives none in time."""
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        if found := true():
            return found
        time.sleep(pause)
    raise AssertionError(f"{what}: not within {seconds} seconds")


@contextmanager
def streaming(settings: Any, site_url: str) -> Iterator[int]:
    """The process that knocks, beside the pages of a test."""
    port = ports.next_free(24_000 + os.getpid() % 10_000)
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "granian", "--interface", "asgi", "--factory"),
            *("--no-ws", "--log-level", "error", "--workers-kill-timeout", "4"),
            *("--port", str(port), "cohortsite.live:from_environment"),
        ],
        cwd=BASE_DIR,
        env={
            "PATH": os.environ["PATH"],
            "SECRET_KEY": settings.SECRET_KEY,
            "REDIS_URL": settings.REDIS_URL,
            "SITE_URL": site_url,
        },
    )
    settings.LIVE_URL = f"http://127.0.0.1:{port}"
    policy = copy.deepcopy(settings.CONTENT_SECURITY_POLICY)
    policy["DIRECTIVES"]["connect-src"].append(settings.LIVE_URL)
    settings.CONTENT_SECURITY_POLICY = policy
    try:
        wait_until(lambda: ports.answers(port, "/live/health"), "the stream")
        yield port
    finally:
        process.terminate()
        process.wait(10)


class Up:
    """One run of it. Use it in a `with`: whatever happens, it is stopped."""

    def __init__(
        self,
        state: Path,
        *arguments: str,
        command: Sequence[str | Path] = (sys.executable, BASE_DIR / "manage.py"),
        env: Mapping[str, str] | None = None,
        stdin: int = subprocess.DEVNULL,
    ) -> None:
        self.state = state
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [*command, "up", "--state", state, *arguments],
            # Without our own settings, which are about the test database.
            env={name: os.environ[name] for name in ("PATH", "HOME")} | dict(env or {}),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def __enter__(self) -> "Up":
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
        self.reader.join(20)
        assert self.process.stdout
        self.process.stdout.close()

    @property
    def log(self) -> str:
        return "\n".join(self.lines)

    def wait_until_ready(self) -> None:
        self.wait_for("is ready at ")

    @property
    def port(self) -> int:
        """Once it is ready."""
        address = self.wait_for("is ready at ").split("is ready at ")[1].split()[0]
        return int(address.rpartition(":")[2])

    def wait_for(self, text: str) -> str:
        """The first line with `text` in it."""

        def found() -> str | None:
            over = self.process.poll() is not None and not self.reader.is_alive()
            line = next((line for line in list(self.lines) if text in line), None)
            assert line or not over, f"ended without saying {text!r}:\n{self.log}"
            return line

        return wait_until(found, f"{text!r} in the log")

    def wait_for_its_end(self) -> int:
        self.process.wait(20)
        self.reader.join(20)
        return self.process.returncode

    def ask_the_worker(self, task: str) -> None:
        """Put a task where the clock puts those that are due."""
        broker = Valkey(self.state / "valkey").url
        with Celery(broker=broker, set_as_current=False) as app:
            app.send_task(task, ignore_result=True)

    def let_days_pass(self, days: int) -> None:
        """People joined, wrote and were written to that much earlier."""
        with Postgres(self.state / "postgres").connect(database="cohortsite") as ground:
            for table, column in (
                ("cohorts_membership", "joined_at"),
                ("cohorts_membership", "reads_from"),
                ("cohort_sessions_commitment", "written_at"),
                ("cohort_sessions_commitment", "due_on"),
                ("people_outboxmessage", "sent_at"),
            ):
                ground.execute(
                    SQL("UPDATE {0} SET {1} = ({1} - {2})::{3}").format(
                        Identifier(table),
                        Identifier(column),
                        timedelta(days),
                        SQL("date" if column == "due_on" else "timestamptz"),
                    )
                )

    def children(self) -> dict[int, str]:
        """What runs below it now: process number and command."""
        return descendants(self.process.pid)

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line.rstrip())


def descendants(pid: int) -> dict[int, str]:
    """Every process below `pid`, and its command."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        if stat := _stat(int(folder.name)):
            parents[int(folder.name)] = int(stat[1])
    found: dict[int, str] = {}
    wanted = {pid}
    while wanted:
        wanted = {child for child, parent in parents.items() if parent in wanted}
        found |= {child: _command(child) for child in wanted}
    return found


def still_running(pids: Iterable[int]) -> list[int]:
    """A zombie has ended: it only waits to be counted."""
    return [pid for pid in pids if (_stat(pid) or ["Z"])[0] != "Z"]


def _stat(pid: int) -> list[str] | None:
    """State, parent and so on; what comes before them may contain spaces."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ").strip()
    except OSError:
        return ""
