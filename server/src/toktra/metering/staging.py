"""Staged events: the temporary table that COPY fills, and the row that an event becomes."""

from typing import Any
from uuid import UUID

from toktra.metering.catalog import Recognized, cost_micros
from toktra_wire.event import UsageEvent

# Column and PostgreSQL type, in the order of the row.
COLUMNS: tuple[tuple[str, str], ...] = (
    ("seq", "int4"),
    ("sender", "int4"),
    ("id", "uuid"),
    ("occurred_at", "timestamptz"),
    ("source", "text"),
    ("provider", "text"),
    ("provider_host", "text"),
    ("model", "text"),
    ("reported_model", "text"),
    ("endpoint", "text"),
    ("application", "text"),
    ("estimator_version", "text"),
    ("hold_id", "uuid"),
    ("request_bytes", "int8"),
    ("response_bytes", "int8"),
    ("input_tokens", "int8"),
    ("output_tokens", "int8"),
    ("input_low", "int8"),
    ("input_high", "int8"),
    ("output_low", "int8"),
    ("output_high", "int8"),
    ("cost_micros", "int8"),
    ("duration_ms", "int8"),
    ("record_count", "int8"),
    ("streaming", "bool"),
)
TYPES = [kind for _, kind in COLUMNS]
CREATE = (
    "CREATE TEMPORARY TABLE IF NOT EXISTS staged_events ("
    + ", ".join(f"{name} {kind}" for name, kind in COLUMNS)
    + ") ON COMMIT DELETE ROWS"
)
COPY = "COPY staged_events FROM STDIN (FORMAT BINARY)"

# A second look, only when something was there before: kept by an earlier transaction, and the same or not?
# OFFSET 0 keeps it one index probe for each staged event, whatever the planner thinks of an unanalysed table.
FIND_KEPT_BEFORE = """
    SELECT e.seq, k.same
    FROM staged_events e
    JOIN unnest(%(sender)s::int[], %(org_id)s::uuid[], %(user_id)s::uuid[], %(device_id)s::uuid[])
        AS s (sender, org_id, user_id, device_id) USING (sender)
    CROSS JOIN LATERAL (
        SELECT (e.occurred_at, e.source, e.provider_host, e.request_bytes, e.response_bytes,
                e.input_tokens, e.output_tokens, s.user_id)
                = (k.occurred_at, k.source, k.provider_host, k.request_bytes, k.response_bytes,
                   k.input_tokens, k.output_tokens, k.user_id)
            AND (e.reported_model, e.endpoint, e.application, e.estimator_version, e.hold_id, e.input_low,
                 e.input_high, e.output_low, e.output_high, e.duration_ms, e.record_count, e.streaming,
                 s.device_id)
                IS NOT DISTINCT FROM
                (k.reported_model, k.endpoint, k.application, k.estimator_version, k.hold_id, k.input_low,
                 k.input_high, k.output_low, k.output_high, k.duration_ms, k.record_count, k.streaming,
                 k.device_id) AS same
        FROM usage_events k
        WHERE k.org_id = s.org_id AND k.id = e.id AND k.xmin <> pg_current_xact_id()::xid
        OFFSET 0
    ) k
"""

Row = tuple[Any, ...]


def row_of(event: UsageEvent, recognized: Recognized) -> Row:
    """The staged row of an event, without the two numbers its group gives it (seq, sender)."""
    return (
        event.id,
        event.occurred_at,
        event.source,
        recognized.provider,
        event.provider_host,
        recognized.model,
        event.model,
        event.endpoint,
        event.application,
        event.estimator_version,
        event.hold_id,
        event.request_bytes,
        event.response_bytes,
        event.estimated_input_tokens,
        event.estimated_output_tokens,
        event.input_low,
        event.input_high,
        event.output_low,
        event.output_high,
        cost_micros(
            recognized,
            input_tokens=event.estimated_input_tokens,
            output_tokens=event.estimated_output_tokens,
            at=event.occurred_at,
        ),
        event.duration_ms,
        event.record_count,
        event.streaming,
    )


def sender_arrays(senders: list[tuple[UUID, UUID, UUID, UUID | None]]) -> dict[str, list[Any]]:
    """The senders of a group as the parallel arrays that the statements unnest."""
    return {
        "sender": list(range(len(senders))),
        "org_id": [sender[0] for sender in senders],
        "user_id": [sender[1] for sender in senders],
        "department_id": [sender[2] for sender in senders],
        "device_id": [sender[3] for sender in senders],
    }
