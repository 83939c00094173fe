"""Keeps batches of events, many requests' in one transaction (kit/groups.py), and has them counted in it.

W1: what was kept is counted in the same transaction: counters never disagree with events.
W2: what was kept is judged in the same transaction; where judging fails, it is kept all the same.
"""

import asyncio
from collections import Counter as Tally
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from prometheus_client import Counter, Histogram
from sqlalchemy.ext.asyncio import AsyncEngine

from toktra.kit.clock import utc_now
from toktra.kit.groups import Connection, Groups, NotYet
from toktra.metering import partitions, staging
from toktra.metering.catalog import PRICE_VERSION
from toktra.metering.rules import Reason

MOST_WAITING_EVENTS = 50_000
MOST_EVENTS_PER_GROUP = 5_000
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


@dataclass(frozen=True, slots=True)
class Batch:
    """What one request brings: its rows by sender, and what was refused of it by reason."""

    org_id: UUID
    rows: list[tuple[Sender, staging.Row]]
    refused: dict[str, int]
    ids: frozenset[tuple[UUID, UUID]]


@dataclass(frozen=True, slots=True)
class Used:
    """New usage of one user, in one department, on one day of the organisation's time zone."""

    org_id: UUID
    user_id: UUID
    department_id: UUID
    day: datetime
    tokens: int
    cost_micros: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A new event that names its hold. `place`: its batch in the group, and its row in that."""

    place: tuple[int, int]
    org_id: UUID
    user_id: UUID
    device_id: UUID | None
    hold_id: UUID
    event_id: UUID
    tokens: int
    cost_micros: int
    department_id: UUID
    occurred_at: datetime


Count = Callable[
    [Connection, Sequence[Used], Sequence[Seen], datetime], Awaitable[dict[tuple[int, int], str]]
]
"""Counts new usage in its transaction; answers why an event did not end the hold it names."""


NewRow = tuple[Sender, staging.Row]
Judge = Callable[[Connection, Mapping[UUID, Iterable[NewRow]], datetime], Awaitable[None]]
"""Judges new events, given by organisation, in their transaction."""


@dataclass(slots=True)
class Kept:
    """What became of a batch, by the number of the row."""

    before: dict[int, bool] = field(default_factory=dict)
    """Rows that were kept before, and whether with the same content."""
    unsettled: dict[int, str] = field(default_factory=dict)
    """Rows that are kept, but did not end the hold they name, and why."""


class Writer:
    """Keeps batches, group by group. One per process."""

    def __init__(
        self,
        engine: AsyncEngine,
        count: Count,
        judge: Judge | None = None,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._count = count
        self._judge = judge
        self._clock = clock
        self._groups: Groups[Batch, Kept] = Groups(
            engine=engine,
            things="events",
            perform=self._write,
            prepare=_make_staging,
            most_waiting=MOST_WAITING_EVENTS,
            most_per_group=MOST_EVENTS_PER_GROUP,
        )
        self.run = self._groups.run
        self.close = self._groups.close

    async def keep(self, batch: Batch) -> Kept:
        """Keep a batch durably; Overloaded when it cannot be taken now."""
        return await self._groups.submit(batch, weight=max(1, len(batch.rows)), keys=batch.ids)

    async def _write(self, connection: Connection, group: Sequence[Batch]) -> list[Kept]:
        try:
            async with connection.transaction():
                now = self._clock()
                kept = await _keep(connection, group, self._count, now)
                if self._judge is not None:
                    await self._judge(connection, _new_rows(group, kept), now)
        except psycopg.errors.CheckViolation as no_partition:
            raise NotYet(partial(partitions.make, now=self._clock())) from no_partition
        _note(group, kept)
        return kept


async def _make_staging(connection: Connection) -> None:
    await connection.execute(staging.CREATE)


async def _keep(
    connection: Connection, group: Sequence[Batch], count: Count, received_at: datetime
) -> list[Kept]:
    """Stage, keep, look at what was kept before, count what is new."""
    senders: dict[Sender, int] = {}
    places: list[tuple[int, int]] = []
    kept = [Kept() for _ in group]
    async with connection.cursor(binary=True) as cursor:
        async with cursor.copy(staging.COPY) as copy:
            copy.set_types(staging.TYPES)
            for number, batch in enumerate(group):
                for index, (sender, row) in enumerate(batch.rows):
                    await copy.write_row((len(places), senders.setdefault(sender, len(senders)), *row))
                    places.append((number, index))
                await asyncio.sleep(0)
        if places:
            used = await _keep_staged(cursor, kept, places, staging.sender_arrays(list(senders)), received_at)
            seen = [one for one in _seen(group) if one.place[1] not in kept[one.place[0]].before]
            if used:
                for (number, index), reason in (await count(connection, used, seen, received_at)).items():
                    kept[number].unsettled[index] = reason
        await _count_refused(cursor, group, kept, received_at)
    return kept


async def _keep_staged(
    cursor: psycopg.AsyncCursor[Any],
    kept: Sequence[Kept],
    places: Sequence[tuple[int, int]],
    senders: dict[str, list[Any]],
    received_at: datetime,
) -> list[Used]:
    values = {**senders, "received_at": received_at, "price_version": PRICE_VERSION}
    await cursor.execute(KEEP, values, prepare=True)
    new, used = 0, []
    for requests, *fields in await cursor.fetchall():
        new += requests
        used.append(Used(*fields))
    if new < len(places):
        await cursor.execute(staging.FIND_KEPT_BEFORE, senders)
        for seq, same in await cursor.fetchall():
            number, index = places[seq]
            kept[number].before[index] = same
    return used


def _new_rows(group: Sequence[Batch], kept: Sequence[Kept]) -> dict[UUID, Iterable[NewRow]]:
    """What was not there before, by organisation; made out only where somebody looks."""
    of_org: dict[UUID, list[Iterator[NewRow]]] = {}
    for batch, outcome in zip(group, kept, strict=True):
        of_org.setdefault(batch.org_id, []).append(_new_rows_of(batch, outcome))
    return {org_id: chain.from_iterable(each) for org_id, each in of_org.items()}


def _new_rows_of(batch: Batch, outcome: Kept) -> Iterator[NewRow]:
    if not outcome.before:
        return iter(batch.rows)
    return (row for index, row in enumerate(batch.rows) if index not in outcome.before)


ROW = {name: place for place, (name, _) in enumerate(staging.COLUMNS[2:])}
"""The place of a column in a row."""


def _seen(group: Sequence[Batch]) -> list[Seen]:
    """The rows that name a hold."""
    hold, cost, occurred_at = ROW["hold_id"], ROW["cost_micros"], ROW["occurred_at"]
    tokens_in, tokens_out = ROW["input_tokens"], ROW["output_tokens"]
    return [
        Seen(
            (number, index),
            sender[0],
            sender[1],
            sender[3],
            row[hold],
            row[0],
            row[tokens_in] + row[tokens_out],
            row[cost] or 0,
            sender[2],
            row[occurred_at],
        )
        for number, batch in enumerate(group)
        for index, (sender, row) in enumerate(batch.rows)
        if row[hold] is not None
    ]


async def _count_refused(
    cursor: psycopg.AsyncCursor[Any], group: Sequence[Batch], kept: Sequence[Kept], at: datetime
) -> None:
    counts: Tally[tuple[UUID, str]] = Tally()
    for batch, outcome in zip(group, kept, strict=True):
        conflicts = sum(not same for same in outcome.before.values())
        for reason, events in (Tally(batch.refused) + Tally({Reason.CONFLICT: conflicts})).items():
            counts[batch.org_id, reason] += events
    if counts:
        orgs, reasons = zip(*counts, strict=True)
        days = [at.date()] * len(counts)
        await cursor.execute(_COUNT_REFUSED, [list(orgs), days, list(reasons), list(counts.values())])


def _note(group: Sequence[Batch], kept: Sequence[Kept]) -> None:
    rows = sum(len(batch.rows) for batch in group)
    before = sum(len(outcome.before) for outcome in kept)
    GROUP_SIZE.observe(rows)
    EVENTS.labels("kept").inc(rows - before)
    EVENTS.labels("duplicate").inc(sum(same for outcome in kept for same in outcome.before.values()))
