"""Events on their way to a real server: each arrives once, or is counted with its reason."""

from pathlib import Path

import pytest

from e2e.agent.office import Desk, Office, utc_now
from e2e.agent.stranger import stranger
from e2e.installation import free_port
from toktra_agent.server.contact import UNANSWERED, Contact, client_for
from toktra_agent.server.sending import Later, send
from toktra_agent.store.spool import Spool
from toktra_wire.event import UsageEvent
from toktra_wire.ids import new_id


def event(number: int, **more: object) -> UsageEvent:
    values: dict[str, object] = {"provider_host": "api.openai.com", "source": "agent", **more}
    return UsageEvent(
        id=new_id(),
        occurred_at=utc_now(),
        request_bytes=number,
        response_bytes=1,
        estimated_input_tokens=3,
        estimated_output_tokens=4,
        **values,  # type: ignore[arg-type]
    )


def spooled(desk: Desk, *events: UsageEvent) -> Spool:
    spool = Spool(desk.folder)
    for one in events:
        spool.keep(one)
    return spool


async def test_events_arrive_once_however_often_they_are_sent(there: Office) -> None:
    """B1."""
    desk = await there.desk()
    spool = spooled(desk, event(1), event(2))
    async with desk.client() as client:
        batch = spool.waiting(50)
        assert await send(client, spool, batch) is None
        assert (len(spool), spool.counts) == (0, {"accepted": 2})
        assert await send(client, spool, batch) is None
    assert spool.counts == {"accepted": 2, "duplicates": 2}
    assert desk.kept() == [(1, 1, 7), (2, 1, 7)]


async def test_each_refusal_is_counted_with_its_reason_and_the_others_arrive(there: Office) -> None:
    """B2."""
    desk = await there.desk()
    spool = spooled(
        desk,
        event(1, provider_host="mail.example.com"),
        event(2),
        event(3, hold_id=new_id()),
        event(4, duration_ms=-1),
    )
    async with desk.client() as client:
        assert await send(client, spool, spool.waiting(50)) is None
    assert spool.counts == {
        "accepted": 2,
        "refused_unknown_host": 1,
        "refused_negative_count": 1,
        "unsettled_hold_unknown": 1,
    }
    assert [row[0] for row in desk.kept()] == [2, 3]


@pytest.mark.parametrize("place", [0, 3, 6])
async def test_of_a_batch_that_cannot_be_read_one_event_goes_and_the_others_arrive(
    there: Office, place: int
) -> None:
    """B3."""
    desk = await there.desk()
    events = [event(number) for number in range(7)]
    events[place] = event(100, provider_host="not a host")
    spool = spooled(desk, *events)
    async with desk.client() as client:
        assert await send(client, spool, spool.waiting(50)) is None
    assert spool.counts == {"accepted": 6, "refused_invalid": 1}
    assert [row[0] for row in desk.kept()] == [number for number in range(7) if number != place]
    assert len(spool) == 0


async def test_of_a_batch_that_is_too_large_the_others_arrive(there: Office) -> None:
    """B3."""
    desk = await there.desk()
    spool = spooled(desk, event(1), event(2, application="x" * 3_000_000), event(3))
    async with desk.client() as client:
        assert await send(client, spool, spool.waiting(50)) is None
    assert spool.counts == {"accepted": 2, "refused_too_large": 1}
    assert [row[0] for row in desk.kept()] == [1, 3]


@pytest.mark.parametrize(
    ("status", "body", "seconds"),
    [
        (200, b"<html>Sign in to the guest network</html>", 0),
        (204, b"", 0),
        (502, b'{"accepted": 2, "duplicates": 0, "refused": []}', 0),
        (413, b"<html>too large for this proxy</html>", 0),
        (422, b"{}", 0),
        (503, b'{"error": "overloaded", "message": "Later."}', 17),
        (429, b'{"error": "rate_limited", "message": "Slower."}', 17),
        (500, b'{"error": "internal", "message": "Something failed."}', 0),
        (404, b'{"error": "not_found", "message": "There is nothing here."}', 0),
    ],
)
async def test_an_answer_that_settles_nothing_leaves_the_events_where_they_are(
    tmp_path: Path, status: int, body: bytes, seconds: int
) -> None:
    """B4."""
    spool = Spool(tmp_path)
    spool.keep(event(1))
    spool.keep(event(2))
    headers = {"retry-after": "17"} if seconds else {}
    with stranger(status, body, **headers) as url:
        async with client_for(url, Contact(utc_now)) as client:
            later = await send(client, spool, spool.waiting(50))
    assert isinstance(later, Later)
    assert later.seconds == seconds
    assert later.why.endswith(".")
    assert (len(spool), spool.counts) == (2, {})


async def test_without_a_server_the_events_stay(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.keep(event(1))
    async with client_for(f"http://127.0.0.1:{free_port()}", Contact(utc_now)) as client:
        with pytest.raises(UNANSWERED):
            await send(client, spool, spool.waiting(50))
    assert (len(spool), spool.counts) == (1, {})
