"""Group commit: one task per process takes everything that waits, and does it in one transaction.

T1: an item is answered after the commit that holds it, never before.
T2: a group that fails answers its callers (503: nothing was kept), and the next group runs.
T3: what waits is bounded; when the queue is full the caller is told so at once.
"""

import asyncio
import contextlib
import sys
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import psycopg
from sqlalchemy.ext.asyncio import AsyncEngine

from toktra.kit.database import raw_connection
from toktra.kit.errors import Overloaded
from toktra.kit.log import log

Item = TypeVar("Item")
Answer = TypeVar("Answer")
Connection = psycopg.AsyncConnection[Any]

_TRIES = 3
_RECONNECT_SECONDS = 0.2
# Uses after which psycopg prepares a statement unasked. Where its pipeline fails first, psycopg takes it for
# prepared all the same, and every later use fails. It looks after those that it is asked to prepare.
_NEVER = sys.maxsize
_FULL = "The server has as many {things} waiting as it takes. Send them again."
_FAILED = "Something failed while keeping the {things}, and none was kept. Send them again."
_AWAY = "The database does not answer. Send the {things} again."


class NotYet(Exception):
    """Raised by `perform`: `first` has to be done, in a transaction of its own, and then the group again."""

    def __init__(self, first: Callable[[Connection], Awaitable[None]]) -> None:
        super().__init__()
        self.first = first


async def _nothing(_connection: Connection) -> None:
    """What most groups have to prepare."""


@dataclass(slots=True)
class _Waiting(Generic[Item, Answer]):
    item: Item
    weight: int
    keys: frozenset[Hashable]
    done: asyncio.Future[Answer] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


@dataclass(slots=True, kw_only=True)
class Groups(Generic[Item, Answer]):
    """Does what callers bring, group by group, on a connection of its own.

    `perform` does a group in one transaction of its own and answers for each item, in order. `prepare` runs
    once on each new connection.
    """

    engine: AsyncEngine
    things: str
    perform: Callable[[Connection, Sequence[Item]], Awaitable[Sequence[Answer]]]
    most_waiting: int
    most_per_group: int
    prepare: Callable[[Connection], Awaitable[None]] = _nothing
    _queue: deque[_Waiting[Item, Answer]] = field(default_factory=deque)
    _weight: int = 0
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _closing: bool = False

    async def submit(self, item: Item, *, weight: int = 1, keys: frozenset[Hashable] = frozenset()) -> Answer:
        """Do it durably, and answer (T1, T3). No two items of a group have a key in common."""
        if self._closing or self._weight + weight > self.most_waiting:
            raise Overloaded(_FULL.format(things=self.things))
        waiting: _Waiting[Item, Answer] = _Waiting(item, weight, keys)
        self._queue.append(waiting)
        self._weight += weight
        self._arrived.set()
        return await waiting.done

    async def run(self) -> None:
        """Do groups until closed and empty (T2)."""
        while not self._over:
            try:
                async with self._connection() as connection:
                    await self._work(connection)
            except Exception as lost:
                log.warning("group_reconnects", things=self.things, error=type(lost).__name__)
                self._refuse_waiting()
                await asyncio.sleep(_RECONNECT_SECONDS)

    def close(self) -> None:
        """Take nothing more; `run` ends when what was taken is done."""
        self._closing = True
        self._arrived.set()

    @property
    def _over(self) -> bool:
        return self._closing and not self._queue

    async def _work(self, connection: Connection) -> None:
        while not self._over:
            await self._arrived.wait()
            if group := self._next_group():
                await self._do(connection, group)

    @contextlib.asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        async with raw_connection(self.engine) as connection:
            await connection.rollback()
            connection.prepare_threshold = _NEVER
            await self.prepare(connection)
            await connection.commit()
            yield connection

    def _refuse_waiting(self) -> None:
        """Without a database nobody is kept waiting: they keep what they have and send it again."""
        while self._queue:
            _answer(self._queue.popleft(), Overloaded(_AWAY.format(things=self.things)))
        self._weight = 0

    def _next_group(self) -> list[_Waiting[Item, Answer]]:
        """As many as fit, no key twice: a repeated one waits for the next group."""
        group: list[_Waiting[Item, Answer]] = []
        keys: set[Hashable] = set()
        weight = 0
        while self._queue:
            first = self._queue[0]
            if group and (weight + first.weight > self.most_per_group or not keys.isdisjoint(first.keys)):
                break
            group.append(self._queue.popleft())
            weight += first.weight
            keys |= first.keys
        self._weight -= weight
        if not self._queue and not self._closing:
            self._arrived.clear()
        return group

    async def _do(self, connection: Connection, group: Sequence[_Waiting[Item, Answer]]) -> None:
        """One group; its callers get their answer whatever happens (T2).

        A group that fails is tried again item by item: one caller cannot spoil it for others.
        """
        try:
            answers = await self._perform(connection, [waiting.item for waiting in group])
        except BaseException as failed:
            if len(group) > 1 and isinstance(failed, Exception) and not connection.closed:
                for waiting in group:
                    await self._do(connection, [waiting])
                return
            log.error("group_failed", things=self.things, items=len(group), exc_info=failed)
            if connection.closed or not isinstance(failed, Exception):
                raise
        else:
            for waiting, answer in zip(group, answers, strict=True):
                _answer(waiting, answer)
        finally:
            for waiting in group:
                if not waiting.done.done():
                    _answer(waiting, Overloaded(_FAILED.format(things=self.things)))

    async def _perform(self, connection: Connection, items: Sequence[Item]) -> Sequence[Answer]:
        for attempt in range(1, _TRIES + 1):
            try:
                return await self.perform(connection, items)
            except NotYet as missing:
                if attempt == _TRIES:
                    raise
                await missing.first(connection)
            except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure):
                if attempt == _TRIES:
                    raise
        raise AssertionError("unreachable")


def _answer(waiting: _Waiting[Any, Answer], answer: Answer | Overloaded) -> None:
    """A caller who has gone away (cancelled) no longer waits for an answer."""
    if waiting.done.done():
        return
    if isinstance(answer, Overloaded):
        waiting.done.set_exception(answer)
    else:
        waiting.done.set_result(answer)
