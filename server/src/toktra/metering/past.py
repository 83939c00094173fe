"""Events of the past as a stream of small rows of one width, for those who look at very many of them.

E1: what repeats (user, department, provider, model) is numbered by the database: an event is four numbers.
E2: however many events there are, a bounded number is in memory.
"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from struct import Struct
from typing import Any, NamedTuple
from uuid import UUID

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
_ROW = Struct(">hiiiqiqiq")
_STEP = timedelta(days=1)


class Kind(NamedTuple):
    """What events have in common."""

    user_id: UUID
    department_id: UUID
    provider: str
    model: str


class Past(NamedTuple):
    """An event of the past: its kind, when (seconds since 1970), tokens, micros."""

    kind: Kind
    at: int
    tokens: int
    micros: int


async def how_many(connection: Connection, *, org_id: UUID, first: datetime, before: datetime) -> int:
    """About how many events there are, out of roll-ups."""
    row = await (await connection.execute(_COUNT, [org_id, first, before])).fetchone()
    return int(row[0]) if row else 0


async def events(
    connection: Connection, *, org_id: UUID, first: datetime, before: datetime, at_once: int
) -> AsyncIterator[list[Past]]:
    """The events in the order of their ids, so many at once, a day never mixed with the next (E1, E2).

    Inside a transaction.
    """
    await connection.execute(_KINDS, [org_id, first])
    kinds = [Kind(*row) for row in await (await connection.execute(_READ_KINDS)).fetchall()]
    rows: list[Past] = []
    day = first
    while day < before:
        following = min(day + _STEP, before)
        async for read in _read(connection, kinds, [org_id, lowest_id_at(day), lowest_id_at(following)]):
            rows += read
            while len(rows) >= at_once:
                yield rows[:at_once]
                rows = rows[at_once:]
        if rows:
            yield rows
            rows = []
        day = following


async def _read(connection: Connection, kinds: list[Kind], where: list[Any]) -> AsyncIterator[list[Past]]:
    """One day: so that sorting it takes little."""
    buffer, begun = b"", False
    async with connection.cursor() as cursor, cursor.copy(_COPY, where) as copy:
        async for piece in copy:
            buffer += bytes(piece)
            if not begun:
                buffer, begun = buffer[_HEADER_BYTES:], True
            whole = len(buffer) // _ROW.size * _ROW.size
            rows = _ROW.iter_unpack(buffer[:whole])
            yield [Past(kinds[kind], at, tokens, micros) for _, _, kind, _, at, _, tokens, _, micros in rows]
            buffer = buffer[whole:]
