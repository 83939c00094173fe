"""Answers given again for a while: U1 to U5, with a timer that the test moves."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from toktra.kit.reuse import FACTOR, LONGEST, QUICK, Reuse

SLOW = 1.0
TIME = min(SLOW * FACTOR, LONGEST)
Make = Callable[[str], Awaitable[int]]


class Seconds:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def sessions() -> AsyncIterator[str]:
    yield "its own"


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def reuse(seconds: Seconds) -> Reuse[str]:
    return Reuse(sessions, timer=seconds)


def takes(seconds: Seconds, took: float, made: list[str]) -> Make:
    async def make(session: str) -> int:
        seconds.now += took
        made.append(session)
        return len(made) - 1

    return make


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def fail(_session: str) -> int:
    await asyncio.sleep(0)
    raise ValueError("no")


async def test_u1_a_quick_answer_is_made_anew(reuse: Reuse[str], seconds: Seconds) -> None:
    make = takes(seconds, QUICK / 2, [])
    assert [await reuse.answer("key", "lent", make) for _ in range(3)] == [0, 1, 2]


@pytest.mark.parametrize("took", [QUICK * 2, 60.0])
async def test_u2_a_slow_answer_is_reused_in_proportion(
    reuse: Reuse[str], seconds: Seconds, took: float
) -> None:
    make = takes(seconds, took, made := [])
    assert await reuse.answer("key", "lent", make) == 0
    seconds.now += min(took * FACTOR, LONGEST) * 0.49
    assert await reuse.answer("key", "lent", make) == 0
    seconds.now += min(took * FACTOR, LONGEST) * 0.52
    assert await reuse.answer("key", "lent", make) == 1
    assert await reuse.answer("another key", "lent", make) == 2
    await settle()
    assert made == ["lent"] * 3


async def test_u3_who_asks_meanwhile_gets_the_same_answer(reuse: Reuse[str]) -> None:
    made: list[int] = []
    ready = asyncio.Event()

    async def make(_session: str) -> int:
        made.append(1)
        await ready.wait()
        return 7

    asking = [asyncio.create_task(reuse.answer("key", "lent", make)) for _ in range(5)]
    await asyncio.sleep(0)
    ready.set()
    assert await asyncio.gather(*asking) == [7] * 5
    assert made == [1]


async def test_u3_a_failure_is_the_makers_alone(reuse: Reuse[str], seconds: Seconds) -> None:
    first = asyncio.create_task(reuse.answer("key", "lent", fail))
    await asyncio.sleep(0)
    second = asyncio.create_task(reuse.answer("key", "lent", takes(seconds, 0, [])))
    with pytest.raises(ValueError, match="no"):
        await first
    assert await second == 0


async def test_u5_a_settled_answer_is_reused_however_quick(reuse: Reuse[str], seconds: Seconds) -> None:
    make = takes(seconds, QUICK / 2, [])

    async def ask() -> int:
        return await reuse.answer("key", "lent", make, settled=lambda answer: answer == 1)

    assert [await ask() for _ in range(3)] == [0, 1, 1]
    seconds.now += LONGEST * 0.49
    assert await ask() == 1
    seconds.now += LONGEST * 0.52
    assert [await ask() for _ in range(2)] == [2, 3]


class TestAhead:
    """U4: asked for in the second half of its time, an answer is made anew meanwhile."""

    async def test_the_one_from_before_is_given_and_the_new_one_after(
        self, reuse: Reuse[str], seconds: Seconds
    ) -> None:
        make = takes(seconds, SLOW, made := [])
        assert await reuse.answer("key", "lent", make) == 0
        seconds.now += TIME * 0.51
        assert await reuse.answer("key", "lent", make) == 0
        await settle()
        assert made == ["lent", "its own"]
        seconds.now += TIME * 0.49
        assert await reuse.answer("key", "lent", make) == 1

    async def test_while_somebody_keeps_asking_nobody_waits(
        self, reuse: Reuse[str], seconds: Seconds
    ) -> None:
        make = takes(seconds, SLOW, made := [])
        answers = []
        for _ in range(50):
            answers.append(await reuse.answer("key", "lent", make))
            await settle()
            seconds.now += TIME / 4
        assert made == ["lent"] + ["its own"] * (len(made) - 1)
        assert answers == sorted(answers)
        assert len(made) * SLOW < seconds.now * 2 * SLOW / TIME

    async def test_one_at_a_time(self, reuse: Reuse[str], seconds: Seconds) -> None:
        make = takes(seconds, 0, made := [])
        for key in "abc":
            await reuse.answer(key, "lent", takes(seconds, SLOW, []))
        seconds.now += TIME * 0.7
        for key in "abcabc":
            await reuse.answer(key, "lent", make)
        await settle()
        assert made == ["its own"]

    async def test_a_failure_is_nobodys_until_the_time_is_over(
        self, reuse: Reuse[str], seconds: Seconds
    ) -> None:
        await reuse.answer("key", "lent", takes(seconds, SLOW, []))
        seconds.now += TIME * 0.6
        assert await reuse.answer("key", "lent", fail) == 0
        await settle()
        assert await reuse.answer("key", "lent", fail) == 0
        await settle()
        seconds.now += TIME * 0.6
        with pytest.raises(ValueError, match="no"):
            await reuse.answer("key", "lent", fail)

    async def test_closing_ends_what_is_being_made(self, reuse: Reuse[str], seconds: Seconds) -> None:
        ended: list[bool] = []

        async def wait(_session: str) -> int:
            try:
                await asyncio.sleep(60)
            finally:
                ended.append(True)
            return 1

        await reuse.close()
        await reuse.answer("key", "lent", takes(seconds, SLOW, []))
        seconds.now += TIME * 0.6
        await reuse.answer("key", "lent", wait)
        await settle()
        await reuse.close()
        assert ended == [True]
