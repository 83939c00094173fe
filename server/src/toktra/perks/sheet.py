"""A CSV file of enrolments: the columns `email` and `tier`."""

import csv
import io
from dataclasses import dataclass

from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType

from toktra.kit.errors import Invalid
from toktra.perks.service.enrolling import Row

MOST_ROWS = 10_000
_CSV = Schema(
    type=OpenAPIType.STRING,
    description="UTF-8, separated by commas; the first row names the columns `email` and `tier`. "
    "At most 10,000 rows and 1 MB.",
    examples=["email,tier\nada@example.com,senior-engineer\n"],
)


@dataclass
class TakesCsv(Operation):
    """The body is read as it is, so that it has to be documented by hand."""

    def __post_init__(self) -> None:
        self.request_body = RequestBody(content={"text/csv": OpenAPIMediaType(schema=_CSV)}, required=True)


def read_rows(content: bytes) -> list[Row]:
    """Its rows, or the one thing that is wrong with the file as a whole."""
    try:
        text = content.decode("utf-8-sig")
        rows = [[cell.strip() for cell in cells] for cells in csv.reader(io.StringIO(text), strict=True)]
    except UnicodeDecodeError as wrong:
        raise Invalid("The file is not UTF-8. Save it as CSV in UTF-8.", field="file") from wrong
    except csv.Error as wrong:
        raise Invalid(f"The file cannot be read as CSV: {wrong}.", field="file") from wrong
    header = [name.lower() for name in rows[0]] if rows else []
    if sorted(header) != ["email", "tier"] or "\0" in text:
        raise Invalid("The first row must name two columns: email and tier.", field="file")
    if len(rows) > MOST_ROWS + 1:
        raise Invalid(f"A file has at most {MOST_ROWS:,} rows. Split it into several.", field="file")
    email, tier = header.index("email"), header.index("tier")
    found = [(line, cells) for line, cells in enumerate(rows[1:], start=2) if any(cells)]
    if wrong_line := next((line for line, cells in found if len(cells) != 2), None):
        raise Invalid(f"Row {wrong_line} does not have two cells.", field="file")
    return [Row(line, cells[email], cells[tier]) for line, cells in found]
