"""Import of people and departments from a CSV file."""

from dataclasses import dataclass
from datetime import datetime

from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.guards import may
from toktra.access.rules import Actor, Scope
from toktra.kit.http import post
from toktra.people import service
from toktra.people.answers import ImportAnswer

LARGEST_FILE = 5 * 1024 * 1024

_CSV = Schema(
    type=OpenAPIType.STRING,
    description="UTF-8, separated by commas, semicolons or tabs; the first row names the columns, in any "
    "order: `email` and `name`, and if wanted `department` (a name or a path), `role` and `manager_email`. "
    "An empty cell leaves what is there. At most 50,000 rows and 5 MB.",
    examples=[
        "email,name,department,role,manager_email\nada@example.com,Ada Lovelace,Engineering / Platform,,\n"
    ],
)


@dataclass
class _TakesCsv(Operation):
    """The body is read as it is, so that it has to be documented by hand."""

    def __post_init__(self) -> None:
        self.request_body = RequestBody(content={"text/csv": OpenAPIMediaType(schema=_CSV)}, required=True)


@post(
    "/v1/users/import",
    status_code=200,
    guards=[may(Scope.PEOPLE_WRITE)],
    operation_class=_TakesCsv,
    request_max_body_size=LARGEST_FILE,
)
async def import_users(
    body: bytes, actor: Actor, session: AsyncSession, now: datetime, dry_run: bool = True
) -> ImportAnswer:
    """Make and change users and departments from a CSV file: all rows, or none if any has an error.

    With `dry_run`, which is the default, nothing is written and the answer says what would be.
    """
    return await service.import_people(session, org_id=actor.org_id, content=body, dry_run=dry_run, now=now)
