"""What every slice's routes are written with: strict bodies, bounded texts, documented errors.

H1: a body or query parameter that is not named by the route is refused.
H2: every route's errors are in the OpenAPI document.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any

import litestar
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.openapi import ResponseSpec
from msgspec import Meta, Struct

from toktra.kit.errors import PROBLEMS, ErrorAnswer

_NO_CONTROL_CHARACTERS = r"\A[^\x00-\x1f\x7f\ud800-\udfff]*\Z"

Name = Annotated[str, Meta(min_length=1, max_length=120, pattern=_NO_CONTROL_CHARACTERS)]
Email = Annotated[
    str, Meta(min_length=3, max_length=254, pattern=r"\A[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+\Z")
]
Password = Annotated[str, Meta(min_length=1, max_length=1000)]
Secret = Annotated[str, Meta(min_length=1, max_length=1000)]


class Body(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of every request body: what is not named is refused (H1)."""


_ERRORS = {
    problem.status: ResponseSpec(
        ErrorAnswer, generate_examples=False, description=problem.__doc__ or problem.code
    )
    for problem in PROBLEMS
}

get = partial(litestar.get, responses=_ERRORS)
post = partial(litestar.post, responses=_ERRORS)
put = partial(litestar.put, responses=_ERRORS)
patch = partial(litestar.patch, responses=_ERRORS)
delete = partial(litestar.delete, responses=_ERRORS)

Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Awaitable[None]]
"""Asynchronous, though it waits for nothing: Litestar runs others in a thread, each time."""
