"""The real app with routes beside its own that fail on purpose."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

import httpx2
import pytest
from litestar import Litestar
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.guards import OWN, may
from toktra.access.rules import Actor, Scope
from toktra.app import build
from toktra.kit.database import Databases
from toktra.kit.http import Body, Name, post
from toktra.kit.settings import Settings
from toktra.people import service as people

SECRET_IN_A_LOCAL = "a-secret-in-a-local-variable"


class Making(Body, frozen=True):
    name: Name


@post("/failing/raise", opt=OWN)
async def fail_unforeseen(actor: Actor) -> None:
    password = SECRET_IN_A_LOCAL
    raise ZeroDivisionError(len(password) - len(SECRET_IN_A_LOCAL))


@post("/failing/after-write", guards=[may(Scope.PEOPLE_WRITE)])
async def fail_after_write(data: Making, actor: Actor, session: AsyncSession, now: datetime) -> None:
    await people.create_department(session, org_id=actor.org_id, name=data.name, parent_id=None, now=now)
    raise ZeroDivisionError


@post("/failing/at-commit", guards=[may(Scope.PEOPLE_WRITE)])
async def fail_at_commit(data: Making, actor: Actor, session: AsyncSession, now: datetime) -> dict[str, str]:
    """A deferred constraint is only checked when the transaction ends."""
    await people.create_department(session, org_id=actor.org_id, name=data.name, parent_id=None, now=now)
    deferred = "CREATE TEMPORARY TABLE once (n int UNIQUE DEFERRABLE INITIALLY DEFERRED) ON COMMIT DROP"
    await session.execute(text(deferred))
    await session.execute(text("INSERT INTO once VALUES (1), (1)"))
    return {"name": data.name}


@post("/failing/refused-row", opt=OWN)
async def fail_with_a_row(actor: Actor, session: AsyncSession) -> None:
    """PostgreSQL puts the row into its error."""
    await session.execute(
        text("CREATE TEMPORARY TABLE holding (email text, CHECK (email = '')) ON COMMIT DROP")
    )
    try:
        await session.execute(text("INSERT INTO holding VALUES ('someone@example.com')"))
    except Exception as refused:
        raise RuntimeError(str(refused)) from refused


FAILING = [fail_unforeseen, fail_after_write, fail_at_commit, fail_with_a_row]


@pytest.fixture(scope="session")
def failing_app(settings: Settings, database: Databases) -> Litestar:
    app = build(settings)
    for handler in FAILING:
        app.register(handler)
    return app


@pytest.fixture
async def failing(
    failing_app: Litestar,
    app: Litestar,
    client_to: Callable[..., AbstractAsyncContextManager[httpx2.AsyncClient]],
) -> AsyncIterator[httpx2.AsyncClient]:
    """A client to the real app that also has the routes that fail."""
    failing_app.state.update(app.state)
    async with client_to(failing_app) as client:
        yield client


@pytest.fixture
def departments(client: httpx2.AsyncClient, organization: Any) -> Callable[[], Any]:
    """The names of the organisation's departments."""

    async def names() -> set[str]:
        tree = (await client.get("/v1/departments", headers=organization.as_("owner"))).json()["root"]
        return {child["name"] for child in tree["children"]}

    return names
