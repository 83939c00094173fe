"""What a policy does when it fires: blocks, incidents; lifted, linked, and told once."""

import asyncio
from datetime import timedelta
from typing import Any

BLOCK = {"type": "block"}


async def test_a_block_refuses_the_next_check_and_says_why(office: Any) -> None:
    budget = await office.budget()
    await office.policy(actions=[BLOCK])
    assert (await office.ask())["decision"] == "allow"
    await office.use(1_000)
    refused = await until_blocked(office)
    assert (refused["decision"], refused["reason"]) == ("block", "blocked_by_policy")
    assert refused["resets_at"] == budget["resets_at"]
    assert "Too much: " in refused["message"]
    assert refused["approvers"][0] in refused["message"]
    (block,) = await office.listed("/v1/blocks", in_force=True)
    assert (block["user_email"], block["models"]) == (office.organization.member.email, [])
    admin = str(office.organization.admin.id)
    assert (await office.ask(user_id=admin))["decision"] == "allow"


async def until_blocked(office: Any, **asked: Any) -> dict[str, Any]:
    """The answer once this server has heard of the block, or after a second."""
    said: dict[str, Any] = {}
    for _ in range(20):
        said = await office.ask(**asked)
        if said["decision"] == "block":
            break
        await asyncio.sleep(0.05)
    return said


async def test_a_lifted_block_lets_requests_pass_and_stays_lifted(office: Any) -> None:
    await office.budget()
    await office.policy(actions=[BLOCK])
    await office.use(1_000)
    await until_blocked(office)
    (block,) = await office.listed("/v1/blocks")
    lifted = await office.call("POST", f"/v1/blocks/{block['id']}/lift")
    assert lifted["in_force"] is False
    assert lifted["lifted_by_email"] is not None
    assert (await office.ask())["decision"] != "block"
    await office.use(1)
    assert await office.listed("/v1/blocks", in_force=True) == []


async def test_a_block_can_be_for_some_models_and_hours(office: Any) -> None:
    await office.budget()
    await office.policy(actions=[{"type": "block", "models": ["gpt-4*"], "hours": 2}])
    await office.use(1_000)
    assert (await until_blocked(office))["decision"] == "block"
    assert (await office.ask(provider="anthropic", model="claude-sonnet-4-0"))["decision"] != "block"
    office.clock.advance(hours=2)
    assert (await office.ask())["decision"] != "block"


async def test_each_user_of_a_department_is_blocked_with_their_own_request(office: Any) -> None:
    trigger = {"type": "department_threshold", "limit_tokens": 1_000, "period": "daily"}
    only = str(office.organization.member.department_id)
    await office.policy(trigger={**trigger, "department_id": only}, actions=[BLOCK])
    manager = str(office.organization.manager.id)
    await office.use(1_000)
    assert (await until_blocked(office))["decision"] == "block"
    assert (await office.ask(user_id=manager))["decision"] != "block"
    await office.use(1, user_id=manager)
    assert (await until_blocked(office, user_id=manager))["decision"] == "block"
    assert len(await office.firings()) == 1


async def test_a_device_of_somebody_blocked_is_told_to_ask(office: Any, device: Any) -> None:
    await office.budget()
    await office.policy(actions=[BLOCK])
    before = await office.call("GET", "/v1/devices/me/config", headers=device.headers)
    assert before["enforcement"]["preflight"] is False
    await office.use(1_000)
    await until_blocked(office)
    after = await office.call("GET", "/v1/devices/me/config", headers=device.headers)
    assert after["enforcement"]["preflight"] is True


async def test_an_incident_is_opened_with_what_fired(office: Any) -> None:
    await office.budget()
    made = await office.policy(actions=[{"type": "create_incident", "severity": "critical"}])
    await office.use(1_000)
    await office.use(1)
    (incident,) = await office.listed("/v1/incidents")
    (fired,) = await office.firings()
    assert (incident["number"], incident["state"], incident["severity"]) == (1, "open", "critical")
    assert (incident["policy_id"], incident["firing_id"]) == (made["id"], fired["id"])
    assert incident["user_email"] == office.organization.member.email
    assert fired["incident_id"] == incident["id"]
    links = await office.client.get(
        f"/v1/incidents/{incident['id']}/links", headers=office.organization.api_key
    )
    assert [(one["kind"], one["id"]) for one in links.json()] == [("alert", fired["alert_id"])]


async def test_a_changed_policy_fires_as_its_new_version(office: Any) -> None:
    await office.budget()
    made = await office.policy()
    await office.use(1_000)
    changed = await office.call("PATCH", f"/v1/policies/{made['id']}", {"severity": "critical"})
    assert changed["version"] == 2
    await office.use(1)
    assert [one["version"] for one in await office.firings()] == [2, 1]
    versions = await office.listed(f"/v1/policies/{made['id']}/versions")
    assert [(one["version"], one["severity"]) for one in versions] == [(2, "critical"), (1, "warning")]


async def test_what_cannot_be_judged_is_kept_all_the_same(office: Any, app: Any, monkeypatch: Any) -> None:
    """V2."""
    await office.budget()
    await office.policy()

    async def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("toktra.policies.live.fire", broken)
        await office.use(1_000)
    usage = await office.listed("/v1/usage", user_id=str(office.organization.member.id))
    assert sum(one["total_input_tokens"] for one in usage) == 1_000
    assert await office.firings() == []
    await office.use(1)
    assert len(await office.firings()) == 1


async def test_a_policy_about_nothing_that_is_there_is_refused(office: Any) -> None:
    nobody = "018f3f3e-0000-7000-8000-000000000000"
    body = {"name": "P", "trigger": {"type": "token_budget_exceeded"}, "actions": [BLOCK]}
    for wrong in (
        {"trigger": {"type": "token_budget_exceeded", "budget_id": nobody}},
        {"trigger": {"type": "department_threshold"}},
        {"conditions": {"match": "user_id", "operator": "equals", "value": nobody}},
        {"conditions": {"match": "user_id", "operator": "in", "value": nobody}},
        {"conditions": {"match": "risk_level", "operator": "equals", "value": "high"}},
        {"conditions": {"match": "token_count", "operator": "between", "value": [9, 1]}},
        {"conditions": {"match": "prompt", "operator": "equals", "value": "x"}},
        {"actions": []},
        {"actions": [BLOCK, {"type": "block", "hours": 1}]},
        {"actions": [{"type": "webhook", "webhook_id": nobody}]},
        {"name": ""},
        {"prompt": "x"},
    ):
        said = await office.call("POST", "/v1/policies", {**body, **wrong}, status=422)
        assert said["message"], wrong
    deep: dict[str, Any] = {"match": "all", "conditions": []}
    for _ in range(6):
        deep = {"match": "any", "conditions": [deep]}
    await office.call("POST", "/v1/policies", {**body, "conditions": deep}, status=422)


async def test_conditions_narrow_it(office: Any) -> None:
    await office.budget(limit_tokens=1)
    night = {"match": "time_of_day", "operator": "within_hours", "value": {"start": "22:00", "end": "06:00"}}
    await office.policy(
        conditions={
            "match": "all",
            "conditions": [
                {"match": "provider", "operator": "in", "value": ["openai", "azure"]},
                {
                    "match": "any",
                    "conditions": [{"match": "token_count", "operator": "greater", "value": 500}, night],
                },
            ],
        }
    )
    office.clock.now = office.clock.now.replace(hour=10, minute=0)
    await office.use(500)
    assert await office.firings() == []
    await office.use(501)
    office.clock.advance(hours=14)
    await office.use(7)
    (fired,) = await office.firings()
    assert fired["tokens"] in (501, 508)


async def test_the_next_window_is_another_firing_for_blocks_too(office: Any) -> None:
    await office.budget(period="daily")
    await office.policy(actions=[BLOCK])
    await office.use(1_000)
    await until_blocked(office)
    office.clock.advance(hours=24)
    assert (await office.ask())["decision"] != "block"
    await office.use(1_000, occurred_at=(office.clock.now - timedelta(seconds=1)).isoformat())
    assert (await until_blocked(office))["decision"] == "block"
