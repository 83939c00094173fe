"""The one place where a risk event comes to be.

S1: one event per source and its own id, however often it is reported.
S2: it is judged in its transaction.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.kit.database import driver_of
from toktra.kit.groups import Connection
from toktra.people import queries as people
from toktra.risks.model import GithubDelivery, RiskEvent
from toktra.risks.rules import Level, Source
from toktra_wire.ids import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRisk:
    """A risk event, as those who judge it see it."""

    org_id: UUID
    id: UUID
    level: Level
    kind: str
    title: str
    user_id: UUID | None
    department_id: UUID | None
    occurred_at: datetime


JudgeRisk = Callable[[Connection, SeenRisk, datetime], Awaitable[None]]
"""Judges a new risk event in its transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRisk:
    """A risk event to be stored."""

    org_id: UUID
    source: Source
    external_id: str
    kind: str
    level: Level
    title: str
    repository: str | None
    login: str | None
    user_id: UUID | None
    occurred_at: datetime
    details: dict[str, Any]


async def store(session: AsyncSession, new: NewRisk, judge: JudgeRisk, *, now: datetime) -> UUID:
    """Store it and have it judged, once (S1, S2); its id."""
    department_id = None
    if new.user_id is not None:
        user = await people.user(session, org_id=new.org_id, user_id=new.user_id)
        department_id = user.department_id if user is not None else None
    values = {name: getattr(new, name) for name in NewRisk.__slots__}
    made = (
        insert(RiskEvent)
        .values(**values, id=new_id(), department_id=department_id, received_at=now)
        .on_conflict_do_nothing(index_elements=["org_id", "source", "external_id"])
        .returning(RiskEvent.id)
    )
    event_id = await session.scalar(made)
    if event_id is None:
        known = select(RiskEvent.id).where(
            RiskEvent.org_id == new.org_id,
            RiskEvent.source == new.source,
            RiskEvent.external_id == new.external_id,
        )
        return (await session.execute(known)).scalar_one()
    seen = SeenRisk(
        org_id=new.org_id,
        id=event_id,
        level=new.level,
        kind=new.kind,
        title=new.title,
        user_id=new.user_id,
        department_id=department_id,
        occurred_at=new.occurred_at,
    )
    await judge(await driver_of(session), seen, now)
    return event_id


async def seen_between(
    session: AsyncSession, *, org_id: UUID, first: datetime, before: datetime, limit: int
) -> list[SeenRisk]:
    """Risk events of a stretch of time, the oldest first: for trying a policy on them."""
    statement = select(RiskEvent).where(
        RiskEvent.org_id == org_id, RiskEvent.occurred_at >= first, RiskEvent.occurred_at < before
    )
    return [_seen(one) for one in await session.scalars(statement.order_by(RiskEvent.id).limit(limit))]


def _seen(one: RiskEvent) -> SeenRisk:
    return SeenRisk(**{name: getattr(one, name) for name in SeenRisk.__slots__})


async def forget(session: AsyncSession, *, events_before: datetime, deliveries_before: datetime) -> None:
    """Drop events past the retention, and deliveries so old that GitHub sends them no more."""
    await session.execute(delete(RiskEvent).where(RiskEvent.received_at < events_before))
    await session.execute(delete(GithubDelivery).where(GithubDelivery.received_at < deliveries_before))
