"""Exemption requests, as far as the actor reaches: of themself, of those they reach, and their own asking."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.rules import Actor
from toktra.budgets.model import Exemption
from toktra.kit.database import among
from toktra.kit.errors import NotFound
from toktra.kit.pages import Page, page_by_id
from toktra.people import queries as people

Status = Literal["pending", "approved", "denied", "expired"]


@dataclass(frozen=True, slots=True)
class ListedExemption:
    """An exemption, and the e-mails of those it names."""

    exemption: Exemption
    emails: Mapping[UUID, str]


async def exemptions(
    session: AsyncSession,
    *,
    actor: Actor,
    status: Status | None,
    user_id: UUID | None,
    now: datetime,
    cursor: str | None,
    limit: int,
) -> Page[ListedExemption]:
    """A page of exemption requests for people within reach, the newest first."""
    statement = select(Exemption).where(Exemption.org_id == actor.org_id, await _reached(session, actor))
    if user_id is not None:
        statement = statement.where(Exemption.user_id == user_id)
    if status is not None:
        statement = statement.where(_standing(status, now))
    page = await page_by_id(session, statement, Exemption.id, lambda one: one, cursor=cursor, limit=limit)
    items = await _with_emails(session, actor.org_id, page.items)
    return Page(items, page.next_cursor, page.has_more, page.total_count)


async def exemption(session: AsyncSession, *, actor: Actor, exemption_id: UUID) -> ListedExemption:
    """One exemption request for someone within reach."""
    found = await session.scalar(
        select(Exemption).where(
            Exemption.org_id == actor.org_id, Exemption.id == exemption_id, await _reached(session, actor)
        )
    )
    if found is None:
        raise NotFound("There is no such exemption request within your reach.")
    (listed,) = await _with_emails(session, actor.org_id, [found])
    return listed


def _standing(status: Status, now: datetime) -> ColumnElement[bool]:
    """A request that nobody reviewed is expired from the end of its period on."""
    if status == "pending":
        return and_(Exemption.status == "pending", Exemption.ends_at > now)
    if status == "expired":
        unreviewed = and_(Exemption.status == "pending", Exemption.ends_at <= now)
        return or_(Exemption.status == "expired", unreviewed)
    return Exemption.status == status


async def _reached(session: AsyncSession, actor: Actor) -> ColumnElement[bool]:
    if actor.reach.everyone:
        return true()
    users = await people.user_ids_within(session, org_id=actor.org_id, reach=actor.reach)
    return or_(
        among(Exemption.user_id, users),
        Exemption.requested_by == actor.user_id,
    )


async def _with_emails(
    session: AsyncSession, org_id: UUID, found: Sequence[Exemption]
) -> list[ListedExemption]:
    named = {
        user_id for one in found for user_id in (one.user_id, one.requested_by, one.reviewed_by) if user_id
    }
    labels = await people.labels(session, org_id=org_id, user_ids=named, department_ids=())
    return [ListedExemption(one, labels.user_emails) for one in found]
