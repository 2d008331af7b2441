<<<<<<< HEAD
#!/usr/bin/env python
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cohortsite.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
=======
#!/usr/bin/env python3
"""Django's command line. Without Django, it first makes the environment it needs."""

import os
import runpy
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cohortsite.settings")
    # By its path: importing it from the package would import what is not there yet.
    bootstrap = HERE / "cohortsite" / "embedded" / "bootstrap.py"
    runpy.run_path(str(bootstrap))["ensure_environment"](HERE, sys.argv)

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
>>>>>>> 3946cb0 (Start a private PostgreSQL and Valkey, and run the tests on them as the role web)
