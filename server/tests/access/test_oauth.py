"""OAuth client credentials (RFC 6749, 4.4)."""

from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from toktra_wire.ids import new_id

Client = httpx2.AsyncClient
SCOPES = ["people:read", "usage:read"]


@pytest.fixture
async def program(client: Client, organization: Any) -> dict[str, str]:
    """A client of the organisation's admin: its id and secret, as the token request names them."""
    body = {"name": "a program", "scopes": SCOPES}
    made = await client.post("/v1/oauth/clients", json=body, headers=organization.as_("admin"))
    assert made.status_code == 201, made.text
    return {"client_id": made.json()["id"], "client_secret": made.json()["client_secret"]}


@pytest.fixture
def ask(client: Client, program: dict[str, str]) -> Any:
    async def ask(**said: str | None) -> httpx2.Response:
        form = {"grant_type": "client_credentials", **program, **said}
        return await client.post("/v1/oauth/token", data={n: v for n, v in form.items() if v is not None})

    return ask


async def headers_of(asked: Any) -> dict[str, str]:
    answer = await asked
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def status(client: Client, headers: dict[str, str], path: str = "/v1/usage") -> int:
    return (await client.get(path, headers=headers)).status_code


async def test_a_token_has_the_client_s_scopes(client: Client, ask: Any) -> None:
    answer = await ask()
    assert answer.status_code == 200
    said = answer.json()
    assert said["access_token"].startswith("tk_oat_")
    assert (said["token_type"], said["expires_in"], said["scope"]) == (
        "Bearer",
        3600,
        "people:read usage:read",
    )
    assert answer.headers["cache-control"] == "no-store"
    headers = await headers_of(ask())
    paths = ("/v1/usage", "/v1/users", "/v1/devices", "/v1/api-keys")
    assert [await status(client, headers, path) for path in paths] == [200, 200, 403, 403]


async def test_a_token_can_ask_for_less(client: Client, ask: Any) -> None:
    answer = await ask(scope="usage:read")
    assert answer.json()["scope"] == "usage:read"
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert [await status(client, headers, path) for path in ("/v1/usage", "/v1/users")] == [200, 403]


@pytest.mark.parametrize("scope", ["usage:read devices:read", "device", "everything", " ", "\u00e9", "\x00"])
async def test_a_token_cannot_ask_for_more(ask: Any, scope: str) -> None:
    answer = await ask(scope=scope)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize(
    "said",
    [
        {"client_secret": "tk_ocs_wrong"},
        {"client_secret": "\u20ac\x00"},
        {"client_id": str(new_id())},
        {"client_id": "not-an-id"},
        {"client_id": "\x00"},
        {"client_id": "1" * 5000},
    ],
)
async def test_a_wrong_id_or_secret_is_an_invalid_client(ask: Any, said: dict[str, str]) -> None:
    answer = await ask(**said)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert "www-authenticate" in answer.headers


@pytest.mark.parametrize("grant", ["password", "", "Client_Credentials", "client_credentials ", "\x00"])
async def test_an_unknown_grant_is_a_400(ask: Any, grant: str) -> None:
    answer = await ask(grant_type=grant)
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


@pytest.mark.parametrize("field", ["client_id", "client_secret"])
@pytest.mark.parametrize("value", ["", None])
async def test_a_missing_id_or_secret_is_a_400(ask: Any, field: str, value: str | None) -> None:
    assert (await ask(**{field: value})).status_code == 400


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"&&&", 422),
        (b"grant_type", 400),
        (b"grant_type=client_credentials&grant_type=client_credentials", 422),
        (b"grant_type=client_credentials&more=1", 422),
        (b"%ff%fe=%ff", 422),
        (b"\xff\xfe=\xff", 422),
        (b"=&=", 422),
        (b"a=1&" * 5000, 422),
        (b"grant_type=%ed%a0%80", 400),
        (b'{"grant_type": "client_credentials"}', 422),
        (b" " * 300_000, 413),
    ],
)
async def test_a_broken_form_is_a_clear_error(client: Client, body: bytes, status: int) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await client.post("/v1/oauth/token", content=body, headers=headers)
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "text/plain", ""])
async def test_another_kind_of_body_is_a_400_that_repeats_nothing(client: Client, kind: str) -> None:
    headers = {"Content-Type": kind} if kind else {}
    body = b'{"grant_type": "client_credentials", "client_secret": "tk_ocs_secret"}'
    answer = await client.post("/v1/oauth/token", content=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "bad_request")
    assert "x-www-form-urlencoded" in answer.json()["message"]
    assert "tk_ocs_secret" not in answer.text


async def test_a_token_ends_after_an_hour(client: Client, ask: Any, clock: Any) -> None:
    headers = await headers_of(ask())
    clock.advance(minutes=59)
    assert await status(client, headers) == 200
    clock.advance(minutes=1)
    assert await status(client, headers) == 401


async def test_a_revoked_client_and_its_tokens_end_at_once(
    client: Client, ask: Any, program: dict[str, str], organization: Any
) -> None:
    headers = await headers_of(ask())
    assert await status(client, headers) == 200
    path = f"/v1/oauth/clients/{program['client_id']}"
    for _ in range(2):
        assert (await client.delete(path, headers=organization.as_("owner"))).status_code == 204
        assert await status(client, headers) == 401
        assert (await ask()).status_code == 401


async def test_tokens_stop_with_their_maker(
    client: Client, ask: Any, organization: Any, change_user: Any
) -> None:
    headers = await headers_of(ask())
    assert await status(client, headers) == 200
    await change_user(organization.admin, status="suspended")
    assert await status(client, headers) == 401


async def test_another_organisation_cannot_revoke_it(
    client: Client, ask: Any, program: dict[str, str], other_organization: Any
) -> None:
    path = f"/v1/oauth/clients/{program['client_id']}"
    assert (await client.delete(path, headers=other_organization.as_("owner"))).status_code == 404
    assert (await ask()).status_code == 200


async def test_secret_and_token_are_shown_once(
    client: Client, ask: Any, program: dict[str, str], organization: Any, session: AsyncSession
) -> None:
    token = (await ask()).json()["access_token"]
    listed = await client.get("/v1/oauth/clients", headers=organization.as_("owner"))
    assert [item["id"] for item in listed.json()["items"]] == [program["client_id"]]
    assert program["client_secret"] not in listed.text
    for table in ("oauth_clients", "access_tokens"):
        kept = "".join(await session.scalars(text(f"SELECT t::text FROM {table} t")))
        assert program["client_id"] in kept
        for secret in (token, program["client_secret"]):
            assert secret not in kept
            assert secret.encode().hex() not in kept
