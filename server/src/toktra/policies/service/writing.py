"""Policies are written, changed, made live, and taken out.

S1: a policy acts only while it is published, and fires on paper while it is on trial (shadow).
S2: what a policy says is kept in versions; changed while it is live, the new version is live at once.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.rules import Actor
from toktra.budgets.queries import standing
from toktra.kit.database import driver_of
from toktra.kit.errors import Conflict, Invalid
from toktra.notify import queries as notify
from toktra.people import queries as people
from toktra.policies.model import Policy, PolicyVersion
from toktra.policies.queries import screens
from toktra.policies.rules.checking import problems
from toktra.policies.rules.conditions import DepartmentIs, UserIs, leaves, listed
from toktra.policies.rules.policy import (
    LIVE,
    CallWebhook,
    Content,
    DepartmentThreshold,
    Status,
    TokenBudgetExceeded,
)
from toktra_wire.ids import new_id

MOST_POLICIES = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyChanges:
    """What is to be different about a policy; what is UNSET stays."""

    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    content: Content | UnsetType = UNSET


async def create(
    session: AsyncSession, *, actor: Actor, name: str, description: str, content: Content, now: datetime
) -> UUID:
    """A draft; its id."""
    await check(session, org_id=actor.org_id, content=content)
    there = select(func.count()).where(Policy.org_id == actor.org_id, Policy.archived_at.is_(None))
    if (await session.scalar(there) or 0) >= MOST_POLICIES:
        raise Conflict(f"An organisation has at most {MOST_POLICIES} policies. Archive one first.")
    policy = Policy(
        org_id=actor.org_id,
        id=new_id(),
        name=name,
        description=description,
        status="draft",
        version=1,
        content=_stored(content),
        created_at=now,
        created_by=actor.user_id,
        changed_at=now,
    )
    session.add(policy)
    await session.flush()
    _add_version(session, policy, actor, now)
    await session.flush()
    return policy.id


async def change(
    session: AsyncSession, *, actor: Actor, policy_id: UUID, changes: PolicyChanges, now: datetime
) -> None:
    """Change what is given; what decides when it fires makes a new version (S2)."""
    policy = await screens.lock_policy(session, actor=actor, policy_id=policy_id)
    if changes.description is not UNSET:
        policy.description = changes.description
    name = policy.name if changes.name is UNSET else changes.name
    content = policy.content
    if changes.content is not UNSET:
        await check(session, org_id=actor.org_id, content=changes.content)
        content = _stored(changes.content)
    if (name, content) != (policy.name, policy.content):
        policy.name, policy.content, policy.version = name, content, policy.version + 1
        _add_version(session, policy, actor, now)
    policy.changed_at = now
    await session.flush()


async def set_status(
    session: AsyncSession, *, actor: Actor, policy_id: UUID, status: Status, now: datetime
) -> None:
    """Publish it, try it on paper, or disable it (S1). Doing it again changes nothing."""
    policy = await screens.lock_policy(session, actor=actor, policy_id=policy_id)
    if policy.status == status:
        return
    if status in LIVE:
        await check(session, org_id=actor.org_id, content=msgspec.convert(policy.content, Content))
    policy.status = status
    policy.live_since = now if status in LIVE else None
    await session.flush()


async def archive(session: AsyncSession, *, actor: Actor, policy_id: UUID, now: datetime) -> None:
    """Take it out of the list; its versions and firings stay."""
    policy = await screens.lock_policy(session, actor=actor, policy_id=policy_id)
    policy.archived_at, policy.live_since = now, None
    if policy.status in LIVE:
        policy.status = "disabled"
    await session.flush()


async def check(session: AsyncSession, *, org_id: UUID, content: Content) -> None:
    """Refuse what makes no sense, and what names something that is not in the organisation."""
    for field, reason in problems(content):
        raise Invalid(reason, field=field)
    await _check_people(session, org_id, content)
    trigger = content.trigger
    if isinstance(trigger, TokenBudgetExceeded) and trigger.budget_id is not None:
        budgets = await standing.watched(await driver_of(session), org_id=org_id)
        if trigger.budget_id not in {one.id for one in budgets}:
            raise Invalid("There is no such budget in your organisation.", field="trigger.budget_id")
    for action in content.actions:
        if isinstance(action, CallWebhook):
            await _check_webhook(session, org_id, action.webhook_id)


async def _check_people(session: AsyncSession, org_id: UUID, content: Content) -> None:
    named: dict[type, set[UUID]] = {UserIs: set(), DepartmentIs: set()}
    for leaf in leaves(content.conditions):
        if isinstance(leaf, UserIs | DepartmentIs):
            named[type(leaf)].update(one for one in listed(leaf.value) if isinstance(one, UUID))
    if isinstance(content.trigger, DepartmentThreshold) and content.trigger.department_id:
        named[DepartmentIs].add(content.trigger.department_id)
    labels = await people.labels(
        session, org_id=org_id, user_ids=named[UserIs], department_ids=named[DepartmentIs]
    )
    if len(labels.user_emails) < len(named[UserIs]):
        raise Invalid("A condition names a user who is not in your organisation.", field="conditions")
    if len(labels.departments) < len(named[DepartmentIs]):
        raise Invalid("This names a department that is not in your organisation.", field="conditions")


async def _check_webhook(session: AsyncSession, org_id: UUID, webhook_id: UUID) -> None:
    if not await notify.has_webhook(session, org_id=org_id, webhook_id=webhook_id):
        raise Invalid(
            "There is no such webhook in your organisation. Make one first.", field="actions.webhook_id"
        )


def _add_version(session: AsyncSession, policy: Policy, actor: Actor, now: datetime) -> None:
    session.add(
        PolicyVersion(
            org_id=policy.org_id,
            policy_id=policy.id,
            version=policy.version,
            name=policy.name,
            content=policy.content,
            made_at=now,
            made_by=actor.user_id,
        )
    )


def _stored(content: Content) -> dict[str, Any]:
    return dict(msgspec.to_builtins(content))
