"""Authentication at the HTTP edge: bearer token or session cookie, CSRF, rate limit.

H1: a session's new token reaches the browser whatever the answer is.
H2: once a change is committed and before it is answered, this process forgets what it remembers of rights,
    people and budgets.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from litestar.connection import ASGIConnection, Request
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from toktra.access import limits, service
from toktra.access.guards import scopes_asked
from toktra.access.rules import RATE_LIMIT_PER_MINUTE, Actor
from toktra.access.rules import Scope as Right
from toktra.kit.errors import Forbidden, Problem, RateLimited, Unauthorized
from toktra.kit.http import header

SESSION_COOKIE = "toktra_session"
CSRF_HEADER = "x-csrf-token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_REMEMBERED = frozenset({Right.PEOPLE_WRITE, Right.DEVICES_WRITE, Right.ACCESS_WRITE, Right.BUDGETS_WRITE})


@dataclass(slots=True)
class _Answering:
    """What authentication does to the answer, whatever the answer is (H1, H2)."""

    send: Send
    headers: dict[str, str]
    on_answer: Callable[[], None] | None = None

    @property
    def changes(self) -> bool:
        return bool(self.headers) or self.on_answer is not None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            added = [(name.encode(), value.encode()) for name, value in self.headers.items()]
            message["headers"] = [*message["headers"], *added]
            if self.on_answer is not None:
                self.on_answer()
        await self.send(message)


class Authentication(ASGIMiddleware):
    """Puts the actor into the scope's `auth` before any guard or dependency runs."""

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        connection: Request[Any, Any, Any] = Request(scope, receive=receive)
        if scope["route_handler"].opt.get("public"):
            scope["auth"] = scope["user"] = None
            await next_app(scope, receive, send)
            return
        answering = _Answering(send, {})
        now = connection.app.state.clock()
        try:
            actor = await _authenticate(connection, now, answering)
            if actor.kind != "device":
                await _count(connection, actor, now, answering)
        except Problem as refused:
            refused.headers = {**refused.headers, **answering.headers}
            raise
        scope["auth"] = scope["user"] = actor
        if connection.method not in _SAFE and scopes_asked(scope["route_handler"]) & _REMEMBERED:
            answering.on_answer = partial(connection.app.state.forget, actor.org_id)
        await next_app(scope, receive, answering if answering.changes else send)


async def _authenticate(connection: Request[Any, Any, Any], now: datetime, answering: _Answering) -> Actor:
    authorization = header(connection.scope, b"authorization")
    if authorization is not None:
        kind, _, token = authorization.partition(" ")
        if kind.lower() != "bearer" or not token:
            raise Unauthorized("The Authorization header must be: Bearer <token>.")
        return await connection.app.state.credentials.actor_of(token.strip(), now)  # type: ignore[no-any-return]
    cookie = connection.cookies.get(SESSION_COOKIE)
    if cookie is None:
        raise Unauthorized("Sign in, or send an API key in the Authorization header: Bearer <key>.")
    return await _session_actor(connection, cookie, now, answering)


async def _session_actor(
    connection: Request[Any, Any, Any], cookie: str, now: datetime, answering: _Answering
) -> Actor:
    async with connection.app.state.sessions.begin() as session:
        found = await service.resume_session(session, token=cookie, now=now)
    if found is None:
        raise Unauthorized("Your session has ended. Sign in again.")
    if found.new_token is not None:
        answering.headers["set-cookie"] = session_cookie(connection, found.new_token)
    connection.scope["state"]["csrf_token"] = found.csrf_token
    if connection.method not in _SAFE:
        _check_csrf(connection, found.csrf_token)
    return found.actor


async def still_good(request: Request[Any, Actor, Any]) -> Actor | None:
    """The caller as their credential says now, for answers that go on; None once it may not do this."""
    state = request.app.state
    now, authorization = state.clock(), header(request.scope, b"authorization")
    try:
        if authorization is not None:
            actor = await state.credentials.actor_of(authorization.partition(" ")[2].strip(), now)
        else:
            async with state.reading() as session:
                actor = await service.session_actor(session, session_id=request.auth.credential_id, now=now)
    except Unauthorized:
        return None
    allowed = actor is not None and scopes_asked(request.scope["route_handler"]) <= actor.scopes
    return actor if allowed else None


def _check_csrf(connection: Request[Any, Any, Any], expected: str) -> None:
    given = connection.headers.get(CSRF_HEADER, "")
    if not secrets.compare_digest(given.encode("utf-8", "replace"), expected.encode()):
        raise Forbidden(
            "The X-CSRF-Token header is missing or wrong. GET /v1/session answers it as csrf_token."
        )


async def _count(
    connection: Request[Any, Any, Any], actor: Actor, now: datetime, answering: _Answering
) -> None:
    """The rate limit and its headers, on every answer to a counted request."""
    used = await limits.count_request(connection.app.state.statements, actor.credential_id, now)
    reset = limits.seconds_left(now)
    answering.headers["x-ratelimit-limit"] = str(RATE_LIMIT_PER_MINUTE)
    answering.headers["x-ratelimit-remaining"] = str(max(0, RATE_LIMIT_PER_MINUTE - used))
    answering.headers["x-ratelimit-reset"] = str(reset)
    if used > RATE_LIMIT_PER_MINUTE:
        raise RateLimited(
            f"More than {RATE_LIMIT_PER_MINUTE} requests in a minute with this credential. Wait {reset} s.",
            headers={"Retry-After": str(reset)},
        )


def session_cookie(connection: ASGIConnection[Any, Any, Any, Any], token: str, *, ends: bool = False) -> str:
    """The Set-Cookie value of a session. `ends` clears it."""
    secure = "; Secure" if connection.app.state.settings.secure_cookies else ""
    age = 0 if ends else int(service.SESSION_LIFETIME.total_seconds())
    return f"{SESSION_COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}"


def provide_actor(request: Request[Any, Actor, Any]) -> Actor:
    """The caller, for handlers that name `actor` in their signature."""
    return request.auth


def describe_caller(actor: Actor | None) -> dict[str, Any]:
    """What is noted about the caller with each change they make; without a credential, that it was public."""
    if actor is None:
        return {"credential_kind": "public"}
    return {
        "user_id": actor.user_id,
        "credential_kind": actor.kind,
        "credential_id": actor.credential_id,
    }
