"""What may stand in a log file: what happened, and nothing that people wrote."""

import copy
import logging
import re
from traceback import TracebackException
from typing import Any

# PostgreSQL tells the whole row that it refused, and the driver passes that on.
ROW = re.compile(
    r"DETAIL:.*?(?=\n\n(?:The above exception|During handling)"
    r"|\nTraceback \(most recent call last\)|\Z)",
    re.DOTALL,
)

# Whoever holds one of these addresses may answer, read or join in somebody's name.
# A page not found, or a form without its token, is logged by its address.
SECRET = re.compile(
    r"(/(?:answer(?:/(?:review|talk|welcome))?|apply/reply|apply/resume|calendar"
    r"|evidence/shared|invite|mailbox|promises/kept|stop|will-you-come)/)[^/\s]+"
)

CAUSE = "\nThe above exception was the direct cause of the following exception:\n\n"
CONTEXT = "\nDuring handling of the above exception, another exception occurred:\n\n"


class Discreet(logging.Formatter):
    """Leaves out what errors say, for they quote what somebody typed or a row held,
    and the secrets of links. What kind of error it was and where stay."""

    def format(self, record: logging.LogRecord) -> str:
        record = copy.copy(record)
        record.exc_text = None  # another formatter may have written all of it there
        record.args = _named(record.args)
        if isinstance(record.msg, BaseException):
            record.msg = _kind(record.msg)
        data = getattr(record, "data", None)
        if isinstance(data, dict) and isinstance(record.args, dict):
            # Celery tells of a task that failed with the error as text.
            kind = _name(record.exc_info[0]) if record.exc_info else "(left out)"
            record.args = {**record.args, "exc": kind, "traceback": ""}
        written = ROW.sub("DETAIL: (left out)", super().format(record))
        return SECRET.sub(r"\1(left out)", written)

    def formatException(self, ei: Any) -> str:
        kind, error, trace = ei
        return _written(TracebackException(kind, error, trace, compact=True), error)


def _named(args: Any) -> Any:
    if isinstance(args, dict):
        return {name: _kind(value) for name, value in args.items()}
    return tuple(_kind(value) for value in args) if args else args


def _kind(value: Any) -> Any:
    """What may be told of an error; anything else is left as it is."""
    if not isinstance(value, BaseException):
        return value
    # The name of a rule of the database, which is ours.
    rule = getattr(getattr(value, "diag", None), "constraint_name", None)
    return f"{_name(type(value))} ({rule})" if rule else _name(type(value))


def _name(kind: Any) -> str:
    if kind is None:
        return ""
    if kind.__module__ in ("builtins", "__main__"):
        return str(kind.__qualname__)
    return f"{kind.__module__}.{kind.__qualname__}"


def _written(told: TracebackException, error: BaseException | None) -> str:
    """As Python writes it, chain and all, with no more than the kinds of errors."""
    before = ""
    if error is not None and told.__cause__ is not None:
        before = _written(told.__cause__, error.__cause__) + "\n" + CAUSE
    elif error is not None and told.__context__ and not told.__suppress_context__:
        before = _written(told.__context__, error.__context__) + "\n" + CONTEXT
    parts = "".join(
        "\nAmong them:\n" + _written(one, each)
        for one, each in zip(
            told.exceptions or [], getattr(error, "exceptions", ()), strict=False
        )
    )
    return (
        f"{before}Traceback (most recent call last):\n{''.join(told.stack.format())}"
        f"{_kind(error)}{parts}"
    )
