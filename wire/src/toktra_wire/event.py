"""What leaves a device for the corporate ledger, and nothing beside it.

W1: there is no field that content could go in; a field not named here is refused.
W2: sizes are totals of one request; the sequence of packet or record sizes is never sent.
W3: device and user are not in the event: they come from the credential that sends it.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

MAX_EVENTS_PER_BATCH = 500

Source = Literal["agent", "extension", "api"]
Mode = Literal["corporate", "personal"]

# Each text is as narrow as its kind: there is no room for a sentence, a query string or a header.
Host = Annotated[str, Meta(max_length=253, pattern=r"\A[A-Za-z0-9._-]+\Z", description="SNI host, no port")]
Model = Annotated[str, Meta(max_length=120, pattern=r"\A[A-Za-z0-9._:/@+-]+\Z")]
Endpoint = Annotated[
    str, Meta(max_length=120, pattern=r"\A/[A-Za-z0-9._:/{}-]*\Z", description="Path class, without a query")
]
Application = Annotated[str, Meta(max_length=40, pattern=r"\A[A-Za-z0-9._+()-]+( [A-Za-z0-9._+()-]+){0,3}\Z")]
Version = Annotated[str, Meta(max_length=40, pattern=r"\A[A-Za-z0-9._+-]+\Z")]


class UsageEvent(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One request to an LLM host, as seen from outside the encryption. Bytes and tokens are totals."""

    id: Annotated[UUID, Meta(description="UUIDv7 made on the device; sending it again changes nothing")]
    occurred_at: Annotated[datetime, Meta(tz=True, description="When the request began, with its UTC offset")]
    provider_host: Host
    request_bytes: int
    response_bytes: int
    estimated_input_tokens: int
    estimated_output_tokens: int
    model: Model | None = None
    endpoint: Endpoint | None = None
    streaming: bool | None = None
    duration_ms: int | None = None
    record_count: Annotated[int | None, Meta(description="TLS records seen, both ways")] = None
    application: Annotated[Application | None, Meta(description="Program that made the request")] = None
    hold_id: Annotated[UUID | None, Meta(description="The preflight hold that this event settles")] = None
    source: Source = "api"
    mode: Annotated[Mode, Meta(description="personal is refused: it has a ledger of its own")] = "corporate"
    estimator_version: Version | None = None
    input_low: Annotated[int | None, Meta(description="Lower end of the input estimate's interval")] = None
    input_high: int | None = None
    output_low: int | None = None
    output_high: int | None = None
    user_id: Annotated[UUID | None, Meta(description="Only with an API key: whose usage this is")] = None


class EventBatch(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST /v1/events."""

    events: Annotated[list[UsageEvent], Meta(min_length=1, max_length=MAX_EVENTS_PER_BATCH)]


class Refusal(Struct, frozen=True):
    """Why one event of a batch was not kept. The others are not affected."""

    index: Annotated[int, Meta(description="Position in the batch, from 0")]
    id: UUID
    reason: Annotated[str, Meta(description="Stable code, listed in the documentation")]
    status: Annotated[int, Meta(description="The HTTP status this event alone would have got: 409 or 422")]
    message: str


class Unsettled(Struct, frozen=True):
    """An event that is kept, but did not end the hold it names."""

    index: Annotated[int, Meta(description="Position in the batch, from 0")]
    reason: Annotated[
        str,
        Meta(
            description="`hold_ended`: it was settled, cancelled or lapsed before. "
            "`hold_unknown`: this user has no such hold on this device"
        ),
    ]


class EventsAnswer(Struct, frozen=True, omit_defaults=True):
    """The answer of POST /v1/events: every event is in exactly one of the three counts."""

    accepted: int
    duplicates: Annotated[int, Meta(description="Kept before, with the same content")]
    refused: list[Refusal]
    unsettled: Annotated[
        list[Unsettled],
        Meta(description="Kept, but the hold they name did not end with them; absent if none"),
    ] = []


encode = msgspec.json.Encoder().encode
decode_batch = msgspec.json.Decoder(EventBatch).decode
