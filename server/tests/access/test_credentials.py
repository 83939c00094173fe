"""The cache of credentials (C1), under a race that HTTP cannot be made to run on demand."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from toktra.access.credentials import CACHED_FOR, Credentials
from toktra.access.rules import EVERYONE, Actor
from toktra.kit.errors import Unauthorized
from toktra_wire.ids import new_id


def an_actor() -> Actor:
    return Actor(
        org_id=new_id(),
        kind="api_key",
        credential_id=new_id(),
        scopes=frozenset(),
        reach=EVERYONE,
        user_id=new_id(),
        department_id=new_id(),
    )


class Directory:
    """Who is behind a token: an actor until they are taken out; looking up takes as long as it is told."""

    def __init__(self) -> None:
        self.actor: Actor | None = an_actor()
        self.lookups = 0
        self.read, self.answer = asyncio.Event(), asyncio.Event()
        self.answer.set()

    async def __call__(self, _session: AsyncSession, _hashed: bytes, _now: datetime) -> Actor | None:
        self.lookups += 1
        found = self.actor
        self.read.set()
        await self.answer.wait()
        return found


@pytest.fixture
def directory() -> Directory:
    return Directory()


@pytest.fixture
def credentials(sessions: async_sessionmaker[AsyncSession], directory: Directory) -> Credentials:
    return Credentials(sessions, {"tk_key": directory})


async def test_a_credential_is_looked_up_once_in_a_while(
    credentials: Credentials, directory: Directory, now: datetime
) -> None:
    for past in (timedelta(0), CACHED_FOR / 2):
        assert await credentials.actor_of("tk_key_a", now + past) == directory.actor
    assert directory.lookups == 1
    await credentials.actor_of("tk_key_a", now + CACHED_FOR)
    assert directory.lookups == 2


async def test_a_lookup_under_way_while_rights_change_is_not_remembered(
    credentials: Credentials, directory: Directory, now: datetime
) -> None:
    directory.answer.clear()
    asking = asyncio.create_task(credentials.actor_of("tk_key_a", now))
    await directory.read.wait()
    directory.actor = None
    credentials.forget_all()
    directory.answer.set()
    assert await asking is not None
    with pytest.raises(Unauthorized):
        await credentials.actor_of("tk_key_a", now)


@pytest.mark.parametrize("token", ["", "tk_", "tk_key", "tk_other_a", "key_a", "_", "tk__a", "\ud800"])
async def test_a_token_of_no_known_kind_asks_nobody(
    credentials: Credentials, directory: Directory, now: datetime, token: str
) -> None:
    with pytest.raises(Unauthorized):
        await credentials.actor_of(token, now)
    assert directory.lookups == 0 or token == "tk_key"
