"""Tags: the only module that touches taggit, so that it can be replaced."""

from __future__ import annotations

from django.db import models
from taggit.models import ItemBase, TagBase

from people.personal import NotPersonal


class Tag(TagBase):
    """A word that many resources share."""

    not_private = "a word by itself tells nothing; counts start from what one may read"
    Privacy = NotPersonal("a word")


class Tagging(ItemBase):
    """A tag on something; one concrete table for each table that carries tags."""

    tag = models.ForeignKey(
        Tag, on_delete=models.CASCADE, related_name="%(app_label)s_%(class)s_items"
    )

    not_private = "always reached from the tagged row, which has its own wall"

    class Meta:
        abstract = True
