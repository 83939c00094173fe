"""A budget's periods and the holds in it: for those who can see the budget, and no names beyond reach."""

from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest


async def test_periods_are_listed_latest_first(purse: Any, at: Any) -> None:
    await at(datetime.fromisoformat("2026-11-16T10:00:00+00:00"))
    made = await purse.budget(limit_tokens=1_000, period="daily", rollover_cap_percent=50)
    path = f"/v1/budgets/{made['id']}/periods"
    for used in (100, 200):
        await purse.use(used)
        await at(purse.clock.now + timedelta(days=1))
    await purse.exempt(5_000)
    held = await purse.ask(1_900)
    await purse.use(1_900, hold_id=held["hold_id"])
    await purse.ask(50)
    items = (await purse.call("GET", path))["items"]
    told = [(one["limit"], one["rolled_over"], one["used"], one["held"], one["exempt_used"]) for one in items]
    assert told == [(1_000, 500, 1_900, 50, 400), (1_000, 450, 200, 0, 0), (1_000, 0, 100, 0, 0)]
    assert [one["ends_at"] for one in items[1:]] == [one["starts_at"] for one in items[:-1]]
    shown = await purse.of(made["id"])
    assert {shown[name] for name in ("starts_at", "held", "used")} == {
        items[0][name] for name in ("starts_at", "held", "used")
    }
    first = await purse.call("GET", f"{path}?limit=2")
    assert (first["total_count"], first["has_more"]) == (3, True)
    rest = await purse.call("GET", f"{path}?limit=2&cursor={first['next_cursor']}")
    assert first["items"] + rest["items"] == items
    purse.clock.advance(seconds=601)
    assert (await purse.call("GET", path))["items"][0]["held"] == 0


async def test_holds_are_named_within_reach_and_summed_beyond(purse: Any) -> None:
    organization = purse.organization
    made = await purse.budget(limit_tokens=10_000)
    asked = {}
    for tokens, role in ((100, "owner"), (200, "manager"), (400, "member"), (800, "member")):
        user_id = str(getattr(organization, role).id)
        asked[(await purse.ask(tokens, user_id=user_id))["hold_id"]] = (tokens, role)
    for reader, named, others in (
        ("owner", [800, 400, 200, 100], 0),
        ("manager", [800, 400, 200], 100),
        ("member", [800, 400], 300),
    ):
        headers = organization.as_(reader)
        page = await purse.call("GET", f"/v1/budgets/{made['id']}/holds", headers=headers)
        assert [one["amount"] for one in page["items"]] == named, reader
        assert (page["others_held"], page["total_count"]) == (others, len(named)), reader
        for one in page["items"]:
            tokens, role = asked[one["id"]]
            user = getattr(organization, role)
            assert (one["user_id"], one["user_email"]) == (str(user.id), user.email)
            assert (one["provider"], one["model"], one["amount"]) == ("openai", "gpt-4o", tokens)
            assert one["period_starts_at"] == made["starts_at"]


async def test_only_live_holds_are_listed_page_by_page(purse: Any) -> None:
    made = await purse.budget(limit_tokens=10_000)
    path = f"/v1/budgets/{made['id']}/holds"
    await purse.ask(1)
    purse.clock.advance(seconds=601)
    used, cancelled, *live = [(await purse.ask(tokens))["hold_id"] for tokens in (10, 20, 30, 40, 50)]
    await purse.use(10, hold_id=used)
    await purse.cancel(cancelled)
    first = await purse.call("GET", f"{path}?limit=2")
    assert [one["id"] for one in first["items"]] == live[:0:-1]
    rest = await purse.call("GET", f"{path}?limit=2&cursor={first['next_cursor']}")
    assert [one["id"] for one in rest["items"]] == live[:1]
    assert (first["total_count"], rest["has_more"]) == (3, False)
    shown = await purse.of(made["id"])
    assert shown["held"] == sum(one["amount"] for one in first["items"] + rest["items"])


@pytest.mark.parametrize("what", ["periods", "holds"])
async def test_who_cannot_see_the_budget_cannot_see_what_is_in_it(
    client: httpx2.AsyncClient, purse: Any, other_organization: Any, what: str
) -> None:
    made = await purse.budget(user_id=str(purse.organization.owner.id), limit_tokens=1_000)
    for headers, status in (
        ({}, 401),
        (purse.organization.as_("owner"), 200),
        (purse.organization.as_("manager"), 404),
        (purse.organization.as_("member"), 404),
        (other_organization.api_key, 404),
    ):
        client.cookies.clear()
        answer = await client.get(f"/v1/budgets/{made['id']}/{what}", headers=headers)
        assert answer.status_code == status
