"""What is said between sessions: updates, decisions, requests, and the answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cohorts.models import CohortPrivate, Membership
from people.models import Once

from .written import WrittenQuerySet

OPEN_REQUEST = Q(kind="request", closed_at=None)
OPEN_REQUESTS_FIRST = models.Case(
    models.When(OPEN_REQUEST, then=models.Value(0)), default=models.Value(1)
)


class PostQuerySet(WrittenQuerySet):
    def open(self) -> Self:
        return self.filter(closed_at=None)

    def requests(self) -> Self:
        return self.filter(kind=Post.Kind.REQUEST)

    def news(self) -> Self:
        """Updates and decisions: what is told to everybody."""
        return self.exclude(kind=Post.Kind.REQUEST)

    def open_first(self) -> Self:
        """Requests that still wait, then the newest of everything."""
        return self.order_by(OPEN_REQUESTS_FIRST, "-written_at", "-pk")

    def with_answers_for(self, viewer: Any) -> Self:
        """Each with the number of answers that `viewer` may read."""
        answers = (
            Reply.objects.visible_to(viewer)
            .filter(post=models.OuterRef("pk"))
            .order_by()
            .values("post")
            .annotate(n=models.Count("pk"))
            .values("n")
        )
        return self.annotate(answers=Coalesce(models.Subquery(answers), 0))

    def waiting_for(self, memberships: Any, cohorts: Any) -> Self:
        """Open, put to one of these in their cohorts, and not answered by them."""
        answered = Reply.objects.unsealed(
            "only whether one's own answer exists; the posts name their reader"
        ).filter(post=models.OuterRef("pk"), author__in=memberships)
        return (
            self.open()
            .filter(
                Q(to__in=memberships) | Q(kind=Post.Kind.DECISION, cohort__in=cohorts)
            )
            .exclude(author__in=memberships)
            .exclude(models.Exists(answered))
        )


class Post(CohortPrivate, Once):
    """Told to the whole cohort; a request may be put to one person."""

    class Kind(models.TextChoices):
        UPDATE = "update", _("Update")
        DECISION = "decision", _("Decision")
        REQUEST = "request", _("Request")

    author = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    title = models.CharField(_("in one line"), max_length=160)
    text = models.TextField(_("more, if needed"), max_length=10_000, blank=True)
    lang = models.CharField(max_length=10, blank=True)
    # Whom a request is put to; nobody in particular means the whole circle.
    to = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # The end of the response window, counted in the addressee's working time.
    answer_by = models.DateTimeField(null=True, blank=True)
    # As it was promised when it was asked; another charter changes nothing of it.
    window_hours = models.PositiveSmallIntegerField(null=True, blank=True)
    # Twice the window and no answer: then it stands in the facilitators' week.
    stuck_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=500, blank=True)

    objects = PostQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["author", "client_key"], name="post_sent_once"
            ),
            models.CheckConstraint(
                name="post_only_requests_are_put_to_somebody",
                condition=Q(kind="request") | Q(to=None),
            ),
            models.CheckConstraint(
                name="post_updates_wait_for_nobody",
                condition=~Q(kind="update") | Q(answer_by=None),
            ),
            models.CheckConstraint(
                name="post_is_stuck_after_its_window",
                condition=Q(stuck_at=None) | Q(stuck_at__gte=models.F("answer_by")),
            ),
            models.CheckConstraint(
                name="post_is_not_put_to_oneself",
                condition=Q(to=None) | ~Q(to=models.F("author")),
            ),
        ]
        indexes = [
            models.Index(fields=["cohort", "-written_at", "-id"], name="post_newest"),
            models.Index(
                models.F("cohort"),
                OPEN_REQUESTS_FIRST,
                models.F("written_at").desc(),
                models.F("id").desc(),
                name="post_open_first",
            ),
            models.Index(
                fields=["cohort", "-written_at", "-id"],
                condition=OPEN_REQUEST,
                name="post_request_open",
            ),
            models.Index(
                fields=["cohort"],
                condition=Q(kind="decision", closed_at=None),
                name="post_decision_open",
            ),
            models.Index(
                fields=["to"], condition=Q(closed_at=None), name="post_put_to"
            ),
        ]

    class Privacy:
        whose = "author__person"
        export = ("kind", "title", "text", "lang", "written_at", "outcome")
        on_erase = {"title": "[withdrawn]", "text": "", "outcome": ""}

    def get_absolute_url(self) -> str:
        page = "request" if self.kind == Post.Kind.REQUEST else "post"
        return reverse(f"sessions:{page}_detail", args=[self.cohort.slug, self.pk])

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def window_days(self) -> float | None:
        """The promised window in working days."""
        return None if self.window_hours is None else self.window_hours / 24

    def is_overdue(self, now: datetime | None = None) -> bool:
        now = now or timezone.now()
        return self.is_open and self.answer_by is not None and self.answer_by < now


class Reply(CohortPrivate, Once):
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(_("your answer"), max_length=10_000)
    lang = models.CharField(max_length=10, blank=True)
    received_at = models.DateTimeField(default=timezone.now)

    objects = WrittenQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["author", "client_key"], name="reply_sent_once"
            )
        ]
        indexes = [
            models.Index(fields=["post", "written_at", "id"], name="reply_in_order")
        ]

    class Privacy:
        whose = "author__person"
        export = ("text", "lang", "written_at")
        on_erase = {"text": "[withdrawn]"}
