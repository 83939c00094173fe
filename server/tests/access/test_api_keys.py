"""API keys: shown once, never more than their maker may (Y1, Y2, C1)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

Client = httpx2.AsyncClient
ALL = [
    "access:write",
    "audit:read",
    "devices:read",
    "devices:write",
    "events:write",
    "people:read",
    "people:write",
    "usage:read",
]
ASKING = {
    "usage:read": ("GET", "/v1/usage"),
    "people:read": ("GET", "/v1/users"),
    "people:write": ("POST", "/v1/users"),
    "devices:read": ("GET", "/v1/devices"),
    "devices:write": ("GET", "/v1/enrollment-tokens"),
    "access:write": ("GET", "/v1/api-keys"),
    "audit:read": ("GET", "/v1/audit-log"),
    "events:write": ("POST", "/v1/events"),
    "device": ("GET", "/v1/devices/me/config"),
}


@pytest.fixture
def make_key(client: Client, organization: Any) -> Any:
    """Make a key; by default as an admin. Answers the whole answer."""

    async def make(scopes: list[str], by: dict[str, str] | None = None, **more: Any) -> httpx2.Response:
        body = {"name": "a key", "scopes": scopes, **more}
        return await client.post("/v1/api-keys", json=body, headers=by or organization.as_("admin"))

    return make


@pytest.fixture
def new_key(make_key: Any) -> Any:
    """A new key's headers, and its id."""

    async def new(
        scopes: list[str], by: dict[str, str] | None = None, **more: Any
    ) -> tuple[dict[str, str], str]:
        answer = await make_key(scopes, by, **more)
        assert answer.status_code == 201, answer.text
        return {"Authorization": f"Bearer {answer.json()['key']}"}, answer.json()["id"]

    return new


async def may(client: Client, headers: dict[str, str]) -> set[str]:
    """The scopes with which these headers get past the guards."""
    statuses = {}
    for scope, (method, path) in ASKING.items():
        statuses[scope] = (await client.request(method, path, headers=headers)).status_code
    return {scope for scope, status in statuses.items() if status not in (401, 403)}


async def status(client: Client, headers: dict[str, str]) -> int:
    return (await client.get("/v1/session", headers=headers)).status_code


async def test_a_key_is_shown_once(
    client: Client, make_key: Any, organization: Any, session: AsyncSession
) -> None:
    made = (await make_key(["usage:read"])).json()
    secret = made["key"]
    listed = await client.get("/v1/api-keys", headers=organization.as_("owner"))
    assert secret not in listed.text
    (shown,) = [item for item in listed.json()["items"] if item["id"] == made["id"]]
    assert shown == {name: value for name, value in made.items() if name != "key"}
    assert shown["hint"] == f"tk_key_...{secret[-4:]}"
    assert shown["created_by"] == str(organization.admin.id)
    kept = "".join(await session.scalars(text("SELECT t::text FROM api_keys t")))
    assert made["id"] in kept
    assert secret not in kept
    assert secret.encode().hex() not in kept


@pytest.mark.parametrize("scope", ALL)
async def test_a_key_does_what_its_scope_says_and_nothing_else(
    client: Client, new_key: Any, scope: str
) -> None:
    headers, _ = await new_key([scope])
    assert await may(client, headers) == {scope}


async def test_when_a_key_was_used_is_noted(client: Client, new_key: Any, organization: Any) -> None:
    headers, key_id = await new_key(["usage:read"])

    async def last_used() -> str | None:
        items = (await client.get("/v1/api-keys", headers=organization.as_("owner"))).json()["items"]
        return next((item["last_used_at"] for item in items if item["id"] == key_id), "no such key")

    assert await last_used() is None
    await client.get("/v1/usage", headers=headers)
    assert await last_used() is not None


class TestEnding:
    async def test_a_key_ends_when_it_expires(self, client: Client, new_key: Any, clock: Any) -> None:
        expires_at = (clock.now + timedelta(hours=1)).isoformat()
        headers, _ = await new_key(["usage:read"], expires_at=expires_at)
        clock.advance(minutes=59)
        assert await status(client, headers) == 200
        clock.advance(minutes=1)
        assert await status(client, headers) == 401

    async def test_a_revoked_key_ends_at_once(self, client: Client, new_key: Any, organization: Any) -> None:
        headers, key_id = await new_key(["usage:read"])
        assert await status(client, headers) == 200
        for _ in range(2):
            answer = await client.delete(f"/v1/api-keys/{key_id}", headers=organization.as_("admin"))
            assert answer.status_code == 204
            assert await status(client, headers) == 401
        listed = (await client.get("/v1/api-keys", headers=organization.as_("owner"))).json()["items"]
        assert next(item["revoked_at"] for item in listed if item["id"] == key_id)

    async def test_a_key_stops_while_its_maker_is_suspended(
        self, client: Client, new_key: Any, organization: Any, change_user: Any
    ) -> None:
        headers, _ = await new_key(["usage:read"])
        assert await status(client, headers) == 200
        await change_user(organization.admin, status="suspended")
        assert await status(client, headers) == 401
        await change_user(organization.admin, status="active")
        assert await status(client, headers) == 200

    async def test_a_key_shrinks_with_its_maker_s_role(
        self, client: Client, new_key: Any, organization: Any, change_user: Any
    ) -> None:
        headers, _ = await new_key(ALL)
        assert await may(client, headers) == set(ALL)
        await change_user(organization.admin, role="member")
        assert await may(client, headers) == {"usage:read", "people:read", "devices:read", "events:write"}
        users = (await client.get("/v1/users", headers=headers)).json()["items"]
        assert [user["id"] for user in users] == [str(organization.admin.id)]

    async def test_a_shrunken_key_reports_for_its_maker_alone(
        self, client: Client, new_key: Any, organization: Any, change_user: Any, event: Any
    ) -> None:
        headers, _ = await new_key(["events:write"])
        await change_user(organization.admin, role="member")
        events = [event(user_id=str(user.id)) for user in (organization.admin, organization.member)]
        answer = (await client.post("/v1/events", json={"events": events}, headers=headers)).json()
        assert answer["accepted"] == 1
        assert [(refused["index"], refused["reason"]) for refused in answer["refused"]] == [
            (1, "unknown_user")
        ]

    async def test_another_organisation_s_key_is_not_found(
        self, client: Client, new_key: Any, other_organization: Any
    ) -> None:
        headers, key_id = await new_key(["usage:read"])
        answer = await client.delete(f"/v1/api-keys/{key_id}", headers=other_organization.as_("owner"))
        assert answer.status_code == 404
        assert await status(client, headers) == 200


class TestGranting:
    @pytest.mark.parametrize("role", ["manager", "member"])
    async def test_managers_and_members_make_no_keys(
        self, make_key: Any, organization: Any, role: str
    ) -> None:
        assert (await make_key(["usage:read"], organization.as_(role))).status_code == 403

    @pytest.mark.parametrize("beyond", ["people:read", "events:write", "device"])
    async def test_a_key_hands_on_its_own_scopes_alone(
        self, client: Client, new_key: Any, make_key: Any, beyond: str
    ) -> None:
        maker, _ = await new_key(["access:write", "usage:read"])
        assert (await make_key(["usage:read"], maker)).status_code == 201
        refused = await make_key(["usage:read", beyond], maker)
        assert (refused.status_code, refused.json()["details"]["scopes"]) == (403, [beyond])
        body = {"name": "a client", "scopes": ["usage:read", beyond]}
        assert (await client.post("/v1/oauth/clients", json=body, headers=maker)).status_code == 403

    async def test_nobody_hands_on_what_a_device_is(self, make_key: Any, organization: Any) -> None:
        assert (await make_key(["device"], organization.as_("owner"))).status_code == 403

    @pytest.mark.parametrize(
        "expires_at",
        [
            "2020-01-01T00:00:00Z",
            "9999-12-31T23:59:59-14:00",
            "0001-01-01T00:00:00+14:00",
            pytest.param((datetime.now(UTC) + timedelta(days=3651)).isoformat(), id="beyond ten years"),
            "2030-01-01",
            "2030-01-01T00:00:00",
            4102444800,
            "",
        ],
    )
    async def test_an_impossible_end_is_a_422_and_makes_nothing(
        self, client: Client, make_key: Any, organization: Any, expires_at: Any
    ) -> None:
        refused = await make_key(["usage:read"], expires_at=expires_at)
        assert (refused.status_code, refused.json()["details"]["field"]) == (422, "expires_at")
        listed = await client.get("/v1/api-keys", headers=organization.as_("owner"))
        assert listed.json()["total_count"] == 1
