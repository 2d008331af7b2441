"""Sessions in the database, as Django keeps them, read with one prepared query.

Every page asks for its session, so what it costs to ask is in every page. A session
that ends is gone at once, on every device: nothing of it rests in a cache.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends import db
from django.db.models import QuerySet
from django.utils import timezone

from people.prepared import prepared, the_one


@prepared
def _kept(key: str, *, now: datetime) -> QuerySet[Any, str]:
    return (
        SessionStore.get_model_class()
        .objects.filter(session_key=key, expire_date__gt=now)
        .values_list("session_data", flat=True)
    )


class SessionStore(db.SessionStore):
    def load(self) -> dict[str, Any]:
        key = self.session_key
        data = the_one(_kept(key, now=timezone.now())) if key else None
        if data is None:
            self._session_key = None
            return {}
        return self.decode(data)
