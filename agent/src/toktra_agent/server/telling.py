"""Tells the server whether Privacy Hours are in use. That, and nothing else about them.

D1: what is said is one yes or no; there is nothing else in the request, and nothing kept of when.
D2: it is said once when the agent starts and then when it changed; what did not arrive is said again.
"""

import asyncio
import random
from collections.abc import Callable
from typing import Final

import httpx2
import msgspec

from toktra_agent.core.retry import asked_seconds, wait_seconds
from toktra_agent.server.access import AccessRefused
from toktra_agent.server.contact import UNANSWERED

LOOK_EVERY: Final = 5.0
PATH: Final = "/v1/devices/me/privacy-hours"


async def keep_telling(client: httpx2.AsyncClient, in_use: Callable[[], bool]) -> None:
    """For as long as this runs (D2)."""
    told, failures = None, 0
    while True:
        now = in_use()
        asked = None if now is told else await tell(client, now)
        if asked is None:
            told, failures = now, 0
            await asyncio.sleep(LOOK_EVERY)
        else:
            failures += 1
            await asyncio.sleep(LOOK_EVERY + wait_seconds(failures, asked, random.random()))  # noqa: S311


async def tell(client: httpx2.AsyncClient, in_use: bool) -> float | None:
    """None where the server has heard it; else how long it asks to wait at least."""
    try:
        answer = await client.put(PATH, content=said(in_use), headers={"Content-Type": "application/json"})
    except (*UNANSWERED, AccessRefused):
        return 0.0
    if answer.is_success:
        return None
    return asked_seconds(answer.headers.get("retry-after"), answer.headers.get("date"))


def said(in_use: bool) -> bytes:
    """The whole of the request's body (D1)."""
    return msgspec.json.encode({"in_use": in_use})
