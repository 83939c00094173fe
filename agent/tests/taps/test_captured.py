"""Recorded packets become requests, whatever they were recorded with (Q1 to Q4, P2).

`two_requests.pcap`: curl over TLS 1.3, twice POST 3,000 bytes to api.openai.com for 2,000, on one connection;
then a GET from www.example.com. Of the first the server counted 6,320 bytes in and 4,162 out, inside TLS.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pcapy
import pytest

from toktra_agent.core.bursts import QUIET
from toktra_agent.core.packets import ETHERNET, NULL, RAW
from toktra_agent.taps.captured import Captured
from toktra_agent.taps.sight import Sight
from toktra_wire.config import ProviderHost

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
HELLOS = Path(__file__).parents[1] / "hellos"
GOT, SENT = 6320, 4162


def recorded() -> list[bytes]:
    packets: list[bytes] = []
    reader = pcapy.open_offline(str(Path(__file__).with_name("two_requests.pcap")))
    assert reader.datalink() == ETHERNET
    reader.loop(-1, lambda header, content: packets.append(content))
    return packets


PACKETS = recorded()


@pytest.fixture
def openai(watcher: Any) -> Sight:
    return Sight(watcher, [ProviderHost("api.openai.com", "openai")])


def replay(sight: Sight, packets: list[bytes], *, link: int = ETHERNET) -> Captured:
    captured = Captured(sight)
    for number, packet in enumerate(packets):
        captured.packet(link, packet, START + timedelta(milliseconds=number))
    captured.close(START + timedelta(milliseconds=len(packets)))
    return captured


def told(watcher: Any) -> tuple[int, int, int]:
    kept = watcher.kept
    return len(kept), sum(one.request_bytes for one in kept), sum(one.response_bytes for one in kept)


@pytest.mark.parametrize(("link", "before"), [(ETHERNET, None), (RAW, b""), (NULL, b"\x02\0\0\0")])
def test_two_requests(openai: Sight, watcher: Any, link: int, before: bytes | None) -> None:
    packets = PACKETS if before is None else [before + packet[14:] for packet in PACKETS]
    replay(openai, packets, link=link)
    assert told(watcher) == (2, GOT, SENT)
    assert {one.host for one in watcher.kept} == {"api.openai.com"}
    assert watcher.admitted == []


def test_of_another_host_nobody_is_asked(openai: Sight, watcher: Any) -> None:
    replay(openai, PACKETS)
    assert {host for host, _ in watcher.asked} == {"api.openai.com"}


def test_packets_seen_twice_count_once(openai: Sight, watcher: Any) -> None:
    replay(openai, [packet for packet in PACKETS for _ in range(2)])
    assert told(watcher) == (2, GOT, SENT)


def test_packets_that_changed_places_count_the_same(openai: Sight, watcher: Any) -> None:
    """Those with content, two by two; each direction stays what it was."""
    swapped = list(PACKETS)
    at = 3
    while at + 1 < len(swapped):
        if len(swapped[at]) > 66 and len(swapped[at + 1]) > 66 and same_way(swapped[at], swapped[at + 1]):
            swapped[at], swapped[at + 1] = swapped[at + 1], swapped[at]
            at += 1
        at += 1
    assert swapped != PACKETS
    replay(openai, swapped)
    assert told(watcher) == (2, GOT, SENT)


def same_way(one: bytes, other: bytes) -> bool:
    return one[26:38] == other[26:38]


def test_a_connection_that_was_there_before_is_not_looked_at(openai: Sight, watcher: Any) -> None:
    replay(openai, PACKETS[1:])
    assert watcher.kept == []


def test_privacy_hours_hide_what_begins_in_them(openai: Sight, watcher: Any) -> None:
    watcher.watching = False
    replay(openai, PACKETS)
    assert watcher.kept == []


def test_the_table_is_empty_when_connections_are_over(openai: Sight, watcher: Any) -> None:
    captured = Captured(openai)
    most = 0
    for packet in PACKETS:
        captured.packet(ETHERNET, packet, START)
        most = max(most, captured.connections)
    assert most == 1
    assert captured.connections == 0


def test_when_the_table_is_full_the_oldest_is_let_go_and_told(openai: Sight, watcher: Any) -> None:
    captured = Captured(openai, most=1)
    half = PACKETS[: len(PACKETS) // 2]
    for packet in half:
        captured.packet(ETHERNET, packet, START)
    assert captured.connections == 1
    other = bytearray(PACKETS[0])
    other[34:36] = b"\x00\x07"
    captured.packet(ETHERNET, bytes(other), START)
    assert captured.connections == 1
    assert watcher.kept != []


def test_a_port_that_is_used_again_is_another_connection(openai: Sight, watcher: Any) -> None:
    captured = Captured(openai)
    without_end = [packet for packet in PACKETS if not packet[47] & 1]
    again = [renumbered(packet) for packet in without_end]
    for packet in without_end + again:
        captured.packet(ETHERNET, packet, START)
    captured.close(START)
    assert told(watcher) == (4, 2 * GOT, 2 * SENT)


def renumbered(packet: bytes) -> bytes:
    sequence = (int.from_bytes(packet[38:42]) + 1_000_000_007) % (1 << 32)
    return packet[:38] + sequence.to_bytes(4) + packet[42:]


def test_a_quiet_request_is_told_of(openai: Sight, watcher: Any) -> None:
    captured = Captured(openai)
    for packet in PACKETS[: len(PACKETS) // 2]:
        captured.packet(ETHERNET, packet, START)
    before = len(watcher.kept)
    captured.look(START + QUIET)
    assert len(watcher.kept) == before + 1


def udp(content: bytes, *, up: bool) -> bytes:
    here, there = b"\x0a\0\0\x01", b"\x0a\0\0\x02"
    ports = (50_000, 443) if up else (443, 50_000)
    head = b"\x45\0" + (28 + len(content)).to_bytes(2) + bytes(4) + b"\x40\x11\0\0"
    ends = here + there if up else there + here
    return head + ends + b"".join(one.to_bytes(2) for one in (*ports, 8 + len(content), 0)) + content


def test_quic_from_its_first_packets(openai: Sight, watcher: Any) -> None:
    initials = [(HELLOS / f"chromium-quic.{number}.bin").read_bytes() for number in (1, 2)]
    packets = [udp(one, up=True) for one in initials]
    packets += [udp(b"\xc0" + bytes(1199), up=False), udp(b"\x40" + bytes(926), up=True)]
    packets += [udp(b"\x40" + bytes(1226), up=False), udp(b"\x40" + bytes(1226), up=False)]
    replay(openai, packets, link=RAW)
    assert told(watcher) == (1, 900, 2400)
    assert watcher.kept[0].host == "api.openai.com"


def test_quic_to_another_host_is_not_looked_at(watcher: Any) -> None:
    initials = [(HELLOS / f"chromium-quic.{number}.bin").read_bytes() for number in (1, 2)]
    packets = [udp(one, up=True) for one in (*initials, b"\x40" + bytes(926))]
    captured = Captured(Sight(watcher, [ProviderHost("api.anthropic.com", "anthropic")]))
    for packet in packets:
        captured.packet(RAW, packet, START)
    assert captured.connections == 0
    assert watcher.asked == []
