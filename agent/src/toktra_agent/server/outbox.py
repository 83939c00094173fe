"""When events are sent: some seconds after the first came or as soon as a batch is full, then all that wait.

O1: in Privacy Hours nothing is sent.
O2: after a failure the next try waits as `core.retry` says, longer each time.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx2

from toktra_agent.core.retry import LONGEST_SECONDS, wait_seconds
from toktra_agent.server.access import AccessRefused
from toktra_agent.server.contact import UNANSWERED, Contact
from toktra_agent.server.sending import Later, send
from toktra_agent.store.spool import Spool
from toktra_wire.config import Intervals
from toktra_wire.event import MAX_EVENTS_PER_BATCH

_LEAST_SECONDS, _MOST_SECONDS = 0.1, 300.0


@dataclass(slots=True)
class Outbox:
    """One per agent."""

    client: httpx2.AsyncClient
    contact: Contact
    spool: Spool
    intervals: Callable[[], Intervals]
    is_paused: Callable[[], bool]
    _some: asyncio.Event = field(default_factory=asyncio.Event)
    _batchful: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self) -> None:
        """Something waits."""
        self._some.set()
        if len(self.spool) >= self._per_batch:
            self._batchful.set()

    async def keep_sending(self) -> None:
        """For as long as this runs (O2)."""
        failures = 0
        if len(self.spool):
            self.note()
        while True:
            await self._due()
            later = await self.send_all()
            failures = failures + 1 if later else 0
            if later:
                await asyncio.sleep(wait_seconds(failures, later.seconds, random.random()))  # noqa: S311

    async def send_all(self) -> Later | None:
        """Until none waits, or it does not work now."""
        while not self.is_paused() and (batch := self.spool.waiting(self._per_batch)):
            try:
                later = await send(self.client, self.spool, batch)
            except UNANSWERED as failure:
                self.contact.lost(failure, self.client)
                return Later("")
            except AccessRefused as refused:
                return Later(str(refused), LONGEST_SECONDS)
            if later is not None:
                self.contact.fails("events", later.why)
                return later
            self.contact.works("events")
        return None

    async def _due(self) -> None:
        if not len(self.spool):
            self._some.clear()
        if len(self.spool) < self._per_batch:
            self._batchful.clear()
        await self._some.wait()
        seconds = min(max(self.intervals().events_seconds, _LEAST_SECONDS), _MOST_SECONDS)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._batchful.wait(), seconds)
        if self.is_paused():
            await asyncio.sleep(seconds)

    @property
    def _per_batch(self) -> int:
        return min(max(self.intervals().events_per_batch, 1), MAX_EVENTS_PER_BATCH)
