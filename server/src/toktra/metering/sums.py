"""Sums of usage for those who judge it, on the connection that has just counted it. Out of roll-ups."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from toktra.kit.groups import Connection
from toktra.metering.spans import Span


class Stretch(NamedTuple):
    """Usage of some departments themselves, in spans that start from `starts_at` up to `ends_at`."""

    department_ids: Collection[UUID]
    span: Span
    starts_at: datetime
    ends_at: datetime


# OFFSET 0: one look into the index for each, whatever the planner thinks of a table nobody has analysed.
_OF_DEPARTMENTS = """
    WITH wanted AS MATERIALIZED (
        SELECT * FROM unnest(%s::int[], %s::uuid[], %s::text[], %s::timestamptz[], %s::timestamptz[])
            AS w (number, department_id, span, starts_at, ends_at)
    )
    SELECT w.number, sum(t.tokens)::bigint, sum(t.micros)::bigint
    FROM wanted w CROSS JOIN LATERAL (
        SELECT coalesce(sum(input_tokens + output_tokens), 0) AS tokens,
               coalesce(sum(cost_micros), 0) AS micros
        FROM usage_totals
        WHERE org_id = %s AND span = w.span AND department_id = w.department_id
            AND starts_at >= w.starts_at AND starts_at < w.ends_at
        OFFSET 0
    ) t
    GROUP BY w.number
"""
_OF_HOURS = """
    SELECT w.user_id, w.starts_at, u.tokens::bigint
    FROM unnest(%s::uuid[], %s::timestamptz[]) AS w (user_id, starts_at) CROSS JOIN LATERAL (
        SELECT coalesce(sum(input_tokens + output_tokens), 0) AS tokens FROM usage_rollups
        WHERE org_id = %s AND span = 'hour' AND starts_at = w.starts_at AND user_id = w.user_id
        OFFSET 0
    ) u
"""
_HOURS = """
    SELECT user_id, starts_at, sum(input_tokens + output_tokens)::bigint
    FROM usage_rollups
    WHERE org_id = %s AND span = 'hour' AND user_id = ANY(%s) AND starts_at >= %s AND starts_at < %s
    GROUP BY 1, 2
"""
_DAYS_OF_USERS = """
    SELECT coalesce(sum(input_tokens + output_tokens), 0)::bigint, coalesce(sum(cost_micros), 0)::bigint
    FROM usage_rollups
    WHERE org_id = %s AND span = 'day' AND user_id = %s AND starts_at >= %s AND starts_at < %s
"""


async def of_departments(
    connection: Connection, *, org_id: UUID, stretches: Sequence[Stretch]
) -> list[tuple[int, int]]:
    """Tokens and micros of each stretch."""
    flat = [
        (number, department_id, one.span, one.starts_at, one.ends_at)
        for number, one in enumerate(stretches)
        for department_id in one.department_ids
    ]
    sums = [(0, 0)] * len(stretches)
    if flat:
        columns = [list(column) for column in zip(*flat, strict=True)]
        rows = await connection.execute(_OF_DEPARTMENTS, [*columns, org_id], prepare=True)
        for number, tokens, micros in await rows.fetchall():
            sums[number] = (tokens, micros)
    return sums


async def of_hours(
    connection: Connection, *, org_id: UUID, hours: Collection[tuple[UUID, datetime]]
) -> Mapping[tuple[UUID, datetime], int]:
    """Tokens of users in hours, by user and start."""
    if not hours:
        return {}
    users, starts = zip(*hours, strict=True)
    rows = await connection.execute(_OF_HOURS, [list(users), list(starts), org_id], prepare=True)
    return {(user_id, starts_at): tokens for user_id, starts_at, tokens in await rows.fetchall()}


async def hours_of(
    connection: Connection, *, org_id: UUID, user_ids: Collection[UUID], first: datetime, before: datetime
) -> dict[UUID, list[tuple[datetime, int]]]:
    """The hours of users with use, as start and tokens, from `first` on and before `before`."""
    found: dict[UUID, list[tuple[datetime, int]]] = {user_id: [] for user_id in user_ids}
    rows = await connection.execute(_HOURS, [org_id, list(user_ids), first, before])
    for user_id, starts_at, tokens in await rows.fetchall():
        found[user_id].append((starts_at, tokens))
    return found


async def days_of_user(
    connection: Connection, *, org_id: UUID, user_id: UUID, first: datetime, before: datetime
) -> tuple[int, int]:
    """Tokens and micros of a user on whole days."""
    rows = await connection.execute(_DAYS_OF_USERS, [org_id, user_id, first, before])
    row = await rows.fetchone()
    return (row[0], row[1]) if row else (0, 0)
