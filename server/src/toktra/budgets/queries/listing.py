"""Budgets and their rollovers, as far as the actor reaches.

Q1: whoever a budget stands above can see it; others see those of the people and departments they reach.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.rules import Actor
from toktra.budgets import statements
from toktra.budgets.ledger.opening import Opening, open_periods
from toktra.budgets.model import Budget, BudgetPeriod
from toktra.budgets.rules import PeriodKind, kind_of, period_at
from toktra.kit.database import among, driver_of
from toktra.kit.errors import NotFound
from toktra.kit.pages import COUNT_LIMIT, Page, decode_cursor, page_by_id
from toktra.people import queries as people


@dataclass(frozen=True, slots=True)
class ListedBudget:
    """A budget with its present period, and what its scope is called."""

    budget: Budget
    period: BudgetPeriod
    held: int
    exempt_held: int
    scope: Literal["organization", "department", "user"]
    department: str | None
    user_email: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetFilter:
    """What a list of budgets can be narrowed to; all of it must hold."""

    department_id: UUID | None = None
    user_id: UUID | None = None
    period: PeriodKind | None = None
    archived: bool = False


async def budgets(
    session: AsyncSession, *, actor: Actor, only: BudgetFilter, now: datetime, cursor: str | None, limit: int
) -> Page[ListedBudget]:
    """A page of budgets, the newest first."""
    statement = select(Budget).where(Budget.org_id == actor.org_id, await visible(session, actor))
    statement = statement.where(
        Budget.archived_at.is_not(None) if only.archived else Budget.archived_at.is_(None)
    )
    if only.department_id is not None:
        statement = statement.where(Budget.department_id == only.department_id)
    if only.user_id is not None:
        statement = statement.where(Budget.user_id == only.user_id)
    if only.period is not None:
        statement = statement.where(Budget.period == only.period.unit)
    page = await page_by_id(session, statement, Budget.id, lambda one: one, cursor=cursor, limit=limit)
    items = await _listed(session, actor.org_id, page.items, now)
    return Page(items, page.next_cursor, page.has_more, page.total_count)


async def budget(session: AsyncSession, *, actor: Actor, budget_id: UUID, now: datetime) -> ListedBudget:
    """One budget, archived or not; NotFound for one the actor cannot see."""
    (listed,) = await _listed(session, actor.org_id, [await visible_budget(session, actor, budget_id)], now)
    return listed


async def rollovers(
    session: AsyncSession, *, actor: Actor, budget_id: UUID, cursor: str | None, limit: int
) -> tuple[Sequence[BudgetPeriod], int]:
    """The periods that something was carried into, latest first (one more than `limit`); how many."""
    await visible_budget(session, actor, budget_id)
    statement = select(BudgetPeriod).where(
        BudgetPeriod.org_id == actor.org_id,
        BudgetPeriod.budget_id == budget_id,
        BudgetPeriod.carried_cap_percent.is_not(None),
    )
    counted = statement.with_only_columns(BudgetPeriod.starts_at).limit(COUNT_LIMIT).subquery()
    total = await session.scalar(select(func.count()).select_from(counted))
    if cursor is not None:
        statement = statement.where(BudgetPeriod.starts_at < decode_cursor(cursor, datetime))
    rows = await session.scalars(statement.order_by(BudgetPeriod.starts_at.desc()).limit(limit + 1))
    return rows.all(), total or 0


async def visible(session: AsyncSession, actor: Actor) -> ColumnElement[bool]:
    """Q1."""
    if actor.reach.everyone:
        return true()
    above = await people.department_and_above(session, org_id=actor.org_id, department_id=actor.department_id)
    departments = above | (actor.reach.department_ids or frozenset())
    users = await people.user_ids_within(session, org_id=actor.org_id, reach=actor.reach)
    return or_(among(Budget.department_id, departments), among(Budget.user_id, users | {actor.user_id}))


async def visible_budget(session: AsyncSession, actor: Actor, budget_id: UUID) -> Budget:
    found = await session.scalar(
        select(Budget).where(
            Budget.org_id == actor.org_id, Budget.id == budget_id, await visible(session, actor)
        )
    )
    if found is None:
        raise NotFound("There is no such budget within your reach.")
    return found


async def _listed(
    session: AsyncSession, org_id: UUID, found: Sequence[Budget], now: datetime
) -> list[ListedBudget]:
    """A few more queries, however many budgets there are. Periods that nothing used yet are opened."""
    zone = ZoneInfo((await people.organization(session, org_id=org_id)).time_zone)
    starts = {one.id: period_at(kind_of(one.period), one.archived_at or now, zone).starts_at for one in found}
    periods = await opened_periods(session, org_id, starts, now)
    lapsed = await lapsed_holds(session, org_id, now)
    root = await people.root_department(session, org_id=org_id)
    labels = await people.labels(
        session,
        org_id=org_id,
        user_ids={one.user_id for one in found if one.user_id},
        department_ids={one.department_id for one in found if one.department_id},
    )
    return [
        ListedBudget(
            budget=one,
            period=periods[one.id],
            held=periods[one.id].held - lapsed.get((one.id, starts[one.id]), (0, 0))[0],
            exempt_held=periods[one.id].exempt_held - lapsed.get((one.id, starts[one.id]), (0, 0))[1],
            scope="user" if one.user_id else "organization" if one.department_id == root.id else "department",
            department=labels.departments.get(one.department_id) if one.department_id else None,
            user_email=labels.user_emails.get(one.user_id) if one.user_id else None,
        )
        for one in found
    ]


async def opened_periods(
    session: AsyncSession, org_id: UUID, starts: Mapping[UUID, datetime], now: datetime
) -> dict[UUID, BudgetPeriod]:
    periods = await _periods(session, org_id, starts)
    if missing := starts.keys() - periods.keys():
        openings: list[Opening] = [(org_id, budget_id, starts[budget_id]) for budget_id in sorted(missing)]
        await open_periods(await driver_of(session), openings, now=now)
        periods = await _periods(session, org_id, starts)
    return periods


async def _periods(
    session: AsyncSession, org_id: UUID, starts: Mapping[UUID, datetime]
) -> dict[UUID, BudgetPeriod]:
    rows = await session.scalars(
        select(BudgetPeriod)
        .where(
            BudgetPeriod.org_id == org_id,
            among(BudgetPeriod.budget_id, starts.keys()),
            BudgetPeriod.starts_at.in_(set(starts.values())),
        )
        .execution_options(populate_existing=True)
    )
    return {row.budget_id: row for row in rows if row.starts_at == starts[row.budget_id]}


async def lapsed_holds(
    session: AsyncSession, org_id: UUID, now: datetime
) -> dict[tuple[UUID, datetime], tuple[int, int]]:
    cursor = await statements.lapsed(await driver_of(session), {org_id}, now)
    return {(row[1], row[2]): (row[3], row[4]) for row in await cursor.fetchall()}
