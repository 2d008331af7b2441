"""Make the environment that Cohortsite runs in, with nothing but Python and pip.

`manage.py` runs this file before it imports anything else, so it imports the
standard library only. It installs `uv` where nobody else sees it, lets it fill `.venv`
from `uv.lock`, and starts the same command again in there. The user's own Python
stays as it is.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

OLDEST_PYTHON = (3, 11)
# One of each kind: the framework, the driver with its library, the servers.
NEEDED = ("django", "allauth", "celery", "psycopg_binary", "granian")
NEEDED_FOR_TESTS = ("pytest", "pytest_django", "playwright")


def ensure_environment(base, argv):
    """Return if this Python has what the command needs; else start it in one that has."""
    command = argv[1] if len(argv) > 1 else ""
    for_tests = command == "test"
    if sys.version_info < OLDEST_PYTHON:
        fail(
            "Cohortsite needs Python 3.11 or newer, and this is {}.{}. Start it with a "
            "newer one, for example: python3.11 manage.py {}".format(
                *sys.version_info[:2], command
            )
        )
    environment = Environment(base, for_tests=for_tests)
    needed = NEEDED + (NEEDED_FOR_TESTS if for_tests else ())
    complete = all(importlib.util.find_spec(name) for name in needed)
    if complete and not (environment.is_running() and environment.is_outdated()):
        return
    if os.environ.get("COHORTSITE_BOOTSTRAPPED"):
        fail(
            f"{environment.folder} was filled, but something is missing in it. Remove "
            "that folder and try again."
        )
    if environment.is_outdated():
        environment.fill()
    sys.stdout.flush()
    os.execve(
        environment.python,
        [str(environment.python), *argv],
        {**os.environ, "COHORTSITE_BOOTSTRAPPED": "1"},
    )


class Environment:
    """The folder `.venv`, and a stamp in it that says what it was filled from."""

    def __init__(self, base, *, for_tests):
        self.base = base
        self.folder = base / ".venv"
        self.python = self.folder / "bin" / "python"
        self.stamp = self.folder / ".filled-from"
        self.for_tests = for_tests

    def is_running(self):
        return self.folder.exists() and Path(sys.prefix).samefile(self.folder)

    def is_outdated(self):
        """A `.venv` that somebody filled by hand has no stamp, and is checked once."""
        if not self.python.exists():
            return True
        try:
            lock, groups = self.stamp.read_text().split()
        except (FileNotFoundError, ValueError):
            return not self.is_running()
        return lock != self.lock() or (self.for_tests and groups != "all")

    def lock(self):
        return hashlib.sha256((self.base / "uv.lock").read_bytes()).hexdigest()

    def fill(self):
        uv = find_uv(self.base / "var" / "tools")
        groups = "all" if self.for_tests or self.has_tests() else "run"
        step("Installing what uv.lock names into .venv")
        run(
            [*uv, "sync", "--frozen", "--inexact", "--python", sys.executable]
            + ([] if groups == "all" else ["--no-dev"]),
            cwd=self.base,
            env=self.uv_settings(),
            remedy="Is the network there? Then try again, or run `uv sync` to see more.",
        )
        self.stamp.write_text(f"{self.lock()} {groups}\n")

    def has_tests(self):
        return (self.folder / "bin" / "pytest").exists()

    def uv_settings(self):
        settings = {
            **os.environ,
            "UV_PROJECT_ENVIRONMENT": str(self.folder),
            # The Python that started this is the one to use.
            "UV_PYTHON_DOWNLOADS": "never",
            # Certificates that the system trusts count, as they do for pip.
            "UV_NATIVE_TLS": "1",
        }
        settings.pop("VIRTUAL_ENV", None)
        if not os.access(Path.home(), os.W_OK):
            settings.setdefault("UV_CACHE_DIR", str(self.base / "var" / "tools" / "cache"))
        return settings


def find_uv(tools):
    """The command that starts uv: the one on PATH, or one of our own in `tools`."""
    if on_path := shutil.which("uv"):
        return [on_path]
    ways = [
        (tools / "venv" / "bin" / "uv", install_with_venv),
        (tools / "packages" / "bin" / "uv", install_with_target),
    ]
    for program, _ in ways:
        if program.exists():
            return [program]
    tools.parent.mkdir(mode=0o700, exist_ok=True)
    tools.mkdir(mode=0o700, exist_ok=True)
    step("Installing uv, for this folder only")
    said = []
    for program, install in ways:
        answer = install(tools)
        if answer.returncode == 0 and program.exists():
            return [program]
        said.append(answer.stdout.strip())
    fail(
        "uv could not be installed. pip said:\n\n{}\n\nInstall pip (Debian: apt install "
        "python3-pip) or uv itself (https://docs.astral.sh/uv/), and try again.".format(
            "\n\n".join(said)
        )
    )


def install_with_venv(tools):
    folder = tools / "venv"
    made = try_run([sys.executable, "-m", "venv", "--clear", folder])
    if made.returncode != 0:  # Debian keeps what it takes in another package
        return made
    return try_run([folder / "bin" / "python", "-m", "pip", "install", "-q", "uv"])


def install_with_target(tools):
    """The one way that a Python managed by the system's own packages allows."""
    folder = tools / "packages"
    return try_run(
        [sys.executable, "-m", "pip", "install", "-q", "--target", folder, "uv"]
    )


def try_run(command):
    return subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def run(command, *, remedy, **options):
    done = subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **options,
    )
    if done.returncode != 0:
        fail(f"That did not work. {remedy}\n\n{done.stdout.strip()}")


def step(sentence):
    print(f"{time.strftime('%H:%M:%S')} {sentence} ...", flush=True)


def fail(sentence):
    sys.exit(f"\n{sentence}")
