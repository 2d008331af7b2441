"""Workbooks that come from spreadsheets, and tables that go to them (.xlsx). Pure.

A workbook is a ZIP of XML. How much is in it is looked up before any of it is read,
and its sheets are read row by row, so that neither a ZIP that swells nor a sheet
with one cell a million lines down fills the memory. Formulas never run: what they
came to when the file was saved is read, and a cell without that is named.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from cohorts.spreadsheets import (
    BINARY,
    EMPTY,
    MOST_COLUMNS,
    MOST_LINES,
    MOST_ROWS,
    NO_HEADINGS,
    NO_ROWS,
    TOO_MANY_ROWS,
    TOO_WIDE,
    Mark,
    NotATable,
    Table,
    cleaned,
)

SWOLLEN, LOCKED, OPEN_DOCUMENT = "swollen", "locked", "open document"
MOST_UNPACKED = 64 * 1024 * 1024
# Of all its sheets, and of the texts that they share: what one table may hold.
MOST_CELLS = MOST_ROWS * MOST_COLUMNS
# Of what is read whole: styles, names, relations.
MOST_OF_A_PART = 4 * 1024 * 1024
MOST_PARTS = 2_000
MOST_SHEETS = 50
# Beyond these a sheet is a drawing, and the rest of its cells goes unnamed.
MOST_MERGED = 2_000
MOST_MARKS = 20_000
ERRORS = frozenset(
    ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!")
)


def is_workbook(raw: bytes) -> bool:
    return raw[:4] == b"PK\x03\x04"


def is_locked(raw: bytes) -> bool:
    """A workbook under a password, or one from before 2007: neither can be read."""
    return raw[:4] == b"\xd0\xcf\x11\xe0"


def read(raw: bytes, *, sheet: str = "") -> Table:
    """The table on this sheet, or on the first visible one with lines on it.

    Raises NotATable.
    """
    _vet(raw)
    with warnings.catch_warnings():
        # Of styles and extensions that it leaves out, and nobody misses.
        warnings.simplefilter("ignore")
        try:
            return _read(raw, sheet)
        except NotATable:
            raise
        except Exception as error:
            # Broken XML comes out of the library as nearly any kind of error.
            raise NotATable(BINARY) from error


def _vet(raw: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as parts:
            infos = parts.infolist()
            names = {info.filename for info in infos}
            if "mimetype" in names:
                with parts.open("mimetype") as kind:
                    is_sheet = b"opendocument.spreadsheet" in kind.read(100)
                raise NotATable(OPEN_DOCUMENT if is_sheet else BINARY)
            if "[Content_Types].xml" not in names or not any(
                name.startswith("xl/") for name in names
            ):
                raise NotATable(BINARY)
            if any(info.flag_bits & 1 for info in infos):
                raise NotATable(LOCKED)
            # Python reads no further than what a part says of itself, so what they
            # say is the most there can be.
            if len(infos) > MOST_PARTS or sum(i.file_size for i in infos) > (
                MOST_UNPACKED
            ):
                raise NotATable(SWOLLEN)
            for info in infos:
                if not info.filename.endswith((".xml", ".rels")):
                    continue
                if info.file_size > MOST_OF_A_PART and not info.filename.startswith(
                    ("xl/worksheets/sheet", "xl/sharedStrings", "xl/pivotCache/")
                ):
                    raise NotATable(SWOLLEN)
                with parts.open(info) as part:
                    # No office writes these; they could define letters that swell.
                    if b"<!DOCTYPE" in part.read(4096):
                        raise NotATable(BINARY)
            _count(parts, infos)
    except NotATable:
        raise
    except Exception as error:
        raise NotATable(BINARY) from error


_PIECE = 1024 * 1024
_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_CELL = re.compile(rb"<(?:\w+:)?(?:c|si)[\s/>]")


def _count(parts: zipfile.ZipFile, infos: Iterable[zipfile.ZipInfo]) -> None:
    """The library walks through whole sheets to learn their size, at a thousandth of
    the pace of looking for the words alone, so these are counted before."""
    lines = cells = 0
    for info in infos:
        with parts.open(info) as part:
            while piece := part.read(_PIECE):
                # Twice as wide, they are the same words.
                piece = piece.replace(b"\0", b"")
                lines += len(_ROW.findall(piece))
                cells += len(_CELL.findall(piece))
                if lines > MOST_LINES or cells > MOST_CELLS:
                    raise NotATable(TOO_MANY_ROWS)


def _read(raw: bytes, wanted: str) -> Table:
    # Loaded when somebody brings a workbook: few processes ever need it.
    import openpyxl

    book = openpyxl.load_workbook(
        io.BytesIO(raw), read_only=True, data_only=True, keep_links=False
    )
    shown = [s for s in book.worksheets if s.sheet_state == "visible"][:MOST_SHEETS]
    titles = tuple(s.title for s in shown)
    if wanted:
        found = next((s for s in shown if s.title == wanted), None)
        if found is None:
            raise NotATable(EMPTY)
        return _table(raw, found, titles)
    first_error: NotATable | None = None
    for one in shown:
        try:
            return _table(raw, one, titles)
        except NotATable as error:
            # A cover sheet of a few words is no table; the list comes behind it.
            if error.why not in (EMPTY, NO_ROWS, NO_HEADINGS):
                raise
            first_error = first_error or error
    raise first_error or NotATable(EMPTY)


def _table(raw: bytes, sheet: Any, titles: tuple[str, ...]) -> Table:
    # What a sheet says of its own size may be anything.
    sheet.reset_dimensions()
    headers: tuple[str, ...] | None = None
    rows: list[tuple[int, tuple[str, ...]]] = []
    for number, cells in enumerate(_lines(sheet), start=1):
        if number > MOST_LINES:
            raise NotATable(TOO_MANY_ROWS)
        if not any(cells):
            continue
        if headers is None:
            if len(cells) > MOST_COLUMNS:
                raise NotATable(TOO_WIDE)
            headers = cells
            continue
        if len(rows) == MOST_ROWS:
            raise NotATable(TOO_MANY_ROWS)
        rows.append((number, cells))
    if headers is None:
        raise NotATable(EMPTY)
    if not rows:
        raise NotATable(NO_ROWS)
    marks = _marks(raw, sheet, rows, width=len(headers))
    return Table(
        headers,
        tuple(rows),
        "xlsx",
        "",
        marks=marks,
        sheet=sheet.title,
        sheets=titles,
    )


def _lines(sheet: Any) -> Iterator[tuple[str, ...]]:
    for values in sheet.iter_rows(values_only=True):
        cells = [in_words(value) for value in values[: MOST_COLUMNS + 1]]
        while cells and not cells[-1]:
            cells.pop()
        yield tuple(cells)


def in_words(value: object) -> str:
    """A cell as somebody would type it: 5 and not 5.0, 2027-03-05 and not 46451."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format(value, ".15g")
    if isinstance(value, datetime):
        if value.time() == time():
            return value.date().isoformat()
        return value.isoformat(" ", timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat(timespec="minutes")
    if isinstance(value, timedelta):
        minutes = int(value.total_seconds() // 60)
        return f"{minutes // 60}:{minutes % 60:02}"
    return cleaned(str(value))


# --- Cells that say less than they seem to ------------------------------------------

_TAG = rb"<(?:\w+:)?"
_PLACE = rb'="([A-Z]{1,3})(\d{1,7})'
_MERGED = re.compile(
    _TAG + rb"mergeCell\b[^<>]*?\bref" + _PLACE + rb':([A-Z]{1,3})(\d{1,7})"'
)
# A formula, and nothing that it came to.
_UNVALUED = re.compile(
    _TAG + rb"c\b[^<>]*?\br" + _PLACE + rb'"[^<>]*>\s*'
    rb"<(?:\w+:)?f\b[^<>]*(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)


def _marks(
    raw: bytes, sheet: Any, rows: list[tuple[int, tuple[str, ...]]], *, width: int
) -> dict[int, list[Mark]]:
    """By line: which cells are part of a merged one, an error, a formula unsaved."""
    found: dict[int, list[Mark]] = {}
    numbers = [number for number, _cells in rows]
    known = set(numbers)
    for number, cells in rows:
        for column, cell in enumerate(cells):
            if cell in ERRORS:
                found.setdefault(number, []).append((column, "error", cell))
    with zipfile.ZipFile(io.BytesIO(raw)) as parts:
        xml = parts.read(sheet._worksheet_path)
    for match in _UNVALUED.finditer(xml):
        column, number = column_of(match[1].decode()), int(match[2])
        if number in known and column < width:
            found.setdefault(number, []).append((column, "formula", ""))
    n = 0
    for n, match in enumerate(_MERGED.finditer(xml)):
        if n == MOST_MERGED:
            break
        left, top = column_of(match[1].decode()), int(match[2])
        right, bottom = column_of(match[3].decode()), int(match[4])
        corner = f"{match[1].decode()}{top}"
        here = numbers[bisect_left(numbers, top) : bisect_right(numbers, bottom)]
        for number in here:
            for column in range(left, min(right + 1, width)):
                if (number, column) != (top, left):
                    found.setdefault(number, []).append((column, "merged", corner))
        if sum(map(len, found.values())) > MOST_MARKS:
            break
    return found


def column_of(letters: str) -> int:
    """A → 0, Z → 25, AA → 26, as spreadsheets name their columns."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def letters_of(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


# --- Out ----------------------------------------------------------------------------

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def written(
    title: str, headers: Iterable[object], rows: Iterable[Iterable[object]]
) -> bytes:
    """The table as a workbook. Every cell is text or a number, and none can run."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31] or "1")
    sheet.freeze_panes = "A2"

    def cell(value: object, *, bold: bool = False) -> Any:
        if value is None or value == "":
            return None
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        made = WriteOnlyCell(sheet, value="")
        # The kind is set by hand: the library takes a text with “=” for a formula.
        made.value = _UNPRINTABLE.sub("", str(value))[:32_767]
        made.data_type = "s"
        if bold:
            made.font = Font(bold=True)
        return made

    sheet.append([cell(h, bold=True) for h in headers])
    for row in rows:
        sheet.append([cell(value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
