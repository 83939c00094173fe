"""R1 to R3: what is carried into the next period, and until when it can change."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toktra.budgets.rules import carried, unused

TOKENS = st.integers(0, 10**12)
PERCENT = st.integers(0, 100)


def test_a_10m_budget_with_8m_used_and_a_50_percent_cap_carries_1m() -> None:
    assert carried(limit=10_000_000, rolled_over=0, used=8_000_000, cap_percent=50) == 1_000_000


@given(limit=TOKENS, rolled_over=TOKENS, used=TOKENS, cap_percent=PERCENT)
def test_r2_never_more_is_carried_than_the_cap_of_the_period_s_own_limit(
    limit: int, rolled_over: int, used: int, cap_percent: int
) -> None:
    rolled = carried(limit=limit, rolled_over=rolled_over, used=used, cap_percent=cap_percent)
    left = unused(limit=limit, rolled_over=rolled_over, used=used)
    assert 0 <= rolled <= left <= limit
    assert rolled * 100 <= limit * cap_percent
    assert rolled == left * cap_percent // 100


@pytest.mark.parametrize(
    ("rolled_over", "used", "left"), [(0, 0, 1_000), (500, 300, 1_000), (500, 700, 800), (500, 2_000, 0)]
)
def test_r2_what_was_carried_in_is_used_first(rolled_over: int, used: int, left: int) -> None:
    assert unused(limit=1_000, rolled_over=rolled_over, used=used) == left


NOVEMBER = datetime(2026, 11, 20, 12, tzinfo=UTC)
DECEMBER = datetime(2026, 11, 30, 23, tzinfo=UTC)  # midnight in Berlin


async def test_the_next_period_starts_with_what_was_left(purse: Any, at: Any) -> None:
    await at(NOVEMBER)
    made = await purse.budget(limit_tokens=10_000_000, rollover_cap_percent=50)
    await purse.use(8_000_000)
    await at(DECEMBER + timedelta(hours=2))
    shown = await purse.of(made["id"])
    assert (shown["used"], shown["rolled_over"], shown["remaining"]) == (0, 1_000_000, 11_000_000)
    assert datetime.fromisoformat(shown["starts_at"]) == DECEMBER
    (row,) = (await purse.call("GET", f"/v1/budgets/{made['id']}/rollovers"))["items"]
    assert (
        row["limit"],
        row["used"],
        row["unused"],
        row["cap_percent"],
        row["rolled_over"],
        row["fixed"],
    ) == (
        10_000_000,
        8_000_000,
        2_000_000,
        50,
        1_000_000,
        False,
    )
    assert (await purse.ask(11_000_001))["decision"] == "block"
    assert (await purse.ask(11_000_000))["decision"] != "block"
    assert await purse.recount() == []


async def test_r3_late_events_change_it_for_a_day_and_then_no_more(purse: Any, at: Any) -> None:
    await at(NOVEMBER)
    made = await purse.budget(limit_tokens=10_000, rollover_cap_percent=50)
    await at(DECEMBER + timedelta(hours=1))
    assert (await purse.of(made["id"]))["rolled_over"] == 5_000
    late = {"occurred_at": (DECEMBER - timedelta(hours=2)).isoformat()}
    await purse.use(4_000, **late)
    shown = await purse.of(made["id"])
    assert (shown["used"], shown["rolled_over"]) == (0, 3_000)
    assert await purse.recount() == []
    await at(DECEMBER + timedelta(days=1))
    await purse.use(4_000, **late)
    assert (await purse.of(made["id"]))["rolled_over"] == 3_000
    (row,) = (await purse.call("GET", f"/v1/budgets/{made['id']}/rollovers"))["items"]
    assert (row["used"], row["fixed"]) == (4_000, True)
    assert await purse.recount() == []


async def test_a_period_nobody_used_carries_its_whole_cap(purse: Any, at: Any) -> None:
    await at(NOVEMBER)
    made = await purse.budget(limit_tokens=1_000, period="daily", rollover_cap_percent=30)
    await at(NOVEMBER + timedelta(days=9))
    shown = await purse.of(made["id"])
    assert (shown["rolled_over"], shown["remaining"]) == (300, 1_300)


async def test_without_rollover_nothing_is_carried_and_nothing_is_listed(purse: Any, at: Any) -> None:
    await at(NOVEMBER)
    made = await purse.budget(limit_tokens=1_000)
    await at(DECEMBER + timedelta(hours=1))
    assert (await purse.of(made["id"]))["rolled_over"] == 0
    assert (await purse.call("GET", f"/v1/budgets/{made['id']}/rollovers"))["items"] == []


async def test_turning_it_on_counts_from_the_next_period(purse: Any, at: Any) -> None:
    await at(NOVEMBER)
    made = await purse.budget(limit_tokens=1_000)
    await purse.change(made["id"], rollover_cap_percent=100)
    assert (await purse.of(made["id"]))["rolled_over"] == 0
    await purse.use(400)
    await at(DECEMBER + timedelta(hours=1))
    assert (await purse.of(made["id"]))["rolled_over"] == 600


async def test_what_an_exemption_covered_takes_nothing_from_what_is_carried(purse: Any, at: Any) -> None:
    await at(NOVEMBER)
    made = await purse.budget(limit_tokens=1_000, rollover_cap_percent=50)
    await purse.exempt(500)
    held = await purse.ask(1_400)
    await purse.use(1_400, hold_id=held["hold_id"])
    await purse.change(made["id"], limit_tokens=2_000)
    await at(DECEMBER + timedelta(hours=1))
    shown = await purse.of(made["id"])
    assert shown["rolled_over"] == 500
    assert await purse.recount() == []


async def test_r3_a_period_that_a_fast_clock_opened_early_follows_what_is_used_until_its_start(
    purse: Any, at: Any
) -> None:
    await at(DECEMBER - timedelta(hours=3))
    made = await purse.budget(limit_tokens=10_000, rollover_cap_percent=50)
    await purse.use(100, occurred_at=(DECEMBER + timedelta(hours=1)).isoformat())
    await purse.use(4_000)
    await purse.change(made["id"], limit_tokens=8_000)
    await at(DECEMBER + timedelta(hours=2))
    shown = await purse.of(made["id"])
    assert (shown["limit"], shown["used"], shown["rolled_over"]) == (8_000, 100, 3_000)
