"""From the bytes of a CSV file to rows, or to what is wrong with the file.

F1: whatever the bytes, the answer is rows or errors, never an exception.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from toktra.people.rules.roster import Row, RowError

MOST_ROWS = 50_000
COLUMNS = ("email", "name", "department", "role", "manager_email")
REQUIRED = COLUMNS[:2]
_DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows that could be read, and what could not."""

    rows: tuple[Row, ...]
    errors: tuple[RowError, ...]


class Unreadable(Exception):
    """The file as a whole cannot be read: `error` says from which row on, and why."""

    def __init__(self, row: int, reason: str, field: str = "file") -> None:
        super().__init__(reason)
        self.error = RowError(row, field, reason)


def read_sheet(content: bytes) -> Sheet:
    """The rows of a CSV file in UTF-8, separated by commas, semicolons or tabs (F1)."""
    rows: list[Row] = []
    errors: list[RowError] = []
    try:
        records = _records(_text(content))
        header = _header(*next(records, (1, [])))
        for number, cells in records:
            if len(rows) + len(errors) >= MOST_ROWS:
                raise Unreadable(number, f"A file has at most {MOST_ROWS:,} rows. Split it into several.")
            if len(cells) == len(header):
                rows.append(_row(number, dict(zip(header, cells, strict=True))))
            else:
                reason = f"This row has {len(cells)} cells, the header has {len(header)}."
                errors.append(RowError(number, "row", reason))
        if not rows and not errors:
            raise Unreadable(1, "There is nobody in this file: it has no row under the header.")
    except Unreadable as unreadable:
        errors.append(unreadable.error)
    return Sheet(tuple(rows), tuple(errors))


def _text(content: bytes) -> str:
    if not content.strip():
        raise Unreadable(1, f"The file is empty. Its first row must name the columns: {', '.join(COLUMNS)}.")
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


def _header(number: int, cells: Sequence[str]) -> list[str]:
    names = [cell.lower() for cell in cells]
    for name in names:
        if name not in COLUMNS:
            reason = f"There is no column {name[:60]!r}. The columns can be: {', '.join(COLUMNS)}."
            raise Unreadable(number, reason, name[:60] or "header")
        if names.count(name) > 1:
            raise Unreadable(number, f"The column {name} is there twice.", name)
    for name in REQUIRED:
        if name not in names:
            raise Unreadable(number, f"The column {name} is missing from the first row.", name)
    return names


def _row(number: int, cells: dict[str, str]) -> Row:
    return Row(
        number=number,
        email=cells["email"],
        name=cells["name"],
        department=cells.get("department") or None,
        role=cells.get("role") or None,
        manager_email=cells.get("manager_email") or None,
    )
