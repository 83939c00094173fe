"""Ingest through HTTP beside raw COPY: the same events, the same machine, the same run."""

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

import httpx2
import psycopg
from e2e.devices import enroll
from e2e.installation import Installation, installation, peak_megabytes

from bench import load
from toktra.kit.database import connection_options, conninfo, locate
from toktra.metering import staging
from toktra.metering.catalog import recognize
from toktra.metering.writer import MOST_EVENTS_PER_GROUP
from toktra_wire.event import EventBatch, UsageEvent, encode
from toktra_wire.ids import new_id

DEVICES = 32
CONNECTIONS = 64
BATCH = 100
MODELS = (
    ("api.openai.com", "gpt-4o"),
    ("api.anthropic.com", "claude-sonnet-4-5"),
    ("acme.openai.azure.com", "gpt-4o-mini"),
    ("europe-west1-aiplatform.googleapis.com", "gemini-2.5-pro"),
)


def run(events: int = 300_000, *, workers: int = 2) -> dict[str, Any]:
    """Measure with and without budgets above every user, and answer the figures."""
    with installation(workers=workers) as running:
        tokens = enroll(running, DEVICES)
        over_http(running, tokens, events // 20)
        paths = {"no budgets": over_http(running, tokens, events)}
        budget_all(running)
        over_http(running, tokens, events // 20)
        paths["two budgets above every user"] = over_http(running, tokens, events)
        raw = raw_copy(running, events)
    for path in paths.values():
        path["ratio"] = round(path["events_per_second"] / raw, 3)
    return {
        "events": events,
        "batch": BATCH,
        "connections": CONNECTIONS,
        "server_processes": workers,
        "paths": paths,
        "copy_events_per_second": round(raw),
    }


def over_http(running: Installation, tokens: list[str], events: int) -> dict[str, float]:
    """Send so many new events: how many a second, and the most memory that a server process has held."""
    bodies = [encode(EventBatch(batch)) for batch in batches(events)]
    began = time.perf_counter()
    send(running, tokens, bodies)
    per_second = round(events / (time.perf_counter() - began))
    peak = peak_megabytes(running.server.pid if running.server else 0)
    return {"events_per_second": per_second, "server_peak_mb": round(peak, 1)}


def budget_all(running: Installation) -> None:
    """Budgets on the organisation and on every team."""
    headers = {"Authorization": f"Bearer {running.api_key}"}
    with httpx2.Client(base_url=running.url, headers=headers) as api:
        for scope in ({}, *({"department": f"Team {number}"} for number in range(8))):
            body = {**scope, "limit_tokens": 2 * 10**9, "period": "monthly"}
            api.post("/v1/budgets", json=body).raise_for_status()


def some_events(seed: int = 7) -> Iterator[UsageEvent]:
    """Events of the last two days, at random sizes."""
    draw = random.Random(seed)
    now = datetime.now(UTC)
    while True:
        host, model = draw.choice(MODELS)
        inputs, outputs = draw.randrange(20, 8000), draw.randrange(5, 1500)
        yield UsageEvent(
            id=new_id(),
            occurred_at=now - timedelta(seconds=draw.randrange(172_800)),
            provider_host=host,
            model=model,
            endpoint="/v1/chat/completions",
            request_bytes=inputs * 5,
            response_bytes=outputs * 300,
            estimated_input_tokens=inputs,
            estimated_output_tokens=outputs,
            streaming=True,
            duration_ms=draw.randrange(300, 30_000),
            source="agent",
        )


def batches(events: int) -> Iterator[list[UsageEvent]]:
    """The events in batches; the events of one batch are close in time, as a device's are."""
    stream = some_events()
    draw = random.Random(11)
    for _ in range(events // BATCH):
        began = datetime.now(UTC) - timedelta(seconds=draw.randrange(172_800))
        yield [
            UsageEvent(**{**_fields(event), "occurred_at": began + timedelta(seconds=20 * number)})
            for number, event in enumerate(islice(stream, BATCH))
        ]


def _fields(event: UsageEvent) -> dict[str, Any]:
    return {name: getattr(event, name) for name in event.__struct_fields__}


def send(running: Installation, tokens: list[str], bodies: list[bytes]) -> None:
    """Send every body; each event must be taken."""
    requests = [
        load.post("/v1/events", tokens[number % len(tokens)], body) for number, body in enumerate(bodies)
    ]
    load.send(running.port, requests, connections=CONNECTIONS, expected=b'"refused":[]')


def raw_copy(running: Installation, events: int) -> float:
    """The same events by binary COPY straight into the table that keeps them: events a second.

    It is what keeping costs at the least: the same partitions and primary key, as durable, in transactions of
    the writer's size; but nobody checks, nothing is rolled up, and a repeated event would be an error.
    """
    owner_id, received_at = UUID(int=1), datetime.now(UTC)
    rows = []
    for event in islice((event for batch in batches(events) for event in batch), events):
        recognized = recognize(event.provider_host, event.model)
        assert recognized is not None
        staged = dict(zip(_STAGED, staging.row_of(event, recognized), strict=True))
        rows.append((owner_id, owner_id, owner_id, owner_id, received_at, *staged.values()))
    address = conninfo(locate(running.settings).corporate)
    with psycopg.connect(address, options=connection_options()) as connection:
        columns = ", ".join(("org_id", "user_id", "department_id", "device_id", "received_at", *_STAGED))
        began = time.perf_counter()
        for first in range(0, events, MOST_EVENTS_PER_GROUP):
            with connection.cursor().copy(
                f"COPY usage_events ({columns}) FROM STDIN (FORMAT BINARY)"
            ) as copy:
                copy.set_types(["uuid"] * 4 + ["timestamptz"] + staging.TYPES[2:])
                for row in rows[first : first + MOST_EVENTS_PER_GROUP]:
                    copy.write_row(row)
            connection.commit()
        return events / (time.perf_counter() - began)


_STAGED = [name for name, _ in staging.COLUMNS[2:]]
