"""What has been released: figures that are already safe, and nothing else.

These two tables are the only ones, beside public pages, that the database lets
the role `funder` read. They hold words and rounded numbers, never a key of a
row in a cohort.
"""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cohorts.models import Program
from people.models import Row
from people.personal import NotPersonal


class ReleaseQuerySet(models.QuerySet["Release"]):
    def standing(self) -> Self:
        return self.filter(withdrawn_at=None)


class Release(Row):
    """One snapshot of a program's figures. Never edited; withdrawn or followed."""

    # Words of the program are copied: its own table stays closed to funders.
    program_id = models.UUIDField(db_index=True)
    program_slug = models.SlugField(max_length=60)
    program_name = models.CharField(max_length=120)
    number = models.PositiveIntegerField()
    period_from = models.DateField()
    period_to = models.DateField()
    released_at = models.DateTimeField(default=timezone.now)
    threshold = models.PositiveSmallIntegerField()  # K: smaller groups stay hidden
    rounding = models.PositiveSmallIntegerField()
    receipt = models.JSONField(default=dict)  # rules, audit, hidden cells: no values
    unknowns = models.TextField(_("what we do not know"), max_length=4000, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = ReleaseQuerySet.as_manager()

    not_private = "released: already safe for funders"
    funder_may_read = True
    Privacy = NotPersonal("figures about groups, suppressed before they are written")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program_id", "number"], name="release_number"
            ),
            models.CheckConstraint(
                name="release_threshold_protects",
                condition=Q(threshold__gte=5, rounding__gte=5),
            ),
        ]


class Figure(Row):
    """One cell of a released table, as everybody sees it."""

    class Shown(models.TextChoices):
        VALUE = "value"
        # One reason for all: to say which cell is the small one would help to
        # work it out.
        SMALL = "small", _("too few people, or it could reveal too few")

    release = models.ForeignKey(
        Release, on_delete=models.CASCADE, related_name="figures"
    )
    table = models.CharField(max_length=40)
    row = models.CharField(max_length=160)
    column = models.CharField(max_length=160, blank=True)
    position = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=13)
    shown = models.CharField(max_length=10, choices=Shown, default=Shown.VALUE)
    value = models.IntegerField(null=True)
    out_of = models.IntegerField(null=True)
    is_total = models.BooleanField(default=False)

    not_private = "released: already safe for funders"
    funder_may_read = True
    Privacy = NotPersonal("figures about groups, suppressed before they are written")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["release", "table", "row", "column"], name="figure_cell"
            ),
            # A hidden cell holds nothing that could be read by mistake.
            models.CheckConstraint(
                name="figure_hidden_holds_no_value",
                condition=Q(shown="value") | Q(value=None, out_of=None),
            ),
        ]
        indexes = [
            models.Index(
                fields=["release", "table", "position"], name="figure_in_order"
            )
        ]


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    def open(self, now: Any) -> Self:
        return self.filter(revoked_at=None, expires_at__gt=now)


class ShareLink(Row):
    """A secret address of a program's released figures. Only its hash is kept."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    for_whom = models.CharField(_("who it is for"), max_length=120)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)

    objects = ShareLinkQuerySet.as_manager()

    not_private = "opens what is released; listed for the program's leads alone"

    class Privacy:
        whose = "made_by"
        export = ("for_whom", "made_at", "expires_at")
        on_erase = {"made_by": None}
