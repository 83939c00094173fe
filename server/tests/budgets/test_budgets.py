"""Budgets made, changed, archived; sums of budgets below; departments that move."""

from typing import Any

import pytest
from sqlalchemy import text

from toktra_wire.ids import new_id


async def test_naming_a_department_that_does_not_exist_makes_it(purse: Any) -> None:
    made = await purse.budget(department="Marketing / Brand", limit_tokens=20_000_000)
    assert (made["scope"], made["department"]) == ("department", "Brand")
    root = (await purse.call("GET", "/v1/departments"))["root"]
    assert "Marketing" in [child["name"] for child in root["children"]]


async def test_neither_department_nor_user_is_the_whole_organisation(purse: Any) -> None:
    made = await purse.budget(limit_tokens=50_000_000)
    assert (made["scope"], made["name"]) == ("organization", "Acme")


async def test_the_largest_limits_are_kept_counted_and_compared(purse: Any) -> None:
    most = 10**15
    made = await purse.budget(limit_tokens=most, rollover_cap_percent=100, period="daily")
    assert (made["limit"], made["remaining"]) == (most, most)
    money = await purse.budget(limit_micros=1)
    assert (await purse.change(money["id"], limit_micros=most))["remaining"] == most
    granted = await purse.exempt(most)
    assert granted["tokens"] == most
    assert (await purse.ask(50_000_000))["decision"] == "allow"
    purse.clock.advance(days=1)
    assert (await purse.of(made["id"]))["remaining"] == 2 * most
    assert await purse.recount() == []


async def test_what_was_used_before_counts_from_the_start_of_the_period(purse: Any) -> None:
    await purse.use(700)
    assert (await purse.budget(limit_tokens=1_000))["used"] == 700
    assert await purse.recount() == []


async def test_a_limit_that_changes_counts_at_once_and_keeps_what_is_used(purse: Any) -> None:
    made = await purse.budget(limit_tokens=1_000)
    await purse.use(900)
    lower = await purse.change(made["id"], limit_tokens=500)
    assert (lower["used"], lower["remaining"]) == (900, 0)
    assert (await purse.ask(1))["decision"] == "block"
    await purse.change(made["id"], limit_tokens=2_000)
    assert (await purse.ask(1_100))["decision"] != "block"
    await purse.change(made["id"], hard_cap=False)
    answer = await purse.ask(5_000)
    assert (answer["decision"], answer["reason"]) == ("warn", "soft_cap_passed")


async def test_engineering_is_the_sum_of_backend_frontend_and_data(purse: Any) -> None:
    """The documents' example: each has a budget of its own that rolls up to Engineering's 10 million."""
    limits = {"Backend": 5_000_000, "Frontend": 3_000_000, "Data": 2_000_000}
    children = [
        await purse.budget(department=f"Engineering / {name}", limit_tokens=limit)
        for name, limit in limits.items()
    ]
    made = await purse.budget(department="Engineering", sum_of_children=True)
    assert (made["limit"], made["sum_of_children"]) == (10_000_000, True)
    await purse.change(children[0]["id"], limit_tokens=6_000_000)
    assert (await purse.of(made["id"]))["limit"] == 11_000_000
    answer = await purse.ask(11_000_001)
    assert (answer["decision"], answer["budget_id"]) == ("block", made["id"])
    for child in children[:2]:
        await purse.call("DELETE", f"/v1/budgets/{child['id']}", status=204)
    assert (await purse.of(made["id"]))["limit"] == 2_000_000
    await purse.call("DELETE", f"/v1/budgets/{children[2]['id']}", status=409)
    await purse.change(made["id"], limit_tokens=1)
    await purse.call("DELETE", f"/v1/budgets/{children[2]['id']}", status=204)


async def test_a_sum_includes_what_the_budgets_below_carry_over(purse: Any) -> None:
    below = await purse.budget(
        department="Engineering / Data", limit_tokens=1_000, period="daily", rollover_cap_percent=50
    )
    above = await purse.budget(department="Engineering", sum_of_children=True, period="daily")
    purse.clock.advance(days=1)
    shown = await purse.of(above["id"])
    assert (shown["limit"], shown["rolled_over"]) == (1_000, 500)
    assert (await purse.of(below["id"]))["rolled_over"] == 500
    assert await purse.recount() == []


async def test_a_department_that_moves_takes_its_usage_along(purse: Any) -> None:
    engineering = await purse.budget(department="Engineering", limit_tokens=10_000)
    product = await purse.budget(department="Product", limit_tokens=10_000)
    whole = await purse.budget(limit_tokens=10_000)
    sales = await purse.budget(department="Sales", limit_tokens=10_000)
    await purse.use(900)
    path = f"/v1/departments/{engineering['department_id']}"
    await purse.call("PATCH", path, {"parent_id": product["department_id"]})
    used = {one["id"]: one["used"] for one in (await purse.call("GET", "/v1/budgets"))["items"]}
    assert used == {engineering["id"]: 900, product["id"]: 900, whole["id"]: 900, sales["id"]: 0}
    await purse.use(50)
    assert (await purse.of(product["id"]))["used"] == 950
    await purse.call("PATCH", path, {"parent_id": sales["department_id"]})
    used = {one["id"]: one["used"] for one in (await purse.call("GET", "/v1/budgets"))["items"]}
    assert used == {engineering["id"]: 950, product["id"]: 0, whole["id"]: 950, sales["id"]: 950}
    assert await purse.recount() == []


async def test_an_archived_budget_neither_counts_nor_blocks(purse: Any) -> None:
    made = await purse.budget(limit_tokens=100)
    held = await purse.ask(100)
    assert (await purse.ask(1))["decision"] == "block"
    await purse.call("DELETE", f"/v1/budgets/{made['id']}", status=204)
    assert (await purse.ask(1_000))["decision"] == "allow"
    await purse.use(50, hold_id=held["hold_id"])
    assert (await purse.call("GET", "/v1/budgets"))["items"] == []
    (shown,) = (await purse.call("GET", "/v1/budgets?archived=true"))["items"]
    assert (shown["held"], shown["archived_at"] is not None) == (0, True)
    await purse.call("PATCH", f"/v1/budgets/{made['id']}", {"limit_tokens": 1}, status=409)
    again = await purse.budget(limit_tokens=100)
    assert again["used"] == 50


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 422, "limit_tokens"),
        ({"limit_tokens": 1, "limit_micros": 1}, 422, "limit_tokens"),
        ({"limit_tokens": -1}, 422, "limit_tokens"),
        ({"limit_tokens": 10**16}, 422, "limit_tokens"),
        ({"limit_tokens": 1, "period": "hourly"}, 422, "period"),
        ({"limit_tokens": 1, "rollover_cap_percent": 101}, 422, "rollover_cap_percent"),
        ({"limit_tokens": 1, "thresholds": [0]}, 422, "thresholds[0]"),
        ({"limit_tokens": 1, "prompt": "x"}, 422, "prompt"),
        ({"limit_tokens": 1, "user_id": str(new_id())}, 422, "user_id"),
        ({"limit_tokens": 1, "user_id": str(new_id()), "department": "A"}, 422, "user_id"),
        ({"sum_of_children": True}, 409, None),
        ({"sum_of_children": True, "rollover_cap_percent": 5}, 422, "rollover_cap_percent"),
    ],
)
async def test_a_budget_that_cannot_be_is_refused_and_leaves_nothing(
    purse: Any, body: dict[str, Any], status: int, field: str | None
) -> None:
    said = await purse.call("POST", "/v1/budgets", body, status=status)
    assert said["details"].get("field") == field, said
    assert (await purse.call("GET", "/v1/budgets"))["total_count"] == 0


async def test_b5_a_second_budget_of_the_same_unit_and_period_is_a_conflict(purse: Any) -> None:
    made = await purse.budget(limit_tokens=1)
    said = await purse.call("POST", "/v1/budgets", {"limit_tokens": 2, "period": "monthly"}, status=409)
    assert said["details"]["budget_id"] == made["id"]
    await purse.budget(limit_tokens=2, period="daily")
    await purse.budget(limit_micros=2)


async def test_a_budget_in_money_holds_and_counts_costs(purse: Any) -> None:
    """gpt-4o: 2.50 USD a million tokens in, 10 USD out."""
    made = await purse.budget(limit_micros=10_000)
    refused = await purse.ask(1_001)
    assert (refused["decision"], refused["missing_tokens"]) == ("block", 1)
    held = await purse.ask(2_000, estimated_output_tokens=500)
    assert (await purse.of(made["id"]))["held"] == 8_750
    await purse.use(1_000, hold_id=held["hold_id"])
    shown = await purse.of(made["id"])
    assert (shown["used"], shown["held"], shown["limit_tokens"]) == (2_500, 0, None)
    assert await purse.recount() == []


@pytest.mark.parametrize(("policy", "decision"), [("allow", "allow"), ("warn", "warn"), ("block", "block")])
async def test_without_a_price_a_budget_in_money_does_what_it_says_for_the_unsure(
    purse: Any, policy: str, decision: str
) -> None:
    made = await purse.budget(limit_micros=10_000, when_unsure=policy)
    answer = await purse.ask(1_000, model="no-such-model")
    assert answer["decision"] == decision
    if decision != "allow":
        assert (answer["reason"], answer["budget_id"]) == ("no_price", made["id"])
    assert (await purse.of(made["id"]))["held"] == 0


async def test_a_device_is_told_whether_to_ask_and_what_to_do_when_nobody_answers(
    purse: Any, device: Any
) -> None:
    async def told() -> dict[str, Any]:
        config = await purse.call("GET", "/v1/devices/me/config", headers=device.headers)
        return dict(config["enforcement"])

    assert await told() == {"preflight": False, "when_unsure": "allow"}
    await purse.budget(limit_tokens=1, hard_cap=False, when_unsure="block")
    assert await told() == {"preflight": False, "when_unsure": "allow"}
    await purse.budget(limit_tokens=1, department="Engineering", when_unsure="warn")
    assert await told() == {"preflight": True, "when_unsure": "warn"}
    await purse.budget(limit_tokens=1, user_id=str(purse.organization.member.id), when_unsure="block")
    assert await told() == {"preflight": True, "when_unsure": "block"}


async def test_the_time_zone_stays_once_there_are_periods_in_it(purse: Any) -> None:
    await purse.budget(limit_tokens=1)
    said = await purse.call("PATCH", "/v1/organization", {"time_zone": "Asia/Tokyo"}, status=409)
    assert said["details"]["time_zone"] == "Europe/Berlin"


async def test_members_see_what_stands_above_them_and_nothing_of_others(purse: Any) -> None:
    organization = purse.organization
    whole = await purse.budget(limit_tokens=1)
    team = await purse.budget(limit_tokens=1, department="Engineering")
    own = await purse.budget(limit_tokens=1, user_id=str(organization.member.id))
    other_team = await purse.budget(limit_tokens=1, department="Sales")
    other = await purse.budget(limit_tokens=1, user_id=str(organization.admin.id))

    async def seen(role: str) -> set[str]:
        page = await purse.call("GET", "/v1/budgets", headers=organization.as_(role))
        return {item["id"] for item in page["items"]}

    assert await seen("member") == {whole["id"], team["id"], own["id"]}
    assert await seen("manager") == {whole["id"], team["id"], own["id"]}
    assert await seen("admin") == {whole["id"], team["id"], own["id"], other_team["id"], other["id"]}
    hidden = f"/v1/budgets/{other['id']}"
    await purse.call("GET", hidden, status=404, headers=organization.as_("member"))
    await purse.call("GET", f"{hidden}/rollovers", status=404, headers=organization.as_("member"))


async def test_recounting_corrects_what_was_altered_and_says_so(purse: Any, engine: Any) -> None:
    made = await purse.budget(limit_tokens=1_000)
    await purse.use(300)
    await purse.ask(100)
    async with engine.begin() as connection:
        wrong = text("UPDATE budget_periods SET used = 7, held = 8 WHERE budget_id = :id")
        await connection.execute(wrong, {"id": made["id"]})
    found = await purse.recount(mend=True)
    assert [(one.counter, one.was, one.should_be) for one in found] == [("used", 7, 300), ("held", 8, 100)]
    shown = await purse.of(made["id"])
    assert (shown["used"], shown["held"]) == (300, 100)
    assert await purse.recount() == []
