"""What a cohort has learned, as it stands in the cohort."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager

from cohorts.models import CohortPrivate, Membership
from people.models import Edited, Once, Row
from people.personal import NotPersonal
from people.visibility import PrivateQuerySet

from .tag import Tagging


class Kind(models.TextChoices):
    INSIGHT = "insight", _("Insight")
    PLAYBOOK = "playbook", _("Playbook")
    TEMPLATE = "template", _("Template")


class ResourceQuerySet(PrivateQuerySet):
    def kept(self) -> Self:
        return self.filter(retired_at=None)


class Described(models.Model):
    """The fields that a resource and its published copies share."""

    kind = models.CharField(max_length=10, choices=Kind)
    title = models.CharField(_("title"), max_length=200)
    summary = models.CharField(_("in one or two sentences"), max_length=400, blank=True)
    body = models.TextField(_("text"), max_length=50_000, blank=True)  # Markdown
    language = models.CharField(max_length=10, default="en")
    sector = models.CharField(max_length=60, blank=True)
    region = models.CharField(max_length=60, blank=True)
    # Where it was learned, as words: the library stands below sessions.
    kept_from = models.CharField(max_length=200, blank=True)
    kept_on = models.DateField(null=True, blank=True)
    # The tags again, as words: lists and counts read them without a join.
    tag_names = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    # How it travelled: where it was made, what stayed and what changed on the way.
    place = models.CharField(_("place and year"), max_length=100, blank=True)
    stayed = models.CharField(_("what stayed"), max_length=300, blank=True)
    changed = models.CharField(_("what changed, and why"), max_length=600, blank=True)
    search = SearchVectorField(null=True, editable=False)

    class Meta:
        abstract = True


class Resource(CohortPrivate, Described, Edited, Once):
    """A resource in its cohort. What leaves it is a copy (`published.py`)."""

    author = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    # What it was adapted from: a resource of the same cohort, or a published copy
    # (by key: the copy may be withdrawn, and stands in one of three tables).
    source = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    source_copy = models.UUIDField(null=True, blank=True)
    source_title = models.CharField(max_length=200, blank=True)
    edited_at = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField(null=True, blank=True)

    tags = TaggableManager(through="library.ResourceTagging", related_name="+")

    objects = ResourceQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["author", "client_key"], name="resource_once"
            )
        ]
        indexes = [
            GinIndex(fields=["search"], name="resource_search"),
            models.Index(fields=["cohort", "-written_at"], name="resource_in_cohort"),
            models.Index(
                fields=["cohort", "-edited_at"],
                condition=models.Q(retired_at=None),
                name="resource_kept_newest",
            ),
        ]

    class Privacy:
        whose = "author__person"
        export = ("kind", "title", "summary", "body", "language", "written_at")
        # What a cohort lives by stays, without the name.
        on_erase = "keep"
        why = "belongs to the cohort's memory; the author's name is emptied"


class ResourceTagging(Row, Tagging):  # type: ignore[django-manager-missing]
    content_object = models.ForeignKey(
        Resource, on_delete=models.CASCADE, related_name="+"
    )

    Privacy = NotPersonal("joins a word to a resource")


__all__ = ["Described", "Kind", "Resource", "ResourceTagging"]
