"""Compile the message files, on machines without GNU gettext too."""

from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management.base import BaseCommand


def compiled(source: Path) -> bytes:
    """What Django reads, made from a message file; what is untranslated is left out."""
    made = BytesIO()
    with source.open("rb") as messages:
        write_mo(made, read_po(messages, locale=source.parent.parent.name))
    return made.getvalue()


class Command(BaseCommand):
    help = "Compile locale/*/LC_MESSAGES/django.po after translating."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        for folder in settings.LOCALE_PATHS:
            for source in sorted(Path(folder).rglob("*.po")):
                source.with_suffix(".mo").write_bytes(compiled(source))
                self.stdout.write(f"compiled {source.parent.parent.name}")
