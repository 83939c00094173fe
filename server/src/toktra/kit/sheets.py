"""CSV files from the bytes to rows by column, or to what is wrong with them. Pure.

F1: whatever the bytes, what comes is rows, reasons or Unreadable, and no other exception.
"""

import csv
import io
from collections.abc import Iterator, Sequence

_DELIMITERS = ",;\t"


class Unreadable(Exception):
    """The file as a whole cannot be read: from which row on, at which column or `file`, and why."""

    def __init__(self, row: int, reason: str, field: str = "file") -> None:
        super().__init__(reason)
        self.row, self.field, self.reason = row, field, reason


def rows_of(
    content: bytes, *, columns: Sequence[str], required: Sequence[str], most: int
) -> Iterator[tuple[int, dict[str, str] | str]]:
    """Each row of a file in UTF-8, separated by commas, semicolons or tabs: its number as a spreadsheet shows
    it, and its cells by column, or why it has none (F1). The first row names the columns, in any order."""
    records = _records(_text(content, columns))
    header = _header(*next(records, (1, [])), columns, required)
    for index, (number, cells) in enumerate(records):
        if index >= most:
            raise Unreadable(number, f"A file has at most {most:,} rows. Split it into several.")
        if len(cells) == len(header):
            yield number, dict(zip(header, cells, strict=True))
        else:
            yield number, f"This row has {len(cells)} cells, the header has {len(header)}."


def _text(content: bytes, columns: Sequence[str]) -> str:
    if not content.strip():
        raise Unreadable(1, f"The file is empty. Its first row must name the columns: {', '.join(columns)}.")
    if (at := content.find(b"\0")) >= 0:
        reason = "There is a NUL character in this row. Save the file as CSV in UTF-8."
        raise Unreadable(_row_at(content, at), reason)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        reason = "This row is not UTF-8. Save the file as CSV in UTF-8."
        raise Unreadable(_row_at(content, wrong.start), reason) from wrong


def _row_at(content: bytes, position: int) -> int:
    return content.count(b"\n", 0, position) + 1


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Every row that is not blank, with its number as a spreadsheet shows it."""
    number = 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        for number, cells in enumerate(reader, start=1):
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                yield number, stripped
    except csv.Error as wrong:
        reason = (
            f"This row cannot be read as CSV, perhaps because of a quotation mark without its pair ({wrong})."
        )
        raise Unreadable(number + 1, reason) from wrong


def _delimiter(text: str) -> str:
    """What the header is separated by: of the three that are in use, the one that is there most often."""
    first = text.lstrip("\r\n").partition("\n")[0]
    return max(_DELIMITERS, key=first.count)


def _header(number: int, cells: Sequence[str], columns: Sequence[str], required: Sequence[str]) -> list[str]:
    names = [cell.lower() for cell in cells]
    for name in names:
        if name not in columns:
            reason = f"There is no column {name[:60]!r}. The columns can be: {', '.join(columns)}."
            raise Unreadable(number, reason, name[:60] or "header")
        if names.count(name) > 1:
            raise Unreadable(number, f"The column {name} is there twice.", name)
    for name in required:
        if name not in names:
            raise Unreadable(number, f"The column {name} is missing from the first row.", name)
    return names
