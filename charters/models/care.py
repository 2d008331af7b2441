"""Where to go with harm: somebody outside the program."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cohorts.models import Program
from people.models import Edited, Row
from people.personal import NotPersonal


class CareContact(Edited, Row):
    """One for each program, told to everyone, signed in or not."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("who"), max_length=160)
    reach = models.TextField(_("how to reach them"), max_length=1_000)
    hours = models.CharField(_("when"), max_length=300, blank=True)
    tongues = models.CharField(_("in which languages"), max_length=300, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)

    not_private = "whoever needs it must find it, signed in or not"
    Privacy = NotPersonal("a place outside the program, published on purpose")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program"], name="care_one_per_program")
        ]
