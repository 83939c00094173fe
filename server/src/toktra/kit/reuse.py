"""Answers that take long to make are given again for a while; quick ones are always made anew.

U1: an answer that took less than QUICK is never reused.
U2: a slow one is reused for FACTOR times as long as it took, at most LONGEST: whatever is asked how often,
    making answers takes no more than a fixed share of the time.
U3: who asks while an answer is being made waits for that one; it is made once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, TypeVar

T = TypeVar("T")

QUICK = 0.04
FACTOR = 40
LONGEST = 15.0
_MOST = 1_000


@dataclass(slots=True)
class Reuse:
    """One per process. `timer` counts seconds, and only its differences matter."""

    timer: Callable[[], float] = perf_counter
    _answers: dict[Hashable, tuple[float, Any]] = field(default_factory=dict)
    _making: dict[Hashable, asyncio.Future[Any]] = field(default_factory=dict)

    async def answer(self, key: Hashable, make: Callable[[], Awaitable[T]]) -> T:
        """The answer to `key`: one made lately, one being made, or a new one."""
        while True:
            good_until, known = self._answers.get(key, (0.0, None))
            if self.timer() < good_until:
                return known  # type: ignore[no-any-return]
            making = self._making.get(key)
            if making is None:
                return await self._make(key, make)
            await asyncio.wait({making})
            if not making.cancelled():
                return making.result()  # type: ignore[no-any-return]

    async def _make(self, key: Hashable, make: Callable[[], Awaitable[T]]) -> T:
        """Who waits for an answer that fails, or whose maker goes away, makes their own."""
        making = self._making[key] = asyncio.get_running_loop().create_future()
        began = self.timer()
        try:
            made = await make()
        except BaseException:
            making.cancel()
            raise
        else:
            making.set_result(made)
            self._keep(key, made, self.timer() - began)
            return made
        finally:
            del self._making[key]

    def _keep(self, key: Hashable, made: Any, took: float) -> None:
        self._answers.pop(key, None)
        if took < QUICK:
            return
        if len(self._answers) >= _MOST:
            self._answers.pop(next(iter(self._answers)))
        self._answers[key] = (self.timer() + min(took * FACTOR, LONGEST), made)
