"""Bonuses: what was achieved comes in, and each rule that it meets grants its tokens (T3).

B1: reported again with the same `external_id`, it is the same achievement, and grants nothing twice.
B2: `scored` is where a month's efficiency score comes in; nobody can report one from outside.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.kit.errors import Conflict
from toktra.perks import queries
from toktra.perks.model import Achievement, Bonus
from toktra.perks.rules import Trigger, grants
from toktra.perks.service.vouchers import span_of
from toktra_wire.ids import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAchievement:
    """What somebody completed or joined, or a month's score of theirs."""

    org_id: UUID
    user_id: UUID
    kind: Trigger
    subject: str
    external_id: str
    achieved_at: datetime


async def report(
    session: AsyncSession, new: NewAchievement, *, now: datetime, score: int | None = None
) -> tuple[UUID, Sequence[Bonus]]:
    """Keep an achievement, and grant what it earns (B1)."""
    achievement_id = new_id()
    stored = await session.execute(
        insert(Achievement)
        .values(**asdict(new), id=achievement_id, received_at=now)
        .on_conflict_do_nothing()
        .returning(Achievement.id)
    )
    if stored.first() is None:
        return await _known(session, new)
    made = await _earned(session, new, achievement_id, score, now)
    session.add_all(made)
    await session.flush()
    return achievement_id, made


async def scored(
    session: AsyncSession, *, org_id: UUID, user_id: UUID, month: str, score: int, now: datetime
) -> Sequence[Bonus]:
    """A month's efficiency score, 0 to 100, is there: grant what it earns (B2)."""
    new = NewAchievement(
        org_id=org_id,
        user_id=user_id,
        kind="efficiency_score",
        subject=month,
        external_id=f"efficiency_score:{month}:{user_id}",
        achieved_at=now,
    )
    return (await report(session, new, now=now, score=score))[1]


async def _earned(
    session: AsyncSession, new: NewAchievement, achievement_id: UUID, score: int | None, now: datetime
) -> list[Bonus]:
    enrolled = await queries.enrollment_of(session, org_id=new.org_id, user_id=new.user_id)
    if enrolled is None or enrolled.enrollment.state == "withdrawn":
        return []
    month = (await span_of(session, org_id=new.org_id, now=now)).month
    before = defaultdict(list)
    had = select(Bonus.rule_id, Bonus.month).where(Bonus.org_id == new.org_id, Bonus.user_id == new.user_id)
    for rule_id, granted_in in await session.execute(had):
        before[rule_id].append(granted_in)
    rules = [one.rule for one in await queries.bonus_rules(session, org_id=new.org_id)]
    return [
        Bonus(
            org_id=new.org_id,
            id=new_id(),
            user_id=new.user_id,
            rule_id=rule.id,
            achievement_id=achievement_id,
            tokens=rule.bonus_tokens,
            reason=rule.name,
            month=month,
            granted_at=now,
        )
        for rule in rules
        if grants(rule, kind=new.kind, subject=new.subject, score=score, months=before[rule.id], month=month)
    ]


async def _known(session: AsyncSession, new: NewAchievement) -> tuple[UUID, Sequence[Bonus]]:
    """B1."""
    found = (
        await session.scalars(
            select(Achievement).where(
                Achievement.org_id == new.org_id, Achievement.external_id == new.external_id
            )
        )
    ).one()
    if (found.user_id, found.kind, found.subject) != (new.user_id, new.kind, new.subject):
        raise Conflict(
            "This external_id was reported with another user, kind or subject.", field="external_id"
        )
    made = await session.scalars(
        select(Bonus).where(Bonus.org_id == new.org_id, Bonus.achievement_id == found.id).order_by(Bonus.id)
    )
    return found.id, list(made)
