"""People who sign in: with passwords, from addresses of their own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx2
import pytest
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from toktra.access import service
from toktra.kit.clock import utc_now
from toktra.people.model import User
from toktra_wire.ids import new_id

PASSWORD = "correct horse battery"

Client = httpx2.AsyncClient
Connect = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture
async def member(organization: Any, sessions: async_sessionmaker[AsyncSession]) -> User:
    """The organisation's member, who has the password PASSWORD."""
    member: User = organization.member
    async with sessions.begin() as session:
        await service.set_password(
            session, org_id=member.org_id, user_id=member.id, password=PASSWORD, now=utc_now()
        )
    return member


@pytest.fixture
async def browser(app: Litestar, client_to: Connect) -> AsyncIterator[Client]:
    """A client from an address that nobody else calls from."""
    async with client_to(app, new_id().hex) as client:
        yield client


@pytest.fixture
def sign_in(app: Litestar, client_to: Connect) -> Callable[..., Awaitable[httpx2.Response]]:
    """Sign in; from an address of its own unless told from where."""

    async def sign_in(email: str, password: str = PASSWORD, address: str | None = None) -> httpx2.Response:
        async with client_to(app, address or new_id().hex) as client:
            return await client.post("/v1/session", json={"email": email, "password": password})

    return sign_in


@pytest.fixture
def signed_in(sign_in: Any) -> Callable[..., Awaitable[dict[str, str]]]:
    """Sign in, and answer the headers of the session."""

    async def signed_in(email: str, password: str = PASSWORD) -> dict[str, str]:
        return headers_of(await sign_in(email, password))

    return signed_in


def headers_of(answer: httpx2.Response) -> dict[str, str]:
    cookie = answer.headers["set-cookie"].partition(";")[0]
    return {"Cookie": cookie, "X-CSRF-Token": answer.json()["csrf_token"]}


@pytest.fixture
def change_user(client: Client, organization: Any) -> Callable[..., Awaitable[None]]:
    """The owner changes a user."""

    async def change(user: User, **changes: str) -> None:
        path, owner = f"/v1/users/{user.id}", organization.as_("owner")
        assert (await client.patch(path, json=changes, headers=owner)).status_code == 200

    return change
