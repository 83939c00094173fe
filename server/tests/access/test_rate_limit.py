"""The rate limit: 1,000 requests a minute per credential, said in four headers."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from toktra.access.limits import forget_counts
from toktra.access.model import RateCount

Client = httpx2.AsyncClient
Sessions = async_sessionmaker[AsyncSession]
HEADERS = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")


@pytest.fixture
async def key(client: Client, organization: Any) -> tuple[dict[str, str], UUID]:
    """A new key's headers, and its id."""
    body = {"name": "a key", "scopes": ["usage:read"]}
    made = (await client.post("/v1/api-keys", json=body, headers=organization.as_("owner"))).json()
    return {"Authorization": f"Bearer {made['key']}"}, UUID(made["id"])


async def set_count(sessions: Sessions, credential_id: UUID, now: datetime, requests: int) -> None:
    minute = now.replace(second=0, microsecond=0)
    async with sessions.begin() as session:
        session.add(RateCount(credential_id=credential_id, minute=minute, requests=requests))


def said(answer: httpx2.Response) -> tuple[int, int, int]:
    limit, remaining, reset = (int(answer.headers[name]) for name in HEADERS)
    return limit, remaining, reset


async def test_every_answer_says_where_the_limit_is(client: Client, key: Any, clock: Any) -> None:
    clock.now = clock.now.replace(second=18, microsecond=0)
    assert said(await client.get("/v1/usage", headers=key[0])) == (1000, 999, 42)
    assert said(await client.get("/v1/usage?nonsense=1", headers=key[0])) == (1000, 998, 42)
    assert said(await client.get("/v1/users", headers=key[0])) == (1000, 997, 42)


async def test_the_thousand_and_first_is_refused_until_the_next_minute(
    client: Client, key: Any, clock: Any, sessions: Sessions
) -> None:
    headers, key_id = key
    clock.now = clock.now.replace(second=50, microsecond=0)
    await set_count(sessions, key_id, clock.now, 999)
    last = await client.get("/v1/usage", headers=headers)
    assert (last.status_code, said(last)) == (200, (1000, 0, 10))
    for _ in range(2):
        refused = await client.get("/v1/usage", headers=headers)
        assert (refused.status_code, refused.json()["error"]) == (429, "rate_limited")
        assert said(refused) == (1000, 0, 10)
        assert refused.headers["retry-after"] == "10"
    clock.advance(seconds=10)
    again = await client.get("/v1/usage", headers=headers)
    assert (again.status_code, said(again)) == (200, (1000, 999, 60))


async def test_a_refused_request_does_nothing(
    client: Client, organization: Any, clock: Any, sessions: Sessions
) -> None:
    me = organization.as_("owner")
    await client.get("/v1/session", headers=me)
    async with sessions.begin() as session:
        minute = clock.now.replace(second=0, microsecond=0)
        for row in await session.scalars(select(RateCount).where(RateCount.minute == minute)):
            row.requests = 1000
    assert (await client.post("/v1/departments", json={"name": "Never"}, headers=me)).status_code == 429
    clock.advance(minutes=1)
    tree = (await client.get("/v1/departments", headers=me)).json()
    assert "Never" not in [child["name"] for child in tree["root"]["children"]]


async def test_one_credential_s_count_is_not_another_s(
    client: Client, key: Any, organization: Any, clock: Any, sessions: Sessions
) -> None:
    await set_count(sessions, key[1], clock.now, 1000)
    assert (await client.get("/v1/usage", headers=key[0])).status_code == 429
    assert (await client.get("/v1/usage", headers=organization.as_("owner"))).status_code == 200


async def test_devices_are_outside_it(
    client: Client, device: Any, clock: Any, sessions: Sessions, event: Any
) -> None:
    await set_count(sessions, device.id, clock.now, 1000)
    config = await client.get("/v1/devices/me/config", headers=device.headers)
    sent = await client.post("/v1/events", json={"events": [event()]}, headers=device.headers)
    for answer in (config, sent):
        assert answer.status_code == 200
        assert not set(HEADERS) & set(answer.headers)


async def test_minutes_long_over_are_forgotten(session: AsyncSession, key: Any, now: datetime) -> None:
    mine = select(RateCount.requests).where(RateCount.credential_id == key[1])
    session.add(RateCount(credential_id=key[1], minute=now, requests=7))
    await session.flush()
    await forget_counts(session, now=now)
    assert await session.scalar(mine) == 7
    await forget_counts(session, now=now + timedelta(minutes=6))
    assert await session.scalar(mine) is None
