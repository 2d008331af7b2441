"""What a proposal grew out of: a review that is open, and a note of it perhaps."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from charters.models import QuarterlyReview, ReviewNote
from cohorts.models import Cohort


def from_address(request: HttpRequest, cohort: Cohort) -> Any:
    """The note or the review that the address names, as the reader may see it."""
    if note := _named(request, "note"):
        return (
            ReviewNote.objects.visible_to(request.user)
            .filter(cohort=cohort, pk=note)
            .select_related("review", "member__person")
            .first()
        )
    if review := _named(request, "review"):
        return (
            QuarterlyReview.objects.visible_to(request.user)
            .filter(cohort=cohort, pk=review)
            .first()
        )
    return None


def _named(request: HttpRequest, name: str) -> UUID | None:
    try:
        return UUID(request.GET.get(name, ""))
    except ValueError:
        return None


def carried(source: Any) -> str:
    """The beginning of an address that goes on speaking of the same source."""
    if isinstance(source, ReviewNote):
        return f"note={source.pk}&"
    return f"review={source.pk}&" if source else ""


def why(source: Any) -> str:
    """The reason that a note gives for a change."""
    return source.strains if isinstance(source, ReviewNote) else ""


def review_and_note(source: Any) -> tuple[QuarterlyReview, ReviewNote | None] | None:
    if isinstance(source, ReviewNote):
        return source.review, source
    return (source, None) if source else None
