"""Each organisation's budgets and tree in memory, so that most checks need no query.

K1: what is in memory is what the database says: every change is told to every server (LISTEN), and while
    nothing can be told, nothing is remembered.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from uuid import UUID

import psycopg
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from toktra.budgets.queries.book import OrganizationBook, levels, load_book
from toktra.budgets.telling import LEVELS_CHANNEL
from toktra.kit.log import log

CHANNEL = "toktra_budgets"
_GOOD_FOR_SECONDS = 60
_LEVELS_GOOD_FOR_SECONDS = 1
_MOST_ORGANIZATIONS = 1_000
_RECONNECT_SECONDS = 0.5


@dataclass(slots=True)
class Books:
    """All books of this process. One per process."""

    sessions: async_sessionmaker[AsyncSession]
    on_told: Callable[[UUID, bool], None] = lambda _org_id, _budgets: None
    """Called with what is heard: whose levels moved, and whether the budgets themselves changed."""
    _known: dict[UUID, tuple[float, OrganizationBook]] = field(default_factory=dict)
    _listening: bool = False
    _told: int = 0
    _loading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def of(self, org_id: UUID) -> OrganizationBook:
        """An organisation's book, as the database has it (K1)."""
        known = self._known.get(org_id)
        if known is not None and monotonic() < known[0]:
            return known[1]
        async with self._loading:
            known = self._known.get(org_id)
            if known is not None and monotonic() < known[0]:
                return known[1]
            return await self._load(org_id)

    async def _load(self, org_id: UUID) -> OrganizationBook:
        told = self._told
        async with self.sessions() as session:
            book = await load_book(session, org_id=org_id)
        if self._listening and told == self._told:
            if len(self._known) >= _MOST_ORGANIZATIONS:
                self._known.clear()
            self._known[org_id] = (monotonic() + _GOOD_FOR_SECONDS, book)
        return book

    async def refresh(self, org_id: UUID, book: OrganizationBook, now: datetime) -> None:
        """Levels that are at most a second old: for warnings, never for a cap."""
        if monotonic() - book.levels_at > _LEVELS_GOOD_FOR_SECONDS and book.has_budgets:
            book.levels_at = monotonic()
            async with self.sessions() as session:
                book.levels = await levels(session, org_id=org_id, now=now)

    def forget(self, org_id: UUID) -> None:
        """Something about this organisation's budgets has changed."""
        self._told += 1
        self._known.pop(org_id, None)

    async def listen(self, address: str, options: str) -> None:
        """Hear of every change until cancelled (K1)."""
        while True:
            try:
                await self._hear(address, options)
            except (psycopg.Error, OSError) as lost:
                log.warning("budgets_not_heard", error=type(lost).__name__)
            finally:
                self._listening = False
                self._known.clear()
            await asyncio.sleep(_RECONNECT_SECONDS)

    async def _hear(self, address: str, options: str) -> None:
        connecting = psycopg.AsyncConnection.connect(address, options=options, autocommit=True)
        async with await connecting as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            await connection.execute(f"LISTEN {LEVELS_CHANNEL}")
            self._told += 1  # what was being read before may be older than what can be heard from here on
            self._listening = True
            async for told in connection.notifies():
                org_id, budgets = UUID(told.payload), told.channel == CHANNEL
                if budgets:
                    self.forget(org_id)
                self.on_told(org_id, budgets)
