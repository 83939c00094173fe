"""One captured connection, from its first packet: over TCP or QUIC.

Q3: a request that is not watched when it begins is never told of (P2).
Q4: of a connection whose hello does not come whole, or that is to no watched host, nothing is kept.
"""

from datetime import datetime
from ipaddress import ip_address

from toktra_agent.core.bursts import Step
from toktra_agent.core.flow import Flow
from toktra_agent.core.hello import Hello, read_client_hello
from toktra_agent.core.in_order import InOrder, Piece
from toktra_agent.core.outcome import Need
from toktra_agent.core.packets import Address, Packet
from toktra_agent.core.quic import InitialReader
from toktra_agent.core.quic_flow import QuicFlow
from toktra_agent.core.watching import Request
from toktra_agent.taps.applications import find_application
from toktra_agent.taps.sight import Sight


class SeenTcp:
    """Made of a SYN."""

    __slots__ = ("_down", "_ended", "_flow", "_gathered", "_sight", "_up", "began_with")

    def __init__(self, sight: Sight, syn: Packet) -> None:
        self.began_with = syn.sequence
        self._sight = sight
        self._up = InOrder(syn.sequence + 1)
        self._down: InOrder | None = None
        self._gathered = bytearray()
        self._flow: Flow | None = None
        self._ended: set[bool] = set()

    def packet(self, packet: Packet, at: datetime, *, up: bool) -> bool:
        """Whether more of the connection is to be seen."""
        if not up and self._down is None:
            self._down = InOrder(packet.sequence + packet.accepts)
        way = self._up if up else self._down
        assert way is not None
        first = packet.sequence + (packet.begins or packet.accepts)
        for piece in way.take(first, packet.content, packet.length):
            if not self._piece(piece, packet.source, at, up=up):
                return False
        if packet.ends:
            self._ended.add(up)
        return not packet.resets and len(self._ended) < 2

    def quiet(self, now: datetime) -> Request | None:
        return self._flow.quiet(now) if self._flow is not None else None

    def closed(self, at: datetime) -> Request | None:
        return self._flow.closed(at) if self._flow is not None else None

    def _piece(self, piece: Piece, client: Address, at: datetime, *, up: bool) -> bool:
        if self._flow is None:
            return self._hello(piece, client, at) if up else True
        if isinstance(piece, int):
            step = self._flow.missed(piece, at, sent=up)
        else:
            step = (self._flow.sent if up else self._flow.received)(piece, at)
        _tell(self._sight, self._flow, step)
        return True

    def _hello(self, piece: Piece, client: Address, at: datetime) -> bool:
        if isinstance(piece, int):
            return False
        self._gathered += piece
        found = read_client_hello(self._gathered)
        if isinstance(found, Need):
            return True
        host = _concerned(self._sight, found)
        if host is None or not isinstance(found, Hello):
            return False
        application = _application(self._sight, client)
        counts = self._sight.watcher.watches(host, application)
        self._flow = Flow(host, http2="h2" in found.alpn, application=application, early_counts=counts)
        first, self._gathered = bytes(self._gathered), bytearray()
        return self._piece(first, client, at, up=True)


class SeenQuic:
    """Made of a datagram with a long header."""

    __slots__ = ("_flow", "_reader", "_sight")

    def __init__(self, sight: Sight) -> None:
        self._sight = sight
        self._reader: InitialReader | None = InitialReader()
        self._flow: QuicFlow | None = None

    def packet(self, packet: Packet, at: datetime, *, up: bool) -> bool:
        """Whether more of the connection is to be seen."""
        if not packet.content:
            return True
        if self._flow is None:
            return self._hello(packet) if up else True
        step = (self._flow.sent if up else self._flow.received)(packet.content[0], packet.length, at)
        _tell(self._sight, self._flow, step)
        return True

    def quiet(self, now: datetime) -> Request | None:
        return self._flow.quiet(now) if self._flow is not None else None

    def closed(self, at: datetime) -> Request | None:
        return self._flow.closed() if self._flow is not None else None

    def _hello(self, packet: Packet) -> bool:
        assert self._reader is not None
        found = self._reader.datagram(packet.content)
        if isinstance(found, Need):
            return True
        host = _concerned(self._sight, found)
        if host is None:
            return False
        application = _application(self._sight, packet.source)
        counts = self._sight.watcher.watches(host, application)
        self._reader = None
        self._flow = QuicFlow(host, application=application, early_counts=counts)
        return True


def _concerned(sight: Sight, found: object) -> str | None:
    """The host, where the connection is one to look at."""
    host = sight.named("", found) if isinstance(found, Hello) else ""
    return host if sight.concerns(host) else None


def _application(sight: Sight, client: Address) -> str | None:
    return (
        find_application((str(ip_address(client[0])), client[1])) if sight.watcher.asks_application else None
    )


def _tell(sight: Sight, flow: Flow | QuicFlow, step: Step) -> None:
    if step.over is not None:
        sight.watcher.keep(step.over)
    if step.begun and not sight.watcher.watches(flow.host, flow.application):
        flow.forget()
