"""Reads a TLS client hello from a connection's first bytes: the host asked for and the protocols offered.

H1: how the bytes were cut into segments and records does not change the outcome.
H2: every prefix of a hello needs more; what cannot become one is refused at the first byte that shows it.
H3: at most 64 KiB are looked at. What is not a whole hello by then is refused.
H4: what a hello has beside names and protocols is passed over unread; a name is a plain host name, or none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from toktra_agent.core.octets import Malformed, Octets
from toktra_agent.core.outcome import NEED_MORE, Need, Refused

MOST_BYTES = 65_536

_RECORD_STARTS = tuple(bytes([22, 3, minor]) for minor in range(4))  # handshake; SSL 3.0 to TLS 1.2 or 1.3
_RECORD_HEAD = 5
_LONGEST_RECORD = 16_384
_CLIENT_HELLO = b"\x01"
_SERVER_NAME, _ALPN, _ENCRYPTED_HELLO = 0, 16, 0xFE0D
_HOST_NAME = 0
_OUTER = b"\x00"
_LABEL = rb"[a-z0-9_-]{1,63}"
_NAME = re.compile(rb"(?=.{1,253}\Z)" + _LABEL + rb"(?:\." + _LABEL + rb")*\Z")
_PROTOCOL = re.compile(rb"[!-~]+\Z")
_GREASE = re.compile(rb"([\x0a\x1a\x2a\x3a\x4a\x5a\x6a\x7a\x8a\x9a\xaa\xba\xca\xda\xea\xfa])\1\Z")  # RFC 8701


@dataclass(frozen=True, slots=True)
class Hello:
    """What a client says in the clear. `server_name`: lower case, without a dot at its end. `encrypted`: it
    carries another hello that is not readable, or pretends to (RFC 9849, GREASE)."""

    server_name: str | None
    alpn: tuple[str, ...]
    encrypted: bool


def read_client_hello(data: bytes | bytearray | memoryview) -> Hello | Need | Refused:
    """`data`: all that came so far on a connection, from its first byte. What follows a hello is ignored."""
    seen = bytes(data[:MOST_BYTES])
    handshake = bytearray()
    outcome: Hello | Need | Refused = NEED_MORE
    at = 0
    while outcome is NEED_MORE and at < len(seen):
        head = seen[at : at + _RECORD_HEAD]
        if not any(start.startswith(head[:3]) for start in _RECORD_STARTS):
            return Refused("not_a_handshake_record")
        if len(head) < _RECORD_HEAD:
            break
        size = int.from_bytes(head[3:])
        if not 0 < size <= _LONGEST_RECORD:
            return Refused("malformed")
        handshake += seen[at + _RECORD_HEAD : at + _RECORD_HEAD + size]
        at += _RECORD_HEAD + size
        outcome = read_handshake(handshake)
    return Refused("too_long") if outcome is NEED_MORE and len(data) >= MOST_BYTES else outcome


def read_handshake(handshake: bytes | bytearray) -> Hello | Need | Refused:
    """The same without records, as QUIC carries it."""
    if handshake[:1] not in (b"", _CLIENT_HELLO):
        return Refused("not_a_client_hello")
    if len(handshake) < 4:
        return NEED_MORE
    ends_at = 4 + int.from_bytes(handshake[1:4])
    if ends_at > MOST_BYTES:
        return Refused("too_long")
    if len(handshake) < ends_at:
        return NEED_MORE
    try:
        return _hello(Octets(bytes(handshake[4:ends_at])))
    except Malformed:
        return Refused("malformed")


def _hello(body: Octets) -> Hello:
    """RFC 8446, 4.1.2."""
    body.take(2 + 32)  # version, random
    for size_of_length in (1, 2, 1):  # session id, cipher suites, compression methods
        body.vector(size_of_length)
    extensions = _extensions(body.only_vector(2)) if body.left else {}
    return Hello(
        server_name=_server_name(extensions.get(_SERVER_NAME, b"")),
        alpn=_protocols(extensions.get(_ALPN, b"")),
        encrypted=extensions.get(_ENCRYPTED_HELLO, b"").startswith(_OUTER),
    )


def _extensions(body: Octets) -> dict[int, bytes]:
    """By kind. Of a kind that is there twice none counts."""
    found: dict[int, bytes] = {}
    ends = len(body.octets)
    while body.at < ends:
        kind, content = body.number(2), body.vector(2)
        found[kind] = b"" if kind in found else content
    return found


def _server_name(content: bytes) -> str | None:
    """RFC 6066, 3: a list that may hold one host name. What is no host name is no name (H4)."""
    try:
        names = [name for kind, name in _listed_names(Octets(content).only_vector(2)) if kind == _HOST_NAME]
    except Malformed:
        return None
    plain = names[0].lower().removesuffix(b".") if len(names) == 1 else b""
    return plain.decode("ascii") if _NAME.match(plain) else None


def _listed_names(names: Octets) -> Iterator[tuple[int, bytes]]:
    while names.left:
        yield names.number(1), names.vector(2)


def _protocols(content: bytes) -> tuple[str, ...]:
    """RFC 7301, 3.1, without GREASE and what is not printable."""
    try:
        offered = list(_listed_protocols(Octets(content).only_vector(2)))
    except Malformed:
        return ()
    return tuple(
        each.decode("ascii") for each in offered if _PROTOCOL.match(each) and not _GREASE.match(each)
    )


def _listed_protocols(protocols: Octets) -> Iterator[bytes]:
    while protocols.left:
        yield protocols.vector(1)
