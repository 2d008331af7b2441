"""Pages of long lists: each goes on from where the last one ended.

However long the list is:
A page is as quick in the middle of a million rows as at their beginning, and rows
that arrive meanwhile move nothing.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    rows: Sequence[T]
    before: str = ""  # for the link to the page before, "" at the beginning
    after: str = ""


def page(
    rows: QuerySet,
    *,
    keys: Sequence[str],
    size: int,
    after: str = "",
    before: str = "",
    values: Callable[[Any], Sequence[Any]],
    beginning: Callable[[], list[Any]] | None = None,
) -> Page:
    """One page of `rows`, in the order of `keys` ("-name" for descending).

    The last key must be unique. `values` reads the keys' values from a row.
    `beginning` gives the first `size + 1` rows where a prepared query knows them.
    """
    backwards = bool(before)
    mark = _read(before or after, len(keys))
    ordered = [_turned(key) for key in keys] if backwards else list(keys)
    chosen = rows.order_by(*ordered)
    if mark is not None:
        try:
            chosen = chosen.filter(_beyond(ordered, mark))
            found = list(chosen[: size + 1])
        except (ValidationError, ValueError, TypeError):  # somebody's invention
            mark, backwards = None, False
            found = list(rows.order_by(*keys)[: size + 1])
    else:
        found = beginning() if beginning else list(rows.order_by(*keys)[: size + 1])
        backwards = False
    more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    has_before = more if backwards else mark is not None
    has_after = True if backwards else more
    return Page(
        found,
        before=_write(values(found[0])) if found and has_before else "",
        after=_write(values(found[-1])) if found and has_after else "",
    )


def _turned(key: str) -> str:
    return key[1:] if key.startswith("-") else f"-{key}"


def _beyond(keys: Sequence[str], mark: Sequence[Any]) -> Q:
    found = Q()
    equal = Q()
    for key, value in zip(keys, mark, strict=True):
        name, way = (key[1:], "lt") if key.startswith("-") else (key, "gt")
        found |= equal & Q(**{f"{name}__{way}": value})
        equal &= Q(**{name: value})
    # The first key alone narrows the range that the index has to walk.
    first = keys[0]
    name, way = (first[1:], "lte") if first.startswith("-") else (first, "gte")
    return Q(**{f"{name}__{way}": mark[0]}) & found


def _write(values: Sequence[Any]) -> str:
    text = json.dumps([str(v) for v in values], ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(mark: str, length: int) -> list[str] | None:
    if not mark:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)))
    except (ValueError, UnicodeDecodeError):
        return None
    ok = isinstance(values, list) and len(values) == length
    return values if ok and all(isinstance(v, str) for v in values) else None
