"""Both ledgers in one server: a voucher of one is redeemed at the other, which leaves no trace of it."""

import base64
from collections.abc import Callable
from typing import Any

import httpx2
from litestar import Litestar

from toktra.app import build, build_personal
from toktra.kit.database import Databases
from toktra.kit.settings import Settings
from toktra.personal.storage import migrate
from toktra_wire.sealing import new_private_key, public_of


async def test_a_voucher_from_one_side_is_redeemed_at_the_other(
    settings: Settings,
    database: Databases,
    client: httpx2.AsyncClient,
    organization: Any,
    started: Callable[[Litestar], Any],
) -> None:
    migrate(database.personal_owner)
    owner, member = organization.as_("owner"), organization.as_("member")
    tier = {"name": "ic-engineer", "monthly_tokens": 200_000, "rollover_cap_percent": 50}
    made = await client.post("/v1/perks/tiers", json=tier, headers=owner)
    body = {"user_id": str(organization.member.id), "tier_id": made.json()["id"]}
    assert (await client.post("/v1/perks/enrollments", json=body, headers=owner)).status_code == 201
    [voucher] = (await client.post("/v1/perks/vouchers", headers=member)).json()["vouchers"]
    personal = build_personal(settings, lambda: corporate)
    corporate = build(settings, beside=personal)
    async with started(corporate):
        transport = httpx2.ASGITransport(app=personal)  # type: ignore[arg-type]
        async with httpx2.AsyncClient(transport=transport, base_url="http://t.test") as other:
            key = base64.b64encode(public_of(new_private_key())).decode()
            opened = await other.post("/personal/v1/accounts", json={"public_key": key, "voucher": voucher})
            assert opened.status_code == 201, opened.text
            credential = {"Authorization": f"Bearer {opened.json()['credential']}"}
            account = (await other.get("/personal/v1/account", headers=credential)).json()
            assert account["month"]["left"] == 200_000
            for headers in (owner, organization.api_key):
                assert (await other.get("/personal/v1/account", headers=headers)).status_code == 401
