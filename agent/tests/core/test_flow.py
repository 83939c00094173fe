"""Transcripts of connections: what goes up and down, and the requests that come out."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toktra_agent.core.bursts import ANSWERED_QUIET, UNANSWERED_QUIET
from toktra_agent.core.flow import Flow
from toktra_agent.core.watching import Admission, Request

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
FINISHED = 53
TICKET = 250
SHA256, SHA384, CCM_8, CHACHA, CBC = 0x1301, 0x1302, 0x1305, 0xCCA8, 0xC014

Event = tuple[str, bytes]


def record(kind: int, length: int) -> bytes:
    return bytes([kind, 3, 3]) + length.to_bytes(2) + bytes(length)


def sealed(*sizes: int, overhead: int = 17) -> bytes:
    """Application data of so many bytes, each in a record."""
    return b"".join(record(23, size + overhead) for size in sizes)


def server_hello(cipher: int, *, tls13: bool) -> bytes:
    chosen = b"\x00\x33\x00\x02\x00\x1d\x00\x2b\x00\x02\x03\x04" if tls13 else b""
    body = b"\x03\x03" + bytes(32) + b"\x04" + bytes(4) + cipher.to_bytes(2) + b"\x00"
    body += len(chosen).to_bytes(2) + chosen
    message = b"\x02" + len(body).to_bytes(3) + body
    return b"\x16\x03\x03" + len(message).to_bytes(2) + message


HELLO = ("up", record(22, 517))
FLIGHT = ("down", server_hello(SHA256, tls13=True) + record(20, 1) + sealed(30, 4000, 264, 36))
CLIENT_DONE = ("up", record(20, 1) + record(23, FINISHED))
TICKETS = ("down", sealed(TICKET, TICKET))
HANDSHAKE: list[Event] = [HELLO, FLIGHT, CLIENT_DONE]
TLS12: list[Event] = [
    HELLO,
    ("down", server_hello(0xC02F, tls13=False) + record(22, 3000)),
    ("up", record(22, 70) + record(20, 1) + record(22, 40)),
    ("down", record(20, 1) + record(22, 40)),
]


def up(*sizes: int) -> Event:
    return "up", sealed(*sizes)


def down(*sizes: int) -> Event:
    return "down", sealed(*sizes)


def run(events: list[Event], *, http2: bool = False, seconds: int = 1) -> list[Request]:
    """Feed them, a second apart; the requests."""
    flow, over, at = Flow("api.openai.com", http2=http2), [], START
    for way, chunk in events:
        step = flow.sent(chunk, at) if way == "up" else flow.received(chunk, at)
        over.append(step.over)
        at += timedelta(seconds=seconds)
    over.append(flow.closed(at))
    return [one for one in over if one is not None]


def sums(requests: list[Request]) -> list[tuple[int, int, int]]:
    return [(one.request_bytes, one.response_bytes, one.record_count) for one in requests]


def test_a_handshake_is_no_request() -> None:
    assert run(HANDSHAKE) == []
    assert run([*HANDSHAKE, TICKETS]) == []


def test_one_request_is_what_went_up_and_what_came_down() -> None:
    [one] = run([*HANDSHAKE, up(300, 900), down(500, 16_000, 20)])
    assert (one.host, one.request_bytes, one.response_bytes, one.record_count) == (
        "api.openai.com",
        1200,
        16_520,
        5,
    )
    assert (one.began_at, one.duration_ms) == (START + timedelta(seconds=3), 1000)


def test_another_request_begins_when_the_client_sends_after_an_answer_began() -> None:
    events = [up(300), up(200), down(1000), up(400), down(90), down(2000)]
    assert sums(run([*HANDSHAKE, *events])) == [(500, 1000, 3), (400, 2090, 3)]


def test_a_chunk_that_begins_a_request_says_so_and_no_other_does() -> None:
    flow = Flow("api.openai.com")
    events = [*HANDSHAKE, up(300), up(300), down(1000), up(30), up(400)]
    steps = [flow.sent(chunk, START) if way == "up" else flow.received(chunk, START) for way, chunk in events]
    assert [step.begun for step in steps] == [False, False, False, True, False, False, False, True]


def test_small_records_of_the_client_during_an_answer_belong_to_it() -> None:
    assert sums(run([*HANDSHAKE, up(300), down(1000), up(63), down(1000)])) == [(363, 2000, 4)]
    assert len(run([*HANDSHAKE, up(300), down(1000), up(64), down(1000)])) == 2


def test_small_records_of_the_server_during_an_upload_are_no_answer() -> None:
    assert sums(run([*HANDSHAKE, up(9000), down(26), up(9000), down(800)])) == [(18_000, 826, 4)]


def test_small_records_alone_are_no_request() -> None:
    assert run([*HANDSHAKE, up(17), down(17)]) == []


def test_tickets_before_the_first_answer_do_not_count_and_begin_no_answer() -> None:
    events = [up(9000), TICKETS, up(9000), down(TICKET, TICKET)]
    assert sums(run([*HANDSHAKE, *events])) == [(18_000, 2 * TICKET, 4)]


def test_a_single_record_that_could_be_a_ticket_is_an_answer_once_it_shows() -> None:
    assert sums(run([*HANDSHAKE, up(300), down(TICKET)])) == [(300, TICKET, 2)]
    assert sums(run([*HANDSHAKE, up(300), down(TICKET), down(251)])) == [(300, 501, 3)]


def test_a_certificate_of_the_client_is_no_request() -> None:
    for flight in (sealed(1200, 264, 36), sealed(8, 36), sealed(1500)):
        events = [HELLO, FLIGHT, ("up", record(20, 1) + flight), TICKETS, up(300), down(900)]
        assert sums(run(events)) == [(300, 900, 2)]


def test_without_a_finished_of_its_own_only_the_first_record_is_handshake() -> None:
    events: list[Event] = [HELLO, FLIGHT, ("up", sealed(1500, 300)), down(900)]
    assert sums(run(events)) == [(300, 900, 2)]
    assert sums(run([HELLO, FLIGHT, ("up", sealed(1500, 300, 400)), down(900)])) == [(700, 900, 3)]


def test_early_data_is_a_request() -> None:
    first = ("up", record(22, 517) + sealed(400))
    assert sums(run([first, FLIGHT, ("up", sealed(4, 36)), down(900)])) == [(400, 900, 2)]


def test_alerts_do_not_count() -> None:
    assert sums(run([*HANDSHAKE, up(300), down(900, 2), up(2)])) == [(300, 900, 2)]


@pytest.mark.parametrize(
    ("cipher", "overhead"), [(0xC02F, 24), (0x009D, 24), (0xC0AE, 24), (CHACHA, 16), (CBC, 44)]
)
def test_tls12_counts_every_application_record_less_its_sealing(cipher: int, overhead: int) -> None:
    hello = server_hello(cipher, tls13=False)
    events = [TLS12[0], ("down", hello + record(22, 3000)), *TLS12[2:]]
    events += [("up", sealed(300, overhead=overhead)), ("down", sealed(900, overhead=overhead))]
    assert sums(run(events)) == [(300, 900, 2)]


@pytest.mark.parametrize(("cipher", "finished", "overhead"), [(SHA384, 69, 17), (CCM_8, 45, 9)])
def test_the_cipher_says_how_long_a_finished_is(cipher: int, finished: int, overhead: int) -> None:
    events: list[Event] = [
        HELLO,
        ("down", server_hello(cipher, tls13=True) + record(23, 3000)),
        ("up", record(23, finished) + sealed(300, overhead=overhead)),
        ("down", sealed(900, overhead=overhead)),
    ]
    assert sums(run(events)) == [(300, 900, 2)]


def test_the_preface_of_http2_alone_is_no_request() -> None:
    assert run([*HANDSHAKE, up(64), TICKETS, down(40), up(9)], http2=True) == []


def test_the_preface_counts_into_the_first_request() -> None:
    [one] = run([*HANDSHAKE, up(70), TICKETS, down(40), up(9), up(300), down(900)], http2=True)
    assert (one.request_bytes, one.response_bytes, one.record_count, one.http2) == (379, 940, 5, True)


def test_what_came_early_counts_only_where_it_may() -> None:
    def told(*events: Event) -> list[tuple[int, int, int]]:
        flow, over = Flow("api.openai.com", http2=True, early_counts=False), []
        for way, chunk in [*HANDSHAKE, *events]:
            over.append((flow.sent if way == "up" else flow.received)(chunk, START).over)
        over.append(flow.closed(START))
        return sums([one for one in over if one is not None])

    assert told(up(70), down(40), up(300), down(900)) == [(300, 900, 2)]
    assert told(up(70), down(40), down(900), up(300), down(700)) == [(300, 700, 2)]


def test_a_short_first_request_is_one_when_it_is_answered() -> None:
    assert sums(run([*HANDSHAKE, up(80), TICKETS, down(900)], http2=True)) == [(80, 900, 2)]
    assert sums(run([*HANDSHAKE, up(80), down(200, 300)], http2=True)) == [(80, 500, 3)]


def test_what_could_be_no_preface_is_a_request_at_once() -> None:
    for http2, size in ((True, 201), (False, 70)):
        flow = Flow("api.openai.com", http2=http2)
        for way, chunk in HANDSHAKE:
            (flow.sent if way == "up" else flow.received)(chunk, START)
        assert flow.sent(sealed(size), START).begun


def test_a_request_without_an_answer_is_one() -> None:
    assert sums(run([*HANDSHAKE, up(300)])) == [(300, 0, 1)]


@pytest.mark.parametrize(("events", "longest"), [([down(900)], ANSWERED_QUIET), ([], UNANSWERED_QUIET)])
def test_a_request_is_over_when_nothing_came_for_long(events: list[Event], longest: timedelta) -> None:
    flow = Flow("api.openai.com")
    for way, chunk in [*HANDSHAKE, up(300), *events]:
        (flow.sent if way == "up" else flow.received)(chunk, START)
    assert flow.quiet(START + longest - timedelta(microseconds=1)) is None
    over = flow.quiet(START + longest)
    assert over is not None
    assert (over.request_bytes, over.response_bytes, over.duration_ms) == (300, 900 if events else 0, 0)
    assert flow.closed(START + longest) is None


def test_what_is_told_of_a_request_so_far_is_told_again_when_more_came() -> None:
    flow = Flow("api.openai.com")
    for way, chunk in [*HANDSHAKE, up(300)]:
        (flow.sent if way == "up" else flow.received)(chunk, START)
    assert flow.so_far() is None
    told = []
    for second in (1, 2):
        flow.received(sealed(900), START + timedelta(seconds=second))
        told.append(flow.so_far())
        assert flow.so_far() is None
    told.append(flow.closed(START))
    assert [(one.request_bytes, one.response_bytes) for one in told if one] == [
        (300, 900),
        (300, 1800),
        (300, 1800),
    ]
    assert len({one.id for one in told if one}) == 1


def test_after_long_quiet_what_the_client_sends_is_another_request() -> None:
    seconds = int(UNANSWERED_QUIET.total_seconds())
    events = [*HANDSHAKE, up(300), up(300), down(900)]
    assert sums(run(events, seconds=seconds)) == [(300, 0, 1), (300, 0, 1), (0, 900, 1)]
    assert sums(run(events, seconds=seconds - 1)) == [(600, 900, 3)]


def test_the_rest_of_a_long_record_keeps_a_request_alive() -> None:
    big = sealed(16_000)
    events: list[Event] = [("down", big[at : at + 4000]) for at in range(0, len(big), 4000)]
    [one] = run([*HANDSHAKE, up(300), *events], seconds=200)
    assert one.duration_ms == 200_000 * len(events)


def test_a_clock_set_back_gives_no_negative_duration() -> None:
    [one] = run([*HANDSHAKE, up(300), down(900)], seconds=-60)
    assert one.duration_ms == 0


def test_what_is_not_tls_counts_whole() -> None:
    events: list[Event] = [
        ("up", b"GET / HTTP/1.1\r\n\r\n"),
        ("down", bytes(25)),
        ("up", bytes(100)),
        ("down", bytes(39)),
        ("up", bytes(10)),
        ("down", bytes(700)),
    ]
    assert sums(run(events)) == [(118, 64, 0), (10, 700, 0)]


def test_what_is_no_longer_tls_counts_whole_from_then_on() -> None:
    lost = ("down", b"not a record, and now its walk is over")
    assert sums(run([*HANDSHAKE, up(300), lost, ("down", bytes(1000))])) == [(300, 1000, 1)]


def test_an_admission_goes_with_its_request() -> None:
    flow = Flow("api.openai.com")
    held = Admission("allow", hold_id=UUID(int=1))
    for way, chunk in [*HANDSHAKE, up(300)]:
        (flow.sent if way == "up" else flow.received)(chunk, START)
    flow.admitted(held)
    flow.received(sealed(900), START)
    over = flow.sent(sealed(300), START).over
    assert over is not None
    assert over.admission == held
    rest = flow.closed(START)
    assert rest is not None
    assert rest.admission.hold_id is None


def test_a_forgotten_request_is_told_to_nobody_and_the_next_one_is() -> None:
    flow = Flow("api.openai.com")
    for way, chunk in [*HANDSHAKE, up(300)]:
        (flow.sent if way == "up" else flow.received)(chunk, START)
    flow.forget()
    flow.received(sealed(900), START)
    assert flow.sent(sealed(500), START).over is None
    rest = flow.closed(START)
    assert rest is not None
    assert (rest.request_bytes, rest.response_bytes) == (500, 0)


def begun(events: list[Event], *, http2: bool = False) -> list[bool]:
    flow = Flow("api.openai.com", http2=http2)
    return [(flow.sent if way == "up" else flow.received)(chunk, START).begun for way, chunk in events]


def test_the_third_record_shows_that_a_handshake_has_no_finished_of_its_own() -> None:
    events: list[Event] = [HELLO, FLIGHT, ("up", sealed(1500, 300)), ("up", sealed(400))]
    assert begun(events) == [False, False, False, True]


def test_a_certificate_of_the_client_with_a_longer_finished() -> None:
    flight = ("down", server_hello(SHA384, tls13=True) + record(23, 3000))
    assert begun([HELLO, flight, ("up", sealed(1200, 264, 52)), up(300)]) == [False, False, False, True]


def test_after_the_preface_no_record_is_taken_for_one() -> None:
    assert begun([*HANDSHAKE, up(70), up(100)], http2=True)[-2:] == [False, True]
    assert begun([*HANDSHAKE, up(300), down(900), up(150)], http2=True)[-1]
    assert begun([*HANDSHAKE, up(80), TICKETS, down(900), up(150)], http2=True)[-1]
    assert begun([*HANDSHAKE, TICKETS, down(900), up(80)], http2=True)[-1] is False


def test_after_a_quiet_minute_what_the_server_sends_ends_the_request() -> None:
    flow = Flow("api.openai.com")
    for way, chunk in [*HANDSHAKE, up(300), down(900)]:
        (flow.sent if way == "up" else flow.received)(chunk, START)
    over = flow.received(sealed(900), START + ANSWERED_QUIET).over
    assert over is not None
    assert (over.request_bytes, over.response_bytes) == (300, 900)


@pytest.mark.parametrize("wanted", [True, False])
def test_an_answer_that_goes_on_after_long_quiet_is_counted_whole(wanted: bool) -> None:
    """B3: models think for minutes. What was not watched when it began is not watched later (P2)."""
    flow = Flow("api.openai.com")
    for way, chunk in [*HANDSHAKE, up(300)]:
        (flow.sent if way == "up" else flow.received)(chunk, START)
    if not wanted:
        flow.forget()
    flow.received(sealed(900), START)
    flow.quiet(START + ANSWERED_QUIET)
    flow.received(sealed(20), START + ANSWERED_QUIET)
    assert flow.closed(START + ANSWERED_QUIET) is None
    for size in (700, 800):
        flow.received(sealed(size), START + 2 * ANSWERED_QUIET)
    late = flow.closed(START + 2 * ANSWERED_QUIET)
    assert (late and (late.request_bytes, late.response_bytes, late.record_count)) == (
        (0, 1_500, 2) if wanted else None
    )


def test_the_rest_of_a_long_record_of_the_client_keeps_its_request_alive() -> None:
    big = sealed(16_000)
    events: list[Event] = [("up", big[at : at + 4000]) for at in range(0, len(big), 4000)]
    [one] = run([*HANDSHAKE, *events], seconds=200)
    assert one.duration_ms == 200_000 * (len(events) - 1)


def test_a_client_that_no_longer_speaks_tls_counts_whole_from_then_on() -> None:
    lost = ("up", b"not a record, and now its walk is over")
    assert sums(run([*HANDSHAKE, lost, ("up", bytes(1000))])) == [(1000, 0, 0)]


def test_unseen_bytes_of_a_record_are_counted_with_it() -> None:
    flow = Flow("api.openai.com")
    for way, chunk in [*HANDSHAKE, up(300)]:
        (flow.sent if way == "up" else flow.received)(chunk, START)
    big = sealed(10_000)
    flow.received(big[:3000], START)
    flow.missed(4000, START, sent=False)
    flow.received(big[7000:] + sealed(50), START)
    flow.missed(1000, START, sent=False)
    flow.missed(500, START, sent=False)
    over = flow.closed(START)
    assert over is not None
    assert over.response_bytes == 10_050 + 500


SIZES = st.lists(st.integers(1, 1500), min_size=1, max_size=4)
MESSAGES = st.lists(st.tuples(st.sampled_from(["up", "down"]), SIZES), max_size=12)
STARTS = st.sampled_from([HANDSHAKE, [*HANDSHAKE, TICKETS], TLS12, [HELLO, FLIGHT, ("up", sealed(1500))], []])


@settings(deadline=None)
@given(STARTS, MESSAGES, st.booleans(), st.lists(st.integers(1, 9000), min_size=1, max_size=6))
def test_however_the_bytes_are_cut_the_same_requests_come_out(
    start: list[Event], messages: list[tuple[str, list[int]]], http2: bool, steps: list[int]
) -> None:
    events = start + [(way, sealed(*sizes)) for way, sizes in messages]
    pieces = [(way, piece) for way, chunk in events for piece in cut(chunk, steps)]
    assert run(pieces, http2=http2, seconds=0) == run(events, http2=http2, seconds=0)


@given(MESSAGES, MESSAGES)
def test_no_byte_of_the_client_counts_twice_or_is_lost(
    first: list[tuple[str, list[int]]], rest: list[tuple[str, list[int]]]
) -> None:
    """After a request that begins at once, the sums of what requests say are the sums of what went by."""
    messages = [("up", [300]), ("down", [1000]), *first, *rest]
    requests = run([*TLS12, *((way, sealed(*sizes, overhead=24)) for way, sizes in messages)])
    for way, of in (("up", "request_bytes"), ("down", "response_bytes")):
        went = sum(sum(sizes) for one, sizes in messages if one == way)
        assert sum(getattr(one, of) for one in requests) == went


def cut(chunk: bytes, steps: list[int]) -> list[bytes]:
    pieces, turn = [], 0
    while chunk:
        step = steps[turn % len(steps)]
        pieces.append(chunk[:step])
        chunk, turn = chunk[step:], turn + 1
    return pieces
