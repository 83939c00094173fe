"""Policies as a client of the API sees them, and what is used under them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from toktra_wire.ids import id_at, new_id

ALWAYS: dict[str, Any] = {"match": "all", "conditions": []}
BUDGET: dict[str, Any] = {"type": "token_budget_exceeded"}


@dataclass
class Office:
    """An organisation's policies, and what happens under them."""

    client: httpx2.AsyncClient
    organization: Any
    clock: Any
    make_event: Callable[..., dict[str, Any]]

    async def policy(self, *, status: str = "publish", **given: Any) -> dict[str, Any]:
        """Make a policy and have it live: by default one about budgets, with an alert and nothing else."""
        body = {
            "name": "Too much",
            "trigger": BUDGET,
            "actions": [{"type": "email_manager"}],
            **given,
        }
        made = await self.call("POST", "/v1/policies", body, status=201)
        if status != "draft":
            await self.call("POST", f"/v1/policies/{made['id']}/{status}")
        return made

    async def budget(self, **given: Any) -> dict[str, Any]:
        body = {"user_id": str(self.organization.member.id), "limit_tokens": 1_000, **given}
        return await self.call("POST", "/v1/budgets", body, status=201)

    async def use(self, *tokens: int, **event: Any) -> None:
        """Requests of the member's, in one batch."""
        sent = [self.request(one, **event) for one in tokens]
        said = await self.call("POST", "/v1/events", {"events": sent})
        assert said["accepted"] == len(sent), said

    def request(self, tokens: int, **event: Any) -> dict[str, Any]:
        return self.make_event(
            **{
                "id": str(id_at(self.clock.now)),
                "occurred_at": self.clock.now.isoformat(),
                "estimated_input_tokens": tokens,
                "estimated_output_tokens": 0,
                "user_id": str(self.organization.member.id),
                **event,
            }
        )

    async def ask(self, **more: Any) -> dict[str, Any]:
        """A preflight check of the member's."""
        asked = {
            "key": new_id().hex,
            "provider": "openai",
            "model": "gpt-4o",
            "estimated_tokens": 1,
            "user_id": str(self.organization.member.id),
            **more,
        }
        return await self.call("POST", "/v1/preflight", asked)

    async def listed(self, path: str, **only: Any) -> list[dict[str, Any]]:
        answer = await self.client.get(path, params=only, headers=self.organization.api_key)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])

    async def firings(self, **only: Any) -> list[dict[str, Any]]:
        return await self.listed("/v1/policy-firings", **only)

    async def call(
        self, method: str, path: str, body: Any = None, *, status: int = 200, headers: Any = None
    ) -> dict[str, Any]:
        answer = await self.client.request(
            method, path, json=body, headers=headers or self.organization.api_key
        )
        assert answer.status_code == status, answer.text
        return dict(answer.json()) if answer.content else {}


@pytest.fixture
def office_of(client: httpx2.AsyncClient, clock: Any, event: Callable[..., dict[str, Any]]) -> Any:
    return lambda organization: Office(client, organization, clock, event)


@pytest.fixture
def office(office_of: Any, organization: Any) -> Office:
    return office_of(organization)  # type: ignore[no-any-return]
