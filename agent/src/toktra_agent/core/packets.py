"""Reads the headers of captured packets: link, IPv4 or IPv6, TCP or UDP. All else is passed over.

K1: a cut or malformed packet gives nothing, and never an error.
K2: sizes are those of the IP header, so that a packet of which only the beginning was captured counts whole.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

ETHERNET, NULL, RAW, LOOP, COOKED, COOKED_2 = 1, 0, 101, 108, 113, 276
"""Link types as libpcap numbers them. RAW also stands for what WinDivert gives."""

_RAW_TOO = (12, 14)
_IPV4, _IPV6 = 0x0800, 0x86DD
_VLANS = (0x8100, 0x88A8)
_TCP, _UDP = 6, 17
_EXTENSIONS: Final = (0, 43, 60)  # hop-by-hop, routing, destination options
_FIN, _SYN, _RST, _ACK = 1, 2, 4, 16

Address = tuple[bytes, int]


@dataclass(frozen=True, slots=True)
class Packet:
    """One TCP segment or UDP datagram. `length`: of its content, of which `content` was captured."""

    source: Address
    target: Address
    content: bytes
    length: int
    tcp: bool
    sequence: int = 0
    begins: bool = False  # SYN without ACK: source is the client
    accepts: bool = False  # SYN with ACK
    ends: bool = False
    resets: bool = False


def read_packet(link: int, captured: bytes) -> Packet | None:
    """A TCP or UDP packet."""
    at = _network_begins(link, captured)
    if at is None or len(captured) < at + 20:
        return None
    return _ipv4(captured, at) if captured[at] >> 4 == 4 else _ipv6(captured, at)


def _network_begins(link: int, captured: bytes) -> int | None:
    if link == RAW or link in _RAW_TOO:
        return 0
    begins: dict[int, Callable[[bytes], int | None]] = {
        NULL: lambda _: 4,
        LOOP: lambda _: 4,
        ETHERNET: lambda frame: _after_type(frame, 12),
        COOKED: lambda frame: _after_type(frame, 14),
        COOKED_2: lambda frame: 20 if _number(frame, 0) in (_IPV4, _IPV6) else None,
    }
    found = begins.get(link)
    return found(captured) if found is not None else None


def _after_type(frame: bytes, at: int) -> int | None:
    while _number(frame, at) in _VLANS:
        at += 4
    return at + 2 if _number(frame, at) in (_IPV4, _IPV6) else None


def _ipv4(captured: bytes, at: int) -> Packet | None:
    header, size = (captured[at] & 15) * 4, _number(captured, at + 2)
    is_fragment = _number(captured, at + 6) & 0x3FFF
    if header < 20 or is_fragment:
        return None
    end = at + size if size else len(captured)  # 0: left to the network card (TSO)
    source, target = captured[at + 12 : at + 16], captured[at + 16 : at + 20]
    return _transport(captured, at + header, end, captured[at + 9], source, target)


def _ipv6(captured: bytes, at: int) -> Packet | None:
    if captured[at] >> 4 != 6 or len(captured) < at + 40:
        return None
    size, protocol, begin = _number(captured, at + 4), captured[at + 6], at + 40
    end = begin + size if size else len(captured)
    while protocol in _EXTENSIONS and begin + 8 <= len(captured):
        protocol, begin = captured[begin], begin + 8 + captured[begin + 1] * 8
    source, target = captured[at + 8 : at + 24], captured[at + 24 : at + 40]
    return _transport(captured, begin, end, protocol, source, target)


def _transport(
    captured: bytes, at: int, end: int, protocol: int, source: bytes, target: bytes
) -> Packet | None:
    if protocol not in (_TCP, _UDP) or len(captured) < at + (20 if protocol == _TCP else 8):
        return None
    sender, receiver = (source, _number(captured, at)), (target, _number(captured, at + 2))
    if protocol == _UDP:
        begin = at + 8
        return Packet(sender, receiver, captured[begin:end], max(0, end - begin), tcp=False)
    begin, flags = at + (captured[at + 12] >> 4) * 4, captured[at + 13]
    return Packet(
        sender,
        receiver,
        captured[begin:end],
        max(0, end - begin),
        tcp=True,
        sequence=int.from_bytes(captured[at + 4 : at + 8]),
        begins=flags & (_SYN | _ACK) == _SYN,
        accepts=flags & (_SYN | _ACK) == _SYN | _ACK,
        ends=bool(flags & _FIN),
        resets=bool(flags & _RST),
    )


def _number(packet: bytes, at: int) -> int:
    return int.from_bytes(packet[at : at + 2])
