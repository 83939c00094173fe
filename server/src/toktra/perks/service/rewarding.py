"""Bonuses: what was achieved comes in, and each rule that it meets grants its tokens (T3).

B1: reported again with the same `external_id`, it is the same achievement, and grants nothing twice.
B2: `scored` is where a month's efficiency score comes in; nobody can report one from outside.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.kit.errors import Conflict
from toktra.perks import queries
from toktra.perks.model import Achievement, Bonus
from toktra.perks.rules import Reported, Trigger, grants
from toktra.perks.service.vouchers import span_of
from toktra_wire.ids import new_id


async def report(
    session: AsyncSession,
    *,
    org_id: UUID,
    user_id: UUID,
    kind: Reported,
    subject: str,
    external_id: str,
    achieved_at: datetime,
    now: datetime,
) -> tuple[UUID, Sequence[Bonus]]:
    """Keep an achievement, and grant what it earns (B1)."""
    return await _achieved(session, org_id, user_id, kind, subject, external_id, achieved_at, None, now)


async def scored(
    session: AsyncSession, *, org_id: UUID, user_id: UUID, month: str, score: int, now: datetime
) -> Sequence[Bonus]:
    """A month's efficiency score, 0 to 100, is there: grant what it earns (B2)."""
    external_id = f"efficiency_score:{month}:{user_id}"
    made = await _achieved(session, org_id, user_id, "efficiency_score", month, external_id, now, score, now)
    return made[1]


async def _achieved(
    session: AsyncSession,
    org_id: UUID,
    user_id: UUID,
    kind: Trigger,
    subject: str,
    external_id: str,
    achieved_at: datetime,
    score: int | None,
    now: datetime,
) -> tuple[UUID, Sequence[Bonus]]:
    achievement_id = new_id()
    values = {
        "org_id": org_id,
        "id": achievement_id,
        "user_id": user_id,
        "kind": kind,
        "subject": subject,
        "external_id": external_id,
        "achieved_at": achieved_at,
        "received_at": now,
    }
    stored = await session.execute(
        insert(Achievement).values(**values).on_conflict_do_nothing().returning(Achievement.id)
    )
    if stored.first() is None:
        return await _known(session, org_id, user_id, kind, subject, external_id)
    enrolled = await queries.enrollment_of(session, org_id=org_id, user_id=user_id)
    if enrolled is None or enrolled.enrollment.state == "withdrawn":
        return achievement_id, []
    month = (await span_of(session, org_id=org_id, now=now)).month
    made = []
    for one in await queries.bonus_rules(session, org_id=org_id):
        rule = one.rule
        before = list(
            await session.scalars(
                select(Bonus.month).where(
                    Bonus.org_id == org_id, Bonus.user_id == user_id, Bonus.rule_id == rule.id
                )
            )
        )
        if grants(rule, kind=kind, subject=subject, score=score, months=before, month=month):
            made.append(
                Bonus(
                    org_id=org_id,
                    id=new_id(),
                    user_id=user_id,
                    rule_id=rule.id,
                    achievement_id=achievement_id,
                    tokens=rule.bonus_tokens,
                    reason=rule.name,
                    month=month,
                    granted_at=now,
                )
            )
    session.add_all(made)
    await session.flush()
    return achievement_id, made


async def _known(
    session: AsyncSession, org_id: UUID, user_id: UUID, kind: Trigger, subject: str, external_id: str
) -> tuple[UUID, Sequence[Bonus]]:
    """B1."""
    found = (
        await session.scalars(
            select(Achievement).where(Achievement.org_id == org_id, Achievement.external_id == external_id)
        )
    ).one()
    if (found.user_id, found.kind, found.subject) != (user_id, kind, subject):
        raise Conflict(
            "This external_id was reported with another user, kind or subject.", field="external_id"
        )
    made = await session.scalars(
        select(Bonus).where(Bonus.org_id == org_id, Bonus.achievement_id == found.id).order_by(Bonus.id)
    )
    return found.id, list(made)
