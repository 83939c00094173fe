"""Policies about risk events: the document's example, and what it does not fire for."""

from typing import Any

IP_RISK = {"type": "ip_risk_event"}


async def report(office: Any, number: int, **more: Any) -> dict[str, Any]:
    found = {
        "level": "high",
        "kind": "secret_found",
        "title": "A secret was found",
        "external_id": f"scan/{number}",
        "user_email": office.organization.member.email,
        **more,
    }
    return dict(await office.call("POST", "/v1/risk-events", found, status=201))


async def test_a_policy_for_high_severity_ip_risk_events_from_engineering(office: Any) -> None:
    """The example of the document on policies."""
    engineering = str(office.organization.member.department_id)
    conditions = {
        "match": "all",
        "conditions": [
            {"match": "risk_level", "operator": "equals", "value": "high"},
            {"match": "department_id", "operator": "equals", "value": engineering},
        ],
    }
    actions = [{"type": "create_incident", "severity": "critical"}, {"type": "email_manager"}]
    await office.policy(name="IP", trigger=IP_RISK, conditions=conditions, actions=actions)
    await report(office, 1, level="medium")
    await report(office, 2, user_email=office.organization.admin.email)
    assert await office.firings() == []
    risk = await report(office, 3)
    (fired,) = await office.firings()
    assert fired["reason"] == "A secret was found"
    assert fired["subject"] == office.organization.member.email
    (incident,) = await office.listed("/v1/incidents")
    links = await office.client.get(
        f"/v1/incidents/{incident['id']}/links", headers=office.organization.api_key
    )
    assert {(one["kind"], one["id"]) for one in links.json()} == {
        ("alert", fired["alert_id"]),
        ("risk_event", risk["id"]),
    }


async def test_it_fires_once_for_a_person_and_a_day_and_counts(office: Any) -> None:
    await office.policy(trigger=IP_RISK)
    for number in range(3):
        await report(office, number)
    (fired,) = await office.firings()
    assert fired["events"] == 3
    office.clock.advance(hours=24)
    await report(office, 9)
    assert len(await office.firings()) == 2


async def test_reported_again_it_is_the_same_event(office: Any) -> None:
    await office.policy(trigger=IP_RISK)
    first, again = await report(office, 1), await report(office, 1, level="critical")
    assert (again["id"], again["level"]) == (first["id"], "high")
    (fired,) = await office.firings()
    assert fired["events"] == 1


async def test_a_risk_of_nobody_known_is_about_the_organisation(office: Any) -> None:
    await office.policy(trigger=IP_RISK, actions=[{"type": "block"}, {"type": "email_user"}])
    await report(office, 1, user_email=None)
    (fired,) = await office.firings()
    assert (fired["subject_kind"], fired["subject"], fired["user_id"]) == ("department", "Acme", None)
    assert await office.listed("/v1/blocks") == []


async def test_levels_are_ordered(office: Any) -> None:
    grave = {"match": "risk_level", "operator": "greater", "value": "medium"}
    await office.policy(trigger=IP_RISK, conditions=grave)
    await report(office, 1, level="medium")
    assert await office.firings() == []
    await report(office, 2, level="critical")
    assert len(await office.firings()) == 1


async def test_what_a_scanner_says_has_no_field_for_content(office: Any) -> None:
    found = {"level": "high", "kind": "k", "title": "t", "external_id": "1", "snippet": "x = 1"}
    await office.call("POST", "/v1/risk-events", found, status=422)
    assert await office.listed("/v1/risk-events") == []
