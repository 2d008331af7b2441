"""What somebody wrote, read newest first and a page at a time."""

from __future__ import annotations

from typing import Any, Self

from django.db.models import Q

from people.visibility import PrivateQuerySet

PAGE = 20


class WrittenQuerySet(PrivateQuerySet):
    """Rows with `written_at`. A page costs the same however far back it lies."""

    def newest_first(self) -> Self:
        return self.order_by("-written_at", "-pk")

    def before(self, row: Any) -> Self:
        """What stands under `row` in that order."""
        return self.filter(
            Q(written_at__lt=row.written_at)
            | Q(written_at=row.written_at, pk__lt=row.pk)
        )
