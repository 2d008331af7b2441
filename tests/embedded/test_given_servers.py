"""With DATABASE_URL and REDIS_URL, and what pages say when those servers go."""

import http.client
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import pytest

from cohortsite.embedded.fingerprints import BASE_DIR
from cohortsite.embedded.postgres import Postgres
from cohortsite.embedded.valkey import Valkey
from tests.embedded.running import Up, wait_until

pytestmark = pytest.mark.platform


SIGN_ADA_IN = """
from django.test import Client
from people.models import User
ada = User.objects.create_user("ada@example.org", called="Ada")
client = Client()
client.force_login(ada)
print(client.cookies["sessionid"].value)
"""


class Given:
    """A PostgreSQL and a Valkey that somebody else runs, and `up` on top of them."""

    def __init__(self, home: Path, prepared: Path) -> None:
        self.postgres = Postgres(home / "postgres")
        self.postgres.start()
        self.valkey = Valkey(home / "valkey")
        self.valkey.start()
        with self.postgres.connect() as connection:
            connection.execute("CREATE ROLE landlord LOGIN CREATEROLE CREATEDB")
            connection.execute("CREATE DATABASE house OWNER landlord")
        self.env = {
            "DATABASE_URL": self.postgres.url("landlord", "house"),
            "REDIS_URL": self.valkey.url,
        }
        # Static files take a while, and are not the matter here.
        state = home / "state"
        shutil.copytree(prepared / "static", state / "static")
        (state / "done").mkdir()
        shutil.copy(prepared / "done" / "static", state / "done")
        self.up = Up(state, "--no-demo", env=self.env)

    def ask(self, question: str) -> list[tuple]:
        with self.postgres.connect(database="house") as connection:
            return connection.execute(question).fetchall()  # type: ignore[call-overload]

    def sign_ada_in(self) -> "Visitor":
        session = subprocess.check_output(
            [sys.executable, "manage.py", "shell", "-v0", "-c", SIGN_ADA_IN],
            cwd=BASE_DIR,
            env={
                "PATH": os.environ["PATH"],
                "SECRET_KEY": (self.up.state / "secret_key").read_text(),
                **self.env,
            },
            text=True,
        )
        return Visitor(self.up.port, session=session.strip())

    def stop(self) -> None:
        self.up.stop()
        self.valkey.stop()
        self.postgres.stop()


class Visitor:
    """A browser without JavaScript. It shows redirects instead of following them."""

    def __init__(self, port: int, *, session: str = "") -> None:
        self.port = port
        self.cookies = {"sessionid": session}

    def get(self, path: str) -> tuple[int, str]:
        return self._ask("GET", path)

    def send(self, page: str, path: str, **typed: str) -> tuple[int, str]:
        """Send the form in `page`: what is hidden in it, and what was typed."""
        hidden = re.findall(r'<input type="hidden" name="(.+?)" value="(.*?)"', page)
        return self._ask("POST", path, urlencode({**dict(hidden), **typed}))

    def _ask(self, method: str, path: str, body: str = "") -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request(
            method,
            path,
            body,
            {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"},
        )
        response = connection.getresponse()
        for line in response.headers.get_all("Set-Cookie", ()):
            self.cookies |= {k: v.value for k, v in SimpleCookie(line).items()}
        page = response.read().decode()
        connection.close()
        return response.status, page


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory, prepared: Path) -> Iterator[Given]:
    given = Given(tmp_path_factory.mktemp("given"), prepared)
    try:
        given.up.wait_until_ready()
        yield given
    finally:
        given.stop()


def test_the_servers_given_are_used_and_none_of_our_own_started(given):
    commands = " ".join(given.up.children().values())
    owners = given.ask(
        "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
    )

    assert "postgres -D" not in commands
    assert "valkey-server" not in commands
    assert owners == [("owner",)]


def test_what_is_posted_while_postgresql_is_away_can_be_sent_again(given):
    ada = given.sign_ada_in()
    _, page = ada.get("/language/")
    given.postgres.stop()
    status, sorry = ada.send(page, "/language/?next=/", language="fr")
    given.postgres.start()
    wait_until(lambda: ada.get("/health/")[0] == 200, "the pages back", seconds=20)
    again, _ = ada.send(sorry, "/language/?next=/")

    assert status == 503
    assert '<input type="hidden" name="language" value="fr">' in sorry
    assert again == 302
    assert given.ask("SELECT language FROM people_user") == [("fr",)]


def test_what_is_posted_while_valkey_is_away_can_be_sent_again(given):
    stranger = Visitor(given.up.port)
    _, page = stranger.get("/sign-in/")
    given.valkey.stop()
    status, sorry = stranger.send(page, "/sign-in/", email="ada@example.org")
    given.valkey.start()
    again, _ = stranger.send(sorry, "/sign-in/")

    assert status == 503
    assert '<input type="hidden" name="email" value="ada@example.org">' in sorry
    assert again == 302
