"""V1, V2: what the pool hands out lives, on a real database whose connections are ended."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from toktra.kit import liveness
from toktra.kit.database import Databases, make_engine, one_by_one

WHO = text("SELECT pg_backend_pid()")


@pytest.fixture
async def pool(database: Databases) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(database.corporate, pool_size=2)
    yield engine
    await engine.dispose()


async def who(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return int(await connection.scalar(WHO) or 0)


async def end(engine: AsyncEngine, *pids: int) -> None:
    async with engine.connect() as connection:
        for pid in pids:
            # Waits until it is gone.
            await connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})


def count_pings(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    pings: list[int] = []
    dialect = engine.sync_engine.dialect
    ping = dialect.do_ping

    def counted(connection: Any) -> bool:
        pings.append(1)
        return ping(connection)

    monkeypatch.setattr(dialect, "do_ping", counted)
    return pings


async def test_v1_an_ended_connection_is_replaced(pool: AsyncEngine, engine: AsyncEngine) -> None:
    async with pool.connect() as first, pool.connect() as second:
        pids = {int(await one.scalar(WHO) or 0) for one in (first, second)}
    await end(engine, *pids)
    async with pool.connect() as first, pool.connect() as second:
        again = {int(await one.scalar(WHO) or 0) for one in (first, second)}
    assert len(again) == 2
    assert not again & pids


async def test_v1_a_connection_in_use_is_let_go(pool: AsyncEngine, engine: AsyncEngine) -> None:
    async with pool.connect() as connection:
        await end(engine, int(await connection.scalar(WHO) or 0))
        with pytest.raises(OperationalError):
            await connection.scalar(WHO)
    assert await who(pool) > 0


async def test_a_connection_just_used_is_not_asked(
    pool: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    pings = count_pings(pool, monkeypatch)
    assert await who(pool) == await who(pool) == await who(one_by_one(pool))
    assert pings == []


async def test_v2_a_rested_connection_is_asked(
    pool: AsyncEngine, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    pings = count_pings(pool, monkeypatch)
    monkeypatch.setattr(liveness, "RESTED", 0.0)
    first = await who(pool)
    assert await who(pool) == first
    assert pings == [1]
    await end(engine, first)
    assert await who(pool) != first
    assert pings == [1, 1]


async def test_each_statement_is_committed_by_itself(pool: AsyncEngine) -> None:
    begun: list[int] = []
    statements = one_by_one(pool)
    async with statements.connect() as connection:
        number = text("SELECT pg_current_xact_id()::text::bigint")
        begun += [int(await connection.scalar(number) or 0) for _ in range(2)]
    assert begun[0] != begun[1]
    async with pool.connect() as connection:
        assert await connection.scalar(number) == await connection.scalar(number)
