"""Tables that come from and go to spreadsheets. Pure: bytes in, rows out, and back.

Reads what form tools and offices write: UTF-8 with and without a mark, UTF-16,
Windows-1252; commas, semicolons, tabs. Formulas stay text.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

MOST_ROWS = 5_000
MOST_COLUMNS = 200
LONGEST_CELL = 10_000
# Blank ones too: a file of nothing but line ends would be read for minutes.
MOST_LINES = 20 * MOST_ROWS
DELIMITERS = (",", ";", "\t", "|")


class NotATable(ValueError):
    """The bytes are no table that can be read; `why` names the reason."""

    def __init__(self, why: str):
        super().__init__(why)
        self.why = why


EMPTY, BINARY, NO_ROWS, NO_HEADINGS, TOO_MANY_ROWS, TOO_WIDE = (
    "empty",
    "binary",
    "no rows",
    "no headings",
    "too many rows",
    "too wide",
)


# A cell that says less than it seems to: its column, in which way, and a word on it.
Mark = tuple[int, str, str]


@dataclass(frozen=True)
class Table:
    headers: tuple[str, ...]
    # Line by line as a spreadsheet numbers them (headings are 1), blank ones left out.
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    encoding: str
    delimiter: str
    # By the number of the line.
    marks: Mapping[int, Sequence[Mark]] = field(default_factory=dict)
    # Of a workbook: the sheet that was read, and those there are.
    sheet: str = ""
    sheets: tuple[str, ...] = ()


# What a reader may choose when the letters look wrong.
ENCODINGS = ("utf-8", "cp1252", "mac_roman", "cp1250", "cp1251", "cp1256", "utf-16")
MIXED = "utf-8 + cp1252"


def read(raw: bytes, *, encoding: str = "") -> Table:
    """The table in these bytes, read as `encoding` where one is named.

    Raises NotATable.
    """
    if not raw.strip(b" \t\r\n\0"):
        raise NotATable(EMPTY)
    if raw[:4] in (b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0", b"\x89PNG"):
        raise NotATable(BINARY)
    if encoding in ENCODINGS:
        text = raw.decode(encoding, errors="replace").removeprefix("\ufeff")
    else:
        encoding, text = decoded(raw)
    if not text.strip():
        raise NotATable(EMPTY)
    if _is_binary(text) or _is_a_page(text):
        raise NotATable(BINARY)
    delimiter = sniffed(text)
    lines = _lines(text, delimiter)
    headers = next((cells for _number, cells in lines if any(cells)), None)
    if headers is None or sum(map(bool, headers)) == 0:
        raise NotATable(NO_HEADINGS)
    if len(headers) > MOST_COLUMNS:
        raise NotATable(TOO_WIDE)
    rows: list[tuple[int, tuple[str, ...]]] = []
    for number, cells in lines:
        if not any(cells):
            continue
        if len(rows) == MOST_ROWS:
            raise NotATable(TOO_MANY_ROWS)
        rows.append((number, cells))
    if not rows:
        raise NotATable(NO_ROWS)
    return Table(headers, tuple(rows), encoding, delimiter)


def decoded(raw: bytes) -> tuple[str, str]:
    """The name of the encoding and the text."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if raw.startswith(mark):
            return encoding, raw.decode(encoding, errors="replace")
    # UTF-16 without its mark: every second byte of Latin text is zero.
    head = raw[:2000]
    if head and head.count(0) > len(head) // 4:
        low = head[1::2].count(0) >= head[0::2].count(0)
        encoding = "utf-16-le" if low else "utf-16-be"
        return encoding, raw.decode(encoding, errors="replace")
    try:
        return "utf-8", raw.decode("utf-8")
    except UnicodeDecodeError:
        if (mended := _line_by_line(raw)) is not None:
            return MIXED, mended
        # Five bytes of it stand for nothing; the replacement shows in the preview.
        return "cp1252", raw.decode("cp1252", errors="replace")


def _line_by_line(raw: bytes) -> str | None:
    """Two exports pasted together: most lines are UTF-8, some are not.

    None unless more of the lines with letters beyond ASCII are UTF-8 than are not.
    """
    lines: list[str] = []
    fine = odd = 0
    for line in raw.splitlines(keepends=True):
        try:
            lines.append(line.decode("utf-8"))
            fine += not line.isascii()
        except UnicodeDecodeError:
            lines.append(line.decode("cp1252", errors="replace"))
            odd += 1
    return "".join(lines) if fine > odd else None


def _is_binary(text: str) -> bool:
    # A few strays are left out later; a picture or a workbook is full of them.
    odd = sum(1 for sign in text[:4000] if sign < " " and sign not in "\t\r\n\f\v")
    return odd > 4


def _is_a_page(text: str) -> bool:
    """Some tools write a web page or XML and call it .xls."""
    head = text.lstrip("\ufeff \t\r\n")[:200].lower()
    return bool(re.match(r"<(\?xml|!doctype|html|head|meta|table)\b", head))


def sniffed(text: str) -> str:
    """The sign between cells: the one that parts the first lines most evenly."""
    best, best_merit = ",", 0.0
    for delimiter in DELIMITERS:
        widths = [
            len(cells)
            for _number, cells in _take(_lines(text[:65_536], delimiter), 30)
            if any(cells)
        ]
        if not widths:
            continue
        width, times = Counter(widths).most_common(1)[0]
        merit = (width - 1) * times / len(widths)
        if widths[0] == width:
            merit *= 1.5
        if merit > best_merit:
            best, best_merit = delimiter, merit
    return best


def _take(lines: Iterator[tuple[int, tuple[str, ...]]], most: int) -> Iterator:
    for _n, line in zip(range(most), lines, strict=False):
        yield line


def _lines(text: str, delimiter: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    # Excel may say its delimiter in a first line of its own.
    text = re.sub(r"\Asep=.\r?\n", "", text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    number = 0
    while True:
        number += 1
        if number > MOST_LINES:
            raise NotATable(TOO_MANY_ROWS)
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise NotATable(BINARY) from error
        # One more than a table may have tells that it is too wide.
        yield number, tuple(cleaned(cell) for cell in cells[: MOST_COLUMNS + 1])


def cleaned(cell: str) -> str:
    """One cell as text: the apostrophe that kept a formula asleep goes again."""
    cell = cell.replace("\0", "").strip()
    if not cell.isascii():
        cell = "".join(c for c in cell if not "\ud800" <= c <= "\udfff")
    if len(cell) > 1 and cell[0] == "'" and is_formula(cell[1:]):
        cell = cell[1:]
    return cell[:LONGEST_CELL]


FORMULA_SIGNS = "=+-@\t\r＝＋－＠"


def is_formula(text: str) -> bool:
    """Whether a spreadsheet might run this cell instead of showing it."""
    return text[:1] != "" and text[0] in FORMULA_SIGNS


def safe(value: object) -> str:
    """A cell that no spreadsheet runs: a leading apostrophe keeps a formula text."""
    text = "" if value is None else str(value)
    return f"'{text}" if is_formula(text) else text


def written(headers: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    """The table as CSV, every cell safe, with the mark that Excel needs for UTF-8."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow([safe(h) for h in headers])
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return out.getvalue()
