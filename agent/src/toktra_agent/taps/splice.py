"""Two ends of a connection. What arrives at one goes out at the other, at the pace of the slower.

S1: an end whose buffer is full holds the other's reading; no more than that buffer waits anywhere.
S2: an end that is done sending is passed on as such (half-close); both done is over.
S3: an end that breaks ends the other: at once where it was reset, else after what was written is out.
"""

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import cast

FULL = 512 * 1024
PEER, ADMISSION, GATHERING = 1, 2, 4
_RESET = struct.pack("ii", 1, 0)


class End(asyncio.Protocol):
    """One end. `arrived` is called with what comes; `made` when it stands, `lost` when it is over."""

    __slots__ = ("_done", "_holds", "arrived", "lost", "made", "other", "transport")

    def __init__(
        self,
        arrived: Callable[[bytes], None],
        *,
        made: Callable[["End"], None] | None = None,
        lost: Callable[[], None] | None = None,
    ) -> None:
        self.arrived = arrived
        self.made = made
        self.lost = lost
        self.other: End | None = None
        self.transport: asyncio.Transport | None = None
        self._holds = 0
        self._done = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop has classes of its own
        self.transport.set_write_buffer_limits(high=FULL)
        if self.made is not None:
            self.made(self)

    def data_received(self, data: bytes) -> None:
        self.arrived(data)

    def eof_received(self) -> bool:
        """Whether this end stays open for what the other still sends (S2)."""
        self._done = True
        other = self.other
        if other is None or other.transport is None or other._done:
            return False
        if not other.transport.is_closing():
            other.transport.write_eof()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        if self.other is not None:
            self.other.end(at_once=exc is not None)
        if self.lost is not None:
            self.lost()

    def pause_writing(self) -> None:
        if self.other is not None:
            self.other.hold(PEER)

    def resume_writing(self) -> None:
        if self.other is not None:
            self.other.let_go(PEER)

    def hold(self, why: int) -> None:
        """Read no more until every reason is let go."""
        if not self._holds and self.transport is not None and not self.transport.is_closing():
            self.transport.pause_reading()
        self._holds |= why

    def let_go(self, why: int) -> None:
        held, self._holds = self._holds, self._holds & ~why
        if held and not self._holds and self.transport is not None and not self.transport.is_closing():
            self.transport.resume_reading()

    def write(self, data: bytes) -> None:
        """Out at this end."""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(data)

    def end(self, *, at_once: bool = False) -> None:
        """Close: after what was written, or at once."""
        if self.transport is None or self.transport.is_closing():
            return
        if at_once:
            self.transport.abort()
        else:
            self.transport.close()

    def reset(self) -> None:
        """Close so that the other side of the network sees a reset (RST)."""
        if self.transport is None or self.transport.is_closing():
            return
        plain: socket.socket | None = self.transport.get_extra_info("socket")
        if plain is not None:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.transport.abort()


def join(first: End, second: End) -> None:
    """Each is the other's other end from now on."""
    first.other, second.other = second, first
