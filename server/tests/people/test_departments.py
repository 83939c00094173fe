"""D1, D2: the tree stays a tree, and siblings have different names."""

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from toktra.kit.errors import Conflict, Invalid, NotFound, Problem
from toktra.people import queries, service
from toktra.people.model import Department, Organization, User
from toktra_wire.ids import new_id


async def path(session: AsyncSession, department: Department) -> str:
    paths = await queries.department_paths(session, org_id=department.org_id, department_ids=[department.id])
    return " / ".join(paths[department.id])


class Making:
    """Departments of one organisation, by path."""

    def __init__(self, session: AsyncSession, org_id: UUID, now: datetime) -> None:
        self.session, self.org_id, self.now = session, org_id, now

    async def __call__(self, path: str) -> Department:
        return await service.find_or_create_department(
            self.session, org_id=self.org_id, path=path, now=self.now
        )


@pytest.fixture
def made(session: AsyncSession, acme: Organization, now: datetime) -> Making:
    return Making(session, acme.id, now)


async def test_a_path_is_found_or_made(session: AsyncSession, made: Making) -> None:
    sre = await made("Engineering / Platform / SRE")
    assert await path(session, sre) == "Acme / Engineering / Platform / SRE"
    assert (await made("sre")).id == sre.id
    assert (await made("acme/ENGINEERING/platform/Sre")).id == sre.id
    assert await path(session, await made("Platform/DBA")) == "Acme / Engineering / Platform / DBA"
    assert await path(session, await made("Finance")) == "Acme / Finance"
    assert (await made("Acme")).parent_id is None


async def test_an_ambiguous_name_lists_the_candidates(made: Making) -> None:
    await made("Acme / Sales")
    await made("Acme / EMEA / Sales")
    with pytest.raises(Invalid) as refused:
        await made("sales")
    assert refused.value.details["candidates"] == ["Acme / EMEA / Sales", "Acme / Sales"]
    assert refused.value.details["field"] == "department"


@pytest.mark.parametrize("wrong", ["", "/", "a//b", "\x00", "a" * 121, "/".join(["a"] * 101), "x/" * 100])
async def test_impossible_paths_are_refused(made: Making, wrong: str) -> None:
    with pytest.raises(Invalid):
        await made(wrong)


async def test_a_path_that_would_go_too_deep_is_refused(made: Making) -> None:
    await made("/".join(f"d{level}" for level in range(100)))
    with pytest.raises(Invalid):
        await made("d99/more")


async def test_making_under_a_parent(
    session: AsyncSession, acme: Organization, made: Making, now: datetime
) -> None:
    sales = await service.create_department(session, org_id=acme.id, name=" Sales ", now=now)
    emea = await service.create_department(session, org_id=acme.id, name="EMEA", parent_id=sales.id, now=now)
    assert await path(session, emea) == "Acme / Sales / EMEA"
    with pytest.raises(Conflict):
        await service.create_department(session, org_id=acme.id, name="emea", parent_id=sales.id, now=now)
    with pytest.raises(NotFound):
        await service.create_department(session, org_id=acme.id, name="x", parent_id=new_id(), now=now)
    with pytest.raises(Invalid):
        await service.create_department(session, org_id=acme.id, name="a/b", now=now)


async def test_the_hundredth_level_is_the_last(
    session: AsyncSession, acme: Organization, made: Making, now: datetime
) -> None:
    deepest = await made("/".join(f"d{level}" for level in range(100)))
    with pytest.raises(Conflict):
        await service.create_department(session, org_id=acme.id, name="x", parent_id=deepest.id, now=now)
    two = await made("Acme / top / under")
    top = await made("top")
    above = await made("d98")
    await service.change_department(session, org_id=acme.id, department_id=two.id, parent_id=above.id)
    await service.change_department(session, org_id=acme.id, department_id=two.id, parent_id=top.id)
    with pytest.raises(Conflict):
        await service.change_department(session, org_id=acme.id, department_id=top.id, parent_id=above.id)


async def test_moving_takes_everything_below_along(
    session: AsyncSession, acme: Organization, made: Making
) -> None:
    sre = await made("Engineering / Platform / SRE")
    platform, sales = await made("Platform"), await made("Sales")
    await service.change_department(
        session, org_id=acme.id, department_id=platform.id, parent_id=sales.id, name="Tools"
    )
    assert await path(session, sre) == "Acme / Sales / Tools / SRE"


async def test_renaming_may_change_only_the_case(
    session: AsyncSession, acme: Organization, made: Making
) -> None:
    sales, ops = await made("Sales"), await made("Ops")
    await service.change_department(session, org_id=acme.id, department_id=sales.id, name="SALES")
    assert sales.name == "SALES"
    with pytest.raises(Conflict):
        await service.change_department(session, org_id=acme.id, department_id=ops.id, name="sales")


async def test_moving_to_where_the_name_is_taken(
    session: AsyncSession, acme: Organization, made: Making
) -> None:
    await made("Acme / Sales")
    other = await made("EMEA / Sales2")
    root = await queries.root_department(session, org_id=acme.id)
    with pytest.raises(Conflict):
        await service.change_department(
            session, org_id=acme.id, department_id=other.id, parent_id=root.id, name="Sales"
        )


async def test_no_department_comes_under_itself(
    session: AsyncSession, acme: Organization, made: Making
) -> None:
    below, above = await made("a / b / c"), await made("a")
    root = await queries.root_department(session, org_id=acme.id)
    for moved, to, reason in ((above, above, "below it"), (above, below, "below it"), (root, below, "root")):
        with pytest.raises(Conflict, match=reason):
            await service.change_department(session, org_id=acme.id, department_id=moved.id, parent_id=to.id)
    with pytest.raises(NotFound):
        await service.change_department(session, org_id=acme.id, department_id=below.id, parent_id=new_id())


async def test_names_that_only_the_database_sees_as_equal_are_a_conflict(
    session: AsyncSession, acme: Organization, made: Making, now: datetime
) -> None:
    """A capital I with a dot folds to two letters here and to one there, in some locales."""
    await made("i")
    try:
        await service.create_department(session, org_id=acme.id, name="\u0130", now=now)
    except Conflict:
        return


async def test_only_an_empty_department_without_usage_is_deleted(
    session: AsyncSession, acme: Organization, made: Making, owner: User, add_usage: Any, now: datetime
) -> None:
    root = await queries.root_department(session, org_id=acme.id)
    below, above, used, empty = [await made(name) for name in ("a / b", "a", "used", "empty")]
    await service.create_user(session, org_id=acme.id, email="b@x.org", name="B", department="b", now=now)
    await add_usage(acme.id, used.id)
    reasons = {root: "root", above: "departments under", below: "people in", used: "has usage"}
    for kept, reason in reasons.items():
        with pytest.raises(Conflict, match=reason):
            await service.delete_department(session, org_id=acme.id, department_id=kept.id)
    await service.delete_department(session, org_id=acme.id, department_id=empty.id)
    assert await queries.department(session, org_id=acme.id, department_id=empty.id) is None
    with pytest.raises(NotFound):
        await service.delete_department(session, org_id=acme.id, department_id=empty.id)


async def test_two_requests_at_once_make_one_department(
    sessions: async_sessionmaker[AsyncSession], organization: Any, now: datetime
) -> None:
    async def make(path: str) -> UUID:
        async with sessions.begin() as session:
            return (await Making(session, organization.id, now)(path)).id

    ids = await asyncio.gather(*(make(path) for path in ["New / Deep", "new/deep", "Deep", "New / Deep"] * 2))
    async with sessions() as session:
        names = await session.scalars(select(Department.name).where(Department.org_id == organization.id))
        assert sorted(name.lower() for name in names).count("new") == 1
    assert len(set(ids)) <= 2


async def test_two_moves_at_once_cannot_close_a_circle(
    sessions: async_sessionmaker[AsyncSession], organization: Any, now: datetime
) -> None:
    async with sessions.begin() as session:
        one, other = [await Making(session, organization.id, now)(name) for name in ("one", "other")]

    async def move(moved: UUID, to: UUID) -> None:
        async with sessions.begin() as session:
            await service.change_department(
                session, org_id=organization.id, department_id=moved, parent_id=to
            )

    for _ in range(5):
        outcomes = await asyncio.gather(
            move(one.id, other.id), move(other.id, one.id), return_exceptions=True
        )
        assert [type(outcome) for outcome in outcomes if isinstance(outcome, Problem)] == [Conflict]
        for moved in (one, other):
            await asyncio.gather(move(moved.id, organization.root_id), return_exceptions=True)
    async with sessions() as session:
        below = await queries.department_and_below(
            session, org_id=organization.id, department_id=organization.root_id
        )
        assert {one.id, other.id} <= below
