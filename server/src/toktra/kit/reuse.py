"""Answers that take long to make are given again for a while; quick ones are always made anew.

U1: an answer that took less than QUICK is never reused.
U2: a slow one is reused for FACTOR times as long as it took, at most LONGEST: whatever is asked how often,
    making answers takes no more than a fixed share of the time.
U3: who asks while an answer is being made waits for that one; it is made once.
U4: one asked for in the second half of its time is made anew meanwhile, so that while somebody keeps asking
    nobody waits. One at a time is made so: who waits for a core or a connection hardly notices.
U5: one that is settled, since what it tells can hardly change any more, is reused for LONGEST however quick.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Generic, TypeVar

from toktra.kit.log import log

S = TypeVar("S")
T = TypeVar("T")

QUICK = 0.04
FACTOR = 100
LONGEST = 15.0
_MOST = 1_000


def _never(_answer: Any) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class _Made:
    answer: Any
    half_time: float
    good_until: float


@dataclass(slots=True)
class Reuse(Generic[S]):
    """One per process. `sessions` opens what an answer is made in when no request lends its own.

    `timer` counts seconds, and only its differences matter.
    """

    sessions: Callable[[], AbstractAsyncContextManager[S]]
    timer: Callable[[], float] = perf_counter
    _made: dict[Hashable, _Made] = field(default_factory=dict)
    _making: dict[Hashable, asyncio.Future[Any]] = field(default_factory=dict)
    _ahead: asyncio.Task[None] | None = None

    async def answer(
        self,
        key: Hashable,
        session: S,
        make: Callable[[S], Awaitable[T]],
        *,
        settled: Callable[[T], bool] = _never,
    ) -> T:
        """The answer to `key`: one made lately, one being made, or a new one, made in `session`."""
        while True:
            known, now = self._made.get(key), self.timer()
            if known is not None and now < known.good_until:
                if now >= known.half_time and self._ahead is None and key not in self._making:
                    self._ahead = asyncio.create_task(self._make_ahead(key, make, settled))
                return known.answer  # type: ignore[no-any-return]
            making = self._making.get(key)
            if making is None:
                return await self._make(key, session, make, settled)
            await asyncio.wait({making})
            if not making.cancelled():
                return making.result()  # type: ignore[no-any-return]

    async def close(self) -> None:
        """End what is being made ahead; nobody waits for it."""
        if self._ahead is not None:
            self._ahead.cancel()
            await asyncio.wait({self._ahead})

    async def _make_ahead(
        self, key: Hashable, make: Callable[[S], Awaitable[Any]], settled: Callable[[Any], bool]
    ) -> None:
        """Where it fails, who asks after the answer's time makes their own, and is told."""
        try:
            async with self.sessions() as session:
                await self._make(key, session, make, settled)
        except Exception as failed:
            log.warning("not_made_ahead", error=type(failed).__name__)
        finally:
            self._ahead = None

    async def _make(
        self, key: Hashable, session: S, make: Callable[[S], Awaitable[T]], settled: Callable[[T], bool]
    ) -> T:
        """Who waits for an answer that fails, or whose maker goes away, makes their own."""
        making = self._making[key] = asyncio.get_running_loop().create_future()
        began = self.timer()
        try:
            made = await make(session)
        except BaseException:
            making.cancel()
            raise
        else:
            making.set_result(made)
            took = self.timer() - began
            if took >= QUICK or settled(made):
                self._keep(key, made, LONGEST if settled(made) else min(took * FACTOR, LONGEST))
            else:
                self._made.pop(key, None)
            return made
        finally:
            if self._making.get(key) is making:
                del self._making[key]

    def _keep(self, key: Hashable, made: Any, reused_for: float) -> None:
        self._made.pop(key, None)
        if len(self._made) >= _MOST:
            self._made.pop(next(iter(self._made)))
        now = self.timer()
        self._made[key] = _Made(made, now + reused_for / 2, now + reused_for)
