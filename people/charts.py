"""Charts as shapes and words: pure data for the templates in components/charts.

Each chart carries a `sentence` that says what it shows, and the numbers
themselves as text beside or in a table below; ink is never the only carrier.
Shapes lie in a field 100 wide and 40 high, stretched by the page.

    Line(title=_("Check-ins"), labels=weeks, series=[Series(_("sent"), counts)],
         sentence=_("Check-ins rose from 4 to 9 in six weeks."))

and in the page `{% chart line %}`. Values that may not be shown are None.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

WIDE, HIGH = 100.0, 40.0

Value = float | int | None


@dataclass(frozen=True)
class Series:
    """One ink: its name, its values, and how to write them if not as they are."""

    name: str
    values: Sequence[Value]
    texts: Sequence[str] = ()

    def text(self, n: int) -> str:
        if self.texts:
            return self.texts[n]
        value = self.values[n]
        return "" if value is None else _short(value)


@dataclass(frozen=True)
class Cell:
    """A number as the page writes it, and how wide its bar is out of 100."""

    name: str
    text: str
    ink: int
    start: str = "0"
    width: str = "0"
    is_hidden: bool = False


@dataclass(frozen=True)
class Row:
    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Drawn:
    name: str
    ink: int
    path: str
    dots: str
    last: str = ""


@dataclass(frozen=True, kw_only=True)
class Chart:
    title: str
    sentence: str
    template: ClassVar[str]

    @property
    def names(self) -> list[tuple[int, str]]:
        return []


@dataclass(frozen=True, kw_only=True)
class Grouped(Chart):
    """Rows of named values: the base of bars and of stacks."""

    labels: Sequence[str]
    series: Sequence[Series]

    @property
    def names(self) -> list[tuple[int, str]]:
        return [(n, one.name) for n, one in enumerate(self.series, 1)]

    def _cell(self, row: int, ink: int, *, start: float, width: float) -> Cell:
        one = self.series[ink - 1]
        return Cell(
            name=one.name,
            text=one.text(row),
            ink=ink,
            start=_short(start),
            width=_short(width),
            is_hidden=one.values[row] is None,
        )

    @property
    def rows(self) -> list[Row]:
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Bars(Grouped):
    """Numbers side by side, each with its bar; `whole` is what a full bar means."""

    template: ClassVar[str] = "components/charts/bars.html"
    whole: float | None = None

    @property
    def rows(self) -> list[Row]:
        whole = self.whole or max(
            (v for s in self.series for v in s.values if v is not None), default=0
        )
        return [
            Row(
                label,
                tuple(
                    self._cell(
                        n, ink, start=0, width=_share(one.values[n], whole) * WIDE
                    )
                    for ink, one in enumerate(self.series, 1)
                ),
            )
            for n, label in enumerate(self.labels)
        ]


@dataclass(frozen=True, kw_only=True)
class Stacked(Grouped):
    """Parts of a whole, end to end, with a seam between them."""

    template: ClassVar[str] = "components/charts/stacked.html"
    SEAM: ClassVar[float] = 1.0

    @property
    def rows(self) -> list[Row]:
        found = []
        for n, label in enumerate(self.labels):
            whole = sum(one.values[n] or 0 for one in self.series)
            start, cells = 0.0, []
            for ink, one in enumerate(self.series, 1):
                width = _share(one.values[n], whole) * WIDE
                cells.append(
                    self._cell(n, ink, start=start, width=max(0, width - self.SEAM))
                )
                start += width
            found.append(Row(label, tuple(c for c in cells if c.text not in ("", "0"))))
        return found


@dataclass(frozen=True, kw_only=True)
class Line(Grouped):
    """Values over time. Each series has its own dash besides its ink."""

    template: ClassVar[str] = "components/charts/line.html"
    low: float = 0
    high: float | None = None

    @property
    def top(self) -> float:
        shown = [v for s in self.series for v in s.values if v is not None]
        return self.high if self.high is not None else max([*shown, self.low + 1])

    @property
    def top_text(self) -> str:
        return _short(self.top)

    @property
    def low_text(self) -> str:
        return _short(self.low)

    @property
    def drawn(self) -> list[Drawn]:
        found = []
        for ink, one in enumerate(self.series, 1):
            points = [self._point(n, v) for n, v in enumerate(one.values)]
            path, pen_is_up = "", True
            for point in points:
                if point is None:  # a gap stays a gap
                    pen_is_up = True
                    continue
                path += f"{'M' if pen_is_up else 'L'}{point[0]} {point[1]}"
                pen_is_up = False
            dots = "".join(f"M{p[0]} {p[1]}h0" for p in points if p)
            shown = [n for n, v in enumerate(one.values) if v is not None]
            found.append(
                Drawn(one.name, ink, path, dots, one.text(shown[-1]) if shown else "")
            )
        return found

    def _point(self, n: int, value: Value) -> tuple[str, str] | None:
        if value is None:
            return None
        across = WIDE * n / max(1, len(self.labels) - 1)
        up = _share(value - self.low, self.top - self.low)
        return _short(across), _short(HIGH - up * HIGH)

    @property
    def rows(self) -> list[Row]:
        return [
            Row(
                label,
                tuple(
                    self._cell(n, ink, start=0, width=0)
                    for ink in range(1, len(self.series) + 1)
                ),
            )
            for n, label in enumerate(self.labels)
        ]


@dataclass(frozen=True)
class Step:
    """From `at` on, this share still holds; `low` to `high` is its interval."""

    at: float
    share: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class Curve(Chart):
    """A share that steps down (or up) over time, with its interval as a band."""

    template: ClassVar[str] = "components/charts/curve.html"
    steps: Sequence[Step]
    until: float
    unit: str  # "months"
    # Times at which somebody was no longer followed: a tick on the curve.
    unfinished: Sequence[float] = field(default_factory=tuple)

    def _x(self, at: float) -> str:
        return _short(WIDE * _share(at, self.until))

    @staticmethod
    def _y(share: float) -> str:
        return _short(HIGH * (1 - share))

    @property
    def path(self) -> str:
        if not self.steps:
            return ""
        first, *rest = self.steps
        drawn = f"M{self._x(first.at)} {self._y(first.share)}"
        for step in rest:
            drawn += f"H{self._x(step.at)}V{self._y(step.share)}"
        return drawn + f"H{self._x(self.until)}"

    @property
    def band(self) -> str:
        known = [s for s in self.steps if s.low is not None and s.high is not None]
        if not known:
            return ""
        over = f"M{self._x(known[0].at)} {self._y(known[0].high or 0)}"
        for step in known[1:]:
            over += f"H{self._x(step.at)}V{self._y(step.high or 0)}"
        over += f"H{self._x(self.until)}V{self._y(known[-1].low or 0)}"
        back = list(zip(known[1:], known[:-1], strict=True))
        for step, before in reversed(back):
            over += f"H{self._x(step.at)}V{self._y(before.low or 0)}"
        return over + f"H{self._x(known[0].at)}Z"

    @property
    def ticks(self) -> str:
        found = ""
        for at in self.unfinished:
            share = next((s.share for s in reversed(self.steps) if s.at <= at), 1.0)
            y = HIGH * (1 - share)
            found += f"M{self._x(at)} {_short(y - 1.5)}v3"
        return found

    @property
    def until_text(self) -> str:
        return _short(self.until)

    @property
    def table(self) -> list[tuple[str, str, str]]:
        return [
            (
                _short(s.at),
                _percent(s.share),
                ""
                if s.low is None or s.high is None
                else f"{_percent(s.low)}–{_percent(s.high)}",
            )
            for s in self.steps
        ]


def _share(part: Value, whole: float) -> float:
    return min(1.0, max(0.0, (part or 0) / whole)) if whole else 0.0


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _short(number: float) -> str:
    """As few digits as the eye can tell apart: 12, 3.5, 0.25."""
    return f"{number:.2f}".rstrip("0").rstrip(".")
