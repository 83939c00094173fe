"""A budget that passes a threshold becomes an alert, in the transaction that counts the usage.

T1: each threshold speaks once in a period; a limit that is raised resolves its alert, and it can speak again.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from toktra.alerts import service as alerts
from toktra.alerts.service import NewAlert
from toktra.budgets.rules import THE_LIMIT, kind_of, passed, severity
from toktra.kit.groups import Connection

_PERIODS = """
    SELECT p.org_id, p.budget_id, p.starts_at, p.ends_at, p.limit_amount + p.rolled_over AS limit_amount,
           greatest(0, p.used - p.exempt_used) AS used, p.alerted,
           b.name, b.unit, b.period, b.hard_cap, b.thresholds, b.department_id, b.user_id
    FROM budget_periods p
    JOIN unnest(%s::uuid[], %s::uuid[], %s::timestamptz[]) AS w (org_id, budget_id, starts_at)
        USING (org_id, budget_id, starts_at)
    JOIN budgets b ON b.org_id = p.org_id AND b.id = p.budget_id
    WHERE p.ends_at > %s
    ORDER BY p.org_id, p.budget_id, p.starts_at
"""
_ALERTED = "UPDATE budget_periods SET alerted = %s WHERE org_id = %s AND budget_id = %s AND starts_at = %s"


@dataclass(frozen=True, slots=True)
class _Period:
    org_id: UUID
    budget_id: UUID
    starts_at: datetime
    ends_at: datetime
    limit_amount: int
    used: int
    alerted: list[int]
    name: str
    unit: str
    period: str
    hard_cap: bool
    thresholds: list[int]
    department_id: UUID | None
    user_id: UUID | None

    @property
    def passed(self) -> set[int]:
        return passed(limit=self.limit_amount, used=self.used, thresholds=self.thresholds)


async def raise_alerts(
    connection: Connection, periods: Collection[tuple[UUID, UUID, datetime]], *, now: datetime
) -> None:
    """Store an alert for every threshold newly passed in these periods; resolve those taken back (T1).

    A period that is over is history: nobody can act on it any more.
    """
    for period in await _load(connection, set(periods), now):
        new = sorted(period.passed - set(period.alerted))
        gone = sorted(set(period.alerted) - period.passed)
        if new:
            await alerts.store(connection, [_alert(period, percent) for percent in new], now=now)
        if gone:
            await alerts.recover(
                connection,
                org_id=period.org_id,
                budget_id=period.budget_id,
                period_starts_at=period.starts_at,
                thresholds=gone,
                now=now,
            )
        if new or gone:
            where = [period.org_id, period.budget_id, period.starts_at]
            await connection.execute(_ALERTED, [sorted(period.passed), *where])


async def _load(
    connection: Connection, periods: Collection[tuple[UUID, UUID, datetime]], now: datetime
) -> list[_Period]:
    columns = [list(column) for column in zip(*periods, strict=True)] or [[], [], []]
    async with connection.cursor(row_factory=class_row(_Period)) as cursor:
        await cursor.execute(_PERIODS, [*columns, now])
        return await cursor.fetchall()


def _alert(period: _Period, percent: int) -> NewAlert:
    kind = kind_of(period.period)
    if percent == THE_LIMIT:
        title = f"{period.name}: the {kind} budget is used up"
    else:
        title = f"{period.name}: {percent}% of the {kind} budget is used"
    return NewAlert(
        org_id=period.org_id,
        kind="budget_exceeded" if percent >= THE_LIMIT else "budget_threshold",
        severity=severity(percent),
        title=title,
        details={
            "budget": period.name,
            "unit": period.unit,
            "limit": period.limit_amount,
            "used": period.used,
            "hard_cap": period.hard_cap,
            "resets_at": period.ends_at.isoformat(),
        },
        department_id=period.department_id,
        user_id=period.user_id,
        budget_id=period.budget_id,
        period_starts_at=period.starts_at,
        threshold=percent,
    )
