"""The Chromium that browser tests drive."""

import os
import shutil
import subprocess
from functools import cache

from cohortsite.embedded.fingerprints import BASE_DIR

NPM_PACKAGE = "@sparticuz/chromium"
# No sandbox: the tests may run as root in a container, and open only our own pages.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@cache
def find_chromium() -> str | None:
    """Its path: CHROMIUM, else the system's, else the one of the npm package."""
    if named := os.environ.get("CHROMIUM"):
        return named
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    return _from_npm()


def _from_npm() -> str | None:
    node = shutil.which("node")
    if not node or not (BASE_DIR / "node_modules" / NPM_PACKAGE).is_dir():
        return None
    # The package holds a compressed program and unpacks it when asked for its path.
    script = (
        f"import chromium from '{NPM_PACKAGE}';"
        "console.log(await chromium.executablePath())"
    )
    answer = subprocess.run(
        [node, "--input-type=module", "-e", script],
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.stdout.strip() or None
