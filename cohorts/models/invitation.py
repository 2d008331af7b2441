"""A seat offered to somebody, on its way."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from people.visibility import PrivateQuerySet

from .application import Application
from .confidentiality import FacilitatorsAndLeads
from .membership import Membership, Role


class InvitationQuerySet(PrivateQuerySet):
    def waiting(self) -> Self:
        """Neither answered nor taken back; it may have run out meanwhile."""
        return self.filter(accepted_at=None, declined_at=None, revoked_at=None)

    def live(self, moment: datetime) -> Self:
        return self.waiting().filter(expires_at__gt=moment)


class Invitation(FacilitatorsAndLeads):
    """Only the hash of its link is kept. It dies when used, taken back or run out."""

    role = models.CharField(max_length=12, choices=Role, default=Role.MEMBER)
    email = models.EmailField(_("mail address"))
    called = models.CharField(_("name"), max_length=300, blank=True)
    language = models.CharField(max_length=10, blank=True)
    application = models.ForeignKey(
        Application, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # One of the circle that began the cohort: reads it from its first day.
    founding = models.BooleanField(default=False)
    # Whose seat or task it takes over, and whether that person stays as a member.
    in_place_of = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    old_one_stays = models.BooleanField(default=False)
    token_hash = models.CharField(max_length=64, unique=True)
    # Counts the links: a new one makes the older ones void.
    links_made = models.PositiveSmallIntegerField(default=1)
    made_at = models.DateTimeField(default=now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    sent_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    # Words of the person who declined, for those who invited.
    note = models.TextField(max_length=2000, blank=True)
    membership = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = InvitationQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "cohort",
                Lower("email"),
                condition=Q(accepted_at=None, declined_at=None, revoked_at=None),
                name="invitation_one_waiting_for_an_address",
            ),
            models.CheckConstraint(
                name="invitation_ends_one_way",
                condition=Q(accepted_at=None, declined_at=None)
                | Q(accepted_at=None, revoked_at=None)
                | Q(declined_at=None, revoked_at=None),
            ),
            models.CheckConstraint(
                name="invitation_accepted_with_a_seat",
                condition=Q(accepted_at=None, membership=None)
                | Q(accepted_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                Lower("email"),
                condition=Q(accepted_at=None, declined_at=None, revoked_at=None),
                name="invitation_waiting",
            )
        ]

    class Privacy:
        whose = "membership__person"
        export = ("email", "called", "made_at", "accepted_at")
        on_erase = "delete"

    def state_at(self, moment: datetime) -> str:
        if self.accepted_at:
            return "accepted"
        if self.declined_at:
            return "declined"
        if self.revoked_at:
            return "revoked"
        return "expired" if self.expires_at <= moment else "waiting"

    @property
    def state(self) -> str:
        return self.state_at(now())

    def is_live(self, moment: datetime) -> bool:
        return self.state_at(moment) == "waiting"

    def secret(self) -> str:
        """The 256 bits in the link, made anew from the house's key each time.

        So a letter that is written twice carries the same link, and the database
        alone betrays none.
        """
        made = salted_hmac(
            "cohorts.invitation", f"{self.pk}:{self.links_made}", algorithm="sha256"
        )
        return urlsafe_b64encode(made.digest()).decode().rstrip("=")


def hash_of_link(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
