"""The bytes of one connection, both ways, become the sizes of its application data, and those requests.

F1: only application-data records count, less what sealing adds to each (`server_hello`).
F2: TLS 1.3 hides its handshake in such records. Of the server none counts before the client's first. The
    client's handshake ends with the record that has the length of a Finished, if it is among the first
    three; else (a certificate in one record with it) with the first. Records before the ServerHello are a
    request already (early data). Alerts (2 bytes) are none.
F3: session tickets do not count where they can be told from an answer (`tickets`).
F4: where the client offered HTTP/2, its first record, while short, may be the preface and no request: it
    counts into the request that follows, or is one when the server answers it.
F5: a connection that is not TLS, or is no longer: all bytes count, and an answer began with its 64th byte.
F6: however the bytes are cut into chunks, the same requests come out.
What requests are: `bursts`. Kept between chunks: some integers, and the ServerHello until it is read.
"""

from datetime import datetime

from toktra_agent.core.bursts import NOTHING, SMALL, Bursts, Step
from toktra_agent.core.outcome import Need
from toktra_agent.core.records import APPLICATION_DATA, HANDSHAKE, Record, Records
from toktra_agent.core.server_hello import LONGEST, Sealing, read_server_hello
from toktra_agent.core.tickets import Tickets
from toktra_agent.core.watching import Admission, Request

_PREFACE = 200  # the preface of 24, SETTINGS, a WINDOW_UPDATE; with room
_EARLY = Sealing(17, finished=1)
_ALERT = 2
_HANDSHAKE_RECORDS = 3


class Flow:
    """One connection to a host."""

    __slots__ = (
        "_bursts",
        "_down",
        "_held",
        "_held_records",
        "_hello",
        "_in_handshake",
        "_may_be_preface",
        "_sealing",
        "_tickets",
        "_tls",
        "_up",
    )

    def __init__(
        self, host: str, *, http2: bool = False, application: str | None = None, early_counts: bool = True
    ) -> None:
        """`http2`: whether the client's hello offered it. `early_counts`: whether what comes before the first
        request counts into it."""
        self._bursts = Bursts(host, http2=http2, application=application, early_counts=early_counts)
        self._up, self._down = Records(), Records()
        self._tls: bool | None = None
        self._hello: bytearray | None = bytearray()
        self._sealing: Sealing | None = None
        self._in_handshake = 0  # the client's records since the ServerHello; -1 when it is past
        self._may_be_preface = http2
        self._held = self._held_records = 0  # of the client: perhaps still handshake
        self._tickets = Tickets()

    @property
    def host(self) -> str:
        return self._bursts.host

    @property
    def application(self) -> str | None:
        return self._bursts.application

    def sent(self, chunk: bytes, at: datetime) -> Step:
        """The client sent these bytes."""
        if self._tls is None and chunk:
            self._tls = chunk[0] == HANDSHAKE
        if not self._tls or self._up.lost:
            return self._bursts.up(len(chunk), at, records=0, small=not chunk)
        step = NOTHING
        for record in self._up.walk(chunk):
            step = _both(step, self._client_record(record, at))
        self._bursts.touched(at)
        return step

    def received(self, chunk: bytes, at: datetime) -> Step:
        """The server sent these bytes."""
        if not self._tls or self._down.lost:
            small = self._bursts.came + len(chunk) < SMALL
            return self._bursts.down(len(chunk), at, records=0, small=small)
        if self._hello is not None:
            self._read_hello(chunk)
        step = NOTHING
        for record in self._down.walk(chunk):
            step = _both(step, self._server_record(record, at))
        self._bursts.touched(at)
        return step

    def missed(self, size: int, at: datetime, *, sent: bool) -> Step:
        """So many bytes went by unseen: in a record they are counted with it."""
        records = self._up if sent else self._down
        if self._tls and not records.lost:
            records.skip(size)
            return NOTHING
        return (self._bursts.up if sent else self._bursts.down)(size, at, records=0)

    def quiet(self, now: datetime) -> Request | None:
        """The running request, if nothing came for long."""
        return self._bursts.quiet(now)

    def closed(self, at: datetime) -> Request | None:
        """The connection is over."""
        self._count_held_ticket(at)
        return self._bursts.closed()

    def admitted(self, admission: Admission) -> None:
        """The request that just began may go out."""
        self._bursts.admitted(admission)

    def forget(self) -> None:
        """The request that just began is not watched."""
        self._bursts.forget()

    def _read_hello(self, chunk: bytes) -> None:
        assert self._hello is not None
        self._hello += chunk[: LONGEST + 1 - len(self._hello)]
        found = read_server_hello(self._hello)
        if isinstance(found, Need) and len(self._hello) <= LONGEST:
            return
        self._hello = None
        self._sealing = found if isinstance(found, Sealing) else Sealing(0)
        if not self._sealing.tls13:
            self._in_handshake = -1
            self._tickets.past = True

    def _client_record(self, record: Record, at: datetime) -> Step:
        size = self._plaintext(record)
        if size is None:
            return NOTHING
        if self._in_handshake >= 0 and self._sealing is not None:
            return self._in_client_handshake(record[1], size, at)
        return self._client_sent(size, at)

    def _in_client_handshake(self, length: int, size: int, at: datetime) -> Step:
        """F2: hold what may be handshake or request until it shows."""
        assert self._sealing is not None
        self._in_handshake += 1
        if length == self._sealing.finished:
            self._in_handshake, self._held, self._held_records = -1, 0, 0
        elif self._in_handshake > 1:
            self._held, self._held_records = self._held + size, self._held_records + 1
        if self._in_handshake == _HANDSHAKE_RECORDS:
            return self._end_handshake(at)
        return NOTHING

    def _end_handshake(self, at: datetime) -> Step:
        """No Finished of its own: what came after the first record was a request."""
        self._in_handshake = -1
        if not self._held:
            return NOTHING
        return self._bursts.up(self._held, at, records=self._held_records, small=False)

    def _client_sent(self, size: int, at: datetime) -> Step:
        first = not self._bursts.early_bytes
        small = size < SMALL or (first and self._may_be_preface and size <= _PREFACE)
        self._may_be_preface = self._may_be_preface and small
        return self._bursts.up(size, at, small=small)

    def _server_record(self, record: Record, at: datetime) -> Step:
        size = self._plaintext(record)
        if size is None or self._in_handshake == 0:
            return NOTHING
        step = self._end_handshake(at) if self._in_handshake > 0 else NOTHING
        if size >= SMALL:
            if not self._tickets.past and self._tickets.take(size):
                return step
            if self._bursts.early_bytes:
                step = _both(step, self._bursts.early_is_request(at))
                self._may_be_preface = False
            if self._tickets.held:
                self._count_held_ticket(at)
        return _both(step, self._bursts.down(size, at))

    def _count_held_ticket(self, at: datetime) -> None:
        if self._tickets.held:
            self._bursts.down(self._tickets.held, at)
            self._tickets.held = 0

    def _plaintext(self, record: Record) -> int | None:
        """Bytes of application data in the record; None where it carries none."""
        kind, length = record
        if kind != APPLICATION_DATA:
            return None
        sealing = self._sealing or _EARLY
        size = length - sealing.overhead
        return None if size <= 0 or (sealing.tls13 and size == _ALERT) else size


def _both(first: Step, second: Step) -> Step:
    if first is NOTHING:
        return second
    return Step(first.begun or second.begun, second.over or first.over)
