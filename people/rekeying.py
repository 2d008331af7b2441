"""Bring words at rest under the newest key, so that an older one may be forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.db.models import BinaryField, ExpressionWrapper, F

from people import cipher
from people.models.encrypted import EncryptedTextField
from people.personal import ours
from people.visibility import seal_lifted

BATCH = 200


@dataclass
class Rekeyed:
    """What a run met; it names nobody."""

    columns: int = 0
    changed: int = 0
    # No key opens them: they are left as they are.
    closed: int = 0


def encrypted_columns() -> Iterator[tuple[type[models.Model], str]]:
    for model in ours():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedTextField):
                yield model, field.name


def rekey() -> Rekeyed:
    """Rewrite what an older key wrote. May be stopped, and run again, at any time."""
    done = Rekeyed()
    with seal_lifted("every word at rest is written anew, and none is read"):
        for model, column in encrypted_columns():
            done.columns += 1
            last: Any = None
            while last := _one_batch(model, column, last, done):
                pass
    return done


def at_rest(column: str) -> ExpressionWrapper:
    """The bytes as the database keeps them."""
    return ExpressionWrapper(F(column), output_field=BinaryField())


@transaction.atomic
def _one_batch(model: type[models.Model], column: str, last: Any, done: Rekeyed) -> Any:
    rows = model._default_manager.order_by("pk")
    if last is not None:
        rows = rows.filter(pk__gt=last)
    # Held while it is rewritten: words that are erased meanwhile stay erased.
    found = list(
        rows.select_for_update(of=("self",))
        .annotate(at_rest=at_rest(column))
        .values_list("pk", "at_rest")[:BATCH]
    )
    for pk, kept in found:
        if cipher.is_under_the_newest(bytes(kept or b"")):
            continue
        try:
            words = cipher.decrypt(bytes(kept))
        except cipher.NoKeyOpensThis:
            done.closed += 1
            continue
        model._default_manager.filter(pk=pk).update(**{column: words})
        done.changed += 1
    return found[-1][0] if found else None
