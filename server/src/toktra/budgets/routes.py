"""HTTP of budgets: budgets themselves, preflight checks and holds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request
from litestar.params import Parameter
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.guards import may
from toktra.access.rules import Actor, Scope
from toktra.budgets import blocking, exempting, history, service, watching
from toktra.budgets.answers import PreflightAnswer
from toktra.budgets.queries import listing
from toktra.budgets.queries.listing import BudgetFilter
from toktra.budgets.rules import PeriodKind
from toktra.budgets.service.preflight import preflight as ask_desk
from toktra.budgets.shapes import (
    BudgetAnswer,
    BudgetChangeBody,
    NewBudgetBody,
    PreflightBody,
    RolloverAnswer,
)
from toktra.kit.decoding import DecodedOnce
from toktra.kit.http import UNCOMPRESSED, Encoded, delete, get, patch, post
from toktra.kit.pages import DEFAULT_LIMIT, Cursor, Limit, Page, page_of


@post(
    "/v1/preflight",
    guards=[may(Scope.PREFLIGHT)],
    opt=UNCOMPRESSED,
    status_code=200,
    dto=DecodedOnce[PreflightBody],
    return_dto=None,
)
async def preflight(data: PreflightBody, request: Request[Any, Actor, Any]) -> Encoded[PreflightAnswer]:
    """May a request go out? Under a hard cap room is held for it until its usage event, or until it lapses.

    A blocked request is an answer, not an error. The same key asked again gets the first answer.
    """
    state = request.app.state
    answer = await ask_desk(
        state.desk,
        state.books,
        state.sessions,
        actor=request.auth,
        question=data.question(),
        now=state.clock(),
    )
    return Encoded(answer)


@delete("/v1/holds/{hold_id:uuid}", guards=[may(Scope.PREFLIGHT)], status_code=204)
async def cancel_hold(hold_id: UUID, actor: Actor, session: AsyncSession, now: datetime) -> None:
    """Give back the room of a request that is not made after all. Doing it again changes nothing."""
    await service.cancel(session, actor=actor, hold_id=hold_id, now=now)


@post("/v1/budgets", guards=[may(Scope.BUDGETS_WRITE)], status_code=201)
async def create_budget(
    data: NewBudgetBody, actor: Actor, session: AsyncSession, now: datetime
) -> BudgetAnswer:
    """Make a budget. What was used since its present period began counts."""
    made = await service.create_budget(session, org_id=actor.org_id, new=data.new(), now=now)
    return BudgetAnswer.of(await listing.budget(session, actor=actor, budget_id=made.id, now=now))


@get("/v1/budgets", guards=[may(Scope.BUDGETS_READ)])
async def list_budgets(
    actor: Actor,
    session: AsyncSession,
    now: datetime,
    department_id: UUID | None = None,
    user_id: UUID | None = None,
    period: PeriodKind | None = None,
    archived: Annotated[bool, Parameter(description="The archived ones instead")] = False,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[BudgetAnswer]:
    """The budgets the caller can see, newest first: those above them, and of whom they reach."""
    only = BudgetFilter(department_id=department_id, user_id=user_id, period=period, archived=archived)
    page = await listing.budgets(session, actor=actor, only=only, now=now, cursor=cursor, limit=limit)
    return Page(
        [BudgetAnswer.of(one) for one in page.items], page.next_cursor, page.has_more, page.total_count
    )


@get("/v1/budgets/{budget_id:uuid}", guards=[may(Scope.BUDGETS_READ)])
async def get_budget(budget_id: UUID, actor: Actor, session: AsyncSession, now: datetime) -> BudgetAnswer:
    """One budget with its present period."""
    return BudgetAnswer.of(await listing.budget(session, actor=actor, budget_id=budget_id, now=now))


@patch("/v1/budgets/{budget_id:uuid}", guards=[may(Scope.BUDGETS_WRITE)])
async def change_budget(
    budget_id: UUID, data: BudgetChangeBody, actor: Actor, session: AsyncSession, now: datetime
) -> BudgetAnswer:
    """Change what is given, at once. What is used stays; a limit below it leaves no room."""
    changes = data.changes()
    await service.change_budget(session, org_id=actor.org_id, budget_id=budget_id, changes=changes, now=now)
    return BudgetAnswer.of(await listing.budget(session, actor=actor, budget_id=budget_id, now=now))


@delete("/v1/budgets/{budget_id:uuid}", guards=[may(Scope.BUDGETS_WRITE)], status_code=204)
async def archive_budget(budget_id: UUID, actor: Actor, session: AsyncSession, now: datetime) -> None:
    """Archive a budget: it neither counts nor blocks any more. Its history stays."""
    await service.archive_budget(session, org_id=actor.org_id, budget_id=budget_id, now=now)


@get("/v1/budgets/{budget_id:uuid}/rollovers", guards=[may(Scope.BUDGETS_READ)])
async def list_rollovers(
    budget_id: UUID,
    actor: Actor,
    session: AsyncSession,
    now: datetime,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[RolloverAnswer]:
    """What was carried into each period, latest first, and how it was worked out."""
    rows, total = await listing.rollovers(
        session, actor=actor, budget_id=budget_id, cursor=cursor, limit=limit
    )
    return page_of(
        rows,
        lambda row: RolloverAnswer.of(row, now),
        limit=limit,
        position=lambda row: row.starts_at,
        total=total,
    )


ROUTES: Sequence[Any] = [
    preflight,
    cancel_hold,
    create_budget,
    list_budgets,
    *watching.ROUTES,
    get_budget,
    change_budget,
    archive_budget,
    list_rollovers,
    *history.ROUTES,
    *exempting.ROUTES,
    *blocking.ROUTES,
]
