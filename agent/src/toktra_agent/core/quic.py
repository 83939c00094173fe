"""Reads the client hello of a QUIC connection from the client's datagrams (RFC 9000, 9001, 9369).

Q1: the order, number and overlap of frames, packets and datagrams do not change the outcome.
Q2: a packet that does not open is passed over, but where the first Initial does not, nothing after it can.
Q3: at most 64 datagrams are looked at, and 1,024 pieces of together 128 KiB are held.
Q4: after a Retry the client begins anew, under keys of the connection id that the server chose.
"""

from toktra_agent.core.hello import MOST_BYTES, Hello, read_handshake
from toktra_agent.core.octets import Malformed
from toktra_agent.core.outcome import NEED_MORE, Need, Refused
from toktra_agent.core.quic_packets import (
    Keys,
    Packet,
    Piece,
    Version,
    client_keys,
    handshake_pieces,
    opened,
    packets,
)

MOST_DATAGRAMS = 64
MOST_PIECES = 1024


class InitialReader:
    """What one client has sent so far. Once there is an outcome it stays."""

    def __init__(self) -> None:
        self._outcome: Hello | Need | Refused = NEED_MORE
        self._datagrams = 0
        self._keys: Keys | None = None
        self._pieces: list[Piece] = []

    def datagram(self, data: bytes | bytearray | memoryview) -> Hello | Need | Refused:
        """One more datagram from the client."""
        if self._outcome is NEED_MORE:
            self._datagrams += 1
            self._outcome = self._read(list(packets(bytes(data))))
            if self._outcome is not NEED_MORE:
                self._pieces.clear()
        return self._outcome

    def _read(self, came: list[Packet]) -> Hello | Need | Refused:
        for packet in came:
            if refused := self._keep(packet):
                return refused
        if self._keys is None and not came:
            return Refused("not_quic")
        outcome = read_handshake(joined(self._pieces))
        return Refused("too_long") if outcome is NEED_MORE and self._full() else outcome

    def _keep(self, packet: Packet) -> Refused | None:
        """Keep what the packet has of the handshake."""
        if packet.initial and packet.version is not None:
            frames = self._open(packet, packet.version)
            try:
                self._pieces.extend(handshake_pieces(frames) if frames is not None else ())
            except Malformed:
                return Refused("malformed")
        if self._keys is None and packet.version is None:
            return Refused("unknown_version")
        return Refused("not_readable") if self._keys is None and packet.initial else None

    def _open(self, packet: Packet, version: Version) -> bytes | None:
        frames = opened(self._keys, packet) if self._keys else None
        if frames is None:
            keys = client_keys(version, packet.destination)
            frames = opened(keys, packet)
            if frames is not None:
                self._keys = keys
                self._pieces.clear()
        return frames

    def _full(self) -> bool:
        return (
            self._datagrams >= MOST_DATAGRAMS
            or len(self._pieces) > MOST_PIECES
            or sum(len(piece) for _, piece in self._pieces) > 2 * MOST_BYTES
        )


def joined(pieces: list[Piece]) -> bytearray:
    """What is there from the beginning without a gap."""
    whole = bytearray()
    for offset, piece in sorted(pieces):
        if offset > len(whole):
            break
        whole += piece[len(whole) - offset :]
    return whole
