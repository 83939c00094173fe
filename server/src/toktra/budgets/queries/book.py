"""One organisation's budgets, as a check must know them: above whom, and how far they are used."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.budgets.model import Block, Budget, BudgetPeriod, Exemption
from toktra.budgets.rules import BlockInForce, Period, PeriodKind, WhenUnsure, blocking, kind_of, period_at
from toktra.people import queries as people

_MOST_CHAINS = 20_000
_MOST_APPROVERS = 5
_ALWAYS = Period(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One budget, as far as a check must know it."""

    id: UUID
    name: str
    unit: str
    kind: PeriodKind
    hard_cap: bool
    thresholds: tuple[int, ...]
    when_unsure: WhenUnsure


@dataclass(frozen=True, slots=True)
class Level:
    """How far a budget is used in its present period, in its unit. `limit` includes what was rolled over."""

    limit: int
    used: int
    held: int


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """One budget in one period: where a check counts. `name` says which it is, and is quick to look up by."""

    name: str
    org_id: UUID
    budget_id: UUID
    starts_at: datetime


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """The budgets above a user, nearest first.

    `places`: of the hard caps among them, from `starts_at` to `ends_at`.
    """

    lines: tuple[Line, ...]
    hard: tuple[Line, ...]
    places: tuple[Place, ...]
    has_money: bool
    starts_at: datetime
    ends_at: datetime


@dataclass(slots=True)
class OrganizationBook:
    """One organisation's budgets, by whom they stand above."""

    org_id: UUID
    zone: ZoneInfo
    parents: Mapping[UUID, UUID | None]
    of_departments: Mapping[UUID, tuple[Line, ...]]
    of_users: Mapping[UUID, tuple[Line, ...]]
    exempted: frozenset[UUID]
    approvers: tuple[str, ...]
    blocks: Mapping[UUID, tuple[BlockInForce, ...]] = field(default_factory=dict)
    levels: Mapping[UUID, Level] = field(default_factory=dict)
    levels_at: float = 0.0
    _chains: dict[tuple[UUID, UUID], Chain] = field(default_factory=dict)
    _periods: dict[PeriodKind, Period] = field(default_factory=dict)

    @property
    def has_budgets(self) -> bool:
        return bool(self.of_departments or self.of_users)

    def block(self, user_id: UUID, model: str, now: datetime) -> BlockInForce | None:
        """The block that refuses a user's request for a model; of several the one that ends last."""
        return blocking(self.blocks.get(user_id, ()), model, now)

    def is_blocked(self, user_id: UUID, now: datetime) -> bool:
        """Whether some of a user's requests are refused."""
        return any(one.ends_at > now for one in self.blocks.get(user_id, ()))

    def above(self, user_id: UUID, department_id: UUID, now: datetime) -> Chain:
        """What stands above a user: their own budgets, their department's, up to the organisation's."""
        key = (user_id, department_id)
        chain = self._chains.get(key)
        if chain is None or now >= chain.ends_at or now < chain.starts_at:
            if len(self._chains) >= _MOST_CHAINS:
                self._chains.clear()
            lines = (*self.of_users.get(user_id, ()), *self._upward(department_id))
            chain = self._chains[key] = self._chain(lines, now)
        return chain

    def _chain(self, lines: tuple[Line, ...], now: datetime) -> Chain:
        hard = tuple(line for line in lines if line.hard_cap)
        periods = [self.period(line.kind, now) for line in hard]
        return Chain(
            lines=lines,
            hard=hard,
            places=tuple(
                self._place(line, period.starts_at) for line, period in zip(hard, periods, strict=True)
            ),
            has_money=any(line.unit == "micros" for line in lines),
            starts_at=max((period.starts_at for period in periods), default=_ALWAYS.starts_at),
            ends_at=min((period.ends_at for period in periods), default=_ALWAYS.ends_at),
        )

    def _place(self, line: Line, starts_at: datetime) -> Place:
        return Place(f"{line.id}/{starts_at.isoformat()}", self.org_id, line.id, starts_at)

    def _upward(self, department_id: UUID) -> list[Line]:
        lines: list[Line] = []
        at: UUID | None = department_id
        while at is not None:
            lines += self.of_departments.get(at, ())
            at = self.parents.get(at)
        return lines

    def period(self, kind: PeriodKind, now: datetime) -> Period:
        """The present period, worked out once for as long as it lasts."""
        known = self._periods.get(kind)
        if known is None or not known.starts_at <= now < known.ends_at:
            known = self._periods[kind] = period_at(kind, now, self.zone)
        return known


async def load_book(session: AsyncSession, *, org_id: UUID) -> OrganizationBook:
    """The organisation's book as it is now."""
    organization = await people.organization(session, org_id=org_id)
    of_departments: dict[UUID, list[Line]] = defaultdict(list)
    of_users: dict[UUID, list[Line]] = defaultdict(list)
    budgets = select(Budget).where(Budget.org_id == org_id, Budget.archived_at.is_(None)).order_by(Budget.id)
    for budget in await session.scalars(budgets):
        if budget.user_id is not None:
            of_users[budget.user_id].append(line_of(budget))
        elif budget.department_id is not None:
            of_departments[budget.department_id].append(line_of(budget))
    blocks: dict[UUID, list[BlockInForce]] = defaultdict(list)
    in_force = select(Block).where(
        Block.org_id == org_id, Block.lifted_at.is_(None), Block.ends_at > func.now()
    )
    for one in await session.scalars(in_force):
        blocks[one.user_id].append(BlockInForce(one.id, tuple(one.models), one.reason, one.ends_at))
    approved = select(Exemption.user_id).where(Exemption.org_id == org_id, Exemption.status == "approved")
    return OrganizationBook(
        org_id=org_id,
        zone=ZoneInfo(organization.time_zone),
        parents=await people.parents(session, org_id=org_id),
        of_departments={key: tuple(lines) for key, lines in of_departments.items()},
        of_users={key: tuple(lines) for key, lines in of_users.items()},
        exempted=frozenset(await session.scalars(approved)),
        approvers=tuple(await people.admin_emails(session, org_id=org_id, limit=_MOST_APPROVERS)),
        blocks={user_id: tuple(every) for user_id, every in blocks.items()},
    )


def line_of(budget: Budget) -> Line:
    """A budget, as a check must know it."""
    return Line(
        id=budget.id,
        name=budget.name,
        unit=budget.unit,
        kind=kind_of(budget.period),
        hard_cap=budget.hard_cap,
        thresholds=tuple(budget.thresholds),
        when_unsure=budget.when_unsure,
    )


async def levels(session: AsyncSession, *, org_id: UUID, now: datetime) -> dict[UUID, Level]:
    """How far each budget is used in its present period; none for a period that nothing has opened."""
    rows = await session.scalars(
        select(BudgetPeriod).where(
            BudgetPeriod.org_id == org_id, BudgetPeriod.starts_at <= now, BudgetPeriod.ends_at > now
        )
    )
    return {
        row.budget_id: Level(
            limit=row.limit_amount + row.rolled_over,
            used=row.used - row.exempt_used,
            held=row.held - row.exempt_held,
        )
        for row in rows
    }
