"""With DATABASE_URL and REDIS_URL, and what pages say when those servers go."""

import http.client
import re
import shutil
from collections.abc import Iterator
from datetime import date
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from cohortsite.embedded.postgres import Postgres
from cohortsite.embedded.valkey import Valkey
from tests.embedded.running import Up, descendants, still_running, wait_until
from tests.embedded.walking import PHONE, come_back, seat_ada, signed_in_as

pytestmark = pytest.mark.platform
NEXT_YEAR = f"{date.today().year + 1}-01-15"


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
        session = seat_ada(self.up.state, self.env)
        return Visitor(self.up.port, session=session)

    def kill(self, server: str) -> None:
        """By `kill -9`, with everything below it."""
        process = getattr(self, server).process
        children = [process.pid, *descendants(process.pid)]
        process.kill()
        process.wait(20)
        wait_until(lambda: not still_running(children), f"{server} gone")

    def revive(self, server: str) -> None:
        getattr(self, server).start()
        ada = Visitor(self.up.port)
        wait_until(lambda: ada.get("/health/")[0] == 200, "the pages back")

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


FORMS = {
    "check-in": ("/c/birch/check-ins/new/", {"edge": "Without {server}"}),
    "promise": (
        "/c/birch/promises/make/",
        {"promise": "Call {server}", "due_on": NEXT_YEAR},
    ),
}
ROWS = {
    "check-in": "SELECT edge FROM cohort_sessions_checkin",
    "promise": "SELECT promise FROM cohort_sessions_commitment",
}


@pytest.mark.parametrize("kind", ["check-in", "promise"])
@pytest.mark.parametrize("server", ["postgres", "valkey"])
def test_posted_while_a_server_is_killed_it_comes_in_once(given, server, kind):
    """Without a script: what was typed stands in the answer, to be sent again."""
    address, typed = FORMS[kind]
    typed = {name: words.format(server=server) for name, words in typed.items()}
    before = given.ask(ROWS[kind])
    ada = given.sign_ada_in()
    _, page = ada.get(address)

    given.kill(server)
    status, answer = ada.send(page, address, **typed)
    given.revive(server)
    if status == 503:
        assert "send it again" in answer
        assert all(f'value="{words}"' in answer for words in typed.values())
        status, _ = ada.send(answer, address)
    twice, _ = ada.send(page, address, **typed)

    # Valkey only knocks at open pages: a check-in does not wait for it.
    assert (status, twice) == (302, 302)
    [words] = list(typed.values())[:1]
    assert given.ask(ROWS[kind]) == [*before, (words,)]


@pytest.mark.browser
@pytest.mark.parametrize("server", ["postgres", "valkey"])
def test_a_check_in_waits_on_the_phone_while_a_server_is_killed(given, browser, server):
    before = given.ask(ROWS["check-in"])
    url = f"http://127.0.0.1:{given.up.port}"
    session = seat_ada(given.up.state, given.env)
    with signed_in_as(browser, url, session, viewport=PHONE) as phone:
        phone.goto("/c/birch/check-ins/new/")

        given.kill(server)
        phone.locator("[name=edge]").fill(f"Beyond {server}")
        phone.locator("form:has([name=edge]) button").first.click()
        if server == "postgres":
            expect(phone.locator("#outbox li")).to_have_count(1)
        given.revive(server)
        wait_until(
            lambda: come_back(phone) or given.ask(ROWS["check-in"]) != before,
            "the check-in",
            pause=0.5,
        )
        other_tab = phone.context.new_page()
        other_tab.goto("/c/birch/check-ins/")

        expect(
            other_tab.locator("main").get_by_text(f"Beyond {server}")
        ).to_be_visible()
        expect(other_tab.locator("#outbox")).to_be_hidden()
    assert given.ask(ROWS["check-in"]) == [*before, (f"Beyond {server}",)]
