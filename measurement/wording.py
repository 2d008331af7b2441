"""Released figures in words and in order, the same for page, CSV, JSON and print."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from measurement.models import Figure, Signal

# key → heading, what it counts; also the order on the page
TITLES: dict[str, tuple[Any, Any]] = {
    "members": (
        gettext_lazy("People in the cohorts, by where they live"),
        gettext_lazy("From the place each person set for their clock."),
    ),
    "applicants": (
        gettext_lazy("People who applied, by where they live"),
        gettext_lazy("From the place each applicant gave for meeting times."),
    ),
    "promises": (
        gettext_lazy("Promises made to a cohort, and what became of them"),
        gettext_lazy("Self-reported, each seen by the peers it was made to."),
    ),
    "sessions": (
        gettext_lazy("Sessions"),
        gettext_lazy("One that did not happen counts as that, not as nothing."),
    ),
    "practices": (
        gettext_lazy("Practices written down and published"),
        gettext_lazy("Only what its author let leave the cohort."),
    ),
    "signals": (
        gettext_lazy("Changes that projects counted"),
        gettext_lazy(
            "Before, and the latest count. Only projects whose owners agreed."
        ),
    ),
}

ROWS: dict[str, Any] = {
    "Africa": gettext_lazy("Africa"),
    "America": gettext_lazy("Americas"),
    "Asia": gettext_lazy("Asia"),
    "Europe": gettext_lazy("Europe"),
    "Pacific": gettext_lazy("Pacific"),
    "elsewhere": gettext_lazy("Elsewhere, or not said"),
    "total": gettext_lazy("All together"),
    "kept": gettext_lazy("Kept"),
    "changed": gettext_lazy("Openly changed"),
    "let_go": gettext_lazy("Let go"),
    "open": gettext_lazy("Still open"),
    "held": gettext_lazy("Held"),
    "did_not_happen": gettext_lazy("Did not happen"),
    "insight": gettext_lazy("Insights"),
    "playbook": gettext_lazy("Playbooks"),
    "template": gettext_lazy("Templates"),
    "before": gettext_lazy("Before"),
    "after": gettext_lazy("Latest"),
    "count": gettext_lazy("Number"),
}

UNITS = dict(Signal.Unit.choices)


@dataclass(frozen=True)
class Cell:
    column: str
    number: int | str
    out_of: int | str
    why: str  # empty for a shown cell
    is_hidden: bool
    text: str


@dataclass
class Row:
    label: str
    is_total: bool
    cells: list[Cell] = field(default_factory=list)
    unit: str = ""


@dataclass
class Table:
    key: str
    title: str
    note: str
    columns: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    @property
    def is_single(self) -> bool:
        return len(self.columns) == 1

    @property
    def most(self) -> int:
        """The largest shown number: the full width of a bar."""
        return max(
            (
                cell.number
                for row in self.rows
                if not row.is_total
                for cell in row.cells
                if isinstance(cell.number, int)
            ),
            default=0,
        )

    @property
    def hidden(self) -> int:
        return sum(cell.is_hidden for row in self.rows for cell in row.cells)

    def as_data(self) -> dict[str, Any]:
        return {
            "table": self.key,
            "title": self.title,
            "rows": [
                {
                    "row": row.label,
                    "total": row.is_total,
                    "cells": [
                        {
                            "column": cell.column,
                            "number": None if cell.is_hidden else cell.number,
                            "out_of": cell.out_of or None,
                            "why_hidden": cell.why or None,
                        }
                        for cell in row.cells
                    ],
                }
                for row in self.rows
            ],
        }


def tables(figures: Iterable[Figure]) -> list[Table]:
    """Figures of one release as tables, in the order of the page."""
    made: dict[str, Table] = {}
    rows: dict[tuple[str, str], Row] = {}
    for figure in figures:
        table = made.get(figure.table)
        if table is None:
            title, note = TITLES.get(figure.table, (figure.table, ""))
            table = made[figure.table] = Table(figure.table, str(title), str(note))
        column = _word(figure.column)
        if column not in table.columns:
            table.columns.append(column)
        row = rows.get((figure.table, figure.row))
        if row is None:
            row = Row(_word(figure.row), figure.is_total)
            if figure.table == "signals":
                row.unit = str(UNITS.get(figure.unit, ""))
            rows[figure.table, figure.row] = row
            table.rows.append(row)
        row.cells.append(_cell(figure, column))
    order = list(TITLES)
    return sorted(made.values(), key=lambda t: order.index(t.key))


def _word(key: str) -> str:
    return str(ROWS.get(key, key))


def _cell(figure: Figure, column: str) -> Cell:
    hidden = figure.shown != Figure.Shown.VALUE
    why = str(figure.get_shown_display()) if hidden else ""
    if hidden:
        text = _("hidden: %(why)s") % {"why": why}
    elif figure.out_of is not None:
        text = _("%(n)s of %(of)s") % {"n": figure.value, "of": figure.out_of}
    else:
        text = str(figure.value)
    return Cell(
        column=column,
        number="" if figure.value is None else figure.value,
        out_of="" if figure.out_of is None else figure.out_of,
        why=why,
        is_hidden=hidden,
        text=text,
    )


def safe_cell(text: str) -> str:
    """A cell that a spreadsheet takes as text: formulas get an apostrophe."""
    return f"'{text}" if text.startswith(tuple("=+-@\t\r＝＋－＠")) else text
