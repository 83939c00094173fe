"""Sends a trace's requests as one device, at a pace or several batches at once, and counts their fates."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from toktra.demo import pacing
from toktra.demo.device import Device
from toktra.demo.sizes import event_of
from toktra.demo.trace import Entry
from toktra.kit.clock import utc_now
from toktra_wire.event import EventsAnswer, UsageEvent
from toktra_wire.ids import id_at

_BATCHES_AT_ONCE = 4
Answered = tuple[list[UsageEvent], EventsAnswer]


@dataclass(slots=True)
class Totals:
    """What became of the events. Tokens are those of the events that the server has kept."""

    sent: int = 0
    accepted: int = 0
    duplicates: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    input_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0

    def add(self, events: Sequence[UsageEvent], answer: EventsAnswer) -> None:
        """Count one answered batch."""
        lost = {refusal.index for refusal in answer.refused}
        kept = [event for index, event in enumerate(events) if index not in lost]
        self.sent += len(events)
        self.accepted += answer.accepted
        self.duplicates += answer.duplicates
        self.refused.update(refusal.reason for refusal in answer.refused)
        self.input_tokens += sum(event.estimated_input_tokens for event in kept)
        self.output_tokens += sum(event.estimated_output_tokens for event in kept)

    def as_dict(self) -> dict[str, Any]:
        return {
            "sent": self.sent,
            "accepted": self.accepted,
            "duplicates": self.duplicates,
            "refused": self.refused.total(),
            "refused_by_reason": dict(self.refused),
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """What is replayed, and how."""

    entries: list[Entry]
    speed: float
    batch: int
    model: str
    host: str


async def answers(device: Device, plan: Plan) -> AsyncIterator[Answered]:
    """Every batch with its answer: several at once when it is to be fast, one after the other at a pace."""
    if plan.speed > 0:
        async for batch in _paced(plan):
            yield await _send(device, plan, batch)
        return
    entries = pacing.within_the_last_hour(plan.entries, utc_now())
    under_way: set[asyncio.Task[Answered]] = set()
    try:
        for batch in pacing.batches(entries, plan.batch):
            under_way.add(asyncio.create_task(_send(device, plan, batch)))
            if len(under_way) >= _BATCHES_AT_ONCE:
                done, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    yield task.result()
        for answered in asyncio.as_completed(under_way):
            yield await answered
    finally:
        for task in under_way:
            task.cancel()


async def _paced(plan: Plan) -> AsyncIterator[Sequence[Entry]]:
    entries = pacing.from_now_on(plan.entries, utc_now(), plan.speed)
    start = 0
    while start < len(entries):
        batch = pacing.due(entries, start, utc_now(), plan.batch)
        if not batch:
            await asyncio.sleep(pacing.TICK_SECONDS)
            continue
        start += len(batch)
        yield batch


async def _send(device: Device, plan: Plan, batch: Sequence[Entry]) -> Answered:
    events = [_event(entry, plan) for entry in batch]
    return events, await device.send(events)


def _event(entry: Entry, plan: Plan) -> UsageEvent:
    return event_of(
        event_id=id_at(entry.at),
        at=entry.at,
        host=plan.host,
        model=plan.model,
        endpoint="/v1/chat/completions",
        input_tokens=entry.input_tokens,
        output_tokens=entry.output_tokens,
        source="agent",
    )
