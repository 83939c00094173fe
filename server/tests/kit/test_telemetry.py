"""Metrics and logs: what happened, without who."""

import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families


async def metrics(client: httpx2.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    return {family.name: family for family in text_string_to_metric_families(answer.text)}


async def answered(client: httpx2.AsyncClient, **labels: str) -> float:
    samples = (await metrics(client))["toktra_http_requests"].samples
    wanted = [s for s in samples if s.name.endswith("_total") and labels.items() <= s.labels.items()]
    return float(sum(s.value for s in wanted))


async def test_requests_are_counted_by_route_and_not_by_address(
    client: httpx2.AsyncClient, organization: Any
) -> None:
    of_users = {"route": "/v1/users/{user_id}", "method": "GET", "status": "200"}
    before = await answered(client, **of_users)
    path = f"/v1/users/{organization.member.id}"
    assert (await client.get(path, headers=organization.api_key)).status_code == 200
    assert await answered(client, **of_users) == before + 1
    assert str(organization.member.id) not in (await client.get("/metrics")).text


async def test_unknown_addresses_and_methods_make_no_labels(client: httpx2.AsyncClient) -> None:
    before = await answered(client, route="unrouted", method="other", status="404")
    await client.request("BREW", "/coffee-for-someone")
    assert await answered(client, route="unrouted", method="other", status="404") == before + 1
    told = (await client.get("/metrics")).text
    assert "BREW" not in told
    assert "coffee" not in told


async def test_metrics_name_no_one(client: httpx2.AsyncClient, organization: Any, event: Any) -> None:
    sent = event(user_id=str(organization.member.id), application="a-private-program")
    await client.post("/v1/events", json={"events": [sent]}, headers=organization.api_key)
    told = (await client.get("/metrics")).text
    assert "toktra_events_total" in told
    for hidden in (organization.id, organization.member.id, organization.member.email, "a-private-program"):
        assert str(hidden) not in told


@pytest.mark.parametrize(
    "path", ["/v1/users?q=someone%40example.com", "/v1/usage?model=secret-model", "/nothing/x"]
)
async def test_a_log_line_names_the_route_and_no_one(
    client: httpx2.AsyncClient, organization: Any, log_lines: Callable[[], list[str]], path: str
) -> None:
    answer = await client.get(path, headers=organization.as_("member"))
    (line,) = log_lines()
    logged = json.loads(line)
    assert logged["event"] == "request"
    assert logged["request_id"] == answer.headers["x-request-id"]
    assert logged["status"] == answer.status_code
    assert set(logged) == {"event", "level", "timestamp", "request_id", "route", "method", "status", "ms"}
    for hidden in ("someone", "secret", "nothing/x", "127.0.0.1", organization.member.email):
        assert hidden not in line


async def test_health_says_live_and_ready(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/v1/health")
    assert (answer.status_code, answer.json()["live"], answer.json()["ready"]) == (200, True, True)
    assert answer.json()["problems"] == []
