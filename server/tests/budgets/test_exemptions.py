"""E1, E2: asking for extra tokens, reviewing, and what approved ones give."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from toktra.budgets.housekeeping import keep_house


async def test_approved_tokens_are_room_for_their_user_alone(purse: Any) -> None:
    admin = str(purse.organization.admin.id)
    made = await purse.budget(limit_tokens=1_000)
    held = await purse.ask(1_000, user_id=admin)
    await purse.use(1_000, hold_id=held["hold_id"], user_id=admin)
    assert (await purse.ask(100))["decision"] == "block"
    await purse.exempt(300)
    admitted = await purse.ask(200)
    assert (admitted["decision"], admitted["hold_id"] is not None) == ("warn", True)
    assert admitted["remaining_tokens"] == 100
    assert (await purse.ask(1, user_id=admin))["decision"] == "block"
    refused = await purse.ask(101)
    assert (refused["decision"], refused["remaining_tokens"], refused["missing_tokens"]) == ("block", 100, 1)
    await purse.use(150, hold_id=admitted["hold_id"])
    shown = await purse.of(made["id"])
    assert (shown["used"], shown["exempt_used"], shown["remaining"]) == (1_150, 150, 0)
    (exemption,) = (await purse.call("GET", "/v1/budget-exemptions"))["items"]
    assert (exemption["used_tokens"], exemption["held_tokens"]) == (150, 0)
    assert (await purse.ask(150))["decision"] != "block"
    assert await purse.recount() == []


async def test_a_cancelled_hold_gives_the_exemption_back(purse: Any) -> None:
    await purse.budget(limit_tokens=0)
    await purse.exempt(300)
    held = await purse.ask(300)
    assert (await purse.ask(1))["decision"] == "block"
    await purse.cancel(held["hold_id"])
    assert (await purse.ask(300))["decision"] != "block"


async def test_a_lapsed_hold_gives_the_exemption_back_before_it_is_swept_away(purse: Any) -> None:
    await purse.budget(limit_tokens=0)
    await purse.exempt(300)
    await purse.ask(300)
    purse.clock.advance(seconds=601)
    assert (await purse.ask(300))["decision"] != "block"


async def test_a_lapsed_hold_of_another_user_makes_nobody_draw_on_their_exemption(purse: Any) -> None:
    await purse.budget(limit_tokens=1_000)
    await purse.ask(1_000, user_id=str(purse.organization.admin.id))
    await purse.exempt(500)
    purse.clock.advance(seconds=601)
    assert (await purse.ask(400))["reason"] != "exemption_used"
    (exemption,) = (await purse.call("GET", "/v1/budget-exemptions"))["items"]
    assert exemption["held_tokens"] == 0


async def test_usage_in_the_next_period_leaves_no_room_behind_in_this_one(purse: Any) -> None:
    made = await purse.budget(limit_tokens=0, period="daily")
    await purse.exempt(500)
    held = await purse.ask(500)
    ends_at = datetime.fromisoformat(made["resets_at"])
    await purse.use(500, hold_id=held["hold_id"], occurred_at=(ends_at + timedelta(minutes=1)).isoformat())
    shown = await purse.of(made["id"])
    assert (shown["used"], shown["exempt_used"], shown["held"], shown["remaining"]) == (0, 0, 0, 0)
    assert await purse.recount() == []


async def test_an_exemption_ends_with_its_period(purse: Any) -> None:
    await purse.budget(limit_tokens=0)
    made = await purse.exempt(300, period="daily")
    purse.clock.now = datetime.fromisoformat(made["ends_at"]) - timedelta(seconds=1)
    assert (await purse.ask(1))["decision"] != "block"
    purse.clock.now = datetime.fromisoformat(made["ends_at"])
    assert (await purse.ask(1))["decision"] == "block"


async def test_it_covers_whatever_cap_blocks_and_is_drawn_once(purse: Any) -> None:
    """Two caps are full: the same tokens pass both."""
    await purse.budget(limit_tokens=0)
    await purse.budget(limit_tokens=0, user_id=str(purse.organization.member.id), period="daily")
    await purse.exempt(100)
    held = await purse.ask(100)
    await purse.use(100, hold_id=held["hold_id"])
    (exemption,) = (await purse.call("GET", "/v1/budget-exemptions"))["items"]
    assert exemption["used_tokens"] == 100
    assert await purse.recount() == []


async def test_members_ask_for_themselves_managers_for_their_people_admins_review(purse: Any) -> None:
    organization = purse.organization
    member, manager = organization.as_("member"), organization.as_("manager")
    asked = {"reason": "a sprint", "tokens": 1_000}
    own = await purse.call("POST", "/v1/budget-exemptions", asked, status=201, headers=member)
    assert (own["status"], own["user_email"], own["requested_by_email"]) == (
        "pending",
        organization.member.email,
        organization.member.email,
    )
    for_other = {**asked, "user_id": str(organization.member.id)}
    theirs = await purse.call("POST", "/v1/budget-exemptions", for_other, status=201, headers=manager)
    assert theirs["requested_by_email"] == organization.manager.email
    beyond = {**asked, "user_id": str(organization.admin.id)}
    await purse.call("POST", "/v1/budget-exemptions", beyond, status=404, headers=manager)
    await purse.call("POST", f"/v1/budget-exemptions/{own['id']}/approve", {}, status=403, headers=manager)
    pending = await purse.call("GET", "/v1/budget-exemptions?status=pending&limit=1")
    assert pending["total_count"] == 2
    admin = organization.as_("admin")
    denied = await purse.call(
        "POST", f"/v1/budget-exemptions/{own['id']}/deny", {"notes": "next month"}, headers=admin
    )
    assert (denied["status"], denied["reviewed_by_email"]) == ("denied", organization.admin.email)
    seen = await purse.call("GET", f"/v1/budget-exemptions/{own['id']}", headers=member)
    assert seen["notes"] == "next month"
    await purse.call("POST", f"/v1/budget-exemptions/{own['id']}/approve", {}, status=409, headers=admin)
    assert (await purse.call("GET", "/v1/budget-exemptions", headers=member))["total_count"] == 2


async def test_what_nobody_reviewed_in_time_is_expired(
    purse: Any, sessions: async_sessionmaker[AsyncSession]
) -> None:
    asked = {"reason": "a sprint", "tokens": 1_000, "user_id": str(purse.organization.member.id)}
    made = await purse.call("POST", "/v1/budget-exemptions", {**asked, "period": "daily"}, status=201)
    purse.clock.now = datetime.fromisoformat(made["ends_at"])
    path = f"/v1/budget-exemptions/{made['id']}"
    assert (await purse.call("GET", path))["status"] == "expired"
    assert (await purse.call("GET", "/v1/budget-exemptions?status=pending"))["total_count"] == 0
    assert (await purse.call("GET", "/v1/budget-exemptions?status=expired"))["total_count"] == 1
    await purse.call("POST", f"{path}/approve", {}, status=409)
    async with sessions.begin() as session:
        await keep_house(purse.engine, session, now=purse.clock.now)
    async with sessions() as session:
        kept = text("SELECT status FROM budget_exemptions WHERE id = :id")
        assert await session.scalar(kept, {"id": made["id"]}) == "expired"
    assert await actions_of(purse, made["id"]) == ["exemption.created", "exemption.expired"]


async def test_each_step_is_in_the_audit_log(purse: Any) -> None:
    made = await purse.exempt(100)
    assert await actions_of(purse, made["id"]) == ["exemption.created", "exemption.approved"]


async def actions_of(purse: Any, target_id: str) -> list[str]:
    page = await purse.call("GET", f"/v1/audit-log?target_id={target_id}")
    return [item["action"] for item in reversed(page["items"])]
