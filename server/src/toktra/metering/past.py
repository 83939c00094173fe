"""Events of the past as a stream of small rows of one width, for those who look at very many of them.

E1: what repeats (user, department, provider, model) is numbered by the database: an event is four numbers.
E2: however many events there are, a bounded number is in memory.
"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from toktra.kit.groups import Connection
from toktra_wire.ids import lowest_id_at

_KINDS = """
    CREATE TEMPORARY TABLE past_kinds ON COMMIT DROP AS
    SELECT row_number() OVER () - 1 AS number, k.* FROM (
        SELECT DISTINCT user_id, department_id, provider, model FROM usage_rollups
        WHERE org_id = %s AND span = 'day' AND starts_at >= %s::timestamptz - interval '2 days'
    ) k
"""
_READ_KINDS = "SELECT user_id, department_id, provider, model FROM past_kinds ORDER BY number"
_COPY = """
    COPY (
        SELECT k.number::int4, extract(epoch FROM e.occurred_at)::int8, e.input_tokens + e.output_tokens,
               coalesce(e.cost_micros, 0)
        FROM usage_events e JOIN past_kinds k USING (user_id, department_id, provider, model)
        WHERE e.org_id = %s AND e.id >= %s AND e.id < %s
        ORDER BY e.id
    ) TO STDOUT (FORMAT BINARY)
"""
_COUNT = """
    SELECT coalesce(sum(requests), 0)::bigint FROM usage_totals
    WHERE org_id = %s AND span = 'day' AND starts_at >= %s AND starts_at < %s
"""
# PGCOPY\n\377\r\n\0, flags, length of the extension; then rows: how many fields, each with its length.
_HEADER_BYTES = 19
_ROW = np.dtype(
    [
        ("fields", ">i2"),
        ("kind_bytes", ">i4"),
        ("kind", ">i4"),
        ("at_bytes", ">i4"),
        ("at", ">i8"),
        ("tokens_bytes", ">i4"),
        ("tokens", ">i8"),
        ("micros_bytes", ">i4"),
        ("micros", ">i8"),
    ]
)
_AT_ONCE = 50_000
_STEP = timedelta(days=1)


class Kind(NamedTuple):
    """What events have in common."""

    user_id: UUID
    department_id: UUID
    provider: str
    model: str


class Past(NamedTuple):
    """Events of the past by the column: number of the kind, when (seconds since 1970), tokens, micros."""

    kind_of: NDArray[np.int64]
    at: NDArray[np.int64]
    tokens: NDArray[np.int64]
    micros: NDArray[np.int64]


async def how_many(connection: Connection, *, org_id: UUID, first: datetime, before: datetime) -> int:
    """About how many events there are, out of roll-ups."""
    row = await (await connection.execute(_COUNT, [org_id, first, before])).fetchone()
    return int(row[0]) if row else 0


async def kinds(connection: Connection, *, org_id: UUID, first: datetime) -> list[Kind]:
    """What the events from `first` on have in common, numbered. Inside a transaction, before `events`."""
    await connection.execute(_KINDS, [org_id, first])
    return [Kind(*row) for row in await (await connection.execute(_READ_KINDS)).fetchall()]


async def events(
    connection: Connection, *, org_id: UUID, first: datetime, before: datetime
) -> AsyncIterator[Past]:
    """The events in the order of their ids, day by day, a day in pieces if need be (E1, E2)."""
    day = first
    while day < before:
        following = min(day + _STEP, before)
        async for piece in _read(connection, [org_id, lowest_id_at(day), lowest_id_at(following)]):
            yield piece
        day = following


async def _read(connection: Connection, where: list[Any]) -> AsyncIterator[Past]:
    """One day: so that sorting it takes little."""
    buffer, begun = bytearray(), False
    async with connection.cursor() as cursor, cursor.copy(_COPY, where) as copy:
        async for piece in copy:
            buffer += piece
            if not begun:
                del buffer[:_HEADER_BYTES]
                begun = True
            if len(buffer) >= _AT_ONCE * _ROW.itemsize:
                yield _taken(buffer)
    if len(buffer) >= _ROW.itemsize:
        yield _taken(buffer)


def _taken(buffer: bytearray) -> Past:
    """The whole rows of a buffer, taken out of it."""
    whole = len(buffer) // _ROW.itemsize
    rows = np.frombuffer(bytes(buffer[: whole * _ROW.itemsize]), dtype=_ROW)
    del buffer[: whole * _ROW.itemsize]
    kind, at, tokens, micros = (rows[name].astype(np.int64) for name in ("kind", "at", "tokens", "micros"))
    return Past(kind, at, tokens, micros)
