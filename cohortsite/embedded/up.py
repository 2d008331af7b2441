"""The whole platform on this machine, on http://localhost and for this machine only.

    manage.py up [--port N] [--state FOLDER] [--no-demo] [--operator ADDRESS] [--fresh]

PostgreSQL, Valkey, roles and migrations, static files, the demo on the first run,
the Celery worker with its beat, the live stream, the web server: started in this
order, stopped in reverse. DATABASE_URL and REDIS_URL, when given, replace the first
two. For trying and for developing; production is `docker-compose.yml`.
"""

import argparse
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from cohortsite import roles
from cohortsite.embedded import Trouble, fingerprints, folders, ports, tether
from cohortsite.embedded.fingerprints import BASE_DIR
from cohortsite.embedded.postgres import KILL_SIGNAL, STOP_SIGNAL, Postgres
from cohortsite.embedded.state import State
from cohortsite.embedded.supervisor import Child, Interrupted, Supervisor
from cohortsite.embedded.valkey import Valkey

DATABASE = "cohortsite"
FIRST_PORT = 8000
# What one web process serves at a time; each of them holds a connection.
WEB_THREADS = 4
DEMO_ROLES = ("member", "facilitator", "lead", "reviewer", "funder")


def main() -> None:
    arguments = parse_arguments()
    os.umask(0o077)
    try:
        state = State(arguments.state)
        state.take()
        if arguments.fresh:
            start_anew(state, confirmed=arguments.yes)
        platform = Platform(state, port=choose_port(arguments.port))
    except Trouble as trouble:
        sys.exit(f"\n{trouble}")
    ending: str | int = 0
    try:
        platform.start(with_demo=not arguments.no_demo, operator=arguments.operator)
        platform.supervisor.watch()
    except Interrupted:
        pass
    except Trouble as trouble:
        ending = f"\n{trouble}"
    finally:
        platform.stop()
    sys.exit(ending)


def parse_arguments() -> argparse.Namespace:
    assert __doc__
    summary, _, details = __doc__.partition("\n\n")
    parser = argparse.ArgumentParser(
        prog="manage.py up",
        description=summary,
        epilog=details,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, help=f"instead of {FIRST_PORT}")
    parser.add_argument(
        "--state", type=Path, default=BASE_DIR / "var", help="instead of var/"
    )
    parser.add_argument("--no-demo", action="store_true", help="start empty")
    parser.add_argument(
        "--operator",
        metavar="ADDRESS",
        default="",
        help="a mail address that may sign in and begin programs",
    )
    parser.add_argument(
        "--fresh", action="store_true", help="remove what earlier runs left; asks first"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")
    return parser.parse_args()


def start_anew(state: State, *, confirmed: bool) -> None:
    what = f"the database, the mails and the uploads in {state.folder}"
    if not confirmed and not sys.stdin.isatty():
        raise Trouble(f"--fresh removes {what}. Add --yes if that is meant.")
    if not confirmed and not agreed(f"Remove {what}?", by_default=False):
        raise Trouble("Nothing was removed.")
    if "DATABASE_URL" not in os.environ:  # which is not ours to remove
        home = Postgres(state.folder / "postgres").footing.home  # maybe elsewhere
        shutil.rmtree(home)
    state.empty()


def choose_port(asked_for: int | None) -> int:
    """The port asked for, or the first free one from the usual on."""
    port = FIRST_PORT if asked_for is None else asked_for
    if not 0 < port < ports.LAST:  # one is left above it, for the live stream
        raise Trouble(f"There is no port {port}. Choose one up to {ports.LAST - 1}.")
    if ports.is_free(port):
        return port
    other = ports.next_free(port + 1)
    if sys.stdin.isatty():
        if agreed(f"Port {port} is taken. Use {other}?", by_default=True):
            return other
        raise Trouble(f"Port {port} is taken. Choose one with --port.")
    if asked_for:
        raise Trouble(f"Port {port} is taken. This one is free: --port {other}")
    print(f"Port {port} is taken, so this is port {other}.", flush=True)
    return other


def agreed(question: str, *, by_default: bool) -> bool:
    answer = input(f"{question} [{'Y/n' if by_default else 'y/N'}] ").strip().lower()
    return answer in ("y", "yes") if answer else by_default


class Platform:
    def __init__(self, state: State, *, port: int) -> None:
        self.state = state
        self.port = port
        self.live_port = ports.next_free(port + 1)
        self.url = f"http://{ports.name_of_this_machine()}:{port}"
        self.live_url = f"http://{ports.name_of_this_machine()}:{self.live_port}"
        state.url = self.url
        self.supervisor = Supervisor(on_change=state.note_running)
        self.say = partial(self.supervisor.log.say, "up")
        self.redis_url = ""
        # Where the one who may make roles signs in; the children get addresses below.
        self.superuser_url = ""
        self.url_of: Callable[[str], str]

    def start(self, *, with_demo: bool, operator: str = "") -> None:
        began = time.monotonic()
        self._start_database()
        self._start_valkey()
        with self._static_files_collected():  # meanwhile, as it takes a while
            self._prepare_database()
            self._fill_with_the_demo(wanted=with_demo)
            if operator:  # after the demo, which fills only where nobody is
                self._manage("operator", operator, "-v0")
        # They do not need one another: together they are ready sooner.
        for child in (self._start_worker(), self._start_live(), self._start_web()):
            self.supervisor.wait_for(child)
        self._welcome(took=time.monotonic() - began, operator=operator)

    def stop(self) -> None:
        self.say(f"stopping {self.supervisor.asked_by}".strip())
        began = time.monotonic()
        self.supervisor.stop()
        self.say(f"stopped ({time.monotonic() - began:.1f} s)")

    def _start_database(self) -> None:
        if given := os.environ.get("DATABASE_URL"):
            self._check_given_database(given)
            self.superuser_url = given
            self.url_of = partial(roles.as_role, given)
            return
        postgres = Postgres(self.state.folder / "postgres")
        self.supervisor.wait_for(
            self.supervisor.start(
                "postgres",
                postgres.launch(),
                ready=postgres.answers,
                foundation=True,
                stop_signal=STOP_SIGNAL,
                kill_signal=KILL_SIGNAL,
            )
        )
        with postgres.connect() as connection:
            known = connection.execute("SELECT datname FROM pg_database").fetchall()
            if (DATABASE,) not in known:
                connection.execute(f"CREATE DATABASE {DATABASE}")
        self.superuser_url = postgres.url(database=DATABASE)
        self.url_of = partial(postgres.url, database=DATABASE)

    def _check_given_database(self, url: str) -> None:
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.Error as error:
            raise Trouble(
                f"The database in DATABASE_URL does not answer: {error}\nCorrect the "
                "address, or take it away to use a database of our own."
            ) from error

    def _start_valkey(self) -> None:
        if given := os.environ.get("REDIS_URL"):
            self._check_given_valkey(given)
            self.redis_url = given
            return
        valkey = Valkey(self.state.folder / "valkey")
        self.supervisor.wait_for(
            self.supervisor.start(
                "valkey", valkey.launch(), ready=valkey.answers, foundation=True
            )
        )
        self.redis_url = valkey.url

    def _check_given_valkey(self, url: str) -> None:
        import redis  # 20 MB that an `up` with its own Valkey does without

        address = url.replace("redis+socket://", "unix://", 1)
        try:
            with redis.Redis.from_url(address, socket_connect_timeout=5) as client:
                client.ping()
        except redis.RedisError as error:
            raise Trouble(
                f"The server in REDIS_URL does not answer: {error}\nCorrect the "
                "address, or take it away to use a Valkey of our own."
            ) from error

    def _prepare_database(self) -> None:
        """Left out when our own database was prepared from the same sources."""
        fingerprint = fingerprints.of_database()
        ours = "DATABASE_URL" not in os.environ
        if ours and self.state.is_done("database", fingerprint):
            return
        self.say("making roles and tables")
        self._manage("roles", "--migrate", "-v0", database=self.superuser_url)
        self.state.mark_done("database", fingerprint)

    @contextmanager
    def _static_files_collected(self) -> Iterator[None]:
        fingerprint = fingerprints.of_static_files()
        if self.state.is_done("static", fingerprint):
            yield
            return
        self.say("preparing static files")
        step = self._begin("collectstatic", "--no-input", "--clear", "-v0")
        yield
        self.supervisor.finish(step)
        self.state.mark_done("static", fingerprint)

    def _fill_with_the_demo(self, *, wanted: bool) -> None:
        """Once, and only where nobody is yet. Whoever removes the demo has no more."""
        there_is_one = any(BASE_DIR.glob("*/management/commands/demo.py"))
        if not there_is_one or self.state.is_done("demo"):
            return
        if wanted and self._counts("TRUE") == 0:
            self.say("filling in the demo program")
            self._manage("demo", "-v0")
        self.state.mark_done("demo")

    def _counts(self, condition: str) -> int:
        """How many people there are of whom `condition` (SQL) is true."""
        query: Any = f"SELECT count(*) FROM people_user WHERE {condition}"
        with psycopg.connect(self.superuser_url) as connection:
            [(count,)] = connection.execute(query).fetchall()
        return count

    def _start_worker(self) -> Child:
        folder = folders.private(self.state.folder / "worker")
        ready = folder / "ready"
        ready.unlink(missing_ok=True)
        process = tether.start(
            [
                *(sys.executable, "-W", "ignore:You're running the worker with super"),
                *("-m", "celery", "--quiet", "-A", "cohortsite", "worker"),
                # One process that does everything; there is nobody else to greet.
                *("--pool", "solo", "--loglevel", "WARNING"),
                *("--without-gossip", "--without-mingle", "--without-heartbeat"),
            ],
            env={
                **self._environment(roles.WORKER),
                "BEAT_IN_WORKER": str(folder / "beat"),
                "WORKER_READY_FILE": str(ready),
            },
            cwd=BASE_DIR,
        )
        return self.supervisor.start("worker", process, ready=ready.exists)

    def _start_live(self) -> Child:
        return self._start_granian(
            "live",
            self.live_port,
            *("--interface", "asgi", "--factory", "--no-ws"),
            "cohortsite.live:from_environment",
            environment=self._environment(),
            path="/live/health",
        )

    def _start_web(self) -> Child:
        return self._start_granian(
            "web",
            self.port,
            *("--interface", "wsgi", "--blocking-threads", str(WEB_THREADS)),
            "cohortsite.wsgi:application",
            environment={
                **self._environment(roles.WEB),
                "DATABASE_POOL": str(WEB_THREADS),
            },
            path="/health/",
        )

    def _start_granian(
        self,
        name: str,
        port: int,
        *arguments: str,
        environment: Mapping[str, str],
        path: str,
    ) -> Child:
        process = tether.start(
            [
                *(sys.executable, "-m", "granian", "--workers", "1"),
                *("--host", ports.LOOPBACK, "--port", str(port)),
                *("--log-level", "warning", "--workers-kill-timeout", "2"),
                *arguments,
            ],
            env=environment,
            cwd=BASE_DIR,
        )
        return self.supervisor.start(
            name, process, ready=partial(ports.answers, port, path)
        )

    def _manage(self, command: str, *arguments: str, database: str = "") -> None:
        self.supervisor.finish(self._begin(command, *arguments, database=database))

    def _begin(self, command: str, *arguments: str, database: str = "") -> Child:
        environment = dict(self._environment(roles.WORKER))
        if database:
            environment["DATABASE_URL"] = database
        return self.supervisor.begin(
            command,
            [sys.executable, BASE_DIR / "manage.py", command, *arguments],
            env=environment,
        )

    def _environment(self, role: str = "") -> Mapping[str, str]:
        settings = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "cohortsite.settings",
            "COHORTSITE_EMBEDDED": "1",
            "COHORTSITE_STATE": str(self.state.folder),
            "SECRET_KEY": self.state.secret_key(),
            "ALLOWED_HOSTS": f"{ports.LOOPBACK},localhost",
            "SITE_URL": self.url,
            "LIVE_URL": self.live_url,
            "LIVE_ORIGINS": self.live_url,
            "REDIS_URL": self.redis_url,
            "EMAIL_BACKEND": "cohortsite.embedded.mail.Letterbox",
            "PYTHONUNBUFFERED": "1",
        }
        settings.pop("DATABASE_URL", None)  # the live stream knows no database
        if role:
            settings["DATABASE_URL"] = self.url_of(role)
        return settings

    def _welcome(self, *, took: float, operator: str) -> None:
        has_demo = self._counts("email = 'member@demo.example'")
        has_operator = self._counts("is_superuser")
        # From this line on somebody may pull out any plug, and we only watch.
        self.say(f"Cohortsite is ready at {self.url} ({took:.1f} s)")
        if has_demo:
            who = ", ".join(f"{role}@demo.example" for role in DEMO_ROLES)
            self.say(f"Sign in as one of {who}")
        elif not has_operator:
            self.say("Nobody may begin a program yet. Start with --operator you@...")
        if operator:
            self.say(f"Sign in as {operator} with the code that comes by mail")
        self.say(f"Its mails are at {self.url}/mailbox/ and Ctrl-C stops it")


if __name__ == "__main__":
    main()
