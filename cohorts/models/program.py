"""One organiser's offer, and the people appointed to run it."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from people.models import Row, User, validate_zone
from people.personal import NotPersonal


class Program(Row):
    """Shared purpose, languages and time expectation; holds intakes and cohorts."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    purpose = models.TextField(_("purpose"), max_length=2000, blank=True)
    languages = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    timezone = models.CharField(
        max_length=64, default="UTC", validators=[validate_zone]
    )
    # What taking part costs, told before anybody applies.
    hours_per_month = models.DecimalField(
        _("hours a month"), max_digits=4, decimal_places=1, default=6
    )
    contact_email = models.EmailField(_("who to write to"), blank=True)
    is_demo = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(default=now)

    not_private = "what a program offers is told to everyone"
    Privacy = NotPersonal("describes an offer, not a person")


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def active(self) -> Self:
        return self.filter(ended_at=None)


class Appointment(Row):
    """A person's task in a program: lead, reviewer, funder or third party."""

    class Role(models.TextChoices):
        LEAD = "lead", _("program lead")
        REVIEWER = "reviewer", _("reviewer")
        FUNDER = "funder", _("funder")
        THIRD_PARTY = "third_party", _("third party for repair")

    program = models.ForeignKey(
        Program, on_delete=models.CASCADE, related_name="appointments"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="appointments"
    )
    role = models.CharField(max_length=12, choices=Role)
    appointed_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = AppointmentQuerySet.as_manager()

    not_private = "who runs a program is known in it"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "person", "role"],
                condition=Q(ended_at=None),
                name="appointment_once_at_a_time",
            )
        ]

    class Privacy:
        whose = "person"
        export = ("role", "appointed_at", "ended_at")
        on_erase = "delete"


def appoint(
    person: User, *, to: Program, role: str, at: datetime | None = None
) -> Appointment:
    """Give `person` a task in the program; asking again changes nothing."""
    appointment, _made = Appointment.objects.get_or_create(
        program=to,
        person=person,
        role=role,
        ended_at=None,
        defaults={"appointed_at": at or now()},
    )
    return appointment
