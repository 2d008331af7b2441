"""The folder that an embedded platform keeps everything in, for one run at a time."""

import fcntl
import json
import os
import secrets
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from cohortsite.embedded import Trouble, folders

# What a run leaves. Other things in the folder (tools, test databases) stay.
KEPT = (
    *("postgres", "valkey", "worker", "mail", "media", "static"),
    *("done", "secret_key"),
)
LEFTOVER_SECONDS = 8


class State:
    def __init__(self, folder: Path) -> None:
        self.folder = folders.private(folder.resolve())
        self.held: IO[str] | None = None
        self.url = ""

    def take(self) -> None:
        """Hold the folder until this process ends, however it ends."""
        held = (self.folder / "running").open("a+")
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Trouble(self._who_runs()) from None
        self.held = held
        self._wait_for_leftovers()

    def note_running(self, pids: Sequence[int]) -> None:
        """Write down who runs here: for a second start, and for one after a crash."""
        assert self.held
        self.held.truncate(0)
        note = {"supervisor": os.getpid(), "url": self.url, "children": list(pids)}
        json.dump(note, self.held)
        self.held.flush()

    def empty(self) -> None:
        for name in KEPT:
            path = self.folder / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    def secret_key(self) -> str:
        path = self.folder / "secret_key"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(50))
        return path.read_text()

    def is_done(self, step: str, fingerprint: str = "") -> bool:
        path = self.folder / "done" / step
        return path.exists() and path.read_text() == fingerprint

    def mark_done(self, step: str, fingerprint: str = "") -> None:
        path = self.folder / "done" / step
        path.parent.mkdir(exist_ok=True)
        path.write_text(fingerprint)

    def _note(self) -> dict:
        try:
            return json.loads((self.folder / "running").read_text())
        except (FileNotFoundError, ValueError):
            return {}

    def _who_runs(self) -> str:
        note = self._note()
        where = f" at {note['url']}" if note.get("url") else ""
        who = f" (process {note['supervisor']})" if "supervisor" in note else ""
        return (
            f"Cohortsite is already running{where}{who}. Stop it there with Ctrl-C, or "
            "start another one with --state and a folder of its own."
        )

    def _wait_for_leftovers(self) -> None:
        """Children of a killed run are told to go, but need a moment to do so."""
        give_up = time.monotonic() + LEFTOVER_SECONDS
        pids = self._note().get("children", [])
        while any(map(_is_running, pids)) and time.monotonic() < give_up:
            time.sleep(0.05)


def _is_running(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:  # gone; or a system without /proc, where we cannot tell
        return False
    # "pid (name) state ...": Z is dead and only waits to be counted.
    return stat.rpartition(")")[2].split()[0] != "Z"
