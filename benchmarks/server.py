"""A platform of its own for the benchmarks: database, Valkey, web server."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cohortsite import roles
from cohortsite.embedded import ports
from cohortsite.embedded.postgres import Postgres
from cohortsite.embedded.valkey import Valkey

BASE_DIR = Path(__file__).resolve().parent.parent


@contextmanager
def ground(state: Path) -> Iterator[dict[str, str]]:
    """An empty migrated database and a Valkey; yields the environment of the web."""
    postgres = Postgres(state / "postgres")
    valkey = Valkey(state / "valkey", keeps=False)
    postgres.start()
    valkey.start()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "cohortsite.settings",
        "COHORTSITE_EMBEDDED": "1",
        "COHORTSITE_STATE": str(state),
        "REDIS_URL": valkey.url,
        "DATABASE_URL": postgres.url(),
        "EMAIL_BACKEND": "cohortsite.embedded.mail.Letterbox",
    }
    try:
        manage("roles", "--migrate", "-v0", environment=environment)
        manage("collectstatic", "--no-input", "-v0", environment=environment)
        environment["DATABASE_URL"] = postgres.url(roles.WEB)
        yield environment
    finally:
        valkey.stop()
        postgres.stop()


def manage(*command: str, environment: dict[str, str]) -> None:
    subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", *command],
        cwd=BASE_DIR,
        env=environment,
        check=True,
    )


@contextmanager
def served(environment: dict[str, str]) -> Iterator[str]:
    """The pages behind the meter, on one worker and one thread; yields the address.

    One thread, so that CPU time belongs to one request at a time.
    """
    port = ports.next_free(8400)
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "granian", "--interface", "wsgi"),
            *("--host", "127.0.0.1", "--port", str(port), "--workers", "1"),
            *("--blocking-threads", "1", "--log-level", "warning"),
            "benchmarks.wsgi:application",
        ],
        cwd=BASE_DIR,
        env={**environment, "SITE_URL": url, "DATABASE_POOL": "2"},
    )
    try:
        _wait_until_it_answers(process, url)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait_until_it_answers(process: subprocess.Popen, url: str) -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"{url}/health/", timeout=2).read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("The web server was never ready.")
