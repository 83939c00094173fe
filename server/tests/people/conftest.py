"""An organisation that only this transaction sees, for tests of use cases."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.rules import EVERYONE, ROLE_SCOPES, Actor, Reach, Role
from toktra.people import service
from toktra.people.model import Organization, User
from toktra_wire.ids import new_id


@pytest.fixture
async def acme(session: AsyncSession, now: datetime) -> Organization:
    return await service.create_organization(
        session, name="Acme", time_zone="Europe/Berlin", currency="USD", region="eu", now=now
    )


@pytest.fixture
async def owner(session: AsyncSession, acme: Organization, now: datetime) -> User:
    return await service.create_user(
        session,
        org_id=acme.id,
        email="owner@x.org",
        name="Owner",
        department=None,
        role=Role.OWNER,
        now=now,
    )


@pytest.fixture
def acting() -> Callable[..., Actor]:
    return _acting


@pytest.fixture
def program() -> Callable[[User], Actor]:
    return _program


@pytest.fixture
def add_usage(session: AsyncSession) -> Callable[[UUID, UUID], Awaitable[None]]:
    """Record that a department of an organisation has used something."""

    async def add(org_id: UUID, department_id: UUID) -> None:
        await session.execute(text(_USAGE), {"org": org_id, "user": new_id(), "department": department_id})

    return add


def _acting(user: User, *, reach: Reach = EVERYONE, role: Role | None = None) -> Actor:
    """This user as a caller, with their own role or another."""
    role = role or Role(user.role)
    return Actor(
        org_id=user.org_id,
        kind="session",
        credential_id=new_id(),
        scopes=ROLE_SCOPES[role],
        reach=reach,
        user_id=user.id,
        department_id=user.department_id,
        role=role,
    )


def _program(user: User) -> Actor:
    """An API key of this user: it has no role."""
    return replace(_acting(user, role=Role.ADMIN), kind="api_key", role=None)


_USAGE = """
INSERT INTO usage_rollups (span, org_id, starts_at, user_id, department_id, provider, model, source,
                           requests, input_tokens, output_tokens, cost_micros, unpriced_requests)
VALUES ('hour', :org, now(), :user, :department, 'openai', 'gpt', 'agent', 1, 1, 1, 1, 0)
"""
