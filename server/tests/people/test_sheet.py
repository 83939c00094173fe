"""F1: whatever the bytes, the answer is rows or errors."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from toktra.people.rules import Row, RowError, read_sheet
from toktra.people.rules.sheet import COLUMNS

CELL = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
PRESENT = CELL.map(str.strip).filter(bool)


@given(st.binary(max_size=400) | st.text(alphabet='email,nam;\t"\n\r\0é', max_size=60).map(str.encode))
@example(b"\xef\xbb\xbf")
@example(b'email,name\n"a,b\n')
def test_any_bytes_are_answered(content: bytes) -> None:
    sheet = read_sheet(content)
    assert sheet.rows or sheet.errors
    assert all(error.row >= 1 and error.reason for error in sheet.errors)


@given(
    st.lists(st.tuples(PRESENT, PRESENT, CELL, CELL, CELL), min_size=1, max_size=5),
    st.permutations(COLUMNS),
    st.sampled_from(",;\t"),
    st.sampled_from(["", "\ufeff"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_a_csv_writer_writes_is_read_back(
    people: list[tuple[str, ...]], order: list[str], delimiter: str, mark: str, newline: str
) -> None:
    file = io.StringIO()
    writer = csv.DictWriter(file, order, delimiter=delimiter, lineterminator=newline, quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(dict(zip(COLUMNS, person, strict=True)) for person in people)
    sheet = read_sheet((mark + file.getvalue()).encode())
    assert sheet.errors == ()
    for number, (row, person) in enumerate(zip(sheet.rows, people, strict=True), start=2):
        email, name, *rest = (cell.strip() for cell in person)
        assert row == Row(number, email, name, *(cell or None for cell in rest))


def errors(content: str | bytes) -> list[tuple[int, str]]:
    sheet = read_sheet(content.encode() if isinstance(content, str) else content)
    return [(error.row, error.field) for error in sheet.errors]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", [(1, "file")]),
        ("\n \r\n", [(1, "file")]),
        ("\ufeff", [(1, "email")]),
        ("email,name\n", [(1, "file")]),
        ("email,name\n,\n", [(1, "file")]),
        ("email,nam\nx,y", [(1, "nam")]),
        ("email,name,\nx,y,", [(1, "header")]),
        ("email,name,email\na,b,c", [(1, "email")]),
        ("name\nAda", [(1, "email")]),
        ("email\na@b", [(1, "name")]),
        ("email,name\na@b,A\na@b,A,c\nd@b,D", [(3, "row")]),
        ("email,name\na@b", [(2, "row")]),
        ('email,name\na@b,A\nc@b,"C', [(3, "file")]),
        ('email,name\na@b,"A"x', [(2, "file")]),
        ("email,name\na@b,A\x00", [(2, "file")]),
        (b"email,name\na@b,A\nc@b,\xff", [(3, "file")]),
        (b"\xff\xfee\0m\0", [(1, "file")]),
        ("email,name\n" + "a@b,A\n" * 50_001, [(50_002, "file")]),
        ("email,name\na@b," + "A" * 200_000, [(2, "file")]),
    ],
)
def test_a_file_that_cannot_be_read_says_where(content: str | bytes, expected: list[tuple[int, str]]) -> None:
    assert errors(content) == expected


def test_a_whole_file_of_the_largest_size_is_read() -> None:
    assert len(read_sheet(b"email,name\n" + b"a@b,A\n" * 50_000).rows) == 50_000


def test_blank_rows_are_passed_over_and_counted() -> None:
    sheet = read_sheet(b"\nEmail , NAME\n\n,\n a@b , Ada L \n")
    assert sheet.rows == (Row(5, "a@b", "Ada L"),)
    assert sheet.errors == ()


def test_a_cell_may_hold_the_other_delimiters() -> None:
    sheet = read_sheet(b'email;name\na@b;"L, Ada; \t"\n')
    assert sheet.rows == (Row(2, "a@b", "L, Ada;"),)


def test_readable_rows_come_with_the_errors_of_the_others() -> None:
    sheet = read_sheet(b"email,name\na@b,A\nc@b\n")
    assert [row.email for row in sheet.rows] == ["a@b"]
    assert sheet.errors == (RowError(3, "row", "This row has 1 cells, the header has 2."),)
