"""Copies that have left their cohort, one table for each audience.

A copy is made from a chosen edition. Editing the original changes nothing here
until it is published again; withdrawing removes the copy.
"""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cohorts.models import ProgramShared
from people.models import Row
from people.personal import NotPersonal

from .resource import Described


class Audience(models.TextChoices):
    """How far a copy travels, from near to far."""

    PROGRAM = "program", _("everyone in this program")
    NETWORK = "network", _("everyone signed in here")
    PUBLIC = "public", _("everyone, without signing in")


class Copy(Described):
    slug = models.SlugField(max_length=80, unique=True)
    # The resource it was copied from: a key only, for its readers may not read it.
    original = models.UUIDField(unique=True)
    edition = models.PositiveIntegerField()
    attribution = models.CharField(_("who it is from"), max_length=300)
    licence = models.CharField(max_length=40, default="CC BY 4.0")
    parent = models.UUIDField(null=True, blank=True)  # the copy it was adapted from
    root = models.UUIDField(db_index=True)  # the first of its family
    published_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True


PUBLISHED = "published by its author, with the consent of those it names"


class ProgramCopy(ProgramShared, Copy):
    Privacy = NotPersonal(PUBLISHED)

    class Meta:
        indexes = [
            GinIndex(fields=["search"], name="program_copy_search"),
            models.Index(fields=["-published_at"], name="program_copy_newest"),
        ]


class NetworkCopy(Row, Copy):
    not_private = "shared with everyone who has an account"
    Privacy = NotPersonal(PUBLISHED)

    class Meta:
        indexes = [
            GinIndex(fields=["search"], name="network_copy_search"),
            models.Index(fields=["-published_at"], name="network_copy_newest"),
        ]


class PublicCopy(Row, Copy):
    not_private = "public"
    funder_may_read = True
    Privacy = NotPersonal(PUBLISHED)

    class Meta:
        indexes = [
            GinIndex(fields=["search"], name="public_copy_search"),
            models.Index(fields=["-published_at"], name="public_copy_newest"),
        ]


COPIES: dict[str, type[ProgramCopy] | type[NetworkCopy] | type[PublicCopy]] = {
    Audience.PROGRAM: ProgramCopy,
    Audience.NETWORK: NetworkCopy,
    Audience.PUBLIC: PublicCopy,
}
