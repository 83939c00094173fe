"""HTTP of blocks: who is blocked, and lifting one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar.params import Parameter
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.guards import may
from toktra.access.rules import Actor, Scope
from toktra.budgets.queries import blocks
from toktra.budgets.queries.blocks import ListedBlock
from toktra.budgets.service.blocks import lift
from toktra.kit.http import get, post
from toktra.kit.pages import DEFAULT_LIMIT, Cursor, Limit, Page


class BlockAnswer(Struct, frozen=True):
    """Somebody's requests are refused, since a policy fired."""

    id: UUID
    user_id: UUID
    user_email: str
    models: Annotated[list[str], Meta(description="Patterns of the models it is for; empty: all requests")]
    reason: str
    policy_id: UUID
    firing_id: UUID
    starts_at: datetime
    ends_at: datetime
    lifted_at: datetime | None
    lifted_by_email: str | None
    in_force: bool

    @classmethod
    def of(cls, listed: ListedBlock, now: datetime) -> "BlockAnswer":
        one = listed.block
        return cls(
            id=one.id,
            user_id=one.user_id,
            user_email=listed.emails.get(one.user_id, ""),
            models=one.models,
            reason=one.reason,
            policy_id=one.policy_id,
            firing_id=one.firing_id,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            lifted_at=one.lifted_at,
            lifted_by_email=None if one.lifted_by is None else listed.emails.get(one.lifted_by),
            in_force=one.lifted_at is None and one.ends_at > now,
        )


@get("/v1/blocks", guards=[may(Scope.BUDGETS_READ)])
async def list_blocks(
    actor: Actor,
    session: AsyncSession,
    now: datetime,
    in_force: Annotated[
        bool | None, Parameter(description="Only those that hold now, or only those that do not")
    ] = None,
    user_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[BlockAnswer]:
    """Blocks of people within reach, newest first."""
    page = await blocks.blocks(
        session, actor=actor, in_force=in_force, user_id=user_id, now=now, cursor=cursor, limit=limit
    )
    items = [BlockAnswer.of(one, now) for one in page.items]
    return Page(items, page.next_cursor, page.has_more, page.total_count)


@get("/v1/blocks/{block_id:uuid}", guards=[may(Scope.BUDGETS_READ)])
async def get_block(block_id: UUID, actor: Actor, session: AsyncSession, now: datetime) -> BlockAnswer:
    """One block of somebody within reach."""
    return BlockAnswer.of(await blocks.block(session, actor=actor, block_id=block_id), now)


@post("/v1/blocks/{block_id:uuid}/lift", guards=[may(Scope.BUDGETS_WRITE)], status_code=200)
async def lift_block(block_id: UUID, actor: Actor, session: AsyncSession, now: datetime) -> BlockAnswer:
    """Let the user's requests pass again, at once. Doing it again changes nothing."""
    await lift(session, actor=actor, block_id=block_id, now=now)
    return BlockAnswer.of(await blocks.block(session, actor=actor, block_id=block_id), now)


ROUTES: Sequence[Any] = [list_blocks, get_block, lift_block]
