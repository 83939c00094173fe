"""Opening a budget's period: by its first use, whatever uses it first.

O1: a period that is opened counts what was used in it before, and carries what the one before left.
O2: opening again changes nothing.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg.rows import class_row

from toktra.budgets.ledger.locking import share_tree
from toktra.budgets.ledger.sums import refresh_sums
from toktra.budgets.rules import PeriodKind, carried, kind_of, period_at, period_before
from toktra.kit.groups import Connection

Opening = tuple[UUID, UUID, datetime]
"""Organisation, budget, and start of the period."""

USED = (Path(__file__).parent / "used.sql").read_text()
# With a budget that sums those below it, theirs are opened too: what they carry is part of its sum.
_WANTED = """
    WITH asked AS (
        SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::timestamptz[]) AS a (org_id, budget_id, starts_at)
    ), wanted AS (
        SELECT * FROM asked
        UNION
        SELECT c.org_id, c.id, a.starts_at FROM asked a
        JOIN budgets s ON s.org_id = a.org_id AND s.id = a.budget_id AND s.limit_amount IS NULL
        JOIN budgets c ON c.org_id = s.org_id AND c.unit = s.unit AND c.period = s.period
            AND c.department_id IS NOT NULL AND c.archived_at IS NULL
    )
    SELECT w.org_id, w.budget_id, w.starts_at, b.period, b.limit_amount, b.rollover_cap_percent, b.created_at,
           o.time_zone
    FROM wanted w
    JOIN budgets b ON b.org_id = w.org_id AND b.id = w.budget_id
    JOIN organizations o ON o.id = w.org_id
"""
_BEFORE = """
    SELECT p.budget_id, p.ends_at, p.limit_amount, p.rolled_over, greatest(0, p.used - p.exempt_used)
    FROM budget_periods p
    JOIN unnest(%s::uuid[], %s::uuid[], %s::timestamptz[]) AS w (org_id, budget_id, ends_at)
        ON p.org_id = w.org_id AND p.budget_id = w.budget_id AND p.ends_at = w.ends_at
    ORDER BY p.org_id, p.budget_id, p.starts_at FOR UPDATE OF p
"""
_OPEN = """
    INSERT INTO budget_periods (org_id, budget_id, starts_at, ends_at, limit_amount, rolled_over,
        carried_cap_percent, carried_limit, carried_used, carried_rolled_over, used)
    SELECT * FROM unnest(
        %s::uuid[], %s::uuid[], %s::timestamptz[], %s::timestamptz[], %s::bigint[], %s::bigint[],
        %s::smallint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[]
    ) AS p (org_id, budget_id, starts_at)
    ORDER BY org_id, budget_id, starts_at
    ON CONFLICT (org_id, budget_id, starts_at) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class _Wanted:
    org_id: UUID
    budget_id: UUID
    starts_at: datetime
    period: str
    limit_amount: int | None
    rollover_cap_percent: int | None
    created_at: datetime
    time_zone: str

    @property
    def kind(self) -> PeriodKind:
        return kind_of(self.period)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def ends_at(self) -> datetime:
        return period_at(self.kind, self.starts_at, self.zone).ends_at

    @property
    def carries(self) -> bool:
        """Whether there was a period before this one, and something of it is carried."""
        first = period_at(self.kind, self.created_at, self.zone).starts_at
        before = period_before(self.kind, self.starts_at, self.zone).starts_at
        return self.rollover_cap_percent is not None and first <= before


async def open_periods(connection: Connection, openings: Collection[Opening], *, now: datetime) -> None:
    """Open these periods, in the caller's transaction (O1, O2)."""
    orgs = {opening[0] for opening in openings}
    await share_tree(connection, orgs)
    async with connection.cursor(row_factory=class_row(_Wanted)) as cursor:
        await cursor.execute(_WANTED, _columns(openings))
        wanted = await cursor.fetchall()
    used = await used_in(connection, [(w.org_id, w.budget_id, w.starts_at, w.ends_at) for w in wanted])
    before = await _before(connection, wanted)
    rows = [_row(one, used, before) for one in wanted]
    await connection.execute(_OPEN, [list(column) for column in zip(*rows, strict=True)] or [[]] * 11)
    for org_id in sorted(orgs):
        await refresh_sums(connection, org_id=org_id, now=now)


async def used_in(
    connection: Connection, periods: Sequence[tuple[UUID, UUID, datetime, datetime]]
) -> dict[tuple[UUID, datetime], int]:
    """What roll-ups say was used of budgets in periods (start and end), in each budget's unit."""
    names = ("org_id", "budget_id", "starts_at", "ends_at")
    columns = [list(column) for column in zip(*periods, strict=True)] or [[]] * 4
    cursor = await connection.execute(USED, dict(zip(names, columns, strict=True)))
    return {(budget_id, starts_at): used for budget_id, starts_at, used in await cursor.fetchall()}


async def _before(
    connection: Connection, wanted: Sequence[_Wanted]
) -> dict[tuple[UUID, datetime], tuple[int, int, int]]:
    """Limit, rolled over and used of the periods right before, by budget and end."""
    found = await connection.execute(
        _BEFORE, _columns([(one.org_id, one.budget_id, one.starts_at) for one in wanted if one.carries])
    )
    return {(row[0], row[1]): (row[2], row[3], row[4]) for row in await found.fetchall()}


def _row(
    one: _Wanted,
    used: dict[tuple[UUID, datetime], int],
    before: dict[tuple[UUID, datetime], tuple[int, int, int]],
) -> tuple[Any, ...]:
    limit, cap = one.limit_amount or 0, one.rollover_cap_percent
    carried_limit = carried_used = earlier = None
    rolled_over = 0
    if one.carries and cap is not None:
        carried_limit, earlier, carried_used = before.get((one.budget_id, one.starts_at), (limit, 0, 0))
        rolled_over = carried(limit=carried_limit, rolled_over=earlier, used=carried_used, cap_percent=cap)
    key = (one.budget_id, one.starts_at)
    return (
        one.org_id,
        one.budget_id,
        one.starts_at,
        one.ends_at,
        limit,
        rolled_over,
        None if carried_limit is None else cap,
        carried_limit,
        carried_used,
        earlier,
        used.get(key, 0),
    )


def _columns(openings: Collection[Opening]) -> list[list[Any]]:
    return [list(column) for column in zip(*openings, strict=True)] or [[], [], []]
