"""What screens and the personal ledger ask of the corporate side."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.kit.errors import NotFound
from toktra.kit.pages import Page, page_by_id
from toktra.people import queries as people
from toktra.people.queries import User
from toktra.perks.model import Bonus, BonusRule, Enrollment, Figures, PerksKey, Tier
from toktra.perks.rules import State


@dataclass(frozen=True, slots=True)
class Enrolled:
    """An enrolment with whose it is, and in which tier."""

    enrollment: Enrollment
    user: User
    tier: Tier


async def public_key(session: AsyncSession, *, org_id: UUID) -> bytes | None:
    """With which the organisation's vouchers are checked; None where it never made any."""
    found: bytes | None = await session.scalar(select(PerksKey.public_key).where(PerksKey.org_id == org_id))
    return found


async def organizations(session: AsyncSession) -> Sequence[UUID]:
    """Those that have Token Perks."""
    return list(await session.scalars(select(PerksKey.org_id).order_by(PerksKey.org_id)))


async def tiers(session: AsyncSession, *, org_id: UUID) -> Sequence[Tier]:
    """Those in use, the smallest first."""
    where = select(Tier).where(Tier.org_id == org_id, Tier.archived_at.is_(None))
    return list(await session.scalars(where.order_by(Tier.monthly_tokens, Tier.name)))


async def tier(session: AsyncSession, *, org_id: UUID, tier_id: UUID) -> Tier:
    """One that is in use, or NotFound."""
    found = await session.get(Tier, (org_id, tier_id))
    if found is None or found.archived_at is not None:
        raise NotFound("There is no such tier. GET /v1/perks/tiers lists them.")
    return found


async def tier_by_name(session: AsyncSession, *, org_id: UUID, name: str) -> Tier | None:
    """One that is in use, by its name in any case."""
    where = select(Tier).where(
        Tier.org_id == org_id, func.lower(Tier.name) == name.strip().lower(), Tier.archived_at.is_(None)
    )
    found: Tier | None = await session.scalar(where)
    return found


async def people_of_tiers(session: AsyncSession, *, org_id: UUID) -> dict[UUID, int]:
    """How many are invited to or enrolled in each tier."""
    where = select(Enrollment.tier_id, func.count()).where(
        Enrollment.org_id == org_id, Enrollment.state != "withdrawn"
    )
    return dict((await session.execute(where.group_by(Enrollment.tier_id))).all())


async def tiers_of_people(session: AsyncSession, *, org_id: UUID) -> dict[UUID, UUID]:
    """In which tier each user is who is invited or enrolled."""
    where = select(Enrollment.user_id, Enrollment.tier_id).where(
        Enrollment.org_id == org_id, Enrollment.state != "withdrawn"
    )
    return dict((await session.execute(where)).all())


async def enrollments(
    session: AsyncSession, *, org_id: UUID, state: State | None, cursor: str | None, limit: int
) -> Page[Enrolled]:
    """Enrolments, the newest first."""
    statement = select(Enrollment).where(Enrollment.org_id == org_id)
    if state is not None:
        statement = statement.where(Enrollment.state == state)
    page: Page[Enrollment] = await page_by_id(
        session, statement, Enrollment.id, lambda one: one, cursor=cursor, limit=limit
    )
    items = await _named(session, org_id, page.items)
    return Page(items, page.next_cursor, page.has_more, page.total_count)


async def enrollment(session: AsyncSession, *, org_id: UUID, enrollment_id: UUID) -> Enrolled:
    """One, or NotFound."""
    found = await session.get(Enrollment, (org_id, enrollment_id))
    if found is None:
        raise NotFound("There is no such enrolment. GET /v1/perks/enrollments lists them.")
    return (await _named(session, org_id, [found]))[0]


async def enrollment_of(session: AsyncSession, *, org_id: UUID, user_id: UUID) -> Enrolled | None:
    """A user's own."""
    found = await session.scalar(
        select(Enrollment).where(Enrollment.org_id == org_id, Enrollment.user_id == user_id)
    )
    return None if found is None else (await _named(session, org_id, [found]))[0]


async def states(session: AsyncSession, *, org_id: UUID) -> dict[str, int]:
    """How many enrolments are in each state."""
    where = select(Enrollment.state, func.count()).where(Enrollment.org_id == org_id)
    return dict((await session.execute(where.group_by(Enrollment.state))).all())


async def bonus_rules(session: AsyncSession, *, org_id: UUID) -> Sequence[BonusRule]:
    """Those in use, the oldest first."""
    where = select(BonusRule).where(BonusRule.org_id == org_id, BonusRule.archived_at.is_(None))
    return list(await session.scalars(where.order_by(BonusRule.id)))


async def bonus_rule(session: AsyncSession, *, org_id: UUID, rule_id: UUID) -> BonusRule:
    """One that is in use, or NotFound."""
    found = await session.get(BonusRule, (org_id, rule_id))
    if found is None or found.archived_at is not None:
        raise NotFound("There is no such bonus rule. GET /v1/perks/bonus-rules lists them.")
    return found


async def bonuses(session: AsyncSession, *, org_id: UUID, cursor: str | None, limit: int) -> Page[Bonus]:
    """Bonuses that were granted, the newest first."""
    statement = select(Bonus).where(Bonus.org_id == org_id)
    return await page_by_id(session, statement, Bonus.id, lambda one: one, cursor=cursor, limit=limit)


async def figures(session: AsyncSession, *, org_id: UUID) -> Sequence[Figures]:
    """What was told of each month, the newest first."""
    where = select(Figures).where(Figures.org_id == org_id).order_by(Figures.month.desc())
    return list(await session.scalars(where.limit(24)))


async def _named(session: AsyncSession, org_id: UUID, found: Sequence[Enrollment]) -> list[Enrolled]:
    users = {
        one.id: one
        for one in await people.users_by_id(session, org_id=org_id, user_ids=[one.user_id for one in found])
    }
    named = {one.id: one for one in await session.scalars(select(Tier).where(Tier.org_id == org_id))}
    return [Enrolled(one, users[one.user_id], named[one.tier_id]) for one in found]
