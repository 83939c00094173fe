"""`GET /v1/audit-log`: who may read it, what it answers, how it is narrowed."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest

from toktra_wire.ids import new_id

Client = httpx2.AsyncClient


@pytest.fixture
async def changed(client: Client, organization: Any) -> dict[str, Any]:
    """The member, made a manager by the admin, and then suspended by the owner's key."""
    path = f"/v1/users/{organization.member.id}"
    await client.patch(path, json={"role": "manager"}, headers=organization.as_("admin"))
    answer = await client.patch(path, json={"status": "suspended"}, headers=organization.api_key)
    body: dict[str, Any] = answer.json()
    return body


async def test_an_entry_as_it_is_answered(ask: Any, changed: Any, organization: Any, log: Any) -> None:
    page = await ask(limit=2)
    newest, before = page["items"]
    kept = await log.last()
    assert newest == {
        "seq": kept.seq,
        "at": newest["at"],
        "actor_user_id": str(organization.owner.id),
        "actor_email": organization.owner.email,
        "credential_kind": "api_key",
        "credential_id": str(kept.credential_id),
        "request_id": kept.request_id,
        "action": "user.suspended",
        "target_kind": "user",
        "target_id": str(organization.member.id),
        "before": {"status": "active"},
        "after": {"status": "suspended"},
        "hash": kept.hash.hex(),
    }
    assert datetime.fromisoformat(newest["at"]) == kept.at
    assert (before["action"], before["actor_email"]) == ("user.changed", organization.admin.email)
    assert page["total_count"] == kept.seq


async def test_a_command_has_no_email(ask: Any, organization: Any) -> None:
    (first,) = (await ask(action="organization.created"))["items"]
    assert (first["actor_user_id"], first["actor_email"], first["credential_kind"]) == (None, None, "command")


async def test_pages_are_walked_to_the_first_entry(ask: Any, changed: Any, log: Any) -> None:
    seqs, cursor = [], None
    while True:
        page = await ask(limit=3, **({"cursor": cursor} if cursor else {}))
        seqs += [item["seq"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seqs == list(range((await log.last()).seq, 0, -1))


async def test_each_filter_narrows(ask: Any, changed: Any, organization: Any, log: Any) -> None:
    entries = await log.entries()
    member, admin = str(organization.member.id), organization.admin.id
    moment = entries[4].at
    wanted = {
        ("action", "user.suspended"): lambda e: e.action == "user.suspended",
        ("action", "user"): lambda e: e.action.startswith("user."),
        ("action", "use"): lambda _: False,
        ("action", "user.%"): lambda _: False,
        ("actor_user_id", str(admin)): lambda e: e.actor_user_id == admin,
        ("target_kind", "session"): lambda e: e.target_kind == "session",
        ("target_id", member): lambda e: e.target_id == member,
        ("since", moment.isoformat()): lambda e: e.at >= moment,
        ("until", moment.isoformat()): lambda e: e.at < moment,
        ("since", (moment + timedelta(days=1)).isoformat()): lambda _: False,
    }
    for (name, value), meets in wanted.items():
        page = await ask(**{name: value, "limit": 100})
        expected = [entry.seq for entry in reversed(entries) if meets(entry)]
        assert [item["seq"] for item in page["items"]] == expected, (name, value)
        assert page["total_count"] == len(expected)
    both = await ask(action="user", target_id=member, actor_user_id=str(admin))
    assert [item["action"] for item in both["items"]] == ["user.changed"]


async def test_another_organisation_s_entries_are_never_seen(
    ask: Any, changed: Any, organization: Any, other_organization: Any
) -> None:
    there = other_organization.as_("owner")
    ids = {item["target_id"] for item in (await ask(limit=100))["items"]}
    seen = (await ask(headers=there, limit=100))["items"]
    assert not ids & {item["target_id"] for item in seen}
    member, admin = str(organization.member.id), str(organization.admin.id)
    for query in ({"target_id": member}, {"actor_user_id": admin}, {"action": "user.suspended"}):
        assert (await ask(headers=there, **query))["items"] == []


@pytest.mark.parametrize(
    ("role", "status"), [("owner", 200), ("admin", 200), ("manager", 403), ("member", 403), (None, 401)]
)
async def test_owners_and_admins_read_it(client: Client, organization: Any, role: str, status: int) -> None:
    headers = organization.as_(role) if role else {}
    assert (await client.get("/v1/audit-log", headers=headers)).status_code == status


async def test_a_key_reads_it_with_the_scope_alone(client: Client, organization: Any) -> None:
    for scope, status in (("audit:read", 200), ("usage:read", 403)):
        body = {"name": "k", "scopes": [scope]}
        made = await client.post("/v1/api-keys", json=body, headers=organization.as_("admin"))
        key = {"Authorization": f"Bearer {made.json()['key']}"}
        assert (await client.get("/v1/audit-log", headers=key)).status_code == status


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"since": "2026-11-21T09:00:00"}, "since"),
        ({"until": "yesterday"}, "until"),
        ({"actor_user_id": "me"}, "actor_user_id"),
        ({"action": "a\x00"}, "action"),
        ({"target_id": "x" * 201}, "target_id"),
        ({"cursor": "x"}, "cursor"),
        ({"cursor": "MA"}, "cursor"),
        ({"cursor": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5"}, "cursor"),
        ({"cursor": "IjAxOTNhIg"}, "cursor"),
        ({"actor": "x"}, "actor"),
    ],
)
async def test_a_wrong_question_says_what_is_wrong(
    client: Client, organization: Any, query: dict[str, str], field: str
) -> None:
    answer = await client.get("/v1/audit-log", params=query, headers=organization.as_("owner"))
    assert (answer.status_code, answer.json()["details"].get("field")) == (422, field)


@pytest.mark.parametrize(
    "query",
    [
        {"since": "0001-01-01T00:00:00+14:00"},
        {"until": "9999-12-31T23:59:59-14:00"},
        {"action": "."},
        {"action": "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")},
        {"target_id": str(UUID(int=0))},
        {"target_kind": new_id().hex},
    ],
)
async def test_an_odd_question_is_answered(client: Client, organization: Any, query: dict[str, str]) -> None:
    answer = await client.get("/v1/audit-log", params=query, headers=organization.as_("owner"))
    assert answer.status_code == 200, answer.text
