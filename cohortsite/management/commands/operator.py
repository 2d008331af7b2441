from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from people.models import User


class Command(BaseCommand):
    help = (
        "Let somebody run this house: begin programs and look after accounts. They "
        "sign in by a code sent to their mail address, and read nothing of a cohort."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="their mail address")

    def handle(self, *, address: str, **options: Any) -> None:
        address = address.strip().lower()
        try:
            validate_email(address)
        except ValidationError as error:
            raise CommandError(f"{address!r} is not a mail address.") from error
        person = User.objects.filter(email__iexact=address).first()
        if person is None:
            User.objects.create_superuser(address)
        else:
            person.is_staff = person.is_superuser = True
            person.save(update_fields=["is_staff", "is_superuser"])
        if options["verbosity"]:
            self.stdout.write(f"{address} may begin programs.")
