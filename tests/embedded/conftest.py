"""One running platform for the tests that look; copies for those that break it."""

import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.embedded.running import Up


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder that `up` has filled, and left by Ctrl-C."""
    if sys.platform != "linux":
        pytest.skip("looks into /proc")
    state = tmp_path_factory.mktemp("prepared")
    with Up(state, "--no-demo") as up:
        up.wait_until_ready()
        up.process.send_signal(signal.SIGINT)
        assert up.wait_for_its_end() == 0, up.log
    return state


def copy(prepared: Path, to: Path) -> Path:
    """What a start needs. A hurried stop may have left sockets behind."""
    return Path(
        shutil.copytree(
            prepared, to, ignore=shutil.ignore_patterns(".s.*", "*.sock", "*.pid")
        )
    )


@pytest.fixture
def state(prepared: Path, tmp_path: Path) -> Path:
    """A copy of it, to break."""
    return copy(prepared, tmp_path / "state")


@pytest.fixture(scope="session")
def platform(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """A running platform that nobody may break."""
    with Up(copy(prepared, tmp_path_factory.mktemp("platform") / "state")) as up:
        up.wait_until_ready()
        yield up


@pytest.fixture
def near_root() -> Iterator[Path]:
    """A folder with a path so short that sockets fit into it, open to everybody."""
    with tempfile.TemporaryDirectory(prefix="ground-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
