"""One error shape for the whole API. Subclasses live beside the use case that raises them.

E1: every error has a stable code, a fitting status and a message that says what to do next.
"""

import re
from typing import Annotated, Any, ClassVar

from msgspec import Meta, Struct


class ErrorAnswer(Struct, frozen=True):
    """The body of every answer with status 400 or above."""

    error: Annotated[str, Meta(description="Stable code")]
    message: str
    details: dict[str, Any]
    request_id: str


class Problem(Exception):
    """Something the caller can understand and act on."""

    code: ClassVar[str] = "bad_request"
    status: ClassVar[int] = 400

    def __init__(self, message: str, *, headers: dict[str, str] | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details
        self.headers = headers or {}


class BadRequest(Problem):
    """The request could not be read: broken JSON, broken encoding, a broken header."""


class Unauthorized(Problem):
    """No credential, or one that is not good (any more)."""

    code = "unauthorized"
    status = 401

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message, headers={"WWW-Authenticate": 'Bearer realm="toktra"'}, **details)


class Forbidden(Problem):
    """A good credential that may not do this."""

    code = "forbidden"
    status = 403


class NotFound(Problem):
    """There is no such thing in the caller's organisation."""

    code = "not_found"
    status = 404


class MethodNotAllowed(Problem):
    """The address exists, but not with this method."""

    code = "method_not_allowed"
    status = 405


class Conflict(Problem):
    """It would contradict what is already there."""

    code = "conflict"
    status = 409


class TooLarge(Problem):
    """The body is larger than this route takes."""

    code = "too_large"
    status = 413


class Invalid(Problem):
    """The request can be read, but a field's value is not possible. Details name field and reason."""

    code = "invalid"
    status = 422

    def __init__(self, message: str, *, field: str | None = None, **details: Any) -> None:
        if field is not None:
            details = {"field": field, "reason": message, **details}
        super().__init__(message, **details)


class RateLimited(Problem):
    """Too many requests in a time; Retry-After says when to come back."""

    code = "rate_limited"
    status = 429


class Overloaded(Problem):
    """The server cannot take this right now; nothing was kept. Retry-After says when to try again."""

    code = "overloaded"
    status = 503

    def __init__(self, message: str, *, retry_after_seconds: int = 1, **details: Any) -> None:
        super().__init__(message, headers={"Retry-After": str(retry_after_seconds)}, **details)


PROBLEMS: tuple[type[Problem], ...] = (
    BadRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    Conflict,
    TooLarge,
    Invalid,
    RateLimited,
    Overloaded,
)

_AT = re.compile(r" - at `(?:key in )?(?P<path>[^`]*)`$")
_UNKNOWN = re.compile(r"unknown field `(?P<name>.*)`$", re.DOTALL)
_PATTERN = re.compile(r"Expected `str` matching regex .*", re.DOTALL)
_LONGEST_NAME = 60


def invalid(reason: str, *, at: str = "") -> Invalid:
    """An Invalid from what msgspec says, such as "Expected `int`, got `str` - at `$.events[0].id`"."""
    if found := _AT.search(reason):
        reason, at = reason[: found.start()], found["path"].removeprefix("$").lstrip(".")
    if unknown := _UNKNOWN.search(reason):
        name = unknown["name"][:_LONGEST_NAME]
        reason, at = f"There is no field {name!r} here", f"{at}.{name}".lstrip(".")
    reason = _PATTERN.sub(
        "This text has characters that cannot be here, or not the form it should have", reason
    )
    return Invalid(f"{at}: {reason}." if at else f"{reason}.", field=at or "body")
