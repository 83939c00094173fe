"""Testing a policy on history: asked for here, done by the worker, looked at meanwhile.

T1: a test changes nothing but its own row.
"""

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.rules import Actor
from toktra.kit.database import driver_of
from toktra.kit.errors import RateLimited
from toktra.kit.jobs import NewJob, defer
from toktra.policies.model import PolicyTest
from toktra.policies.queries import screens
from toktra.policies.rules.policy import Content
from toktra.policies.service.writing import check
from toktra_wire.ids import new_id

QUEUE = "trials"
TASK = "policies.test"
Days = Literal[7, 30, 90]
KEPT_FOR = timedelta(days=1)
_MOST_WAITING = 20


async def ask(
    session: AsyncSession,
    *,
    actor: Actor,
    policy_id: UUID | None,
    content: Content | None,
    days: Days,
    now: datetime,
) -> UUID:
    """A test of a policy as it stands, or of what is given instead; its id."""
    if policy_id is not None:
        listed = await screens.policy(session, actor=actor, policy_id=policy_id, now=now)
        content = content or msgspec.convert(listed.policy.content, Content)
    assert content is not None
    await check(session, org_id=actor.org_id, content=content)
    waiting = select(func.count()).where(
        PolicyTest.org_id == actor.org_id, PolicyTest.status.in_(("waiting", "running"))
    )
    if (await session.scalar(waiting) or 0) >= _MOST_WAITING:
        raise RateLimited("Your organisation has as many tests under way as it can. Wait for one to end.")
    test = PolicyTest(
        org_id=actor.org_id,
        id=new_id(),
        policy_id=policy_id,
        content=msgspec.to_builtins(content),
        days=days,
        status="waiting",
        asked_at=now,
        asked_by=actor.user_id,
    )
    session.add(test)
    args = {"org_id": str(actor.org_id), "test_id": str(test.id)}
    await defer(await driver_of(session), [NewJob(queue=QUEUE, task=TASK, args=args)])
    return test.id


async def forget(session: AsyncSession, *, now: datetime) -> None:
    """Drop tests of yesterday, done or not."""
    await session.execute(delete(PolicyTest).where(PolicyTest.asked_at < now - KEPT_FOR))
