"""How each person wants to be reached: purpose by purpose, how and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from .base import Row


class Purpose(models.TextChoices):
    """Why a message is sent; each person chooses how and when for each."""

    ACCOUNT = "account", _("My account and my applications")
    SESSION = "session", _("Meetings: they begin, they move")
    PROMISE = "promise", _("Something I promised falls due")
    REQUEST = "request", _("Somebody asks me for something")
    DECISION = "decision", _("The group decides something")
    UPDATE = "update", _("News: check-ins, promises kept, adaptations")
    THANKS = "thanks", _("Somebody thanks me")
    CARE = "care", _("Care: harm, safety, a facilitator's call")


class How(models.TextChoices):
    MAIL = "mail", _("by mail")
    NONE = "none", _("not at all; it waits on Today")


class When(models.TextChoices):
    NOW = "now", _("at once, outside quiet hours")
    ALWAYS = "always", _("at once, at any hour")
    DAY = "day", _("in a digest, once a day")
    WEEK = "week", _("in the weekly digest")


@dataclass(frozen=True)
class Wish:
    """How and when one person wants messages of one purpose."""

    how: How
    when: When


# Quiet until somebody waits for you.
DEFAULTS = {
    Purpose.ACCOUNT: Wish(How.MAIL, When.ALWAYS),
    Purpose.SESSION: Wish(How.MAIL, When.NOW),
    Purpose.PROMISE: Wish(How.MAIL, When.NOW),
    Purpose.REQUEST: Wish(How.MAIL, When.NOW),
    Purpose.DECISION: Wish(How.MAIL, When.NOW),
    Purpose.UPDATE: Wish(How.MAIL, When.WEEK),
    Purpose.THANKS: Wish(How.MAIL, When.WEEK),
    Purpose.CARE: Wish(How.MAIL, When.NOW),
}


class NoticePreference(Row):
    """One row where a person chose something else than the default."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    purpose = models.CharField(max_length=20, choices=Purpose)
    how = models.CharField(max_length=10, choices=How, default=How.MAIL)
    when = models.CharField(max_length=10, choices=When, default=When.NOW)

    not_private = "how somebody likes to be reached: read by the outbox and by them"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "purpose"], name="one_wish_per_purpose"
            ),
            models.CheckConstraint(
                name="notice_purpose_is_known",
                condition=models.Q(purpose__in=Purpose.values),
            ),
        ]

    class Privacy:
        whose = "person"
        export = ("purpose", "how", "when")
        on_erase = "delete"


class AddressStop(Row):
    """An address without an account that asked for silence about one purpose."""

    address = models.EmailField()
    purpose = models.CharField(max_length=20, choices=Purpose)

    not_private = "an address that wants no mail; read by the outbox only"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("address"), "purpose", name="one_stop_per_address"
            ),
        ]

    class Privacy:
        # Of people who have no account, so no path leads to a person.
        whose = ()
        export = ()
        on_erase = "keep"
        why = "forgetting that an address wants silence would begin the mails again"


def wishes_of(people: Any) -> dict[Any, dict[Purpose, Wish]]:
    """What each of these people (or their keys) chose, the defaults filled in.

    One query for all of them.
    """
    keys = [getattr(person, "pk", person) for person in people]
    found: dict[Any, dict[Purpose, Wish]] = {key: dict(DEFAULTS) for key in keys}
    for row in NoticePreference.objects.filter(person__in=keys):
        found[row.person_id][Purpose(row.purpose)] = Wish(How(row.how), When(row.when))
    return found


def set_wish(person: Any, purpose: Purpose, wish: Wish) -> None:
    NoticePreference.objects.update_or_create(
        person=person, purpose=purpose, defaults={"how": wish.how, "when": wish.when}
    )
