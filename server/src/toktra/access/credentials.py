"""From a credential to an actor, with a small cache so that hot routes need no query.

C1: a change of rights counts at once in the process that answered it, and within CACHED_FOR everywhere
    else: a revoked or expired credential, a suspended user, another role.
C2: a credential in steady use is looked up again before it has to be, each in its own time: nobody waits for
    that, and many devices are not looked up in the same instant.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from toktra.access.rules import Actor
from toktra.kit.errors import Unauthorized
from toktra.kit.secrets import digest

CACHED_FOR = timedelta(seconds=5)
_RENEWED_AFTER_SECONDS = (2.5, 4.5)
_CACHE_SIZE = 20_000

Resolver = Callable[[AsyncSession, bytes, datetime], Awaitable[Actor | None]]


@dataclass(slots=True)
class Credentials:
    """Resolves bearer tokens by their prefix. One per process."""

    sessions: async_sessionmaker[AsyncSession]
    resolvers: Mapping[str, Resolver]
    _known: dict[bytes, tuple[datetime, Actor]] = field(default_factory=dict)
    _looking_up: dict[bytes, asyncio.Task[Actor]] = field(default_factory=dict)

    async def actor_of(self, token: str, now: datetime) -> Actor:
        """The actor behind a bearer token; Unauthorized when there is none."""
        hashed = digest(token)
        found = self._known.get(hashed)
        if found is None or abs(now - found[0]) >= CACHED_FOR:
            return await asyncio.shield(self._look_up(token, hashed, now))
        if now - found[0] > _renewed_after(hashed):
            self._look_up(token, hashed, now)
        return found[1]

    def _look_up(self, token: str, hashed: bytes, now: datetime) -> asyncio.Task[Actor]:
        """Once for all who ask while it lasts."""
        going_on = self._looking_up.get(hashed)
        if going_on is None:
            going_on = asyncio.create_task(self._renew(token, hashed, now, self._known))
            self._looking_up[hashed] = going_on
            going_on.add_done_callback(partial(_done, self._looking_up, hashed))
        return going_on

    async def _renew(
        self, token: str, hashed: bytes, now: datetime, known: dict[bytes, tuple[datetime, Actor]]
    ) -> Actor:
        """Into the dictionary from before it was looked up: forgotten if rights changed meanwhile."""
        try:
            actor = await self._resolve(token, hashed, now)
        except Unauthorized:
            known.pop(hashed, None)
            raise
        if len(known) >= _CACHE_SIZE:
            known.clear()
        known[hashed] = (now, actor)
        return actor

    async def _resolve(self, token: str, hashed: bytes, now: datetime) -> Actor:
        resolver = self.resolvers.get(token[: token.find("_", 3)])
        actor = None
        if resolver is not None:
            async with self.sessions.begin() as session:
                actor = await resolver(session, hashed, now)
        if actor is None:
            raise Unauthorized("This credential is unknown, expired or revoked. Get a new one and try again.")
        return actor

    def forget_all(self) -> None:
        """After a change of rights: every credential is looked up again (C1)."""
        self._known, self._looking_up = {}, {}


def _renewed_after(hashed: bytes) -> timedelta:
    """Spread by the credential's hash (C2)."""
    earliest, latest = _RENEWED_AFTER_SECONDS
    return timedelta(seconds=earliest + (latest - earliest) * hashed[0] / 256)


def _done(looking_up: dict[bytes, asyncio.Task[Actor]], hashed: bytes, task: asyncio.Task[Actor]) -> None:
    """Whoever waits is told what failed; where nobody does, the next who asks finds out."""
    looking_up.pop(hashed, None)
    if not task.cancelled():
        task.exception()
