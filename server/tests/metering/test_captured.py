"""What is captured is told in full (T1), with the caller's own values alone (T2)."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.metering.captured import ADDED, SENT
from toktra_wire.event import UsageEvent
from toktra_wire.ids import id_at, new_id

COLUMNS = """
    SELECT attname FROM pg_attribute
    WHERE attrelid = 'usage_events'::regclass AND attnum > 0 AND NOT attisdropped
"""


async def test_t1_every_field_of_an_event_and_every_column_is_told(session: AsyncSession) -> None:
    assert tuple(name for name, *_ in SENT) == UsageEvent.__struct_fields__
    columns = set(await session.scalars(text(COLUMNS)))
    told = [column for _, column, *_ in (*SENT, *ADDED) if column is not None]
    assert sorted(told) == sorted(columns - {"org_id"})
    assert all(meaning and why for _, _, meaning, why in (*SENT, *ADDED))


async def values(meter: Any, headers: dict[str, str]) -> dict[str, Any]:
    return {one["name"]: one["value"] for one in (await meter.get("/captured", headers=headers))["fields"]}


async def test_values_are_those_of_the_latest_event(
    meter: Any, event: Any, device: Any, organization: Any, now: Any
) -> None:
    full = event(
        occurred_at=now.isoformat(),
        model="gpt-4o-2024-08-06",
        endpoint="/v1/chat/completions",
        streaming=True,
        duration_ms=2400,
        record_count=14,
        application="firefox",
        source="extension",
        estimator_version="2026-11",
        hold_id=str(new_id()),
        input_low=900,
        input_high=1100,
        output_low=90,
        output_high=110,
    )
    earlier = event(occurred_at=(now - timedelta(minutes=5)).isoformat())
    await meter.send(full, earlier, headers=device.headers)
    seen = await values(meter, organization.as_("member"))
    assert list(seen) == [name for name, *_ in (*SENT, *ADDED)]
    sent = {name: seen[name] for name in full if name != "occurred_at"}
    assert sent == {name: value for name, value in full.items() if name != "occurred_at"}
    member = organization.member
    assert seen["occurred_at"] == now.isoformat().replace("+00:00", "Z")
    assert (seen["user_id"], seen["department_id"]) == (str(member.id), str(member.department_id))
    assert (seen["device_id"], seen["mode"], seen["provider"]) == (str(device.id), "corporate", "openai")
    assert (seen["counted_model"], seen["cost_micros"]) == ("gpt-4o", 3500)
    assert seen["price_version"]
    assert seen["received_at"]


@pytest.mark.parametrize("ago", [timedelta(0), timedelta(hours=5), timedelta(days=20)])
async def test_it_is_found_whenever_its_id_was_made(
    meter: Any, event: Any, organization: Any, now: Any, ago: timedelta
) -> None:
    sent = event(id=str(id_at(now - timedelta(minutes=1))), occurred_at=(now - ago).isoformat())
    await meter.send({**sent, "user_id": str(organization.member.id)})
    answer = await meter.get("/captured", headers=organization.as_("member"))
    assert answer["event_id"] == sent["id"]


async def test_t2_nobody_sees_another_s(
    client: httpx2.AsyncClient, meter: Any, event: Any, organization: Any, other_organization: Any
) -> None:
    """Not even those who may read everyone's usage."""
    await meter.send(event(user_id=str(organization.member.id)))
    assert (await values(meter, organization.as_("member")))["model"] == "gpt-4o"
    for headers in (organization.as_("manager"), organization.as_("owner"), other_organization.api_key):
        answer = await meter.get("/captured", headers=headers)
        assert answer["event_id"] is None
        assert {one["value"] for one in answer["fields"]} == {None}
    client.cookies.clear()
    assert (await client.get("/v1/usage/captured")).status_code == 401
