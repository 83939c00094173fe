"""Takes QUIC datagrams apart and opens the client's Initial packets, of v1 (RFC 9001) and v2 (RFC 9369).

An Initial packet is no secret: its keys follow from the connection id that it carries in the clear. All later
packets stay closed, whose keys only the two ends have.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from toktra_agent.core.octets import Malformed, Octets

Piece = tuple[int, bytes]
"""A part of the handshake and its offset in it."""

_LONG_HEADER = 0x80
_LONGEST_ID = 20
_INITIAL, _RETRY = 0, 3
_SAMPLE_AFTER, _SAMPLE = 4, 16
_PADDING, _PING, _ACK, _ACK_ECN, _CRYPTO, _CLOSE = 0, 1, 2, 3, 6, 0x1C


@dataclass(frozen=True, slots=True)
class Version:
    """What one version of QUIC says of its Initial packets. `initial`: the two bits that mark them."""

    salt: bytes
    label: bytes
    initial: int


VERSIONS = {
    0x00000001: Version(bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a"), b"quic", 0),
    0x6B3343CF: Version(bytes.fromhex("0dede3def700a6db819381be6e269dcbf9bd2ed9"), b"quicv2", 1),
}


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet with a long header, still closed. `version` is None where it is not one of VERSIONS."""

    version: Version | None
    destination: bytes
    initial: bool
    octets: bytes
    number_at: int


@dataclass(frozen=True, slots=True)
class Keys:
    """What opens the Initial packets of one client."""

    key: bytes
    iv: bytes
    header: bytes


def packets(datagram: bytes) -> Iterator[Packet]:
    """The packets with long headers, which come first, up to one that says more than is there."""
    rest = Octets(datagram)
    with contextlib.suppress(Malformed):
        while rest.left and rest.octets[rest.at] & _LONG_HEADER:
            yield _packet(rest)


def _packet(rest: Octets) -> Packet:
    """RFC 9000, 17.2."""
    began_at = rest.at
    first, version = rest.number(1), VERSIONS.get(rest.number(4))
    if version is None:
        rest.take(rest.left)
        return Packet(None, b"", False, b"", 0)
    kind = ((first >> 4) - version.initial) % 4
    destination = rest.vector(1)
    if kind == _RETRY or len(destination) > _LONGEST_ID or len(rest.vector(1)) > _LONGEST_ID:
        raise Malformed
    if kind == _INITIAL:
        rest.take(rest.varint())  # token
    size = rest.varint()
    number_at = rest.at - began_at
    rest.take(size)
    return Packet(version, destination, kind == _INITIAL, rest.octets[began_at : rest.at], number_at)


def client_keys(version: Version, destination: bytes) -> Keys:
    """RFC 9001, 5.2."""
    secret = HKDF.extract(SHA256(), version.salt, destination)
    client = _expand(secret, b"client in", 32)
    return Keys(
        key=_expand(client, version.label + b" key", 16),
        iv=_expand(client, version.label + b" iv", 12),
        header=_expand(client, version.label + b" hp", 16),
    )


def _expand(secret: bytes, label: bytes, size: int) -> bytes:
    """RFC 8446, 7.1, with an empty context."""
    name = b"tls13 " + label
    described = size.to_bytes(2) + len(name).to_bytes(1) + name + b"\x00"
    return HKDFExpand(SHA256(), size, described).derive(secret)


def opened(keys: Keys, packet: Packet) -> bytes | None:
    """The packet's frames (RFC 9001, 5.3 and 5.4); None where these are not its keys."""
    whole, at = packet.octets, packet.number_at
    sample = whole[at + _SAMPLE_AFTER : at + _SAMPLE_AFTER + _SAMPLE]
    if len(sample) < _SAMPLE:
        return None
    cipher = Cipher(algorithms.AES(keys.header), modes.ECB())  # noqa: S305 - one block, as RFC 9001 says
    mask = cipher.encryptor().update(sample)
    first = whole[0] ^ mask[0] & 0x0F
    size = (first & 0x03) + 1
    number = int.from_bytes(whole[at : at + size]) ^ int.from_bytes(mask[1 : 1 + size])
    header = bytes([first]) + whole[1:at] + number.to_bytes(size)
    nonce = (int.from_bytes(keys.iv) ^ number).to_bytes(12)
    try:
        return AESGCM(keys.key).decrypt(nonce, whole[at + size :], header)
    except InvalidTag:
        return None


def handshake_pieces(frames: bytes) -> Iterator[Piece]:
    """Malformed for frames that no Initial packet has."""
    rest = Octets(frames)
    while rest.left:
        kind = rest.varint()
        if kind == _CRYPTO:
            yield rest.varint(), rest.take(rest.varint())
        else:
            _pass_over(kind, rest)


def _pass_over(kind: int, rest: Octets) -> None:
    """RFC 9000, 19.1 to 19.3 and 19.19."""
    if kind in (_ACK, _ACK_ECN):
        _numbers(rest, 2)  # largest number, delay
        _numbers(rest, 1 + 2 * rest.varint() + (3 if kind == _ACK_ECN else 0))
    elif kind == _CLOSE:
        _numbers(rest, 2)  # error, frame
        rest.take(rest.varint())
    elif kind not in (_PADDING, _PING):
        raise Malformed


def _numbers(rest: Octets, count: int) -> None:
    for _ in range(count):
        rest.varint()
