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

A builder that breaks this is refused when it is first called, not when it lies. It is
called twice, with stand-ins that have nothing in common: whatever is made of a value
(its day, a part of a word, the later of two) differs between the two, and so does the
SQL when a value decided it. A value that does not appear in the SQL, a moment that is
no argument, the reader's time zone and a field of a row other than its key are refused
too. In tests that raises (`PREPARED_STRICTLY`). In a house that runs, the query is
written anew each time, as it would be without this module, and the log says so once.
"""

from __future__ import annotations

import copy
import enum
import itertools
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import update_wrapper
from typing import Any, ParamSpec, TypeVar
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from django.db.transaction import TransactionManagementError
from django.utils import timezone
from django.utils.connection import ConnectionDoesNotExist

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

# A builder with more shapes than this was given values as shape.
MOST_SHAPES = 200
# So that no stand-in for a day comes near a real one, or past the last year.
MOST_DAYS = 500
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
        self.kept: dict[Any, Ready | Anew | None] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> list[Any]:
        if any(map(_is_switched_off, (*args, *kwargs.values()))):
            # They read what nobody reads; who they are may not even be asked.
            return list(self.build(*args, **kwargs))
        values: list[Any] = []
        try:
            shape = (
                tuple([_shape(arg, values) for arg in args]),
                tuple([(name, _shape(arg, values)) for name, arg in kwargs.items()]),
            )
            try:
                ready = self.kept[shape]
            except KeyError:
                ready = self.prepare(shape, args, kwargs)
        except NotToBePrepared:
            if settings.PREPARED_STRICTLY:
                raise
            return list(self.build(*args, **kwargs))
        if isinstance(ready, Anew):
            return list(self.build(*args, **kwargs))
        return ready.rows(values) if ready else []

    def prepare(self, shape: Any, args: tuple, kwargs: dict) -> Ready | Anew | None:
        ready: Ready | Anew | None
        try:
            ready = self.written(args, kwargs)
        except (NotToBePrepared, ConnectionDoesNotExist) as error:
            if settings.PREPARED_STRICTLY:
                raise
            logger.warning("%s is written anew each time: %s", self.build, error)
            ready = Anew()
        if len(self.kept) >= MOST_SHAPES:
            self.kept.clear()
        self.kept[shape] = ready
        return ready

    def written(self, args: tuple, kwargs: dict) -> Ready | None:
        first, second = (
            self.written_with(marks, args, kwargs) for marks in (Marks(), OtherMarks())
        )
        if first is None or second is None:
            if first is not second:
                raise NotToBePrepared("A value decides whether there are any rows")
        elif (first.sql, first.params) != (second.sql, second.params):
            raise NotToBePrepared("Something is made of a value, or decided by it")
        return first

    def written_with(self, marks: Marks, args: tuple, kwargs: dict) -> Ready | None:
        with timezone.override(NOWHERE):
            queryset = self.build(
                *[_stand_in(arg, marks) for arg in args],
                **{name: _stand_in(arg, marks) for name, arg in kwargs.items()},
            )
            return Ready.of(queryset, marks)


class Anew:
    """In place of SQL: this shape is not to be prepared."""


def _is_switched_off(arg: Any) -> bool:
    return (
        getattr(arg, "is_authenticated", None) is True
        and getattr(arg, "is_active", None) is False
    )


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

    # No first day of a month, no whole hour: the start of a day is not the moment.
    moment = datetime(201, 3, 17, 13, 37, 41, 123457, tzinfo=UTC)
    # No span that somebody would add to one day leads to the next.
    stride = timedelta(days=1009, hours=1, minutes=7, seconds=11, microseconds=13)

    def __init__(self) -> None:
        self.places: dict[Any, int] = {}
        self.days = itertools.count()

    def mark(self, value: Any) -> Any:
        made: Any
        if isinstance(value, UUID):
            made = uuid4()
        elif isinstance(value, datetime):
            made = self.moment + self.stride * (next(self.days) % MOST_DAYS)
            made = made if value.tzinfo else made.replace(tzinfo=None)
        elif isinstance(value, date):
            made = (self.moment + self.stride * (next(self.days) % MOST_DAYS)).date()
        elif isinstance(value, str):
            made = self.word()
        else:
            raise NotToBePrepared(f"Keys of {value.__class__} cannot be marked")
        if made in self.places:
            raise NotToBePrepared("More days than can be told apart")
        self.places[made] = len(self.places)
        return made

    def word(self) -> str:
        # Case, signs and blanks: a mended word is no longer the one given.
        return f" Mark %_\\ {uuid4()} "


class OtherMarks(Marks):
    """Unlike the first in every part: in times to come, and in words without sense."""

    moment = datetime(4102, 10, 28, 4, 11, 9, 765431, tzinfo=UTC)
    stride = timedelta(days=2003, hours=5, minutes=3, seconds=29, microseconds=101)

    def word(self) -> str:
        return f"\ue000{uuid4().hex[:13]}"


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
