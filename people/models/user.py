"""A person with an account."""

from __future__ import annotations

from datetime import time
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import (
    AbstractBaseUser,
    BaseUserManager,
    PermissionsMixin,
)
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from .base import Row


def validate_zone(name: str) -> None:
    """Refuse a name that the time zone database does not know."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValidationError(_("Choose a place from the list.")) from error


class UserManager(BaseUserManager["User"]):
    def create_user(
        self, email: str, password: str | None = None, **fields: Any
    ) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)  # None: unusable, sign-in by mailed code
        user.save(using=self._db)
        return user

    def create_superuser(
        self, email: str, password: str | None = None, **fields: Any
    ) -> User:
        return self.create_user(
            email, password, is_staff=True, is_superuser=True, **fields
        )

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(Row, AbstractBaseUser, PermissionsMixin):
    """Who somebody is, and how they like to be met."""

    class Theme(models.TextChoices):
        SYSTEM = "", _("Like my device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    email = models.EmailField(_("mail address"), unique=True)
    called = models.CharField(_("what should we call you?"), max_length=80, blank=True)
    full_name = models.CharField(_("full name, if needed"), max_length=160, blank=True)
    pronouns = models.CharField(
        _("how to speak of you"),
        max_length=60,
        blank=True,
        help_text=_("One line in your own words, or nothing."),
    )
    language = models.CharField(
        _("language of the pages"),
        max_length=10,
        blank=True,
        choices=settings.LANGUAGES,
    )
    languages = ArrayField(
        models.CharField(max_length=35),
        verbose_name=_("languages you think in"),
        default=list,
        blank=True,
    )
    timezone = models.CharField(
        _("your place, for the time of day"),
        max_length=64,
        default="UTC",
        validators=[validate_zone],
    )
    # 336 digits, half-hours from Monday 00:00 in the person's zone, comfort 0 to 3.
    availability = models.CharField(max_length=336, blank=True)
    # Digits, Monday 0; nothing means: as usual where they live (people.working).
    working_days = models.CharField(_("working days"), max_length=7, blank=True)
    away_from = models.DateField(_("away from"), null=True, blank=True)
    away_until = models.DateField(_("away until"), null=True, blank=True)
    theme = models.CharField(
        _("colours"), max_length=5, blank=True, choices=Theme, default=Theme.SYSTEM
    )
    quiet_from = models.TimeField(_("quiet from"), default=time(19))
    quiet_until = models.TimeField(_("quiet until"), default=time(7))
    # Monday is 0; None means no day off.
    day_off = models.SmallIntegerField(
        _("one quiet day"), null=True, blank=True, default=6
    )
    digest_day = models.SmallIntegerField(_("day of the digest"), default=0)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=now)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    not_private = "names are shown to those who share a cohort or a program"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"), name="user_email_unique_in_any_case"
            ),
            models.CheckConstraint(
                name="user_weekdays_are_weekdays",
                condition=models.Q(digest_day__range=(0, 6))
                & (models.Q(day_off=None) | models.Q(day_off__range=(0, 6))),
            ),
            models.CheckConstraint(
                name="user_works_on_weekdays",
                condition=models.Q(working_days__regex=r"^[0-6]{0,7}$"),
            ),
            models.CheckConstraint(
                name="user_comes_back",
                condition=models.Q(away_from=None, away_until=None)
                | models.Q(away_from__lte=models.F("away_until")),
            ),
        ]

    class Privacy:
        whose = "self"
        export = (
            "email",
            "called",
            "full_name",
            "pronouns",
            "language",
            "languages",
            "timezone",
            "availability",
            "working_days",
            "away_from",
            "away_until",
            "theme",
            "quiet_from",
            "quiet_until",
            "day_off",
            "digest_day",
            "date_joined",
        )
        on_erase: ClassVar[dict[str, Any]] = {
            "email": "erased-{pk}@invalid",
            "called": "",
            "full_name": "",
            "pronouns": "",
            "languages": [],
            "availability": "",
            "working_days": "",
            "away_from": None,
            "away_until": None,
            "is_active": False,
        }

    def __str__(self) -> str:
        return f"person {self.pk}"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def name(self) -> str:
        """What others call this person."""
        return self.called or self.full_name or str(_("someone"))

    @property
    def initials(self) -> str:
        words = (self.called or self.full_name).split()
        if len(words) == 1 and self.full_name:
            words = [words[0], *self.full_name.split()[1:]]
        return "".join(word[0] for word in [*words[:1], *words[1:][-1:]]).upper() or "·"

    @property
    def tint(self) -> str:
        """One of the four bead colours, always the same for a person."""
        return ("", "b", "c", "d")[self.pk.int % 4]

    def get_full_name(self) -> str:
        return self.full_name or self.called

    def get_short_name(self) -> str:
        return self.name
