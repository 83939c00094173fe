"""T1: each threshold speaks once in a period; a raised limit resolves its alert, and it can speak again."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime
from typing import Any

import httpx2
from litestar import Litestar

from toktra.app import build
from toktra.kit.settings import Settings


async def alerts(purse: Any, **only: Any) -> list[dict[str, Any]]:
    """The oldest first."""
    page = await purse.client.get(
        "/v1/alerts", params={"limit": 100, **only}, headers=purse.organization.api_key
    )
    assert page.status_code == 200, page.text
    return list(reversed(page.json()["items"]))


async def passed(purse: Any, **only: Any) -> list[int]:
    return [alert["threshold"] for alert in await alerts(purse, **only)]


async def test_t1_each_threshold_speaks_once_then_the_limit_itself(purse: Any) -> None:
    made = await purse.budget(limit_tokens=1_000)
    for used, told in ((699, []), (1, [70]), (199, [70]), (1, [70, 90]), (99, [70, 90]), (1, [70, 90, 100])):
        await purse.use(used)
        assert await passed(purse) == told
    await purse.use(5_000)
    found = await alerts(purse)
    assert [(one["type"], one["severity"], one["threshold"]) for one in found] == [
        ("budget_threshold", "info", 70),
        ("budget_threshold", "warning", 90),
        ("budget_exceeded", "critical", 100),
    ]
    assert {one["budget_id"] for one in found} == {made["id"]}
    assert [one["details"]["used"] for one in found] == [700, 900, 1_000]
    assert {one["status"] for one in found} == {"open"}


async def test_t1_thresholds_of_one_s_own_and_several_passed_by_one_event(purse: Any) -> None:
    await purse.budget(limit_tokens=1_000, thresholds=[50, 25, 150, 50])
    await purse.use(600)
    assert await passed(purse) == [25, 50]
    await purse.use(1_000)
    found = await alerts(purse)
    assert [(one["threshold"], one["severity"]) for one in found[2:]] == [
        (100, "critical"),
        (150, "critical"),
    ]
    assert [one["title"].split(": ")[1] for one in found[2:]] == [
        "the monthly budget is used up",
        "150% of the monthly budget is used",
    ]


async def test_without_thresholds_the_limit_itself_still_speaks(purse: Any) -> None:
    await purse.budget(limit_tokens=1_000, thresholds=[])
    await purse.use(1_000)
    assert await passed(purse) == [100]


async def test_a_limit_of_nothing_is_passed_by_the_first_token(purse: Any) -> None:
    await purse.budget(limit_tokens=0)
    assert await passed(purse) == []
    await purse.use(1)
    assert await passed(purse) == [70, 90, 100]


async def test_a_soft_cap_speaks_as_a_hard_one_does(purse: Any) -> None:
    await purse.budget(limit_tokens=1_000, hard_cap=False)
    await purse.use(1_000)
    found = await alerts(purse)
    assert [one["threshold"] for one in found] == [70, 90, 100]
    assert {one["details"]["hard_cap"] for one in found} == {False}


async def test_holds_alone_pass_no_threshold(purse: Any) -> None:
    await purse.budget(limit_tokens=1_000)
    await purse.ask(1_000)
    assert await alerts(purse) == []


async def test_an_event_that_is_sent_again_says_nothing_new(purse: Any) -> None:
    await purse.budget(limit_tokens=1_000)
    sent = purse.make_event(
        user_id=str(purse.organization.member.id), estimated_input_tokens=400, estimated_output_tokens=0
    )
    for _ in range(3):
        await purse.call("POST", "/v1/events", {"events": [sent]})
    assert await alerts(purse) == []


async def test_every_budget_above_speaks_for_itself(purse: Any) -> None:
    user_id = str(purse.organization.member.id)
    whole = await purse.budget(limit_tokens=10_000, name="whole")
    await purse.budget(limit_tokens=1_000, department="Engineering", name="eng")
    await purse.budget(limit_tokens=700, user_id=user_id, name="mine")
    await purse.use(700)
    assert sorted((one["details"]["budget"], one["threshold"]) for one in await alerts(purse)) == [
        ("eng", 70),
        ("mine", 70),
        ("mine", 90),
        ("mine", 100),
    ]
    assert await alerts(purse, budget_id=whole["id"]) == []


async def test_a_budget_in_money_speaks_of_money(purse: Any) -> None:
    made = await purse.budget(limit_micros=1_000_000)
    await purse.use(1_000)
    cost = (await purse.of(made["id"]))["used"]
    await purse.change(made["id"], limit_micros=cost * 4)
    assert await alerts(purse) == []
    await purse.use(2_000)
    (alert,) = await alerts(purse)
    assert (alert["threshold"], alert["details"]["unit"], alert["details"]["used"]) == (
        70,
        "micros",
        3 * cost,
    )


async def test_t1_a_new_period_speaks_again(purse: Any) -> None:
    made = await purse.budget(limit_tokens=1_000, period="daily")
    await purse.use(1_000)
    before = await alerts(purse)
    purse.clock.now = datetime.fromisoformat(made["resets_at"])
    await purse.use(700)
    found = await alerts(purse)
    assert [one["threshold"] for one in found] == [70, 90, 100, 70]
    assert found[:3] == before
    assert found[3]["period_starts_at"] == made["resets_at"]


async def test_an_event_that_comes_after_its_period_ended_alerts_nobody(purse: Any) -> None:
    made = await purse.budget(limit_tokens=1_000, period="daily")
    used_at = purse.clock.now.isoformat()
    purse.clock.now = datetime.fromisoformat(made["resets_at"])
    await purse.call(
        "POST",
        "/v1/events",
        {
            "events": [
                purse.make_event(
                    user_id=str(purse.organization.member.id),
                    occurred_at=used_at,
                    estimated_input_tokens=1_000,
                )
            ]
        },
    )
    assert await alerts(purse) == []


async def test_t1_a_raised_limit_resolves_what_is_not_passed_any_more(purse: Any) -> None:
    made = await purse.budget(limit_tokens=1_000)
    await purse.use(1_000)
    (first, *_) = await alerts(purse)
    await purse.call("POST", f"/v1/alerts/{first['id']}/acknowledge")
    purse.clock.advance(seconds=60)
    await purse.change(made["id"], limit_tokens=1_250)
    found = {one["threshold"]: one for one in await alerts(purse)}
    assert {threshold: one["status"] for threshold, one in found.items()} == {
        70: "acknowledged",
        90: "resolved",
        100: "resolved",
    }
    assert datetime.fromisoformat(found[90]["resolved_at"]) == purse.clock.now
    assert (found[90]["resolved_by"], found[100]["resolved_by"]) == (None, None)
    await purse.use(125)
    assert await passed(purse, status="open") == [90]
    assert await passed(purse) == [70, 90, 100, 90]


async def test_t1_what_someone_resolved_stays_theirs_and_is_silent_for_the_period(purse: Any) -> None:
    made = await purse.budget(limit_tokens=1_000, thresholds=[])
    await purse.use(1_000)
    (alert,) = await alerts(purse)
    resolved = await purse.call("POST", f"/v1/alerts/{alert['id']}/resolve")
    await purse.use(10)
    purse.clock.advance(seconds=60)
    assert await alerts(purse) == [resolved]
    await purse.change(made["id"], limit_tokens=2_000)
    assert await alerts(purse) == [resolved]


async def test_a_limit_lowered_below_what_is_used_speaks_at_once(purse: Any) -> None:
    made = await purse.budget(limit_tokens=10_000)
    await purse.use(900)
    assert await alerts(purse) == []
    await purse.change(made["id"], limit_tokens=1_000)
    assert await passed(purse) == [70, 90]
    await purse.change(made["id"], limit_tokens=900)
    assert await passed(purse) == [70, 90, 100]
    await purse.change(made["id"], limit_tokens=900, name="again")
    assert await passed(purse) == [70, 90, 100]


async def test_thresholds_that_are_changed_speak_and_recover_at_once(purse: Any) -> None:
    made = await purse.budget(limit_tokens=1_000)
    await purse.use(800)
    await purse.change(made["id"], thresholds=[80])
    assert [(one["threshold"], one["status"]) for one in await alerts(purse)] == [
        (70, "resolved"),
        (80, "open"),
    ]


async def test_a_budget_over_what_was_used_already_speaks_at_once(purse: Any) -> None:
    await purse.use(900)
    await purse.budget(limit_tokens=1_000)
    assert await passed(purse) == [70, 90]


async def test_a_sum_follows_the_budgets_below_it_up_and_down(purse: Any) -> None:
    below = await purse.budget(limit_tokens=1_000, department="Engineering", thresholds=[])
    other = await purse.budget(limit_tokens=1_000, department="Sales", thresholds=[])
    whole = await purse.budget(sum_of_children=True)
    await purse.use(1_400)
    assert await passed(purse, budget_id=whole["id"]) == [70]
    await purse.change(other["id"], limit_tokens=1_500)
    assert await passed(purse, budget_id=whole["id"], status="open") == []
    await purse.change(other["id"], limit_tokens=500)
    assert await passed(purse, budget_id=whole["id"], status="open") == [70, 90]
    answer = await purse.client.delete(f"/v1/budgets/{other['id']}", headers=purse.organization.api_key)
    assert answer.status_code == 204
    assert await passed(purse, budget_id=whole["id"], status="open") == [70, 90, 100]
    await purse.change(below["id"], limit_tokens=10_000)
    assert await passed(purse, status="open") == []


async def test_t1_servers_that_pass_a_threshold_at_once_make_one_alert(
    purse: Any,
    settings: Settings,
    run: Callable[[Litestar], AbstractAsyncContextManager[Litestar]],
    client_to: Callable[..., AbstractAsyncContextManager[httpx2.AsyncClient]],
) -> None:
    """Two servers, each with a writer of its own, on one database."""
    periods = ("daily", "weekly", "monthly", "quarterly", "annual")
    for period in periods:
        await purse.budget(limit_tokens=1_000, period=period)
    async with (
        run(build(settings, clock=lambda: purse.clock.now)) as second,
        client_to(second) as client,
    ):
        other = replace(purse, client=client)
        for _ in range(10):
            await asyncio.gather(*(one.use(50) for one in (purse, other, purse, other)))
    found = [(one["period_starts_at"], one["budget_id"], one["threshold"]) for one in await alerts(purse)]
    assert len(found) == len(set(found))
    assert sorted(threshold for *_, threshold in found) == sorted([70, 90, 100] * len(periods))
    assert await purse.recount() == []
