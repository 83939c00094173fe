"""Q1: who sees which alerts, in lists, one by one, and to act on them; filters, pages, bad input."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from toktra_wire.ids import new_id


@pytest.fixture
async def alerts(board: Any) -> dict[str, str]:
    """One alert of each scope, by what it is about."""
    organization = board.organization
    seller = {"email": f"{new_id().hex}@example.com", "name": "Seller", "department": "Sales"}
    seller_id = (await board.call("POST", "/v1/users", seller, status=201))["id"]
    member_id, admin_id = str(organization.member.id), str(organization.admin.id)
    told = {
        "organization": await board.alert(),
        "department": await board.alert(department="Engineering"),
        "member": await board.alert(user_id=member_id),
        "elsewhere": await board.alert(department="Sales", by=seller_id),
        "admin": await board.alert(user_id=admin_id, by=admin_id),
    }
    return {about: alert["id"] for about, alert in told.items()}


SEEN = {
    "owner": {"organization", "department", "member", "elsewhere", "admin"},
    "admin": {"organization", "department", "member", "elsewhere", "admin"},
    "manager": {"department", "member"},
    "member": {"member"},
}


@pytest.mark.parametrize("role", SEEN)
async def test_each_role_sees_what_it_reaches(board: Any, alerts: dict[str, str], role: str) -> None:
    abouts = {alert_id: about for about, alert_id in alerts.items()}
    page = await board.call("GET", "/v1/alerts", role=role)
    assert {abouts[item["id"]] for item in page["items"]} == SEEN[role]
    assert page["total_count"] == len(SEEN[role])
    for about, alert_id in alerts.items():
        seen = about in SEEN[role]
        await board.call("GET", f"/v1/alerts/{alert_id}", role=role, status=200 if seen else 404)
        for doing in ("acknowledge", "resolve"):
            status = 403 if role == "member" else 200 if seen else 404
            await board.call("POST", f"/v1/alerts/{alert_id}/{doing}", role=role, status=status)


async def test_a_manager_of_the_root_sees_all_but_what_is_about_the_whole(
    board: Any, alerts: dict[str, str]
) -> None:
    await board.call("PATCH", f"/v1/users/{board.organization.manager.id}", {"department": "Acme"})
    seen = {alert["id"] for alert in await board.list("manager")}
    assert seen == set(alerts.values()) - {alerts["organization"]}


async def test_another_organisation_sees_and_changes_nothing(
    board: Any, board_of: Callable[[Any], Any], alerts: dict[str, str], other_organization: Any
) -> None:
    other = board_of(other_organization)
    before = await board.list()
    assert await other.list("owner") == []
    for alert_id in alerts.values():
        await other.call("GET", f"/v1/alerts/{alert_id}", role="owner", status=404)
        for doing in ("acknowledge", "resolve"):
            await other.call("POST", f"/v1/alerts/{alert_id}/{doing}", role="owner", status=404)
    assert await board.list() == before


async def test_a_list_can_be_narrowed(board: Any) -> None:
    first = await board.alert(thresholds=[])
    await board.call("POST", f"/v1/alerts/{first['id']}/acknowledge")
    await board.call("POST", "/v1/budgets", {"limit_tokens": 1_300, "period": "daily"}, status=201)
    (second,) = await board.list(type="budget_threshold")
    assert (second["severity"], second["threshold"]) == ("info", 70)
    assert await board.list(status="open") == [second]
    assert [one["id"] for one in await board.list(status="acknowledged")] == [first["id"]]
    assert await board.list(status="resolved") == []
    assert await board.list(severity="info") == [second]
    assert [one["id"] for one in await board.list(severity="critical")] == [first["id"]]
    assert [one["id"] for one in await board.list(type="budget_exceeded")] == [first["id"]]
    assert await board.list(budget_id=second["budget_id"], status="open") == [second]
    assert await board.list(budget_id=first["budget_id"], status="open") == []
    assert await board.list(budget_id=str(new_id())) == []


async def test_walking_the_pages_yields_each_alert_once_newest_first(board: Any) -> None:
    await board.call("POST", "/v1/budgets", {"limit_tokens": 10, "thresholds": [10, 20, 30]}, status=201)
    sent = board.make_event(user_id=str(board.organization.member.id))
    await board.call("POST", "/v1/events", {"events": [sent]})
    whole = [one["id"] for one in await board.list()]
    assert len(whole) == 4
    assert whole == sorted(whole, reverse=True)
    walked, cursor = [], None
    while True:
        only = {"limit": 3} if cursor is None else {"limit": 3, "cursor": cursor}
        page = await board.call("GET", "/v1/alerts", params=only)
        walked += [one["id"] for one in page["items"]]
        assert page["total_count"] == 4
        if (cursor := page["next_cursor"]) is None:
            break
    assert walked == whole


@pytest.mark.parametrize(
    "params",
    [
        {"cursor": "!"},
        {"cursor": "bm90IGEgdXVpZA"},
        {"cursor": "\x00"},
        {"limit": 0},
        {"limit": 101},
        {"status": "closed"},
        {"severity": "\x00"},
        {"type": "budget"},
        {"budget_id": "7"},
        {"kind": "budget_exceeded"},
    ],
)
async def test_what_cannot_be_asked_is_refused(board: Any, params: dict[str, Any]) -> None:
    said = await board.call("GET", "/v1/alerts", params=params, status=422)
    assert said["details"]["field"] in {*params, "query"}


async def test_an_id_that_is_none_is_not_found(client: httpx2.AsyncClient, organization: Any) -> None:
    for path in (f"/v1/alerts/{new_id()}", "/v1/alerts/7"):
        answer = await client.get(path, headers=organization.api_key)
        assert answer.status_code == 404, path
