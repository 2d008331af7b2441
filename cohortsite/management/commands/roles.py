"""Make the database's roles; with --migrate, its tables too, owned by `owner`."""

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from cohortsite import roles


class Command(BaseCommand):
    help = (
        "Make the database roles, their rights and the extensions. DATABASE_URL must "
        "name a superuser, or the database's owner with CREATEROLE. Passwords for the "
        "logins come from OWNER_PASSWORD, WEB_PASSWORD and WORKER_PASSWORD."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--migrate",
            action="store_true",
            help="migrate as `owner` before granting `funder` its tables",
        )

    def handle(self, *args: Any, migrate: bool, verbosity: int, **options: Any) -> None:
        passwords = {
            role: os.environ.get(f"{role.upper()}_PASSWORD", "")
            for role in roles.LOGINS
        }
        try:
            roles.create(passwords=passwords)
        except roles.MayNotMakeRoles as refusal:
            raise CommandError(str(refusal)) from refusal
        if migrate:
            with roles.acting_as_owner():
                call_command(
                    "migrate", interactive=False, skip_checks=True, verbosity=verbosity
                )
        tables = roles.show_funders_what_they_may_read()
        if verbosity:
            self.stdout.write(
                f"Roles are in place; funders may read {len(tables)} tables."
            )
