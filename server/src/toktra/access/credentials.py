"""From a credential to an actor, with a small cache so that hot routes need no query.

C1: a change of rights counts at once in the process that answered it, and within CACHED_FOR everywhere
    else: a revoked or expired credential, a suspended user, another role.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from toktra.access.rules import Actor
from toktra.kit.errors import Unauthorized
from toktra.kit.secrets import digest

CACHED_FOR = timedelta(seconds=5)
_CACHE_SIZE = 20_000

Resolver = Callable[[AsyncSession, bytes, datetime], Awaitable[Actor | None]]


@dataclass(slots=True)
class Credentials:
    """Resolves bearer tokens by their prefix. One per process."""

    sessions: async_sessionmaker[AsyncSession]
    resolvers: Mapping[str, Resolver]
    _known: dict[bytes, tuple[datetime, Actor]] = field(default_factory=dict)

    async def actor_of(self, token: str, now: datetime) -> Actor:
        """The actor behind a bearer token; Unauthorized when there is none."""
        hashed = digest(token)
        known = self._known
        found = known.get(hashed)
        if found is not None and abs(now - found[0]) < CACHED_FOR:
            return found[1]
        actor = await self._resolve(token, hashed, now)
        if len(known) >= _CACHE_SIZE:
            known.clear()
        known[hashed] = (now, actor)  # into the dictionary from before: forgotten if rights changed meanwhile
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
        self._known = {}
