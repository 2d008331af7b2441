"""Make the environment that Cohortsite runs in, with nothing but Python and pip.

`manage.py` runs this file before anything else, so it imports the standard library
only. It installs `uv` where nobody else sees it, lets it fill `.venv` from `uv.lock`,
and starts the same command again in there. The user's own Python stays as it is.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

BASE_DIR = Path(__file__).resolve().parent.parent.parent
# What uv, and what it fetches, is kept in. Only for a machine that has no uv.
TOOLS = BASE_DIR / "var" / "tools"
# One of each kind: the framework, its neighbours, a driver, the servers.
NEEDED = ("django", "allauth", "celery", "psycopg_binary", "granian", "nh3")
NEEDED_BY_TESTS = (*NEEDED, "pytest", "pytest_django", "xdist", "playwright")
# Set for the second start, so that there is never a third.
AGAIN = "COHORTSITE_STARTED_AGAIN"
# Commands that are programs of their own, and need no Django around them: the one
# stays as long as the platform runs, the other must speak before settings are read.
PROGRAMS = {"up": "cohortsite.embedded.up", "test": "pytest"}


def ensure_environment(argv: Sequence[str]) -> None:
    """Return if this Python has what the command needs; else start it in `.venv`."""
    for_tests = argv[1:2] == ["test"]
    environment = Environment(BASE_DIR / ".venv", for_tests=for_tests)
    needed = NEEDED_BY_TESTS if for_tests else NEEDED
    complete = all(importlib.util.find_spec(name) for name in needed)
    stale = environment.is_this_one() and environment.is_outdated()
    if complete and not stale:
        if argv[1:2] and argv[1] in PROGRAMS:
            run_program(argv[1], argv[2:])
        return
    if os.environ.get(AGAIN):
        fail(f"{environment.folder} is not complete. Remove that folder and try again.")
    if environment.is_outdated():
        environment.fill()
    os.execve(
        environment.python,
        [str(environment.python), *argv],
        {**os.environ, AGAIN: "yes"},
    )


def run_program(command: str, arguments: Sequence[str]) -> NoReturn:
    """Become the program behind `manage.py up` or `manage.py test`."""
    if command == "test":
        os.chdir(BASE_DIR)
        # All of them: on every core, a file on one of them.
        arguments = arguments or ("-n", "auto", "--dist", "loadfile")
    paths = [str(BASE_DIR), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.execve(
        sys.executable,
        [sys.executable, "-m", PROGRAMS[command], *arguments],
        {**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )


class Environment:
    """`.venv`, with a stamp that says from which lock it was filled, and for what."""

    def __init__(self, folder: Path, *, for_tests: bool) -> None:
        self.folder = folder
        self.python = folder / "bin" / "python"
        self.stamp = folder / ".filled-from"
        self.for_tests = for_tests

    def is_this_one(self) -> bool:
        return self.folder.exists() and self.folder.samefile(sys.prefix)

    def is_outdated(self) -> bool:
        try:
            lock, purpose = self.stamp.read_text().split()
        except (FileNotFoundError, ValueError):
            # Filled by hand: whoever runs in it knows; for others we look once.
            return not self.is_this_one()
        return lock != fingerprint_of_lock() or (self.for_tests and purpose != "tests")

    def fill(self) -> None:
        # What the tests need stays once it is there.
        with_tests = self.for_tests or (self.folder / "bin" / "pytest").exists()
        uv = find_uv()
        step("Installing what uv.lock names into .venv")
        done = run(
            [
                *(uv, "sync", "--frozen", "--inexact"),
                *("--python", sys.executable),
                *(() if with_tests else ("--no-dev",)),
            ],
            env=self.uv_settings(),
        )
        if done.returncode != 0:
            fail(
                "The packages could not be installed. Is the network there? Then try "
                f"again. uv said:\n\n{done.stdout.strip()}"
            )
        purpose = "tests" if with_tests else "up"
        self.stamp.write_text(f"{fingerprint_of_lock()} {purpose}\n")

    def uv_settings(self) -> Mapping[str, str]:
        settings = {
            **os.environ,
            "UV_PROJECT_ENVIRONMENT": str(self.folder),
            # The Python that started this is the one to use.
            "UV_PYTHON_DOWNLOADS": "never",
            # What the system trusts counts, as it does for pip. (The older name, too.)
            "UV_SYSTEM_CERTS": "1",
            "UV_NATIVE_TLS": "1",
        }
        settings.pop("VIRTUAL_ENV", None)
        if not os.access(Path.home(), os.W_OK):  # an account without a home
            settings.setdefault("UV_CACHE_DIR", str(TOOLS / "cache"))
        return settings


def fingerprint_of_lock() -> str:
    return hashlib.sha256((BASE_DIR / "uv.lock").read_bytes()).hexdigest()


def find_uv() -> str:
    """The uv on PATH; else one of our own, in a folder that nobody else looks into."""
    if on_path := shutil.which("uv"):
        return on_path
    own = (TOOLS / "venv" / "bin" / "uv", TOOLS / "packages" / "bin" / "uv")
    for program in own:
        if program.exists():
            return str(program)
    TOOLS.parent.mkdir(mode=0o700, exist_ok=True)
    TOOLS.mkdir(mode=0o700, exist_ok=True)
    step("Installing uv, for this folder only")
    refusals = []
    for install in (install_in_a_venv, install_in_a_folder):
        done = install()
        for program in own:
            if program.exists():
                return str(program)
        refusals.append(done.stdout.strip())
    fail(
        "uv could not be installed. Is the network there, and pip (Debian: apt install "
        "python3-pip)? Then try again; or install uv yourself: "
        "https://docs.astral.sh/uv/. This is what was said:\n\n" + "\n\n".join(refusals)
    )


def install_in_a_venv() -> "subprocess.CompletedProcess[str]":
    folder = TOOLS / "venv"
    made = run([sys.executable, "-m", "venv", "--clear", folder])
    if made.returncode != 0:  # Debian has ensurepip in a package of its own
        shutil.rmtree(folder, ignore_errors=True)
        return made
    return run([folder / "bin" / "python", "-m", "pip", "install", "--quiet", "uv"])


def install_in_a_folder() -> "subprocess.CompletedProcess[str]":
    """A Python that the system's own packages manage allows nothing else."""
    folder = TOOLS / "packages"
    return run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--target", folder, "uv"]
    )


def run(
    command: Sequence[str | Path], **options: Any
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command,
        cwd=BASE_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **options,
    )


def step(sentence: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {sentence} ...", flush=True)


def fail(sentence: str) -> NoReturn:
    sys.exit(f"\n{sentence}")
