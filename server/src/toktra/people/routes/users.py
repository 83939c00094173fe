"""The people of the organisation, as far as the caller reaches."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar.params import Parameter
from msgspec import UNSET, Meta, UnsetType, structs
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.guards import may
from toktra.access.rules import Actor, Role, Scope
from toktra.kit.http import Body, Email, Name, get, patch, post
from toktra.kit.pages import DEFAULT_LIMIT, Cursor, Limit, Page
from toktra.people import queries, service
from toktra.people.answers import Status, UserAnswer

DepartmentPath = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=2000,
        description="A department's name, or a path such as `Engineering / Platform`. "
        "What does not exist is made under the root.",
    ),
]
Search = Annotated[
    str | None, Parameter(min_length=1, max_length=120, description="A part of the name or the e-mail")
]
Exactly = Annotated[str | None, Parameter(max_length=254, description="The whole e-mail")]
InDepartment = Annotated[UUID | None, Parameter(description="In this department or below it")]
ReportsTo = Annotated[UUID | None, Parameter(description="Whose direct manager this user is")]


class NewUser(Body, frozen=True):
    """A user to be made; without a department, in the root."""

    email: Email
    name: Name
    department: DepartmentPath | None = None
    role: Role = Role.MEMBER
    manager_email: Email | None = None


class UserChange(Body, frozen=True):
    """What is to be different about a user."""

    email: Email | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    department: DepartmentPath | UnsetType = UNSET
    role: Role | UnsetType = UNSET
    status: Status | UnsetType = UNSET
    manager_email: Email | UnsetType | None = UNSET


@get("/v1/users", guards=[may(Scope.PEOPLE_READ)])
async def list_users(
    actor: Actor,
    session: AsyncSession,
    q: Search = None,
    email: Exactly = None,
    department_id: InDepartment = None,
    role: Role | None = None,
    status: Status | None = None,
    manager_id: ReportsTo = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[UserAnswer]:
    """The users within the caller's reach that meet every filter, the newest first."""
    only = queries.UserFilter(
        q=q, email=email, department_id=department_id, role=role, status=status, manager_id=manager_id
    )
    return await queries.users(session, actor=actor, only=only, cursor=cursor, limit=limit)


@post("/v1/users", guards=[may(Scope.PEOPLE_WRITE)])
async def create_user(data: NewUser, actor: Actor, session: AsyncSession, now: datetime) -> UserAnswer:
    """Make a user. Nobody can give a role above their own; only an owner can make an owner."""
    made = await service.add_user(session, actor=actor, now=now, **structs.asdict(data))
    return await queries.user_answer(session, user=made)


@get("/v1/users/{user_id:uuid}", guards=[may(Scope.PEOPLE_READ)])
async def get_user(user_id: UUID, actor: Actor, session: AsyncSession) -> UserAnswer:
    """One user; 404 for someone the caller does not reach."""
    found = await queries.user_within_reach(session, actor=actor, user_id=user_id)
    return await queries.user_answer(session, user=found)


@patch("/v1/users/{user_id:uuid}", guards=[may(Scope.PEOPLE_WRITE)])
async def change_user(
    user_id: UUID, data: UserChange, actor: Actor, session: AsyncSession, now: datetime
) -> UserAnswer:
    """Change what is given. Past usage stays with the department it was made in."""
    changes = service.UserChanges(**structs.asdict(data))
    changed = await service.change_user(session, actor=actor, user_id=user_id, changes=changes, now=now)
    return await queries.user_answer(session, user=changed)
