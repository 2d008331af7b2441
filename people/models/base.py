"""What every row of the house has in common."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID, uuid4

import uuid_utils.compat
from django.db import IntegrityError, models, transaction
from django.db.models import Q

from people.visibility import PrivateQuerySet, seal_lifted

M = TypeVar("M", bound=models.Model)


def uuid7() -> UUID:
    """A key that sorts by its moment and cannot be counted through."""
    return uuid_utils.compat.uuid7()


class Row(models.Model):
    """A row with a key that no stranger can guess or count."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        # No content: rows are printed into logs.
        return f"{self._meta.verbose_name} {self.pk}"


class PrivateRow(Row):
    """A row that runs only for a named reader; subclasses say for whom."""

    objects = PrivateQuerySet.as_manager()

    class Meta:
        abstract = True

    @classmethod
    def readable_by(cls, viewer: Any) -> Q:
        raise NotImplementedError(f"{cls.__name__} must say who may read it")

    def validate_unique(self, exclude: Any = None) -> None:
        with seal_lifted("uniqueness is judged against every row"):
            super().validate_unique(exclude)

    def validate_constraints(self, exclude: Any = None) -> None:
        with seal_lifted("constraints are judged against every row"):
            super().validate_constraints(exclude)


class Once(models.Model):
    """Made by a form that may be sent twice; the key makes it one row.

    The concrete model adds a UniqueConstraint over its author and `client_key`.
    """

    client_key = models.UUIDField(default=uuid4, editable=False)

    class Meta:
        abstract = True


class Edited(models.Model):
    """Can be edited by several people; the edition tells a stale page."""

    edition = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True


def create_once(
    model: type[M], *, client_key: UUID | None, **values: Any
) -> tuple[M, bool]:
    """Create the row, or find the one that the same form made before.

    Returns the row and whether it is new. `client_key` None always creates.
    """
    key = client_key or uuid4()
    lookup = {name: values[name] for name in _author_fields(model)}
    with seal_lifted("the author's own form, sent again"):
        earlier = model._default_manager.filter(client_key=key, **lookup).first()
        if earlier is not None:
            return earlier, False
        try:
            with transaction.atomic():
                return model._default_manager.create(client_key=key, **values), True
        except IntegrityError:
            # Sent twice at the same moment: the other one won.
            earlier = model._default_manager.filter(client_key=key, **lookup).first()
            if earlier is None:
                raise
            return earlier, False


def _author_fields(model: type[models.Model]) -> list[str]:
    for constraint in model._meta.constraints:
        if (
            isinstance(constraint, models.UniqueConstraint)
            and "client_key" in constraint.fields
        ):
            return [name for name in constraint.fields if name != "client_key"]
    raise TypeError(f"{model.__name__} has no unique (author, client_key)")
