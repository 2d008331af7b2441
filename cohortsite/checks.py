"""What `check --deploy` asks before strangers are let in."""

from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from cohortsite.roles import WEB, WORKER


@register("cohortsite", deploy=True)
def ready_for_production(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.EMBEDDED:
        found.append(
            Error(
                "This is the embedded platform, for one machine and its owner.",
                hint="Take COHORTSITE_EMBEDDED away, and bring servers of your own: "
                "docker-compose.yml shows how.",
                id="cohortsite.E001",
            )
        )
    if settings.SECRET_KEY == settings.EMBEDDED_SECRET_KEY:
        found.append(
            Error(
                "SECRET_KEY is the one that everybody can read in the source.",
                hint="Set SECRET_KEY in the environment.",
                id="cohortsite.E002",
            )
        )
    if settings.SECRET_KEY in settings.FIELD_KEYS:
        found.append(
            Error(
                "FIELD_KEYS is not set: words at rest hang on SECRET_KEY.",
                hint="Set FIELD_KEYS in the environment to a secret of its own.",
                id="cohortsite.E005",
            )
        )
    address = urlsplit(settings.DATABASE_URL)
    user = address.username or ""
    puts_on_a_role = "-c role=" in unquote(address.query)
    if user not in (WEB, WORKER) and not puts_on_a_role:
        found.append(
            Error(
                f"The database is used as {user!r}, who may do more than a page needs.",
                hint=f"Let DATABASE_URL name the role {WEB!r} or {WORKER!r}; "
                "`manage.py roles` makes them.",
                id="cohortsite.E003",
            )
        )
    if not settings.HTTPS:
        found.append(
            Error(
                "SITE_URL does not begin with https://.",
                hint="Cookies would travel in the open.",
                id="cohortsite.E004",
            )
        )
    return found
