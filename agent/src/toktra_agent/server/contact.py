"""Talking to the one server of this device: its address, its answers, its clock, and what goes wrong.

N1: TLS is verified. http:// is taken for this machine itself, or where a person said so.
N2: what went wrong is a sentence, without a URL's path or query in it.
N3: the server's clock counts: how far this device's is off is learnt from each answer's Date.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final, Literal, get_args
from urllib.parse import urlsplit

import httpx2
import msgspec
from msgspec import Struct

_LOCAL = ("localhost", "127.0.0.1", "::1")
_CLOCK_TOLERANCE = timedelta(seconds=5)  # a Date has whole seconds, and is some time on its way
_LIMITS: Final = httpx2.Limits(max_connections=40, max_keepalive_connections=8, keepalive_expiry=60)
_TIMEOUT: Final = httpx2.Timeout(30, connect=5)

UNANSWERED: Final = (httpx2.TransportError, httpx2.DecodingError, httpx2.TooManyRedirects)
Purpose = Literal["access", "events", "configuration", "certificate", "disk", "preflight"]
PURPOSES: Final[tuple[Purpose, ...]] = get_args(Purpose)


class WrongAddress(ValueError):
    """What was given is no address of a server, or not a safe one. The message says what to give."""


class Problem(Struct, frozen=True):
    """An answer with status 400 or above, as Toktra's API gives it."""

    error: str
    message: str


@dataclass(slots=True)
class Contact:
    """What is known of the server. `silence`: that nobody answers now; `troubles`: what was answered instead
    of what was asked for, by purpose. Both are sentences.
    """

    clock: Callable[[], datetime]
    ahead: timedelta = timedelta()
    last_at: datetime | None = None
    silence: str = ""
    troubles: dict[Purpose, str] = field(default_factory=dict)

    @property
    def worst(self) -> str:
        """What does not work now, in a sentence; empty while all does."""
        found = (self.troubles[purpose] for purpose in PURPOSES if purpose in self.troubles)
        return self.silence or next(found, "")

    def now(self) -> datetime:
        """By the server's clock, where it is known (N3)."""
        return self.clock() + self.ahead

    async def hear(self, response: httpx2.Response) -> None:
        """For every answer."""
        self.silence = ""
        try:
            off = parsedate_to_datetime(response.headers.get("date", "")) - self.clock()
        except (ValueError, TypeError):
            return
        self.ahead = off if abs(off) > _CLOCK_TOLERANCE else timedelta()
        self.last_at = self.now()

    def lost(self, failure: Exception, client: httpx2.AsyncClient) -> None:
        self.silence = unanswered(failure, client)

    def works(self, purpose: Purpose) -> None:
        self.troubles.pop(purpose, None)

    def fails(self, purpose: Purpose, sentence: str) -> None:
        self.troubles[purpose] = sentence


def checked_address(text: str, *, insecure: bool = False) -> str:
    """The address of a server as it is kept; WrongAddress where it is none (N1)."""
    try:
        parts = urlsplit(text.strip())
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        httpx2.URL(text.strip())
    except (ValueError, httpx2.InvalidURL):
        good = False
    if not good or parts.username is not None or parts.query or parts.fragment:
        raise WrongAddress(
            f'"{text}" is not the address of a server. It looks like https://toktra.example.com.'
        )
    if parts.scheme == "http" and parts.hostname not in _LOCAL and not insecure:
        raise WrongAddress(
            "Over http:// anyone on the way could read this device's token. Give the https:// address, "
            "or say --insecure if you are sure."
        )
    return text.strip().rstrip("/")


def client_for(server: str, contact: Contact) -> httpx2.AsyncClient:
    """A client of one server. This machine's own is never asked through a proxy."""
    return httpx2.AsyncClient(
        base_url=server,
        timeout=_TIMEOUT,
        limits=_LIMITS,
        trust_env=urlsplit(server).hostname not in _LOCAL,
        event_hooks={"response": [contact.hear]},
    )


def problem_of(response: httpx2.Response) -> Problem | None:
    """What a refusal says; None where it is not the API that speaks, but something on the way."""
    try:
        return msgspec.json.decode(response.content, type=Problem)
    except msgspec.MsgspecError:
        return None


def sentence_of(response: httpx2.Response) -> str:
    """An answer that is not a good one, in a sentence (N2)."""
    problem = problem_of(response)
    if problem is not None:
        return problem.message
    if response.is_redirect:
        return "The server sends on to another address. Enrol with the address it sends to."
    return (
        f"What answers at {response.url.host} (status {response.status_code}) is not a Toktra server. "
        "Check the address, and whether something on the way answers in its place."
    )


def unanswered(failure: Exception, client: httpx2.AsyncClient) -> str:
    """No answer, in a sentence (N2)."""
    return f"Nobody answers at {client.base_url.host} ({type(failure).__name__})."
