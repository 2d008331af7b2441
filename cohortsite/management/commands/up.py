"""`manage.py up`: the whole platform on this machine. See `cohortsite.embedded.up`."""

import os
import sys
from collections.abc import Sequence

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Start the whole platform on this machine (--help says more)."

    def run_from_argv(self, argv: Sequence[str]) -> None:
        # In another process: it stays as long as the platform runs, and has no use
        # for the Django that this one carries.
        module = "cohortsite.embedded.up"
        os.execv(sys.executable, [sys.executable, "-m", module, *argv[2:]])
