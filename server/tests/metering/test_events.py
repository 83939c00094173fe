"""POST /v1/events: kept once, refused one by one, and seen in the usage API."""

from typing import Any

import httpx2


async def test_an_event_is_kept_and_seen(client: httpx2.AsyncClient, organization: Any, event: Any) -> None:
    sent = event()
    answer = await client.post("/v1/events", json={"events": [sent]}, headers=organization.api_key)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"accepted": 1, "duplicates": 0, "refused": []}
    again = await client.post("/v1/events", json={"events": [sent]}, headers=organization.api_key)
    assert again.json() == {"accepted": 0, "duplicates": 1, "refused": []}
    usage = await client.get("/v1/usage", headers=organization.as_("owner"))
    assert usage.status_code == 200, usage.text
    (item,) = usage.json()["items"]
    assert item["total_input_tokens"] == 1000
    assert item["cost_micros"] == 3500
    for path in ("overview", "providers", "top-users"):
        answer = await client.get(f"/v1/usage/{path}", headers=organization.as_("owner"))
        assert answer.status_code == 200, answer.text
