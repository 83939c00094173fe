"""Blocks: made by policies, in force until they end or an admin lifts them.

K1: who is blocked is told to every server with the commit (LISTEN), so that the next check knows it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.rules import Actor
from toktra.budgets.model import Block
from toktra.kit.errors import NotFound
from toktra.kit.groups import Connection
from toktra_wire.ids import new_id

_STORE = """
    INSERT INTO blocks (org_id, id, user_id, models, reason, policy_id, firing_id, starts_at, ends_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (org_id, firing_id, user_id) DO NOTHING
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBlock:
    """Somebody's requests are to be refused. `models`: patterns; empty: all requests."""

    org_id: UUID
    user_id: UUID
    models: Sequence[str]
    reason: str
    policy_id: UUID
    firing_id: UUID
    ends_at: datetime


async def block(connection: Connection, new: Sequence[NewBlock], *, now: datetime) -> None:
    """Block these users, each once for a firing: one that was lifted stays lifted."""
    rows = [
        (
            one.org_id,
            new_id(),
            one.user_id,
            list(one.models),
            one.reason,
            one.policy_id,
            one.firing_id,
            now,
            one.ends_at,
        )
        for one in new
        if one.ends_at > now
    ]
    async with connection.cursor() as cursor:
        await cursor.executemany(_STORE, rows)


async def lift(session: AsyncSession, *, actor: Actor, block_id: UUID, now: datetime) -> None:
    """Let the user's requests pass again. Doing it again changes nothing."""
    found = await session.scalar(
        select(Block)
        .where(Block.org_id == actor.org_id, Block.id == block_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("There is no such block in your organisation.")
    if found.lifted_at is None:
        found.lifted_at, found.lifted_by = now, actor.user_id
        await session.flush()
