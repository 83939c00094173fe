"""The demo's live usage: a few of its devices go on sending, through the public API, so that screens move."""

import asyncio
import random

import httpx2

from toktra.demo.device import Device, known_device
from toktra.demo.record import LiveDevice, Record
from toktra.demo.retries import Refused, Told, client_for
from toktra.demo.rules import Habits, Pool
from toktra.demo.sizes import event_of
from toktra.kit.clock import utc_now
from toktra_wire.event import UsageEvent
from toktra_wire.ids import id_at

LONGEST_PAUSE_SECONDS = 60.0
_PACE = 4.0


async def keep_sending(
    record: Record, history: dict[str, Habits], *, url: str, issuer: str, tell: Told
) -> None:
    """Play the record's devices until cancelled; one that the server refuses falls silent."""
    async with client_for(url) as client, asyncio.TaskGroup() as group:
        for known in record.devices:
            if habits := history.get(known.user_email):
                group.create_task(_play(client, known, habits, issuer, tell))


async def _play(
    client: httpx2.AsyncClient, known: LiveDevice, habits: Habits, issuer: str, tell: Told
) -> None:
    device: Device = known_device(client, known.device_id, issuer, known.private_key)
    rng = random.Random()  # noqa: S311 - not secret
    try:
        while True:
            await asyncio.sleep(pause_seconds(habits.pool, rng))
            await device.send([_event(habits, rng)])
    except Refused as refused:
        tell(f"The live device of {known.user_email} was refused and falls silent: {refused}")


def pause_seconds(pool: Pool, rng: random.Random) -> float:
    """A pause of the trace, at the pace of a busy person."""
    return min(pool.pause(rng) / _PACE, LONGEST_PAUSE_SECONDS)


def _event(habits: Habits, rng: random.Random) -> UsageEvent:
    at = utc_now()
    host, endpoint, model = rng.choices(habits.services, habits.weights)[0]
    input_tokens, output_tokens = habits.pool.size(rng)
    return event_of(
        event_id=id_at(at),
        at=at,
        host=host,
        model=model,
        endpoint=endpoint,
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        source="agent",
    )
