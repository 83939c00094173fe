"""Every bad request is one error shape with a fitting status, never a 500 (G1, H1, E1)."""

import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from toktra.kit.edge import query_names

JSON = {"Content-Type": "application/json"}


def problem(answer: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    """The details of an answer that must be this error, in the one shape."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    said = answer.json()
    assert set(said) == {"error", "message", "details", "request_id"}
    assert said["error"] == code
    assert said["message"].endswith(".")
    assert said["request_id"] == answer.headers["x-request-id"]
    assert len(said["request_id"]) == 32
    return dict(said["details"])


@pytest.fixture
def send(client: httpx2.AsyncClient, organization: Any) -> Callable[..., Any]:
    async def send(method: str, path: str, content: bytes | str = b"", **headers: str) -> httpx2.Response:
        sent = {**JSON, **organization.api_key, **headers}
        return await client.request(method, path, content=content, headers=sent)

    return send


@pytest.mark.parametrize("path", ["/v1/users", "/v1/events"])
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"{", id="cut short"),
        pytest.param(b'{"email": }', id="no value"),
        pytest.param(b'{"email": NaN}', id="not a number"),
        pytest.param(b'{"email": "\\ud800", "events": "\\ud800"}', id="lone surrogate, escaped"),
        pytest.param(
            b'{"email": "\xed\xa0\x80", "name": "n", "events": "\xed\xa0\x80"}', id="lone surrogate, raw"
        ),
        pytest.param(b'{"email": "\xff", "name": "n"}', id="not UTF-8"),
        pytest.param(b'{"email": "a"} {}', id="two bodies"),
        pytest.param(b"\xef\xbb\xbf{}", id="byte order mark"),
    ],
)
async def test_broken_json_is_a_400(send: Any, path: str, body: bytes) -> None:
    answer = await send("POST", path, body)
    if path == "/v1/events" and answer.status_code == 422:
        return  # a wrong type is noticed before the broken end
    problem(answer, 400, "bad_request")


async def test_a_body_nested_too_deeply_is_a_400(send: Any) -> None:
    problem(await send("POST", "/v1/users", b"[" * 100_000), 400, "bad_request")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/users", "", "body"),
        ("/v1/users", "null", "body"),
        ("/v1/users", "[]", "body"),
        ("/v1/users", '"text"', "body"),
        ("/v1/users", "{}", "body"),
        ("/v1/users", '{"email": "a@example.com"}', "body"),
        ("/v1/users", '{"email": "a@example.com", "name": 7}', "name"),
        ("/v1/users", '{"email": "a@example.com", "name": null}', "name"),
        ("/v1/users", '{"email": "a@example.com", "name": ""}', "name"),
        ("/v1/users", '{"email": "a@example.com", "name": "a\\u0000b"}', "name"),
        ("/v1/users", '{"email": "a@example.com", "name": "a\\nb"}', "name"),
        ("/v1/users", '{"email": "a\\u0000@example.com", "name": "n"}', "email"),
        ("/v1/users", '{"email": "nobody", "name": "n"}', "email"),
        ("/v1/users", '{"email": "a@example.com", "name": "n", "role": "king"}', "role"),
        ("/v1/users", '{"email": "a@example.com", "name": "n", "prompt": "hello"}', "prompt"),
        ("/v1/users", '{"email": "a@example.com", "name": "%s"}' % ("x" * 121), "name"),
        ("/v1/api-keys", '{"name": "n", "scopes": "usage:read"}', "scopes"),
        ("/v1/api-keys", '{"name": "n", "scopes": ["usage:read", 7]}', "scopes[1]"),
        ("/v1/api-keys", '{"name": "n", "scopes": ["usage:read", "everything"]}', "scopes[1]"),
        ("/v1/departments", '{"name": "n", "parent_id": "x"}', "parent_id"),
        ("/v1/events", "{}", "body"),
        ("/v1/events", '{"events": []}', "events"),
        ("/v1/events", '{"events": {}}', "events"),
        ("/v1/events", '{"events": [{"id": 1}]}', "events[0].id"),
        ("/v1/events", '{"events": [], "prompt": "hello"}', "events"),
        ("/v1/events", '{"prompt": "hello", "events": []}', "prompt"),
        ("/v1/events", '{"events": [{"prompt": "hello"}]}', "events[0].prompt"),
    ],
)
async def test_a_wrong_body_is_a_422_that_names_the_field(
    send: Any, path: str, body: str, field: str
) -> None:
    details = problem(await send("POST", path, body), 422, "invalid")
    assert details["field"] == field
    assert details["reason"]


async def test_a_message_is_for_people(send: Any) -> None:
    for body in ('{"email": "nobody", "name": "n"}', "", '{"email": "a@example.com", "name": "\\u0000"}'):
        message = (await send("POST", "/v1/users", body)).json()["message"]
        assert "regex" not in message
        assert "data" not in message


async def test_the_name_of_an_unknown_field_comes_back_shortened(send: Any) -> None:
    answer = await send("POST", "/v1/users", json.dumps({"x" * 100_000: 1}))
    problem(answer, 422, "invalid")
    assert len(answer.content) < 1000


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("modle=gpt-4o", "modle"),
        ("USER_ID=x", "USER_ID"),
        ("model=%00", "model"),
        ("mo%00del=x", "mo\x00del"),
        ("model=a&model=b", "model"),
        ("user_id=7", "user_id"),
        ("start_date=yesterday", "start_date"),
        ("model=" + "m" * 121, "model"),
        ("actor=me", "actor"),
        ("session=1", "session"),
        ("now=2020-01-01", "now"),
    ],
)
async def test_a_wrong_query_is_a_422_that_names_the_parameter(send: Any, query: str, field: str) -> None:
    assert problem(await send("GET", f"/v1/usage?{query}"), 422, "invalid")["field"] == field


@pytest.mark.parametrize("query", ["model=%ff", "model=%ed%a0%80", "model=%f0%9f%98%80", "model=%25%5F%27--"])
async def test_any_text_may_be_asked_for(send: Any, query: str) -> None:
    answer = await send("GET", f"/v1/usage?{query}")
    assert (answer.status_code, answer.json()["items"]) == (200, [])


@pytest.mark.parametrize(
    "path",
    ["/", "/v1", "/v1/nothing", "/v1/users/7", "/v1/users/%00", "/v2/usage", "/%ff"],
)
async def test_an_unknown_address_is_a_404(client: httpx2.AsyncClient, send: Any, path: str) -> None:
    problem(await send("GET", path), 404, "not_found")
    problem(await client.get(path), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "/v1/users"), ("POST", "/v1/usage"), ("GET", "/v1/events")]
)
async def test_a_wrong_method_is_a_405_with_those_allowed(send: Any, method: str, path: str) -> None:
    answer = await send(method, path)
    problem(answer, 405, "method_not_allowed")
    allowed = set(answer.headers["allow"].split(", "))
    assert allowed
    assert method not in allowed


@pytest.mark.parametrize(
    ("path", "size"), [("/v1/users", 256 * 1024 + 1), ("/v1/events", 2 * 1024 * 1024 + 1)]
)
async def test_an_oversize_body_is_a_413(send: Any, path: str, size: int) -> None:
    problem(await send("POST", path, b" " * size), 413, "too_large")


async def test_a_body_that_is_larger_than_it_says_is_a_413(
    client: httpx2.AsyncClient, organization: Any
) -> None:
    async def chunks() -> Any:
        for _ in range(40):
            yield b" " * 10_000

    answer = await client.post("/v1/users", content=chunks(), headers={**JSON, **organization.api_key})
    problem(answer, 413, "too_large")


async def test_the_api_s_description_is_for_everyone(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/schema")
    assert answer.status_code == 200
    assert "/v1/usage" in answer.json()["paths"]
    assert "/schema" not in answer.json()["paths"]


async def test_what_is_remembered_of_routes_does_not_grow_with_requests(send: Any) -> None:
    await send("GET", "/v1/usage")
    before = query_names.cache_info().currsize
    for _ in range(3):
        await send("GET", "/v1/usage")
    assert query_names.cache_info().currsize == before


class TestUnforeseen:
    """What nobody thought of: a 500 that says nothing, and a log that names no one."""

    async def test_it_is_internal_and_found_in_the_log(
        self, failing: httpx2.AsyncClient, organization: Any, log_lines: Callable[[], list[str]]
    ) -> None:
        answer = await failing.post("/failing/raise", headers=organization.api_key)
        assert problem(answer, 500, "internal") == {}
        assert "ZeroDivision" not in answer.text
        assert "Traceback" not in answer.text
        (logged,) = [json.loads(line) for line in log_lines() if "internal_error" in line]
        assert logged["request_id"] == answer.json()["request_id"]
        assert logged["exception"][0]["exc_type"] == "ZeroDivisionError"

    async def test_its_log_has_no_secret(
        self, failing: httpx2.AsyncClient, organization: Any, log_lines: Callable[[], list[str]]
    ) -> None:
        for role in ("owner", None):
            headers = organization.as_(role) if role else organization.api_key
            headers = {**headers, "User-Agent": "a-private-browser"}
            await failing.post("/failing/raise", headers=headers)
        written = "\n".join(log_lines())
        assert written.count("internal_error") == 2
        session, csrf = organization.as_("owner").values()
        secrets = (organization.api_key["Authorization"].split()[1], session.split("=")[1], csrf)
        personal = (organization.owner.email, str(organization.owner.id), "127.0.0.1", "a-private-browser")
        for hidden in (*secrets, *personal, "a-secret-in-a-local-variable"):
            assert hidden not in written

    async def test_a_row_that_the_database_refused_is_not_logged(
        self, failing: httpx2.AsyncClient, organization: Any, log_lines: Callable[[], list[str]]
    ) -> None:
        problem(await failing.post("/failing/refused-row", headers=organization.api_key), 500, "internal")
        written = "\n".join(log_lines())
        assert "CheckViolation" in written
        assert "someone@example.com" not in written
