"""Requests into events (M1 to M3)."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toktra_agent.core.meter import (
    HTTP1_REQUEST_HEAD,
    HTTP1_RESPONSE_HEAD,
    HTTP2_REQUEST_HEAD,
    HTTP2_RESPONSE_HEAD,
    body_bytes,
    event_of,
    plain_name,
)
from toktra_agent.core.watching import Request
from toktra_wire.estimator import estimate, load
from toktra_wire.event import UsageEvent, decode_batch
from toktra_wire.ids import id_at, milliseconds_of

AT = datetime(2026, 11, 2, 9, 30, 12, 345_000, tzinfo=UTC)
HOLD = UUID("01890000-0000-7000-8000-000000000001")


def request(sent: int = 2_000, came: int = 9_000, *, http2: bool = False, **more: object) -> Request:
    values: dict[str, object] = {"record_count": 7, "application": "curl", **more}
    return Request("api.openai.com", AT, 1_234, sent, came, http2=http2, **values)  # type: ignore[arg-type]


def measured(one: Request) -> UsageEvent:
    return event_of(one, event_id=id_at(AT), occurred_at=AT, hold_id=HOLD, parameters=load())


def test_an_event_says_what_the_request_was_and_nothing_else() -> None:
    event = measured(request())
    assert milliseconds_of(event.id) == 1_793_611_812_345
    assert (event.occurred_at, event.provider_host) == (AT, "api.openai.com")
    assert (event.request_bytes, event.response_bytes) == (2_000, 9_000)
    assert (event.duration_ms, event.record_count, event.application) == (1_234, 7, "curl")
    assert (event.hold_id, event.source, event.mode) == (HOLD, "agent", "corporate")
    assert (event.model, event.endpoint, event.streaming, event.user_id) == (None, None, None, None)


@pytest.mark.parametrize("http2", [False, True])
def test_the_estimate_is_of_the_bodies_alone(http2: bool) -> None:
    heads = (HTTP2_REQUEST_HEAD, HTTP2_RESPONSE_HEAD) if http2 else (HTTP1_REQUEST_HEAD, HTTP1_RESPONSE_HEAD)
    event = measured(request(3_000 + heads[0], 20_000 + heads[1], http2=http2))
    wanted = estimate(
        load(),
        host="api.openai.com",
        endpoint=None,
        streaming=None,
        request_bytes=3_000,
        response_bytes=20_000,
    )
    found = (
        event.estimated_input_tokens,
        event.input_low,
        event.input_high,
        event.estimated_output_tokens,
        event.output_low,
        event.output_high,
        event.estimator_version,
    )
    assert found == (
        wanted.input_tokens,
        wanted.input_low,
        wanted.input_high,
        wanted.output_tokens,
        wanted.output_low,
        wanted.output_high,
        wanted.version,
    )


def test_an_answer_no_longer_than_a_head_is_no_answer() -> None:
    event = measured(request(2_000, HTTP1_RESPONSE_HEAD))
    assert event.estimated_output_tokens == 0
    assert body_bytes(request(1, 1)) == (0, 0)


def test_no_records_are_no_count() -> None:
    assert measured(request(record_count=0)).record_count is None


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.booleans(), st.text(max_size=60))
def test_every_request_makes_an_event_that_the_wire_takes(
    sent: int, came: int, http2: bool, application: str
) -> None:
    event = measured(request(sent, came, http2=http2, application=application))
    body = msgspec.json.encode({"events": [event]})
    assert decode_batch(body).events == [event]
    low, high = event.input_low, event.input_high
    assert low is not None
    assert high is not None
    assert 0 <= low <= event.estimated_input_tokens <= high


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Google Chrome", "Google Chrome"),
        ("python3.11", "python3.11"),
        ("a b c d", "a b c d"),
        ("a b c d e", None),
        ("x" * 40, "x" * 40),
        ("x" * 41, None),
        ("two  blanks", None),
        ("line\n", None),
        ("", None),
        (None, None),
    ],
)
def test_a_name_that_is_no_plain_name_is_left_out(name: str | None, kept: str | None) -> None:
    assert plain_name(name) == kept
