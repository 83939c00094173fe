"""Charts: every period is there (R1), and says what the lists say."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from toktra.metering.queries import LISTED_SPANS, DayRange
from toktra.metering.series import _starts

PERIODS = ("hourly", "daily", "weekly", "monthly")
# Half hours, a midnight that comes twice, one that is left out, half an hour of summer time.
ZONES = ("Europe/Berlin", "Asia/Kathmandu", "Atlantic/Azores", "America/Santiago", "Australia/Lord_Howe")
SPANS_OF_A_YEAR = """
    SELECT DISTINCT date_trunc(:span, at, :zone) FROM generate_series(
        CAST(:starts_at AS timestamptz), CAST(:ends_at AS timestamptz) - interval '1 second', '15 minutes') at
    ORDER BY 1
"""


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("period", PERIODS)
async def test_r1_periods_are_where_the_database_files_them(
    session: AsyncSession, period: str, zone: str
) -> None:
    days = DayRange(date(2026, 1, 1), date(2026, 12, 31), ZoneInfo(zone))
    span = LISTED_SPANS[period]
    asked = {"span": span, "zone": zone, "starts_at": days.starts_at, "ends_at": days.ends_at}
    filed = list(await session.scalars(text(SPANS_OF_A_YEAR), asked))
    assert list(_starts(span, days)) == filed
    assert len(filed) > 11


@pytest.mark.parametrize("period", PERIODS)
async def test_a_series_says_what_the_list_says_and_has_no_holes(
    meter: Any, event: Any, now: datetime, organization: Any, period: str
) -> None:
    member = str(organization.member.id)
    ages = (0, 0, 1, 5, 12, 33)
    sent = [
        event(
            occurred_at=(now - timedelta(days=age)).isoformat(),
            estimated_input_tokens=1 << n,
            **({"user_id": member} if n % 2 else {}),
        )
        for n, age in enumerate(ages)
    ]
    assert (await meter.send(*sent))["accepted"] == len(sent)
    asked = {"period": period, "start_date": (now - timedelta(days=40)).date()}
    for role in ("owner", "manager", "member"):
        headers = organization.as_(role)
        listed: dict[str, int] = defaultdict(int)
        for item in await meter.usage(headers=headers, **asked):
            listed[item["period"]] += item["total_tokens"]
        charted = (await meter.get("/series", headers=headers, **asked))["items"]
        assert {item["period"]: item["total_tokens"] for item in charted if item["total_requests"]} == listed
        starts = [datetime.fromisoformat(item["starts_at"]) for item in charted]
        assert starts == sorted(set(starts))
        assert len(starts) > len(listed) or period == "monthly"
        assert listed


async def test_an_item_says_everything(meter: Any, event: Any, clock: Any) -> None:
    at = clock.now.isoformat()
    await meter.send(event(occurred_at=at), event(occurred_at=at, model="x"))
    answer = await meter.get("/series", days=7)
    assert answer["time_zone"] == "Europe/Berlin"
    assert answer["start_date"] == answer["items"][0]["period"]
    assert answer["end_date"] == answer["items"][-1]["period"]
    assert len(answer["items"]) == 7
    assert sum(item["total_tokens"] for item in answer["items"]) == 2200
    used = next(item for item in answer["items"] if item["total_requests"])
    assert used == {
        "period": used["period"],
        "starts_at": used["starts_at"],
        "total_requests": 2,
        "total_input_tokens": 2000,
        "total_output_tokens": 200,
        "total_tokens": 2200,
        "estimated_tokens": 2200,
        "reconciled_tokens": 0,
        "estimated_cost_usd": 0.0035,
        "cost_micros": 3500,
        "unpriced_requests": 1,
    }


async def test_reconciled_tokens_are_told_apart(
    meter: Any, event: Any, organization: Any, sessions: async_sessionmaker[AsyncSession]
) -> None:
    await meter.send(event())
    by_provider = text(
        "INSERT INTO usage_totals SELECT span, org_id, starts_at, department_id, provider, model, "
        "'provider', 1, 70, 7, 0, 0 FROM usage_totals WHERE org_id = :org"
    )
    async with sessions.begin() as session:
        await session.execute(by_provider, {"org": organization.id})
    charted = (await meter.get("/series"))["items"]
    assert sum(item["estimated_tokens"] for item in charted) == 1100
    assert sum(item["reconciled_tokens"] for item in charted) == 77
    models = (await meter.get("/models"))["models"]
    assert [(one["basis"], one["total_tokens"]) for one in models] == [
        ("estimated", 1100),
        ("reconciled", 77),
    ]


async def test_models_are_ranked_by_tokens(meter: Any, event: Any) -> None:
    await meter.send(
        event(),
        event(model="x", estimated_input_tokens=5000),
        event(model="claude-3-5-sonnet", provider_host="api.anthropic.com", estimated_input_tokens=2000),
        event(),
    )
    models = (await meter.get("/models"))["models"]
    assert [(one["model"], one["provider"], one["total_tokens"]) for one in models] == [
        ("x", "openai", 5100),
        ("gpt-4o", "openai", 2200),
        ("claude-3-5-sonnet", "anthropic", 2100),
    ]
    assert models[1] == {
        "model": "gpt-4o",
        "provider": "openai",
        "provider_name": "OpenAI",
        "basis": "estimated",
        "input_tokens": 2000,
        "output_tokens": 200,
        "total_tokens": 2200,
        "total_requests": 2,
        "estimated_cost_usd": 0.007,
        "cost_micros": 7000,
        "unpriced_requests": 0,
    }
    assert len((await meter.get("/models", limit=2))["models"]) == 2


@pytest.mark.parametrize(("query", "status"), [("days=30", 200), ("days=90", 422), ("days=31", 422)])
async def test_hours_are_bounded(client: Any, organization: Any, query: str, status: int) -> None:
    asking = client.get(f"/v1/usage/series?period=hourly&{query}", headers=organization.api_key)
    assert (await asking).status_code == status


def test_hours_of_the_day_clocks_go_back() -> None:
    days = DayRange(date(2026, 10, 25), date(2026, 10, 25), ZoneInfo("Europe/Berlin"))
    hours = list(_starts("hour", days))
    assert len(hours) == 25
    assert hours[0] == datetime(2026, 10, 24, 22, tzinfo=UTC)
