"""Queries whose SQL is written once per process and then only filled in.

Writing the SQL of one guarded query costs the ORM ten times what the database
needs to answer it: the rule of who may read is a query inside the query. What a
page asks has the same shape each time, only its values differ:

    @prepared
    def open_promises(viewer: User, seats: list[UUID], since: datetime):
        return Commitment.objects.visible_to(viewer).filter(...)

    open_promises(request.user, seats, since=now)  # a list of Commitments

The function is called once for each *shape*, with stand-ins for its values, and its
SQL is kept with the places of those values marked. So it may look at nothing but
its arguments, and at their values only through the query it builds.

- People and other rows (by key), keys, moments, days and words are **values**.
- None, True, numbers, members of an enum, "" and how many a list holds are
  **shape**: they may decide what the query looks like. So is being nobody.

A builder that breaks this is refused when it is first called, not when it lies: a
value that does not appear in the SQL, a moment that is no argument, the reader's
time zone, a field of a row other than its key all raise.
"""

from __future__ import annotations

import copy
import enum
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import update_wrapper
from typing import Any, ParamSpec, TypeVar
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from django.db.transaction import TransactionManagementError
from django.utils import timezone

P = ParamSpec("P")
T = TypeVar("T")

# A builder with more shapes than this was given values as shape.
MOST_SHAPES = 200
# Nobody lives there: a query that speaks of it asked for the reader's zone.
NOWHERE = ZoneInfo("Antarctica/Troll")


class NotToBePrepared(TypeError):
    """The builder does something that cannot be kept; the message says what."""


def prepared(build: Callable[P, models.QuerySet[Any, T]]) -> Callable[P, list[T]]:
    """The rows of the queryset that `build` returns, from SQL written once."""
    return update_wrapper(Prepared(build), build)  # type: ignore[return-value]


class Prepared:
    def __init__(self, build: Callable[..., models.QuerySet]) -> None:
        self.build = build
        self.kept: dict[Any, Ready | None] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> list[Any]:
        values: list[Any] = []
        shape = (
            tuple([_shape(arg, values) for arg in args]),
            tuple([(name, _shape(arg, values)) for name, arg in kwargs.items()]),
        )
        try:
            ready = self.kept[shape]
        except KeyError:
            ready = self.prepare(shape, args, kwargs)
        return ready.rows(values) if ready else []

    def prepare(self, shape: Any, args: tuple, kwargs: dict) -> Ready | None:
        marks = Marks()
        with timezone.override(NOWHERE):
            queryset = self.build(
                *[_stand_in(arg, marks) for arg in args],
                **{name: _stand_in(arg, marks) for name, arg in kwargs.items()},
            )
            ready = Ready.of(queryset, marks)
        if len(self.kept) >= MOST_SHAPES:
            self.kept.clear()
        self.kept[shape] = ready
        return ready


def _shape(arg: Any, values: list[Any]) -> Any:
    """What of an argument decides the SQL; what does not goes into `values`."""
    if isinstance(arg, models.Model):
        values.append(arg.pk)
        return arg.__class__, getattr(arg, "is_active", None)
    if _is_shape(arg):
        return arg.__class__, arg
    if getattr(arg, "is_authenticated", None) is False:
        return "nobody"
    if isinstance(arg, UUID | date | str):  # a datetime is a date
        values.append(arg)
        return arg.__class__
    if isinstance(arg, list | tuple):
        return tuple([_shape(one, values) for one in arg])
    raise NotToBePrepared(f"{arg.__class__.__name__} is neither value nor shape")


def _is_shape(arg: Any) -> bool:
    return arg is None or arg == "" or isinstance(arg, bool | int | float | enum.Enum)


class Marks:
    """Stand-ins for values: each different from all others and from any real one."""

    def __init__(self) -> None:
        self.places: dict[Any, int] = {}
        self.days = itertools.count()

    def mark(self, value: Any) -> Any:
        made: Any
        if isinstance(value, UUID):
            made = uuid4()
        elif isinstance(value, datetime):
            made = datetime(1801, 1, 1, tzinfo=UTC) + timedelta(days=next(self.days))
        elif isinstance(value, date):
            made = date(1701, 1, 1) + timedelta(days=next(self.days))
        elif isinstance(value, str):
            # Case and signs, so that a mended word no longer is the one given.
            made = f"Mark %_\\ {uuid4()}"
        else:
            raise NotToBePrepared(f"Keys of {value.__class__} cannot be marked")
        self.places[made] = len(self.places)
        return made


def _stand_in(arg: Any, marks: Marks) -> Any:
    if isinstance(arg, models.Model):
        return _row_with_key(arg, marks.mark(arg.pk))
    if _is_shape(arg) or getattr(arg, "is_authenticated", None) is False:
        return arg
    if isinstance(arg, list | tuple):
        return [_stand_in(one, marks) for one in arg]
    return marks.mark(arg)


def _row_with_key(row: models.Model, key: Any) -> models.Model:
    """A row of the same kind with another key; nothing else of it can be read."""
    model = row.__class__
    known = {model._meta.pk.attname: key}
    if hasattr(row, "is_active"):
        known["is_active"] = row.is_active
    fields = [f.attname for f in model._meta.concrete_fields if f.attname in known]
    return model.from_db("no database", fields, [known[name] for name in fields])


@dataclass(frozen=True)
class Slot:
    """Where a value goes among the parameters."""

    place: int


@dataclass(frozen=True)
class Ready:
    """One query of one shape, as SQL with slots."""

    queryset: models.QuerySet
    compiler: Any
    sql: str
    params: tuple[Any, ...]
    converters: dict[int, Any]

    @classmethod
    def of(cls, queryset: models.QuerySet, marks: Marks) -> Ready | None:
        """None when the shape alone says that there are no rows."""
        compiler: Any = queryset.query.get_compiler(using=queryset.db)
        try:
            sql, params = compiler.as_sql()
        except EmptyResultSet:
            return None
        seen: set[int] = set()
        slotted = tuple(_slotted(param, marks, seen) for param in params)
        if len(seen) < len(marks.places):
            missing = [m for m, place in marks.places.items() if place not in seen]
            raise NotToBePrepared(f"Not in the SQL as given: {missing}")
        columns = [column[0] for column in compiler.select[: compiler.col_count]]
        return cls(queryset, compiler, sql, slotted, compiler.get_converters(columns))

    def rows(self, values: list[Any]) -> list[Any]:
        compiler = copy.copy(self.compiler)
        compiler.connection = connections[compiler.using]  # this thread's
        locks = self.queryset.query.select_for_update
        if locks and not compiler.connection.in_atomic_block:
            raise TransactionManagementError("A lock needs a transaction to live in")
        filled = tuple([_filled(param, values) for param in self.params])
        compiler.as_sql = lambda *args, **kwargs: (self.sql, filled)
        compiler.get_converters = lambda columns: self.converters
        asked: Any = self.queryset._clone()  # type: ignore[attr-defined]
        # Past the property, which would make rows of values into dictionaries.
        asked._query = Written(self.queryset.query, compiler)
        return list(asked)


class Written:
    """A query that hands out the compiler it was written by."""

    def __init__(self, query: Any, compiler: Any) -> None:
        self._query = query
        self._compiler = compiler

    def get_compiler(self, *args: Any, **kwargs: Any) -> Any:
        return self._compiler

    def __getattr__(self, name: str) -> Any:
        return getattr(self._query, name)


def _slotted(param: Any, marks: Marks, seen: set[int]) -> Any:
    if isinstance(param, list | tuple):
        return [_slotted(one, marks, seen) for one in param]
    try:
        place = marks.places.get(param)
    except TypeError:  # not hashable: no mark is
        return param
    if place is not None:
        seen.add(place)
        return Slot(place)
    if isinstance(param, UUID | date):
        raise NotToBePrepared(f"{param!r} is no argument of the builder")
    if param == NOWHERE.key:
        raise NotToBePrepared("The query depends on the reader's time zone")
    return param


def _filled(param: Any, values: list[Any]) -> Any:
    if isinstance(param, Slot):
        return values[param.place]
    if isinstance(param, list):
        return [_filled(one, values) for one in param]
    return param


def the_one(rows: list[T]) -> T | None:
    """The first row, or None: `.first()` for a prepared query."""
    return rows[0] if rows else None
