"""Who may read what: the one mechanism behind every private row.

A sealed queryset can be built and chained, but no SQL leaves it until somebody
has said for whom (`visible_to`) or why not (`unsealed`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Self

from django.db import models
from django.db.models.sql import Query

_seal_lifted: ContextVar[bool] = ContextVar("seal_lifted", default=False)


class StillSealed(RuntimeError):
    """A private queryset was about to run without naming its reader."""


@contextmanager
def seal_lifted(reason: str) -> Iterator[None]:
    """For Django's own machinery, such as uniqueness checks."""
    assert reason
    token = _seal_lifted.set(True)
    try:
        yield
    finally:
        _seal_lifted.reset(token)


class SealedQuery(Query):
    sealed = True

    def get_compiler(self, *args: Any, **kwargs: Any) -> Any:
        self.refuse_if_sealed()
        return super().get_compiler(*args, **kwargs)

    def chain(self, klass: Any = None) -> Any:
        if klass is not None:  # update() changes the query's class
            self.refuse_if_sealed()
        return super().chain(klass)

    def combine(self, rhs: Query, connector: str) -> None:
        super().combine(rhs, connector)
        self.sealed = self.sealed or getattr(rhs, "sealed", False)

    def refuse_if_sealed(self) -> None:
        if self.sealed and not _seal_lifted.get():
            name = self.model.__name__ if self.model else "?"
            raise StillSealed(f"{name}: call .visible_to(viewer) or .unsealed(reason)")


class PrivateQuerySet(models.QuerySet):
    """A queryset that runs only for a named reader."""

    def __init__(
        self,
        model: Any = None,
        query: Any = None,
        using: str | None = None,
        hints: Any = None,
    ) -> None:
        super().__init__(model, query or SealedQuery(model), using, hints)

    def visible_to(self, viewer: Any) -> Self:
        """What `viewer` may read, by the rule of the model."""
        rule = self.model.readable_by(viewer)  # type: ignore[attr-defined]
        return self.filter(rule)._unseal()

    def unsealed(self, reason: str) -> Self:
        """Every row, for code that acts for nobody in particular. Say why."""
        if not reason:
            raise ValueError("Say why this query may see everything")
        return self._unseal()

    def _raw_delete(self, using: str | None) -> int:
        self.query.refuse_if_sealed()  # type: ignore[attr-defined]
        return super()._raw_delete(using)

    def _unseal(self) -> Self:
        clone = self._chain()  # type: ignore[attr-defined]
        clone.query.sealed = False
        return clone
