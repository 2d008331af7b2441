from collections.abc import Sequence

from django.core.management.base import BaseCommand

from cohortsite.embedded.bootstrap import run_program


class Command(BaseCommand):
    help = "Run every test, or what the arguments say: they are those of pytest."

    def run_from_argv(self, argv: Sequence[str]) -> None:
        run_program("test", argv[2:])
