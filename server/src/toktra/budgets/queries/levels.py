"""How far budgets are used now, for those who watch them."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.rules import Actor
from toktra.budgets.model import Budget, BudgetPeriod
from toktra.budgets.queries.listing import lapsed_holds, opened_periods, visible
from toktra.budgets.rules import kind_of, period_at
from toktra.kit.database import among
from toktra.people import queries as people

MOST_WATCHED = 1_000


class LevelAnswer(Struct, frozen=True):
    """What moves of a budget; each field as in BudgetAnswer."""

    id: UUID
    limit: int
    rolled_over: int
    used: int
    held: int
    exempt_used: int
    remaining: int
    used_percent: Annotated[int, Meta(description="Of limit and rolled over, rounded down")]
    resets_at: datetime


async def watched(session: AsyncSession, *, actor: Actor) -> frozenset[UUID]:
    """The budgets that the actor can see, at most MOST_WATCHED: the newest."""
    statement = select(Budget.id).where(
        Budget.org_id == actor.org_id, Budget.archived_at.is_(None), await visible(session, actor)
    )
    return frozenset(await session.scalars(statement.order_by(Budget.id.desc()).limit(MOST_WATCHED)))


async def present_levels(
    session: AsyncSession, *, org_id: UUID, budget_ids: Collection[UUID], now: datetime
) -> dict[UUID, LevelAnswer]:
    """The levels of these budgets in their present periods, which are opened where nothing has yet."""
    zone = ZoneInfo(await people.time_zone(session, org_id=org_id))
    kinds = await session.execute(
        select(Budget.id, Budget.period).where(
            Budget.org_id == org_id, Budget.archived_at.is_(None), among(Budget.id, budget_ids)
        )
    )
    starts = {row.id: period_at(kind_of(row.period), now, zone).starts_at for row in kinds}
    if not starts:
        return {}
    periods = await opened_periods(session, org_id, starts, now)
    lapsed = await lapsed_holds(session, org_id, now)
    return {
        one.budget_id: level_of(one, *lapsed.get((one.budget_id, one.starts_at), (0, 0)))
        for one in periods.values()
    }


def level_of(period: BudgetPeriod, lapsed_held: int = 0, lapsed_exempt: int = 0) -> LevelAnswer:
    """A period's level, without what holds take that have lapsed."""
    allowed = period.limit_amount + period.rolled_over
    counted = max(0, period.used - period.exempt_used)
    held = period.held - lapsed_held
    taken = counted + held - (period.exempt_held - lapsed_exempt)
    return LevelAnswer(
        id=period.budget_id,
        limit=period.limit_amount,
        rolled_over=period.rolled_over,
        used=period.used,
        held=held,
        exempt_used=period.exempt_used,
        remaining=max(0, allowed - taken),
        used_percent=counted * 100 // allowed if allowed else 100,
        resets_at=period.ends_at,
    )
