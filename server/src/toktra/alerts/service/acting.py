"""What people do about an alert.

N2: an alert goes from open to acknowledged to resolved, and never back; doing it again changes nothing.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.rules import Actor
from toktra.alerts import queries
from toktra.alerts.service.telling import tell
from toktra.kit.database import driver_of
from toktra.kit.errors import Conflict


async def acknowledge(session: AsyncSession, *, actor: Actor, alert_id: UUID, now: datetime) -> None:
    """Someone has seen it and takes care of it (N2)."""
    alert = await queries.lock_alert(session, actor=actor, alert_id=alert_id)
    if alert.status == "resolved":
        raise Conflict(
            "This alert is resolved already, so there is nothing left to acknowledge.", status=alert.status
        )
    if alert.status == "open":
        alert.status, alert.acknowledged_at, alert.acknowledged_by = "acknowledged", now, actor.user_id
        await session.flush()


async def resolve(session: AsyncSession, *, actor: Actor, alert_id: UUID, now: datetime) -> None:
    """It is dealt with, acknowledged before or not (N2)."""
    alert = await queries.lock_alert(session, actor=actor, alert_id=alert_id)
    if alert.status != "resolved":
        alert.status, alert.resolved_at, alert.resolved_by = "resolved", now, actor.user_id
        await tell(await driver_of(session), [(alert.org_id, alert.id)], "resolved")
