"""An event is counted once: in one request, across requests, on two servers at once."""

import asyncio
import random
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx2
import pytest
from litestar import Litestar

from toktra.app import build
from toktra.kit.settings import Settings
from toktra_wire.ids import new_id

OTHER = [
    ("occurred_at", lambda sent: sent["occurred_at"].replace("+00:00", "+01:00")),
    ("provider_host", lambda sent: "chatgpt.com"),
    ("model", lambda sent: "gpt-4o-mini"),
    ("model", lambda sent: None),
    ("request_bytes", lambda sent: sent["request_bytes"] + 1),
    ("response_bytes", lambda sent: 0),
    ("estimated_input_tokens", lambda sent: 1001),
    ("estimated_output_tokens", lambda sent: 0),
    ("endpoint", lambda sent: "/v1/other"),
    ("streaming", lambda sent: False),
    ("duration_ms", lambda sent: 1),
    ("record_count", lambda sent: 1),
    ("application", lambda sent: "other"),
    ("hold_id", lambda sent: str(new_id())),
    ("source", lambda sent: "extension"),
    ("estimator_version", lambda sent: "2"),
    ("input_low", lambda sent: 1),
    ("input_high", lambda sent: 9999),
    ("output_low", lambda sent: 1),
    ("output_high", lambda sent: 9999),
]


def fates(answer: dict[str, Any]) -> tuple[int, int, list[tuple[int, str, int]]]:
    refused = [(one["index"], one["reason"], one["status"]) for one in answer["refused"]]
    return answer["accepted"], answer["duplicates"], refused


async def test_again_in_another_request_is_a_duplicate(
    meter: Any, event: Any, organization: Any, kept: Any
) -> None:
    sent = [event() for _ in range(3)]
    assert fates(await meter.send(*sent)) == (3, 0, [])
    assert fates(await meter.send(*reversed(sent), event())) == (1, 3, [])
    assert len(await kept(organization)) == 4
    (item,) = await meter.usage()
    assert (item["total_requests"], item["total_input_tokens"]) == (4, 4000)


async def test_the_same_written_otherwise_is_the_same(meter: Any, event: Any, now: datetime) -> None:
    sent = event(occurred_at=now.isoformat())
    in_nepal = now.astimezone(timezone(timedelta(hours=5, minutes=45))).isoformat()
    otherwise = {**sent, "occurred_at": in_nepal, "id": sent["id"].upper(), "streaming": None}
    assert fates(await meter.send(sent)) == (1, 0, [])
    assert fates(await meter.send(otherwise, otherwise)) == (0, 2, [])


async def test_again_in_the_same_request_is_a_duplicate(meter: Any, event: Any) -> None:
    sent = event()
    assert fates(await meter.send(sent, sent, event(), sent)) == (2, 2, [])


@pytest.mark.parametrize(("field", "other"), OTHER)
async def test_other_content_under_the_id_is_a_conflict_and_the_first_stays(
    meter: Any, event: Any, organization: Any, kept: Any, refused_counts: Any, field: str, other: Any
) -> None:
    sent = event()
    changed = {**sent, field: other(sent)}
    assert fates(await meter.send(sent)) == (1, 0, [])
    assert fates(await meter.send(event(), changed)) == (1, 0, [(1, "conflict", 409)])
    assert fates(await meter.send(event(), sent)) == (1, 1, [])
    assert (await kept(organization))[sent["id"]] == 1000
    assert await refused_counts() == {"conflict": 1}


async def test_other_content_in_the_same_request_is_a_conflict_too(
    meter: Any, event: Any, organization: Any, kept: Any, refused_counts: Any
) -> None:
    sent = event()
    changed = {**sent, "estimated_input_tokens": 7}
    assert fates(await meter.send(sent, changed, sent)) == (1, 1, [(1, "conflict", 409)])
    assert await kept(organization) == {sent["id"]: 1000}
    assert await refused_counts() == {"conflict": 1}


async def test_a_repeated_conflict_is_no_duplicate(meter: Any, event: Any, refused_counts: Any) -> None:
    sent = event()
    changed = {**sent, "estimated_input_tokens": 7}
    assert fates(await meter.send(sent)) == (1, 0, [])
    conflicts = [(0, "conflict", 409), (1, "conflict", 409)]
    assert fates(await meter.send(changed, changed, event())) == (1, 0, conflicts)
    assert await refused_counts() == {"conflict": 2}


async def test_naming_one_s_own_user_is_the_same_as_naming_none(
    meter: Any, event: Any, device: Any, organization: Any
) -> None:
    sent = event()
    named = {**sent, "user_id": str(organization.member.id)}
    assert fates(await meter.send(sent, named, headers=device.headers)) == (1, 1, [])
    assert fates(await meter.send(named, headers=device.headers)) == (0, 1, [])


async def test_the_same_id_from_another_user_or_device_is_a_conflict(
    meter: Any, event: Any, device: Any, organization: Any
) -> None:
    sent = event(user_id=str(organization.member.id))
    assert fates(await meter.send(sent)) == (1, 0, [])
    assert fates(await meter.send(sent, headers=device.headers)) == (0, 0, [(0, "conflict", 409)])
    other = {**sent, "user_id": str(organization.manager.id)}
    assert fates(await meter.send(other)) == (0, 0, [(0, "conflict", 409)])


async def test_two_organisations_may_have_the_same_id(
    meter_of: Any, event: Any, organization: Any, other_organization: Any
) -> None:
    sent = event()
    for one in (organization, other_organization):
        assert fates(await meter_of(one).send(sent)) == (1, 0, [])


async def test_the_order_of_sending_does_not_matter_to_what_is_kept_of_a_refused_one(
    meter: Any, event: Any
) -> None:
    """A refused event is not kept, so that its mended form is new."""
    sent = event()
    assert fates(await meter.send({**sent, "request_bytes": -1})) == (0, 0, [(0, "negative_count", 422)])
    assert fates(await meter.send(sent)) == (1, 0, [])


async def test_the_same_at_once_is_counted_once(meter: Any, event: Any, organization: Any, kept: Any) -> None:
    sent = [event() for _ in range(20)]
    answers = await asyncio.gather(*(meter.send(*sent) for _ in range(10)))
    assert sum(answer["accepted"] for answer in answers) == 20
    assert sum(answer["duplicates"] for answer in answers) == 180
    assert len(await kept(organization)) == 20


async def test_two_servers_get_the_same_in_different_order(
    settings: Settings,
    app: Litestar,
    run: Callable[[Litestar], AbstractAsyncContextManager[Litestar]],
    client_to: Callable[..., AbstractAsyncContextManager[httpx2.AsyncClient]],
    event: Any,
    meter: Any,
    organization: Any,
    other_organization: Any,
) -> None:
    """Each has its own writer; the database alone decides what is new."""
    users = [str(user.id) for user in (organization.owner, organization.admin, organization.member)]
    models = ["gpt-4o", "gpt-4o-mini", None]
    sent = [event(user_id=users[n % 3], model=models[n // 3 % 3]) for n in range(300)]
    chance = random.Random(7)
    async with AsyncExitStack() as stack:
        apps = [await stack.enter_async_context(run(build(settings))) for _ in range(2)]
        clients = [await stack.enter_async_context(client_to(one)) for one in apps]

        async def send_all(client: httpx2.AsyncClient) -> list[dict[str, Any]]:
            events = chance.sample(sent, len(sent))
            batches = [events[n : n + 50] for n in range(0, len(events), 50)]
            posts = [
                client.post("/v1/events", json={"events": b}, headers=organization.api_key) for b in batches
            ]
            answers = await asyncio.gather(*posts)
            assert [answer.status_code for answer in answers] == [200] * len(batches)
            return [answer.json() for answer in answers]

        answers = [a for per in await asyncio.gather(*(send_all(c) for c in clients * 3)) for a in per]
    assert sum(answer["accepted"] for answer in answers) == 300
    assert sum(answer["duplicates"] for answer in answers) == 1500
    assert not [refused for answer in answers for refused in answer["refused"]]
    items = await meter.usage()
    assert sum(item["total_requests"] for item in items) == 300
    assert sum(item["total_input_tokens"] for item in items) == 300_000
