"""Rankings are exact (K1), whichever way they are made (K2): beside sums over every day, by hand."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.kit.zones import filed_at
from toktra.metering import rankings
from toktra.metering.queries import DayRange, Filters
from toktra.metering.rankings import top_users
from toktra_wire.ids import new_id

BERLIN = ZoneInfo("Europe/Berlin")
LAST = date(2026, 11, 25)
DAYS = 120
USERS = [new_id() for _ in range(40)]
DEPARTMENTS = [new_id() for _ in range(3)]
MODELS = ("gpt-4o", "o3")
Row = tuple[date, UUID, UUID, str, int]
KEYS = {
    "usage_rollups": "span, org_id, starts_at, user_id, department_id, provider, model, source",
    "usage_by_user": "span, org_id, starts_at, user_id, department_id",
}


def skewed(chance: random.Random, user: int) -> int:
    """Few use much, most use little, and not every day."""
    return int(100_000 / (1 + user) ** 2 * chance.random()) if chance.random() < 0.3 else -1


def flat(chance: random.Random, _user: int) -> int:
    """All use about the same; many are equal."""
    return chance.choice([10, 11]) if chance.random() < 0.2 else -1


def late(chance: random.Random, user: int) -> int:
    """Everyone uses much, but hardly anyone lately."""
    return chance.randrange(1000) if user < 3 or chance.random() < 0.05 else -1


def history(chance: random.Random, used: Any) -> Iterator[Row]:
    """What each user used each day; some are in two departments."""
    for ago, (number, user) in product(range(DAYS), enumerate(USERS)):
        tokens = used(chance, number)
        if tokens >= 0 and not (used is late and ago < 20 and number > 5):
            department = DEPARTMENTS[(number + ago * (number % 2)) % 3]
            yield LAST - timedelta(days=ago), user, department, chance.choice(MODELS), tokens


def starts(day: date) -> dict[str, date]:
    return {"day": day, "week": day - timedelta(days=day.weekday()), "month": day.replace(day=1)}


async def roll_up(session: AsyncSession, org_id: UUID, rows: list[Row]) -> None:
    """The roll-ups of a history, as the statement that keeps events would have made them."""
    kept: dict[str, Counter[tuple[Any, ...]]] = {table: Counter() for table in KEYS}
    for day, user, department, model, tokens in rows:
        for span, start in starts(day).items():
            key = (span, org_id, filed_at(start, BERLIN), user, department)
            kept["usage_by_user"][key] += tokens
            kept["usage_rollups"][*key, "openai", model, "agent"] += tokens
    for table, sums in kept.items():
        more = ", unpriced_requests" if table == "usage_rollups" else ""
        columns = KEYS[table].split(", ")
        statement = text(
            f"INSERT INTO {table} ({KEYS[table]}, requests, input_tokens, output_tokens, cost_micros{more}) "
            f"VALUES ({', '.join(f':{name}' for name in columns)}, 1, :tokens, 0, 0{', 0' if more else ''})"
        )
        await session.execute(
            statement, [dict(zip(columns, key, strict=True)) | {"tokens": sums[key]} for key in sums]
        )


def ranked(rows: list[Row], days: DayRange, filters: Filters, limit: int) -> list[UUID]:
    """Who leads, by adding up every day."""
    sums: Counter[UUID] = Counter()
    for day, user, department, model, tokens in rows:
        if (
            days.first <= day <= days.last
            and (filters.department_ids is None or department in filters.department_ids)
            and filters.model in (None, model)
            and filters.user_id in (None, user)
        ):
            sums[user] += tokens
    return sorted(sums, key=lambda user: (-sums[user], user))[:limit]


@pytest.mark.parametrize("used", [skewed, flat, late])
@pytest.mark.parametrize("few_parts", [0, 2, 1_000])
async def test_k1_k2_a_ranking_is_that_of_the_sums_of_all(
    session: AsyncSession,
    organization: Any,
    monkeypatch: pytest.MonkeyPatch,
    used: Any,
    few_parts: int,
) -> None:
    monkeypatch.setattr(rankings, "_FEW_PARTS", few_parts)
    chance = random.Random(7)
    rows = list(history(chance, used))
    await roll_up(session, organization.id, rows)
    narrowings = (
        Filters(),
        Filters(department_ids=frozenset(DEPARTMENTS[:1])),
        Filters(department_ids=frozenset(DEPARTMENTS[:2]), model="o3"),
        Filters(department_ids=frozenset()),
        Filters(model="gpt-4o", provider="openai"),
        Filters(provider="anthropic"),
        Filters(user_id=USERS[9]),
    )
    for first, length in ((0, 7), (0, 30), (0, 90), (3, 1), (25, 31), (chance.randrange(60), 45)):
        last = LAST - timedelta(days=first)
        days = DayRange(last - timedelta(days=length - 1), last, BERLIN)
        for filters, limit in product(narrowings, (1, 10, 100)):
            found = await top_users(session, org_id=organization.id, days=days, filters=filters, limit=limit)
            wanted = ranked([] if filters.provider == "anthropic" else rows, days, filters, limit)
            assert [row.user_id for row in found] == wanted, (days, filters, limit)
