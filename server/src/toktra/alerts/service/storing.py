"""Alerts: stored once, in the transaction of what they speak of.

N1: `store` is the one place where an alert comes to be; whatever tells people of it begins there, with a job
    in the same transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from toktra.alerts.rules import Kind, Severity
from toktra.alerts.service.telling import tell
from toktra.kit.groups import Connection
from toktra_wire.ids import new_id

_STORE = """
    INSERT INTO alerts (org_id, id, kind, severity, status, department_id, user_id, budget_id,
        period_starts_at, threshold, title, details, created_at)
    VALUES (%s, %s, %s, %s, 'open', %s, %s, %s, %s, %s, %s, %s, %s)
"""
_RECOVER = """
    UPDATE alerts SET status = 'resolved', resolved_at = %s
    WHERE org_id = %s AND budget_id = %s AND period_starts_at = %s AND threshold = ANY(%s)
        AND status <> 'resolved'
    RETURNING org_id, id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAlert:
    """Something people should know of. `details` are figures and names for the screen."""

    org_id: UUID
    kind: Kind
    severity: Severity
    title: str
    details: dict[str, Any]
    department_id: UUID | None = None
    user_id: UUID | None = None
    budget_id: UUID | None = None
    period_starts_at: datetime | None = None
    threshold: int | None = None


async def store(connection: Connection, alerts: Sequence[NewAlert], *, now: datetime) -> list[UUID]:
    """Store alerts in the caller's transaction (N1), and answer their ids."""
    rows = [_row(alert, now) for alert in alerts]
    async with connection.cursor() as cursor:
        await cursor.executemany(_STORE, rows)
    await tell(connection, [(org_id, alert_id) for org_id, alert_id, *_ in rows], "created")
    return [alert_id for _, alert_id, *_ in rows]


def _row(alert: NewAlert, now: datetime) -> tuple[Any, ...]:
    return (
        alert.org_id,
        new_id(),
        alert.kind,
        alert.severity,
        alert.department_id,
        alert.user_id,
        alert.budget_id,
        alert.period_starts_at,
        alert.threshold,
        alert.title,
        Jsonb(alert.details),
        now,
    )


async def recover(
    connection: Connection,
    *,
    org_id: UUID,
    budget_id: UUID,
    period_starts_at: datetime,
    thresholds: Sequence[int],
    now: datetime,
) -> None:
    """Resolve the alerts of thresholds that are not passed any more. Nobody is named as having done it."""
    where = [org_id, budget_id, period_starts_at, list(thresholds)]
    resolved = await connection.execute(_RECOVER, [now, *where])
    await tell(connection, await resolved.fetchall(), "resolved")
