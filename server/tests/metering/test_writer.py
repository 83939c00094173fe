"""The group commit under failure: T1 to T3, against a real database."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from toktra.budgets.ledger.counting import count
from toktra.kit.clock import utc_now
from toktra.kit.database import Databases, make_engine
from toktra.kit.errors import Overloaded
from toktra.metering import staging, writer
from toktra.metering.catalog import recognize
from toktra.metering.writer import Batch, Kept, Writer
from toktra_wire.event import UsageEvent
from toktra_wire.ids import new_id


def batch(organization: Any, events: int = 1, **spoiled: Any) -> Batch:
    recognized = recognize("api.openai.com", "gpt-4o")
    assert recognized is not None
    sender = (organization.id, organization.member.id, organization.root_id, None)
    made = [
        UsageEvent(
            id=new_id(),
            occurred_at=utc_now(),
            provider_host="api.openai.com",
            request_bytes=1,
            response_bytes=1,
            estimated_input_tokens=spoiled.get("tokens", 3),
            estimated_output_tokens=4,
        )
        for _ in range(events)
    ]
    rows = [(sender, staging.row_of(event, recognized)) for event in made]
    return Batch(organization.id, rows, {}, frozenset((organization.id, event.id) for event in made))


async def kept(engine: AsyncEngine, organization: Any) -> int:
    async with engine.connect() as connection:
        counting = text("SELECT count(*) FROM usage_events WHERE org_id = :org")
        return (await connection.execute(counting, {"org": organization.id})).scalar_one()


async def test_t2_one_batch_that_cannot_be_kept_does_not_spoil_the_others(
    engine: AsyncEngine, organization: Any
) -> None:
    writing = Writer(engine, count)
    spoiled = batch(organization, tokens=1 << 70)
    waiting = [
        asyncio.create_task(writing.keep(b))
        for b in (batch(organization, 5), spoiled, batch(organization, 7))
    ]
    await asyncio.sleep(0)
    task = asyncio.create_task(writing.run())
    first, failed, last = await asyncio.gather(*waiting, return_exceptions=True)
    assert (first, last) == (Kept(), Kept())
    assert isinstance(failed, Overloaded)
    assert await kept(engine, organization) == 12
    assert await writing.keep(batch(organization)) == Kept()
    writing.close()
    await task


async def test_t1_closing_keeps_what_was_taken_and_takes_nothing_more(
    engine: AsyncEngine, organization: Any
) -> None:
    writing = Writer(engine, count)
    taken = [asyncio.create_task(writing.keep(batch(organization, 50))) for _ in range(20)]
    await asyncio.sleep(0)
    writing.close()
    await asyncio.gather(writing.run(), *taken)
    assert await kept(engine, organization) == 1000
    with pytest.raises(Overloaded):
        await writing.keep(batch(organization))


async def test_t3_a_full_queue_says_so_at_once(
    engine: AsyncEngine, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "MOST_WAITING_EVENTS", 10)
    writing = Writer(engine, count)
    taken = asyncio.create_task(writing.keep(batch(organization, 10)))
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await writing.keep(batch(organization))
    writing.close()
    await asyncio.gather(writing.run(), taken)
    assert await kept(engine, organization) == 10


async def test_t2_a_connection_ended_by_the_database_is_replaced(
    engine: AsyncEngine, database: Databases, organization: Any
) -> None:
    """Its own connections, by name: those of the app are needed by other tests."""
    named = database.corporate.update_query_dict({"application_name": "to be ended"})
    writers_engine = make_engine(named, pool_size=2)
    writing = Writer(writers_engine, count)
    task = asyncio.create_task(writing.run())
    assert await writing.keep(batch(organization)) == Kept()
    async with engine.connect() as connection:
        await connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'to be ended' AND usename = current_user"
            )
        )
    answers = []
    for _ in range(50):
        try:
            answers.append(await writing.keep(batch(organization)))
            break
        except Overloaded:
            await asyncio.sleep(0.05)
    assert answers == [Kept()]
    writing.close()
    await task
    await writers_engine.dispose()


async def test_a_caller_who_went_away_does_not_stop_the_writer(
    engine: AsyncEngine, organization: Any
) -> None:
    writing = Writer(engine, count)
    gone = asyncio.create_task(writing.keep(batch(organization)))
    await asyncio.sleep(0)
    gone.cancel()
    task = asyncio.create_task(writing.run())
    assert await writing.keep(batch(organization)) == Kept()
    writing.close()
    await task
