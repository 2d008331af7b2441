from collections.abc import Sequence

from django.core.management.base import BaseCommand

from cohortsite.embedded.bootstrap import run_program


class Command(BaseCommand):
    help = "Start the whole platform on this machine. `up --help` says more."

    def run_from_argv(self, argv: Sequence[str]) -> None:
        run_program("up", argv[2:])
