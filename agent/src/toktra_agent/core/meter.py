"""From a request as seen from outside the encryption to the event that leaves the device.

M1: an event says no more than the request it is made of: totals, and an estimate from them.
M2: a program's name that is no plain name is left out; it never keeps an event from being counted.
M3: the estimate is of the bodies alone: a typical HTTP head is taken off each way, never below nothing.
"""

import re
from datetime import datetime
from typing import Final
from uuid import UUID

from toktra_agent.core.watching import Request
from toktra_wire.estimator import Parameters, estimate
from toktra_wire.event import UsageEvent

# HTTP/1.1 repeats every header as text: the SDKs of OpenAI and Anthropic send some 680 bytes of them, and are
# answered with about 1,000 (rate limits, request ids, two cookies). HTTP/2 sends what was said before on the
# connection as an index (RFC 7541): what is left is new values, and a frame header for each part.
HTTP1_REQUEST_HEAD: Final = 680
HTTP1_RESPONSE_HEAD: Final = 1_000
HTTP2_REQUEST_HEAD: Final = 200
HTTP2_RESPONSE_HEAD: Final = 300

_APPLICATION = re.compile(r"[A-Za-z0-9._+()-]+( [A-Za-z0-9._+()-]+){0,3}")
_LONGEST_APPLICATION = 40


def event_of(
    request: Request,
    *,
    event_id: UUID,
    occurred_at: datetime,
    hold_id: UUID | None,
    parameters: Parameters,
) -> UsageEvent:
    """The event of one request. `occurred_at`: when it began by the server's clock, where that is known."""
    sent, came = body_bytes(request)
    found = estimate(
        parameters,
        host=request.host,
        endpoint=None,
        streaming=None,
        request_bytes=sent,
        response_bytes=came,
    )
    return UsageEvent(
        id=event_id,
        occurred_at=occurred_at,
        provider_host=request.host,
        request_bytes=request.request_bytes,
        response_bytes=request.response_bytes,
        estimated_input_tokens=found.input_tokens,
        estimated_output_tokens=found.output_tokens,
        duration_ms=request.duration_ms,
        record_count=request.record_count or None,
        application=plain_name(request.application),
        hold_id=hold_id,
        source="agent",
        estimator_version=found.version,
        input_low=found.input_low,
        input_high=found.input_high,
        output_low=found.output_low,
        output_high=found.output_high,
    )


def body_bytes(request: Request) -> tuple[int, int]:
    """About how many of the bytes were bodies, up and down (M3)."""
    heads = (
        (HTTP2_REQUEST_HEAD, HTTP2_RESPONSE_HEAD)
        if request.http2
        else (HTTP1_REQUEST_HEAD, HTTP1_RESPONSE_HEAD)
    )
    return max(0, request.request_bytes - heads[0]), max(0, request.response_bytes - heads[1])


def plain_name(application: str | None) -> str | None:
    """The program's name as the wire takes it (M2)."""
    if application is None or len(application) > _LONGEST_APPLICATION:
        return None
    return application if _APPLICATION.fullmatch(application) else None
