"""The group commit: one writer per process takes every batch that waits, and keeps them in one transaction.

T1: a batch is answered after the commit that keeps it, never before.
T2: a group that fails answers its callers (503: nothing was kept), and the next group runs.
T3: what waits is bounded; when the queue is full the caller is told so at once.
"""

import asyncio
import contextlib
from collections import Counter as Tally
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from prometheus_client import Counter, Histogram
from sqlalchemy.ext.asyncio import AsyncEngine

from toktra.kit.clock import utc_now
from toktra.kit.database import raw_connection
from toktra.kit.errors import Overloaded
from toktra.kit.log import log
from toktra.metering import partitions, staging
from toktra.metering.catalog import PRICE_VERSION
from toktra.metering.rules import Reason

MOST_WAITING_EVENTS = 50_000
MOST_EVENTS_PER_GROUP = 5_000
_TRIES = 3
_RECONNECT_SECONDS = 0.2
_FAILED = "Something failed while keeping the events. Send them again: none is counted twice."
KEEP = (Path(__file__).parent / "keep.sql").read_text()
_COUNT_REFUSED = """
    INSERT INTO refused_events AS kept (org_id, day, reason, events)
    SELECT * FROM unnest(%s::uuid[], %s::date[], %s::text[], %s::bigint[])
    ORDER BY 1, 2, 3
    ON CONFLICT (org_id, day, reason) DO UPDATE SET events = kept.events + excluded.events
"""

EVENTS = Counter("toktra_events", "Usage events by their fate", ["fate"])
GROUP_SIZE = Histogram(
    "toktra_ingest_group_events", "Events per group commit", buckets=(1, 10, 100, 1000, 2500, 5000)
)

Sender = tuple[UUID, UUID, UUID, UUID | None]


@dataclass(slots=True)
class Batch:
    """What one request brings: its rows by sender, and what was refused of it by reason."""

    org_id: UUID
    rows: list[tuple[Sender, staging.Row]]
    refused: dict[str, int]
    ids: frozenset[tuple[UUID, UUID]]
    done: asyncio.Future[dict[int, bool]] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    @property
    def weight(self) -> int:
        return max(1, len(self.rows))


@dataclass(slots=True)
class Writer:
    """Keeps batches. `keep` answers, per row that was kept before, whether it had the same content."""

    engine: AsyncEngine
    _waiting: deque[Batch] = field(default_factory=deque)
    _weight: int = 0
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _closing: bool = False

    async def keep(self, batch: Batch) -> dict[int, bool]:
        """Keep a batch durably; Overloaded when it cannot be taken now (T1, T3)."""
        if self._closing or self._weight + batch.weight > MOST_WAITING_EVENTS:
            raise Overloaded("The server has as many events waiting as it takes. Send them again.")
        self._waiting.append(batch)
        self._weight += batch.weight
        self._arrived.set()
        return await batch.done

    async def run(self) -> None:
        """Write groups until closed and empty (T2)."""
        while not self._over:
            try:
                async with self._connection() as connection:
                    await self._write_groups(connection)
            except Exception as lost:
                log.warning("writer_reconnects", error=type(lost).__name__)
                self._refuse_waiting()
                await asyncio.sleep(_RECONNECT_SECONDS)

    @property
    def _over(self) -> bool:
        return self._closing and not self._waiting

    async def _write_groups(self, connection: psycopg.AsyncConnection[Any]) -> None:
        while not self._over:
            await self._arrived.wait()
            if group := self._next_group():
                await self._write(connection, group)

    def _refuse_waiting(self) -> None:
        """Without a database nobody is kept waiting: their devices keep the events and send them again."""
        while self._waiting:
            _answer(
                self._waiting.popleft(), Overloaded("The database does not answer. Send the events again.")
            )
        self._weight = 0

    def close(self) -> None:
        """Take nothing more; `run` ends when what was taken is written."""
        self._closing = True
        self._arrived.set()

    @contextlib.asynccontextmanager
    async def _connection(self) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        async with raw_connection(self.engine) as connection:
            await connection.rollback()
            await connection.execute(staging.CREATE)
            await connection.commit()
            yield connection

    def _next_group(self) -> list[Batch]:
        """As many waiting batches as fit, no event id twice: a repeated one waits for the next group."""
        group: list[Batch] = []
        ids: set[tuple[UUID, UUID]] = set()
        weight = 0
        while self._waiting:
            batch = self._waiting[0]
            if group and (weight + batch.weight > MOST_EVENTS_PER_GROUP or not ids.isdisjoint(batch.ids)):
                break
            group.append(self._waiting.popleft())
            weight += batch.weight
            ids |= batch.ids
        self._weight -= weight
        if not self._waiting and not self._closing:
            self._arrived.clear()
        return group

    async def _write(self, connection: psycopg.AsyncConnection[Any], group: Sequence[Batch]) -> None:
        """One group, in one transaction; its callers get their answer whatever happens (T2).

        A group that cannot be kept is tried again batch by batch: one caller cannot spoil it for others.
        """
        try:
            kept_before = await _keep_with_retries(connection, group)
        except BaseException as failed:
            if len(group) > 1 and isinstance(failed, Exception) and not connection.closed:
                for batch in group:
                    await self._write(connection, [batch])
                return
            log.error("group_failed", batches=len(group), exc_info=failed)
            for batch in group:
                _answer(batch, Overloaded(_FAILED))
            if connection.closed or not isinstance(failed, Exception):
                raise
            return
        _count(group, kept_before)
        for number, batch in enumerate(group):
            _answer(batch, kept_before.get(number, {}))


def _answer(batch: Batch, answer: dict[int, bool] | Overloaded) -> None:
    """A caller who has gone away (cancelled) no longer waits for an answer."""
    if batch.done.done():
        return
    if isinstance(answer, Overloaded):
        batch.done.set_exception(answer)
    else:
        batch.done.set_result(answer)


async def _keep_with_retries(
    connection: psycopg.AsyncConnection[Any], group: Sequence[Batch]
) -> dict[int, dict[int, bool]]:
    for attempt in range(1, _TRIES + 1):
        try:
            async with connection.transaction():
                return await _keep(connection, group)
        except psycopg.errors.CheckViolation:
            if attempt == _TRIES:
                raise
            await partitions.make(connection, now=utc_now())
        except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure):
            if attempt == _TRIES:
                raise
    raise AssertionError("unreachable")


async def _keep(
    connection: psycopg.AsyncConnection[Any], group: Sequence[Batch]
) -> dict[int, dict[int, bool]]:
    """Stage, keep, and look at what was kept before: by batch number, by row number, same content or not."""
    received_at = utc_now()
    senders: dict[Sender, int] = {}
    places: list[tuple[int, int]] = []
    async with connection.cursor(binary=True) as cursor:
        async with cursor.copy(staging.COPY) as copy:
            copy.set_types(staging.TYPES)
            for number, batch in enumerate(group):
                for index, (sender, row) in enumerate(batch.rows):
                    await copy.write_row((len(places), senders.setdefault(sender, len(senders)), *row))
                    places.append((number, index))
                await asyncio.sleep(0)
        arrays = staging.sender_arrays(list(senders))
        kept = 0
        if places:
            values = {**arrays, "received_at": received_at, "price_version": PRICE_VERSION}
            await cursor.execute(KEEP, values, prepare=True)
            kept = (await cursor.fetchone() or (0,))[0]
        found: dict[int, dict[int, bool]] = {}
        if kept < len(places):
            await cursor.execute(staging.FIND_KEPT_BEFORE, arrays)
            for seq, same in await cursor.fetchall():
                number, index = places[seq]
                found.setdefault(number, {})[index] = same
        await _count_refused(cursor, group, found, received_at)
        return found


async def _count_refused(
    cursor: psycopg.AsyncCursor[Any], group: Sequence[Batch], found: dict[int, dict[int, bool]], at: datetime
) -> None:
    counts: Tally[tuple[UUID, str]] = Tally()
    for number, batch in enumerate(group):
        conflicts = sum(not same for same in found.get(number, {}).values())
        for reason, events in (Tally(batch.refused) + Tally({Reason.CONFLICT: conflicts})).items():
            counts[batch.org_id, reason] += events
    if counts:
        orgs, reasons = zip(*counts, strict=True)
        days = [at.date()] * len(counts)
        await cursor.execute(_COUNT_REFUSED, [list(orgs), days, list(reasons), list(counts.values())])


def _count(group: Sequence[Batch], kept_before: dict[int, dict[int, bool]]) -> None:
    rows = sum(len(batch.rows) for batch in group)
    before = sum(len(found) for found in kept_before.values())
    GROUP_SIZE.observe(rows)
    EVENTS.labels("kept").inc(rows - before)
    EVENTS.labels("duplicate").inc(sum(same for found in kept_before.values() for same in found.values()))
