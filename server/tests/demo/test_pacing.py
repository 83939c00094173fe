"""When a trace is sent (P1, P2)."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from toktra.demo import pacing
from toktra.demo.trace import Entry

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BEGAN = datetime(2023, 11, 16, 18, tzinfo=UTC)

traces = st.lists(st.floats(0, 20_000), min_size=1, max_size=40).map(
    lambda seconds: [
        Entry(BEGAN + timedelta(seconds=second), n, n) for n, second in enumerate(sorted(seconds))
    ]
)


@given(traces)
def test_p1_at_once_it_lies_within_the_last_hour(entries: list[Entry]) -> None:
    moved = pacing.within_the_last_hour(entries, NOW)
    assert all(NOW - pacing.HOUR <= entry.at <= NOW for entry in moved)
    assert moved[-1].at == NOW
    _same_requests_in_order(entries, moved)


@given(traces)
def test_p2_a_trace_of_an_hour_keeps_its_pauses(entries: list[Entry]) -> None:
    short = [entry for entry in entries if entry.at - entries[0].at <= pacing.HOUR]
    moved = pacing.within_the_last_hour(short, NOW)
    assert [entry.at - moved[0].at for entry in moved] == [entry.at - short[0].at for entry in short]


@given(traces, st.floats(0.1, 1000))
def test_p1_at_a_pace_it_begins_now_and_runs_that_fast(entries: list[Entry], speed: float) -> None:
    moved = pacing.from_now_on(entries, NOW, speed)
    assert moved[0].at == NOW
    assert abs((moved[-1].at - NOW) * speed - (entries[-1].at - entries[0].at)) < timedelta(seconds=0.01)
    _same_requests_in_order(entries, moved)


@given(traces, st.integers(1, 7))
def test_batches_hold_every_request_once(entries: list[Entry], size: int) -> None:
    parts = list(pacing.batches(entries, size))
    assert [entry for part in parts for entry in part] == entries
    assert all(0 < len(part) <= size for part in parts)


@given(traces, st.integers(1, 7), st.floats(0, 20_000))
def test_only_what_is_due_is_sent(entries: list[Entry], size: int, second: float) -> None:
    now = BEGAN + timedelta(seconds=second)
    sent: list[Entry] = []
    while batch := pacing.due(entries, len(sent), now, size):
        assert len(batch) <= size
        sent += batch
    assert sent == [entry for entry in entries if entry.at <= now]


def _same_requests_in_order(entries: list[Entry], moved: list[Entry]) -> None:
    assert [entry[1:] for entry in moved] == [entry[1:] for entry in entries]
    assert moved == sorted(moved, key=lambda entry: entry.at)
