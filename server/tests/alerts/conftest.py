"""Alerts as they come to be, through budgets that are used up, and as a client of the API sees them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest


@dataclass
class Board:
    """An organisation's alerts."""

    client: httpx2.AsyncClient
    organization: Any
    make_event: Callable[..., dict[str, Any]]

    async def alert(self, *, by: str | None = None, **budget: Any) -> dict[str, Any]:
        """The one alert of a new budget (by default the organisation's) that the member has used up."""
        given = {"limit_tokens": 100, "thresholds": [], **budget}
        made = await self.call("POST", "/v1/budgets", given, status=201)
        sent = self.make_event(user_id=by or str(self.organization.member.id))
        await self.call("POST", "/v1/events", {"events": [sent]})
        (found,) = await self.list(budget_id=made["id"])
        return found

    async def list(self, role: str | None = None, **only: Any) -> list[dict[str, Any]]:
        return list((await self.call("GET", "/v1/alerts", role=role, params=only))["items"])

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        role: str | None = None,
        status: int = 200,
        params: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """As a signed-in session of this role, or with the organisation's API key."""
        self.client.cookies.clear()
        headers = self.organization.api_key if role is None else self.organization.as_(role)
        answer = await self.client.request(method, path, json=body, params=params, headers=headers)
        assert answer.status_code == status, answer.text
        return dict(answer.json())


@pytest.fixture
def board_of(client: httpx2.AsyncClient, event: Callable[..., dict[str, Any]]) -> Callable[[Any], Board]:
    return lambda organization: Board(client, organization, event)


@pytest.fixture
def board(board_of: Callable[[Any], Board], organization: Any) -> Board:
    return board_of(organization)
