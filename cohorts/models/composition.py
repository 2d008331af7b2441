"""A proposal to argue with: who could sit with whom, and why.

Only the leads read it; those who are asked to sign read names and groups through
their own signature. Nothing here leaves with the people it seats: a published
composition becomes cohorts and invitations, and stays behind.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from people.models import Edited, Once
from people.visibility import PrivateQuerySet

from .application import Application
from .cohort import Cohort
from .confidentiality import ApplicantAndLeads, LeadsOnly
from .intake import Intake


class CompositionQuerySet(PrivateQuerySet):
    def standing(self) -> Self:
        """Those worth a look: set aside ones and failed ones left out."""
        return self.exclude(
            state__in=(Composition.State.SET_ASIDE, Composition.State.FAILED)
        )


class Composition(LeadsOnly, Edited, Once):
    """One arrangement of an intake's people. Several may stand side by side."""

    class State(models.TextChoices):
        COMPOSING = "composing", _("being composed")
        PROPOSED = "proposed", _("to be argued with")
        PUBLISHED = "published", _("published")
        SET_ASIDE = "set_aside", _("set aside")
        FAILED = "failed", _("could not be composed")

    intake = models.ForeignKey(Intake, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=9, choices=State, default=State.COMPOSING)
    # The same people, rules and seed give the same groups again.
    seed = models.PositiveIntegerField()
    # What was asked for; read through cohorts.seating.Asked.
    rules = models.JSONField(default=dict)
    # What is true of each group as it stands, kept so that the page need not weigh
    # everyone again; written with every move.
    facts = models.JSONField(default=dict)
    broken = models.PositiveIntegerField(default=0)
    # How far the search is, and in the end was; see cohorts.solving.
    progress = models.JSONField(default=dict)
    # When a worker last said that it is at it, and how many began.
    heard_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    # What somebody was satisfied with: the search ends once it has as much.
    enough = models.JSONField(null=True, blank=True)
    made_at = models.DateTimeField(default=now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)

    objects = CompositionQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["intake", "number"], name="composition_number_once"
            ),
            models.UniqueConstraint(
                fields=["intake"],
                condition=Q(state="published"),
                name="composition_published_once",
            ),
            models.UniqueConstraint(
                fields=["made_by", "client_key"], name="composition_made_once"
            ),
            models.CheckConstraint(
                name="composition_published_at_iff_published",
                condition=Q(state="published", published_at__isnull=False)
                | (~Q(state="published") & Q(published_at__isnull=True)),
            ),
        ]

    class Privacy:
        whose = "made_by"
        export = ("made_at",)
        on_erase = {"made_by": None}

    @property
    def is_open(self) -> bool:
        """Whether people may still be moved."""
        return self.state == self.State.PROPOSED

    @property
    def was_touched(self) -> bool:
        """Whether anybody was moved, held or brought in since it was found."""
        return self.edition != self.progress.get("edition")


class CompositionGroup(LeadsOnly):
    """A cohort to be: its name, and who will hold it."""

    composition = models.ForeignKey(
        Composition, on_delete=models.CASCADE, related_name="+"
    )
    position = models.PositiveSmallIntegerField()
    name = models.CharField(_("name"), max_length=120)
    facilitator_email = models.EmailField(_("who will hold it"), blank=True)
    # What it became.
    cohort = models.ForeignKey(
        Cohort, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["composition", "position"], name="composition_group_once"
            )
        ]

    class Privacy:
        whose = "composition__made_by"
        export = ()
        on_erase = "keep"
        why = "the name of a group; an address in it is erased with its invitation"


class Seat(LeadsOnly):
    """One person's place in an arrangement; no group means they wait."""

    composition = models.ForeignKey(
        Composition, on_delete=models.CASCADE, related_name="+"
    )
    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="+"
    )
    group = models.ForeignKey(
        CompositionGroup,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    pinned = models.BooleanField(default=False)
    # Why here, as codes; cohorts.reasons finds the words.
    because = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["composition", "application"], name="seat_once"
            )
        ]

    class Privacy:
        whose = "application__applicant"
        export = ()  # speaks of others too; where one sits stands in Membership
        on_erase = "delete"


class Move(LeadsOnly):
    """One move on the board, so that it can be taken back."""

    composition = models.ForeignKey(
        Composition, on_delete=models.CASCADE, related_name="+"
    )
    seat = models.ForeignKey(Seat, on_delete=models.CASCADE, related_name="+")
    came_from = models.ForeignKey(
        CompositionGroup, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    went_to = models.ForeignKey(
        CompositionGroup, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    # The other one, when two changed places.
    swapped_with = models.ForeignKey(
        Seat, null=True, on_delete=models.CASCADE, related_name="+"
    )
    moved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    moved_at = models.DateTimeField(default=now)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["composition", "-moved_at"])]

    class Privacy:
        whose = "moved_by"
        export = ("moved_at",)
        on_erase = {"moved_by": None}


class CompositionSignature(ApplicantAndLeads):
    """One person's word that an arrangement may be published, exactly as it stood."""

    class Answer(models.TextChoices):
        NONE = "", _("not yet")
        SIGNED = "signed", _("signed")
        REFUSED = "refused", _("not like this")

    audience = "the person asked and the program leads"
    applicant_path = "person"

    composition = models.ForeignKey(
        Composition, on_delete=models.CASCADE, related_name="+"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    asked_at = models.DateTimeField(default=now)
    answer = models.CharField(max_length=7, choices=Answer, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    # The arrangement it was given to; any move afterwards makes it void.
    arrangement = models.CharField(max_length=64, blank=True)
    note = models.TextField(_("what would mend it"), max_length=2000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["composition", "person"], name="composition_signed_once"
            ),
            models.CheckConstraint(
                name="composition_answer_with_its_moment",
                condition=Q(answer="", answered_at__isnull=True)
                | (~Q(answer="") & Q(answered_at__isnull=False)),
            ),
        ]

    class Privacy:
        whose = "person"
        export = ("asked_at", "answer", "answered_at", "note")
        on_erase = "delete"


def arrangement_hash(seats: Iterable[tuple[UUID, Any]]) -> str:
    """A name for who sits where: pairs of an application and its group, or None."""
    lines = sorted(f"{application} {group or '-'}" for application, group in seats)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
