"""Tiers and bonus rules: made, changed, archived. What was handed out by them stays."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.kit.errors import Conflict, Invalid
from toktra.perks import queries
from toktra.perks.model import BonusRule, Tier
from toktra.perks.rules import Trigger
from toktra.perks.service import signing
from toktra_wire.ids import new_id


async def create_tier(
    session: AsyncSession,
    *,
    org_id: UUID,
    name: str,
    monthly_tokens: int,
    rollover_percent: int | None,
    secret_key: str,
    now: datetime,
) -> Tier:
    """A new tier; with the first, the organisation's signing key."""
    await signing.make(session, org_id=org_id, secret_key=secret_key, now=now)
    await _free(session, org_id, name)
    made = Tier(
        org_id=org_id,
        id=new_id(),
        name=name.strip(),
        monthly_tokens=monthly_tokens,
        rollover_percent=rollover_percent,
        created_at=now,
    )
    session.add(made)
    await session.flush()
    return made


async def change_tier(session: AsyncSession, *, org_id: UUID, tier_id: UUID, changes: dict[str, Any]) -> Tier:
    """From the next voucher on; what is UNSET stays."""
    found = await queries.tier(session, org_id=org_id, tier_id=tier_id)
    changes = {name: value for name, value in changes.items() if value is not UNSET}
    if "name" in changes and changes["name"].lower() != found.name.lower():
        await _free(session, org_id, changes["name"])
    for name, value in changes.items():
        setattr(found, name, value)
    return found


async def archive_tier(session: AsyncSession, *, org_id: UUID, tier_id: UUID, now: datetime) -> None:
    """Nobody is in it any more, or it is refused."""
    found = await queries.tier(session, org_id=org_id, tier_id=tier_id)
    there = (await queries.people_of_tiers(session, org_id=org_id)).get(tier_id, 0)
    if there:
        raise Conflict(f"{there} are in this tier. Move them to another first.", people=there)
    found.archived_at = now


async def create_rule(
    session: AsyncSession,
    *,
    org_id: UUID,
    name: str,
    trigger: Trigger,
    subject: str | None,
    min_score: int | None,
    bonus_tokens: int,
    limit_per_month: int | None,
    limit_total: int | None,
    now: datetime,
) -> BonusRule:
    """A new bonus rule."""
    if (trigger == "efficiency_score") != (min_score is not None):
        raise Invalid("A rule for efficiency_score has a min_score, and no other has.", field="min_score")
    made = BonusRule(
        org_id=org_id,
        id=new_id(),
        name=name,
        trigger=trigger,
        subject=subject,
        min_score=min_score,
        bonus_tokens=bonus_tokens,
        limit_per_month=limit_per_month,
        limit_total=limit_total,
        created_at=now,
    )
    session.add(made)
    await session.flush()
    return made


async def archive_rule(session: AsyncSession, *, org_id: UUID, rule_id: UUID, now: datetime) -> None:
    """It grants nothing from now on. What it granted stays."""
    (await queries.bonus_rule(session, org_id=org_id, rule_id=rule_id)).archived_at = now


async def _free(session: AsyncSession, org_id: UUID, name: str) -> None:
    if await queries.tier_by_name(session, org_id=org_id, name=name) is not None:
        raise Conflict(f"There is a tier {name.strip()!r} already. Choose another name.", field="name")
