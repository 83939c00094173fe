"""One transaction per request (K1), and answers that can be asked for twice (K2, K3)."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from litestar import Litestar
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from toktra.kit.edge import RequestLog
from toktra.kit.work import IdempotentAnswer, forget_answers
from toktra.people.model import Department

Sessions = async_sessionmaker[AsyncSession]
Client = httpx2.AsyncClient


@pytest.fixture
def create(organization: Any) -> Callable[..., Any]:
    """Make a department by a client, with an Idempotency-Key."""

    async def create(
        client: Client, name: str, key: str, headers: dict[str, str] | None = None
    ) -> httpx2.Response:
        sent = {**(headers or organization.api_key), "Idempotency-Key": key}
        return await client.post("/v1/departments", json={"name": name}, headers=sent)

    return create


async def count(sessions: Sessions, model: Any, **where: Any) -> int:
    async with sessions() as session:
        return await session.scalar(select(func.count()).select_from(model).filter_by(**where)) or 0


class TestOneTransaction:
    async def test_a_handler_that_fails_after_a_write_leaves_nothing(
        self, failing: Client, organization: Any, departments: Any
    ) -> None:
        answer = await failing.post(
            "/failing/after-write", json={"name": "Half"}, headers=organization.api_key
        )
        assert answer.status_code == 500
        assert "Half" not in await departments()

    async def test_a_failed_commit_is_not_answered_as_done(
        self, failing: Client, organization: Any, departments: Any
    ) -> None:
        answer = await failing.post("/failing/at-commit", json={"name": "Half"}, headers=organization.api_key)
        assert (answer.status_code, answer.json()["error"]) == (409, "conflict")
        assert "Half" not in await departments()

    async def test_an_answer_is_sent_after_its_commit(
        self, app: Litestar, organization: Any, sessions: Sessions
    ) -> None:
        seen: list[int] = []

        async def watching(scope: Any, receive: Any, send: Any) -> None:
            async def look_first(message: Any) -> None:
                if message["type"] == "http.response.start":
                    seen.append(await count(sessions, Department, org_id=organization.id, name="Kept"))
                await send(message)

            await RequestLog(app)(scope, receive, look_first)

        transport = httpx2.ASGITransport(app=watching)
        async with httpx2.AsyncClient(transport=transport, base_url="http://toktra.test") as client:
            answer = await client.post("/v1/departments", json={"name": "Kept"}, headers=organization.api_key)
        assert answer.status_code == 201
        assert seen == [1]


class TestIdempotency:
    async def test_the_same_again_gets_the_first_answer(
        self, client: Client, create: Any, sessions: Sessions, organization: Any
    ) -> None:
        first = await create(client, "Once", "key-1")
        again = await create(client, "Once", "key-1")
        assert first.status_code == again.status_code == 201
        assert first.content == again.content
        assert "idempotency-replayed" not in first.headers
        assert again.headers["idempotency-replayed"] == "true"
        assert await count(sessions, Department, org_id=organization.id, name="Once") == 1

    async def test_an_answer_without_a_body_comes_again(
        self, client: Client, create: Any, organization: Any
    ) -> None:
        made = (await create(client, "Gone", "key-1")).json()["id"]
        for replayed in (None, "true"):
            headers = {**organization.api_key, "Idempotency-Key": "key-2"}
            answer = await client.delete(f"/v1/departments/{made}", headers=headers)
            assert (answer.status_code, answer.content) == (204, b"")
            assert answer.headers.get("idempotency-replayed") == replayed

    async def test_another_request_with_the_key_is_a_conflict(
        self, client: Client, create: Any, organization: Any, departments: Any
    ) -> None:
        await create(client, "First", "key-1")
        assert (await create(client, "Second", "key-1")).status_code == 409
        headers = {**organization.api_key, "Idempotency-Key": "key-1"}
        for method, path in (
            ("POST", "/v1/departments?"),
            ("POST", "/v1/oauth/clients"),
            ("PATCH", "/v1/organization"),
        ):
            other = await client.request(
                method, path, json={"name": "First", "scopes": ["usage:read"]}, headers=headers
            )
            assert other.status_code in (409, 422), other.text
        assert "Second" not in await departments()

    async def test_at_once_there_is_one_effect(
        self, client: Client, create: Any, sessions: Sessions, organization: Any
    ) -> None:
        answers = await asyncio.gather(*(create(client, "At once", "key-1") for _ in range(6)))
        assert [answer.status_code for answer in answers] == [201] * 6
        assert len({answer.content for answer in answers}) == 1
        assert await count(sessions, Department, org_id=organization.id, name="At once") == 1

    @pytest.mark.parametrize("path", ["/failing/after-write", "/failing/at-commit"])
    async def test_a_failed_request_can_be_repeated_with_its_key(
        self, failing: Client, organization: Any, sessions: Sessions, path: str
    ) -> None:
        headers = {**organization.api_key, "Idempotency-Key": "key-1"}
        for _ in range(2):
            answer = await failing.post(path, json={"name": "Half"}, headers=headers)
            assert answer.status_code in (500, 409)
            assert "Idempotency-Key" not in answer.text
        assert await count(sessions, IdempotentAnswer, org_id=organization.id) == 0

    async def test_a_refused_request_can_be_mended_under_its_key(self, client: Client, create: Any) -> None:
        assert (await create(client, "", "key-1")).status_code == 422
        assert (await create(client, "Mended", "key-1")).status_code == 201

    async def test_another_credential_s_key_is_another_key(
        self, client: Client, create: Any, organization: Any, other_organization: Any
    ) -> None:
        first = await create(client, "Same", "key-1")
        for headers in (other_organization.api_key, organization.as_("owner")):
            answer = await create(client, "Same", "key-1", headers)
            assert "idempotency-replayed" not in answer.headers
            assert answer.json() != first.json()

    @pytest.mark.parametrize("key", ["", "k" * 256, "a\tb"])
    async def test_a_wrong_key_is_a_422(self, client: Client, create: Any, key: str) -> None:
        answer = await create(client, "Never", key)
        assert (answer.status_code, answer.json()["details"]["field"]) == (422, "Idempotency-Key")

    async def test_reading_takes_no_notice_of_the_key(self, client: Client, organization: Any) -> None:
        headers = {**organization.api_key, "Idempotency-Key": "key-1"}
        assert (await client.get("/v1/users", headers=headers)).status_code == 200
        assert (await client.get("/v1/organization", headers=headers)).status_code == 200

    async def test_a_secret_in_a_stored_answer_is_sealed(
        self, client: Client, organization: Any, sessions: Sessions
    ) -> None:
        headers = {**organization.as_("owner"), "Idempotency-Key": "key-1"}
        asked = {"name": "sealed-name", "scopes": ["usage:read"]}
        first = await client.post("/v1/api-keys", json=asked, headers=headers)
        secret = first.json()["key"]
        assert (await client.post("/v1/api-keys", json=asked, headers=headers)).json()["key"] == secret
        async with sessions() as session:
            everything = "SELECT convert_to(t::text, 'UTF8') || sealed_body FROM idempotent_answers t"
            everything += " WHERE org_id = :org"
            rows = (await session.scalars(text(everything), {"org": organization.id})).all()
        assert len(rows) == 1
        for hidden in (secret, secret[-12:], "sealed-name"):
            assert hidden.encode() not in rows[0]

    async def test_answers_are_forgotten_after_a_day(
        self, client: Client, create: Any, session: AsyncSession, organization: Any
    ) -> None:
        await create(client, "Remembered", "key-1")
        mine = select(func.count()).where(IdempotentAnswer.org_id == organization.id)
        made_at = await session.scalar(
            select(IdempotentAnswer.created_at).where(IdempotentAnswer.org_id == organization.id)
        )
        assert made_at is not None
        await forget_answers(session, now=made_at + timedelta(hours=24))
        assert await session.scalar(mine) == 1
        await forget_answers(session, now=made_at + timedelta(hours=24, seconds=1))
        assert await session.scalar(mine) == 0
        await session.rollback()
