"""One transaction per request, committed before the answer leaves; and answers that can be asked for twice.

K1: an answer is only sent once its transaction is committed.
K2: an unsafe request sent again with its Idempotency-Key changes nothing and gets the first answer.
K3: the stored answer is sealed, since it may hold a secret that is shown once.
K4: the transaction of an unsafe request says who calls, for what the database notes about its writes.
"""

import hashlib
from collections.abc import AsyncIterator
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from toktra.kit.database import Model
from toktra.kit.errors import Conflict, Invalid
from toktra.kit.secrets import seal, unseal

REMEMBERED_FOR = timedelta(hours=24)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class IdempotentAnswer(Model):
    """The first answer to a request that carried an Idempotency-Key."""

    __tablename__ = "idempotent_answers"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    credential_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes]
    status: Mapped[int | None]
    sealed_body: Mapped[bytes | None]
    created_at: Mapped[datetime] = mapped_column(index=True)


@dataclass(slots=True)
class _Claim:
    session: AsyncSession
    where: tuple[UUID, UUID, str]
    secret_key: str


class Replayed(Exception):
    """Not an error: this request was answered before, and gets the same answer."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


current_claim: ContextVar[list[_Claim]] = ContextVar("current_claim")


async def provide_session(request: Request[Any, Any, Any], now: datetime) -> AsyncIterator[AsyncSession]:
    """The request's transaction (K1), claimed for its Idempotency-Key where it has one (K2)."""
    async with request.app.state.sessions.begin() as session:
        if request.method not in _SAFE:
            await _say_who_calls(session, request)
            key = request.headers.get("idempotency-key")
            if key is not None and request.scope.get("auth") is not None:
                await _claim(session, request, key, now)
        yield session


async def _say_who_calls(session: AsyncSession, request: Request[Any, Any, Any]) -> None:
    """K4. The setting ends with the transaction, so that a connection never speaks of an earlier caller."""
    caller = request.app.state.describe_caller(request.scope.get("auth"))
    caller |= {"request_id": request.scope["state"].get("request_id")}
    said = msgspec.json.encode(caller).decode()
    await session.execute(select(func.set_config("toktra.caller", said, True)))


async def provide_reading(request: Request[Any, Any, Any]) -> AsyncIterator[AsyncSession]:
    """A session for reads alone: without a transaction around them, two questions to the server less."""
    async with request.app.state.reading() as session:
        yield session


async def _claim(session: AsyncSession, request: Request[Any, Any, Any], key: str, now: datetime) -> None:
    if not 1 <= len(key) <= 255 or not key.isprintable():
        raise Invalid("An Idempotency-Key is 1 to 255 printable characters.", field="Idempotency-Key")
    secret_key = request.app.state.settings.require_secret_key()
    where = (request.auth.org_id, request.auth.credential_id, key)
    fingerprint = hashlib.sha256(
        b"\0".join(
            [
                request.method.encode(),
                request.scope["raw_path"],
                request.scope["query_string"],
                await request.body(),
            ]
        )
    ).digest()
    claimed = await session.execute(
        upsert(IdempotentAnswer)
        .values(**_named(where), fingerprint=fingerprint, created_at=now)
        .on_conflict_do_nothing()
        .returning(IdempotentAnswer.key)
    )
    if claimed.first() is None:
        await _replay(session, where, fingerprint, secret_key)
    current_claim.get().append(_Claim(session, where, secret_key))


async def _replay(
    session: AsyncSession, where: tuple[UUID, UUID, str], fingerprint: bytes, secret_key: str
) -> None:
    first = (await session.execute(select(IdempotentAnswer).filter_by(**_named(where)))).scalar_one()
    if first.fingerprint != fingerprint:
        raise Conflict("This Idempotency-Key was used for another request. Use a new key for a new request.")
    assert first.status is not None
    assert first.sealed_body is not None
    raise Replayed(first.status, unseal(secret_key, _purpose(where), first.sealed_body))


async def remember_answer(response: Response[Any]) -> Response[Any]:
    """Keep the answer in the request's own transaction, so that both are there or neither (K2, K3)."""
    for claim in current_claim.get([]):
        body = b"" if response.content is None else msgspec.json.encode(response.content)
        sealed = seal(claim.secret_key, _purpose(claim.where), body)
        await claim.session.execute(
            update(IdempotentAnswer)
            .filter_by(**_named(claim.where))
            .values(status=response.status_code or 200, sealed_body=sealed)
        )
    return response


def on_replayed(_request: Request[Any, Any, Any], replayed: Replayed) -> Response[bytes]:
    """The first answer once more, marked as such."""
    return Response(
        replayed.body,
        status_code=replayed.status,
        media_type="application/json" if replayed.body else None,
        headers={"Idempotency-Replayed": "true"},
    )


async def forget_answers(session: AsyncSession, *, now: datetime) -> None:
    """Drop what is older than the time a client may repeat a request in."""
    await session.execute(delete(IdempotentAnswer).where(IdempotentAnswer.created_at < now - REMEMBERED_FOR))


def _named(where: tuple[UUID, UUID, str]) -> dict[str, Any]:
    return dict(zip(("org_id", "credential_id", "key"), where, strict=True))


def _purpose(where: tuple[UUID, UUID, str]) -> str:
    return f"idempotent answer:{where[0]}:{where[1]}:{where[2]}"
