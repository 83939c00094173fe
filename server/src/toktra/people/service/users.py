"""Users: made and changed. Who may do so to whom is in `rules/roles.py`.

U1: an organisation always has an active owner, however many changes are made at once.
U2: nobody is above themself.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from msgspec import UNSET, UnsetType
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.rules import Actor, Role
from toktra.kit.errors import Conflict, Forbidden, Invalid
from toktra.people import queries
from toktra.people.answers import Status
from toktra.people.model import User
from toktra.people.rules import leaves_no_owner, refuse_change, tidy, wrong_email, wrong_name
from toktra.people.service.locking import lock_organization
from toktra.people.service.placing import find_or_create_department
from toktra_wire.ids import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChanges:
    """What is to be different about a user; what is UNSET stays. No manager is None."""

    email: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    department: str | UnsetType = UNSET
    role: Role | UnsetType = UNSET
    status: Status | UnsetType = UNSET
    manager_email: str | UnsetType | None = UNSET


async def add_user(
    session: AsyncSession,
    *,
    actor: Actor,
    email: str,
    name: str,
    department: str | None = None,
    role: Role = Role.MEMBER,
    manager_email: str | None = None,
    now: datetime,
) -> User:
    """Make a user on behalf of someone, if they may."""
    _check_right(actor, before=None, after=role)
    return await create_user(
        session,
        org_id=actor.org_id,
        email=email,
        name=name,
        department=department,
        role=role,
        manager_email=manager_email,
        now=now,
    )


async def create_user(
    session: AsyncSession,
    *,
    org_id: UUID,
    email: str,
    name: str,
    department: str | None,
    role: Role = Role.MEMBER,
    manager_email: str | None = None,
    now: datetime,
) -> User:
    """Make an active user; the department as in `find_or_create_department`, else the root."""
    await lock_organization(session, org_id)
    address = await _free_email(session, org_id, email)
    user = User(
        org_id=org_id,
        id=new_id(),
        email=address,
        name=_name(name),
        department_id=await _department_id(session, org_id, department, now),
        manager_id=await _manager_id(session, org_id, manager_email),
        role=role.value,
        status="active",
        created_at=now,
    )
    session.add(user)
    await session.flush()
    return user


async def change_user(
    session: AsyncSession, *, actor: Actor, user_id: UUID, changes: UserChanges, now: datetime
) -> User:
    """Change what is given, if the actor may."""
    await lock_organization(session, actor.org_id)
    user = await queries.user_within_reach(session, actor=actor, user_id=user_id)
    before = Role(user.role)
    role = before if changes.role is UNSET else changes.role
    status = user.status if changes.status is UNSET else changes.status
    _check_right(actor, before=before, after=role)
    await _keep_an_owner(session, user, stays=role is Role.OWNER and status == "active")
    if changes.email is not UNSET and changes.email.lower() != user.email:
        user.email = await _free_email(session, user.org_id, changes.email)
    if changes.name is not UNSET:
        user.name = _name(changes.name)
    if changes.department is not UNSET:
        user.department_id = await _department_id(session, user.org_id, changes.department, now)
    if changes.manager_email is not UNSET:
        user.manager_id = await _manager_id(session, user.org_id, changes.manager_email, of=user)
    user.role, user.status = role.value, status
    await session.flush()
    return user


def _check_right(actor: Actor, *, before: Role | None, after: Role) -> None:
    if refusal := refuse_change(by=actor.role, before=before, after=after):
        raise Forbidden(refusal)


async def _keep_an_owner(session: AsyncSession, user: User, *, stays: bool) -> None:
    """U1. Holds because every change of users waits for the organisation's row."""
    others = select(func.count()).where(
        User.org_id == user.org_id, User.role == Role.OWNER, User.status == "active", User.id != user.id
    )
    was = user.role == Role.OWNER and user.status == "active"
    if leaves_no_owner(was_owner=was, stays_owner=stays, other_owners=await session.scalar(others) or 0):
        raise Conflict("This is the last active owner. Make someone else an owner first.")


def _name(name: str) -> str:
    if reason := wrong_name(name):
        raise Invalid(reason, field="name")
    return tidy(name)


async def _free_email(session: AsyncSession, org_id: UUID, email: str) -> str:
    if reason := wrong_email(email):
        raise Invalid(reason, field="email")
    if await queries.user_by_email(session, org_id=org_id, email=email) is not None:
        raise Conflict("There is a user with this e-mail already.", field="email")
    return email.lower()


async def _department_id(session: AsyncSession, org_id: UUID, path: str | None, now: datetime) -> UUID:
    if path is None:
        return (await queries.root_department(session, org_id=org_id)).id
    return (await find_or_create_department(session, org_id=org_id, path=path, now=now)).id


async def _manager_id(
    session: AsyncSession, org_id: UUID, email: str | None, *, of: User | None = None
) -> UUID | None:
    if email is None:
        return None
    manager = await queries.user_by_email(session, org_id=org_id, email=email)
    if manager is None:
        raise Invalid("There is no user with this e-mail. Make them first.", field="manager_email")
    if of is not None and of.id in await queries.user_and_above(session, user=manager):
        raise Invalid("This would be a circle: that person reports to this user.", field="manager_email")
    return manager.id
