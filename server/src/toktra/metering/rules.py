"""What makes an event countable. Pure: no clock, no database, no settings.

R1: every event has exactly one fate: kept, duplicate, or refused for one of these reasons.
R2: an event is judged alone; a refused one never takes another with it.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from toktra_wire.event import UsageEvent
from toktra_wire.ids import milliseconds_of, unix_milliseconds

FURTHEST_AHEAD = timedelta(hours=24)
OLDEST = timedelta(days=35)
MOST_TOKENS = 50_000_000
MOST_BYTES = 1 << 40
LONGEST_MS = 7 * 24 * 3600 * 1000


class Reason(StrEnum):
    """Why an event is not kept. Stable codes: they are documented, and counted per organisation and day."""

    CLOCK_AHEAD = "clock_ahead"
    TOO_OLD = "too_old"
    ID_NOT_UUID7 = "id_not_uuid7"
    ID_TIME = "id_time"
    UNKNOWN_HOST = "unknown_host"
    NEGATIVE = "negative_count"
    ABSURD = "absurd_count"
    INTERVAL = "bad_interval"
    PERSONAL = "personal"
    UNKNOWN_USER = "unknown_user"
    NOT_YOUR_USER = "not_your_user"
    CONFLICT = "conflict"


MESSAGES: dict[Reason, str] = {
    Reason.CLOCK_AHEAD: "occurred_at is more than 24 hours ahead of the server. Set the device's clock.",
    Reason.TOO_OLD: "occurred_at is more than 35 days ago. It can no longer be counted; drop it.",
    Reason.ID_NOT_UUID7: "id must be a UUIDv7 (RFC 9562).",
    Reason.ID_TIME: "The time in id is over 24 hours ahead or over 35 days ago. Make ids when events happen.",
    Reason.UNKNOWN_HOST: "provider_host is not a known LLM host. Devices get the list with their settings.",
    Reason.NEGATIVE: "Bytes, tokens, durations and counts cannot be negative.",
    Reason.ABSURD: "A count is larger than one request can be (50 million tokens, 1 TiB, 7 days).",
    Reason.INTERVAL: "An estimate must lie inside its own interval: low <= estimate <= high.",
    Reason.PERSONAL: "Personal usage has a ledger of its own. Nothing of this event was kept here.",
    Reason.UNKNOWN_USER: "user_id is not a user of this organisation that this key may report for.",
    Reason.NOT_YOUR_USER: "A device reports for its own user; only an API key may name another in user_id.",
    Reason.CONFLICT: "An event with this id was kept before, with other content. The first one stays.",
}


class Judge:
    """Judges the events of one request: the instants that bound it are worked out once."""

    __slots__ = ("earliest", "earliest_ms", "latest", "latest_ms")

    def __init__(self, now: datetime) -> None:
        self.earliest, self.latest = now - OLDEST, now + FURTHEST_AHEAD
        self.earliest_ms, self.latest_ms = unix_milliseconds(self.earliest), unix_milliseconds(self.latest)

    def refusal(self, event: UsageEvent) -> Reason | None:
        """Why this event cannot be kept, as far as the event itself tells; None when it can."""
        if event.mode == "personal":
            return Reason.PERSONAL
        if event.occurred_at > self.latest:
            return Reason.CLOCK_AHEAD
        if event.occurred_at < self.earliest:
            return Reason.TOO_OLD
        return self._of_id(event.id) or _of_counts(event) or _of_interval(event)

    def _of_id(self, event_id: UUID) -> Reason | None:
        made_at = milliseconds_of(event_id)
        if made_at is None:
            return Reason.ID_NOT_UUID7
        return None if self.earliest_ms <= made_at <= self.latest_ms else Reason.ID_TIME


def _of_counts(event: UsageEvent) -> Reason | None:
    tokens_in, tokens_out = event.estimated_input_tokens, event.estimated_output_tokens
    sent, received = event.request_bytes, event.response_bytes
    duration, records = event.duration_ms or 0, event.record_count or 0
    if (tokens_in | tokens_out | sent | received | duration | records) < 0:
        return Reason.NEGATIVE
    if tokens_in > MOST_TOKENS or tokens_out > MOST_TOKENS or duration > LONGEST_MS:
        return Reason.ABSURD
    return Reason.ABSURD if sent > MOST_BYTES or received > MOST_BYTES or records > MOST_BYTES else None


def _of_interval(event: UsageEvent) -> Reason | None:
    if event.input_low is event.input_high is event.output_low is event.output_high is None:
        return None
    sides = (
        (event.input_low, event.estimated_input_tokens, event.input_high),
        (event.output_low, event.estimated_output_tokens, event.output_high),
    )
    for low, estimate, high in sides:
        if not 0 <= (estimate if low is None else low) <= estimate <= (estimate if high is None else high):
            return Reason.INTERVAL
        if high is not None and high > MOST_TOKENS * 100:
            return Reason.ABSURD
    return None
