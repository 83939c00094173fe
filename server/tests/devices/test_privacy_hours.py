"""Admins can see that Privacy Hours are in use for a device, but cannot override or disable them."""

from typing import Any

import httpx2
import pytest
from litestar import Litestar
from sqlalchemy import text

Client = httpx2.AsyncClient
TELL = "/v1/devices/me/privacy-hours"


async def shown(client: Client, organization: Any, device: Any, role: str = "admin") -> Any:
    headers = organization.as_(role)
    one = (await client.get(f"/v1/devices/{device.id}", headers=headers)).json()
    (listed,) = (await client.get("/v1/devices", headers=headers)).json()["items"]
    assert listed == one
    return one["privacy_hours_in_use"]


async def test_admins_can_see_that_privacy_hours_are_in_use(
    client: Client, organization: Any, device: Any
) -> None:
    assert await shown(client, organization, device) is False
    for in_use in (True, True, False):
        answer = await client.put(TELL, json={"in_use": in_use}, headers=device.headers)
        assert (answer.status_code, answer.content) == (204, b"")
        for role in ("owner", "admin", "member"):
            assert await shown(client, organization, device, role) is in_use


async def test_admins_cannot_override_or_disable_them(
    app: Litestar, client: Client, organization: Any, device: Any
) -> None:
    """There is one route that says anything about them, and it takes a device's own word only."""
    await client.put(TELL, json={"in_use": True}, headers=device.headers)
    paths = app.openapi_schema.to_schema()["paths"]
    assert [path for path in paths if "privacy" in path] == [TELL]
    assert set(paths[TELL]) == {"put"}
    callers = [organization.api_key, *(organization.as_(role) for role in ("owner", "admin", "manager"))]
    for headers in callers:
        for path in (TELL, f"/v1/devices/{device.id}/privacy-hours", f"/v1/devices/{device.id}"):
            answer = await client.put(path, json={"in_use": False}, headers=headers)
            assert answer.status_code in (403, 404, 405), answer.text
    assert await shown(client, organization, device) is True


async def test_a_device_speaks_for_itself_only(
    client: Client, organization: Any, device: Any, enroll_device: Any, other_organization: Any
) -> None:
    another = await enroll_device(other_organization)
    await client.put(TELL, json={"in_use": True}, headers=another.headers)
    assert await shown(client, organization, device) is False
    assert await shown(client, other_organization, another) is True


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "in_use"),
        ({"in_use": None}, "in_use"),
        ({"in_use": "yes"}, "in_use"),
        ({"in_use": True, "until": "2026-11-26T13:00:00Z"}, "until"),
        ({"in_use": True, "windows": ["Mon-Fri 12:00-13:00"]}, "windows"),
    ],
)
async def test_nothing_else_can_be_said(
    client: Client, organization: Any, device: Any, body: dict[str, Any], field: str
) -> None:
    answer = await client.put(TELL, json=body, headers=device.headers)
    assert answer.status_code == 422, answer.text
    assert field in answer.text
    assert await shown(client, organization, device) is False


async def test_when_they_were_in_use_is_kept_nowhere(
    client: Client, organization: Any, device: Any, sessions: Any
) -> None:
    """Neither an entry of the audit log nor an instant beside the yes or no."""
    entries = text("SELECT count(*) FROM audit_log WHERE org_id = :org")
    async with sessions() as session:
        before = await session.scalar(entries, {"org": organization.id})
    for in_use in (True, False, True):
        assert (await client.put(TELL, json={"in_use": in_use}, headers=device.headers)).status_code == 204
    async with sessions() as session:
        assert await session.scalar(entries, {"org": organization.id}) == before
        columns = text(
            "SELECT column_name FROM information_schema.columns WHERE column_name LIKE '%privacy%'"
        )
        assert list(await session.scalars(columns)) == ["privacy_hours_in_use"]
