"""Workbooks in: dates, formulas, merged cells, several sheets, and files that choke."""

import io
import warnings
import zipfile
from datetime import date, datetime, time

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cohorts import spreadsheets, workbooks
from cohorts.spreadsheets import NotATable

FRIDAY = datetime(2027, 3, 5, 14, 30)
ANY_TEXT = st.text(max_size=60)


def workbook(*lines, title="People", merge=(), more=()):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for line in lines:
        sheet.append(line)
    for area in merge:
        sheet.merge_cells(area)
    for name, others, state in more:
        other = book.create_sheet(name)
        other.sheet_state = state
        for line in others:
            other.append(line)
    return saved(book)


def saved(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def changed(raw, part, change):
    """The same workbook with one of its parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == part else content)
    return out.getvalue()


def rows(raw, **kwargs):
    return [cells for _number, cells in workbooks.read(raw, **kwargs).rows]


def test_cells_come_as_somebody_would_type_them():
    raw = workbook(
        ["name", "n", "hours", "born", "at", "when", "yes"],
        [
            "Ada",
            5.0,
            7.5,
            date(1990, 3, 4),
            datetime(2027, 3, 5, 14, 30),
            time(9),
            True,
        ],
    )

    assert rows(raw) == [
        ("Ada", "5", "7.5", "1990-03-04", "2027-03-05 14:30", "09:00", "true")
    ]


def test_four_scripts_and_long_names_come_through():
    names = ["Амина Юсуф", "ليلى حسن", "李小龍", "Nguyễn Thị Minh Khai", "N" * 300]
    raw = workbook(["name"], *[[name] for name in names])

    assert rows(raw) == [(name,) for name in names]


def test_lines_keep_the_numbers_that_the_spreadsheet_shows():
    raw = workbook([], ["name"], [], ["Ada"], [None], ["Ben"])

    assert workbooks.read(raw).rows == ((4, ("Ada",)), (6, ("Ben",)))


def test_a_formula_gives_what_it_came_to():
    raw = workbook(["name", "n"], ["Ada", "=1+1"])
    known = changed(
        raw,
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>").replace(
            b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>"
        ),
    )

    table = workbooks.read(known)
    assert (table.rows, dict(table.marks)) == (((2, ("Ada", "2")),), {})


def test_a_formula_never_worked_out_is_named():
    table = workbooks.read(workbook(["name", "n"], ["Ada", "=1+1"]))

    assert dict(table.marks) == {2: [(1, "formula", "")]}


def test_an_error_in_a_cell_is_named():
    table = workbooks.read(workbook(["name", "n"], ["Ada", "#N/A"]))

    assert dict(table.marks) == {2: [(1, "error", "#N/A")]}


def test_merged_cells_are_named_by_row_and_column():
    raw = workbook(
        ["name", "organisation", "mail"],
        ["Ada", "Birch", "ada@example.net"],
        ["Ben", None, "ben@example.net"],
        ["Cy", None, None],
        merge=("B2:B3", "B4:C4"),
    )

    table = workbooks.read(raw)

    assert dict(table.marks) == {
        3: [(1, "merged", "B2")],
        4: [(2, "merged", "B4")],
    }


def test_the_first_sheet_with_lines_is_read_and_others_can_be_asked_for():
    raw = workbook(
        ["Our applicants of 2027"],
        title="Cover",
        more=[
            ("Applicants", [["name"], ["Ada"]], "visible"),
            ("Spare", [["name"], ["Ben"]], "visible"),
            ("Notes", [["name"], ["Secret"]], "hidden"),
        ],
    )

    table = workbooks.read(raw)

    assert (table.sheet, table.sheets) == (
        "Applicants",
        ("Cover", "Applicants", "Spare"),
    )
    assert rows(raw, sheet="Spare") == [("Ben",)]
    for title in ("Notes", "No such sheet"):
        with pytest.raises(NotATable):
            workbooks.read(raw, sheet=title)


def test_a_cell_a_million_lines_down_is_refused_at_once():
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "name", "x"

    with pytest.raises(NotATable) as refused:
        workbooks.read(saved(book))

    assert refused.value.why == spreadsheets.TOO_MANY_ROWS


@pytest.mark.parametrize(
    "sheet",
    [
        '<row r="1"><c t="inlineStr"><is><t>n</t></is></c></row>' + "<row/>" * 101_000,
        "<row>" + "<c/>" * 1_001_000 + "</row>",
    ],
    ids=["rows", "cells"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_sheet_without_end_is_refused_before_the_library_walks_through_it(
    sheet, encoding, monkeypatch
):
    """It reads a sheet that does not tell its size from end to end to learn it."""
    kept = f"<worksheet><sheetData>{sheet}</sheetData></worksheet>"
    raw = changed(
        workbook(["name"], ["Ada"]),
        "xl/worksheets/sheet1.xml",
        lambda _xml: kept.encode(encoding),
    )
    monkeypatch.setattr(openpyxl, "load_workbook", None)

    with pytest.raises(NotATable) as refused:
        workbooks.read(raw)

    assert refused.value.why == spreadsheets.TOO_MANY_ROWS


def test_what_a_sheet_says_of_its_size_is_not_believed():
    raw = changed(
        workbook(["name"], ["Ada"]),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b'ref="A1:A2"', b'ref="A1:XFD1048576"'),
    )

    assert rows(raw) == [("Ada",)]


def bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("[Content_Types].xml", "<Types/>")
        parts.writestr("xl/worksheets/sheet1.xml", b" " * (65 * 1024 * 1024))
    return out.getvalue()


def swollen_styles():
    return changed(
        workbook(["name"], ["Ada"]),
        "xl/styles.xml",
        lambda xml: xml + b" " * (5 * 1024 * 1024),
    )


def document():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as parts:
        parts.writestr("[Content_Types].xml", "<Types/>")
        parts.writestr("word/document.xml", "<document/>")
    return out.getvalue()


def with_entities():
    return changed(
        workbook(["name"], ["Ada"]),
        "xl/worksheets/sheet1.xml",
        lambda xml: b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + xml,
    )


def open_document():
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as parts:
        parts.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        parts.writestr("content.xml", "<office:document-content/>")
    return raw.getvalue()


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (bomb, workbooks.SWOLLEN),
        (swollen_styles, workbooks.SWOLLEN),
        (document, spreadsheets.BINARY),
        (open_document, workbooks.OPEN_DOCUMENT),
        (with_entities, spreadsheets.BINARY),
        (lambda: workbook(), spreadsheets.EMPTY),
        (lambda: workbook(["name"]), spreadsheets.NO_ROWS),
        (lambda: workbook(["h"] * 201, ["x"]), spreadsheets.TOO_WIDE),
        (lambda: workbook(["name"], ["Ada"])[:400], spreadsheets.BINARY),
        (
            lambda: workbook(["name"], *[["Ada"]] * 5001),
            spreadsheets.TOO_MANY_ROWS,
        ),
    ],
    ids=[
        "bomb",
        "styles",
        "document",
        "open document",
        "entities",
        "empty",
        "headings",
        "wide",
        "torn",
        "long",
    ],
)
def test_a_file_made_to_choke_on_is_refused(raw, why):
    with pytest.raises(NotATable) as refused:
        workbooks.read(raw())

    assert refused.value.why == why


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2_000), st.binary(min_size=1, max_size=8))
def test_a_damaged_workbook_is_a_table_or_says_why(place, damage):
    raw = bytearray(workbook(["name", "mail"], ["Ada", "ada@example.net"]))
    raw[place : place + len(damage)] = damage

    try:
        table = workbooks.read(bytes(raw))
    except NotATable:
        return

    assert table.rows


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(ANY_TEXT, ANY_TEXT), min_size=1, max_size=4))
def test_no_written_cell_can_run(lines):
    raw = workbooks.written("Call: [a]/b", ["x", "y"], lines)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sheet = openpyxl.load_workbook(io.BytesIO(raw)).worksheets[0]
    assert "f" not in {c.data_type for line in sheet.iter_rows() for c in line}


def test_columns_have_the_names_that_spreadsheets_give_them():
    letters = ["A", "Z", "AA", "AZ", "XFD"]

    numbers = [workbooks.column_of(name) for name in letters]

    assert numbers == [0, 25, 26, 51, 16383]
    assert [workbooks.letters_of(n) for n in numbers] == letters
