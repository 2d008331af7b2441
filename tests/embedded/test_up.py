"""`manage.py up`, really started: in good order, in bad, and after a crash."""

import os
import shutil
import signal
import socket
import stat
import sys
import sysconfig
import tempfile
import urllib.request
from collections.abc import Iterable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from cohortsite.embedded import ports
from cohortsite.embedded.fingerprints import BASE_DIR
from cohortsite.embedded.postgres import Postgres, is_reachable
from cohortsite.embedded.up import FIRST_PORT
from cohortsite.embedded.valkey import Valkey
from tests.embedded.running import Up, still_running, wait_until
from tests.embedded.walking import come_back, seat_ada, signed_in_as

pytestmark = pytest.mark.platform


def test_it_serves_pages_and_the_stream_and_opens_no_other_port(platform):
    port = platform.port

    assert status_of(f"http://127.0.0.1:{port}/health/") == 200
    assert status_of(f"http://127.0.0.1:{port + 1}/live/health") == 200
    assert listening_ports(platform.children()) == {port, port + 1}


def test_what_it_keeps_is_closed_to_everybody_else(platform):
    state = platform.state
    kept = [state, state / "postgres", state / "valkey" / "valkey.sock"]

    assert [path for path in [*kept, state / "secret_key"] if is_open(path)] == []


def test_a_second_one_says_that_the_first_is_running_and_where(platform):
    with Up(platform.state) as second:
        code = second.wait_for_its_end()

    assert code == 1
    assert f"already running at http://localhost:{platform.port} " in second.log


def test_a_taken_port_is_left_alone_and_another_is_offered(state):
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        taken = somebody.getsockname()[1]
        with Up(state, "--port", str(taken)) as up:
            code = up.wait_for_its_end()

    assert code == 1
    assert f"Port {taken} is taken. This one is free: --port " in up.log


def test_at_a_terminal_it_asks_before_it_takes_another_port(state):
    keyboard, terminal = os.openpty()
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        taken = somebody.getsockname()[1]
        with Up(state, "--port", str(taken), stdin=terminal) as up:
            os.write(keyboard, b"n\n")
            code = up.wait_for_its_end()
    os.close(keyboard)
    os.close(terminal)

    assert code == 1
    assert f"Port {taken} is taken. Use " in up.log


def test_without_a_wish_for_a_port_the_next_free_one_is_taken(state):
    with socket.socket() as somebody:
        try:
            somebody.bind(("127.0.0.1", FIRST_PORT))
            somebody.listen()
        except OSError:
            pass  # somebody else holds it already: just as well
        with Up(state) as up:
            up.wait_until_ready()

    assert up.port != FIRST_PORT
    assert f"Port {FIRST_PORT} is taken, so this is port {up.port}." in up.log


def test_a_port_of_the_newer_kind_of_address_counts_as_taken_too():
    try:
        somebody = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no such addresses")
    with somebody:
        assert not ports.is_free(somebody.getsockname()[1])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--port", "0"], "There is no port 0."),
        (["--port", "99999"], "There is no port 99999."),
        (["--state", "/dev/null/x"], "/dev/null/x cannot be a folder: Not a directory"),
        (["--state", __file__], "cannot be a folder: File exists."),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(tmp_path, arguments, sentence):
    with Up(tmp_path / "state", *arguments) as up:
        code = up.wait_for_its_end()

    assert code == 1
    assert sentence in up.log
    assert "Traceback" not in up.log


@pytest.mark.parametrize("address", ["nonsense", "postgres://x@127.0.0.1:1/y"])
def test_so_is_a_database_address_that_leads_nowhere(tmp_path, address):
    with Up(tmp_path / "state", env={"DATABASE_URL": address}) as up:
        code = up.wait_for_its_end()

    assert code == 1
    assert "The database in DATABASE_URL does not answer: " in up.log
    assert "Traceback" not in up.log


def test_starting_anew_wants_to_be_meant(state):
    with Up(state, "--fresh") as up:
        code = up.wait_for_its_end()

    assert code == 1
    assert "Add --yes if that is meant." in up.log
    assert (state / "postgres" / "data" / "PG_VERSION").exists()


def test_a_killed_one_leaves_nothing_running_and_the_next_starts(state):
    with Up(state) as first:
        first.wait_until_ready()
        children = first.children()
        first.process.kill()
        wait_until(lambda: not still_running(children), "all gone", seconds=10)
    with Up(state) as second:
        second.wait_until_ready()

    assert len(children) >= 6


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_it_stops_when_told_in_under_five_seconds(state, number):
    with Up(state) as up:
        up.wait_until_ready()
        children = up.children()
        up.process.send_signal(number)
        code = up.wait_for_its_end()

    assert code == 0
    assert float(up.wait_for("stopped (").split("(")[1].split()[0]) < 5
    assert still_running(children) == []


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("web", "cohortsite.wsgi"),
        ("postgres", "postgres -D"),
        ("valkey", "valkey-server"),
    ],
)
def test_when_one_dies_all_go_with_its_last_words(state, name, command):
    with Up(state) as up:
        up.wait_until_ready()
        children = up.children()
        os.kill(next(pid for pid in children if command in children[pid]), 9)
        code = up.wait_for_its_end()

    assert code == 1
    assert f"{name} died. Its last lines:" in up.log
    assert still_running(children) == []


@pytest.mark.browser
def test_what_is_written_while_all_are_down_comes_in_once_when_they_are_back(
    state, browser
):
    """The worker is killed, and all go; a phone keeps a check-in until they return."""
    port = str(ports.next_free(20_000 + os.getpid() % 20_000))
    postgres = Postgres(state / "postgres")
    house = postgres.url(database="cohortsite")
    with Up(state, "--port", port) as up:
        up.wait_until_ready()
        children = up.children()
        redis = Valkey(state / "valkey").url
        session = seat_ada(state, {"DATABASE_URL": house, "REDIS_URL": redis})
        with signed_in_as(browser, f"http://127.0.0.1:{port}", session) as phone:
            phone.goto("/c/birch/check-ins/new/")
            os.kill(next(pid for pid in children if "celery" in children[pid]), 9)
            code = up.wait_for_its_end()
            phone.locator("[name=edge]").fill("Nobody home")
            phone.locator("form:has([name=edge]) button").first.click()
            expect(phone.locator("#outbox li")).to_have_count(1)

            def written() -> list[tuple]:
                question = "SELECT edge FROM cohort_sessions_checkin"
                with postgres.connect(database="cohortsite") as connection:
                    return connection.execute(question).fetchall()

            with Up(state, "--port", port) as again:
                again.wait_until_ready()
                wait_until(
                    lambda: come_back(phone) or written(), "the check-in", pause=0.5
                )
                other_tab = phone.context.new_page()
                other_tab.goto("/c/birch/check-ins/")
                expect(other_tab.get_by_text("Nobody home")).to_be_visible()
                expect(other_tab.locator("#outbox")).to_be_hidden()
                once = written()

    assert (code, once) == (1, [("Nobody home",)])
    assert "worker died. Its last lines:" in up.log


@pytest.mark.skipif(os.geteuid() != 0, reason="the others ran as one already")
def test_it_runs_as_an_ordinary_user_in_a_folder_closed_to_others(prepared):
    python = python_for_everybody()
    with tempfile.TemporaryDirectory(dir="/tmp") as home:
        state = Path(home) / "state"
        shutil.copytree(prepared / "static", state / "static")
        # Their Python may be a little older than ours: redis-py then asks for this.
        shim = Path(home) / "shim" / "async_timeout.py"
        shim.parent.mkdir()
        shim.write_text("from asyncio import timeout")
        for path in (Path(home), *Path(home).rglob("*")):
            shutil.chown(path, "nobody")
        with Up(
            state,
            "--no-demo",
            command=("setpriv", "--reuid=nobody", "--clear-groups", *python),
            env={
                "HOME": home,
                "PYTHONPATH": f"{sysconfig.get_path('purelib')}:{shim.parent}",
            },
        ) as up:
            up.wait_until_ready()
            owners = {Path(f"/proc/{pid}").owner() for pid in up.children()}

    assert owners == {"nobody"}


def python_for_everybody() -> tuple[str | Path, ...]:
    """A Python of our version that others can run too, and its command line."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for found in (sys.executable, f"/usr/bin/{name}", f"/usr/local/bin/{name}"):
        if Path(found).exists() and is_reachable(Path(found)):
            return found, BASE_DIR / "manage.py"
    pytest.skip(f"no {name} here that an ordinary user could run")


def status_of(url: str) -> int:
    with urllib.request.urlopen(url, timeout=10) as response:
        return response.status


def is_open(path: Path) -> bool:
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def listening_ports(pids: Iterable[int]) -> set[int]:
    """TCP ports that one of these processes listens on."""
    sockets = set()
    for pid in pids:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            sockets.add(os.readlink(descriptor))
    found = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, _, state, *_, inode = line.split()[:10]
        if state == "0A" and f"socket:[{inode}]" in sockets:
            found.add(int(local.split(":")[1], 16))
    return found
