"""What its author opened to people who joined later: a copy, in a table of its own.

A late joiner reads nothing written before they came. Who wrote something may open
it; the copy is for the whole cohort, the original keeps its audience.
"""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from cohorts.models import CohortShared, Membership

from .post import Post


class OpenedPost(CohortShared):
    post = models.OneToOneField(Post, on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=160)
    text = models.TextField(max_length=10_000, blank=True)
    lang = models.CharField(max_length=10, blank=True)
    said_at = models.DateTimeField()
    opened_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["cohort", "-said_at"], name="opened_newest")]

    class Privacy:
        whose = "author__person"
        export = ("title", "text", "said_at", "opened_at")
        on_erase = "delete"
