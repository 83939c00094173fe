"""A CSV file of enrolments: the columns `email` and `tier`."""

from dataclasses import dataclass

from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType

from toktra.kit.errors import Invalid
from toktra.kit.sheets import Unreadable, rows_of
from toktra.perks.service.enrolling import Row

MOST_ROWS = 10_000
COLUMNS = ("email", "tier")
_CSV = Schema(
    type=OpenAPIType.STRING,
    description="UTF-8, separated by commas, semicolons or tabs; the first row names the columns "
    "`email` and `tier`. "
    "At most 10,000 rows and 1 MB.",
    examples=["email,tier\nada@example.com,senior-engineer\n"],
)


@dataclass
class TakesCsv(Operation):
    """The body is read as it is, so that it has to be documented by hand."""

    def __post_init__(self) -> None:
        self.request_body = RequestBody(content={"text/csv": OpenAPIMediaType(schema=_CSV)}, required=True)


def read_rows(content: bytes) -> list[Row]:
    """Its rows, or the first thing that is wrong with it."""
    found = []
    try:
        for number, cells in rows_of(content, columns=COLUMNS, required=COLUMNS, most=MOST_ROWS):
            if isinstance(cells, str):
                raise Unreadable(number, cells)
            found.append(Row(number, cells["email"], cells["tier"]))
    except Unreadable as wrong:
        raise Invalid(f"Row {wrong.row}: {wrong.reason}", field="file") from wrong
    return found
