"""HTTP of a budget's history, and of who holds room in it now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.guards import may
from toktra.access.rules import Actor, Scope
from toktra.budgets.queries import history
from toktra.budgets.queries.history import ListedPeriod
from toktra.kit.http import get
from toktra.kit.pages import DEFAULT_LIMIT, Cursor, Limit, Page, page_of


class PeriodAnswer(Struct, frozen=True):
    """A budget in one period. Amounts are in the budget's unit."""

    starts_at: datetime
    ends_at: datetime
    limit: Annotated[int, Meta(description="Without what was rolled over")]
    rolled_over: Annotated[int, Meta(description="Carried in from the period before")]
    used: Annotated[int, Meta(description="What usage says, exemptions included")]
    held: Annotated[int, Meta(description="What live holds set aside")]
    exempt_used: Annotated[int, Meta(description="The part of `used` that exemptions covered")]

    @classmethod
    def of(cls, listed: ListedPeriod) -> "PeriodAnswer":
        one = listed.period
        return cls(
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            limit=one.limit_amount,
            rolled_over=one.rolled_over,
            used=one.used,
            held=listed.held,
            exempt_used=one.exempt_used,
        )


class HoldAnswer(Struct, frozen=True):
    """Room that is set aside for a request under way."""

    id: UUID
    user_id: UUID
    user_email: str
    provider: str
    model: str
    amount: Annotated[int, Meta(description="In the budget's unit")]
    period_starts_at: Annotated[datetime, Meta(description="The period whose room it takes")]
    created_at: datetime
    expires_at: Annotated[
        datetime, Meta(description="When it ends by itself, unless its usage is seen before")
    ]


class HoldsAnswer(Struct, frozen=True):
    """One page of holds, and what is held by people out of reach."""

    items: list[HoldAnswer]
    next_cursor: str | None
    has_more: bool
    total_count: Annotated[int, Meta(description="Items on all pages; counting stops at 10,000")]
    others_held: Annotated[int, Meta(description="What people out of the caller's reach hold, together")]


@get("/v1/budgets/{budget_id:uuid}/periods", guards=[may(Scope.BUDGETS_READ)])
async def list_periods(
    budget_id: UUID,
    actor: Actor,
    session: AsyncSession,
    now: datetime,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[PeriodAnswer]:
    """The budget's periods, latest first. One in which nothing used the budget may not be there."""
    rows, total = await history.periods(
        session, actor=actor, budget_id=budget_id, now=now, cursor=cursor, limit=limit
    )
    return page_of(rows, PeriodAnswer.of, limit=limit, position=lambda row: row.period.starts_at, total=total)


@get("/v1/budgets/{budget_id:uuid}/holds", guards=[may(Scope.BUDGETS_READ)])
async def list_holds(
    budget_id: UUID,
    actor: Actor,
    reading: AsyncSession,
    now: datetime,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> HoldsAnswer:
    """Live holds on the budget, newest first: those of people within reach, and the others' sum."""
    listed = await history.holds(
        reading, actor=actor, budget_id=budget_id, now=now, cursor=cursor, limit=limit
    )
    page = page_of(
        listed.rows,
        lambda row: _hold(row, listed.emails),
        limit=limit,
        position=lambda row: row.id,
        total=listed.total,
    )
    return HoldsAnswer(page.items, page.next_cursor, page.has_more, page.total_count, listed.others_held)


def _hold(row: Row[Any], emails: dict[UUID, str]) -> HoldAnswer:
    return HoldAnswer(
        id=row.id,
        user_id=row.user_id,
        user_email=emails.get(row.user_id, ""),
        provider=row.provider,
        model=row.model,
        amount=row.amount,
        period_starts_at=row.starts_at,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


ROUTES: Sequence[Any] = [list_periods, list_holds]
