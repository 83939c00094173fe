"""Fills the demo organisation's history, through the same writer that keeps what devices send.

H1: filling again adds nothing: what is drawn, ids included, follows from the record alone.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from toktra.access.rules import EVERYONE
from toktra.budgets.ledger.counting import count
from toktra.demo import company, trace
from toktra.demo.habits import habits_of
from toktra.demo.record import Record
from toktra.demo.rules import Draw, Habits, Pool, between
from toktra.demo.sizes import event_of
from toktra.devices import queries as devices
from toktra.kit.database import make_sessions, raw_connection
from toktra.metering import partitions
from toktra.metering.catalog import recognize
from toktra.metering.staging import Row, row_of
from toktra.metering.writer import Batch, Sender, Writer
from toktra.people import queries

_ROWS_PER_BATCH = 2_500  # two make the largest group that is written at once
_BATCHES_AT_ONCE = 6


def history_of(record: Record) -> dict[str, Habits]:
    """Whose history there is to draw, by e-mail: the same for the same record (H1)."""
    people = company.people(record.people)
    pools = {
        True: Pool.of(trace.read(trace.find(trace.CODE))),
        False: Pool.of(trace.read(trace.find(trace.CONVERSATION))),
    }
    since = (record.made_at - timedelta(days=record.days)).date()
    drawn = habits_of(people, pools, seed="demo", since=since)
    return {person.email: habits for person, habits in zip(people, drawn, strict=True)}


async def fill(
    engine: AsyncEngine,
    record: Record,
    *,
    starts_at: datetime,
    ends_at: datetime,
    advance: Callable[[float], None] = lambda _part: None,
) -> int:
    """Keep what the demo's people sent in this stretch of time. `advance` is told what part of it is done."""
    async with raw_connection(engine) as connection:
        await partitions.make(connection, now=ends_at, back=ends_at - starts_at + timedelta(days=1))
    senders = await _senders(engine, record)
    history = [(senders[email], habits) for email, habits in history_of(record).items() if email in senders]
    kept = 0
    async with _writing(engine) as writer:
        waiting: set[asyncio.Task[int]] = set()
        for batch, part in _batches(history, starts_at, ends_at):
            waiting.add(asyncio.create_task(_keep(writer, batch)))
            if len(waiting) >= _BATCHES_AT_ONCE:
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                kept += sum(task.result() for task in done)
            advance(part)
        kept += sum(await asyncio.gather(*waiting))
    return kept


async def _keep(writer: Writer, batch: Batch) -> int:
    """How many of the batch were new."""
    return len(batch.rows) - len((await writer.keep(batch)).before)


@asynccontextmanager
async def _writing(engine: AsyncEngine) -> AsyncIterator[Writer]:
    writer = Writer(engine, count)
    running = asyncio.create_task(writer.run())
    try:
        yield writer
    finally:
        writer.close()
        await running


async def _senders(engine: AsyncEngine, record: Record) -> dict[str, Sender]:
    """The organisation's users by e-mail, each with the first device they enrolled."""
    async with make_sessions(engine)() as session:
        ids = await queries.user_ids_within(session, org_id=record.org_id, reach=EVERYONE)
        users = await queries.users_by_id(session, org_id=record.org_id, user_ids=ids)
        owned = await _first_devices(session, record)
    return {user.email: (user.org_id, user.id, user.department_id, owned.get(user.id)) for user in users}


async def _first_devices(session: AsyncSession, record: Record) -> dict[UUID, UUID]:
    first: dict[UUID, UUID] = {}
    cursor: str | None = None
    while True:
        page = await devices.list_devices(
            session,
            lambda owned: owned.device,
            org_id=record.org_id,
            reach=EVERYONE,
            wanted=devices.DeviceFilter(),
            now=record.made_at,
            cursor=cursor,
            limit=100,
        )
        first |= {device.user_id: device.id for device in page.items}
        cursor = page.next_cursor
        if cursor is None:
            return first


def _batches(
    history: list[tuple[Sender, Habits]], starts_at: datetime, ends_at: datetime
) -> Iterator[tuple[Batch, float]]:
    """The history person by person, so that each group touches few roll-ups; and the part that is done."""
    rows: list[tuple[Sender, Row]] = []
    for number, (sender, habits) in enumerate(history):
        for draw in between(habits, starts_at, ends_at):
            rows.append((sender, _row(draw)))
            if len(rows) == _ROWS_PER_BATCH:
                yield _batch(rows), number / len(history)
                rows = []
    if rows:
        yield _batch(rows), 1.0


def _batch(rows: list[tuple[Sender, Row]]) -> Batch:
    org_id = rows[0][0][0]
    return Batch(org_id, rows, {}, frozenset((org_id, row[0]) for _, row in rows))


def _row(draw: Draw) -> Row:
    host, endpoint, model = draw.service
    recognized = recognize(host, model)
    assert recognized is not None
    event = event_of(
        event_id=draw.id,
        at=draw.at,
        host=host,
        model=model,
        endpoint=endpoint,
        input_tokens=draw.input_tokens,
        output_tokens=draw.output_tokens,
        source="agent",
    )
    return row_of(event, recognized)
