"""Reads what a client asks of the local proxy: HTTP's CONNECT (RFC 9110, 9.3.6) or SOCKS5 (RFC 1928).

A1: a prefix of what can be read needs more; what cannot become it is refused.
A2: nothing beyond the end of what is read is looked at: `size` says where the tunnel's own bytes begin.
"""

import re
from dataclasses import dataclass
from ipaddress import ip_address

from toktra_agent.core.outcome import NEED_MORE, Need, Refused

LONGEST_HEAD = 16_384
SOCKS_VERSION = 5

_REQUEST_LINE = re.compile(rb"([A-Z]{1,20}) ([!-~]{1,8192}) HTTP/1\.[01]\r?\n")
_END = re.compile(rb"\r?\n\r?\n")
_AUTHORITY = re.compile(r"(?:\[([0-9a-fA-F:.]{2,45})\]|([A-Za-z0-9._-]{1,253})):([0-9]{1,5})")
_NO_AUTHENTICATION = 0
_CONNECT = 1
_IPV4, _NAME, _IPV6 = 1, 3, 4
_ADDRESS_BYTES = {_IPV4: 4, _IPV6: 16}


@dataclass(frozen=True, slots=True)
class Head:
    """The head of an HTTP request: its method and target, and how many bytes it takes."""

    method: str
    target: str
    size: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tunnel is to go. `host`: a name in lower case without a dot at its end, or an address."""

    host: str
    port: int
    size: int = 0


def read_head(stream: bytes | bytearray) -> Head | Need | Refused:
    """An HTTP request's head."""
    end = _END.search(stream)
    if end is None:
        return Refused("head_too_large") if len(stream) >= LONGEST_HEAD else NEED_MORE
    line = _REQUEST_LINE.match(stream)
    if line is None or end.end() > LONGEST_HEAD:
        return Refused("no_http")
    return Head(line[1].decode(), line[2].decode(), end.end())


def read_authority(target: str) -> Place | Refused:
    """The target of a CONNECT: a host and a port."""
    found = _AUTHORITY.fullmatch(target)
    if found is None or not 0 < int(found[3]) < 65_536:
        return Refused("no_host_and_port")
    return Place((found[1] or found[2]).lower().rstrip("."), int(found[3]))


def read_greeting(stream: bytes | bytearray) -> int | Need | Refused:
    """What a SOCKS5 client says first; its size, where it can do without authentication."""
    if len(stream) < 2 or len(stream) < 2 + stream[1]:
        return NEED_MORE
    size = 2 + stream[1]
    return size if _NO_AUTHENTICATION in stream[2:size] else Refused("no_method")


def read_socks(stream: bytes | bytearray) -> Place | Need | Refused:
    """What a SOCKS5 client asks for. Refused: `no_command`, `no_address`, `no_socks`."""
    if len(stream) < 5:
        return NEED_MORE
    version, command, _, kind, first = stream[:5]
    if version != SOCKS_VERSION:
        return Refused("no_socks")
    if command != _CONNECT:
        return Refused("no_command")
    begin = 5 if kind == _NAME else 4
    length = first if kind == _NAME else _ADDRESS_BYTES.get(kind, 0)
    size = begin + length + 2
    if not length:
        return Refused("no_address")
    if len(stream) < size:
        return NEED_MORE
    return _place(kind, bytes(stream[begin : size - 2]), int.from_bytes(stream[size - 2 : size]), size)


def _place(kind: int, address: bytes, port: int, size: int) -> Place | Refused:
    if kind != _NAME:
        return Place(str(ip_address(address)), port, size)
    found = read_authority(f"{address.decode('latin-1')}:{port}")
    return found if isinstance(found, Refused) else Place(found.host, found.port, size)
