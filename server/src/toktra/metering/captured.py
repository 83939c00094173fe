"""What is kept of a request, in words, with the values of the caller's own latest one.

T1: every field of an event and every column that is kept is listed, and nothing else.
T2: it only ever speaks of the caller.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.guards import may
from toktra.access.rules import Actor, Scope
from toktra.kit.http import get
from toktra.metering.rules import FURTHEST_AHEAD, OLDEST
from toktra_wire.ids import lowest_id_at


class CapturedField(Struct, frozen=True):
    """One thing that is kept of each request."""

    name: Annotated[str, Meta(description="As in POST /v1/events, or as the server adds it")]
    meaning: str
    why: str
    added: Annotated[bool, Meta(description="Not sent by the device: the server adds it")]
    value: Annotated[
        str | int | bool | None, Meta(description="In your latest event; null without one, or when unknown")
    ]


class CapturedAnswer(Struct, frozen=True):
    """What your organisation can see of your requests. Prompts and answers are not among it."""

    event_id: Annotated[UUID | None, Meta(description="Your latest event, which the values are of")]
    fields: Annotated[list[CapturedField], Meta(description="In the order of an event; then what is added")]


# Name, column, meaning, why. In the order of UsageEvent.
SENT: Sequence[tuple[str, str | None, str, str]] = (
    ("id", "id", "A random number that holds the time", "So that a request is counted once"),
    ("occurred_at", "occurred_at", "When the request began", "Usage over time"),
    ("provider_host", "provider_host", "Host of the AI service", "Which service it was"),
    ("request_bytes", "request_bytes", "Bytes sent, in all", "Estimating tokens"),
    ("response_bytes", "response_bytes", "Bytes received, in all", "Estimating tokens"),
    ("estimated_input_tokens", "input_tokens", "Tokens sent, as estimated from sizes", "Usage and cost"),
    (
        "estimated_output_tokens",
        "output_tokens",
        "Tokens received, as estimated from sizes",
        "Usage and cost",
    ),
    ("model", "reported_model", "Model, as it was named", "Usage by model, and cost"),
    ("endpoint", "endpoint", "Kind of endpoint, without what follows it", "Estimating tokens"),
    ("streaming", "streaming", "Whether the answer was streamed", "Estimating tokens"),
    ("duration_ms", "duration_ms", "How long it took, in milliseconds", "Estimating tokens"),
    ("record_count", "record_count", "Number of encrypted records, both ways together", "Estimating tokens"),
    ("application", "application", "Program or browser that made the request", "Which tools are used"),
    ("hold_id", "hold_id", "Number of the hold on a budget", "Ending the hold with what was used"),
    ("source", "source", "What noticed the request: agent, extension or api", "Not counting it twice"),
    ("mode", None, "Corporate; a personal event is refused, and nothing of it kept", "Keeping the two apart"),
    ("estimator_version", "estimator_version", "Version of the estimate", "Checking it later"),
    ("input_low", "input_low", "The fewest tokens sent, by the estimate", "How sure the estimate is"),
    ("input_high", "input_high", "The most tokens sent, by the estimate", "How sure the estimate is"),
    ("output_low", "output_low", "The fewest tokens received, by the estimate", "How sure the estimate is"),
    ("output_high", "output_high", "The most tokens received, by the estimate", "How sure the estimate is"),
    ("user_id", "user_id", "Your account", "Whose usage it is"),
)
ADDED: Sequence[tuple[str, str, str, str]] = (
    ("department_id", "department_id", "Your department at that moment", "Usage by department"),
    ("device_id", "device_id", "The device that sent it", "Whose usage it is"),
    ("provider", "provider", "The company whose service it is", "Usage by provider"),
    ("counted_model", "model", "Model, as it is counted", "Usage by model, and cost"),
    ("cost_micros", "cost_micros", "Cost at list prices, in millionths of a US dollar", "Cost"),
    ("price_version", "price_version", "Version of the price list", "Checking the cost later"),
    ("received_at", "received_at", "When the server received it", "Finding delays"),
)
# An id holds the time it was made at: mostly that of the event, but only bounded as strictly as events are.
_AROUND = (timedelta(hours=1), timedelta(days=1), OLDEST + FURTHEST_AHEAD)
_LAST_USE = "SELECT last_event_at FROM user_activity WHERE org_id = :org_id AND user_id = :user_id"
_LATEST = """
    SELECT * FROM usage_events
    WHERE org_id = :org_id AND id >= :lowest AND id < :highest AND user_id = :user_id AND occurred_at = :at
    ORDER BY id DESC LIMIT 1
"""


@get("/v1/usage/captured", guards=[may(Scope.USAGE_READ)])
async def get_captured(actor: Actor, reading: AsyncSession) -> CapturedAnswer:
    """What your organisation can see of each of your requests, with the values of your latest one."""
    kept = await _latest_event(reading, actor)
    return CapturedAnswer(
        event_id=kept.get("id"),
        fields=[
            CapturedField(name, meaning, why, added, _value(kept, column))
            for fields, added in ((SENT, False), (ADDED, True))
            for name, column, meaning, why in fields
        ],
    )


async def _latest_event(session: AsyncSession, actor: Actor) -> dict[str, Any]:
    """The caller's latest event (T2); empty where there is none any more."""
    whose = {"org_id": actor.org_id, "user_id": actor.user_id}
    at: datetime | None = await session.scalar(text(_LAST_USE), whose)
    if at is None:
        return {}
    for around in _AROUND:
        within = {"lowest": lowest_id_at(at - around), "highest": lowest_id_at(at + around)}
        found = (await session.execute(text(_LATEST), {**whose, **within, "at": at})).mappings().first()
        if found is not None:
            return dict(found)
    return {}


def _value(kept: dict[str, Any], column: str | None) -> str | int | bool | None:
    if column is None:
        return "corporate" if kept else None
    value = kept.get(column)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return str(value) if isinstance(value, UUID) else value


ROUTES: Sequence[Any] = [get_captured]
