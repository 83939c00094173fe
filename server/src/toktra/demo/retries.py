"""Asking a server until it answers. Only what may be said twice is repeated.

R1: no answer, 429 and 5xx are repeated; every other answer is an answer.
R2: waits double up to LONGEST_SECONDS, each cut at random, and are never shorter than Retry-After asks.
"""

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import httpx2
import msgspec

from toktra.kit.errors import ErrorAnswer

FIRST_SECONDS, LONGEST_SECONDS, LONGEST_ASKED_SECONDS = 0.1, 5.0, 60.0
_LOCAL = ("localhost", "127.0.0.1", "::1")
Told = Callable[[str], None]


class Unreachable(Exception):
    """Nobody answers at the address."""


class Refused(Exception):
    """The server said no, and asking again will not help."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def client_for(url: str) -> httpx2.AsyncClient:
    """A client of one server. This machine's own is never asked through a proxy."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise Unreachable(f"{url!r} is not the address of a server; it must look like http://localhost:8000")
    timeout = httpx2.Timeout(30, connect=5)
    return httpx2.AsyncClient(base_url=url, timeout=timeout, trust_env=parts.hostname not in _LOCAL)


def as_key(text: str) -> str:
    """An API key as it can stand in a header."""
    key = text.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise Refused(
            401, "This is not an API key. It looks like tk_key_... and is shown once, when it is made."
        )
    return key


async def reach(client: httpx2.AsyncClient, *, most: int = 3) -> None:
    """See that somebody answers at all; Unreachable with what to check otherwise."""
    why = ""
    for repeat in range(most):
        try:
            await client.get("/v1/health")
        except httpx2.TransportError as lost:
            why = f"{type(lost).__name__}: {lost}".rstrip(": ")
            await asyncio.sleep(wait_seconds(repeat, None, 0.5))
        else:
            return
    raise Unreachable(
        f"Nobody answers at {client.base_url} ({why}). Check that the server runs "
        "(toktra serve, or toktra demo), and that --url names its address and port."
    )


def wait_seconds(repeat: int, retry_after: str | None, chance: float) -> float:
    """How long to wait before the repeat with this number, counted from 0 (R2). `chance` is from 0 to 1."""
    backoff = min(FIRST_SECONDS * 2.0 ** min(repeat, 30), LONGEST_SECONDS)
    asked = float(retry_after) if retry_after and retry_after.isascii() and retry_after.isdigit() else 0.0
    return min(asked, LONGEST_ASKED_SECONDS) + backoff * (0.5 + chance / 2)


async def insist(
    send: Callable[[], Awaitable[httpx2.Response]],
    *,
    most: int | None = None,
    tell: Told = lambda _why: None,
) -> httpx2.Response:
    """Ask until there is an answer (R1), for ever or `most` times; `tell` hears why it takes longer."""
    for repeat in itertools.count():
        retry_after = None
        try:
            response = await send()
        except (httpx2.LocalProtocolError, httpx2.UnsupportedProtocol):
            raise
        except httpx2.TransportError as lost:
            why = f"no answer ({type(lost).__name__})"
        else:
            if response.status_code != 429 and response.status_code < 500:
                return response
            why, retry_after = explain(response), response.headers.get("retry-after")
        if most is not None and repeat + 1 >= most:
            raise Unreachable(why)
        tell(why)
        await asyncio.sleep(wait_seconds(repeat, retry_after, random.random()))  # noqa: S311 - not secret
    raise AssertionError("unreachable")


def check(response: httpx2.Response) -> httpx2.Response:
    """The answer, if it is a good one; Refused with the server's own words otherwise."""
    if response.is_success:
        return response
    raise Refused(response.status_code, explain(response))


def explain(response: httpx2.Response) -> str:
    """What an answer that is not a good one says."""
    if response.is_redirect:
        return f"it sends on to {response.headers.get('location', 'another address')}; give that as --url"
    try:
        return msgspec.json.decode(response.content, type=ErrorAnswer).message
    except msgspec.MsgspecError:
        return f"{response.url} answers {response.status_code}, not as Toktra does. Check --url."
