"""Risk events within reach, and the GitHub integration."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.rules import Actor
from toktra.kit.database import among
from toktra.kit.errors import NotFound
from toktra.kit.pages import Page, page_by_id
from toktra.people import queries as people
from toktra.risks.model import GithubIdentity, GithubIntegration, RiskEvent
from toktra.risks.rules import Level


@dataclass(frozen=True, slots=True)
class ListedRisk:
    """A risk event, and the e-mails of those it names."""

    event: RiskEvent
    emails: Mapping[UUID, str]


async def risk_events(
    session: AsyncSession,
    *,
    actor: Actor,
    level: Level | None,
    user_id: UUID | None,
    cursor: str | None,
    limit: int,
) -> Page[ListedRisk]:
    """A page of risk events, the newest first: admins see all, managers those of people they reach."""
    statement = select(RiskEvent).where(RiskEvent.org_id == actor.org_id)
    if not actor.reach.everyone:
        users = await people.user_ids_within(session, org_id=actor.org_id, reach=actor.reach)
        statement = statement.where(among(RiskEvent.user_id, users))
    if level is not None:
        statement = statement.where(RiskEvent.level == level)
    if user_id is not None:
        statement = statement.where(RiskEvent.user_id == user_id)
    page = await page_by_id(session, statement, RiskEvent.id, lambda one: one, cursor=cursor, limit=limit)
    items = await _listed(session, actor.org_id, page.items)
    return Page(items, page.next_cursor, page.has_more, page.total_count)


async def risk_event(session: AsyncSession, *, actor: Actor, event_id: UUID) -> ListedRisk:
    """One risk event within reach."""
    found = await session.get(RiskEvent, (actor.org_id, event_id))
    if found is None or not await _reaches(session, actor, found):
        raise NotFound("There is no such risk event within your reach.")
    return (await _listed(session, actor.org_id, [found]))[0]


async def integrations(
    session: AsyncSession, *, org_id: UUID, cursor: str | None, limit: int
) -> Page[GithubIntegration]:
    """A page of the integrations that are not archived."""
    statement = select(GithubIntegration).where(
        GithubIntegration.org_id == org_id, GithubIntegration.archived_at.is_(None)
    )
    return await page_by_id(
        session, statement, GithubIntegration.id, lambda one: one, cursor=cursor, limit=limit
    )


async def integration(session: AsyncSession, *, org_id: UUID, integration_id: UUID) -> GithubIntegration:
    """One integration that is not archived, which nobody else changes until the transaction ends."""
    statement = select(GithubIntegration).where(
        GithubIntegration.org_id == org_id,
        GithubIntegration.id == integration_id,
        GithubIntegration.archived_at.is_(None),
    )
    locked = statement.with_for_update().execution_options(populate_existing=True)
    found = await session.scalar(locked)
    if found is None:
        raise NotFound("There is no such GitHub integration in your organisation.")
    return found


async def identities(session: AsyncSession, *, org_id: UUID) -> list[tuple[GithubIdentity, str]]:
    """Whose logins are whose, as an admin said, with e-mails."""
    found = list(
        await session.scalars(
            select(GithubIdentity).where(GithubIdentity.org_id == org_id).order_by(GithubIdentity.login)
        )
    )
    labels = await people.labels(
        session, org_id=org_id, user_ids={one.user_id for one in found}, department_ids=()
    )
    return [(one, labels.user_emails.get(one.user_id, "")) for one in found]


async def _reaches(session: AsyncSession, actor: Actor, found: RiskEvent) -> bool:
    if actor.reach.everyone:
        return True
    users = await people.user_ids_within(session, org_id=actor.org_id, reach=actor.reach)
    return found.user_id in users


async def _listed(session: AsyncSession, org_id: UUID, found: list[RiskEvent]) -> list[ListedRisk]:
    named = {one.user_id for one in found if one.user_id}
    labels = await people.labels(session, org_id=org_id, user_ids=named, department_ids=())
    return [ListedRisk(one, labels.user_emails) for one in found]
