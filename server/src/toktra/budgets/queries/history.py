"""What a budget was in its periods, and which requests hold room in it now.

Q1: a hold of someone out of reach is only ever a part of a sum.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.rules import Actor
from toktra.budgets.model import BudgetPeriod
from toktra.budgets.queries.listing import budget, lapsed_holds, visible_budget
from toktra.kit.pages import COUNT_LIMIT, decode_cursor
from toktra.people import queries as people


@dataclass(frozen=True, slots=True)
class ListedPeriod:
    """A budget's period, and what live holds take of it."""

    period: BudgetPeriod
    held: int


@dataclass(frozen=True, slots=True)
class ListedHolds:
    """Some holds, one more than asked for; how many there are; what others hold; what users are called."""

    rows: Sequence[Row[Any]]
    total: int
    others_held: int
    emails: dict[UUID, str]


async def periods(
    session: AsyncSession, *, actor: Actor, budget_id: UUID, now: datetime, cursor: str | None, limit: int
) -> tuple[list[ListedPeriod], int]:
    """The periods of a budget that anything has opened, and the present one; latest first."""
    await budget(session, actor=actor, budget_id=budget_id, now=now)
    statement = select(BudgetPeriod).where(
        BudgetPeriod.org_id == actor.org_id, BudgetPeriod.budget_id == budget_id
    )
    counted = statement.with_only_columns(BudgetPeriod.starts_at).limit(COUNT_LIMIT).subquery()
    total = await session.scalar(select(func.count()).select_from(counted))
    if cursor is not None:
        statement = statement.where(BudgetPeriod.starts_at < decode_cursor(cursor, datetime))
    rows = await session.scalars(statement.order_by(BudgetPeriod.starts_at.desc()).limit(limit + 1))
    lapsed = await lapsed_holds(session, actor.org_id, now)
    listed = [ListedPeriod(one, one.held - lapsed.get((budget_id, one.starts_at), (0, 0))[0]) for one in rows]
    return listed, total or 0


async def holds(
    session: AsyncSession, *, actor: Actor, budget_id: UUID, now: datetime, cursor: str | None, limit: int
) -> ListedHolds:
    """The live holds on a budget, newest first (Q1)."""
    await visible_budget(session, actor, budget_id)
    after = None if cursor is None else decode_cursor(cursor, UUID)
    users = None
    if not actor.reach.everyone:
        users = sorted(await people.user_ids_within(session, org_id=actor.org_id, reach=actor.reach))
    asked = {"org_id": actor.org_id, "budget_id": budget_id, "now": now, "users": users}
    total, others = (await session.execute(text(_SUMS), asked)).one()
    rows = (await session.execute(text(_HOLDS), {**asked, "after": after, "limit": limit + 1})).all()
    labels = await people.labels(
        session, org_id=actor.org_id, user_ids={row.user_id for row in rows}, department_ids=()
    )
    return ListedHolds(rows, min(total, COUNT_LIMIT), others, labels.user_emails)


_LIVE = """
    FROM preflights p
    CROSS JOIN LATERAL unnest(p.budget_ids, p.period_starts, p.amounts) AS h (budget_id, starts_at, amount)
    WHERE p.org_id = :org_id AND p.ended_at IS NULL AND p.expires_at > :now AND h.budget_id = :budget_id
"""
_WITHIN = "(CAST(:users AS uuid[]) IS NULL OR p.user_id = ANY(CAST(:users AS uuid[])))"
_SUMS = f"""
    SELECT count(*) FILTER (WHERE {_WITHIN}), coalesce(sum(h.amount) FILTER (WHERE NOT {_WITHIN}), 0)::bigint
    {_LIVE}
"""
_HOLDS = f"""
    SELECT p.id, p.user_id, p.provider, p.model, h.amount, h.starts_at, p.created_at, p.expires_at
    {_LIVE} AND {_WITHIN} AND (CAST(:after AS uuid) IS NULL OR p.id < CAST(:after AS uuid))
    ORDER BY p.id DESC LIMIT :limit
"""
