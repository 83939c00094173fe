"""HTTP: anonymous, wrong role, another organisation, right; and bodies that make no sense."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from toktra_wire.ids import new_id

USERS, DEPARTMENTS, ORGANIZATION = "/v1/users", "/v1/departments", "/v1/organization"
CSV = b"email,name,department,role,manager_email\nnew@x.org,New,Eng / Imported,,\n"


def routes(user_id: UUID, department_id: UUID) -> list[tuple[str, str, Any, bool]]:
    """Every route of people with a body that is good, and whether it writes."""
    one_user, one_department = f"{USERS}/{user_id}", f"{DEPARTMENTS}/{department_id}"
    return [
        ("GET", ORGANIZATION, None, False),
        ("PATCH", ORGANIZATION, {"name": "Acme"}, True),
        ("GET", USERS, None, False),
        ("POST", USERS, {"email": f"{new_id()}@x.org", "name": "New"}, True),
        ("GET", one_user, None, False),
        ("PATCH", one_user, {"name": "Renamed"}, True),
        ("POST", f"{USERS}/import", CSV, True),
        ("GET", DEPARTMENTS, None, False),
        ("POST", DEPARTMENTS, {"name": f"New {new_id()}"}, True),
        ("PATCH", one_department, {"name": f"Renamed {new_id()}"}, True),
        ("DELETE", one_department, None, True),
    ]


async def ask(client: Any, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
    if isinstance(body, bytes):
        headers = headers | {"Content-Type": "text/csv"}
        return await client.request(method, path, content=body, headers=headers)
    return await client.request(method, path, json=body, headers=headers)


async def make_department(client: Any, organization: Any, name: str, **rest: Any) -> Any:
    return await client.post(DEPARTMENTS, json={"name": name, **rest}, headers=organization.as_("admin"))


async def test_nobody_comes_in_without_a_credential(client: Any, organization: Any) -> None:
    for method, path, body, _ in routes(organization.member.id, organization.root_id):
        assert (await ask(client, method, path, body, {})).status_code == 401, (method, path)


@pytest.mark.parametrize("role", ["manager", "member"])
async def test_members_and_managers_only_read(client: Any, organization: Any, role: str) -> None:
    own = getattr(organization, role)
    for method, path, body, writes in routes(own.id, own.department_id):
        answer = await ask(client, method, path, body, organization.as_(role))
        assert answer.status_code == (403 if writes else 200), (method, path, answer.text)


@pytest.mark.parametrize("who", ["owner", "admin", "api_key"])
async def test_admins_and_keys_do_everything(client: Any, organization: Any, who: str) -> None:
    headers = organization.api_key if who == "api_key" else organization.as_(who)
    empty = (await make_department(client, organization, "Empty")).json()["id"]
    for method, path, body, _ in routes(organization.member.id, empty):
        answer = await ask(client, method, path, body, headers)
        expected = {"DELETE": 204, "POST": 201}.get(method, 200)
        assert answer.status_code == (200 if path.endswith("import") else expected), (
            method,
            path,
            answer.text,
        )


async def test_what_is_elsewhere_is_not_there(
    client: Any, organization: Any, other_organization: Any
) -> None:
    for user_id, department_id in (
        (other_organization.member.id, other_organization.root_id),
        (new_id(), new_id()),
    ):
        for method, path, body, _ in routes(user_id, department_id):
            if str(user_id) in path or str(department_id) in path:
                answer = await ask(client, method, path, body, organization.api_key)
                assert (answer.status_code, answer.json()["error"]) == (404, "not_found"), (method, path)
    for body in ({"parent_id": str(other_organization.root_id), "name": "x"},):
        assert (await client.post(DEPARTMENTS, json=body, headers=organization.api_key)).status_code == 404
    for name in ("department_id", "manager_id"):
        stranger = {"department_id": other_organization.root_id, "manager_id": other_organization.admin.id}
        answer = await client.get(USERS, params={name: str(stranger[name])}, headers=organization.api_key)
        assert answer.status_code == 404
    listed = await client.get(USERS, headers=organization.api_key)
    assert other_organization.member.email not in listed.text


async def test_the_organization(client: Any, organization: Any) -> None:
    changed = await client.patch(
        ORGANIZATION,
        json={"name": "New name", "region": "au", "time_zone": "Asia/Tokyo"},
        headers=organization.as_("owner"),
    )
    seen = await client.get(ORGANIZATION, headers=organization.as_("member"))
    assert seen.json() == changed.json()
    assert (seen.json()["name"], seen.json()["region"], seen.json()["time_zone"]) == (
        "New name",
        "au",
        "Asia/Tokyo",
    )
    for body, field in (
        ({"currency": "EUR"}, "currency"),
        ({"region": "mars"}, "region"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"id": str(new_id())}, "id"),
    ):
        refused = await client.patch(ORGANIZATION, json=body, headers=organization.as_("owner"))
        assert refused.status_code == 422
        assert refused.json()["details"]["field"] in (field, f"data.{field}")


async def test_a_user_from_making_to_suspending(client: Any, organization: Any) -> None:
    made = await client.post(
        USERS,
        json={
            "email": "Ada@X.org",
            "name": "Ada",
            "department": "Eng2 / Platform",
            "role": "manager",
            "manager_email": organization.admin.email,
        },
        headers=organization.as_("admin"),
    )
    user = made.json()
    assert made.status_code == 201
    assert set(user) == {
        *("id", "email", "name", "role", "status", "department_id", "department", "department_path"),
        *("manager_id", "manager_email", "created_at"),
    }
    assert (user["email"], user["department_path"]) == ("ada@x.org", "Acme / Eng2 / Platform")
    assert (user["manager_id"], user["status"]) == (str(organization.admin.id), "active")
    path = f"{USERS}/{user['id']}"
    assert (await client.get(path, headers=organization.as_("owner"))).json() == user
    changed = await client.patch(
        path, json={"status": "suspended", "manager_email": None}, headers=organization.as_("admin")
    )
    assert changed.json() == user | {"status": "suspended", "manager_email": None, "manager_id": None}
    again = await client.post(
        USERS, json={"email": "ada@x.org", "name": "A"}, headers=organization.as_("admin")
    )
    assert (again.status_code, again.json()["error"]) == (409, "conflict")


async def test_out_of_reach_is_not_there(client: Any, organization: Any) -> None:
    for role, user, status in (
        ("manager", organization.member, 200),
        ("manager", organization.admin, 404),
        ("member", organization.member, 200),
        ("member", organization.manager, 404),
    ):
        answer = await client.get(f"{USERS}/{user.id}", headers=organization.as_(role))
        assert answer.status_code == status
    emails = [
        u["email"] for u in (await client.get(USERS, headers=organization.as_("member"))).json()["items"]
    ]
    assert emails == [organization.member.email]


async def test_owners_are_made_and_kept_by_owners(client: Any, organization: Any) -> None:
    owner = f"{USERS}/{organization.owner.id}"
    for headers in (organization.as_("admin"), organization.api_key):
        for body in ({"status": "suspended"}, {"role": "member"}, {"name": "X"}):
            assert (await client.patch(owner, json=body, headers=headers)).status_code == 403
        new = {"email": f"{new_id()}@x.org", "name": "X", "role": "owner"}
        assert (await client.post(USERS, json=new, headers=headers)).status_code == 403
    for body in ({"status": "suspended"}, {"role": "admin"}):
        assert (await client.patch(owner, json=body, headers=organization.as_("owner"))).status_code == 409


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "ada", "name": "Ada"}, "email"),
        ({"email": "a@b", "name": ""}, "name"),
        ({"email": "a@b", "name": "   "}, "name"),
        ({"email": "a@b", "name": "a\u0000b"}, "name"),
        ({"email": "a\u0000@b", "name": "A"}, "email"),
        ({"email": "a@b"}, "body"),
        ({"email": "a@b", "name": "A", "role": "boss"}, "role"),
        ({"email": "a@b", "name": "A", "role": 1}, "role"),
        ({"email": "a@b", "name": "A", "department": ""}, "department"),
        ({"email": "a@b", "name": "A", "department": "a//b"}, "department"),
        ({"email": "a@b", "name": "A", "department": "a\u0000"}, "department"),
        ({"email": "a@b", "name": "A", "department": "a/" * 150 + "a"}, "department"),
        ({"email": "a@b", "name": "A", "manager_email": "nobody@x.org"}, "manager_email"),
        ({"email": "a@b", "name": "A", "password": "x"}, "password"),
        ({"email": "a@b", "name": "A", "status": "active"}, "status"),
    ],
)
async def test_a_user_that_cannot_be(client: Any, organization: Any, body: Any, field: str) -> None:
    answer = await client.post(USERS, json=body, headers=organization.as_("admin"))
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"] == "invalid"
    assert answer.json()["details"]["field"] in (field, f"data.{field}", "data")


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"{", 400),
        (b"[]", 422),
        (b'"x"', 422),
        (b'{"email": "a@b", "name": "\\ud800"}', 400),
        (b"\xff", 400),
        (b"", 422),
    ],
)
async def test_a_body_that_cannot_be_read(client: Any, organization: Any, raw: bytes, status: int) -> None:
    headers = organization.as_("admin") | {"Content-Type": "application/json"}
    answer = await client.post(USERS, content=raw, headers=headers)
    assert answer.status_code in (400, 422), answer.text


@pytest.mark.parametrize(
    "query",
    [
        "role=boss",
        "status=gone",
        "department_id=x",
        "manager_id=",
        "q=",
        "q=%00",
        "q=" + "x" * 121,
        "limit=0",
        "limit=101",
        "cursor=x",
        "unknown=1",
        "email=a%00",
    ],
)
async def test_a_filter_that_cannot_be(client: Any, organization: Any, query: str) -> None:
    answer = await client.get(f"{USERS}?{query}", headers=organization.as_("admin"))
    assert answer.status_code == 422, answer.text


async def test_filters_and_pages(client: Any, organization: Any) -> None:
    headers = organization.as_("admin")
    first = (await client.get(USERS, params={"limit": 3}, headers=headers)).json()
    rest = (
        await client.get(USERS, params={"limit": 3, "cursor": first["next_cursor"]}, headers=headers)
    ).json()
    assert (first["has_more"], first["total_count"], len(first["items"])) == (True, 4, 3)
    assert (rest["has_more"], rest["next_cursor"], len(rest["items"])) == (False, None, 1)
    for query, expected in (
        ({"role": "owner"}, organization.owner),
        ({"email": organization.admin.email.upper()}, organization.admin),
        ({"q": "manager of"}, organization.manager),
        ({"department_id": str(organization.member.department_id), "role": "member"}, organization.member),
    ):
        found = (await client.get(USERS, params=query, headers=headers)).json()["items"]
        assert [one["id"] for one in found] == [str(expected.id)]


async def test_departments(client: Any, organization: Any) -> None:
    headers = organization.as_("admin")
    sales = (await make_department(client, organization, "Sales")).json()
    emea = await make_department(client, organization, "EMEA", parent_id=sales["id"])
    assert emea.status_code == 201
    assert emea.json() == {
        "id": emea.json()["id"],
        "name": "EMEA",
        "parent_id": sales["id"],
        "path": "Acme / Sales / EMEA",
    }
    taken = await make_department(client, organization, "sales")
    assert taken.status_code == 409
    moved = await client.patch(
        f"{DEPARTMENTS}/{emea.json()['id']}", json={"parent_id": str(organization.root_id)}, headers=headers
    )
    assert moved.json()["path"] == "Acme / EMEA"
    root = (await client.get(DEPARTMENTS, headers=headers)).json()["root"]
    assert [child["path"] for child in root["children"]] == [
        "Acme / EMEA",
        "Acme / Engineering",
        "Acme / Sales",
    ]
    assert [child["people"] for child in root["children"]] == [0, 2, 0]
    for body in (
        {"parent_id": sales["id"]},
        {"name": "a/b"},
        {"parent_id": None},
        {"name": ""},
        {"people": 1},
    ):
        answer = await client.patch(f"{DEPARTMENTS}/{organization.root_id}", json=body, headers=headers)
        assert answer.status_code in (409, 422), body
    for kept in (organization.root_id, organization.member.department_id):
        assert (await client.delete(f"{DEPARTMENTS}/{kept}", headers=headers)).status_code == 409
    assert (await client.delete(f"{DEPARTMENTS}/{sales['id']}", headers=headers)).status_code == 204


async def test_the_tree_of_a_member_and_a_manager(client: Any, organization: Any) -> None:
    own = str(organization.manager.department_id)
    await make_department(client, organization, "Below", parent_id=own)
    as_manager = (await client.get(DEPARTMENTS, headers=organization.as_("manager"))).json()["root"]
    as_member = (await client.get(DEPARTMENTS, headers=organization.as_("member"))).json()["root"]
    assert (as_manager["id"], [child["name"] for child in as_manager["children"]]) == (own, ["Below"])
    assert (as_member["id"], as_member["children"]) == (own, [])


async def test_a_tree_of_a_hundred_levels(client: Any, organization: Any) -> None:
    new = {"email": "deep@x.org", "name": "Deep", "department": "/".join(f"d{n}" for n in range(100))}
    made = await client.post(USERS, json=new, headers=organization.as_("admin"))
    assert made.status_code == 201
    node, depth = (await client.get(DEPARTMENTS, headers=organization.api_key)).json()["root"], 0
    while node := next((child for child in node["children"] if child["name"].startswith("d")), None):
        depth += 1
    assert depth == 100


async def test_an_import_tries_then_writes(client: Any, organization: Any) -> None:
    headers = organization.as_("admin")
    tried = await ask(client, "POST", f"{USERS}/import", CSV, headers)
    done = await ask(client, "POST", f"{USERS}/import?dry_run=false", CSV, headers)
    assert (tried.status_code, done.status_code) == (200, 200)
    assert tried.json() | {"dry_run": False} == done.json()
    assert done.json()["departments_created"] == ["Acme / Eng", "Acme / Eng / Imported"]
    again = await ask(client, "POST", f"{USERS}/import?dry_run=false", CSV, headers)
    assert (again.json()["created"], again.json()["unchanged"]) == (0, 1)


@pytest.mark.parametrize(
    "content", [b"", b"\x00", b"\xff", b"email\n", b'email,name\n"', b"email,name,secret\na@b,A,x\n", b"{}"]
)
async def test_a_file_that_cannot_be_imported(client: Any, organization: Any, content: bytes) -> None:
    headers = organization.as_("admin")
    tried = await ask(client, "POST", f"{USERS}/import", content, headers)
    refused = await ask(client, "POST", f"{USERS}/import?dry_run=false", content, headers)
    assert (tried.status_code, refused.status_code) == (200, 422)
    assert refused.json()["error"] == "invalid"
    assert refused.json()["details"]["errors"] == tried.json()["errors"] != []
    assert refused.json()["details"]["field"]


async def test_a_file_of_up_to_five_megabytes(client: Any, organization: Any) -> None:
    headers = organization.as_("admin")
    filler = b"email,name\n" + b"\n" * (5 * 1024 * 1024)
    large = await ask(client, "POST", f"{USERS}/import", filler[: 5 * 1024 * 1024], headers)
    too_large = await ask(client, "POST", f"{USERS}/import", filler + b"\n", headers)
    assert (large.status_code, too_large.status_code) == (200, 413)
    assert (await ask(client, "POST", f"{USERS}/import?dry_run=maybe", CSV, headers)).status_code == 422


async def test_two_imports_at_once(client: Any, organization: Any) -> None:
    headers = organization.as_("admin")
    answers = await asyncio.gather(
        *(ask(client, "POST", f"{USERS}/import?dry_run=false", CSV, headers) for _ in range(3))
    )
    assert sorted(answer.json()["created"] for answer in answers) == [0, 0, 1]


async def test_the_import_is_documented_as_csv(app: Any) -> None:
    operation = app.openapi_schema.to_schema()["paths"]["/v1/users/import"]["post"]
    assert list(operation["requestBody"]["content"]) == ["text/csv"]
    assert {"200", "413", "422"} <= set(operation["responses"])
    assert [parameter["name"] for parameter in operation["parameters"]] == ["dry_run"]
