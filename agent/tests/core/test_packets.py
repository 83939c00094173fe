"""Packet headers of every kind that a capture may bring (K1, K2)."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toktra_agent.core.packets import COOKED, COOKED_2, ETHERNET, LOOP, NULL, RAW, read_packet

HERE, THERE = (b"\x0a\x00\x00\x01", 50_000), (b"\x0a\x00\x00\x02", 443)
HERE6, THERE6 = (b"\xfd" + bytes(14) + b"\x01", 50_000), (b"\xfd" + bytes(14) + b"\x02", 443)
CONTENT = b"some content"
FIN, SYN, RST, PUSH, ACK = 1, 2, 4, 8, 16


def tcp(flags: int = ACK, content: bytes = CONTENT) -> bytes:
    return struct.pack("!HHIIBBHHH", 50_000, 443, 7, 9, 0x80, flags, 512, 0, 0) + bytes(12) + content


UDP = struct.pack("!HHHH", 50_000, 443, 8 + len(CONTENT), 0) + CONTENT


def ipv4(inner: bytes, *, protocol: int = 6, fragment: int = 0, size: int | None = None) -> bytes:
    total = 24 + len(inner) if size is None else size
    head = struct.pack("!BBHHHBBH", 0x46, 0, total, 1, fragment, 64, protocol, 0)
    return head + HERE[0] + THERE[0] + bytes(4) + inner


def ipv6(inner: bytes, *, first: int = 6, size: int | None = None) -> bytes:
    head = struct.pack("!IHBB", 0x60000000, len(inner) if size is None else size, first, 64)
    return head + HERE6[0] + THERE6[0] + inner


LINKS = [
    (RAW, b"", b""),
    (12, b"", b""),
    (NULL, b"\x02\0\0\0", b"\x1e\0\0\0"),
    (LOOP, b"\0\0\0\x02", b"\0\0\0\x1e"),
    (ETHERNET, bytes(12) + b"\x08\x00", bytes(12) + b"\x86\xdd"),
    (ETHERNET, bytes(12) + b"\x81\x00\x00\x05\x08\x00", bytes(12) + b"\x88\xa8\x00\x05\x86\xdd"),
    (COOKED, bytes(14) + b"\x08\x00", bytes(14) + b"\x86\xdd"),
    (COOKED_2, b"\x08\x00" + bytes(18), b"\x86\xdd" + bytes(18)),
]


@pytest.mark.parametrize(("link", "before", "before6"), LINKS)
def test_over_every_link(link: int, before: bytes, before6: bytes) -> None:
    for captured, ends in ((before + ipv4(tcp()), (HERE, THERE)), (before6 + ipv6(tcp()), (HERE6, THERE6))):
        packet = read_packet(link, captured)
        assert packet is not None
        assert (packet.source, packet.target) == ends
        assert (packet.content, packet.length, packet.tcp, packet.sequence) == (
            CONTENT,
            len(CONTENT),
            True,
            7,
        )


@pytest.mark.parametrize("captured", [ipv4(UDP, protocol=17), ipv6(UDP, first=17)])
def test_a_datagram(captured: bytes) -> None:
    packet = read_packet(RAW, captured)
    assert packet is not None
    assert (packet.content, packet.length, packet.tcp, packet.target[1]) == (
        CONTENT,
        len(CONTENT),
        False,
        443,
    )


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (SYN, (True, False, False, False)),
        (SYN | ACK, (False, True, False, False)),
        (FIN | ACK, (False, False, True, False)),
        (RST, (False, False, False, True)),
        (PUSH | ACK, (False, False, False, False)),
    ],
)
def test_what_the_flags_say(flags: int, said: tuple[bool, ...]) -> None:
    packet = read_packet(RAW, ipv4(tcp(flags)))
    assert packet is not None
    assert (packet.begins, packet.accepts, packet.ends, packet.resets) == said


def test_extension_headers_of_ipv6_are_passed_over() -> None:
    packet = read_packet(RAW, ipv6(b"\x3c\x00" + bytes(6) + b"\x06\x01" + bytes(14) + tcp(), first=0))
    assert packet is not None
    assert packet.content == CONTENT


def test_padding_behind_the_packet_is_no_content() -> None:
    for captured in (ipv4(tcp(content=b"")) + bytes(20), ipv6(tcp(content=b"")) + bytes(20)):
        packet = read_packet(RAW, captured)
        assert packet is not None
        assert (packet.content, packet.length) == (b"", 0)


def test_of_a_cut_packet_the_whole_length_counts() -> None:
    for captured in (ipv4(tcp(content=bytes(1000))), ipv6(tcp(content=bytes(1000)))):
        packet = read_packet(RAW, captured[:-900])
        assert packet is not None
        assert (len(packet.content), packet.length) == (100, 1000)


def test_a_length_left_to_the_network_card_is_what_was_captured() -> None:
    for captured in (ipv4(tcp(), size=0), ipv6(tcp(), size=0)):
        packet = read_packet(RAW, captured)
        assert packet is not None
        assert packet.content == CONTENT


@pytest.mark.parametrize(
    "captured",
    [
        ipv4(tcp(), protocol=1),
        ipv4(tcp(), fragment=0x2000),
        ipv4(tcp(), fragment=5),
        b"\x41" + ipv4(tcp())[1:],
        b"\x50" + ipv6(tcp())[1:],
        ipv6(tcp(), first=58),
    ],
)
def test_what_is_neither_is_passed_over(captured: bytes) -> None:
    assert read_packet(RAW, captured) is None


def test_unknown_links_are_passed_over() -> None:
    assert read_packet(9999, ipv4(tcp())) is None
    assert read_packet(ETHERNET, bytes(12) + b"\x08\x06" + ipv4(tcp())) is None
    assert read_packet(COOKED_2, bytes(20) + ipv4(tcp())) is None


@given(
    st.sampled_from([RAW, NULL, ETHERNET, COOKED, COOKED_2]),
    st.sampled_from([ipv4(tcp()), ipv6(tcp()), ipv4(UDP, protocol=17), b""]),
    st.integers(0, 90),
    st.binary(max_size=60),
)
def test_nothing_that_is_captured_is_an_error(link: int, begin: bytes, cut: int, rest: bytes) -> None:
    packet = read_packet(link, begin[:cut] + rest)
    assert packet is None or 0 <= len(packet.content) <= packet.length or packet.length == 0
