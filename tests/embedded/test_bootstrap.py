"""Before there is a Django: what `manage.py` does with nothing but Python."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cohortsite.embedded import bootstrap
from cohortsite.embedded.bootstrap import BASE_DIR, Environment, fingerprint_of_lock


@pytest.fixture
def somebody_elses(tmp_path: Path) -> Environment:
    """A `.venv` that this process does not run in."""
    return Environment(tmp_path / ".venv", for_tests=False)


def fill(environment: Environment, *, lock: str, purpose: str) -> None:
    environment.folder.mkdir(exist_ok=True)
    environment.stamp.write_text(f"{lock} {purpose}\n")


def test_a_missing_environment_is_outdated(somebody_elses):
    assert somebody_elses.is_outdated()


def test_one_filled_from_this_lock_is_not(somebody_elses):
    fill(somebody_elses, lock=fingerprint_of_lock(), purpose="up")

    assert not somebody_elses.is_outdated()


def test_one_filled_from_another_lock_is(somebody_elses):
    fill(somebody_elses, lock="another", purpose="tests")

    assert somebody_elses.is_outdated()


def test_one_filled_for_up_lacks_what_the_tests_need(somebody_elses):
    fill(somebody_elses, lock=fingerprint_of_lock(), purpose="up")
    somebody_elses.for_tests = True

    assert somebody_elses.is_outdated()


def test_one_filled_by_hand_is_left_to_whoever_runs_in_it():
    by_hand = Environment(Path(sys.prefix), for_tests=True)
    if by_hand.stamp.exists():
        pytest.skip("this one was filled by manage.py")

    assert not by_hand.is_outdated()


def test_without_network_it_names_the_remedy(tmp_path):
    checkout = tmp_path / "checkout"
    for name in ("manage.py", "uv.lock", "cohortsite/embedded/bootstrap.py"):
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(BASE_DIR / name, checkout / name)
    # A Python without any package, not even pip.
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True
    )

    up = subprocess.run(
        [tmp_path / "bare" / "bin" / "python", checkout / "manage.py", "up"],
        env={
            "HOME": str(tmp_path),
            "PATH": str(tmp_path),  # no uv
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_INDEX_URL": "http://127.0.0.1:1/simple",
            "PIP_RETRIES": "0",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert up.returncode == 1
    assert "Installing uv, for this folder only" in up.stdout
    assert "uv could not be installed. Is the network there" in up.stderr
    assert "Traceback" not in up.stderr


def test_an_older_python_gets_a_sentence():
    for version in ("3.10", "3.9", "3.8"):
        older = shutil.which(f"python{version}")
        if older and subprocess.run([older, "-c", ""], check=False).returncode == 0:
            break
    else:
        pytest.skip("no older Python here")

    up = subprocess.run(
        [older, BASE_DIR / "manage.py", "up"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert up.stderr.startswith(
        f"Cohortsite needs Python 3.11 or newer, and this is {version}."
    )


def test_both_commands_are_listed_where_people_look():
    commands = BASE_DIR / "cohortsite" / "management" / "commands"

    assert {
        name for name in bootstrap.PROGRAMS if (commands / f"{name}.py").exists()
    } == {"up", "test"}
