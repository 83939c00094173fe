"""Reads: lists and trees as far as the caller reaches, in a number of queries that does not grow."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.rules import Reach, Role
from toktra.kit.errors import NotFound
from toktra.people import queries, service
from toktra.people.answers import DepartmentNode
from toktra.people.model import Organization, User
from toktra.people.queries import UserFilter
from toktra_wire.ids import new_id

PEOPLE = {
    # e-mail: name, department, role, manager
    "ada@x.org": ("Ada 100%", "Eng", Role.MANAGER, None),
    "bo@x.org": ("Bo_b", "Eng / Platform", Role.MEMBER, "ada@x.org"),
    "cy@x.org": ("Cy", "Platform", Role.MEMBER, "bo@x.org"),
    "di@x.org": ("Di", "Sales", Role.MEMBER, None),
}


@pytest.fixture
async def people(session: AsyncSession, acme: Organization, owner: User, now: datetime) -> dict[str, User]:
    made = {"owner@x.org": owner}
    for email, (name, department, role, manager) in PEOPLE.items():
        made[email] = await service.create_user(
            session,
            org_id=acme.id,
            email=email,
            name=name,
            department=department,
            role=role,
            manager_email=manager,
            now=now,
        )
    return made


@contextmanager
def counted(session: AsyncSession) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


async def listed(session: AsyncSession, actor: Any, **only: Any) -> list[str]:
    page = await queries.users(session, actor=actor, only=UserFilter(**only), cursor=None, limit=100)
    assert page.total_count == len(page.items)
    return sorted(item.email.removesuffix("@x.org") for item in page.items)


async def reach_of(session: AsyncSession, user: User) -> Reach:
    below = await queries.department_and_below(session, org_id=user.org_id, department_id=user.department_id)
    return Reach(department_ids=below)


async def test_filters_narrow_the_list(session: AsyncSession, people: dict[str, User], acting: Any) -> None:
    actor = acting(people["owner@x.org"])
    assert await listed(session, actor) == ["ada", "bo", "cy", "di", "owner"]
    assert await listed(session, actor, q="BO") == ["bo"]
    assert await listed(session, actor, q="X.ORG") == ["ada", "bo", "cy", "di", "owner"]
    assert await listed(session, actor, q="%") == ["ada"]
    assert await listed(session, actor, q="_") == ["bo"]
    assert await listed(session, actor, q="\\") == []
    assert await listed(session, actor, email="CY@X.org") == ["cy"]
    assert await listed(session, actor, email="cy") == []
    assert await listed(session, actor, role=Role.MEMBER) == ["bo", "cy", "di"]
    assert await listed(session, actor, department_id=people["ada@x.org"].department_id) == [
        "ada",
        "bo",
        "cy",
    ]
    assert await listed(session, actor, manager_id=people["ada@x.org"].id) == ["bo"]
    assert await listed(session, actor, manager_id=people["ada@x.org"].id, q="cy") == []
    assert await listed(session, actor, status="suspended") == []
    people["di@x.org"].status = "suspended"
    assert await listed(session, actor, status="suspended") == ["di"]
    assert await listed(session, actor, status="active", department_id=people["di@x.org"].department_id) == []


async def test_a_manager_sees_their_departments(
    session: AsyncSession, people: dict[str, User], acting: Any
) -> None:
    ada, di = people["ada@x.org"], people["di@x.org"]
    actor = acting(ada, reach=await reach_of(session, ada))
    assert await listed(session, actor) == ["ada", "bo", "cy"]
    assert await listed(session, actor, q="d") == ["ada"]
    assert await queries.user_within_reach(session, actor=actor, user_id=people["cy@x.org"].id)
    for out_of_reach in (di.id, people["owner@x.org"].id, new_id()):
        with pytest.raises(NotFound):
            await queries.user_within_reach(session, actor=actor, user_id=out_of_reach)
    for filters in ({"department_id": di.department_id}, {"manager_id": di.id}):
        with pytest.raises(NotFound):
            await listed(session, actor, **filters)


async def test_a_member_sees_themself(session: AsyncSession, people: dict[str, User], acting: Any) -> None:
    bo = people["bo@x.org"]
    actor = acting(bo, reach=Reach(user_id=bo.id))
    assert await listed(session, actor) == ["bo"]
    assert await listed(session, actor, department_id=bo.department_id) == ["bo"]
    with pytest.raises(NotFound):
        await listed(session, actor, department_id=people["ada@x.org"].department_id)
    with pytest.raises(NotFound):
        await queries.user_within_reach(session, actor=actor, user_id=people["cy@x.org"].id)


async def test_filters_by_what_is_elsewhere(
    session: AsyncSession, people: dict[str, User], acting: Any, organization: Any
) -> None:
    actor = acting(people["owner@x.org"])
    for filters in ({"department_id": organization.root_id}, {"manager_id": organization.admin.id}):
        with pytest.raises(NotFound):
            await listed(session, actor, **filters)


async def test_pages_go_through_everyone_once(
    session: AsyncSession, people: dict[str, User], acting: Any
) -> None:
    actor, cursor, seen = acting(people["owner@x.org"]), None, []
    while True:
        page = await queries.users(session, actor=actor, only=UserFilter(), cursor=cursor, limit=2)
        seen += [item.email for item in page.items]
        assert page.total_count == 5
        if not page.has_more:
            break
        cursor = page.next_cursor
    assert seen == [*reversed(PEOPLE), "owner@x.org"]


async def test_a_list_takes_four_queries_however_long(
    session: AsyncSession, people: dict[str, User], acting: Any
) -> None:
    for limit in (1, 100):
        with counted(session) as statements:
            await queries.users(
                session, actor=acting(people["owner@x.org"]), only=UserFilter(), cursor=None, limit=limit
            )
        assert len(statements) == 4


def outline(node: DepartmentNode) -> tuple[Any, ...]:
    return (node.path, node.people, *map(outline, node.children))


async def test_the_tree_counts_active_people(
    session: AsyncSession, people: dict[str, User], acting: Any
) -> None:
    people["di@x.org"].status = "suspended"
    with counted(session) as statements:
        tree = await queries.tree(session, actor=acting(people["owner@x.org"]))
    assert outline(tree) == (
        "Acme",
        1,
        ("Acme / Eng", 1, ("Acme / Eng / Platform", 2)),
        ("Acme / Sales", 0),
    )
    assert len([statement for statement in statements if statement.startswith("SELECT")]) == 2


async def test_the_tree_within_reach(session: AsyncSession, people: dict[str, User], acting: Any) -> None:
    ada, bo = people["ada@x.org"], people["bo@x.org"]
    managed = await queries.tree(session, actor=acting(ada, reach=await reach_of(session, ada)))
    assert outline(managed) == ("Acme / Eng", 1, ("Acme / Eng / Platform", 2))
    assert outline(await queries.tree(session, actor=acting(bo, reach=Reach(user_id=bo.id)))) == (
        "Acme / Eng / Platform",
        2,
    )
    assert outline(await queries.tree(session, actor=acting(ada, reach=Reach(user_id=ada.id)))) == (
        "Acme / Eng",
        1,
    )


async def test_a_deep_and_wide_tree(
    session: AsyncSession, acme: Organization, owner: User, acting: Any, now: datetime
) -> None:
    await service.find_or_create_department(session, org_id=acme.id, path="d/" * 99 + "d", now=now)
    for number in range(200):
        await service.find_or_create_department(
            session, org_id=acme.id, path=f"Acme / wide {number}", now=now
        )
    node, depth = await queries.tree(session, actor=acting(owner)), 0
    assert len(node.children) == 201
    while node.children:
        node, depth = node.children[0], depth + 1
    assert depth == 100
    below = await queries.department_and_below(
        session, org_id=acme.id, department_id=(await queries.root_department(session, org_id=acme.id)).id
    )
    assert len(below) == 301


async def test_nothing_is_below_a_department_elsewhere(
    session: AsyncSession, acme: Organization, organization: Any
) -> None:
    assert not await queries.department_and_below(session, org_id=acme.id, department_id=organization.root_id)


async def test_labels_name_what_is_here_in_two_queries(
    session: AsyncSession, people: dict[str, User], organization: Any
) -> None:
    ada, bo = people["ada@x.org"], people["bo@x.org"]
    users: set[UUID] = {ada.id, bo.id, organization.member.id, new_id()}
    with counted(session) as statements:
        labels = await queries.labels(
            session,
            org_id=ada.org_id,
            user_ids=users,
            department_ids=[ada.department_id, organization.root_id],
        )
    assert len(statements) == 2
    assert labels.user_emails == {ada.id: "ada@x.org", bo.id: "bo@x.org"}
    assert labels.user_names == {ada.id: "Ada 100%", bo.id: "Bo_b"}
    assert labels.departments == {ada.department_id: "Eng"}
    many = await queries.labels(
        session, org_id=ada.org_id, user_ids=[new_id() for _ in range(70_000)], department_ids=[]
    )
    assert many.user_emails == {}


async def test_usage_is_asked_for_by_department(
    session: AsyncSession, people: dict[str, User], add_usage: Any
) -> None:
    org_id, used = people["ada@x.org"].org_id, people["ada@x.org"].department_id
    assert not await queries.has_usage(session, org_id=org_id)
    await add_usage(org_id, used)
    assert await queries.has_usage(session, org_id=org_id)
    assert await queries.has_usage(session, org_id=org_id, department_id=used)
    unused = people["bo@x.org"].department_id
    assert not await queries.has_usage(session, org_id=org_id, department_id=unused)
    assert not await queries.has_usage(session, org_id=new_id())
    assert not await queries.has_usage(session, org_id=new_id(), department_id=used)
