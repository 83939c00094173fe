"""U1, U2: users, and who may change whom."""

import asyncio
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from toktra.access.rules import Role
from toktra.kit.errors import Conflict, Forbidden, Invalid, NotFound
from toktra.people import queries, service
from toktra.people.model import Organization, User
from toktra.people.service import UserChanges
from toktra_wire.ids import new_id


class Creating:
    """Users of one organisation, with what a test does not care about filled in."""

    def __init__(self, session: AsyncSession, org_id: Any, now: datetime) -> None:
        self.session, self.org_id, self.now = session, org_id, now

    async def __call__(self, email: str, **rest: Any) -> User:
        given = {"name": "Someone", "department": None, **rest}
        return await service.create_user(self.session, org_id=self.org_id, email=email, now=self.now, **given)


@pytest.fixture
def made(session: AsyncSession, acme: Organization, now: datetime) -> Creating:
    return Creating(session, acme.id, now)


async def test_a_new_user_is_active_in_the_root(
    session: AsyncSession, acme: Organization, made: Creating
) -> None:
    user = await made("Ada@X.org", name="  Ada  L ")
    root = await queries.root_department(session, org_id=acme.id)
    assert (user.email, user.name, user.role, user.status) == ("ada@x.org", "Ada L", "member", "active")
    assert (user.department_id, user.manager_id) == (root.id, None)
    assert await queries.user_by_email(session, org_id=acme.id, email="ADA@x.ORG") is user


async def test_a_new_user_may_bring_a_department_and_a_manager(session: AsyncSession, made: Creating) -> None:
    boss = await made("boss@x.org")
    user = await made("ada@x.org", department="Eng / Platform", manager_email="BOSS@x.org")
    answer = await queries.user_answer(session, user=user)
    assert (answer.department, answer.department_path) == ("Platform", "Acme / Eng / Platform")
    assert (answer.manager_id, answer.manager_email) == (boss.id, "boss@x.org")


async def test_an_email_is_taken_once_in_each_organization(
    session: AsyncSession, made: Creating, now: datetime
) -> None:
    unique = new_id()
    first = await made(f"{unique}@x.org")
    with pytest.raises(Conflict):
        await made(f"{unique}@X.org")
    other = await service.create_organization(
        session, name="Other", time_zone="UTC", currency="USD", region="us", now=now
    )
    second = await Creating(session, other.id, now)(f"{unique}@x.org")
    found = await queries.users_by_email_anywhere(session, email=f"{unique}@X.ORG")
    assert {one.id for one in found} == {first.id, second.id}
    assert len(await queries.users_by_email_anywhere(session, email=f"{unique}@x.org", limit=1)) == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"email": "ada"}, "email"),
        ({"email": "a\x00@x.org"}, "email"),
        ({"name": " "}, "name"),
        ({"department": "a//b"}, "department"),
        ({"manager_email": "nobody@x.org"}, "manager_email"),
    ],
)
async def test_what_cannot_be_is_refused(made: Creating, given: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        await made(**({"email": "ada@x.org"} | given))
    assert refused.value.details["field"] == field


async def test_everything_about_a_user_can_change(
    session: AsyncSession, owner: User, acting: Any, made: Creating, now: datetime
) -> None:
    user = await made("ada@x.org", manager_email="owner@x.org")
    changes = UserChanges(
        email="Ada.L@x.org",
        name="Ada",
        department="Ops",
        role=Role.ADMIN,
        status="suspended",
        manager_email=None,
    )
    await service.change_user(session, actor=acting(owner), user_id=user.id, changes=changes, now=now)
    answer = await queries.user_answer(session, user=user)
    assert (answer.email, answer.name, answer.role, answer.status) == (
        "ada.l@x.org",
        "Ada",
        "admin",
        "suspended",
    )
    assert (answer.department_path, answer.manager_id) == ("Acme / Ops", None)


async def test_what_is_not_given_stays(
    session: AsyncSession, owner: User, acting: Any, made: Creating, now: datetime
) -> None:
    user = await made("ada@x.org", department="Ops", role=Role.MANAGER, manager_email="owner@x.org")
    before = await queries.user_answer(session, user=user)
    await service.change_user(session, actor=acting(owner), user_id=user.id, changes=UserChanges(), now=now)
    same_email = UserChanges(email="ADA@x.org")
    await service.change_user(session, actor=acting(owner), user_id=user.id, changes=same_email, now=now)
    assert await queries.user_answer(session, user=user) == before


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (UserChanges(email="owner@x.org"), Conflict),
        (UserChanges(email="ada"), Invalid),
        (UserChanges(name="\u3000"), Invalid),
        (UserChanges(department="/"), Invalid),
        (UserChanges(manager_email="nobody@x.org"), Invalid),
        (UserChanges(manager_email="ada@x.org"), Invalid),
        (UserChanges(manager_email="below@x.org"), Invalid),
    ],
)
async def test_impossible_changes(
    session: AsyncSession,
    owner: User,
    acting: Any,
    made: Creating,
    now: datetime,
    changes: UserChanges,
    expected: type[Exception],
) -> None:
    user = await made("ada@x.org")
    await made("middle@x.org", manager_email="ada@x.org")
    await made("below@x.org", manager_email="middle@x.org")
    with pytest.raises(expected):
        await service.change_user(session, actor=acting(owner), user_id=user.id, changes=changes, now=now)


@pytest.mark.parametrize(
    "change", [UserChanges(name="X"), UserChanges(status="suspended"), UserChanges(role=Role.ADMIN)]
)
async def test_only_owners_touch_owners(
    session: AsyncSession,
    owner: User,
    acting: Any,
    made: Creating,
    program: Any,
    now: datetime,
    change: UserChanges,
) -> None:
    second = await made("second@x.org", role=Role.OWNER)
    admin = await made("admin@x.org", role=Role.ADMIN)
    for actor in (acting(admin), program(admin)):
        with pytest.raises(Forbidden):
            await service.change_user(session, actor=actor, user_id=second.id, changes=change, now=now)
        with pytest.raises(Forbidden):
            await service.change_user(
                session, actor=actor, user_id=admin.id, changes=UserChanges(role=Role.OWNER), now=now
            )
        with pytest.raises(Forbidden):
            await service.add_user(session, actor=actor, email="n@x.org", name="N", role=Role.OWNER, now=now)
    await service.change_user(session, actor=acting(owner), user_id=second.id, changes=change, now=now)


@pytest.mark.parametrize("change", [UserChanges(status="suspended"), UserChanges(role=Role.ADMIN)])
async def test_the_last_active_owner_stays(
    session: AsyncSession, owner: User, acting: Any, made: Creating, now: datetime, change: UserChanges
) -> None:
    second = await made("second@x.org", role=Role.OWNER)
    await service.change_user(session, actor=acting(owner), user_id=second.id, changes=change, now=now)
    with pytest.raises(Conflict):
        await service.change_user(session, actor=acting(owner), user_id=owner.id, changes=change, now=now)
    await service.change_user(
        session, actor=acting(owner), user_id=owner.id, changes=UserChanges(name="O"), now=now
    )


async def test_two_owners_cannot_demote_each_other_at_once(
    sessions: async_sessionmaker[AsyncSession], organization: Any, acting: Any, now: datetime
) -> None:
    async with sessions.begin() as session:
        second = await Creating(session, organization.id, now)("second@x.org", role=Role.OWNER)

    async def demote(by: User, whom: User) -> None:
        async with sessions.begin() as session:
            await service.change_user(
                session, actor=acting(by), user_id=whom.id, changes=UserChanges(role=Role.MEMBER), now=now
            )

    outcomes = await asyncio.gather(
        demote(organization.owner, second), demote(second, organization.owner), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes if outcome is not None] == [Conflict]


async def test_two_managers_cannot_close_a_circle_at_once(
    sessions: async_sessionmaker[AsyncSession], organization: Any, acting: Any, now: datetime
) -> None:
    async def put_under(whom: User, manager: User) -> None:
        async with sessions.begin() as session:
            changes = UserChanges(manager_email=manager.email)
            await service.change_user(
                session, actor=acting(organization.owner), user_id=whom.id, changes=changes, now=now
            )

    outcomes = await asyncio.gather(
        put_under(organization.admin, organization.manager),
        put_under(organization.manager, organization.admin),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes if outcome is not None] == [Invalid]


async def test_one_email_asked_for_twice_at_once_is_made_once(
    sessions: async_sessionmaker[AsyncSession], organization: Any, now: datetime
) -> None:
    async def make() -> None:
        async with sessions.begin() as session:
            await Creating(session, organization.id, now)("twin@x.org", department="Twins")

    outcomes = await asyncio.gather(*(make() for _ in range(4)), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict"] * 3 + ["NoneType"]


async def test_users_elsewhere_are_not_found(
    session: AsyncSession, owner: User, acting: Any, organization: Any, now: datetime
) -> None:
    for stranger in (organization.member.id, new_id()):
        with pytest.raises(NotFound):
            await service.change_user(
                session, actor=acting(owner), user_id=stranger, changes=UserChanges(name="X"), now=now
            )
    with pytest.raises(Invalid):
        await service.add_user(
            session,
            actor=acting(owner),
            email="n@x.org",
            name="N",
            manager_email=organization.member.email,
            now=now,
        )
