"""Start a program that cannot outlive the process that started it.

Linux tells a process when its parent dies, if it asked (`PR_SET_PDEATHSIG`). A
database server does not ask, so this file is started in its place, asks, and
becomes the server. It asks after giving up root, because the kernel forgets the
wish when the user changes; and it asks here rather than between fork and exec in
the parent, where other threads may hold locks.

The wish belongs to the thread that started the program: start them from the main
thread, or they go when the starting thread goes.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

PR_SET_PDEATHSIG = 1


class Account(NamedTuple):
    uid: int
    gid: int


def start(
    command: Sequence[str | Path],
    *,
    dies_by: signal.Signals = signal.SIGTERM,
    account: Account | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    output: int = subprocess.PIPE,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, as `account` if one is given.

    A session of its own keeps Ctrl-C in the terminal from reaching it directly:
    whoever started it decides in which order things stop.
    """
    return subprocess.Popen(
        [
            *(sys.executable, "-I", "-S", __file__),
            *(str(os.getpid()), str(dies_by.value)),
            f"{account.uid}:{account.gid}" if account else "-",
            *map(str, command),
        ],
        env=env,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def wait_until(
    ready: Callable[[], bool], process: subprocess.Popen[bytes], *, seconds: float
) -> bool:
    """Whether `process` became ready, within its lifetime and `seconds`."""
    give_up = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < give_up:
        if ready():
            return True
        time.sleep(0.02)
    return False


def main(parent: str, dies_by: str, account: str, *command: str) -> None:
    if account != "-":
        uid, gid = map(int, account.split(":"))
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(dies_by))
    if os.getppid() != int(parent):  # it died before we could ask
        sys.exit(1)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    main(*sys.argv[1:])
