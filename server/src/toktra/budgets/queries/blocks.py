"""Blocks, as far as the actor reaches."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.rules import Actor
from toktra.budgets.model import Block
from toktra.kit.database import among
from toktra.kit.errors import NotFound
from toktra.kit.pages import Page, page_by_id
from toktra.people import queries as people


@dataclass(frozen=True, slots=True)
class ListedBlock:
    """A block, and the e-mails of those it names."""

    block: Block
    emails: Mapping[UUID, str]


async def blocks(
    session: AsyncSession,
    *,
    actor: Actor,
    in_force: bool | None,
    user_id: UUID | None,
    now: datetime,
    cursor: str | None,
    limit: int,
) -> Page[ListedBlock]:
    """A page of blocks of people within reach, the newest first."""
    statement = select(Block).where(Block.org_id == actor.org_id)
    if not actor.reach.everyone:
        users = await people.user_ids_within(session, org_id=actor.org_id, reach=actor.reach)
        statement = statement.where(among(Block.user_id, users))
    if user_id is not None:
        statement = statement.where(Block.user_id == user_id)
    if in_force is not None:
        holds = (Block.lifted_at.is_(None)) & (Block.ends_at > now)
        statement = statement.where(holds if in_force else ~holds)
    page = await page_by_id(session, statement, Block.id, lambda one: one, cursor=cursor, limit=limit)
    items = await _listed(session, actor.org_id, page.items)
    return Page(items, page.next_cursor, page.has_more, page.total_count)


async def block(session: AsyncSession, *, actor: Actor, block_id: UUID) -> ListedBlock:
    """One block of somebody within reach."""
    found = await session.get(Block, (actor.org_id, block_id), populate_existing=True)
    if found is None or (
        not actor.reach.everyone
        and found.user_id not in await people.user_ids_within(session, org_id=actor.org_id, reach=actor.reach)
    ):
        raise NotFound("There is no such block within your reach.")
    return (await _listed(session, actor.org_id, [found]))[0]


async def _listed(session: AsyncSession, org_id: UUID, found: list[Block]) -> list[ListedBlock]:
    named = {who for one in found for who in (one.user_id, one.lifted_by) if who}
    labels = await people.labels(session, org_id=org_id, user_ids=named, department_ids=())
    return [ListedBlock(one, labels.user_emails) for one in found]
