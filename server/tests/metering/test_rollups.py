"""Roll-ups are caches (M2): after any history they are what the events say."""

import random
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.kit.zones import filed_at
from toktra_wire.ids import id_at

ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Atlantic/Azores"]
MODELS = ["gpt-4o", "gpt-4o-mini", "a-model-nobody-knows", None]
HOSTS = ["api.openai.com", "api.anthropic.com", "my.openai.azure.com", "api.githubcopilot.com"]
SUMS = ("requests", "input_tokens", "output_tokens", "cost_micros", "unpriced_requests")
KEYS = {
    "usage_rollups": "span, starts_at, user_id, department_id, provider, model, source",
    "usage_totals": "span, starts_at, department_id, provider, model, source",
    "usage_by_user": "span, starts_at, user_id, department_id",
}
Table = dict[tuple[Any, ...], tuple[int, ...]]


class History:
    """A random history of one organisation: events new, late, repeated and conflicting; users who move."""

    def __init__(self, seed: int, meter: Any, organization: Any, event: Any, now: datetime) -> None:
        self.chance, self.meter, self.now = random.Random(seed), meter, now
        self.organization, self.event = organization, event
        self.sent: list[dict[str, Any]] = []
        self.kept = 0

    async def live(self, batches: int) -> None:
        for _ in range(batches):
            if self.chance.random() < 0.3:
                await self._move_someone()
            batch = [self._next() for _ in range(self.chance.randint(1, 40))]
            self.kept += (await self.meter.send(*batch))["accepted"]
            self.sent += batch

    def _next(self) -> dict[str, Any]:
        if self.sent and self.chance.random() < 0.15:
            again = self.chance.choice(self.sent)
            return again if self.chance.random() < 0.7 else {**again, "estimated_input_tokens": 1}
        instant = self.now - timedelta(seconds=self.chance.randint(0, 34 * 24 * 3600))
        return dict(
            self.event(
                id=str(id_at(instant)),
                occurred_at=instant.isoformat(),
                user_id=str(self.chance.choice(self._users()).id),
                model=self.chance.choice(MODELS),
                provider_host=self.chance.choice(HOSTS),
                source=self.chance.choice(["agent", "extension", "api"]),
                estimated_input_tokens=self.chance.choice([0, 1, 1000, 300_000]),
                estimated_output_tokens=self.chance.choice([0, 1, 777]),
                request_bytes=self.chance.choice([5, 5, 5, -1]),
            )
        )

    def _users(self) -> list[Any]:
        return [self.organization.owner, self.organization.manager, self.organization.member]

    async def _move_someone(self) -> None:
        user, department = (
            self.chance.choice(self._users()),
            self.chance.choice(["Sales", "Sales / East", "Law"]),
        )
        path, headers = f"/v1/users/{user.id}", self.organization.as_("owner")
        answer = await self.meter.client.patch(path, json={"department": department}, headers=headers)
        assert answer.status_code == 200


async def table(session: AsyncSession, name: str, organization: Any) -> Table:
    """A roll-up table's rows by their keys."""
    sums = SUMS if name != "usage_by_user" else SUMS[:-1]
    asking = text(f"SELECT {KEYS[name]}, {', '.join(sums)} FROM {name} WHERE org_id = :org")
    width = len(KEYS[name].split(","))
    rows = await session.execute(asking, {"org": organization.id})
    return {tuple(row[:width]): tuple(row[width:]) for row in rows}


async def recomputed(session: AsyncSession, organization: Any, zone: ZoneInfo) -> dict[str, Table]:
    """The same tables, from the events alone."""
    events = text(
        "SELECT occurred_at, user_id, department_id, provider, model, source, input_tokens, output_tokens,"
        " cost_micros FROM usage_events WHERE org_id = :org"
    )
    sums: dict[str, dict[tuple[Any, ...], list[int]]] = {name: defaultdict(lambda: [0] * 5) for name in KEYS}
    for row in await session.execute(events, {"org": organization.id}):
        one = [1, row.input_tokens, row.output_tokens, row.cost_micros or 0, row.cost_micros is None]
        what = (row.provider, row.model, row.source)
        for span, at in starts(row.occurred_at, zone).items():
            add(sums["usage_rollups"][(span, at, row.user_id, row.department_id, *what)], one)
            if span != "hour":
                add(sums["usage_totals"][(span, at, row.department_id, *what)], one)
                add(sums["usage_by_user"][(span, at, row.user_id, row.department_id)], one)
    short = {key: row[:-1] for key, row in sums["usage_by_user"].items()}
    return {
        name: {key: tuple(row) for key, row in rows.items()}
        for name, rows in {**sums, "usage_by_user": short}.items()
    }


def add(sums: list[int], one: list[int]) -> None:
    sums[:] = [a + b for a, b in zip(sums, one, strict=True)]


def starts(instant: datetime, zone: ZoneInfo) -> dict[str, datetime]:
    local = instant.astimezone(zone)
    into_hour = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    day = local.date()
    monday, first = day - timedelta(days=day.weekday()), day.replace(day=1)
    return {
        "hour": instant - into_hour,
        "day": filed_at(day, zone),
        "week": filed_at(monday, zone),
        "month": filed_at(first, zone),
    }


@pytest.mark.parametrize("seed", range(4))
async def test_after_a_random_history_roll_ups_are_what_the_events_say(
    make: Any, meter_of: Any, event: Any, session: AsyncSession, now: datetime, seed: int
) -> None:
    organization = await make(time_zone=ZONES[seed])
    history = History(seed, meter_of(organization), organization, event, now)
    await history.live(batches=12)
    expected = await recomputed(session, organization, ZoneInfo(ZONES[seed]))
    for name in KEYS:
        assert await table(session, name, organization) == expected[name], name
    days = [row[0] for key, row in expected["usage_totals"].items() if key[0] == "day"]
    assert sum(days) == history.kept > 0


async def test_activity_is_each_user_s_last_event(
    make: Any, meter_of: Any, event: Any, session: AsyncSession, now: datetime
) -> None:
    organization = await make()
    await History(99, meter_of(organization), organization, event, now).live(batches=5)
    for_user = {"org": organization.id}
    asking = "SELECT user_id, max(occurred_at) FROM usage_events WHERE org_id = :org GROUP BY 1"
    expected: dict[Any, datetime] = dict((await session.execute(text(asking), for_user)).all())
    kept = "SELECT user_id, last_event_at FROM user_activity WHERE org_id = :org"
    assert dict((await session.execute(text(kept), for_user)).all()) == expected
    assert len(expected) == 3


async def test_a_user_who_moves_keeps_past_usage_in_the_old_department(
    meter: Any, event: Any, organization: Any, device: Any
) -> None:
    member = str(organization.member.id)
    owner = organization.as_("owner")
    await meter.send(event(), headers=device.headers)
    moved = await meter.client.patch(f"/v1/users/{member}", json={"department": "Sales"}, headers=owner)
    assert moved.status_code == 200
    await meter.send(event(), event(), headers=device.headers)
    items = await meter.usage()
    assert Counter({item["department"]: item["total_requests"] for item in items}) == {
        "Engineering": 1,
        "Sales": 2,
    }
