"""When a trace's requests are sent, and as when. Pure.

P1: replayed at once, they lie within the last hour; replayed at a pace, each happens when it is sent.
P2: the order of the trace is kept, and the pauses between its requests keep their proportions.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from toktra.demo.trace import Entry

HOUR = timedelta(hours=1)
TICK_SECONDS = 0.5


def within_the_last_hour(entries: Sequence[Entry], now: datetime) -> list[Entry]:
    """The trace moved so that its last request is now; longer traces are pressed into the hour (P1)."""
    first, last = entries[0].at, entries[-1].at
    span = last - first
    part = min(1.0, HOUR / span) if span else 1.0
    return [entry._replace(at=now - (last - entry.at) * part) for entry in entries]


def from_now_on(entries: Sequence[Entry], now: datetime, speed: float) -> list[Entry]:
    """The trace moved so that its first request is now, and it runs `speed` times as fast."""
    first = entries[0].at
    return [entry._replace(at=now + (entry.at - first) / speed) for entry in entries]


def batches(entries: Sequence[Entry], size: int) -> Iterator[Sequence[Entry]]:
    """The trace in batches, for sending as fast as it goes."""
    for start in range(0, len(entries), size):
        yield entries[start : start + size]


def due(entries: Sequence[Entry], start: int, now: datetime, size: int) -> Sequence[Entry]:
    """The next batch of those whose time has come."""
    end = start
    while end < len(entries) and end - start < size and entries[end].at <= now:
        end += 1
    return entries[start:end]
