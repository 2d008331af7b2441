"""A person in a cohort."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people.models import Row

from .cohort import Cohort


class Role(models.TextChoices):
    MEMBER = "member", _("member")
    FACILITATOR = "facilitator", _("facilitator")


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> Self:
        return self.filter(left_at=None)

    def facilitators(self) -> Self:
        return self.filter(role=Role.FACILITATOR)


class Membership(Row):
    cohort = models.ForeignKey(
        Cohort, on_delete=models.CASCADE, related_name="memberships"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=12, choices=Role, default=Role.MEMBER)
    joined_at = models.DateTimeField(default=timezone.now)
    # Late joiners read nothing written before this moment. For the founding
    # circle it is the moment the cohort was made, whoever accepted first.
    reads_from = models.DateTimeField(default=timezone.now)
    left_at = models.DateTimeField(null=True, blank=True)
    # Something is asked of this person alone; higher apps know what. Saves everybody
    # else's pages the question, and is shown nowhere.
    asked_after = models.BooleanField(default=False)

    objects = MembershipQuerySet.as_manager()

    not_private = "who sits in a cohort is known to its program"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cohort", "person"],
                condition=Q(left_at=None),
                name="membership_once_at_a_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["person", "cohort"],
                include=["role", "reads_from"],
                condition=Q(left_at=None),
                name="membership_active",
            )
        ]

    class Privacy:
        whose = "person"
        export = ("role", "joined_at", "left_at")
        # The seat stays, so that counts of old sessions stay true; nobody sits in it.
        on_erase = {"left_at": Coalesce("left_at", Now())}

    @property
    def is_facilitator(self) -> bool:
        return self.role == Role.FACILITATOR
