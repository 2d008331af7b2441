"""How long the two commands take, and how much memory the platform needs at rest.

    python3 benchmarks/ground.py [--json FILE] [--python PYTHON] [--cold-cache]

Works on a clone of what is committed here, in a temporary folder, so that the first
start is a first one.
"""

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
GOALS = {
    "up, cold (s)": 90,
    "up, warm (s)": 8,
    "stop (s)": 5,
    "memory at rest (MB)": 400,
    "test, cold, one module (s)": 90,
}
# Long enough for the worker to have ticked, and for everybody to have settled.
REST_SECONDS = 20
ONE_MODULE = "tests/cohortsite/test_roles.py"


class Up:
    """One run of `up`, as somebody with a stopwatch sees it."""

    def __init__(self, command: list[str], *, cwd: Path, env: dict[str, str]) -> None:
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def seconds_until_ready(self) -> float:
        assert self.process.stdout
        said = []
        for line in self.process.stdout:
            said.append(line)
            if "is ready at" in line:
                return time.monotonic() - self.began
        sys.exit("".join(said))

    def megabytes(self) -> dict[str, float]:
        """By proportional set size: memory that processes share is counted once."""
        sizes = {}
        for pid in family(self.process.pid):
            command = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            sizes[f"{pid} {command.strip()[-70:]}"] = (
                int(rollup.split("\nPss:")[1].split()[0]) / 1024
            )
        return sizes

    def seconds_to_stop(self) -> float:
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.communicate()
        return time.monotonic() - began


def cpu_seconds() -> float:
    """Of every child that has ended, theirs too. It says more on a busy machine."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def family(pid: int) -> list[int]:
    """`pid` and everything that it started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(below for child in children for below in family(int(child)))]


def measure(
    python: str, clone: Path, env: dict[str, str], *arguments: str
) -> tuple[dict[str, float], dict[str, float]]:
    """Seconds and megabytes by name; and the megabytes of each process."""
    found = {}
    command = [python, "manage.py", "up", "--port", "18000", *arguments]
    first = Up(command, cwd=clone, env=env)
    found["up, cold (s)"] = first.seconds_until_ready()
    first.seconds_to_stop()
    found["up, cold (CPU s)"] = cpu_seconds()
    second = Up(command, cwd=clone, env=env)
    found["up, warm (s)"] = second.seconds_until_ready()
    time.sleep(REST_SECONDS)
    sizes = second.megabytes()
    found["memory at rest (MB)"] = sum(sizes.values())
    found["stop (s)"] = second.seconds_to_stop()
    found["up, warm (CPU s)"] = cpu_seconds() - found["up, cold (CPU s)"]
    for temperature in ("cold", "warm"):
        began = time.monotonic()
        subprocess.run(
            [python, "manage.py", "test", "-q", ONE_MODULE],
            cwd=clone,
            env=env,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        found[f"test, {temperature}, one module (s)"] = time.monotonic() - began
    return found, sizes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--python", default="python3")
    parser.add_argument(
        "--cold-cache", action="store_true", help="let uv fetch everything again"
    )
    parser.add_argument("--no-demo", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "cohortsite"
        subprocess.run(["git", "clone", "-q", BASE_DIR, clone], check=True)
        env = dict(os.environ)
        if arguments.cold_cache:
            env["UV_CACHE_DIR"] = f"{folder}/cache"
        extra = ["--no-demo"] if arguments.no_demo else []
        found, sizes = measure(arguments.python, clone, env, *extra)
    for name, value in found.items():
        goal = f"goal: under {GOALS[name]}" if name in GOALS else ""
        print(f"{name:30} {value:7.1f}  {goal}")
    print()
    for name, size in sorted(sizes.items(), key=lambda item: -item[1]):
        print(f"{size:7.1f} MB  {name}")
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
