"""Transcripts of QUIC connections (G1 to G3)."""

from datetime import UTC, datetime, timedelta

from toktra_agent.core.quic_flow import QuicFlow
from toktra_agent.core.watching import Request

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONG, SHORT = 0xC0, 0x40
HANDSHAKE = [("up", LONG, 1200), ("down", LONG, 1200), ("up", LONG, 1200), ("down", LONG, 900)]


def run(*datagrams: tuple[str, int, int], early_counts: bool = True) -> list[tuple[int, int]]:
    flow = QuicFlow("api.openai.com", early_counts=early_counts)
    over: list[Request | None] = []
    for number, (way, first, length) in enumerate(datagrams):
        at = START + timedelta(seconds=number)
        over.append((flow.sent if way == "up" else flow.received)(first, length, at).over)
    over.append(flow.closed())
    return [(one.request_bytes, one.response_bytes) for one in over if one is not None]


def up(size: int) -> tuple[str, int, int]:
    return "up", SHORT, size + 27


def down(size: int) -> tuple[str, int, int]:
    return "down", SHORT, size + 27


def test_a_handshake_and_settings_are_no_request() -> None:
    assert run(*HANDSHAKE) == []
    assert run(*HANDSHAKE, up(120), down(40), up(10)) == []


def test_requests_are_bursts_up_and_down() -> None:
    datagrams = [up(900), up(900), down(1000), up(10), down(1000), up(400), down(700)]
    assert run(*HANDSHAKE, *datagrams) == [(1810, 2000), (400, 700)]


def test_settings_count_into_the_first_request() -> None:
    assert run(*HANDSHAKE, up(120), down(40), up(300), down(700)) == [(420, 740)]
    assert run(*HANDSHAKE, up(120), down(40), up(300), down(700), early_counts=False) == [(300, 700)]


def test_a_short_first_request_is_one_when_it_is_answered() -> None:
    assert run(*HANDSHAKE, up(120), down(700)) == [(120, 700)]


def test_a_datagram_shorter_than_its_overhead_counts_nothing() -> None:
    assert run(*HANDSHAKE, up(300), ("down", SHORT, 20), down(700)) == [(300, 700)]
