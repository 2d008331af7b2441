"""Fill in the demo program: people, circles, sessions, a library, evidence."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cohortsite.demo import filling
from people.refusal import Refused


class Command(BaseCommand):
    help = "Fill in the demo program. Where it stands already, nothing changes."

    def handle(self, **options: Any) -> None:
        try:
            filled = filling.fill(now=timezone.now())
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        if filled:
            said = "The demo program is filled in."
        else:
            said = "The demo program stands already; nothing was changed."
        if options["verbosity"]:
            self.stdout.write(said)
