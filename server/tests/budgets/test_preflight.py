"""Preflight checks and holds: B1 to B4, and what the answer says."""

from typing import Any

from toktra_wire.ids import new_id


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
