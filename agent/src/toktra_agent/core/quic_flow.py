"""The datagrams of one QUIC connection become the sizes of what they carry, and those requests.

G1: datagrams of the handshake (long headers) do not count.
G2: of the others, about 27 bytes are none of the application's: header and tag (RFC 9000, 17.3). What else
    QUIC sends, acknowledgements above all, can't be told apart: small datagrams are taken for such (B2).
G3: the client's first datagram, while short, is HTTP/3's settings and no request.
"""

from datetime import datetime

from toktra_agent.core.bursts import SMALL, Bursts, Step

_OVERHEAD = 27
_SETTINGS = 200
_LONG = 0x80


class QuicFlow(Bursts):
    """One connection to a host."""

    __slots__ = ()

    def sent(self, first: int, length: int, at: datetime) -> Step:
        """The client sent a datagram: its first byte and its length."""
        size = _carried(first, length)
        small = size < (SMALL if self.early_bytes else _SETTINGS)
        return self.up(size, at, records=0, small=small if self.is_new else None)

    def received(self, first: int, length: int, at: datetime) -> Step:
        """The server sent one."""
        size = _carried(first, length)
        begun = self.early_is_request(at) if self.is_new and self.early_bytes and size >= SMALL else None
        step = self.down(size, at, records=0)
        return begun or step


def _carried(first: int, length: int) -> int:
    return 0 if first & _LONG else max(0, length - _OVERHEAD)
