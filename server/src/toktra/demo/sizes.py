"""From a trace's tokens to the event a device would send: bytes are derived, tokens are the trace's own."""

from datetime import datetime
from uuid import UUID

from toktra_wire.event import Source, UsageEvent

REQUEST_BYTES, BYTES_PER_INPUT_TOKEN = 700, 4
RESPONSE_BYTES, BYTES_PER_OUTPUT_TOKEN = 900, 365
BYTES_ARE = (
    f"request bytes = {REQUEST_BYTES} + {BYTES_PER_INPUT_TOKEN} x input tokens, response bytes = "
    f"{RESPONSE_BYTES} + {BYTES_PER_OUTPUT_TOKEN} x output tokens (about what streamed answers weigh)"
)


def event_of(
    *,
    event_id: UUID,
    at: datetime,
    host: str,
    model: str,
    endpoint: str,
    input_tokens: int,
    output_tokens: int,
    source: Source,
) -> UsageEvent:
    """A request as its device reports it. The trace knows tokens only, so bytes follow from them."""
    return UsageEvent(
        id=event_id,
        occurred_at=at,
        provider_host=host,
        request_bytes=REQUEST_BYTES + BYTES_PER_INPUT_TOKEN * input_tokens,
        response_bytes=RESPONSE_BYTES + BYTES_PER_OUTPUT_TOKEN * output_tokens,
        estimated_input_tokens=input_tokens,
        estimated_output_tokens=output_tokens,
        model=model,
        endpoint=endpoint,
        streaming=True,
        source=source,
    )
