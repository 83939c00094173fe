"""How far budgets are used in some of their periods, on a connection that may just have counted usage."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from toktra.kit.groups import Connection

_STANDING = """
    SELECT p.budget_id, p.starts_at, p.used, p.limit_amount + p.rolled_over
    FROM budget_periods p
    JOIN unnest(%s::uuid[], %s::timestamptz[]) AS w (budget_id, starts_at) USING (budget_id, starts_at)
    WHERE p.org_id = %s
"""
_WATCHED = """
    SELECT id, name, unit, period, department_id, user_id, limit_amount FROM budgets
    WHERE org_id = %s AND archived_at IS NULL ORDER BY id
"""


class PeriodStanding(NamedTuple):
    """A budget in one period, in its unit. `limit` includes what was rolled over."""

    used: int
    limit: int


async def standings(
    connection: Connection, *, org_id: UUID, periods: Collection[tuple[UUID, datetime]]
) -> dict[tuple[UUID, datetime], PeriodStanding]:
    """By budget and start; none for a period that nothing has opened."""
    if not periods:
        return {}
    ids, starts = zip(*periods, strict=True)
    rows = await connection.execute(_STANDING, [list(ids), list(starts), org_id], prepare=True)
    return {
        (budget_id, starts_at): PeriodStanding(used, limit)
        for budget_id, starts_at, used, limit in await rows.fetchall()
    }


class WatchedBudget(NamedTuple):
    """A budget, as those who judge usage must know it."""

    id: UUID
    name: str
    unit: str
    period: str
    department_id: UUID | None
    user_id: UUID | None
    limit: int | None


async def watched(connection: Connection, *, org_id: UUID) -> list[WatchedBudget]:
    """All of an organisation's budgets that are not archived."""
    rows = await connection.execute(_WATCHED, [org_id])
    return [WatchedBudget(*row) for row in await rows.fetchall()]
