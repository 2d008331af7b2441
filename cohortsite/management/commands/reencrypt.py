from typing import Any

from django.core.management.base import BaseCommand, CommandError

from people.rekeying import rekey


class Command(BaseCommand):
    help = (
        "Bring words that rest encrypted under the first key in FIELD_KEYS. Run it "
        "after a new key was put in front; then the older ones may be taken out."
    )

    def handle(self, **options: Any) -> None:
        done = rekey()
        if options["verbosity"]:
            self.stdout.write(
                f"{done.changed} written anew, in {done.columns} columns."
            )
        if done.closed:
            raise CommandError(
                f"No key in FIELD_KEYS opens {done.closed} more. They are left as they "
                "are; put the key that wrote them back at the end of the list."
            )
