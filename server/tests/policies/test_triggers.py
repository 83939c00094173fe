"""Each trigger fires when it should, once per subject and window, and not otherwise."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

MORNING = datetime(2026, 5, 12, 9, 30, tzinfo=UTC)  # a Tuesday; 11:30 in Berlin


async def test_a_used_up_budget_fires_once_and_counts_what_follows(office: Any) -> None:
    await office.budget()
    made = await office.policy()
    await office.use(400, 500)
    assert await office.firings() == []
    await office.use(200)
    await office.use(10, 10)
    (fired,) = await office.firings()
    assert (fired["policy_id"], fired["version"], fired["events"], fired["tokens"]) == (made["id"], 1, 3, 220)
    assert fired["subject"] == office.organization.member.email
    assert fired["reason"].endswith("the monthly budget is used up")
    (alert,) = await office.listed("/v1/alerts", type="policy_fired")
    assert alert["title"].startswith("Too much: ")
    assert alert["user_email"] == office.organization.member.email
    assert alert["id"] == fired["alert_id"]


async def test_within_a_batch_only_events_from_the_one_that_reaches_it_on_count(office: Any) -> None:
    await office.budget()
    await office.policy()
    await office.use(400, 500, 100, 7)
    (fired,) = await office.firings()
    assert (fired["events"], fired["tokens"]) == (2, 107)


async def test_a_percentage_and_one_budget_can_be_named(office: Any) -> None:
    watched = await office.budget()
    await office.budget(limit_tokens=10, period="daily")
    await office.policy(trigger={"type": "token_budget_exceeded", "percent": 80, "budget_id": watched["id"]})
    await office.use(799)
    assert await office.firings() == []
    await office.use(1)
    assert len(await office.firings()) == 1


async def test_a_department_counts_with_those_below_it(office: Any) -> None:
    engineering = await office.call(
        "POST",
        "/v1/departments",
        {"name": "Backend", "parent_id": str(office.organization.member.department_id)},
        status=201,
    )
    other = await office.call(
        "POST",
        "/v1/users",
        {
            "email": f"b@{engineering['id'][-12:]}.example.com",
            "name": "B",
            "department": "Engineering / Backend",
        },
        status=201,
    )
    trigger = {
        "type": "department_threshold",
        "limit_tokens": 1_000,
        "period": "daily",
        "department_id": str(office.organization.member.department_id),
    }
    await office.policy(trigger=trigger)
    await office.use(600)
    await office.use(399, user_id=other["id"])
    assert await office.firings() == []
    await office.use(1, user_id=other["id"])
    (fired,) = await office.firings()
    assert (fired["subject_kind"], fired["subject"]) == ("department", "Engineering")
    assert fired["reason"] == "Engineering has used 1,000 tokens or more today"


async def test_thresholds_in_money_and_of_each_department(office: Any) -> None:
    trigger = {"type": "department_threshold", "limit_micros": 5_000, "period": "monthly"}
    await office.policy(trigger=trigger)
    await office.use(1_000)  # 2.5 dollars a million at gpt-4o
    assert await office.firings() == []
    await office.use(1_000)
    assert {one["subject"] for one in await office.firings()} == {"Engineering", "Acme"}


async def usual(office: Any, at: Any, tokens: int) -> None:
    """A month of working mornings with so many tokens."""
    for back in range(28, 0, -1):
        await at(MORNING - timedelta(days=back))
        if office.clock.now.weekday() < 5:
            await office.use(tokens)
    await at(MORNING)


async def test_an_hour_far_above_a_users_own_is_unusual(office: Any, at: Any) -> None:
    await usual(office, at, 10_000)
    await office.policy(trigger={"type": "unusual_usage", "times": 4, "least_tokens": 20_000})
    await office.use(39_999)
    assert await office.firings() == []
    await office.use(1)
    (fired,) = await office.firings()
    assert fired["reason"] == "4 times the usual Tuesday morning"
    assert fired["window_ends_at"] == "2026-05-12T10:00:00Z"


async def test_somebody_new_is_never_unusual(office: Any, at: Any) -> None:
    await at(MORNING)
    await office.policy(trigger={"type": "unusual_usage", "times": 2, "least_tokens": 0})
    await office.use(1_000_000)
    assert await office.firings() == []


async def test_a_new_window_fires_again(office: Any, at: Any) -> None:
    await at(MORNING)
    await office.budget(period="daily")
    await office.policy()
    await office.use(1_000)
    await at(MORNING + timedelta(days=1))
    await office.use(1_000)
    assert len(await office.firings()) == 2


async def test_events_sent_again_are_not_judged_again(office: Any) -> None:
    await office.budget()
    await office.policy()
    sent = [office.request(1_000), office.request(5)]
    for _ in range(3):
        await office.call("POST", "/v1/events", {"events": sent})
    (fired,) = await office.firings()
    assert fired["events"] == 2


@pytest.mark.parametrize("status", ["draft", "disable"])
async def test_what_is_not_live_does_not_fire(office: Any, status: str) -> None:
    await office.budget()
    made = await office.policy(status="publish" if status == "disable" else "draft")
    if status == "disable":
        await office.call("POST", f"/v1/policies/{made['id']}/disable")
    await office.use(1_000)
    assert await office.firings() == []


async def test_on_paper_it_fires_and_does_nothing(office: Any) -> None:
    await office.budget()
    made = await office.policy(status="shadow", actions=[{"type": "block"}, {"type": "create_incident"}])
    await office.use(1_000)
    (fired,) = await office.firings(shadow=True)
    assert (fired["alert_id"], fired["incident_id"]) == (None, None)
    assert await office.listed("/v1/blocks") == await office.listed("/v1/incidents") == []
    assert await office.listed("/v1/alerts", type="policy_fired") == []
    await office.call("POST", f"/v1/policies/{made['id']}/publish")
    await office.use(1)
    assert len(await office.firings(shadow=False)) == 1


async def test_another_organisations_events_fire_nothing_here(
    office: Any, office_of: Any, other_organization: Any
) -> None:
    other = office_of(other_organization)
    await other.budget()
    await other.policy()
    await office.budget()
    await office.use(1_000)
    assert await office.firings() == await other.firings() == []
