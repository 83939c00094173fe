"""The promises of the event's shape (W1 to W3): content has nowhere to go."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toktra_wire.event import MAX_EVENTS_PER_BATCH, EventBatch, UsageEvent, decode_batch, encode
from toktra_wire.ids import id_at, lowest_id_at, milliseconds_of, new_id, unix_milliseconds

NUMBERS_AND_FLAGS = {
    "request_bytes",
    "response_bytes",
    "estimated_input_tokens",
    "estimated_output_tokens",
    "duration_ms",
    "record_count",
    "input_low",
    "input_high",
    "output_low",
    "output_high",
    "streaming",
}
IDS_AND_TIMES = {"id", "occurred_at", "hold_id", "user_id"}
NARROW_TEXTS = {"provider_host", "model", "endpoint", "application", "source", "mode", "estimator_version"}


def event(**changes: Any) -> dict[str, Any]:
    made = {
        "id": str(new_id()),
        "occurred_at": "2026-11-21T14:32:10Z",
        "provider_host": "api.openai.com",
        "request_bytes": 2048,
        "response_bytes": 8192,
        "estimated_input_tokens": 410,
        "estimated_output_tokens": 1190,
    }
    return {**made, **changes}


def decoded(*events: dict[str, Any]) -> EventBatch:
    return decode_batch(msgspec.json.encode({"events": events}))


def test_never_captured_there_is_no_field_for_content() -> None:
    assert set(UsageEvent.__struct_fields__) == NUMBERS_AND_FLAGS | IDS_AND_TIMES | NARROW_TEXTS


@pytest.mark.parametrize(
    "name", ["prompt", "response", "content", "messages", "headers", "url", "sizes", "note"]
)
def test_never_captured_a_field_that_is_not_named_is_refused(name: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=f"unknown field `{name}`"):
        decoded(event(**{name: "What is our revenue?"}))


SENTENCES = [
    "Please summarise the attached contract for me",
    "/v1/chat?q=salary+of+my+boss",
    "line\nbreak",
    "tab\there",
    "nul\x00",
    "x" * 254,
    "",
    " ",
    "Grüße",
]


@pytest.mark.parametrize("name", ["provider_host", "model", "endpoint", "application", "estimator_version"])
@pytest.mark.parametrize("sentence", SENTENCES)
def test_never_captured_texts_have_no_room_for_a_sentence(name: str, sentence: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        decoded(event(**{name: sentence}))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("provider_host", "acme-eu.openai.azure.com"),
        ("model", "anthropic/claude-sonnet-4-5@20250929"),
        ("model", "gpt-4o-2024-08-06"),
        ("endpoint", "/v1beta/models/{model}:streamGenerateContent"),
        ("application", "Google Chrome"),
        ("estimator_version", "2026-11-21"),
    ],
)
def test_what_devices_do_send_is_taken(name: str, text: str) -> None:
    assert getattr(decoded(event(**{name: text})).events[0], name) == text


@pytest.mark.parametrize("kind", [list, dict])
@pytest.mark.parametrize("name", sorted(NUMBERS_AND_FLAGS))
def test_never_captured_totals_only_never_a_sequence(name: str, kind: type) -> None:
    with pytest.raises(msgspec.ValidationError):
        decoded(event(**{name: kind()}))


def test_a_time_without_an_offset_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        decoded(event(occurred_at="2026-11-21T14:32:10"))


@pytest.mark.parametrize("events", [0, MAX_EVENTS_PER_BATCH + 1])
def test_a_batch_has_one_to_five_hundred_events(events: int) -> None:
    with pytest.raises(msgspec.ValidationError):
        decoded(*[event()] * events)


def test_what_is_encoded_is_decoded_the_same() -> None:
    batch = decoded(event(model="gpt-4o", streaming=True, hold_id=str(new_id())), event())
    assert decode_batch(encode(batch)) == batch


INSTANTS = st.datetimes(
    datetime(1970, 1, 2),  # noqa: DTZ001 - Hypothesis takes naive bounds
    datetime(4000, 1, 1),  # noqa: DTZ001
).map(lambda at: at.replace(tzinfo=UTC))


@given(INSTANTS)
def test_an_id_carries_its_instant_to_the_millisecond(at: datetime) -> None:
    made = id_at(at)
    assert milliseconds_of(made) == unix_milliseconds(at)
    assert lowest_id_at(at) <= made < lowest_id_at(at + timedelta(milliseconds=1))


@given(INSTANTS, st.integers(-14, 14))
def test_an_instant_is_the_same_in_every_zone(at: datetime, hours: int) -> None:
    assert unix_milliseconds(at.astimezone(timezone(timedelta(hours=hours)))) == unix_milliseconds(at)


@given(st.uuids(version=4))
def test_other_kinds_of_ids_carry_no_instant(other: Any) -> None:
    assert milliseconds_of(other) is None


def test_ids_sort_in_the_order_they_were_made() -> None:
    made = [new_id() for _ in range(10_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
