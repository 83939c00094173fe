"""Sign-in with e-mail and password, and its slow-down (W1, W2)."""

import asyncio
import hashlib
from typing import Any

import httpx2
import pytest
from argon2 import PasswordHasher
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from toktra.people.model import User
from toktra_wire.ids import new_id

WRONG = "wrong horse battery"


@pytest.fixture
def verifications(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry per argon2 verification."""
    made: list[str] = []
    verify = PasswordHasher.verify

    def counting(hasher: PasswordHasher, hashed: str, password: bytes) -> bool:
        made.append("verified")
        return verify(hasher, hashed, password)

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    return made


async def fail(sign_in: Any, times: int, *, email: str | None = None, address: str | None = None) -> None:
    """Failures in a row, each for an e-mail or from an address of its own where none is given."""
    for _ in range(times):
        answer = await sign_in(email or f"{new_id().hex}@example.com", WRONG, address)
        assert answer.status_code == 401, answer.text


async def test_the_right_password_opens_a_session(sign_in: Any, member: User, organization: Any) -> None:
    answer = await sign_in(member.email)
    assert answer.status_code == 201
    said = answer.json()
    assert (said["user_id"], said["org_id"], said["role"]) == (str(member.id), str(organization.id), "member")
    assert said["scopes"] == [
        "alerts:read",
        "budgets:read",
        "devices:read",
        "exemptions:ask",
        "people:read",
        "usage:read",
    ]
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("toktra_session=tk_ses_")
    assert "; HttpOnly; SameSite=Lax; Max-Age=604800" in cookie
    assert cookie.partition(";")[0].split("=")[1] not in answer.text


async def test_the_case_of_an_email_does_not_matter(sign_in: Any, member: User) -> None:
    assert (await sign_in(member.email.upper())).status_code == 201


async def test_wrong_and_unknown_get_the_same_answer_at_the_same_cost(
    sign_in: Any, member: User, organization: Any, verifications: list[str], change_user: Any
) -> None:
    answers, costs = [], []
    await change_user(organization.manager, status="suspended")
    emails = {
        "wrong password": member.email,
        "no such e-mail": "nobody@example.com",
        "no password yet": organization.admin.email,
        "suspended, no password": organization.manager.email,
    }
    for email in emails.values():
        verifications.clear()
        answer = await sign_in(email, WRONG)
        costs.append(len(verifications))
        answers.append((answer.status_code, {**answer.json(), "request_id": ""}))
        assert "set-cookie" not in answer.headers
    assert costs == [1] * len(emails)
    assert answers == [answers[0]] * len(emails)
    assert answers[0][0] == 401


async def test_the_password_nobody_has_opens_nothing(sign_in: Any, organization: Any) -> None:
    """What unknown e-mails are compared with must not be a password of users without one."""
    answer = await sign_in(organization.admin.email, "nobody has this password")
    assert answer.status_code == 401


async def test_a_suspended_user_cannot_sign_in(
    sign_in: Any, signed_in: Any, client: httpx2.AsyncClient, member: User, change_user: Any
) -> None:
    before = await signed_in(member.email)
    await change_user(member, status="suspended")
    assert (await sign_in(member.email)).status_code == 401
    assert (await client.get("/v1/session", headers=before)).status_code == 401
    await change_user(member, status="active")
    assert (await sign_in(member.email)).status_code == 201


async def test_after_five_failures_an_email_rests(sign_in: Any, member: User, clock: Any) -> None:
    await fail(sign_in, 5, email=member.email)
    for password in (WRONG, "correct horse battery"):
        answer = await sign_in(member.email, password)
        assert (answer.status_code, answer.json()["error"]) == (429, "rate_limited")
        assert answer.headers["retry-after"] == "1"
    clock.advance(seconds=1)
    assert (await sign_in(member.email)).status_code == 201


async def test_after_a_hundred_failures_an_address_rests(
    sign_in: Any, member: User, clock: Any, sessions: async_sessionmaker[AsyncSession]
) -> None:
    address = new_id().hex
    await fail(sign_in, 1, address=address)
    async with sessions.begin() as session:
        subject = hashlib.sha256(f"address:{address}".encode()).digest()
        nearly = text("UPDATE sign_in_failures SET failures = 98 WHERE subject_hash = :subject RETURNING 1")
        assert (await session.execute(nearly, {"subject": subject})).all() == [(1,)]
    await fail(sign_in, 1, address=address)
    assert (await sign_in(member.email, address=address)).status_code == 201
    await fail(sign_in, 1, address=address)
    answer = await sign_in(member.email, address=address)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert (await sign_in(member.email)).status_code == 201
    clock.advance(seconds=1)
    assert (await sign_in(member.email, address=address)).status_code == 201


async def test_the_rest_doubles_with_each_failure(sign_in: Any, member: User, clock: Any) -> None:
    await fail(sign_in, 5, email=member.email)
    for seconds in (1, 2, 4, 8):
        answer = await sign_in(member.email, WRONG)
        assert (answer.status_code, answer.headers["retry-after"]) == (429, str(seconds))
        clock.advance(seconds=seconds)
        await fail(sign_in, 1, email=member.email)


async def test_a_success_begins_the_count_anew(sign_in: Any, member: User, clock: Any) -> None:
    await fail(sign_in, 4, email=member.email)
    assert (await sign_in(member.email)).status_code == 201
    await fail(sign_in, 5, email=member.email)
    assert (await sign_in(member.email)).status_code == 429


async def test_guesses_made_at_once_are_no_way_round(
    sign_in: Any, member: User, clock: Any, verifications: list[str]
) -> None:
    answers = await asyncio.gather(*(sign_in(member.email, f"{WRONG} {n}") for n in range(30)))
    assert {answer.status_code for answer in answers} <= {401, 429}
    assert len(verifications) <= 5
    assert all(answer.headers["retry-after"] for answer in answers if answer.status_code == 429)


async def test_failures_are_known_by_hashes_alone(sign_in: Any, session: AsyncSession) -> None:
    email, address = f"{new_id().hex}@example.com", new_id().hex
    await fail(sign_in, 1, email=email, address=address)
    kept = "".join(await session.scalars(text("SELECT t::text FROM sign_in_failures t")))
    assert kept
    for hidden in (email, email.encode().hex(), address, address.encode().hex()):
        assert hidden not in kept


async def test_a_password_is_kept_as_argon2id(session: AsyncSession, member: User) -> None:
    kept = await session.scalar(text("SELECT argon2 FROM passwords WHERE user_id = :id"), {"id": member.id})
    assert kept is not None
    assert kept.startswith("$argon2id$")


@pytest.mark.parametrize(
    "body",
    [
        {"email": "a@example.com"},
        {"password": "p"},
        {"email": "a@example.com", "password": ""},
        {"email": "a@example.com", "password": "p" * 1001},
        {"email": "nobody", "password": "p"},
        {"email": "a@example.com", "password": "p", "otp": "1"},
        {"email": ["a@example.com"], "password": "p"},
    ],
)
async def test_a_malformed_sign_in_is_a_422(browser: httpx2.AsyncClient, body: dict[str, Any]) -> None:
    assert (await browser.post("/v1/session", json=body)).status_code == 422


@pytest.mark.parametrize("password", ["nul\x00inside 12", "\n" * 12, "pässwörd-ünïcode", "\U0001f510" * 10])
async def test_any_text_can_be_a_password(
    sign_in: Any, browser: httpx2.AsyncClient, signed_in: Any, member: User, password: str
) -> None:
    change = {"current_password": "correct horse battery", "new_password": password}
    headers = await signed_in(member.email)
    assert (await browser.put("/v1/session/password", json=change, headers=headers)).status_code == 200
    assert (await sign_in(member.email, password)).status_code == 201
