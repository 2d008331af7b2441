"""Tables as form tools and offices write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohorts import spreadsheets
from cohorts.spreadsheets import NotATable, is_formula, read, safe, written

LINES = "name,mail\nZoë Müller,zoe@example.net\n"


def rows(raw):
    return [cells for _number, cells in read(raw).rows]


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        (LINES.encode(), "utf-8"),
        (LINES.encode("utf-8-sig"), "utf-8-sig"),
        (LINES.encode("utf-16"), "utf-16"),
        (LINES.encode("utf-16-le"), "utf-16-le"),
        (LINES.encode("utf-16-be"), "utf-16-be"),
        (LINES.encode("cp1252"), "cp1252"),
    ],
)
def test_every_usual_encoding_gives_the_same_table(raw, encoding):
    table = read(raw)

    assert table.encoding == encoding
    assert table.headers == ("name", "mail")
    assert table.rows == ((2, ("Zoë Müller", "zoe@example.net")),)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_sign_between_cells_is_found(delimiter):
    raw = delimiter.join("abc") + "\n" + delimiter.join(["1,5 h", "x", "y"]) + "\n"

    assert read(raw.replace("1,5", "15" if delimiter == "," else "1,5").encode())


def test_a_semicolon_file_with_commas_inside():
    raw = b"name;says\nAda;yes, of course, now\nBen;no, never, ever\n"

    assert rows(raw) == [("Ada", "yes, of course, now"), ("Ben", "no, never, ever")]


def test_excel_may_say_its_delimiter():
    assert rows(b"sep=;\nname;mail\nAda;a@b.net\n") == [("Ada", "a@b.net")]


def test_quoted_cells_may_hold_lines_and_delimiters():
    assert rows(b'name,says\n"Ada, of Birch","one\ntwo"\n') == [
        ("Ada, of Birch", "one\ntwo")
    ]


def test_blank_lines_are_left_out_and_the_others_keep_their_numbers():
    assert read(b"name\n\nAda\n\nBen\n").rows == ((3, ("Ada",)), (5, ("Ben",)))


def test_slashes_and_plus_signs_stay_as_they_are():
    assert rows(b"age,level\n60+,Level 2/Level 3/Other\n") == [
        ("60+", "Level 2/Level 3/Other")
    ]


def test_a_formula_is_text():
    assert rows(b'name,note\nAda,"=HYPERLINK(""http://x"")"\n') == [
        ("Ada", '=HYPERLINK("http://x")')
    ]


def test_nul_bytes_inside_a_table_are_left_out():
    assert rows(b"name,note\nAda,one\0two\nBen,fine\n")[0][0] == "Ada"


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", spreadsheets.EMPTY),
        (b"\n\n \n", spreadsheets.EMPTY),
        (b"\0\0\0", spreadsheets.EMPTY),
        (b"name,mail\n", spreadsheets.NO_ROWS),
        (b"PK\x03\x04 a workbook", spreadsheets.BINARY),
        (b"%PDF-1.7", spreadsheets.BINARY),
        (bytes(range(256)) * 40, spreadsheets.BINARY),
        (b"<html><body><table><tr><td>name</td></tr>\n", spreadsheets.BINARY),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<Workbook/>\n', spreadsheets.BINARY),
        (",".join("abcdefgh" * 40).encode() + b"\n1\n", spreadsheets.TOO_WIDE),
        (b"n\n" + b"x\n" * 5001, spreadsheets.TOO_MANY_ROWS),
    ],
)
def test_what_is_no_table_says_why(raw, why):
    with pytest.raises(NotATable) as error:
        read(raw)

    assert error.value.why == why


def test_five_thousand_rows_are_read():
    assert len(read(b"n\n" + b"x\n" * 5000).rows) == 5000


@given(st.binary(max_size=400))
def test_any_bytes_are_a_table_or_say_why(raw):
    try:
        table = read(raw)
    except NotATable:
        return

    assert all(
        "\0" not in cell and not any("\ud800" <= c <= "\udfff" for c in cell)
        for _number, cells in table.rows
        for cell in cells
    )


@pytest.mark.parametrize("cell", ["=1+1", "+49 1", "-2", "@x", "\tx", "\rx", "＝1"])
def test_a_written_cell_that_could_run_gets_an_apostrophe(cell):
    assert safe(cell) == f"'{cell}"


def test_what_was_written_safely_reads_back_as_it_was():
    text = written(["name", "says"], [["Ada", "=1+1"], ["Ben", "it's, fine"]])

    assert rows(text.encode()) == [("Ada", "=1+1"), ("Ben", "it's, fine")]


@given(st.text())
def test_no_written_cell_can_run(text):
    assert not is_formula(safe(text))


BLANKS = b"name,mail\n" + b"\n" * 1_000_000


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (BLANKS, spreadsheets.TOO_MANY_ROWS),
        (b"a" + b",a" * 1_000_000, spreadsheets.TOO_WIDE),
        (b"," * 1_000_000, spreadsheets.NO_HEADINGS),
        (b"name,mail\n" + b"," * 1_000_000, spreadsheets.NO_ROWS),
        (b"name,mail\n" + b'"' + b"a" * 1_000_000 + b'"', spreadsheets.BINARY),
        (b"name\n" + b"a\n" * 1_000_000, spreadsheets.TOO_MANY_ROWS),
        (b"PK\x03\x04" + b"\0" * 100, spreadsheets.BINARY),
    ],
    ids=["lines", "headings", "blank headings", "cells", "one cell", "rows", "zip"],
)
def test_a_file_made_to_choke_on_is_refused(raw, why):
    with pytest.raises(spreadsheets.NotATable) as refused:
        spreadsheets.read(raw)

    assert refused.value.why == why


def test_no_more_of_a_line_is_read_than_a_table_may_have():
    """A million cells of one line would each be mended first."""
    (line,) = rows(b"name,mail\n" + b"x," * 1_000)

    assert len(line) == spreadsheets.MOST_COLUMNS + 1


def test_two_exports_pasted_together_are_each_read_as_they_are_written():
    raw = "name\nZoë\nAndré\nJosé\n".encode() + "Müller\n".encode("cp1252")

    table = read(raw)

    assert table.encoding == spreadsheets.MIXED
    assert [cells for _number, cells in table.rows] == [
        ("Zoë",),
        ("André",),
        ("José",),
        ("Müller",),
    ]


def test_letters_are_read_as_somebody_says_they_were_written():
    raw = "name\nJosé\n".encode("mac_roman")

    assert read(raw, encoding="mac_roman").rows == ((2, ("José",)),)
    assert read(raw, encoding="no-such-letters").encoding == "cp1252"
