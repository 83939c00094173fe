"""Links with which a user sets their password."""

from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

Client = httpx2.AsyncClient


@pytest.fixture
def invite(client: Client, organization: Any) -> Any:
    async def invite(user: Any, headers: dict[str, str] | None = None) -> httpx2.Response:
        return await client.post(
            f"/v1/users/{user.id}/invitation", headers=headers or organization.as_("admin")
        )

    return invite


@pytest.fixture
def accept(browser: Client) -> Any:
    async def accept(link: httpx2.Response, password: str = "my first password") -> httpx2.Response:
        body = {"token": link.json()["token"], "password": password}
        return await browser.post("/v1/invitations/accept", json=body)

    return accept


async def test_a_link_sets_the_password_and_signs_in_once(
    invite: Any, accept: Any, sign_in: Any, organization: Any
) -> None:
    link = await invite(organization.member)
    assert link.status_code == 201
    assert link.json()["url"].endswith(f"/welcome#token={link.json()['token']}")
    answer = await accept(link)
    assert (answer.status_code, answer.json()["email"]) == (201, organization.member.email)
    assert "toktra_session=tk_ses_" in answer.headers["set-cookie"]
    assert (await sign_in(organization.member.email, "my first password")).status_code == 201
    assert (await accept(link, "my second password")).status_code == 401
    assert (await sign_in(organization.member.email, "my second password")).status_code == 401


async def test_a_new_link_ends_the_one_before(invite: Any, accept: Any, organization: Any) -> None:
    first, second = await invite(organization.member), await invite(organization.member)
    assert (await accept(first)).status_code == 401
    assert (await accept(second)).status_code == 201


@pytest.mark.parametrize(("past", "status"), [({"days": 7, "seconds": -1}, 201), ({"days": 7}, 401)])
async def test_a_link_ends_after_seven_days(
    invite: Any, accept: Any, organization: Any, clock: Any, past: dict[str, int], status: int
) -> None:
    link = await invite(organization.member)
    clock.advance(**past)
    assert (await accept(link)).status_code == status


async def test_a_short_password_leaves_the_link_good(invite: Any, accept: Any, organization: Any) -> None:
    link = await invite(organization.member)
    refused = await accept(link, "short")
    assert (refused.status_code, refused.json()["details"]["field"]) == (422, "password")
    assert (await accept(link)).status_code == 201


async def test_a_suspended_user_s_link_is_no_good(
    invite: Any, accept: Any, organization: Any, change_user: Any
) -> None:
    link = await invite(organization.member)
    await change_user(organization.member, status="suspended")
    assert (await accept(link)).status_code == 401


async def test_setting_a_password_by_link_ends_sessions(
    invite: Any, accept: Any, organization: Any, client: Client
) -> None:
    await accept(await invite(organization.member))
    client.cookies.clear()
    assert (await client.get("/v1/session", headers=organization.as_("member"))).status_code == 401


async def test_only_an_owner_makes_a_link_for_an_owner(invite: Any, organization: Any) -> None:
    owner = organization.owner
    assert (await invite(owner, organization.as_("admin"))).status_code == 403
    assert (await invite(owner, organization.api_key)).status_code == 403
    assert (await invite(owner, organization.as_("owner"))).status_code == 201


async def test_another_organisation_s_user_is_not_found(invite: Any, other_organization: Any) -> None:
    assert (await invite(other_organization.member)).status_code == 404


async def test_a_forged_link_is_refused(browser: Client) -> None:
    for token in ("tk_inv_forged", "x", "\U0001f511"):
        answer = await browser.post(
            "/v1/invitations/accept", json={"token": token, "password": "long enough"}
        )
        assert answer.status_code == 401


async def test_a_link_is_kept_as_a_hash(invite: Any, organization: Any, session: AsyncSession) -> None:
    token = (await invite(organization.member)).json()["token"]
    kept = "".join(await session.scalars(text("SELECT t::text FROM invitations t")))
    assert str(organization.member.id) in kept
    assert token not in kept
    assert token.encode().hex() not in kept
