"""The API keeps its word: what the OpenAPI document says holds for requests made from it, good and bad.

No answer is a server error, and each has a status, a content type and a body that are documented.
"""

import asyncio
from collections.abc import Callable
from itertools import count
from typing import Any

import httpx2
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from toktra.app import build
from toktra.kit.settings import Settings

Case = schemathesis.Case[Any]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
SCHEMA = schemathesis.openapi.from_dict(build(Settings(secret_key="s" * 32)).openapi_schema.to_schema())
SCHEMA.config.seed = 20261121
SCHEMA.config.generation.update(max_examples=15)


@pytest.fixture(scope="session")
async def loop() -> asyncio.AbstractEventLoop:
    """The loop that the app lives in; it stands still while a test is not waiting for it."""
    return asyncio.get_running_loop()


@pytest.fixture
async def known_ids(
    client: httpx2.AsyncClient, organization: Any, device: Any, event: Callable[..., dict[str, Any]]
) -> dict[str, str]:
    """What path parameters can stand for, so that more than a 404 is seen."""

    async def call(method: str, path: str, body: Any = None) -> Any:
        answer = await client.request(method, path, json=body, headers=organization.api_key)
        assert answer.is_success, answer.text
        return answer.json()

    user_id = str(organization.member.id)
    budget = await call("POST", "/v1/budgets", {"limit_tokens": 1_000, "hard_cap": True})
    asked = {"key": "k", "provider": "openai", "estimated_tokens": 1, "user_id": user_id}
    hold = await call("POST", "/v1/preflight", asked)
    await call("POST", "/v1/events", {"events": [event(user_id=user_id)]})
    wanted = {"name": "w", "url": "https://example.com/", "events": ["alert.created"]}
    webhook_id = (await call("POST", "/v1/webhooks", wanted))["id"]
    extra = {"reason": "a sprint", "tokens": 1_000, "user_id": user_id}
    return {
        "user_id": user_id,
        "department_id": str(organization.member.department_id),
        "device_id": str(device.id),
        "budget_id": budget["id"],
        "hold_id": hold["hold_id"],
        "exemption_id": (await call("POST", "/v1/budget-exemptions", extra))["id"],
        "webhook_id": webhook_id,
        "delivery_id": (await call("POST", f"/v1/webhooks/{webhook_id}/test"))["id"],
        "alert_id": (await call("GET", "/v1/alerts"))["items"][0]["id"],
    }


@pytest.fixture
def talk(
    client: httpx2.AsyncClient,
    organization: Any,
    device: Any,
    known_ids: dict[str, str],
    clock: Any,
    loop: asyncio.AbstractEventLoop,
) -> Callable[[Case], None]:
    """Send a case to the app, as the organisation's API key or as a device, and check the answer."""
    turns = count()

    def talk(case: Case) -> None:
        turn = next(turns)
        clock.advance(seconds=1)
        if turn % 2:
            case.path_parameters.update({n: v for n, v in known_ids.items() if n in case.path_parameters})
        of_device = case.path.startswith("/v1/devices/me")
        credential = device.headers if of_device else organization.api_key
        wanted = requests.Request(**case.as_transport_kwargs(base_url="http://toktra.test")).prepare()
        headers = {**wanted.headers, **credential}
        assert wanted.method is not None
        assert wanted.url is not None
        content: Any = wanted.body
        sending = client.request(wanted.method, wanted.url, headers=headers, content=content)
        answer = loop.run_until_complete(sending)
        client.cookies.clear()
        case.validate_response(answer, checks=CHECKS)

    return talk


@SCHEMA.parametrize()
@settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_the_api_keeps_its_word(case: Case, talk: Callable[[Case], None]) -> None:
    talk(case)
