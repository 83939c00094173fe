"""N2: an alert is acknowledged and resolved once, by whom and when; and who is said to be able to."""

from datetime import datetime
from typing import Any

import pytest


async def test_an_alert_says_what_it_is_about(board: Any, clock: Any) -> None:
    alert = await board.alert(department="Engineering", name="Eng", hard_cap=True)
    assert (alert["type"], alert["severity"], alert["status"]) == ("budget_exceeded", "critical", "open")
    assert alert["title"] == "Eng: the monthly budget is used up"
    assert (alert["department"], alert["threshold"]) == ("Engineering", 100)
    assert alert["department_id"] == str(board.organization.member.department_id)
    assert (alert["user_id"], alert["user_email"]) == (None, None)
    assert alert["details"].items() >= {"budget": "Eng", "unit": "tokens", "limit": 100, "used": 1100}.items()
    assert datetime.fromisoformat(alert["created_at"]) == clock.now
    assert datetime.fromisoformat(alert["period_starts_at"]) <= clock.now
    assert await board.call("GET", f"/v1/alerts/{alert['id']}") == alert


async def test_acknowledging_says_who_and_when_and_again_changes_nothing(board: Any, clock: Any) -> None:
    alert = await board.alert(department="Engineering")
    path = f"/v1/alerts/{alert['id']}/acknowledge"
    acknowledged = await board.call("POST", path, role="manager")
    assert acknowledged["status"] == "acknowledged"
    assert acknowledged["acknowledged_by"] == board.organization.manager.email
    assert datetime.fromisoformat(acknowledged["acknowledged_at"]) == clock.now
    clock.advance(seconds=60)
    assert await board.call("POST", path, role="admin") == acknowledged
    assert await board.call("GET", f"/v1/alerts/{alert['id']}") == acknowledged


@pytest.mark.parametrize("acknowledged_before", [False, True])
async def test_resolving_says_who_and_when_and_again_changes_nothing(
    board: Any, clock: Any, acknowledged_before: bool
) -> None:
    alert = await board.alert()
    if acknowledged_before:
        await board.call("POST", f"/v1/alerts/{alert['id']}/acknowledge", role="admin")
    path = f"/v1/alerts/{alert['id']}/resolve"
    resolved = await board.call("POST", path, role="owner")
    assert (resolved["status"], resolved["resolved_by"]) == ("resolved", board.organization.owner.email)
    assert datetime.fromisoformat(resolved["resolved_at"]) == clock.now
    assert (resolved["acknowledged_at"] is not None) == acknowledged_before
    clock.advance(seconds=60)
    assert await board.call("POST", path, role="admin") == resolved


async def test_a_resolved_alert_cannot_be_acknowledged(board: Any) -> None:
    alert = await board.alert()
    resolved = await board.call("POST", f"/v1/alerts/{alert['id']}/resolve", role="admin")
    said = await board.call("POST", f"/v1/alerts/{alert['id']}/acknowledge", role="admin", status=409)
    assert said["error"] == "conflict"
    assert "resolved already" in said["message"]
    assert await board.call("GET", f"/v1/alerts/{alert['id']}") == resolved


async def test_of_a_department_s_alert_its_managers_and_those_above_come_first(board: Any) -> None:
    below = await _person(board, "lead", "manager", "Engineering / Platform")
    top = await _person(board, "top", "manager", None)
    for name, department in (("sales", "Sales"), ("deeper", "Engineering / Platform / Core")):
        await _person(board, name, "manager", department)
    gone = await _person(board, "gone", "manager", "Engineering")
    await board.call("PATCH", f"/v1/users/{gone['id']}", {"status": "suspended"})
    await _person(board, "member", "member", "Engineering / Platform")
    member = {"department": "Engineering / Platform"}
    await board.call("PATCH", f"/v1/users/{board.organization.member.id}", member)
    manager, admin, owner = (
        getattr(board.organization, role).email for role in ("manager", "admin", "owner")
    )
    named = [below["email"], manager, top["email"], admin, owner]
    assert (await board.alert(department="Platform"))["who_can_act"] == named
    assert (await board.alert(user_id=str(board.organization.member.id)))["who_can_act"] == named
    assert (await board.alert(department="Engineering"))["who_can_act"] == [
        manager,
        top["email"],
        admin,
        owner,
    ]
    assert (await board.alert())["who_can_act"] == [admin, owner]


async def test_no_more_than_five_managers_and_five_admins_are_named(board: Any) -> None:
    for number in range(6):
        await _person(board, f"m{number}", "manager", "Engineering")
        await _person(board, f"a{number}", "admin", None)
    named = (await board.alert(department="Engineering"))["who_can_act"]
    assert [email[0] for email in named] == ["m"] * 5 + ["a"] * 5


async def _person(board: Any, name: str, role: str, department: str | None) -> dict[str, Any]:
    said = {"email": f"{name}-{board.organization.id.hex}@example.com", "name": name, "role": role}
    if department is not None:
        said["department"] = department
    return dict(await board.call("POST", "/v1/users", said, role="owner", status=201))
