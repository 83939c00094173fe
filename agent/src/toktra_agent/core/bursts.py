"""Pieces up and pieces down become requests: a burst up, then a burst down.

B1: a request begins with the client's first piece, and anew when the client sends after an answer began.
B2: small pieces (under 64 bytes) begin nothing, neither a request nor an answer: HTTP/2's SETTINGS,
    WINDOW_UPDATE, PING, acknowledgements, "100 Continue". They count into the request that runs; before the
    first into that one, if `early_counts`; else into none. Alone they are no request.
B3: a request is over when the next begins, when the connection closes, a minute after the last byte of its
    answer, or half an hour after its own, without one: answers may be thought over for long. What the server
    sends after that all the same is told by itself, as an answer without a request.
B4: sums are kept, never a sequence.
Requests that overlap on one connection (HTTP/2 streams, pipelining): their totals are right, and how the
totals are split between them is approximate. A WebSocket is one request for each pair of bursts. An answer
that is small throughout is followed by the same request.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from toktra_agent.core.watching import OPEN, Admission, Request
from toktra_wire.ids import id_at

SMALL = 64
ANSWERED_QUIET = timedelta(minutes=1)
UNANSWERED_QUIET = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Step:
    """What a piece led to: whether a request began with it, and the request that is over by it."""

    begun: bool = False
    over: Request | None = None


NOTHING = Step()


@dataclass(slots=True)
class _Early:
    request_bytes: int = 0
    response_bytes: int = 0
    records: int = 0


@dataclass(slots=True)
class _Running:
    id: UUID
    began_at: datetime
    last_at: datetime
    request_bytes: int = 0
    response_bytes: int = 0
    records: int = 0
    answered: bool = False
    noted_at: datetime | None = None
    admission: Admission = OPEN
    wanted: bool = True


class Bursts:
    """One connection, or one UDP flow."""

    __slots__ = ("_early", "_early_counts", "_late_is_wanted", "_running", "application", "host", "http2")

    def __init__(
        self, host: str, *, http2: bool = False, application: str | None = None, early_counts: bool = True
    ) -> None:
        self.host = host
        self.http2 = http2
        self.application = application
        self._running: _Running | None = None
        self._early: _Early | None = _Early()  # until the first request begins
        self._early_counts = early_counts
        self._late_is_wanted: bool | None = None  # None: nothing is to come

    def up(self, size: int, at: datetime, *, records: int = 1, small: bool | None = None) -> Step:
        """The client sent so many bytes. `small`: said otherwise than by the size (B2)."""
        is_small = size < SMALL if small is None else small
        over = self.quiet(at)
        begins = not is_small and (self._running is None or self._running.answered)
        if begins:
            over = self.closed() or over
            self._begin(at)
        self._count(at, up=size, records=records)
        return Step(begins, over) if begins or over else NOTHING

    def down(self, size: int, at: datetime, *, records: int = 1, small: bool | None = None) -> Step:
        """The server sent so many bytes."""
        over = self.quiet(at)
        if not (size < SMALL if small is None else small):
            self._answered(at)
        self._count(at, down=size, records=records)
        return Step(over=over) if over else NOTHING

    @property
    def is_new(self) -> bool:
        """Whether no request began yet."""
        return self._early is not None

    @property
    def early_bytes(self) -> int:
        """What the client sent before any request began."""
        return self._early.request_bytes if self._early is not None else 0

    def early_is_request(self, at: datetime) -> Step:
        """What the client sent early was a request. Where it does not count, nothing will be told of it."""
        self._begin(at)
        if not self._early_counts:
            self.forget()
            return NOTHING
        return Step(begun=True)

    def touched(self, at: datetime) -> None:
        """Bytes went by that count nothing of their own: the rest of a record."""
        if self._running is not None:
            self._running.last_at = at

    @property
    def came(self) -> int:
        """Bytes of the running answer so far."""
        return self._running.response_bytes if self._running is not None else 0

    def quiet(self, now: datetime) -> Request | None:
        """The running request, if its last byte is long past (B3)."""
        running = self._running
        if running is None:
            return None
        longest = ANSWERED_QUIET if running.answered else UNANSWERED_QUIET
        if now - running.last_at < longest:
            return None
        self._late_is_wanted = running.wanted
        return self.closed()

    def so_far(self) -> Request | None:
        """The running request with what came of its answer, where more came since this was asked last."""
        running = self._running
        if running is None or not running.answered or running.noted_at == running.last_at:
            return None
        running.noted_at = running.last_at
        return self._told(running)

    def closed(self) -> Request | None:
        """Nothing more comes of what runs."""
        running, self._running = self._running, None
        return None if running is None else self._told(running)

    def _told(self, running: _Running) -> Request | None:
        if not running.wanted:
            return None
        return Request(
            host=self.host,
            began_at=running.began_at,
            duration_ms=max(0, (running.last_at - running.began_at) // timedelta(milliseconds=1)),
            request_bytes=running.request_bytes,
            response_bytes=running.response_bytes,
            record_count=running.records,
            http2=self.http2,
            application=self.application,
            admission=running.admission,
            id=running.id,
        )

    def admitted(self, admission: Admission) -> None:
        """The request that just began may go out."""
        if self._running is not None:
            self._running.admission = admission

    def forget(self) -> None:
        """The request that just began is none of ours: nothing of it will be told."""
        if self._running is not None:
            self._running.wanted = False

    def _begin(self, at: datetime) -> None:
        early, self._early = self._early, None
        if early is None or not self._early_counts:
            early = _Early()
        self._running = _Running(id_at(at), at, at, early.request_bytes, early.response_bytes, early.records)

    def _answered(self, at: datetime) -> None:
        if self._running is not None:
            self._running.answered = True
        elif self._late_is_wanted is not None:
            self._running = _Running(id_at(at), at, at, answered=True, wanted=self._late_is_wanted)

    def _count(self, at: datetime, *, up: int = 0, down: int = 0, records: int) -> None:
        counts = self._running or self._early
        if counts is not None:
            counts.request_bytes += up
            counts.response_bytes += down
            counts.records += records
        self.touched(at)
