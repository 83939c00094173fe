"""Reads from a TLS ServerHello what each record carries beside plaintext (RFC 8446, 4.1.3)."""

from dataclasses import dataclass

from toktra_agent.core.outcome import NEED_MORE, Need, Refused

LONGEST = 4096
"""Bytes after which what came is taken for no ServerHello."""

_SUPPORTED_VERSIONS = 43
_TLS13_OVERHEAD = 17  # the tag and the inner content type
_CCM_8 = 0x1305
_SHA384 = 0x1302
_CHACHA = range(0xCCA8, 0xCCAF)
_CCM = (*range(0xC09C, 0xC0A4), *range(0xC0A4, 0xC0AC), *range(0xC0AC, 0xC0B0))
_GCM = (*range(0x009C, 0x00A8), *range(0xC02B, 0xC033))
_CBC_OVERHEAD = 44  # about: an IV of 16, a MAC of 20, padding of 8 in the middle


@dataclass(frozen=True, slots=True)
class Sealing:
    """How the connection seals its records. `overhead`: bytes of each that are no plaintext.

    `finished`: the length of the record that ends the client's handshake, 0 before TLS 1.3.
    """

    overhead: int
    finished: int = 0

    @property
    def tls13(self) -> bool:
        return self.finished > 0


def read_server_hello(stream: bytes | bytearray) -> Sealing | Need | Refused:
    """From the first bytes that a server sends: a record with a ServerHello, or a HelloRetryRequest."""
    if stream[:1] not in (b"", b"\x16") or stream[5:6] not in (b"", b"\x02"):
        return Refused("no_server_hello")
    if len(stream) < 9:
        return NEED_MORE
    end = 9 + int.from_bytes(stream[6:9])
    if end > LONGEST:
        return Refused("too_large")
    if len(stream) < end:
        return NEED_MORE
    return _read(bytes(stream[9:end]))


def _read(body: bytes) -> Sealing | Refused:
    at = 34  # version and random
    if len(body) < at + 1:
        return Refused("cut_short")
    at += 1 + body[at]
    cipher = int.from_bytes(body[at : at + 2])
    at += 3  # and the compression method
    if at > len(body):
        return Refused("cut_short")
    return _tls13(cipher) if _chose_tls13(body[at + 2 :]) else Sealing(_overhead(cipher))


def _chose_tls13(extensions: bytes) -> bool:
    at = 0
    while at + 4 <= len(extensions):
        kind, length = (int.from_bytes(extensions[at + of : at + of + 2]) for of in (0, 2))
        if kind == _SUPPORTED_VERSIONS:
            return extensions[at + 4 : at + 6] == b"\x03\x04"
        at += 4 + length
    return False


def _tls13(cipher: int) -> Sealing:
    overhead = 9 if cipher == _CCM_8 else _TLS13_OVERHEAD
    return Sealing(overhead, finished=4 + (48 if cipher == _SHA384 else 32) + overhead)


def _overhead(cipher: int) -> int:
    """In TLS 1.2: an explicit nonce of 8 with GCM and CCM, and the tag."""
    if cipher in _CHACHA:
        return 16
    return 24 if cipher in _GCM or cipher in _CCM else _CBC_OVERHEAD
