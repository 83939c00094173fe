"""Budgets, and requests asked for under them, as a client of the API sees them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from toktra.budgets.ledger.recount import Difference, recount
from toktra.kit.database import raw_connection
from toktra_wire.ids import id_at, new_id


@dataclass
class Purse:
    """An organisation's budgets, and what is asked for and used under them."""

    client: httpx2.AsyncClient
    engine: AsyncEngine
    organization: Any
    clock: Any
    make_event: Callable[..., dict[str, Any]]

    async def budget(self, **given: Any) -> dict[str, Any]:
        """Make a budget: monthly, in tokens, with a hard cap, unless told otherwise."""
        body = {"period": "monthly", "hard_cap": True, **given}
        return await self.call("POST", "/v1/budgets", body, status=201)

    async def of(self, budget_id: str) -> dict[str, Any]:
        return await self.call("GET", f"/v1/budgets/{budget_id}")

    async def change(self, budget_id: str, **changes: Any) -> dict[str, Any]:
        return await self.call("PATCH", f"/v1/budgets/{budget_id}", changes)

    async def ask(self, tokens: int, *, headers: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
        """Ask for a request of the member, with the organisation's API key unless told otherwise."""
        asked = {
            "key": new_id().hex,
            "provider": "openai",
            "model": "gpt-4o",
            "estimated_tokens": tokens,
            **more,
        }
        if headers is None:
            asked.setdefault("user_id", str(self.organization.member.id))
        return await self.call("POST", "/v1/preflight", asked, headers=headers)

    async def use(
        self, tokens: int, *, headers: dict[str, str] | None = None, **event: Any
    ) -> dict[str, Any]:
        """A request of the member's is seen, that took so many tokens."""
        sent = {
            "id": str(id_at(self.clock.now)),
            "occurred_at": self.clock.now.isoformat(),
            "estimated_input_tokens": tokens,
            "estimated_output_tokens": 0,
            **event,
        }
        if headers is None:
            sent.setdefault("user_id", str(self.organization.member.id))
        said = await self.call("POST", "/v1/events", {"events": [self.make_event(**sent)]}, headers=headers)
        assert said["accepted"] == 1, said
        return said

    async def cancel(self, hold_id: str, *, headers: dict[str, str] | None = None) -> None:
        answer = await self.client.delete(
            f"/v1/holds/{hold_id}", headers=headers or self.organization.api_key
        )
        assert answer.status_code == 204, answer.text

    async def exempt(self, tokens: int, **more: Any) -> dict[str, Any]:
        """An approved exemption for the member."""
        asked = {"reason": "a sprint", "tokens": tokens, "user_id": str(self.organization.member.id), **more}
        made = await self.call("POST", "/v1/budget-exemptions", asked, status=201)
        return await self.call("POST", f"/v1/budget-exemptions/{made['id']}/approve", {})

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        answer = await self.client.request(
            method, path, json=body, headers=headers or self.organization.api_key
        )
        assert answer.status_code == status, answer.text
        return dict(answer.json()) if answer.content else {}

    async def recount(self, *, mend: bool = False) -> list[Difference]:
        """What recounting would change, or has changed."""
        async with raw_connection(self.engine) as connection, connection.transaction():
            return await recount(
                connection,
                org_id=self.organization.id,
                now=self.clock.now,
                kept_since=self.clock.now - timedelta(days=400),
                mend=mend,
            )


@pytest.fixture
def purse_of(
    client: httpx2.AsyncClient, engine: AsyncEngine, clock: Any, event: Callable[..., dict[str, Any]]
) -> Callable[[Any], Purse]:
    return lambda organization: Purse(client, engine, organization, clock, event)


@pytest.fixture
def purse(purse_of: Callable[[Any], Purse], organization: Any) -> Purse:
    return purse_of(organization)
