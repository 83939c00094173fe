"""Sending events and asking for usage."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker


@dataclass
class Meter:
    """An organisation's usage, as its API key sends and sees it."""

    client: httpx2.AsyncClient
    headers: dict[str, str]

    async def send(self, *events: dict[str, Any], headers: dict[str, str] | None = None) -> dict[str, Any]:
        sent = {"events": list(events)}
        answer = await self.client.post("/v1/events", json=sent, headers=headers or self.headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def usage(self, *, headers: dict[str, str] | None = None, **asked: Any) -> list[dict[str, Any]]:
        """Every item of GET /v1/usage, page by page."""
        items: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            page = await self.get("", headers=headers, **{"limit": 100, **asked, **cursor})
            items += page["items"]
            if not page["has_more"]:
                return items
            cursor = {"cursor": page["next_cursor"]}

    async def get(self, path: str, *, headers: dict[str, str] | None = None, **asked: Any) -> dict[str, Any]:
        params = {name: str(value) for name, value in asked.items() if value is not None}
        answer = await self.client.get(f"/v1/usage{path}", params=params, headers=headers or self.headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


@pytest.fixture
def meter_of(client: httpx2.AsyncClient) -> Callable[[Any], Meter]:
    return lambda organization: Meter(client, organization.api_key)


@pytest.fixture
def meter(meter_of: Callable[[Any], Meter], organization: Any) -> Meter:
    return meter_of(organization)


@pytest.fixture
def refused_counts(sessions: async_sessionmaker[AsyncSession], organization: Any) -> Callable[[], Any]:
    """How many events were refused, by reason, as the organisation's table says."""

    async def counts() -> dict[str, int]:
        asking = text(
            "SELECT reason, sum(events)::int FROM refused_events WHERE org_id = :org GROUP BY reason"
        )
        async with sessions() as session:
            return dict((await session.execute(asking, {"org": organization.id})).all())

    return counts


@pytest.fixture
def kept(sessions: async_sessionmaker[AsyncSession]) -> Callable[[Any], Any]:
    """The ids and input tokens of the events that were kept."""

    async def events(organization: Any) -> dict[str, int]:
        asking = text("SELECT id::text, input_tokens FROM usage_events WHERE org_id = :org")
        async with sessions() as session:
            return dict((await session.execute(asking, {"org": organization.id})).all())

    return events
