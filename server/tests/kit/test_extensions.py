"""Who may call the API from inside a browser: extensions with a token, no page, and never with a cookie."""

import httpx2
import pytest

CHROME = "chrome-extension://aifhfnofdeempmpockbamfellhfcbfcm"
FIREFOX = "moz-extension://0b8d1c2e-8f0a-4c55-9a56-0d3c6e8f1a2b"
OTHERS = [
    "https://example.com",
    "http://toktra.test",
    "null",
    "chrome-extension://short",
    f"{CHROME}.example.com",
    f"https://example.com/{CHROME}",
    "safari-web-extension://0b8d1c2e-8f0a-4c55-9a56-0d3c6e8f1a2b",
]
ASKED = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type",
}


@pytest.mark.parametrize("origin", [CHROME, FIREFOX])
async def test_an_extension_may_ask_with_a_token_and_without_cookies(
    client: httpx2.AsyncClient, origin: str
) -> None:
    before = await client.options("/v1/events", headers={"Origin": origin, **ASKED})
    assert before.status_code == 204
    assert before.headers["access-control-allow-origin"] == origin
    assert "POST" in before.headers["access-control-allow-methods"]
    assert {"authorization", "content-type", "if-none-match"} <= set(
        before.headers["access-control-allow-headers"].lower().replace(" ", "").split(",")
    )
    answer = await client.get("/v1/health", headers={"Origin": origin})
    assert answer.headers["access-control-allow-origin"] == origin
    for one in (before, answer):
        assert "access-control-allow-credentials" not in one.headers


@pytest.mark.parametrize("origin", OTHERS)
async def test_no_page_may(client: httpx2.AsyncClient, origin: str) -> None:
    before = await client.options("/v1/events", headers={"Origin": origin, **ASKED})
    assert before.status_code == 400
    answer = await client.get("/v1/health", headers={"Origin": origin})
    for one in (before, answer):
        assert "access-control-allow-origin" not in one.headers


async def test_nothing_changes_for_who_names_no_origin(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/v1/health")
    assert [name for name in answer.headers if name.startswith("access-control")] == []
    assert "origin" not in answer.headers.get("vary", "").lower()
