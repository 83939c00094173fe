"""T1 to T3 of group commits, where things go wrong: nobody is left waiting."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from toktra.kit.errors import Overloaded
from toktra.kit.groups import Connection, Groups


def groups_of(engine: AsyncEngine, perform: Any) -> Groups[int, int]:
    return Groups(engine=engine, things="numbers", perform=perform, most_waiting=100, most_per_group=100)


async def test_t2_when_the_connection_is_lost_among_retries_everyone_is_answered(engine: AsyncEngine) -> None:
    async def perform(connection: Connection, items: Sequence[int]) -> list[int]:
        if len(items) == 3:
            raise ValueError("the group fails, and is tried again item by item")
        if items == [1]:
            await connection.close()
            raise ValueError("and the first finds the connection gone")
        return list(items)

    groups = groups_of(engine, perform)
    waiting = [asyncio.create_task(groups.submit(number)) for number in (1, 2, 3)]
    await asyncio.sleep(0)
    running = asyncio.create_task(groups.run())
    answers = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 10)
    assert [type(answer) for answer in answers] == [Overloaded] * 3
    assert await asyncio.wait_for(groups.submit(4), 10) == 4
    groups.close()
    await running


async def test_t2_too_few_answers_leave_nobody_waiting(engine: AsyncEngine) -> None:
    async def perform(_connection: Connection, items: Sequence[int]) -> list[int]:
        return list(items)[1:]

    groups = groups_of(engine, perform)
    waiting = asyncio.create_task(groups.submit(1))
    await asyncio.sleep(0)
    running = asyncio.create_task(groups.run())
    with pytest.raises(Overloaded):
        await asyncio.wait_for(waiting, 10)
    groups.close()
    await running
