"""Client hellos of real clients, of an independent builder, and of nobody (H1 to H4)."""

import re
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toktra_agent.core.hello import MOST_BYTES, Hello, read_client_hello, read_handshake
from toktra_agent.core.outcome import NEED_MORE, Refused
from toktra_wire.event import Host

HELLOS = Path(__file__).parents[1] / "hellos"
BROWSER = ("h2", "http/1.1")
OPENAI = "api.openai.com"
CAPTURED = {
    "chromium": Hello(OPENAI, BROWSER, encrypted=True),
    "curl": Hello(OPENAI, BROWSER, encrypted=False),
    "curl-debian": Hello(OPENAI, BROWSER, encrypted=False),
    "firefox": Hello(OPENAI, BROWSER, encrypted=True),
    "go": Hello(OPENAI, BROWSER, encrypted=False),
    "node": Hello(OPENAI, (), encrypted=False),
    "python": Hello(OPENAI, ("http/1.1",), encrypted=False),
}
GREASE = [0x0A0A + 0x1010 * step for step in range(16)]
SNI, ALPN, ECH = 0, 16, 0xFE0D


class Extension(NamedTuple):
    kind: int
    content: bytes


def sized(size: int, content: bytes) -> bytes:
    return len(content).to_bytes(size) + content


def sni(*names: bytes, kind: int = 0) -> Extension:
    return Extension(SNI, sized(2, b"".join(bytes([kind]) + sized(2, name) for name in names)))


def alpn(*protocols: bytes) -> Extension:
    return Extension(ALPN, sized(2, b"".join(sized(1, each) for each in protocols)))


def handshake(*extensions: Extension, session: bytes = b"", ciphers: bytes = b"\x13\x01") -> bytes:
    """A client hello as RFC 8446 4.1.2 draws it, without records."""
    listed = b"".join(each.kind.to_bytes(2) + sized(2, each.content) for each in extensions)
    body = (
        b"\x03\x03" + bytes(32) + sized(1, session) + sized(2, ciphers) + sized(1, b"\x00") + sized(2, listed)
    )
    return b"\x01" + sized(3, body)


def records(message: bytes, cuts: list[int], version: bytes = b"\x03\x01") -> bytes:
    places = sorted({0, len(message), *(cut for cut in cuts if cut < len(message))})
    return b"".join(b"\x16" + version + sized(2, message[a:b]) for a, b in pairwise(places))


def unrecorded(data: bytes) -> bytes:
    message = b""
    while data:
        size = int.from_bytes(data[3:5])
        message, data = message + data[5 : 5 + size], data[5 + size :]
    return message


def every(size: int, message: bytes) -> list[int]:
    return list(range(0, len(message), size))


def captured(name: str) -> bytes:
    return (HELLOS / f"{name}.bin").read_bytes()


def test_every_capture_is_read_and_described() -> None:
    described = set(re.findall(r"^\| `([a-z-]+)` \|", (HELLOS / "README.md").read_text(), re.MULTILINE))
    assert {path.name.partition(".")[0] for path in HELLOS.glob("*.bin")} == described
    assert {name for name in described if "quic" not in name} == set(CAPTURED)


@pytest.mark.parametrize("name", CAPTURED)
def test_h2_every_prefix_of_a_captured_hello_needs_more(name: str) -> None:
    data = captured(name)
    for cut in range(len(data)):
        assert read_client_hello(data[:cut]) is NEED_MORE
    assert read_client_hello(data) == CAPTURED[name]
    assert read_client_hello(data + b"\x17\x03\x03 what follows is ignored") == CAPTURED[name]


@pytest.mark.parametrize("name", CAPTURED)
def test_h1_a_captured_hello_in_any_number_of_records(name: str) -> None:
    message = unrecorded(captured(name))
    for size in (*range(1, 40), 64, 333, len(message) - 1, len(message)):
        assert read_client_hello(records(message, every(size, message))) == CAPTURED[name]
    for cut in range(1, len(message)):
        assert read_client_hello(records(message, [cut])) == CAPTURED[name]


@pytest.mark.parametrize("size", [50, 517])
def test_h1_h2_every_prefix_of_many_records_needs_more(size: int) -> None:
    message = unrecorded(captured("firefox"))
    data = records(message, every(size, message))
    assert {read_client_hello(data[:cut]) for cut in range(len(data))} == {NEED_MORE}
    assert read_client_hello(data) == CAPTURED["firefox"]


def test_any_kind_of_bytes_is_read() -> None:
    data = captured("chromium")
    assert read_client_hello(bytearray(data)) == read_client_hello(memoryview(data)) == CAPTURED["chromium"]


labels = st.from_regex(r"[A-Za-z0-9_-]{1,63}", fullmatch=True)
names = st.lists(labels, min_size=1, max_size=4).map(".".join).filter(lambda name: len(name) <= 253)
protocols = st.lists(st.from_regex(r"[a-z0-9/.]{1,20}", fullmatch=True), min_size=1, max_size=5)
grease = st.builds(Extension, st.sampled_from(GREASE), st.binary(max_size=3))
key_share = st.builds(Extension, st.just(51), st.integers(0, 4000).map(bytes))
others = st.builds(
    Extension,
    st.integers(0, 65_535).filter(lambda kind: kind not in (SNI, ALPN, ECH)),
    st.binary(max_size=60),
)


@st.composite
def hellos(draw: st.DrawFn) -> tuple[bytes, Hello]:
    """A hello and what it says."""
    name, offered = draw(st.none() | names), draw(st.just([]) | protocols)
    outer = draw(st.booleans())
    told = [
        *([sni(name.encode() + draw(st.sampled_from([b"", b"."])))] if name else []),
        *([alpn(*(each.encode() for each in offered))] if offered else []),
        *([Extension(ECH, b"\x00" + draw(st.binary(max_size=200)))] if outer else []),
        *draw(st.lists(grease | key_share | others, max_size=6, unique_by=lambda each: each.kind)),
    ]
    message = handshake(*draw(st.permutations(told)), session=draw(st.binary(max_size=32)))
    return message, Hello(name.lower() if name else None, tuple(offered), outer)


@given(
    hellos(),
    st.lists(st.integers(1, 5000), max_size=5),
    st.sampled_from([b"\x03\x01", b"\x03\x03"]),
    st.data(),
)
def test_h1_h2_a_hello_of_any_shape(
    made: tuple[bytes, Hello], cuts: list[int], version: bytes, data: st.DataObject
) -> None:
    message, expected = made
    sent = records(message, cuts, version)
    assert read_client_hello(sent) == read_handshake(message) == expected
    assert read_client_hello(sent[: data.draw(st.integers(0, len(sent) - 1))]) is NEED_MORE


WHOLE = handshake(sni(b"api.openai.com"))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"GET / HTTP/1.1\r\n", "not_a_handshake_record"),
        (b"CONNECT api.openai.com:443 HTTP/1.1\r\n", "not_a_handshake_record"),
        (b"\x05\x01\x00", "not_a_handshake_record"),  # SOCKS5
        (b"\x80\x2e\x01\x03\x01", "not_a_handshake_record"),  # SSLv2-style hello
        (b"\x17\x03\x03\x00\x10", "not_a_handshake_record"),
        (b"\x16\x02", "not_a_handshake_record"),
        (b"\x16\x03\x04", "not_a_handshake_record"),
        (records(WHOLE, [20])[:25] + b"\x15\x03\x01\x00\x02\x01\x00", "not_a_handshake_record"),
        (b"\x16\x03\x01\x00\x00", "malformed"),
        (b"\x16\x03\x01\x40\x01", "malformed"),
        (b"\x16\x03\x01\x00\x05\x02", "not_a_client_hello"),
        (records(b"\x01\x00\xff\xfd", []), "too_long"),
        (records(b"\x01" + sized(3, b"\x03\x03" + bytes(30)), []), "malformed"),
        (records(b"\x01" + sized(3, WHOLE[4:] + b"\x00"), []), "malformed"),
        (records(b"\x01" + sized(3, WHOLE[4:-1]), []), "malformed"),
        (records(handshake(Extension(51, b""))[:-2] + b"\x00\x01", []), "malformed"),
    ],
)
def test_h2_what_is_no_hello_is_refused_at_once(data: bytes, reason: str) -> None:
    assert read_client_hello(data) == Refused(reason)
    assert read_client_hello(data + bytes(9000)) == Refused(reason)


def test_h3_a_hello_that_does_not_end_is_refused() -> None:
    long = handshake(Extension(51, bytes(60_000)))
    assert isinstance(read_client_hello(records(long, every(16_384, long))), Hello)
    slow = records(long, every(40, long))
    assert len(slow) > MOST_BYTES
    assert read_client_hello(slow[: MOST_BYTES - 1]) is NEED_MORE
    assert read_client_hello(slow[:MOST_BYTES]) == read_client_hello(slow) == Refused("too_long")


@pytest.mark.parametrize("length", [65_532, 65_533])
def test_h3_the_longest_hello_without_records(length: int) -> None:
    expected = NEED_MORE if length == 65_532 else Refused("too_long")
    assert read_handshake(b"\x01" + length.to_bytes(3)) == expected


def test_h4_an_old_hello_ends_before_extensions() -> None:
    body = b"\x03\x01" + bytes(32) + b"\x00" + sized(2, b"\x00\x2f") + sized(1, b"\x00")
    assert read_handshake(b"\x01" + sized(3, body)) == Hello(None, (), encrypted=False)


LONG = b".".join([b"a" * 63] * 3 + [b"b" * 61])


@pytest.mark.parametrize(
    ("extensions", "name"),
    [
        ([sni(b"API.OpenAI.com.")], "api.openai.com"),
        ([sni(b"my_host")], "my_host"),
        ([sni(b"xn--bcher-kva.example")], "xn--bcher-kva.example"),
        ([sni(LONG)], LONG.decode()),
        ([sni(LONG + b".")], LONG.decode()),
        ([sni(LONG + b"b")], None),
        ([sni(b"a" * 64)], None),
        ([sni(b"")], None),
        ([sni(b".")], None),
        ([sni(b"a..b")], None),
        ([sni(b"a.b..")], None),
        ([sni(b".a")], None),
        ([sni(b"api.openai.com ")], None),
        ([sni(b"api.openai.com\n")], None),
        ([sni(b"api.openai.com\x00.evil.test")], None),
        ([sni(b"api.openai.com:443")], None),
        ([sni("bücher.example".encode())], None),
        ([sni(b"a.test", b"b.test")], None),
        ([sni(b"a.test"), sni(b"b.test")], None),
        ([sni(b"a.test"), sni(b"b.test"), sni(b"c.test")], None),
        ([sni(b"a.test", kind=1)], None),
        ([sni()], None),
        ([Extension(SNI, b"")], None),
        ([Extension(SNI, sni(b"a.test").content + b"\x00")], None),
        ([Extension(SNI, sni(b"a.test").content[:-1])], None),
        ([Extension(SNI, b"\x00\x04\x00\x00\x09a")], None),
        ([], None),
    ],
)
def test_h4_a_name_is_a_plain_host_name_or_none(extensions: list[Extension], name: str | None) -> None:
    assert read_handshake(handshake(*extensions)) == Hello(name, (), encrypted=False)


@pytest.mark.parametrize(
    ("extensions", "offered"),
    [
        ([alpn(b"\x0a\x0a", b"h2", b"zz", b"\xfa\xfa")], ("h2",)),
        ([alpn(b"zy", b"zzz")], ("zy", "zzz")),
        ([alpn(b"", b"h2")], ("h2",)),
        ([alpn(b"h 2", b"h2\n", b"\x80", b"h3")], ("h3",)),
        ([Extension(ALPN, b"\x00\x03\x05h2")], ()),
        ([Extension(ALPN, alpn(b"h2").content + b"\x00")], ()),
        ([alpn(b"h2"), alpn(b"h3")], ()),
    ],
)
def test_h4_protocols_are_printable_and_not_grease(
    extensions: list[Extension], offered: tuple[str, ...]
) -> None:
    assert read_handshake(handshake(*extensions)) == Hello(None, offered, encrypted=False)


@pytest.mark.parametrize(("content", "encrypted"), [(b"\x00\x00\x01", True), (b"\x01", False), (b"", False)])
def test_only_an_outer_hello_hides_another(content: bytes, encrypted: bool) -> None:
    assert read_handshake(handshake(Extension(ECH, content))) == Hello(None, (), encrypted=encrypted)


def check(outcome: object) -> None:
    assert outcome is NEED_MORE or isinstance(outcome, Hello | Refused)
    if isinstance(outcome, Hello) and outcome.server_name is not None:
        assert msgspec.convert(outcome.server_name, Host) == outcome.server_name.lower()


@given(st.binary(max_size=300))
def test_bytes_of_any_kind_have_an_outcome(data: bytes) -> None:
    check(read_client_hello(data))
    check(read_client_hello(b"\x16\x03\x01" + data))
    check(read_handshake(b"\x01" + sized(3, data)))


@given(
    st.sampled_from(sorted(CAPTURED)), st.dictionaries(st.integers(0, 1500), st.integers(0, 255), max_size=8)
)
def test_damaged_hellos_have_an_outcome(name: str, damage: dict[int, int]) -> None:
    data = bytearray(captured(name))
    for at, octet in damage.items():
        data[at % len(data)] = octet
    check(read_client_hello(data))
