"""A copy made as README says brings a house back, on a machine that has none."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from cohortsite.embedded.fingerprints import BASE_DIR
from cohortsite.embedded.postgres import Postgres, find_binaries
from tests.embedded.conftest import copy
from tests.embedded.running import Up
from tests.embedded.test_given_servers import Visitor

pytestmark = pytest.mark.platform

FILL = """
from django.test import Client
from cohorts.models import Appointment, Cohort, Membership, Program, appoint
from people.models import User

ada = User.objects.create_user("ada@example.org", called="Ada")
program = Program.objects.create(slug="riverbend", name="Riverbend")
appoint(ada, to=program, role=Appointment.Role.LEAD)
cohort = Cohort.objects.create(program=program, slug="birch", name="Birch")
seat = Membership.objects.create(cohort=cohort, person=ada)
client = Client()
client.force_login(ada)
print(client.cookies["sessionid"].value)
"""


def as_readme_says(program: str) -> list[str]:
    """What README gives this program to do."""
    readme = (BASE_DIR / "README.md").read_text()
    said = re.search(rf"db {program} (.+?) [<>] \S+\.dump", readme)
    assert said, f"README has no {program} any more"
    return shlex.split(said[1])


class House:
    """The database of one, which already has its roles and its tables."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.postgres = Postgres(state / "postgres")

    def __enter__(self) -> "House":
        self.postgres.start()
        return self

    def __exit__(self, *_) -> None:
        self.postgres.stop()

    def fill(self) -> str:
        """Somebody lives in it; returns the cookie of their browser."""
        said = subprocess.check_output(
            [sys.executable, "manage.py", "shell", "-v0", "-c", FILL],
            cwd=BASE_DIR,
            env={
                "PATH": os.environ["PATH"],
                "SECRET_KEY": (self.state / "secret_key").read_text(),
                "DATABASE_URL": self.postgres.url("web", "cohortsite"),
            },
            text=True,
        )
        return said.strip()

    def run(self, program: str, **pipes) -> None:
        subprocess.run(
            [
                *(find_binaries() / program, "--host", self.postgres.sockets),
                *as_readme_says(program),
            ],
            check=True,
            **pipes,
        )

    def inventory(self) -> dict[str, list]:
        """How many rows each table has, whose it is, and who may do what."""
        with self.postgres.connect(database="cohortsite") as connection:
            return _inventory(connection)


def _inventory(connection: psycopg.Connection) -> dict[str, list]:
    ask = connection.execute
    tables = ask(
        "SELECT relname, relowner::regrole::text, relacl::text, relrowsecurity"
        " FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'S') ORDER BY 1"
    ).fetchall()
    return {
        "tables": tables,
        "rows": [
            (name, ask(f'SELECT count(*) FROM "{name}"').fetchone())  # type: ignore[arg-type]
            for name, *_ in tables
        ],
        "extensions": ask("SELECT extname FROM pg_extension ORDER BY 1").fetchall(),
        "rights": ask(
            "SELECT defaclrole::regrole::text, defaclobjtype, defaclacl::text"
            " FROM pg_default_acl ORDER BY 1, 2"
        ).fetchall(),
    }


def test_what_was_copied_comes_back_whole_and_the_house_opens(prepared, tmp_path):
    copied = tmp_path / "cohortsite.dump"
    with House(copy(prepared, tmp_path / "old")) as old:
        session = old.fill()
        before = old.inventory()
        with copied.open("wb") as dump:
            old.run("pg_dump", stdout=dump)

    with House(copy(prepared, tmp_path / "new")) as new:
        with copied.open("rb") as dump:
            new.run("pg_restore", stdin=dump)
        after = new.inventory()
    with Up(new.state, "--no-demo") as up:
        up.wait_until_ready()
        status, page = Visitor(up.port, session=session).get("/c/birch/")

    assert after == before
    assert (status, "Birch" in page) == (200, True)


def test_the_compose_file_asks_for_what_the_example_names():
    compose = (BASE_DIR / "docker-compose.yml").read_text()
    example = (BASE_DIR / ".env.example").read_text()

    asked = set(re.findall(r"\$\{(\w+)", compose))
    named = set(re.findall(r"^#? ?(\w+)=", example, re.MULTILINE))
    files = re.findall(r"- \./(\S+?):", compose)

    assert asked == named
    assert [name for name in files if not (BASE_DIR / name).exists()] == []
