"""Jobs are deferred in the transaction of their cause: there when it is committed, and never otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from toktra.kit.groups import Connection

_DEFER = """
    SELECT procrastinate_defer_jobs_v1(ARRAY(
        SELECT ROW(queue, task, 0, NULL, NULL, args, at)::procrastinate_job_to_defer_v1
        FROM unnest(%s::text[], %s::text[], %s::jsonb[], %s::timestamptz[]) AS job (queue, task, args, at)
    ))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """A task to be run by the worker, at once or not before an instant. Arguments are JSON."""

    queue: str
    task: str
    args: dict[str, Any]
    at: datetime | None = None


async def defer(connection: Connection, jobs: Sequence[NewJob]) -> None:
    """Queue jobs in the caller's transaction."""
    if jobs:
        columns = zip(*((one.queue, one.task, Jsonb(one.args), one.at) for one in jobs), strict=True)
        await connection.execute(_DEFER, [list(column) for column in columns])
