"""Exemptions: asked for, approved, denied; those nobody reviewed in time expire.

E1: an exemption is reviewed once, and only before its period has ended.
E2: what is approved is room for its user alone, above whatever cap blocks them, until the period ends.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.rules import Actor
from toktra.budgets.model import Exemption
from toktra.budgets.rules import PeriodKind, period_at
from toktra.kit.errors import Conflict, NotFound
from toktra.people import queries as people
from toktra_wire.ids import new_id


async def request_exemption(
    session: AsyncSession,
    *,
    actor: Actor,
    user_id: UUID,
    reason: str,
    tokens: int,
    period: PeriodKind,
    now: datetime,
) -> Exemption:
    """Ask for extra tokens, for oneself or for someone within reach, until the present period ends."""
    user = await people.user_within_reach(session, actor=actor, user_id=user_id)
    zone = ZoneInfo((await people.organization(session, org_id=actor.org_id)).time_zone)
    span = period_at(period, now, zone)
    exemption = Exemption(
        org_id=actor.org_id,
        id=new_id(),
        user_id=user.id,
        requested_by=actor.user_id,
        reason=reason,
        tokens=tokens,
        period=period.value,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        status="pending",
        reviewed_by=None,
        reviewed_at=None,
        notes=None,
        used=0,
        held=0,
        created_at=now,
    )
    session.add(exemption)
    await session.flush()
    return exemption


async def review_exemption(
    session: AsyncSession,
    *,
    actor: Actor,
    exemption_id: UUID,
    verdict: Literal["approved", "denied"],
    notes: str | None,
    now: datetime,
) -> Exemption:
    """Approve or deny (E1)."""
    exemption = await session.scalar(
        select(Exemption)
        .where(Exemption.org_id == actor.org_id, Exemption.id == exemption_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if exemption is None:
        raise NotFound("There is no such exemption request in your organisation.")
    if exemption.status != "pending":
        raise Conflict(f"This request is {exemption.status} already.", status=exemption.status)
    if exemption.ends_at <= now:
        raise Conflict(
            "The period it was asked for has ended, and the request with it. Ask again for the present one.",
            status="expired",
        )
    exemption.status, exemption.reviewed_by, exemption.reviewed_at = verdict, actor.user_id, now
    exemption.notes = notes
    await session.flush()
    return exemption


async def expire_exemptions(session: AsyncSession, *, now: datetime) -> None:
    """Mark what nobody reviewed before its period ended. It counted as expired from that instant on."""
    await session.execute(
        update(Exemption)
        .where(Exemption.status == "pending", Exemption.ends_at <= now)
        .values(status="expired")
    )
