"""The levels of budgets as they move: for each open stream what its reader can see.

L1: an organisation's levels are read once for all its streams here: when they are told to have moved, once
    more a second later, and every 15 seconds anyway; never more often than once a second.
L2: what a stream shows follows what its reader may see, and ends with their credential.
L3: streams are bounded in number and in time, and end at once when the server stops.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from uuid import UUID

import msgspec
import psycopg
from litestar.response import ServerSentEventMessage
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from toktra.access.rules import Actor
from toktra.budgets.queries.levels import LevelAnswer, present_levels, watched
from toktra.kit.errors import Overloaded
from toktra.kit.log import log

MOST_STREAMS = 300
_LOST = (SQLAlchemyError, psycopg.Error, OSError)
_SHARE = 10  # reading takes at most a tenth of the time

Recheck = Callable[[], Awaitable[Actor | None]]
Levels = Mapping[UUID, LevelAnswer]


@dataclass(slots=True, eq=False)
class _Feed:
    """One organisation's levels, and what its streams want of them."""

    org_id: UUID
    streams: int = 0
    wanted: dict[object, frozenset[UUID]] = field(default_factory=dict)
    levels: Levels = field(default_factory=dict)
    budgets_changed: int = 0
    version: int = 0
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    published: asyncio.Event = field(default_factory=asyncio.Event)
    reading: asyncio.Task[None] | None = None

    def publish(self) -> None:
        self.version += 1
        self.published.set()
        self.published = asyncio.Event()


@dataclass(slots=True, eq=False)
class Streams:
    """All open streams of this process. One per process. Times are in seconds."""

    sessions: async_sessionmaker[AsyncSession]
    clock: Callable[[], datetime]
    longest: float = 600
    anyway: float = 15
    pace: float = 1
    _feeds: dict[UUID, _Feed] = field(default_factory=dict)
    _open: int = 0
    _closing: bool = False

    def wake(self, org_id: UUID, *, budgets: bool = False) -> None:
        """Levels of this organisation have moved, or its budgets have changed."""
        feed = self._feeds.get(org_id)
        if feed is not None:
            feed.budgets_changed += budgets
            feed.moved.set()

    def close(self) -> None:
        """End every stream (L3)."""
        self._closing = True
        for feed in self._feeds.values():
            feed.publish()

    def make_sure_of_room(self) -> None:
        """Overloaded where there is no room for one more stream (L3)."""
        if self._closing or self._open >= MOST_STREAMS:
            raise Overloaded("As many streams are open as the server takes.", retry_after_seconds=15)

    async def follow(self, actor: Actor, recheck: Recheck) -> AsyncGenerator[ServerSentEventMessage, None]:
        """A snapshot of what the actor can see, then what changes of it, until it must end (L2, L3)."""
        key, ends_at = object(), monotonic() + self.longest
        feed = self._join(actor.org_id)
        try:
            async with contextlib.aclosing(self._told(feed, key, actor, recheck, ends_at)) as told:
                async for message in told:
                    yield message
        except _LOST as lost:
            log.warning("stream_lost", error=type(lost).__name__)
        finally:
            self._leave(feed, key)

    async def _told(
        self, feed: _Feed, key: object, actor: Actor, recheck: Recheck, ends_at: float
    ) -> AsyncGenerator[ServerSentEventMessage, None]:
        ids, shown = await self._snapshot(actor)
        feed.wanted[key] = ids
        yield _event("snapshot", list(shown.values()))
        checked_at = said_at = monotonic()
        changed, version = feed.budgets_changed, -1
        while await self._wait(feed, version, min(ends_at, said_at + self.anyway, checked_at + self.anyway)):
            now, version = monotonic(), feed.version
            if now >= ends_at:
                return
            if now >= checked_at + self.anyway or changed != feed.budgets_changed:
                checked_at, changed = now, feed.budgets_changed
                found = await recheck()
                if found is None:
                    return
                ids = feed.wanted[key] = await self._watched(found)
            messages = _changes(shown, ids, feed.levels)
            if not messages and now >= said_at + self.anyway:
                messages = [ServerSentEventMessage(data=None, comment="")]
            for message in messages:
                said_at = now
                yield message

    async def _wait(self, feed: _Feed, version: int, until: float) -> bool:
        """Until there are other levels than of this version, or until then; whether to go on."""
        if not self._closing and feed.version == version:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(feed.published.wait(), max(0, until - monotonic()))
        return not self._closing

    async def _snapshot(self, actor: Actor) -> tuple[frozenset[UUID], dict[UUID, LevelAnswer]]:
        async with self.sessions.begin() as session:
            ids = await watched(session, actor=actor)
            found = await present_levels(session, org_id=actor.org_id, budget_ids=ids, now=self.clock())
            return ids, found

    async def _watched(self, actor: Actor) -> frozenset[UUID]:
        async with self.sessions.begin() as session:
            return await watched(session, actor=actor)

    def _join(self, org_id: UUID) -> _Feed:
        feed = self._feeds.setdefault(org_id, _Feed(org_id))
        self._open += 1
        feed.streams += 1
        if feed.reading is None:
            feed.reading = asyncio.create_task(self._read(feed))
        return feed

    def _leave(self, feed: _Feed, key: object) -> None:
        self._open -= 1
        feed.streams -= 1
        feed.wanted.pop(key, None)
        if not feed.streams and feed.reading is not None:
            feed.reading.cancel()
            self._feeds.pop(feed.org_id, None)

    async def _read(self, feed: _Feed) -> None:
        """Read levels for all streams of an organisation (L1)."""
        told = False
        while True:
            began = monotonic()
            try:
                await self._read_once(feed)
            except _LOST as lost:
                log.warning("levels_not_read", error=type(lost).__name__)
            await asyncio.sleep(max(self.pace, (monotonic() - began) * _SHARE))
            if told and not feed.moved.is_set():
                told = False  # this is the once more: a change since may have gone untold
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(feed.moved.wait(), self.anyway)
            told = feed.moved.is_set()
            feed.moved.clear()

    async def _read_once(self, feed: _Feed) -> None:
        wanted = frozenset(one for ids in feed.wanted.values() for one in ids)
        async with self.sessions.begin() as session:
            feed.levels = await present_levels(
                session, org_id=feed.org_id, budget_ids=wanted, now=self.clock()
            )
        feed.publish()


def _changes(
    shown: dict[UUID, LevelAnswer], ids: frozenset[UUID], levels: Levels
) -> list[ServerSentEventMessage]:
    """What to tell, and note as shown."""
    messages = []
    if gone := [one for one in shown if one not in ids]:
        messages.append(_event("gone", gone))
        for one in gone:
            del shown[one]
    if moved := {one: levels[one] for one in ids if one in levels and levels[one] != shown.get(one)}:
        shown.update(moved)
        messages.append(_event("levels", list(moved.values())))
    return messages


def _event(name: str, content: object) -> ServerSentEventMessage:
    return ServerSentEventMessage(data=msgspec.json.encode(content).decode(), event=name)
