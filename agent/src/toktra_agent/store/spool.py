"""What is to be sent: in a file before anything else is done with it, out of it only when answered.

S1: an event that was kept is given out by `waiting` until it is forgotten, also after a SIGKILL.
S2: never more than MOST_EVENTS or MOST_BYTES: the oldest make room, and are counted.
S3: a full disk or a damaged file stops nobody: up to MOST_IN_MEMORY events wait in memory, others are
    counted. A damaged file is set aside, and a new one begun.
S4: an event is too old when two looks an hour apart both say so: a clock that jumped drops nothing at once.
S5: positions only grow, and events are forgotten in their order. So one number says what was answered, also
    while a full disk keeps the rows from being deleted.
S6: what is known of an event before it is whole is an event only if the agent is killed before it is kept.
"""

from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar
from uuid import UUID

from toktra_agent.store.spool_file import Damaged, SpoolFile, Unwritable, open_file, set_aside
from toktra_wire.event import UsageEvent, encode
from toktra_wire.ids import unix_milliseconds

MOST_EVENTS: Final = 50_000
MOST_BYTES: Final = 64 * 1024 * 1024
MOST_IN_MEMORY: Final = 1_000
OLDEST: Final = timedelta(days=34)  # the server refuses after 35

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """An event that waits: at a position of a file, or in memory."""

    id: bytes
    at_ms: int
    body: bytes
    position: int = 0
    file: SpoolFile | None = None


@dataclass(slots=True)
class Spool:
    """One per agent. Nothing here raises for what happens to the file."""

    folder: Path
    counts: Counter[str] = field(default_factory=Counter)
    _file: SpoolFile | None = None
    _events: int = 0
    _bytes: int = 0
    _answered: int = 0
    _suspected: int = 0
    _is_behind: bool = False  # the file does not know yet what was answered and counted
    _memory: deque[Waiting] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self._use_file()

    def __len__(self) -> int:
        return self._events + len(self._memory)

    def keep(self, event: UsageEvent) -> None:
        """Keep an event until it is answered (S1, S3)."""
        one = _waiting(event)
        if self._append(one):
            return
        if len(self._memory) < MOST_IN_MEMORY:
            self._memory.append(one)
        else:
            self.counts["dropped_file_unusable"] += 1

    def draft(self, event: UsageEvent) -> None:
        """An event as far as it is known (S6)."""
        one = _waiting(event)
        self._try(lambda file: file.draft(one.id, one.at_ms, one.body))

    def withdraw(self, event_id: UUID) -> None:
        """An event that was drafted is none."""
        self._try(lambda file: file.withdraw(event_id.bytes))

    def waiting(self, limit: int) -> list[Waiting]:
        """The oldest events that wait: from the file, or where none is there from memory."""
        rows = self._try(lambda file: file.rows(after=self._answered, limit=limit)) or []
        if rows:
            return [Waiting(b"", 0, body, position, self._file) for position, body in rows]
        return [self._memory[place] for place in range(min(limit, len(self._memory)))]

    def forget(self, answered: Sequence[Waiting], counted: Mapping[str, int]) -> None:
        """These left and were answered, in the order `waiting` gave them."""
        self.counts.update(counted)
        for one in answered:
            if one.file is self._file is not None and one.position > self._answered:
                self._answered = one.position
                self._events -= 1
                self._bytes -= len(one.body)
            elif self._memory and self._memory[0] is one:
                self._memory.popleft()
        self._bring_up_to_date([one.body for one in answered])

    def count(self, reason: str, number: int = 1) -> None:
        """Something came to an end in this way. Kept with the events."""
        self.counts[reason] += number
        self._bring_up_to_date()

    def settle(self) -> None:
        """Now and then: try the file again, and bring what waits in memory into it."""
        if self._file is None:
            self._use_file()
        while self._memory and self._append(self._memory[0]):
            self._memory.popleft()
        if self._is_behind:
            self._bring_up_to_date()

    def drop_too_old(self, now: datetime) -> None:
        """Once an hour (S4)."""
        before = unix_milliseconds(now - OLDEST)
        found = self._try(lambda file: file.last_before(before)) or 0
        through, self._suspected = min(self._suspected, found), found
        if through and self._try(lambda file: file.drop_before(before, through=through)):
            held = self._events
            self._measure()
            self.count("dropped_too_old", held - self._events)

    def close(self) -> None:
        """Nothing is lost: what waits in memory is tried once more."""
        self.settle()
        self._leave_file()

    def _append(self, one: Waiting) -> bool:
        oldest = self.waiting(1) if self._is_full(len(one.body)) else []
        through = oldest[0].position if oldest else 0
        counts = self.counts + Counter({"dropped_no_room": len(oldest)})
        if not self._try(lambda file: file.append(one.id, one.at_ms, one.body, counts, drop_through=through)):
            return False
        self.counts = counts
        self._events += 1 - len(oldest)
        self._bytes += len(one.body) - sum(len(each.body) for each in oldest)
        return True

    def _bring_up_to_date(self, left: Sequence[bytes] = ()) -> None:
        done = self._try(lambda file: file.forget(through=self._answered, left=left, counts=self.counts))
        self._is_behind = done is None

    def _is_full(self, more: int) -> bool:
        return self._events > 0 and (self._events >= MOST_EVENTS or self._bytes + more > MOST_BYTES)

    def _try(self, use: Callable[[SpoolFile], T]) -> T | None:
        """What the file says; None where it cannot be used (S3)."""
        try:
            return None if self._file is None else use(self._file)
        except Unwritable:
            return None
        except Damaged:
            self._begin_anew()
            return None

    def _use_file(self) -> None:
        """With all that it holds, or not yet."""
        try:
            self._file = open_file(self.folder)
            self._file.adopt()
            size, counts = self._file.size(after=self._answered), self._file.counts()
        except Unwritable:
            self._leave_file()
        except Damaged:
            self._begin_anew()
        else:
            self._events, self._bytes = size
            self.counts.update(counts)

    def _leave_file(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = None

    def _begin_anew(self) -> None:
        """How many events were in a damaged file is known only where it could be read before."""
        self._leave_file()
        self.counts["dropped_file_damaged"] += max(1, self._events)
        self._events = self._bytes = self._answered = self._suspected = 0
        try:
            set_aside(self.folder)
            self._file = open_file(self.folder)
        except (Unwritable, Damaged):
            return

    def _measure(self) -> None:
        self._events, self._bytes = self._try(lambda file: file.size(after=self._answered)) or (0, 0)


def _waiting(event: UsageEvent) -> Waiting:
    return Waiting(event.id.bytes, unix_milliseconds(event.occurred_at), encode(event))
