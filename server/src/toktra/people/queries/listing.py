"""The list of users, as far as the actor reaches."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.rules import Actor, Reach, Role
from toktra.kit.database import among
from toktra.kit.errors import NotFound
from toktra.kit.pages import Page, page_by_id
from toktra.people.answers import Status, UserAnswer
from toktra.people.model import User
from toktra.people.queries.lookups import department_and_below, user
from toktra.people.queries.tree import department_paths


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFilter:
    """What a list of users can be narrowed to; all of it must hold."""

    q: str | None = None
    email: str | None = None
    department_id: UUID | None = None
    role: Role | None = None
    status: Status | None = None
    manager_id: UUID | None = None


async def users(
    session: AsyncSession, *, actor: Actor, only: UserFilter, cursor: str | None, limit: int
) -> Page[UserAnswer]:
    """A page of users, the newest first."""
    statement = select(User).where(User.org_id == actor.org_id, _within(actor.reach))
    statement = await _narrowed(session, statement, actor, only)
    page = await page_by_id(session, statement, User.id, lambda found: found, cursor=cursor, limit=limit)
    items = await _answers(session, actor.org_id, page.items)
    return Page(items, page.next_cursor, page.has_more, page.total_count)


async def user_within_reach(session: AsyncSession, *, actor: Actor, user_id: UUID) -> User:
    """The user; NotFound for one the actor does not reach, as for one that is not there."""
    found = await user(session, org_id=actor.org_id, user_id=user_id)
    if found is None or not actor.reach.covers(user_id=found.id, department_id=found.department_id):
        raise NotFound("There is no such user within your reach.")
    return found


async def user_ids_within(session: AsyncSession, *, org_id: UUID, reach: Reach) -> frozenset[UUID]:
    """The ids of all users within a reach."""
    return frozenset(await session.scalars(select(User.id).where(User.org_id == org_id, _within(reach))))


async def user_answer(session: AsyncSession, *, user: User) -> UserAnswer:
    """One user as the API shows them."""
    (answer,) = await _answers(session, user.org_id, [user])
    return answer


async def _narrowed(
    session: AsyncSession, statement: Select[User], actor: Actor, only: UserFilter
) -> Select[User]:
    if only.q is not None:
        statement = statement.where(
            or_(User.name.icontains(only.q, autoescape=True), User.email.icontains(only.q, autoescape=True))
        )
    if only.email is not None:
        statement = statement.where(User.email == only.email.lower())
    if only.role is not None:
        statement = statement.where(User.role == only.role)
    if only.status is not None:
        statement = statement.where(User.status == only.status)
    if only.manager_id is not None:
        await user_within_reach(session, actor=actor, user_id=only.manager_id)
        statement = statement.where(User.manager_id == only.manager_id)
    if only.department_id is not None:
        statement = statement.where(await _in_department(session, actor, only.department_id))
    return statement


async def _in_department(session: AsyncSession, actor: Actor, department_id: UUID) -> ColumnElement[bool]:
    below = await department_and_below(session, org_id=actor.org_id, department_id=department_id)
    if not below or not _reaches(actor, department_id):
        raise NotFound("There is no such department within your reach.")
    return among(User.department_id, below)


def _reaches(actor: Actor, department_id: UUID) -> bool:
    if actor.reach.user_id is not None:
        return department_id == actor.department_id
    return actor.reach.department_ids is None or department_id in actor.reach.department_ids


def _within(reach: Reach) -> ColumnElement[bool]:
    if reach.user_id is not None:
        return User.id == reach.user_id
    return true() if reach.department_ids is None else among(User.department_id, reach.department_ids)


async def _answers(session: AsyncSession, org_id: UUID, found: list[User]) -> list[UserAnswer]:
    """Two more queries, however many users there are."""
    paths = await department_paths(
        session, org_id=org_id, department_ids=[one.department_id for one in found]
    )
    managers = await session.execute(
        select(User.id, User.email).where(
            User.org_id == org_id, among(User.id, {one.manager_id for one in found if one.manager_id})
        )
    )
    emails = {row.id: row.email for row in managers}
    return [
        UserAnswer.of(one, paths[one.department_id], emails.get(one.manager_id) if one.manager_id else None)
        for one in found
    ]
