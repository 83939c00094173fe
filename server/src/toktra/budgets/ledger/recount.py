"""Counters are caches: here they are made anew, from events and holds.

C3: recounting finds nothing when all is well, at any instant.
C4: periods that are over for more than a day are history: a later move of a department does not rewrite them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg.rows import class_row
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.budgets.ledger.locking import own_tree
from toktra.budgets.ledger.opening import used_in
from toktra.budgets.ledger.rolling import refresh_rollovers
from toktra.budgets.ledger.sums import refresh_sums
from toktra.budgets.ledger.thresholds import raise_alerts
from toktra.budgets.rules import GRACE, carried, is_fixed
from toktra.kit.database import driver_of
from toktra.kit.groups import Connection

RECOUNT = (Path(__file__).parent / "recount.sql").read_text()
_ROWS = """
    SELECT p.org_id, p.budget_id, b.name, b.limit_amount IS NULL AS sums, p.starts_at, p.ends_at,
           p.used, p.held, p.exempt_used, p.exempt_held, p.rolled_over,
           p.carried_cap_percent, p.carried_limit, p.carried_used, p.carried_rolled_over
    FROM budget_periods p JOIN budgets b ON b.org_id = p.org_id AND b.id = p.budget_id
    WHERE p.org_id = %s AND p.ends_at > %s AND b.archived_at IS NULL
    ORDER BY p.org_id, p.budget_id, p.starts_at FOR UPDATE OF p
"""
_USED = "UPDATE budget_periods SET used = %s WHERE org_id = %s AND budget_id = %s AND starts_at = %s"
_COUNTERS = """
    UPDATE budget_periods SET used = %s, held = %s, exempt_used = %s, exempt_held = %s, rolled_over = %s,
        carried_used = %s
    WHERE org_id = %s AND budget_id = %s AND starts_at = %s
"""
_EVER = datetime(9999, 1, 1, tzinfo=UTC)
COUNTED = ("used", "held", "exempt_used", "exempt_held", "rolled_over")


@dataclass(frozen=True, slots=True)
class _Row:
    org_id: UUID
    budget_id: UUID
    name: str
    sums: bool
    starts_at: datetime
    ends_at: datetime
    used: int
    held: int
    exempt_used: int
    exempt_held: int
    rolled_over: int
    carried_cap_percent: int | None
    carried_limit: int | None
    carried_used: int | None
    carried_rolled_over: int | None

    @property
    def key(self) -> tuple[UUID, UUID, datetime]:
        return (self.org_id, self.budget_id, self.starts_at)


@dataclass(frozen=True, slots=True)
class Difference:
    """A counter that did not say what events and holds say."""

    budget_id: UUID
    budget: str
    starts_at: datetime
    counter: str
    was: int
    should_be: int


async def recount_after_move(session: AsyncSession, *, org_id: UUID, now: datetime) -> None:
    """A department has moved, and its usage with it: what stands above it is counted anew, from roll-ups."""
    driver = await driver_of(session)
    await own_tree(driver, org_id)
    rows = await _rows(driver, org_id, now)
    used = await used_in(driver, [(*row.key, row.ends_at) for row in rows])
    for row in rows:
        if (counted := used.get((row.budget_id, row.starts_at), 0)) != row.used:
            await driver.execute(_USED, [counted, *row.key])
    await refresh_rollovers(driver, [row.key for row in rows if row.ends_at <= now], now=now)
    await refresh_sums(driver, org_id=org_id, now=now)
    await raise_alerts(driver, [row.key for row in rows if row.ends_at > now], now=now)


async def recount(
    connection: Connection, *, org_id: UUID, now: datetime, kept_since: datetime, mend: bool
) -> list[Difference]:
    """What differs from events and holds (C3), in the caller's transaction; mended when asked.

    Of a period that began before `kept_since`, some raw events are gone: what was used of it stays as it is.
    """
    await own_tree(connection, org_id)
    rows = await _rows(connection, org_id, now)
    counted = await _counted(connection, [(*row.key, row.ends_at, _EVER) for row in rows])
    open_carries = [
        row for row in rows if row.carried_cap_percent is not None and not is_fixed(row.starts_at, now)
    ]
    before = await _before(connection, open_carries)
    found: list[Difference] = []
    for row in rows:
        values = counted[row.key]
        if row.starts_at < kept_since:
            values |= {"used": row.used, "exempt_used": row.exempt_used}
        carried_used = before.get(row.key, row.carried_used)
        values["rolled_over"] = row.rolled_over if row.sums else _carried(row, carried_used)
        wrong = [
            Difference(row.budget_id, row.name, row.starts_at, name, getattr(row, name), values[name])
            for name in COUNTED
            if values[name] != getattr(row, name)
        ]
        if wrong and mend:
            await connection.execute(_COUNTERS, [*(values[name] for name in COUNTED), carried_used, *row.key])
        found += wrong
    if found and mend:
        await refresh_sums(connection, org_id=org_id, now=now)
    return found


def _carried(row: _Row, used: int | None) -> int:
    """What is fixed follows from what is noted beside it; what is not, from the events until now."""
    if row.carried_cap_percent is None:
        return 0
    return carried(
        limit=row.carried_limit or 0,
        rolled_over=row.carried_rolled_over or 0,
        used=used or 0,
        cap_percent=row.carried_cap_percent,
    )


async def _rows(connection: Connection, org_id: UUID, now: datetime) -> list[_Row]:
    async with connection.cursor(row_factory=class_row(_Row)) as cursor:
        await cursor.execute(_ROWS, [org_id, now - GRACE])
        return await cursor.fetchall()


async def _counted(
    connection: Connection, periods: Sequence[tuple[Any, ...]]
) -> dict[tuple[UUID, UUID, datetime], dict[str, int]]:
    names = ("org_id", "budget_id", "starts_at", "ends_at", "received_before")
    columns = [list(column) for column in zip(*periods, strict=True)] or [[] for _ in names]
    cursor = await connection.execute(RECOUNT, dict(zip(names, columns, strict=True)))
    return {
        (row[0], row[1], row[2]): dict(zip(COUNTED[:4], row[3:], strict=True))
        for row in await cursor.fetchall()
    }


_PERIOD_BEFORE = """
    SELECT p.org_id, p.budget_id, p.starts_at, p.ends_at FROM budget_periods p
    JOIN unnest(%s::uuid[], %s::uuid[], %s::timestamptz[]) AS w (org_id, budget_id, ends_at)
        ON p.org_id = w.org_id AND p.budget_id = w.budget_id AND p.ends_at = w.ends_at
"""


async def _before(connection: Connection, rows: Sequence[_Row]) -> dict[tuple[UUID, UUID, datetime], int]:
    """What was used, without exemptions, in the periods before these; by the later one's key."""
    if not rows:
        return {}
    columns = [list(column) for column in zip(*(row.key for row in rows), strict=True)]
    periods = await (await connection.execute(_PERIOD_BEFORE, columns)).fetchall()
    counted = await _counted(connection, [(*row, row[3] + GRACE) for row in periods])
    return {
        (row[0], row[1], row[3]): max(0, counts["used"] - counts["exempt_used"])
        for row in periods
        if (counts := counted[row[0], row[1], row[2]]) is not None
    }
