"""Whether something has to be done again: did what it is made from change?"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent.parent


def of_database() -> str:
    """Another one whenever a migration, or what a role may read, might differ."""
    return _of(
        [
            *BASE_DIR.glob("*/migrations/*.py"),
            *BASE_DIR.glob("*/models/*.py"),
            BASE_DIR / "cohortsite" / "roles.py",
            BASE_DIR / "uv.lock",
        ]
    )


def of_static_files() -> str:
    static = (path for path in (BASE_DIR / "static").rglob("*") if path.is_file())
    return _of([*static, BASE_DIR / "uv.lock"])


def _of(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(str(file.relative_to(BASE_DIR)).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
