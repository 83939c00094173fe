"""From the bytes of a CSV file to rows, or to what is wrong with the file."""

from dataclasses import dataclass

from toktra.kit.sheets import Unreadable, rows_of
from toktra.people.rules.roster import Row, RowError

MOST_ROWS = 50_000
COLUMNS = ("email", "name", "department", "role", "manager_email")
REQUIRED = COLUMNS[:2]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows that could be read, and what could not."""

    rows: tuple[Row, ...]
    errors: tuple[RowError, ...]


def read_sheet(content: bytes) -> Sheet:
    """The rows of a CSV file of people. Whatever the bytes, the answer is rows or errors."""
    rows: list[Row] = []
    errors: list[RowError] = []
    try:
        for number, cells in rows_of(content, columns=COLUMNS, required=REQUIRED, most=MOST_ROWS):
            if isinstance(cells, str):
                errors.append(RowError(number, "row", cells))
            else:
                rows.append(_row(number, cells))
        if not rows and not errors:
            raise Unreadable(1, "There is nobody in this file: it has no row under the header.")
    except Unreadable as wrong:
        errors.append(RowError(wrong.row, wrong.field, wrong.reason))
    return Sheet(tuple(rows), tuple(errors))


def _row(number: int, cells: dict[str, str]) -> Row:
    return Row(
        number=number,
        email=cells["email"],
        name=cells["name"],
        department=cells.get("department") or None,
        role=cells.get("role") or None,
        manager_email=cells.get("manager_email") or None,
    )
