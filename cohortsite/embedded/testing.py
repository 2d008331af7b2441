"""What the tests stand on, as a pytest plugin: a database, a Valkey, a browser.

`uv run pytest` and `manage.py test` are the same thing through it. Before Django
reads its settings the plugin starts a private PostgreSQL, keeps one migrated
template in it from run to run, and gives every test process a copy of its own. Tests
connect as the role `web`: a suite that runs as owner or superuser proves nothing
about who may read what.

Simultaneous runs of one checkout each find a place of their own under `var/test`.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import redis
from psycopg import sql

from cohortsite import roles
from cohortsite.embedded import Trouble, fingerprints
from cohortsite.embedded.browser import find_chromium
from cohortsite.embedded.fingerprints import BASE_DIR
from cohortsite.embedded.postgres import FORGETFUL, Postgres
from cohortsite.embedded.valkey import Valkey

TEMPLATE_PREFIX = "cohortsite_template_"
# What the first process of a run on several processes tells the others.
PLACE = "COHORTSITE_TEST_PLACE"
SERVER = "COHORTSITE_TEST_SERVER"
SERVER_IS_OURS = "COHORTSITE_TEST_SERVER_IS_OURS"
TEMPLATE = "COHORTSITE_TEST_TEMPLATE"


class Ground:
    """What one pytest process stands on. The first process starts the database."""

    def __init__(self) -> None:
        self.name = os.environ.get("PYTEST_XDIST_WORKER", "main")
        self.database = f"run_{os.getpid()}_{self.name}"
        self.lock: IO[str] | None = None
        self.postgres: Postgres | None = None
        self.valkey: Valkey | None = None

    def prepare(self) -> None:
        """Have everything ready, and tell the settings before they are read."""
        if self.name == "main":
            self._start_database()
        place = Path(os.environ[PLACE])
        self.valkey = Valkey(place / f"valkey-{self.name}", keeps=False)
        self.valkey.start()
        os.environ["REDIS_URL"] = self.valkey.url
        os.environ["DATABASE_URL"] = address(self.database, role=roles.WEB)
        os.environ["COHORTSITE_EMBEDDED"] = "1"
        os.environ["PREPARED_STRICTLY"] = "1"
        state = place / f"state-{self.name}"
        shutil.rmtree(state, ignore_errors=True)
        (state / "static").mkdir(parents=True)  # WhiteNoise warns of a missing one
        os.environ["COHORTSITE_STATE"] = str(state)
        # Playwright leaves an event loop in the main thread. Django takes that for
        # asynchronous code and would refuse every query after a browser test.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

    def clone_database(self) -> None:
        run_sql("CREATE DATABASE {} TEMPLATE {}", self.database, os.environ[TEMPLATE])

    def drop_database(self) -> None:
        run_sql("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.database)

    def empty_valkey(self) -> None:
        assert self.valkey
        with redis.Redis(unix_socket_path=str(self.valkey.socket)) as client:
            client.flushall()

    def stop(self) -> None:
        if self.valkey:
            self.valkey.stop()
        if self.postgres:
            self.postgres.stop()
        if self.lock:
            self.lock.close()

    def _start_database(self) -> None:
        self.lock = find_free_place()
        place = Path(self.lock.name).parent
        os.environ[PLACE] = str(place)
        given = os.environ.get("DATABASE_URL")
        os.environ[SERVER_IS_OURS] = "" if given else "yes"
        if given:
            os.environ[SERVER] = given
        else:
            self.postgres = start_postgres(place / "postgres")
            os.environ[SERVER] = self.postgres.url()
            for name in [*databases("run_"), *databases("unfinished_")]:
                run_sql("DROP DATABASE {} WITH (FORCE)", name)  # of a killed run
        os.environ[TEMPLATE] = find_or_make_template()


def find_free_place() -> IO[str]:
    """The lock of the first folder under `var/test` that no other run is using."""
    for number in range(1, 33):
        place = BASE_DIR / "var" / "test" / str(number)
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (place / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
        else:
            return lock
    raise Trouble("More than thirty test runs are under way in this checkout.")


def start_postgres(home: Path) -> Postgres:
    """It forgets what the power takes, so a cluster that broke is made anew."""
    postgres = Postgres(home, settings=FORGETFUL)
    try:
        postgres.start()
    except Trouble:
        postgres.stop()
        shutil.rmtree(postgres.data, ignore_errors=True)
        postgres.start()
    return postgres


def find_or_make_template() -> str:
    """The migrated database to copy from: an earlier run's, if nothing changed."""
    wanted = TEMPLATE_PREFIX + fingerprints.of_database()
    known = databases(TEMPLATE_PREFIX)
    if wanted in known:
        return wanted
    if os.environ[SERVER_IS_OURS]:
        for outdated in known:
            run_sql("DROP DATABASE {}", outdated)
    unfinished = f"unfinished_{os.getpid()}"
    run_sql("DROP DATABASE IF EXISTS {} WITH (FORCE)", unfinished)
    run_sql("CREATE DATABASE {}", unfinished)
    migrated = subprocess.run(
        [sys.executable, "manage.py", "roles", "--migrate", "-v0"],
        cwd=BASE_DIR,
        env={**os.environ, "DATABASE_URL": address(unfinished)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if migrated.returncode != 0:
        raise Trouble(f"The test database could not be migrated.\n{migrated.stdout}")
    with psycopg.connect(address(unfinished), autocommit=True) as connection:
        # Tests that commit clean up by TRUNCATE; elsewhere `web` may not.
        connection.execute("GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO web")
    run_sql("ALTER DATABASE {} RENAME TO {}", unfinished, wanted)
    return wanted


def address(database: str, *, role: str = "") -> str:
    """Where `database` is, for `role`, or for whoever may make databases there."""
    server = urlsplit(os.environ[SERVER])._replace(path=f"/{database}")
    if not role:
        return urlunsplit(server)
    if os.environ[SERVER_IS_OURS]:
        host = server.netloc.rpartition("@")[2]
        return urlunsplit(server._replace(netloc=f"{role}@{host}"))
    return roles.as_role(urlunsplit(server), role)


def databases(prefix: str) -> list[str]:
    with psycopg.connect(os.environ[SERVER]) as connection:
        found = connection.execute("SELECT datname FROM pg_database").fetchall()
    return [name for (name,) in found if name.startswith(prefix)]


def run_sql(statement: str, *names: str) -> None:
    with psycopg.connect(os.environ[SERVER], autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


# --- What pytest calls ----------------------------------------------------------

ground = pytest.StashKey[Ground]()
without_browser = pytest.StashKey[int]()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Around the same hook of pytest-django, which reads the settings."""
    early_config.stash[ground] = Ground()
    try:
        early_config.stash[ground].prepare()
    except Trouble as trouble:
        raise pytest.UsageError(str(trouble)) from trouble
    return (yield)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    from django.conf import settings

    # Hashed names need a collectstatic, and slow password hashes are for attackers.
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {
            "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        },
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Only now, after pytest-django: the later `django_db_setup` is the one in force.
    config.pluginmanager.import_plugin("cohortsite.embedded.fixtures")


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Without a browser, leave out what needs one; the last line says so."""
    if find_chromium():
        return
    left_out = [item for item in items if item.get_closest_marker("browser")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    config.stash[without_browser] = len(left_out)


def pytest_unconfigure(config: pytest.Config) -> None:
    if ground in config.stash:
        config.stash[ground].stop()
    if "PYTEST_XDIST_WORKER" not in os.environ and not find_chromium():
        count = config.stash.get(without_browser, None)
        print(
            f"\n!!! BROWSER TESTS DID NOT RUN{f' ({count} of them)' if count else ''}: "
            "no Chromium was found. Install it (Debian: apt install chromium) or give "
            "its path in CHROMIUM."
        )
