"""Somebody outside the circle whom its charter may name as one to turn to."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cohorts.models import CohortShared, Membership
from people.models import Once
from people.personal import NotPersonal
from people.visibility import PrivateQuerySet


class OutsideContactQuerySet(PrivateQuerySet):
    def standing(self) -> Self:
        return self.filter(struck_at=None)


class OutsideContact(Once, CohortShared):
    """A clause names it by its key, so that versions hold no address of anybody.

    It is never edited: another number is another contact, and the circle consents to
    it anew. Struck out it loses its words at once, in old versions too.
    """

    name = models.CharField(_("who"), max_length=160)
    role = models.CharField(_("for what, or as what"), max_length=160, blank=True)
    reach = models.TextField(_("how to reach them"), max_length=1_000)
    tongues = models.CharField(_("in which languages"), max_length=300, blank=True)
    hours = models.CharField(_("when"), max_length=300, blank=True)
    added_by = models.ForeignKey(
        Membership, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    added_at = models.DateTimeField(default=timezone.now)
    # They asked to be named no more, or the circle does not need them any longer.
    struck_at = models.DateTimeField(null=True, blank=True)

    objects = OutsideContactQuerySet.as_manager()  # type: ignore[misc]

    Privacy = NotPersonal(
        "somebody without an account, who said yes; struck out on ask"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["added_by", "client_key"], name="outside_contact_once"
            ),
            models.CheckConstraint(
                name="outside_contact_struck_has_no_words",
                condition=Q(struck_at=None)
                | Q(name="", role="", reach="", tongues="", hours=""),
            ),
        ]
        indexes = [
            models.Index(
                fields=["cohort", "added_at"], name="outside_contact_of_cohort"
            )
        ]
