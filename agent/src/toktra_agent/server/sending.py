"""Events to the server: in batches, at least once, until each was answered.

B1: an event leaves the spool when the server has answered for it, or when it alone is what it cannot read.
B2: whatever the server answers is counted by reason; nothing is dropped in silence.
B3: a batch that is refused whole is halved until the one that is at fault is found; the others arrive.
B4: an answer that is not the API's own changes nothing: the events stay.
"""

import gzip
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import httpx2
import msgspec

from toktra_agent.core.retry import asked_seconds
from toktra_agent.server.contact import problem_of, sentence_of
from toktra_agent.store.spool import Spool, Waiting
from toktra_wire.event import EventsAnswer

_SPLITS: Final = {
    "too_large": "refused_too_large",
    "invalid": "refused_invalid",
    "bad_request": "refused_invalid",
}
_HEADERS: Final = {"Content-Encoding": "gzip", "Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Later:
    """Nothing came of it now; the events stay. `seconds`: what the server asks to wait at least."""

    why: str
    seconds: float = 0.0


async def send(client: httpx2.AsyncClient, spool: Spool, batch: Sequence[Waiting]) -> Later | None:
    """Send the oldest events that wait, as `waiting` gave them. Raises what the client raises."""
    body = gzip.compress(b'{"events":[' + b",".join(one.body for one in batch) + b"]}", compresslevel=1)
    response = await client.post("/v1/events", content=body, headers=_HEADERS)
    answer = _answer_of(response)
    if answer is not None:
        _settle(spool, batch, answer)
        return None
    problem = problem_of(response)
    reason = _SPLITS.get(problem.error) if problem is not None else None
    if reason is None:
        wait = asked_seconds(response.headers.get("retry-after"), response.headers.get("date"))
        return Later(sentence_of(response), wait)
    if len(batch) == 1:
        spool.forget(batch, {reason: 1})
        return None
    middle = len(batch) // 2
    return await send(client, spool, batch[:middle]) or await send(client, spool, batch[middle:])


def _settle(spool: Spool, batch: Sequence[Waiting], answer: EventsAnswer) -> None:
    """Every event has its fate (B1, B2)."""
    fates = Counter(f"refused_{one.reason}" for one in answer.refused)
    fates.update(f"unsettled_{one.reason}" for one in answer.unsettled)
    fates.update(accepted=answer.accepted, duplicates=answer.duplicates)
    spool.forget(batch, +fates)


def _answer_of(response: httpx2.Response) -> EventsAnswer | None:
    try:
        return msgspec.json.decode(response.content if response.is_success else b"", type=EventsAnswer)
    except msgspec.MsgspecError:
        return None
