"""`manage.py test` is pytest: the arguments are pytest's own."""

import os
import sys
from collections.abc import Sequence

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Run every test, or those that the arguments name (they are pytest's)."

    def run_from_argv(self, argv: Sequence[str]) -> None:
        # Another process: this one has read its settings, and the tests' plugin
        # must speak before that.
        os.chdir(settings.BASE_DIR)
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-m", "pytest", *argv[2:]])
