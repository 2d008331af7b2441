"""Folders nobody else can look into, and sockets with names short enough."""

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from cohortsite.embedded import Trouble
from cohortsite.embedded.tether import Account

# A socket's whole path must fit into 104 bytes (macOS; Linux has 108) with its
# closing NUL. The longest name we put into a folder is PostgreSQL's.
LONGEST_SOCKET_PATH = 103
LONGEST_SOCKET_NAME = "/.s.PGSQL.5432.lock"


def private(folder: Path, *, account: Account | None = None) -> Path:
    """Make sure that `folder` exists, is ours, and is closed to everybody else."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Trouble(
            f"{folder} cannot be a folder: {error.strerror}. Choose another place "
            "with --state."
        ) from error
    found = folder.lstat()
    ours = {os.geteuid(), account.uid if account else os.geteuid()}
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in ours:
        raise Trouble(
            f"{folder} belongs to somebody else. Remove it, or choose another place "
            "with --state."
        )
    folder.chmod(0o700)
    if account:
        os.chown(folder, *account)
    return folder


def for_sockets(home: Path, *, account: Account | None = None) -> Path:
    """A private folder for the sockets of what lives in `home`.

    That is `home` itself, unless its path is too long for a socket: then a folder
    in the system's temporary one, under a name that `home` always gives again.
    """
    if len(os.fsencode(home)) + len(LONGEST_SOCKET_NAME) <= LONGEST_SOCKET_PATH:
        return private(home, account=account)
    name = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    short = Path(tempfile.gettempdir(), f"cohortsite-{os.geteuid()}-{name}")
    if len(os.fsencode(short)) + len(LONGEST_SOCKET_NAME) > LONGEST_SOCKET_PATH:
        short = Path("/tmp", short.name)
    return private(short, account=account)
