"""Every event has exactly one fate, and a refused one takes no other with it (R1, R2)."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from toktra.metering.rules import LONGEST_MS, MESSAGES, MOST_BYTES, MOST_TOKENS, Reason
from toktra_wire.ids import id_at, new_id

TICK = timedelta(microseconds=1)
DAY, OLDEST = timedelta(hours=24), timedelta(days=35)
COUNTS = ("request_bytes", "response_bytes", "estimated_input_tokens", "estimated_output_tokens")
MORE_COUNTS = ("duration_ms", "record_count")


def when(instant: datetime, **more: Any) -> dict[str, Any]:
    return {"occurred_at": instant.isoformat(), **more}


WRONG: list[tuple[Reason, Callable[[datetime], dict[str, Any]]]] = [
    (Reason.CLOCK_AHEAD, lambda now: when(now + DAY + TICK)),
    (Reason.CLOCK_AHEAD, lambda now: {"occurred_at": "9999-12-31T23:59:59-14:00"}),
    (Reason.TOO_OLD, lambda now: when(now - OLDEST - TICK)),
    (Reason.TOO_OLD, lambda now: {"occurred_at": "0001-01-01T00:00:00+14:00"}),
    (Reason.ID_NOT_UUID7, lambda now: {"id": str(uuid4())}),
    (Reason.ID_NOT_UUID7, lambda now: {"id": "00000000-0000-0000-0000-000000000000"}),
    (Reason.ID_TIME, lambda now: {"id": str(id_at(now + DAY + timedelta(seconds=1)))}),
    (Reason.ID_TIME, lambda now: {"id": str(id_at(now - OLDEST - timedelta(seconds=1)))}),
    (Reason.ID_TIME, lambda now: {"id": "ffffffff-ffff-7fff-bfff-ffffffffffff"}),
    (Reason.UNKNOWN_HOST, lambda now: {"provider_host": "example.com"}),
    (Reason.UNKNOWN_HOST, lambda now: {"provider_host": "api.openai.com.evil.test"}),
    *[(Reason.NEGATIVE, lambda now, name=name: {name: -1}) for name in (*COUNTS, *MORE_COUNTS)],
    *[(Reason.NEGATIVE, lambda now, name=name: {name: -(10**30)}) for name in (*COUNTS, *MORE_COUNTS)],
    *[(Reason.ABSURD, lambda now, name=name: {name: MOST_BYTES + 1}) for name in (*COUNTS, *MORE_COUNTS)],
    *[(Reason.ABSURD, lambda now, name=name: {name: 10**30}) for name in (*COUNTS, *MORE_COUNTS)],
    (Reason.ABSURD, lambda now: {"estimated_input_tokens": MOST_TOKENS + 1}),
    (Reason.ABSURD, lambda now: {"duration_ms": LONGEST_MS + 1}),
    (Reason.ABSURD, lambda now: {"input_high": 10**30}),
    (Reason.INTERVAL, lambda now: {"input_low": 1001}),
    (Reason.INTERVAL, lambda now: {"input_high": 999}),
    (Reason.INTERVAL, lambda now: {"output_low": -1, "output_high": 100}),
    (Reason.INTERVAL, lambda now: {"output_low": 101}),
    (Reason.PERSONAL, lambda now: {"mode": "personal"}),
    (Reason.UNKNOWN_USER, lambda now: {"user_id": str(new_id())}),
]
GOOD: list[Callable[[datetime], dict[str, Any]]] = [
    lambda now: when(now + DAY),
    lambda now: when(now - OLDEST),
    lambda now: {"id": str(id_at(now + DAY))},
    lambda now: {"id": str(id_at(now - OLDEST))},
    lambda now: dict.fromkeys((*COUNTS, *MORE_COUNTS), 0),
    lambda now: {"estimated_input_tokens": MOST_TOKENS, "estimated_output_tokens": MOST_TOKENS},
    lambda now: {"request_bytes": MOST_BYTES, "response_bytes": MOST_BYTES, "duration_ms": LONGEST_MS},
    lambda now: {"input_low": 1000, "input_high": 1000, "output_low": 0, "output_high": 5000},
    lambda now: {"input_low": 0, "output_high": 100},
    lambda now: {"provider_host": "API.OpenAI.com."},
    lambda now: {"model": "a-model-nobody-knows", "endpoint": "/v1/x", "application": "Some Browser (beta)"},
    lambda now: {"model": None, "hold_id": str(new_id()), "streaming": True, "source": "extension"},
]


@pytest.mark.parametrize(("reason", "wrong"), WRONG)
async def test_one_is_refused_and_the_others_are_kept(
    meter: Any,
    event: Any,
    organization: Any,
    kept: Any,
    refused_counts: Any,
    clock: Any,
    reason: Reason,
    wrong: Callable[[datetime], dict[str, Any]],
) -> None:
    good = [event(), event()]
    bad = event(**wrong(clock.now))
    answer = await meter.send(good[0], bad, good[1])
    refusal = {"index": 1, "id": bad["id"], "reason": reason, "status": 422, "message": MESSAGES[reason]}
    assert answer == {"accepted": 2, "duplicates": 0, "refused": [refusal]}
    assert set(await kept(organization)) == {sent["id"] for sent in good}
    assert await refused_counts() == ({} if reason is Reason.PERSONAL else {reason: 1})


async def test_every_reason_is_tested() -> None:
    elsewhere = {Reason.CONFLICT, Reason.NOT_YOUR_USER}
    assert {reason for reason, _ in WRONG} | elsewhere == set(Reason) == set(MESSAGES)


@pytest.mark.parametrize("good", GOOD)
async def test_at_the_edge_of_what_is_possible_an_event_is_kept(
    meter: Any, event: Any, clock: Any, good: Callable[[datetime], dict[str, Any]]
) -> None:
    said = await meter.send(event(**good(clock.now)))
    assert (said["accepted"], said["duplicates"], said["refused"]) == (1, 0, [])


async def test_refusals_of_many_requests_add_up(meter: Any, event: Any, refused_counts: Any) -> None:
    for _ in range(3):
        await meter.send(event(request_bytes=-1), event(request_bytes=-1), event(provider_host="x"), event())
    assert await refused_counts() == {"negative_count": 6, "unknown_host": 3}


async def test_a_device_reports_for_its_own_user(
    meter: Any, event: Any, device: Any, organization: Any, refused_counts: Any, kept: Any
) -> None:
    own, mine = event(), event(user_id=str(organization.member.id))
    others = event(user_id=str(organization.owner.id))
    answer = await meter.send(own, mine, others, headers=device.headers)
    assert answer["accepted"] == 2
    assert [(refused["index"], refused["reason"]) for refused in answer["refused"]] == [(2, "not_your_user")]
    assert await refused_counts() == {"not_your_user": 1}
    assert {item["user_id"] for item in await meter.usage()} == {str(organization.member.id)}


async def test_another_organisation_s_user_is_unknown(
    meter: Any, event: Any, other_organization: Any, kept: Any
) -> None:
    answer = await meter.send(event(user_id=str(other_organization.member.id)))
    assert [refused["reason"] for refused in answer["refused"]] == ["unknown_user"]
    assert await kept(other_organization) == {}


class TestUnknownFields:
    """Content has no way in: a field that is not named refuses the whole request."""

    @pytest.mark.parametrize("field", ["prompt", "content", "record_sizes", "device_id", "org_id", "Id"])
    async def test_the_whole_request_is_refused_and_nothing_is_kept(
        self,
        client: httpx2.AsyncClient,
        event: Any,
        organization: Any,
        kept: Any,
        refused_counts: Any,
        field: str,
    ) -> None:
        body = {"events": [event(), event(**{field: "what was asked"})]}
        answer = await client.post("/v1/events", json=body, headers=organization.api_key)
        assert answer.status_code == 422
        assert answer.json()["details"]["field"] == f"events[1].{field}"
        assert "what was asked" not in answer.text
        assert await kept(organization) == {}
        assert await refused_counts() == {}

    @pytest.mark.parametrize(("count", "status"), [(0, 422), (500, 200), (501, 422)])
    async def test_a_request_has_1_to_500_events(
        self, client: httpx2.AsyncClient, event: Any, organization: Any, kept: Any, count: int, status: int
    ) -> None:
        body = {"events": [event() for _ in range(count)]}
        answer = await client.post("/v1/events", json=body, headers=organization.api_key)
        assert answer.status_code == status
        assert len(await kept(organization)) == (count if status == 200 else 0)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"id": "7"},
            {"occurred_at": "2026-11-21T10:00:00"},
            {"occurred_at": "yesterday"},
            {"occurred_at": 1_700_000_000},
            {"request_bytes": 1.5},
            {"request_bytes": "7"},
            {"request_bytes": None},
            {"estimated_input_tokens": True},
            {"provider_host": ""},
            {"provider_host": "h" * 254},
            {"model": "m\x00"},
            {"model": "m\n"},
            {"model": "m" * 121},
            {"application": ["a"]},
            {"source": "provider"},
            {"mode": "private"},
            {"streaming": "yes"},
            {"hold_id": "h"},
            {"user_id": "someone@example.com"},
        ],
    )
    async def test_a_wrong_type_names_its_field(
        self, client: httpx2.AsyncClient, event: Any, organization: Any, wrong: dict[str, Any], kept: Any
    ) -> None:
        body = {"events": [event(), event(**wrong)]}
        answer = await client.post("/v1/events", json=body, headers=organization.api_key)
        assert answer.status_code == 422, answer.text
        assert answer.json()["details"]["field"] == f"events[1].{next(iter(wrong))}"
        assert await kept(organization) == {}


class TestPersonal:
    """Personal usage is refused, and leaves no trace but a number in the process."""

    MARKER = "a-marker-of-personal-use"

    async def test_nothing_about_it_is_in_any_table_or_log(
        self,
        client: httpx2.AsyncClient,
        event: Any,
        device: Any,
        organization: Any,
        sessions: async_sessionmaker[AsyncSession],
        log_lines: Any,
        refused_counts: Any,
    ) -> None:
        personal = event(
            mode="personal", application=self.MARKER, model=self.MARKER, endpoint=f"/{self.MARKER}"
        )
        before = await self._counted(client)
        for body in ([personal], [event(), personal]):
            answer = await client.post("/v1/events", json={"events": body}, headers=device.headers)
            assert [refused["reason"] for refused in answer.json()["refused"]] == ["personal"]
        assert await self._counted(client) == before + 2
        assert await refused_counts() == {}
        hidden = (self.MARKER, personal["id"], "personal")
        async with sessions() as session:
            tables = await session.scalars(
                text("SELECT tablename FROM pg_tables WHERE schemaname = 'corporate'")
            )
            for table in tables.all():
                rows = json.dumps((await session.scalars(text(f'SELECT t::text FROM "{table}" t'))).all())
                assert not [word for word in hidden if word in rows], table
        written = "\n".join(log_lines())
        assert '"route": "/v1/events"' in written
        assert not [word for word in hidden if word in written]

    @staticmethod
    async def _counted(client: httpx2.AsyncClient) -> float:
        lines = (await client.get("/metrics")).text.splitlines()
        name = 'toktra_events_total{fate="refused_personal"}'
        return sum(float(line.split()[1]) for line in lines if line.startswith(name))
