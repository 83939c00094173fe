"""HTTP of exemptions: asked for, seen, reviewed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.guards import may
from toktra.access.rules import Actor, Scope
from toktra.budgets import service
from toktra.budgets.queries import exemptions
from toktra.budgets.queries.exemptions import Status
from toktra.budgets.shapes import ExemptionAnswer, NewExemptionBody, ReviewBody
from toktra.kit.http import get, post
from toktra.kit.pages import DEFAULT_LIMIT, Cursor, Limit, Page


@post("/v1/budget-exemptions", guards=[may(Scope.EXEMPTIONS_ASK)], status_code=201)
async def request_exemption(
    data: NewExemptionBody, actor: Actor, session: AsyncSession, now: datetime
) -> ExemptionAnswer:
    """Ask for extra tokens, for oneself or, as a manager or admin, for someone within reach."""
    made = await service.request_exemption(
        session,
        actor=actor,
        user_id=data.user_id or actor.user_id,
        reason=data.reason,
        tokens=data.tokens,
        period=data.period,
        now=now,
    )
    return await _exemption(session, actor, made.id, now)


@get("/v1/budget-exemptions", guards=[may(Scope.BUDGETS_READ)])
async def list_exemptions(
    actor: Actor,
    session: AsyncSession,
    now: datetime,
    status: Status | None = None,
    user_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[ExemptionAnswer]:
    """Exemption requests within reach, newest first. `total_count` of the pending ones is for the banner."""
    return await _page(session, now, actor=actor, status=status, user_id=user_id, cursor=cursor, limit=limit)


@get("/v1/budget-exemptions/{exemption_id:uuid}", guards=[may(Scope.BUDGETS_READ)])
async def get_exemption(
    exemption_id: UUID, actor: Actor, session: AsyncSession, now: datetime
) -> ExemptionAnswer:
    """One exemption request within reach."""
    return await _exemption(session, actor, exemption_id, now)


@post("/v1/budget-exemptions/{exemption_id:uuid}/approve", guards=[may(Scope.BUDGETS_WRITE)], status_code=200)
async def approve_exemption(
    exemption_id: UUID, data: ReviewBody, actor: Actor, session: AsyncSession, now: datetime
) -> ExemptionAnswer:
    """Approve: the tokens are there at once, for this user, until the period ends."""
    return await _review(session, actor, exemption_id, "approved", data, now)


@post("/v1/budget-exemptions/{exemption_id:uuid}/deny", guards=[may(Scope.BUDGETS_WRITE)], status_code=200)
async def deny_exemption(
    exemption_id: UUID, data: ReviewBody, actor: Actor, session: AsyncSession, now: datetime
) -> ExemptionAnswer:
    """Deny. The requester can read the notes."""
    return await _review(session, actor, exemption_id, "denied", data, now)


@get("/v1/devices/me/exemptions", guards=[may(Scope.DEVICE)])
async def list_own_exemptions(
    actor: Actor,
    session: AsyncSession,
    now: datetime,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[ExemptionAnswer]:
    """What was asked for the calling device's user, newest first, and what became of it."""
    return await _page(
        session, now, actor=actor, status=None, user_id=actor.user_id, cursor=cursor, limit=limit
    )


async def _page(session: AsyncSession, now: datetime, **asked: Any) -> Page[ExemptionAnswer]:
    page = await exemptions.exemptions(session, now=now, **asked)
    items = [ExemptionAnswer.of(one, now) for one in page.items]
    return Page(items, page.next_cursor, page.has_more, page.total_count)


async def _review(
    session: AsyncSession,
    actor: Actor,
    exemption_id: UUID,
    verdict: Literal["approved", "denied"],
    data: ReviewBody,
    now: datetime,
) -> ExemptionAnswer:
    await service.review_exemption(
        session, actor=actor, exemption_id=exemption_id, verdict=verdict, notes=data.notes, now=now
    )
    return await _exemption(session, actor, exemption_id, now)


async def _exemption(
    session: AsyncSession, actor: Actor, exemption_id: UUID, now: datetime
) -> ExemptionAnswer:
    listed = await exemptions.exemption(session, actor=actor, exemption_id=exemption_id)
    return ExemptionAnswer.of(listed, now)


ROUTES: Sequence[Any] = [
    request_exemption,
    list_exemptions,
    get_exemption,
    approve_exemption,
    deny_exemption,
    list_own_exemptions,
]
