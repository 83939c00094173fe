"""Budgets: made, changed, archived. A change takes effect with its commit, and keeps what is used.

B5: for one department or user there is one budget of each unit and period.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import UNSET, UnsetType
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.budgets.ledger.locking import lock_periods, own_tree
from toktra.budgets.ledger.opening import open_periods
from toktra.budgets.ledger.sums import refresh_sums
from toktra.budgets.ledger.thresholds import raise_alerts
from toktra.budgets.model import Budget, BudgetPeriod
from toktra.budgets.rules import DEFAULT_THRESHOLDS, GRACE, PeriodKind, kind_of, period_at
from toktra.kit.database import driver_of
from toktra.kit.errors import Conflict, Invalid, NotFound
from toktra.people import queries as people
from toktra.people import service as people_service
from toktra_wire.ids import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A limit in one unit; without an amount, the sum of the budgets below."""

    unit: str
    amount: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBudget:
    """A budget to be made, for a department (by name or path), a user, or the whole organisation."""

    name: str | None
    department: str | None
    user_id: UUID | None
    limit: Limit
    period: PeriodKind
    hard_cap: bool
    rollover_cap_percent: int | None
    thresholds: list[int] | None
    when_unsure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetChanges:
    """What is to be different about a budget; what is UNSET stays."""

    name: str | UnsetType = UNSET
    limit: Limit | UnsetType = UNSET
    hard_cap: bool | UnsetType = UNSET
    rollover_cap_percent: int | UnsetType | None = UNSET
    thresholds: list[int] | UnsetType = UNSET
    when_unsure: str | UnsetType = UNSET


async def create_budget(session: AsyncSession, *, org_id: UUID, new: NewBudget, now: datetime) -> Budget:
    """Make a budget. What was used since its present period began counts."""
    department_id, name = await _scope(session, org_id, new, now)
    budget = Budget(
        org_id=org_id,
        id=new_id(),
        name=new.name or name,
        department_id=department_id,
        user_id=new.user_id,
        unit=new.limit.unit,
        limit_amount=new.limit.amount,
        period=new.period.unit,
        hard_cap=new.hard_cap,
        rollover_cap_percent=new.rollover_cap_percent,
        thresholds=sorted(set(DEFAULT_THRESHOLDS if new.thresholds is None else new.thresholds)),
        when_unsure=new.when_unsure,
        created_at=now,
    )
    _check(budget)
    await _alone(session, org_id, now)
    await _check_alone(session, budget)
    session.add(budget)
    await _bring_up_to_date(session, budget, now)
    return budget


async def change_budget(
    session: AsyncSession, *, org_id: UUID, budget_id: UUID, changes: BudgetChanges, now: datetime
) -> Budget:
    """Change what is given. A limit below what is used leaves no room, and takes nothing back."""
    await _alone(session, org_id, now)
    budget = await _live(session, org_id, budget_id)
    if changes.limit is not UNSET:
        if changes.limit.unit != budget.unit:
            raise Invalid(
                "A budget keeps its unit. Archive this one, and make another in the other unit.",
                field="limit",
            )
        budget.limit_amount = changes.limit.amount
    for field in ("name", "hard_cap", "rollover_cap_percent", "when_unsure"):
        if (value := getattr(changes, field)) is not UNSET:
            setattr(budget, field, value)
    if changes.thresholds is not UNSET:
        budget.thresholds = sorted(set(changes.thresholds))
    _check(budget)
    await _bring_up_to_date(session, budget, now)
    return budget


async def archive_budget(session: AsyncSession, *, org_id: UUID, budget_id: UUID, now: datetime) -> None:
    """End a budget: it neither counts nor blocks from now on. Its history stays."""
    await _alone(session, org_id, now)
    budget = await _live(session, org_id, budget_id)
    budget.archived_at = now
    driver = await driver_of(session)
    await raise_alerts(driver, await refresh_sums(driver, org_id=org_id, now=now), now=now)


async def _alone(session: AsyncSession, org_id: UUID, now: datetime) -> None:
    """Nobody counts in the organisation, or decides on its open periods, until the change is committed."""
    driver = await driver_of(session)
    await own_tree(driver, org_id)
    await lock_periods(driver, org_id, since=now - GRACE)


async def _scope(
    session: AsyncSession, org_id: UUID, new: NewBudget, now: datetime
) -> tuple[UUID | None, str]:
    """The department it is for (None: a user), and what it is called when it is given no name."""
    if new.user_id is not None:
        user = await people.user(session, org_id=org_id, user_id=new.user_id)
        if user is None:
            raise Invalid("There is no such user in your organisation.", field="user_id")
        return None, user.name
    if new.department is not None:
        department = await people_service.find_or_create_department(
            session, org_id=org_id, path=new.department, now=now
        )
    else:
        department = await people.root_department(session, org_id=org_id)
    return department.id, department.name


def _check(budget: Budget) -> None:
    if budget.sums_children and budget.user_id is not None:
        raise Invalid("Below a user there is nothing to sum. Give a limit.", field="sum_of_children")
    if budget.sums_children and budget.rollover_cap_percent is not None:
        raise Invalid(
            "A budget that sums those below it carries what they carry. Leave rollover_cap_percent out.",
            field="rollover_cap_percent",
        )


async def _check_alone(session: AsyncSession, budget: Budget) -> None:
    """B5. The index has the last word."""
    other = await session.scalar(
        select(Budget).where(
            Budget.org_id == budget.org_id,
            Budget.unit == budget.unit,
            Budget.period == budget.period,
            Budget.department_id == budget.department_id
            if budget.user_id is None
            else Budget.user_id == budget.user_id,
            Budget.archived_at.is_(None),
        )
    )
    if other is not None:
        raise Conflict(
            f"There is a {kind_of(budget.period)} budget in {budget.unit} for this already: {other.name!r}. "
            "Change that one, or archive it first.",
            budget_id=str(other.id),
        )


async def _live(session: AsyncSession, org_id: UUID, budget_id: UUID) -> Budget:
    budget = await session.get(Budget, (org_id, budget_id), populate_existing=True)
    if budget is None:
        raise NotFound("There is no such budget in your organisation.")
    if budget.archived_at is not None:
        raise Conflict("This budget is archived. Make a new one.")
    return budget


async def _bring_up_to_date(session: AsyncSession, budget: Budget, now: datetime) -> None:
    """The present period is open, has the limit now in force, and alerts fit it, as do those of sums."""
    driver = await driver_of(session)
    zone = ZoneInfo((await people.organization(session, org_id=budget.org_id)).time_zone)
    period = period_at(kind_of(budget.period), now, zone)
    key = (budget.org_id, budget.id, period.starts_at)
    await open_periods(driver, [key], now=now)
    if budget.limit_amount is not None:
        await session.execute(
            update(BudgetPeriod)
            .where(
                BudgetPeriod.org_id == key[0],
                BudgetPeriod.budget_id == key[1],
                BudgetPeriod.starts_at >= key[2],
            )
            .values(limit_amount=budget.limit_amount)
        )
    summed = await refresh_sums(driver, org_id=budget.org_id, now=now)
    await raise_alerts(driver, [key, *summed], now=now)
