"""Answers given again for a while: U1 to U3, with a timer that the test moves."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from toktra.kit.reuse import FACTOR, LONGEST, QUICK, Reuse


class Seconds:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def reuse(seconds: Seconds) -> Reuse:
    return Reuse(timer=seconds)


def takes(seconds: Seconds, took: float, made: list[int]) -> Callable[[], Awaitable[int]]:
    async def make() -> int:
        seconds.now += took
        made.append(len(made))
        return made[-1]

    return make


async def test_u1_a_quick_answer_is_made_anew(reuse: Reuse, seconds: Seconds) -> None:
    make = takes(seconds, QUICK / 2, [])
    assert [await reuse.answer("key", make) for _ in range(3)] == [0, 1, 2]


@pytest.mark.parametrize("took", [QUICK * 2, 60.0])
async def test_u2_a_slow_answer_is_reused_in_proportion(reuse: Reuse, seconds: Seconds, took: float) -> None:
    make = takes(seconds, took, [])
    assert await reuse.answer("key", make) == 0
    seconds.now += min(took * FACTOR, LONGEST) * 0.99
    assert await reuse.answer("key", make) == 0
    assert await reuse.answer("another key", make) == 1
    seconds.now += min(took * FACTOR, LONGEST) * 0.02
    assert await reuse.answer("key", make) == 2


async def test_u3_who_asks_meanwhile_gets_the_same_answer(reuse: Reuse) -> None:
    made: list[int] = []
    ready = asyncio.Event()

    async def make() -> int:
        made.append(1)
        await ready.wait()
        return 7

    asking = [asyncio.create_task(reuse.answer("key", make)) for _ in range(5)]
    await asyncio.sleep(0)
    ready.set()
    assert await asyncio.gather(*asking) == [7] * 5
    assert made == [1]


async def test_u3_a_failure_is_the_makers_alone(reuse: Reuse, seconds: Seconds) -> None:
    async def fail() -> int:
        await asyncio.sleep(0)
        raise ValueError("no")

    first = asyncio.create_task(reuse.answer("key", fail))
    await asyncio.sleep(0)
    second = asyncio.create_task(reuse.answer("key", takes(seconds, 0, [])))
    with pytest.raises(ValueError, match="no"):
        await first
    assert await second == 0
