"""Policies, their versions, firings and tests, of one organisation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.rules import Actor
from toktra.kit.database import among
from toktra.kit.errors import NotFound
from toktra.kit.pages import Page, page_by_id
from toktra.people import queries as people
from toktra.policies.model import Firing, Policy, PolicyTest, PolicyVersion
from toktra.policies.rules.policy import Status

LATELY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ListedPolicy:
    """A policy, and how often it has fired in the last 30 days."""

    policy: Policy
    firings: int
    shadow_firings: int


@dataclass(frozen=True, slots=True)
class ListedFiring:
    """A firing, and what those it names are called."""

    firing: Firing
    policy_name: str
    emails: Mapping[UUID, str]
    departments: Mapping[UUID, str]


async def policies(
    session: AsyncSession,
    *,
    actor: Actor,
    status: Status | None,
    now: datetime,
    cursor: str | None,
    limit: int,
) -> Page[ListedPolicy]:
    """A page of the policies that are not archived, the newest first."""
    statement = select(Policy).where(Policy.org_id == actor.org_id, Policy.archived_at.is_(None))
    if status is not None:
        statement = statement.where(Policy.status == status)
    page = await page_by_id(session, statement, Policy.id, lambda one: one, cursor=cursor, limit=limit)
    counts = await _counts(session, actor.org_id, {one.id for one in page.items}, now)
    items = [ListedPolicy(one, *counts.get(one.id, (0, 0))) for one in page.items]
    return Page(items, page.next_cursor, page.has_more, page.total_count)


async def policy(session: AsyncSession, *, actor: Actor, policy_id: UUID, now: datetime) -> ListedPolicy:
    """One policy, archived or not."""
    found = _found(await session.get(Policy, (actor.org_id, policy_id), populate_existing=True))
    counts = await _counts(session, actor.org_id, {policy_id}, now)
    return ListedPolicy(found, *counts.get(policy_id, (0, 0)))


async def lock_policy(session: AsyncSession, *, actor: Actor, policy_id: UUID) -> Policy:
    """A policy that is not archived, which nobody else changes until the transaction ends."""
    statement = select(Policy).where(
        Policy.org_id == actor.org_id, Policy.id == policy_id, Policy.archived_at.is_(None)
    )
    locked = statement.with_for_update().execution_options(populate_existing=True)
    return _found(await session.scalar(locked))


async def versions(
    session: AsyncSession, *, actor: Actor, policy_id: UUID, cursor: str | None, limit: int
) -> Page[PolicyVersion]:
    """What a policy said over time, the latest first."""
    _found(await session.get(Policy, (actor.org_id, policy_id)))
    statement = select(PolicyVersion).where(
        PolicyVersion.org_id == actor.org_id, PolicyVersion.policy_id == policy_id
    )
    return await page_by_id(
        session, statement, PolicyVersion.version, lambda one: one, cursor=cursor, limit=limit, kind=int
    )


async def firings(
    session: AsyncSession,
    *,
    actor: Actor,
    policy_id: UUID | None,
    shadow: bool | None,
    cursor: str | None,
    limit: int,
) -> Page[ListedFiring]:
    """Firings within reach, the newest first."""
    statement = select(Firing).where(Firing.org_id == actor.org_id)
    if policy_id is not None:
        _found(await session.get(Policy, (actor.org_id, policy_id)))
        statement = statement.where(Firing.policy_id == policy_id)
    if shadow is not None:
        statement = statement.where(Firing.shadow == shadow)
    if not actor.reach.everyone:
        users = await people.user_ids_within(session, org_id=actor.org_id, reach=actor.reach)
        departments = actor.reach.department_ids or frozenset()
        statement = statement.where(
            or_(among(Firing.subject_id, users), among(Firing.subject_id, departments))
        )
    page = await page_by_id(session, statement, Firing.id, lambda one: one, cursor=cursor, limit=limit)
    items = await _listed(session, actor.org_id, page.items)
    return Page(items, page.next_cursor, page.has_more, page.total_count)


async def policy_test(session: AsyncSession, *, actor: Actor, test_id: UUID) -> PolicyTest:
    """One test of a policy, under way or done."""
    found = await session.get(PolicyTest, (actor.org_id, test_id), populate_existing=True)
    if found is None:
        raise NotFound("There is no such test in your organisation, or it was forgotten after a day.")
    return found


async def _listed(session: AsyncSession, org_id: UUID, found: list[Firing]) -> list[ListedFiring]:
    users = {who for one in found for who in (one.user_id, one.subject_id) if who}
    departments = {one.subject_id for one in found if one.subject_kind == "department"}
    labels = await people.labels(session, org_id=org_id, user_ids=users, department_ids=departments)
    wanted = {one.policy_id for one in found}
    names = await session.execute(
        select(Policy.id, Policy.name).where(Policy.org_id == org_id, among(Policy.id, wanted))
    )
    of_id = {row.id: row.name for row in names}
    return [
        ListedFiring(one, of_id.get(one.policy_id, ""), labels.user_emails, labels.departments)
        for one in found
    ]


async def _counts(
    session: AsyncSession, org_id: UUID, policy_ids: set[UUID], now: datetime
) -> dict[UUID, tuple[int, int]]:
    rows = await session.execute(
        select(
            Firing.policy_id,
            func.count().filter(Firing.shadow.is_(False)),
            func.count().filter(Firing.shadow.is_(True)),
        )
        .where(Firing.org_id == org_id, among(Firing.policy_id, policy_ids), Firing.fired_at > now - LATELY)
        .group_by(Firing.policy_id)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def _found(found: Policy | None) -> Policy:
    if found is None:
        raise NotFound("There is no such policy in your organisation.")
    return found
