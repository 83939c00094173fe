"""The department tree."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request
from msgspec import UNSET, UnsetType
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.guards import may
from toktra.access.rules import Actor, Scope
from toktra.kit.http import Body, Name, delete, get, patch, post
from toktra.people import queries, service
from toktra.people.answers import DepartmentAnswer, DepartmentTree


class NewDepartment(Body, frozen=True):
    """A department to be made; without a parent, under the root."""

    name: Name
    parent_id: UUID | None = None


class DepartmentChange(Body, frozen=True):
    """A new name, a new place, or both."""

    name: Name | UnsetType = UNSET
    parent_id: UUID | UnsetType = UNSET


@get("/v1/departments", guards=[may(Scope.PEOPLE_READ)])
async def get_departments(actor: Actor, session: AsyncSession) -> DepartmentTree:
    """The tree; for a manager from their own department down, for a member only their own."""
    return DepartmentTree(await queries.tree(session, actor=actor))


@post("/v1/departments", guards=[may(Scope.PEOPLE_WRITE)])
async def create_department(
    data: NewDepartment, actor: Actor, session: AsyncSession, now: datetime
) -> DepartmentAnswer:
    """Make a department."""
    made = await service.create_department(
        session, org_id=actor.org_id, name=data.name, parent_id=data.parent_id, now=now
    )
    return await queries.department_answer(session, department=made)


@patch("/v1/departments/{department_id:uuid}", guards=[may(Scope.PEOPLE_WRITE)])
async def change_department(
    department_id: UUID,
    data: DepartmentChange,
    request: Request[Any, Any, Any],
    actor: Actor,
    session: AsyncSession,
    now: datetime,
) -> DepartmentAnswer:
    """Rename a department, or move it with everything below it. Past usage stays with it."""
    changed = await service.change_department(
        session, org_id=actor.org_id, department_id=department_id, name=data.name, parent_id=data.parent_id
    )
    if data.parent_id is not UNSET:
        await request.app.state.on_department_moved(session, org_id=actor.org_id, now=now)
    return await queries.department_answer(session, department=changed)


@delete("/v1/departments/{department_id:uuid}", guards=[may(Scope.PEOPLE_WRITE)])
async def delete_department(department_id: UUID, actor: Actor, session: AsyncSession) -> None:
    """Take away an empty department that has never had usage."""
    await service.delete_department(session, org_id=actor.org_id, department_id=department_id)
