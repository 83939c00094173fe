"""Preflight: may a request go out? And giving back what was held for one that did not.

K1: a check has a key of its own, so that asking it again over a new connection holds nothing twice.
K2: what cannot be given back in a few tries lapses by itself at the server; it is counted.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import httpx2
import msgspec
from msgspec import Struct

from toktra_agent.core.retry import wait_seconds
from toktra_agent.core.watching import Decision
from toktra_agent.server.access import AccessRefused
from toktra_agent.server.contact import UNANSWERED, sentence_of

MOST_RELEASES: Final = 1_000
RELEASE_TRIES: Final = 4
_TIMEOUT: Final = httpx2.Timeout(5)
_GONE: Final = frozenset({204, 404})
_DROPPED: Final = (httpx2.ReadError, httpx2.WriteError, httpx2.RemoteProtocolError)


class NoWord(Exception):
    """The server answered, and gave no decision. The message says why."""


class Answer(Struct, frozen=True):
    """Of what the server answers, what the agent needs."""

    decision: Decision
    reason: str
    message: str
    budget_id: UUID | None = None
    budget_name: str | None = None
    remaining_tokens: int | None = None
    resets_at: str | None = None
    hold_id: UUID | None = None
    exemption_url: str | None = None


async def ask(client: httpx2.AsyncClient, *, key: UUID, provider: str, tokens: int) -> Answer:
    """Ask once; NoWord where an answer is no decision. Raises what the client raises."""
    body = {"key": str(key), "provider": provider, "estimated_tokens": tokens}
    response = await _post(client, body)
    try:
        return msgspec.json.decode(response.content if response.is_success else b"", type=Answer)
    except msgspec.MsgspecError as none:
        raise NoWord(sentence_of(response)) from none


async def _post(client: httpx2.AsyncClient, body: dict[str, object]) -> httpx2.Response:
    """Once more where a kept connection turns out to have been closed at the other end (K1)."""
    try:
        return await client.post("/v1/preflight", json=body, timeout=_TIMEOUT)
    except _DROPPED:
        return await client.post("/v1/preflight", json=body, timeout=_TIMEOUT)


@dataclass(slots=True)
class Releases:
    """Holds to be given back. `count`: told of what could not be (K2)."""

    client: httpx2.AsyncClient
    count: Callable[[str], None]
    _queue: asyncio.Queue[UUID] = field(default_factory=lambda: asyncio.Queue(MOST_RELEASES))

    def add(self, hold_id: UUID) -> None:
        """Give this back soon."""
        try:
            self._queue.put_nowait(hold_id)
        except asyncio.QueueFull:
            self.count("holds_left_to_lapse")

    async def keep_giving_back(self) -> None:
        """For as long as this runs."""
        while True:
            hold_id = await self._queue.get()
            if not await self._give_back(hold_id):
                self.count("holds_left_to_lapse")

    async def _give_back(self, hold_id: UUID) -> bool:
        for failures in range(RELEASE_TRIES):
            try:
                response = await self.client.delete(f"/v1/holds/{hold_id}", timeout=_TIMEOUT)
            except (*UNANSWERED, AccessRefused):
                pass
            else:
                if response.status_code in _GONE:
                    return True
            await asyncio.sleep(wait_seconds(failures + 1, 0, random.random()))  # noqa: S311 - not secret
        return False
