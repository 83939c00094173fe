"""What every slice's routes are written with: strict bodies, bounded texts, documented errors.

H1: a body or query parameter that is not named by the route is refused.
H2: every route's errors are in the OpenAPI document.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any, Generic, TypeVar

from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.openapi import ResponseSpec
from litestar.types import Receive, Scope, Send
from msgspec import Meta, Struct

from toktra.kit.errors import PROBLEMS, BadRequest, ErrorAnswer

_NO_CONTROL_CHARACTERS = r"\A[^\x00-\x1f\x7f\ud800-\udfff]*\Z"

Name = Annotated[str, Meta(min_length=1, max_length=120, pattern=_NO_CONTROL_CHARACTERS)]
Email = Annotated[
    str, Meta(min_length=3, max_length=254, pattern=r"\A[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+\Z")
]
Password = Annotated[str, Meta(min_length=1, max_length=1000)]
Secret = Annotated[str, Meta(min_length=1, max_length=1000)]


T = TypeVar("T")

EXTENSIONS = r"chrome-extension://[a-p]{32}|moz-extension://[0-9a-f-]{36}"
"""The origins of browser extensions."""

UNCOMPRESSED = {"uncompressed": True}
"""`opt=UNCOMPRESSED` marks a hot route, whose answers are too small to be packed."""

STREAMED = {"uncompressed": True, "streamed": True}
"""`opt=STREAMED` marks a route whose answer goes on for minutes: it is answered when it begins."""


class Body(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of every request body: what is not named is refused (H1)."""


class Handler(HTTPRouteHandler):
    """Litestar's, which copies itself for each guard of each request: a tenth of what a small route costs."""

    async def authorize_connection(self, connection: ASGIConnection[Any, Any, Any, Any]) -> None:
        """Run the guards, from the application's to the route's own."""
        for guard in self.resolve_guards():
            await guard(connection, self)  # type: ignore[misc]


class LeanRequest(Request[Any, Any, Any]):
    """Litestar's, which reads the length of its body without a look at every other header."""

    @property
    def content_length(self) -> int | None:
        """The announced length in bytes."""
        announced = header(self.scope, b"content-length")
        if announced is None:
            return None
        if not announced.isdecimal():
            raise BadRequest("The Content-Length header must be a number of bytes.")
        return int(announced)


class Encoded(Response[T], Generic[T]):
    """A JSON answer of a hot route: encoded already, and sent as it is."""

    def __init__(self, body: bytes) -> None:
        self.content = body  # type: ignore[assignment]

    def to_asgi_response(self, *_args: Any, **_kwargs: Any) -> "Encoded[T]":  # type: ignore[override]
        """Itself: there is nothing left to render."""
        return self

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """The answer, as an ASGI application."""
        body: bytes = self.content  # type: ignore[assignment]
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})


def header(scope: Scope, name: bytes) -> str | None:
    """A request's header, by its lower-case name. Sent twice, the last one counts, as with Litestar's."""
    found = None
    for key, value in scope["headers"]:
        if key == name:
            found = value
    return None if found is None else found.decode("latin-1")


_ERRORS = {
    problem.status: ResponseSpec(
        ErrorAnswer, generate_examples=False, description=problem.__doc__ or problem.code
    )
    for problem in PROBLEMS
}

get = partial(Handler, http_method="GET", responses=_ERRORS)
post = partial(Handler, http_method="POST", responses=_ERRORS)
put = partial(Handler, http_method="PUT", responses=_ERRORS)
patch = partial(Handler, http_method="PATCH", responses=_ERRORS)
delete = partial(Handler, http_method="DELETE", responses=_ERRORS)

Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Awaitable[None]]
"""Asynchronous, though it waits for nothing: Litestar runs others in a thread, each time."""
