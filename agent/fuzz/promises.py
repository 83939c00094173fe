"""What the readers promise of any bytes. An input's first octet chooses the reader, the rest is for it."""

import re
from collections.abc import Callable, Iterator

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from toktra_agent.core.hello import Hello, read_client_hello, read_handshake
from toktra_agent.core.outcome import NEED_MORE, Need, Refused
from toktra_agent.core.quic import InitialReader
from toktra_agent.core.quic_packets import VERSIONS, client_keys

NAME = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\Z")
ID = b"\x01\x02\x03\x04\x05\x06\x07\x08"


def check(data: bytes) -> None:
    """AssertionError where a promise is broken; any other error is broken too."""
    if data:
        READERS[data[0] % len(READERS)](data[1:])


def of_streams(data: bytes) -> None:
    """A prefix, cut where the first two octets say, needs more or says what the whole says (H1, H2)."""
    cut, stream = int.from_bytes(data[:2]), data[2:]
    before, whole = read_client_hello(stream[:cut]), read_client_hello(stream)
    assert before is NEED_MORE or before == whole
    sound(whole)


def of_handshakes(data: bytes) -> None:
    """Records change nothing (H1)."""
    direct = read_handshake(data[:16_000])
    if data:
        recorded = read_client_hello(b"\x16\x03\x01" + len(data[:16_000]).to_bytes(2) + data[:16_000])
        assert recorded == direct
    sound(direct)


def of_datagrams(data: bytes) -> None:
    """An outcome stays."""
    reader = InitialReader()
    last: Hello | Need | Refused = NEED_MORE
    for each in counted(data):
        outcome = reader.datagram(each)
        assert last is NEED_MORE or outcome == last
        sound(outcome)
        last = outcome


def of_frames(data: bytes) -> None:
    """As datagrams, each sealed as a client would, so that the frames are reached."""
    reader = InitialReader()
    for number, frames in enumerate(counted(data)):
        sound(reader.datagram(sealed(frames.ljust(4, b"\x00"), number)))


READERS: list[Callable[[bytes], None]] = [of_streams, of_handshakes, of_datagrams, of_frames]


def sound(outcome: object) -> None:
    """H4, and nothing but the three outcomes."""
    assert outcome is NEED_MORE or isinstance(outcome, Hello | Refused)
    if isinstance(outcome, Hello):
        assert outcome.server_name is None or NAME.match(outcome.server_name)
        assert len(outcome.server_name or "") <= 253
        assert all(each.isascii() and each.isprintable() and " " not in each for each in outcome.alpn)


def counted(data: bytes) -> Iterator[bytes]:
    """Runs of bytes, each after its length in two octets; the last may be cut short."""
    while len(data) >= 2:
        size = int.from_bytes(data[:2])
        yield data[2 : 2 + size]
        data = data[2 + size :]


def sealed(frames: bytes, number: int) -> bytes:
    """A client's Initial packet of QUIC v1 with a packet number of one octet."""
    keys = client_keys(VERSIONS[1], ID)
    head = b"\xc0\x00\x00\x00\x01\x08" + ID + b"\x00\x00"
    head += (len(frames) + 17 | 0x80000000).to_bytes(4) + bytes([number % 256])
    nonce = (int.from_bytes(keys.iv) ^ number % 256).to_bytes(12)
    body = AESGCM(keys.key).encrypt(nonce, frames, head)
    mask = Cipher(algorithms.AES(keys.header), modes.ECB()).encryptor().update(body[3:19])  # noqa: S305
    return bytes([head[0] ^ mask[0] & 0x0F]) + head[1:-1] + bytes([head[-1] ^ mask[1]]) + body
