"""Sessions: rotation, expiry, CSRF, sign-out, password change (N1, N2, H1)."""

import asyncio
from typing import Any

import httpx2
import pytest

from toktra.people.model import User

Client = httpx2.AsyncClient
CHANGE = {"current_password": "correct horse battery", "new_password": "a new password"}


async def status(client: Client, headers: dict[str, str]) -> int:
    client.cookies.clear()
    return (await client.get("/v1/session", headers=headers)).status_code


def new_cookie(answer: httpx2.Response) -> str:
    return str(answer.headers["set-cookie"]).partition(";")[0]


async def test_who_am_i_says_so_with_the_csrf_token(client: Client, organization: Any) -> None:
    said = (await client.get("/v1/session", headers=organization.as_("manager"))).json()
    assert said["email"] == organization.manager.email
    assert said["csrf_token"] == organization.as_("manager")["X-CSRF-Token"]
    assert (await client.get("/v1/session", headers=organization.api_key)).json()["csrf_token"] == ""


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Cookie": "toktra_session="},
        {"Cookie": "toktra_session=tk_ses_forged"},
        {"Cookie": "other=1"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer tk_key_forged"},
        {"Authorization": "Bearer tk_ses_forged"},
        {"Authorization": "Bearer tk_dat_"},
        {"Authorization": "Bearer \xff\xfe"},
        {"Authorization": "Basic dXNlcjpwYXNz"},
        {"Authorization": "tk_key_forged"},
    ],
)
async def test_no_credential_or_a_forged_one_is_a_401(client: Client, headers: dict[str, str]) -> None:
    sent = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    answer = await client.get("/v1/session", headers=sent)
    assert (answer.status_code, answer.json()["error"]) == (401, "unauthorized")
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_session_s_token_is_no_bearer_token(client: Client, organization: Any) -> None:
    token = organization.as_("owner")["Cookie"].split("=")[1]
    assert await status(client, {"Authorization": f"Bearer {token}"}) == 401


class TestRotation:
    async def test_the_token_is_replaced_after_an_hour(
        self, client: Client, organization: Any, clock: Any
    ) -> None:
        old = organization.as_("member")
        clock.advance(minutes=59)
        assert "set-cookie" not in (await client.get("/v1/session", headers=old)).headers
        clock.advance(minutes=1)
        answer = await client.get("/v1/session", headers=old)
        new = {**old, "Cookie": new_cookie(answer)}
        assert new != old
        assert "HttpOnly" in answer.headers["set-cookie"]
        assert answer.json()["csrf_token"] == old["X-CSRF-Token"]
        clock.advance(seconds=59)
        assert [await status(client, old), await status(client, new)] == [200, 200]
        clock.advance(seconds=1)
        assert [await status(client, old), await status(client, new)] == [401, 200]

    async def test_requests_at_once_get_one_new_token_and_all_pass(
        self, client: Client, organization: Any, clock: Any
    ) -> None:
        clock.advance(hours=1)
        asking = (client.get("/v1/session", headers=organization.as_("member")) for _ in range(6))
        answers = await asyncio.gather(*asking)
        assert [answer.status_code for answer in answers] == [200] * 6
        assert sum("set-cookie" in answer.headers for answer in answers) == 1

    @pytest.mark.parametrize(
        ("method", "path", "csrf", "expected"),
        [
            ("POST", "/v1/users", "wrong", 403),
            ("POST", "/v1/users", None, 403),
            ("GET", "/v1/usage?nonsense=1", None, 422),
        ],
    )
    async def test_the_new_token_reaches_the_browser_with_an_error_too(
        self,
        client: Client,
        organization: Any,
        clock: Any,
        method: str,
        path: str,
        csrf: str | None,
        expected: int,
    ) -> None:
        clock.advance(hours=1)
        session = {**organization.as_("owner"), "X-CSRF-Token": csrf or ""}
        answer = await client.request(method, path, headers=session)
        assert answer.status_code == expected
        assert await status(client, {"Cookie": new_cookie(answer)}) == 200

    async def test_a_session_ends_after_seven_days(
        self, client: Client, organization: Any, clock: Any
    ) -> None:
        clock.advance(days=7)
        assert await status(client, organization.as_("member")) == 401


class TestCsrf:
    @pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
    @pytest.mark.parametrize("token", [None, "", "wrong", "\xff"])
    async def test_unsafe_requests_need_the_token(
        self, client: Client, organization: Any, method: str, token: str | None
    ) -> None:
        path = {"POST": "/v1/departments", "PATCH": "/v1/organization", "PUT": "/v1/session/password"}
        headers = {"Cookie": organization.as_("owner")["Cookie"].encode()}
        if token is not None:
            headers["X-CSRF-Token"] = token.encode("latin-1")
        answer = await client.request(
            method, path.get(method, "/v1/session"), json={"name": "Changed"}, headers=headers
        )
        assert (answer.status_code, answer.json()["error"]) == (403, "forbidden")
        shown = await client.get("/v1/organization", headers=organization.as_("owner"))
        assert shown.json()["name"] == "Acme"

    async def test_another_session_s_token_is_wrong(self, client: Client, organization: Any) -> None:
        headers = {**organization.as_("owner"), "X-CSRF-Token": organization.as_("admin")["X-CSRF-Token"]}
        assert (await client.post("/v1/departments", json={"name": "N"}, headers=headers)).status_code == 403

    async def test_reading_needs_none_and_keys_need_none(self, client: Client, organization: Any) -> None:
        assert await status(client, {"Cookie": organization.as_("owner")["Cookie"]}) == 200
        made = await client.post("/v1/departments", json={"name": "N"}, headers=organization.api_key)
        assert made.status_code == 201


async def test_signing_out_ends_this_session_alone(client: Client, member: User, signed_in: Any) -> None:
    one, other = await signed_in(member.email), await signed_in(member.email)
    answer = await client.delete("/v1/session", headers=one)
    assert answer.status_code == 204
    assert "toktra_session=; " in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert [await status(client, one), await status(client, other)] == [401, 200]


class TestPasswordChange:
    async def test_every_other_session_ends(
        self, client: Client, member: User, signed_in: Any, sign_in: Any
    ) -> None:
        here, there = await signed_in(member.email), await signed_in(member.email)
        answer = await client.put("/v1/session/password", json=CHANGE, headers=here)
        assert answer.status_code == 200
        anew = {"Cookie": new_cookie(answer), "X-CSRF-Token": answer.json()["csrf_token"]}
        assert [await status(client, h) for h in (here, there, anew)] == [401, 401, 200]
        assert (await sign_in(member.email)).status_code == 401
        assert (await sign_in(member.email, CHANGE["new_password"])).status_code == 201

    @pytest.mark.parametrize("field", ["current_password", "new_password"])
    async def test_a_refused_change_changes_nothing(
        self, client: Client, member: User, signed_in: Any, sign_in: Any, field: str
    ) -> None:
        session = await signed_in(member.email)
        answer = await client.put("/v1/session/password", json={**CHANGE, field: "short"}, headers=session)
        assert (answer.status_code, answer.json()["details"]["field"]) == (422, field)
        assert await status(client, session) == 200
        assert (await sign_in(member.email)).status_code == 201

    async def test_a_program_has_no_password(self, client: Client, organization: Any) -> None:
        answer = await client.put("/v1/session/password", json=CHANGE, headers=organization.api_key)
        assert answer.status_code == 422
