"""PURE: which numbers about people may be shown, and what must be hidden with them.

The rules are those of statistical offices (Hundepool et al., *Statistical
Disclosure Control*, 2012): small cells are hidden, then a second cell wherever a
first could be worked out from a total, to a fixed point; what is left is
rounded, each number by itself. Before a table leaves, an attacker who knows the
rules and everything shown tries to narrow the hidden cells. If that succeeds the
table loses its columns, then its rows, then is not shown at all.

A hidden cell never says whether it is small itself or hides a neighbour. Measured
with an exact solver: told apart, one table in ten with a threshold of 10, and every
one with a threshold of 5, gave a cell away; kept together, none did.

The attacker here tightens integer bounds along the sums until nothing moves. It
is sound but not complete: an exact solver could find more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

ALL = "total"  # the margin of a row, a column, the table

# Fewer possible values than this, and a hidden cell counts as found out.
NARROWEST = 6

# A percentage of fewer people is a band.
BANDS_BELOW = 50

Key = tuple[str, str]
Bounds = dict[Key, tuple[int, int]]


class Shown(StrEnum):
    VALUE = "value"
    SMALL = "small"  # fewer than K, or it would give away a cell that is


@dataclass(frozen=True, kw_only=True)
class Rules:
    """`threshold` is K: no group of fewer people is shown. Both never below five."""

    threshold: int = 10
    rounding: int = 5

    def __post_init__(self) -> None:
        if self.threshold < 5 or self.rounding < 5:
            raise ValueError("Groups below five, or unrounded people, are never shown.")

    def rounded(self, count: int) -> int:
        return self.rounding * ((count + self.rounding // 2) // self.rounding)

    def could_be(self, shown: int) -> tuple[int, int]:
        """The counts that are shown as this number; fewer than K never are."""
        below = self.rounding // 2
        return max(self.threshold, shown - below), shown + self.rounding - 1 - below


@dataclass(frozen=True)
class Cell:
    """A number as everyone may see it, or the reason why it is hidden."""

    shown: Shown
    value: int | None = None


@dataclass(frozen=True)
class Safe:
    """A table that may leave: cells by (row, column), margins under `ALL`.

    `kept` says what is left of it: "all", "rows" (its columns were dropped),
    "total", or "nothing"; `why` is empty or a code: "few" (too few people
    altogether), "audit" (the attacker succeeded).
    """

    cells: Mapping[Key, Cell]
    kept: str
    why: str = ""
    hidden: int = field(default=0)


def protect(counts: Mapping[Key, int], rules: Rules) -> Safe:
    """Counts of people by (row, column) → what may be shown of them.

    A table of one dimension has one column of any name. Each person stands in
    one cell at most; the margins are worked out here.
    """
    people = sum(counts.values())
    if people < rules.threshold:
        return Safe({}, "nothing", "few")
    total = {(ALL, ALL): Cell(Shown.VALUE, rules.rounded(people))}
    if people < 3 * rules.threshold:
        return Safe(total, "total", "few")
    for kept, table in (("all", dict(counts)), ("rows", _without_columns(counts))):
        cells = _shown(table, rules)
        if is_safe(cells, rules):
            hidden = sum(cell.shown != Shown.VALUE for cell in cells.values())
            return Safe(cells, kept, "" if kept == "all" else "audit", hidden)
    return Safe(total, "total", "audit")


def protect_share(part: int, whole: int, rules: Rules) -> tuple[int, int] | None:
    """A part of a whole of people, both rounded; None where either side is small.

    Those outside the part are a group as well: 118 of 120 would tell of two.
    """
    if min(part, whole - part) < rules.threshold:
        return None
    return rules.rounded(part), rules.rounded(whole)


def percent(part: int, whole: int) -> tuple[int, int] | None:
    """What may be printed of two shown numbers, as a span in percent: (from, to).

    One number where the whole is 50 or more, a fifth of the scale below. Never none or
    all: what rounds to them is "under 5" or "over 95", for the rounded numbers do not
    know better. None where there is no whole, or a part larger than it.
    """
    if whole <= 0 or not 0 <= part <= whole:
        return None
    exact = 100 * part / whole
    if whole < BANDS_BELOW:
        fifth = min(4, int(exact // 20))
        return 20 * fifth, 20 * fifth + 20
    if exact < 5:
        return 0, 5
    if exact > 95:
        return 95, 100
    return round(exact), round(exact)


def protect_mean(total: float, answers: int, rules: Rules) -> float | None:
    """A mean to one decimal, if K people answered."""
    return round(total / answers, 1) if answers >= rules.threshold else None


def people_moved(before: Mapping[Key, int], after: Mapping[Key, int]) -> int:
    """The fewest people who must have come, gone or changed between two tables.

    A table of which fewer than K moved is not released again: the difference would
    be a table about them.
    """
    changes = [after.get(k, 0) - before.get(k, 0) for k in {*before, *after}]
    came = sum(change for change in changes if change > 0)
    went = -sum(change for change in changes if change < 0)
    return max(came, went)


def _without_columns(counts: Mapping[Key, int]) -> dict[Key, int]:
    rows: dict[Key, int] = {}
    for (row, _column), count in counts.items():
        rows[row, ""] = rows.get((row, ""), 0) + count
    return rows


def _with_margins(counts: Mapping[Key, int]) -> dict[Key, int]:
    rows = list(dict.fromkeys(row for row, _ in counts))
    columns = list(dict.fromkeys(column for _, column in counts))
    full = {(r, c): counts.get((r, c), 0) for r in rows for c in columns}
    if len(columns) > 1:
        full |= {(r, ALL): sum(full[r, c] for c in columns) for r in rows}
        full |= {(ALL, c): sum(full[r, c] for r in rows) for c in columns}
        full[ALL, ALL] = sum(counts.values())
    else:
        full[ALL, columns[0]] = sum(counts.values())
    return full


def lines(cells: Mapping[Key, object]) -> Iterator[tuple[list[Key], Key]]:
    """Every sum in a table with margins: its parts, and the cell they add up to."""
    rows = [r for r in dict.fromkeys(r for r, _ in cells) if r != ALL]
    columns = [c for c in dict.fromkeys(c for _, c in cells) if c != ALL]
    for column in columns:
        yield [(r, column) for r in rows], (ALL, column)
    if len(columns) > 1:
        for row in rows:
            yield [(row, c) for c in columns], (row, ALL)
        yield [(r, ALL) for r in rows], (ALL, ALL)
        yield [(ALL, c) for c in columns], (ALL, ALL)


def _shown(counts: Mapping[Key, int], rules: Rules) -> dict[Key, Cell]:
    full = _with_margins(counts)
    hidden = {key for key, count in full.items() if count < rules.threshold}
    moved = True
    while moved:
        moved = False
        for parts, total in lines(full):
            gone = [key for key in parts if key in hidden]
            shown = [key for key in parts if key not in hidden]
            if total in hidden:  # a hidden sum is one more unknown of its line
                given_away = not gone
            else:
                few = sum(full[key] for key in gone) < rules.threshold
                given_away = len(gone) == 1 or (bool(gone) and few)
            if given_away and shown:
                # The smallest is the least lost; ties fall to the first name.
                hidden.add(min(shown, key=lambda k: (full[k], k)))
                moved = True
    return {
        key: Cell(Shown.SMALL)
        if key in hidden
        else Cell(Shown.VALUE, rules.rounded(count))
        for key, count in full.items()
    }


def is_safe(cells: Mapping[Key, Cell], rules: Rules) -> bool:
    """Whether the attacker leaves every hidden cell wide open."""
    bounds = attack(cells, rules)
    for key, cell in cells.items():
        low, high = bounds[key]
        if cell.shown != Shown.VALUE and high - low + 1 < NARROWEST:
            return False
    return not any(
        _all_or_none(cells, bounds, parts, total) for parts, total in lines(cells)
    )


def attack(cells: Mapping[Key, Cell], rules: Rules) -> Bounds:
    """The counts each cell can have, given all that is shown: (least, most)."""
    most = max((c.value or 0 for c in cells.values()), default=0) + rules.rounding
    bounds: Bounds = {
        key: (0, most) if cell.value is None else rules.could_be(cell.value)
        for key, cell in cells.items()
    }
    moved = True
    while moved:
        moved = False
        for parts, total in lines(cells):
            low = sum(bounds[key][0] for key in parts)
            high = sum(bounds[key][1] for key in parts)
            moved |= _tighten(bounds, total, low, high)
            least, greatest = bounds[total]
            for key in parts:
                others_low = low - bounds[key][0]
                others_high = high - bounds[key][1]
                before = bounds[key]
                if _tighten(bounds, key, least - others_high, greatest - others_low):
                    low += bounds[key][0] - before[0]
                    high += bounds[key][1] - before[1]
                    moved = True
    return bounds


def _tighten(bounds: Bounds, key: Key, low: int, high: int) -> bool:
    was = bounds[key]
    now = max(was[0], low), min(was[1], high)
    if now[0] > now[1]:  # rounding never contradicts itself; keep what was known
        return False
    bounds[key] = now
    return now != was


def _all_or_none(
    cells: Mapping[Key, Cell], bounds: Bounds, parts: list[Key], total: Key
) -> bool:
    """Whether a hidden part is known to be empty, or to be everybody."""
    for key in parts:
        if cells[key].shown == Shown.VALUE:
            continue
        others = sum(bounds[other][1] for other in parts if other != key)
        if bounds[key][1] == 0 or (others == 0 and bounds[total][0] > 0):
            return True
    return False
