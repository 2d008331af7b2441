#!/usr/bin/env python3
"""Django's command line, which first makes sure that there is a Django."""

import os
import runpy
import sys
import warnings

HERE = os.path.dirname(os.path.abspath(__file__))


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - an older one gets a sentence
        sys.exit(
            "Cohortsite needs Python 3.11 or newer, and this is {}.{}. Start it with a "
            "newer one, for example: python3.11 {}".format(
                sys.version_info[0], sys.version_info[1], " ".join(sys.argv)
            )
        )
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cohortsite.settings")
    # By its path: the package itself imports what may not be there yet.
    bootstrap = os.path.join(HERE, "cohortsite", "embedded", "bootstrap.py")
    runpy.run_path(bootstrap)["ensure_environment"](sys.argv)

    from django.core.management import execute_from_command_line

    # Whether a migration is missing can be asked without a database, too.
    warnings.filterwarnings("ignore", "Got an error checking a consistent migration")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
