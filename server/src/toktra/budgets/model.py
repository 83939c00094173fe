"""Tables of budgets. What a period's row means stands in the migration that makes it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from toktra.budgets.rules import WhenUnsure
from toktra.kit.database import Model


class Budget(Model):
    """A limit in tokens or money, for a department or a user, in every period of its kind."""

    __tablename__ = "budgets"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    department_id: Mapped[UUID | None]
    user_id: Mapped[UUID | None]
    unit: Mapped[str]
    limit_amount: Mapped[int | None] = mapped_column(BigInteger)
    period: Mapped[str]
    hard_cap: Mapped[bool]
    rollover_cap_percent: Mapped[int | None]
    thresholds: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    when_unsure: Mapped[WhenUnsure] = mapped_column(String)
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]

    @property
    def sums_children(self) -> bool:
        """Whether it has no limit of its own, but that of the budgets below it together."""
        return self.limit_amount is None


class BudgetPeriod(Model):
    """A budget in one period: the limit in force, and the counters that are caches of events and holds."""

    __tablename__ = "budget_periods"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    budget_id: Mapped[UUID] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    ends_at: Mapped[datetime]
    limit_amount: Mapped[int] = mapped_column(BigInteger)
    rolled_over: Mapped[int] = mapped_column(BigInteger)
    carried_cap_percent: Mapped[int | None]
    carried_limit: Mapped[int | None] = mapped_column(BigInteger)
    carried_used: Mapped[int | None] = mapped_column(BigInteger)
    carried_rolled_over: Mapped[int | None] = mapped_column(BigInteger)
    used: Mapped[int] = mapped_column(BigInteger)
    held: Mapped[int] = mapped_column(BigInteger)
    exempt_used: Mapped[int] = mapped_column(BigInteger)
    exempt_held: Mapped[int] = mapped_column(BigInteger)
    alerted: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))


class Exemption(Model):
    """Extra tokens for one user in one period, once approved."""

    __tablename__ = "budget_exemptions"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    requested_by: Mapped[UUID]
    reason: Mapped[str]
    tokens: Mapped[int] = mapped_column(BigInteger)
    period: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    status: Mapped[str]
    reviewed_by: Mapped[UUID | None]
    reviewed_at: Mapped[datetime | None]
    notes: Mapped[str | None]
    used: Mapped[int] = mapped_column(BigInteger)
    held: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]


class Block(Model):
    """Somebody's requests are refused, all of them or those for some models, until it ends or is lifted."""

    __tablename__ = "blocks"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    models: Mapped[list[str]] = mapped_column(ARRAY(String))
    reason: Mapped[str]
    policy_id: Mapped[UUID]
    firing_id: Mapped[UUID]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[UUID | None]


class Preflight(Model):
    """What was decided about a request. An admitted one is a hold until `ended_at` or `expires_at`."""

    __tablename__ = "preflights"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    device_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
