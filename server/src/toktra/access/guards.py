"""What a route asks of its caller. A route without one of these marks does not start the server."""

from functools import cache
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from toktra.access.rules import Actor, Scope
from toktra.kit.errors import Forbidden
from toktra.kit.http import Guard

PUBLIC = {"public": True}
"""`opt=PUBLIC` marks a route that takes no credential, such as sign-in."""

OWN = {"own": True}
"""`opt=OWN` marks a route that any credential may use, since it only ever speaks of the caller."""


def may(scope: Scope) -> Guard:
    """Only callers with this scope."""

    async def guard(connection: ASGIConnection[Any, Actor, Any, Any], _handler: BaseRouteHandler) -> None:
        if scope not in connection.auth.scopes:
            raise Forbidden(f"This needs the scope {scope}. Ask an admin of your organisation.", scope=scope)

    guard.scope = scope  # type: ignore[attr-defined]
    return guard


@cache
def scopes_asked(handler: BaseRouteHandler) -> frozenset[Scope]:
    """The scopes that a route's `may` marks ask for."""
    return frozenset(guard.scope for guard in handler.guards or () if hasattr(guard, "scope"))
