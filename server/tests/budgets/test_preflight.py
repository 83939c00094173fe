"""Preflight checks and holds: B1 to B4, and what the answer says."""

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from toktra.budgets.housekeeping import keep_house
from toktra_wire.ids import id_at, new_id


async def test_a_hard_cap_admits_what_fits_and_refuses_the_rest(purse: Any) -> None:
    made = await purse.budget(limit_tokens=1_000)
    first = await purse.ask(600)
    assert (first["decision"], first["remaining_tokens"]) == ("allow", 400)
    refused = await purse.ask(500)
    assert refused["decision"] == "block"
    assert (refused["budget_id"], refused["missing_tokens"]) == (made["id"], 100)
    assert refused["resets_at"] == made["resets_at"]
    second = await purse.ask(400)
    assert second["decision"] == "warn"
    shown = await purse.of(made["id"])
    assert (shown["used"], shown["held"], shown["remaining"]) == (0, 1_000, 0)
    assert await purse.recount() == []


async def test_an_event_that_names_its_hold_ends_it_whatever_it_used(purse: Any) -> None:
    made = await purse.budget(limit_tokens=1_000)
    held = await purse.ask(900)
    said = await purse.use(100, hold_id=held["hold_id"])
    assert "unsettled" not in said
    shown = await purse.of(made["id"])
    assert (shown["used"], shown["held"], shown["remaining"]) == (100, 0, 900)
    again = await purse.use(50, hold_id=held["hold_id"])
    assert again["unsettled"] == [{"index": 0, "reason": "hold_ended"}]
    stranger = await purse.use(50, hold_id=str(new_id()))
    assert stranger["unsettled"] == [{"index": 0, "reason": "hold_unknown"}]
    assert (await purse.of(made["id"]))["used"] == 200
    assert await purse.recount() == []


async def test_b2_a_lapsed_hold_takes_no_room(purse: Any) -> None:
    made = await purse.budget(limit_tokens=1_000)
    held = await purse.ask(1_000)
    assert (await purse.ask(1))["decision"] == "block"
    purse.clock.advance(seconds=601)
    assert (await purse.of(made["id"]))["held"] == 0
    assert (await purse.ask(1_000))["decision"] == "warn"
    late = await purse.use(300, hold_id=held["hold_id"])
    assert late["unsettled"] == [{"index": 0, "reason": "hold_ended"}]
    assert (await purse.of(made["id"]))["used"] == 300
    assert await purse.recount() == []


async def test_a_refusal_says_which_budget_what_is_missing_when_it_resets_and_whom_to_ask(purse: Any) -> None:
    await purse.budget(limit_tokens=1_000_000, name="Everyone")
    made = await purse.budget(limit_tokens=1_000, department="Engineering", name="Build")
    answer = await purse.ask(1_500)
    assert (answer["reason"], answer["budget_name"]) == ("hard_cap_reached", "Build")
    assert (answer["remaining_tokens"], answer["missing_tokens"]) == (1_000, 500)
    assert answer["resets_at"] == made["resets_at"]
    assert answer["approvers"] == [purse.organization.admin.email, purse.organization.owner.email]
    link = urlsplit(answer["exemption_url"])
    assert link.path == "/budget/exemptions/new"
    assert parse_qs(link.query) == {
        "user_id": [str(purse.organization.member.id)],
        "budget_id": [made["id"]],
        "tokens": ["500"],
        "period": ["monthly"],
    }
    assert "Build" in answer["message"]
    assert purse.organization.admin.email in answer["message"]


@pytest.mark.parametrize("before", range(8))
async def test_b3_a_refusal_asked_for_again_is_the_first_one_however_many_came_before(
    purse: Any, before: int
) -> None:
    """psycopg prepares a statement by itself at its fifth use: not in a group that may be done over."""
    await purse.budget(limit_tokens=10)
    first = await purse.ask(600, key="again")
    for _ in range(before):
        assert (await purse.ask(600))["decision"] == "block"
    for _ in range(3):
        assert await purse.ask(600, key="again") == first
        assert (await purse.ask(600))["decision"] == "block"


async def test_b3_the_same_key_gets_the_first_answer(purse: Any) -> None:
    made = await purse.budget(limit_tokens=1_000)
    first = await purse.ask(600, key="again")
    assert await purse.ask(600, key="again") == first
    assert (await purse.of(made["id"]))["held"] == 600
    blocked = await purse.ask(600, key="blocked")
    await purse.cancel(first["hold_id"])
    assert await purse.ask(600, key="blocked") == blocked
    asked = {"key": "again", "provider": "openai", "model": "gpt-4o", "estimated_tokens": 601}
    asked["user_id"] = str(purse.organization.member.id)
    await purse.call("POST", "/v1/preflight", asked, status=409)
    of_other = await purse.ask(601, key="again", user_id=str(purse.organization.admin.id))
    assert of_other["decision"] == "allow"


async def test_b3_a_key_asked_with_many_times_at_once_holds_once(purse: Any) -> None:
    made = await purse.budget(limit_tokens=1_000)
    answers = await asyncio.gather(*(purse.ask(400, key="once") for _ in range(20)))
    assert len({answer["hold_id"] for answer in answers}) == 1
    assert (await purse.of(made["id"]))["held"] == 400


async def test_b1_asked_for_at_once_exactly_what_fits_is_admitted(purse: Any) -> None:
    await purse.budget(limit_tokens=10_000)
    await purse.budget(limit_tokens=7_350, department="Engineering")
    answers = await asyncio.gather(*(purse.ask(100) for _ in range(120)))
    assert sum(answer["decision"] != "block" for answer in answers) == 73
    assert await purse.recount() == []


async def test_b4_without_a_hard_cap_nothing_is_held_or_kept(
    purse: Any, sessions: async_sessionmaker[AsyncSession]
) -> None:
    assert (await purse.ask(10**6))["reason"] == "no_hard_cap"
    await purse.budget(limit_tokens=100, hard_cap=False)
    await purse.use(80)
    purse.clock.advance(seconds=2)
    await asyncio.sleep(1.1)  # warnings may be a second old
    answer = await purse.ask(1)
    assert (answer["decision"], answer["reason"], answer["hold_id"]) == ("warn", "threshold_passed", None)
    async with sessions() as session:
        counting = text("SELECT count(*) FROM preflights WHERE org_id = :org")
        assert await session.scalar(counting, {"org": purse.organization.id}) == 0


async def test_a_hold_ends_only_with_its_own_device_and_user(
    purse: Any, device: Any, enroll_device: Callable[..., Any], other_organization: Any
) -> None:
    made = await purse.budget(limit_tokens=1_000)
    held = await purse.ask(500, headers=device.headers)
    colleague = await enroll_device(purse.organization)
    stranger = await enroll_device(other_organization)
    for headers in (colleague.headers, stranger.headers, other_organization.api_key):
        refused = await purse.client.delete(f"/v1/holds/{held['hold_id']}", headers=headers)
        assert refused.status_code == 404
        said = await purse.use(10, hold_id=held["hold_id"], headers=headers)
        assert said["unsettled"] == [{"index": 0, "reason": "hold_unknown"}]
    shown = await purse.of(made["id"])
    assert (shown["used"], shown["held"]) == (10, 500)
    await purse.cancel(held["hold_id"], headers=device.headers)
    await purse.cancel(held["hold_id"], headers=device.headers)
    assert (await purse.of(made["id"]))["held"] == 0
    said = await purse.use(10, hold_id=held["hold_id"], headers=device.headers)
    assert said["unsettled"] == [{"index": 0, "reason": "hold_ended"}]
    assert await purse.recount() == []


async def test_two_events_with_one_hold_in_one_batch_both_count_and_one_settles(purse: Any) -> None:
    made = await purse.budget(limit_tokens=1_000)
    held = await purse.ask(500)
    member = str(purse.organization.member.id)
    events = [
        purse.make_event(id=str(id_at(purse.clock.now)), hold_id=held["hold_id"], user_id=member)
        for _ in range(2)
    ]
    said = await purse.call("POST", "/v1/events", {"events": events})
    assert said["accepted"] == 2
    assert [one["reason"] for one in said["unsettled"]] == ["hold_ended"]
    shown = await purse.of(made["id"])
    assert (shown["used"], shown["held"]) == (2_200, 0)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"estimated_tokens": 0}, "estimated_tokens"),
        ({"estimated_tokens": -5}, "estimated_tokens"),
        ({"estimated_tokens": 10**30}, "estimated_tokens"),
        ({"estimated_tokens": 50_000_001}, "estimated_tokens"),
        ({"estimated_output_tokens": 101}, "estimated_output_tokens"),
        ({"provider": "nobody"}, "provider"),
        ({"model": "a model\x00"}, "model"),
        ({"key": ""}, "key"),
        ({"key": "k" * 101}, "key"),
        ({"prompt": "hello"}, "prompt"),
    ],
)
async def test_what_cannot_be_asked_is_refused_with_its_field(
    purse: Any, wrong: dict[str, Any], field: str
) -> None:
    await purse.budget(limit_tokens=1_000)
    asked = {"key": "k", "provider": "openai", "model": "gpt-4o", "estimated_tokens": 100, **wrong}
    said = await purse.call("POST", "/v1/preflight", asked, status=422)
    assert said["details"]["field"] == field


async def test_for_another_user_only_programs_can_ask_and_within_their_reach(purse: Any, device: Any) -> None:
    asked = {
        "key": "k",
        "provider": "openai",
        "estimated_tokens": 1,
        "user_id": str(purse.organization.admin.id),
    }
    await purse.call("POST", "/v1/preflight", asked, status=403, headers=device.headers)
    await purse.call("POST", "/v1/preflight", {**asked, "user_id": str(new_id())}, status=404)


async def test_blocked_requests_are_in_the_audit_log_once_a_minute_with_their_count(
    purse: Any, sessions: async_sessionmaker[AsyncSession]
) -> None:
    async def noted() -> list[int]:
        page = await purse.call("GET", "/v1/audit-log?action=request.blocked")
        assert all(item["actor_user_id"] == str(purse.organization.member.id) for item in page["items"])
        return [item["after"]["requests"] for item in reversed(page["items"])]

    made = await purse.budget(limit_tokens=0)
    for _ in range(5):
        assert (await purse.ask(1))["decision"] == "block"
    assert await noted() == [1]
    purse.clock.advance(seconds=60)
    await asyncio.gather(*(purse.ask(1) for _ in range(3)))
    assert sum(await noted()) in (6, 7, 8)  # as many as the first group of the new minute had
    purse.clock.advance(seconds=60)
    async with sessions.begin() as session:
        await keep_house(purse.engine, session, now=purse.clock.now)
    assert sum(await noted()) == 8
    assert (await purse.of(made["id"]))["held"] == 0


async def test_housekeeping_sweeps_lapsed_holds_and_forgets_old_checks(
    purse: Any, sessions: async_sessionmaker[AsyncSession]
) -> None:
    async def kept() -> list[str | None]:
        asking = text("SELECT outcome FROM preflights WHERE org_id = :org ORDER BY outcome")
        async with sessions() as session:
            return list(await session.scalars(asking, {"org": purse.organization.id}))

    async def keep() -> None:
        async with sessions.begin() as session:
            await keep_house(purse.engine, session, now=purse.clock.now)

    made = await purse.budget(limit_tokens=1_000)
    await purse.ask(900)
    await purse.ask(900)
    purse.clock.advance(seconds=601)
    await keep()
    assert await kept() == ["blocked", "lapsed"]
    assert await purse.recount() == []
    assert (await purse.of(made["id"]))["held"] == 0
    purse.clock.advance(hours=25)
    await keep()
    assert await kept() == []
