"""Initial packets of the RFCs' examples, of real clients, and of an independent builder (Q1 to Q4)."""

from hmac import digest
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from toktra_agent.core.hello import Hello
from toktra_agent.core.outcome import NEED_MORE, Need, Refused
from toktra_agent.core.quic import MOST_DATAGRAMS, MOST_PIECES, InitialReader, joined

HELLOS = Path(__file__).parents[1] / "hellos"
OPENAI = "api.openai.com"
CAPTURED = {
    "chromium-quic": Hello(OPENAI, ("h3",), encrypted=True),
    "curl-quic": Hello(OPENAI, ("h3", "h3-29"), encrypted=False),
    "firefox-quic": Hello(OPENAI, ("h3",), encrypted=True),
}
V1, V2 = 0x00000001, 0x6B3343CF
SALTS = {
    V1: bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a"),
    V2: bytes.fromhex("0dede3def700a6db819381be6e269dcbf9bd2ed9"),
}
INITIAL, ZERO_RTT, HANDSHAKE, RETRY = range(4)
SHORT = b"\x40" + bytes(40)

# RFC 9001 and RFC 9369, appendix A.2: the same frames, and the protected packets' heads and tags.
ID = bytes.fromhex("8394c8f03e515708")
EXAMPLE_HELLO = bytes.fromhex(
    "010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e868"
    "04fe3a47f06a2b69484c00000413011302010000c000000010000e00000b6578"
    "616d706c652e636f6dff01000100000a00080006001d00170018001000070005"
    "04616c706e000500050100000000003300260024001d00209370b2c9caa47fba"
    "baf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b000302030400"
    "0d0010000e0403050306030203080408050806002d00020101001c0002400100"
    "3900320408ffffffffffffffff05048000ffff07048000ffff08011001048000"
    "75300901100f088394c8f03e51570806048000ffff"
)
EXAMPLE = Hello("example.com", ("alpn",), encrypted=False)
EXAMPLE_ENDS = {
    V1: ("c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7", "e221af44860018ab0856972e194cd934"),
    V2: ("d76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abc", "a18b2faa745b6fe189cf772a9f84cbfc"),
}


def varint(number: int, size: int | None = None) -> bytes:
    size = size or next(size for size in (1, 2, 4, 8) if number < 1 << (8 * size - 2))
    return (number | {1: 0, 2: 1, 4: 2, 8: 3}[size] << (8 * size - 2)).to_bytes(size)


def crypto(offset: int, piece: bytes) -> bytes:
    return b"\x06" + varint(offset) + varint(len(piece), 2) + piece


def expand(secret: bytes, label: str, size: int) -> bytes:
    """HKDF-Expand-Label by hand: one round of HMAC is enough."""
    name = f"tls13 {label}".encode()
    return digest(secret, size.to_bytes(2) + bytes([len(name)]) + name + b"\x00\x01", "sha256")[:size]


def packet(
    frames: bytes,
    *,
    version: int = V1,
    to: bytes = ID,
    keys_of: bytes | None = None,
    number: int = 2,
    number_size: int = 4,
    token: bytes = b"",
    kind: int = INITIAL,
) -> bytes:
    """A packet as a client seals it (RFC 9001, 5)."""
    prefix = "quicv2" if version == V2 else "quic"
    client = expand(digest(SALTS[version], to if keys_of is None else keys_of, "sha256"), "client in", 32)
    key, iv, header_key = (
        expand(client, f"{prefix} {what}", size) for what, size in (("key", 16), ("iv", 12), ("hp", 16))
    )
    bits = (kind + 1) % 4 if version == V2 else kind
    first = 0xC0 | bits << 4 | number_size - 1
    head = bytes([first]) + version.to_bytes(4) + bytes([len(to)]) + to + b"\x00"
    head += varint(len(token)) + token if kind == INITIAL else b""
    head += varint(number_size + len(frames) + 16, 2) + number.to_bytes(number_size)
    sealed = AESGCM(key).encrypt((int.from_bytes(iv) ^ number).to_bytes(12), frames, head)
    at = len(head) - number_size
    sample = (head + sealed)[at + 4 : at + 20]
    mask = Cipher(algorithms.AES(header_key), modes.ECB()).encryptor().update(sample)
    hidden = bytes(a ^ b for a, b in zip(head[at:], mask[1:], strict=False))
    return bytes([first ^ mask[0] & 0x0F]) + head[1:at] + hidden + sealed


def read(*datagrams: bytes) -> Hello | Need | Refused:
    reader = InitialReader()
    outcome: Hello | Need | Refused = NEED_MORE
    for each in datagrams:
        outcome = reader.datagram(each)
    return outcome


@pytest.mark.parametrize("version", [V1, V2])
def test_the_example_of_the_rfc(version: int) -> None:
    sent = packet(crypto(0, EXAMPLE_HELLO).ljust(1162, b"\x00"), version=version)
    head, tag = EXAMPLE_ENDS[version]
    assert len(sent) == 1200
    assert sent.hex().startswith(head)
    assert sent.hex().endswith(tag)
    assert read(sent) == EXAMPLE


@pytest.mark.parametrize("name", CAPTURED)
def test_q1_captured_datagrams_in_any_order_and_twice(name: str) -> None:
    came = [path.read_bytes() for path in sorted(HELLOS.glob(f"{name}.*.bin"))]
    assert len(came) == 2
    for order in permutations(came):
        reader = InitialReader()
        assert [reader.datagram(each) for each in (order[0], order[0])] == [NEED_MORE, NEED_MORE]
        assert reader.datagram(order[1]) == CAPTURED[name]
        assert reader.datagram(b"what follows is ignored") == CAPTURED[name]


@pytest.mark.parametrize("name", CAPTURED)
def test_q2_a_captured_datagram_cut_anywhere_is_not_readable(name: str) -> None:
    """A datagram comes whole or not at all."""
    first = (HELLOS / f"{name}.1.bin").read_bytes()
    for cut in range(0, len(first), 7):
        assert read(first[:cut]) in (NEED_MORE, Refused("not_quic"), Refused("not_readable"))


# Numbers of 8 where an acknowledgement has its numbers: as a frame's kind 8 would be refused.
PASSED_OVER = [
    b"\x00",
    b"\x01",
    b"\x02" + varint(9) + varint(300) + varint(1) + 3 * varint(8),
    b"\x03" + varint(9) + varint(300) + varint(2) + 5 * varint(8) + 2 * varint(8) + varint(8, 8),
    b"\x1c" + varint(0) + varint(6) + varint(3) + b"\x08\x08\x08",
]


@st.composite
def deliveries(draw: st.DrawFn) -> list[bytes]:
    """The example's hello in pieces that overlap, in any order, over packets and datagrams."""
    cuts = sorted(
        {0, len(EXAMPLE_HELLO), *draw(st.lists(st.integers(1, len(EXAMPLE_HELLO) - 1), max_size=6))}
    )
    pieces = [
        crypto(max(0, a - before), EXAMPLE_HELLO[max(0, a - before) : b + after])
        for a, b in pairwise(cuts)
        for before, after in [draw(st.tuples(st.integers(0, 40), st.integers(0, 40)))]
    ]
    frames = draw(st.permutations([*pieces, *draw(st.lists(st.sampled_from(PASSED_OVER), max_size=3))]))
    version, to = draw(st.sampled_from([V1, V2])), draw(st.binary(max_size=20))
    datagrams = [b""]
    for number, frame in enumerate(frames, draw(st.integers(0, 100))):
        sealed = packet(
            frame + bytes(20),
            version=version,
            to=to,
            number=number,
            number_size=draw(st.integers(1, 4)),
            token=draw(st.binary(max_size=80)),
        )
        if draw(st.booleans()):
            datagrams.append(b"")
        datagrams[-1] += sealed
    return [each + draw(st.sampled_from([b"", bytes(50), SHORT])) for each in datagrams if each]


@given(deliveries())
def test_q1_pieces_in_any_order(datagrams: list[bytes]) -> None:
    assert read(*datagrams) == EXAMPLE
    reader = InitialReader()
    outcomes = [reader.datagram(each) for each in datagrams]
    assert all(before is NEED_MORE or before == EXAMPLE for before in outcomes)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=12))
def test_q1_what_is_joined_has_no_gap(spans: list[tuple[int, int]]) -> None:
    whole = bytes(range(120))
    there = {at for start, size in spans for at in range(start, start + size)}
    first_gap = next(at for at in range(121) if at not in there)
    assert joined([(start, whole[start : start + size]) for start, size in spans]) == whole[:first_gap]


HALF = len(EXAMPLE_HELLO) // 2 + 1
FIRST, SECOND = crypto(0, EXAMPLE_HELLO[:HALF]), crypto(HALF, EXAMPLE_HELLO[HALF:])
CHOSEN = b"\x01\x02\x03\x04"
EMPTY = b"\xc0\x00\x00\x00\x01\x00\x00\x00\x0a" + bytes(10)


def test_q4_after_a_retry_the_client_begins_anew() -> None:
    other = EXAMPLE_HELLO.replace(b"example.com", b"sampled.com")
    again = [packet(crypto(at, other[at : at + HALF]), to=CHOSEN, token=b"token" * 60) for at in (0, HALF)]
    assert read(packet(FIRST), again[0]) is NEED_MORE
    assert read(packet(FIRST), *again) == Hello("sampled.com", ("alpn",), encrypted=False)
    assert read(packet(FIRST), again[1], packet(SECOND), packet(FIRST)) == EXAMPLE


def test_q1_the_connection_id_may_change_without_a_retry() -> None:
    """Once the server answered, the client addresses it by the id it chose; the keys stay."""
    assert read(packet(FIRST), packet(SECOND, to=CHOSEN, keys_of=ID)) == EXAMPLE


@pytest.mark.parametrize("kind", [ZERO_RTT, HANDSHAKE])
@pytest.mark.parametrize("version", [V1, V2])
def test_q1_other_packets_before_and_between(kind: int, version: int) -> None:
    other = packet(bytes(30), kind=kind, version=version)
    first, second = packet(FIRST, version=version), packet(SECOND, version=version)
    assert read(other) is NEED_MORE
    assert read(other, other + first + other, SHORT, second) == EXAMPLE


def test_q2_damaged_packets_are_passed_over() -> None:
    damaged = packet(SECOND)[:-1] + b"\x00"
    unknown = b"\xc0\xff\x00\x00\x1d" + bytes(30)
    assert read(packet(FIRST), damaged, unknown, b"", EMPTY, packet(SECOND)) == EXAMPLE
    assert read(packet(FIRST) + packet(SECOND)[:-1], packet(SECOND)) == EXAMPLE


@pytest.mark.parametrize(
    ("datagram", "reason"),
    [
        (b"", "not_quic"),
        (SHORT, "not_quic"),
        (b"GET / HTTP/1.1\r\n", "not_quic"),
        (packet(FIRST)[:100], "not_quic"),
        (packet(FIRST, kind=RETRY), "not_quic"),
        (packet(FIRST, to=bytes(21)), "not_quic"),
        (b"\xc0\xff\x00\x00\x1d" + bytes(1200), "unknown_version"),
        (b"\xc0\x00\x00\x00\x00" + bytes(1200), "unknown_version"),
        (packet(FIRST, keys_of=CHOSEN), "not_readable"),
        (EMPTY, "not_readable"),
        (packet(b"\x08" + bytes(30)), "malformed"),
        (packet(b"\x06\x00\x44"), "malformed"),
        (packet(crypto(0, EXAMPLE_HELLO)[:-1]), "malformed"),
        (packet(b"\x02\x00\x00" + varint(2**62 - 1)), "malformed"),
        (packet(crypto(0, b"\x02" + bytes(40))), "not_a_client_hello"),
        (packet(crypto(0, b"\x01\x01\x00\x00")), "too_long"),
    ],
)
def test_q2_what_is_no_initial_packet_is_refused(datagram: bytes, reason: str) -> None:
    assert read(datagram) == Refused(reason)
    assert read(datagram, packet(FIRST), packet(SECOND)) == Refused(reason)


def sent_until_refused(frames: bytes, datagrams: int) -> list[Any]:
    reader = InitialReader()
    return [reader.datagram(packet(frames, number=number)) for number in range(datagrams)]


def test_q3_no_more_datagrams_than_a_hello_takes() -> None:
    *before, last = sent_until_refused(b"\x01" * 20, MOST_DATAGRAMS)
    assert (set(before), last) == ({NEED_MORE}, Refused("too_long"))


def test_q3_no_more_pieces_than_a_hello_takes() -> None:
    ahead = crypto(7000, b"x")
    assert sent_until_refused(ahead * (MOST_PIECES // 2), 3) == [NEED_MORE, NEED_MORE, Refused("too_long")]


def test_q3_no_more_bytes_than_a_hello_takes() -> None:
    assert sent_until_refused(crypto(7000, bytes(16_000)), 9) == [NEED_MORE] * 8 + [Refused("too_long")]


@given(st.lists(st.binary(max_size=100), max_size=4), st.binary(max_size=100), st.sampled_from([V1, V2]))
def test_bytes_of_any_kind_have_an_outcome(datagrams: list[bytes], frames: bytes, version: int) -> None:
    outcomes = [
        read(*datagrams),
        read(packet(frames, version=version)),
        read(b"\xc0\x00\x00\x00\x01" + frames),
    ]
    assert all(outcome is NEED_MORE or isinstance(outcome, Hello | Refused) for outcome in outcomes)
