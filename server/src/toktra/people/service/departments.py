"""Departments: made, renamed, moved, and taken away when nothing depends on them.

D1: the tree stays a tree, at most DEEPEST levels deep, whatever is moved at the same time.
D2: siblings have different names.
"""

from datetime import datetime
from uuid import UUID

from msgspec import UNSET, UnsetType
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.kit.errors import Conflict, Invalid, NotFound
from toktra.people import queries
from toktra.people.model import Department, User
from toktra.people.rules import DEEPEST, MOST_DEPARTMENTS, Key, Tree, tidy, wrong_department_name
from toktra.people.service.locking import lock_organization
from toktra.people.service.placing import flush_departments, insert_departments, load_tree, name_taken


async def create_department(
    session: AsyncSession, *, org_id: UUID, name: str, parent_id: UUID | None = None, now: datetime
) -> Department:
    """A new department under another, or under the root."""
    await lock_organization(session, org_id)
    tree = await load_tree(session, org_id)
    above = tree.root_id if parent_id is None else parent_id
    if above not in tree:
        raise NotFound("There is no such department to put it under.")
    if len(tree) >= MOST_DEPARTMENTS:
        raise Conflict(f"An organisation has at most {MOST_DEPARTMENTS:,} departments.")
    _check_place(tree, above, name)
    ids = await insert_departments(session, org_id=org_id, nodes=[tree.add(above, tidy(name))], now=now)
    (made,) = ids.values()
    return await _department(session, org_id, made)


async def change_department(
    session: AsyncSession,
    *,
    org_id: UUID,
    department_id: UUID,
    name: str | UnsetType = UNSET,
    parent_id: UUID | UnsetType = UNSET,
) -> Department:
    """Rename a department, or move it with all below it. Its past usage stays with it."""
    await lock_organization(session, org_id)
    found = await _department(session, org_id, department_id)
    tree = await load_tree(session, org_id)
    if parent_id is not UNSET:
        _check_move(tree, department_id, parent_id)
        found.parent_id = parent_id
    if name is not UNSET:
        found.name = name
    _check_place(tree, found.parent_id, found.name, moved=department_id)
    found.name = tidy(found.name)
    await flush_departments(session)
    return found


async def delete_department(session: AsyncSession, *, org_id: UUID, department_id: UUID) -> None:
    """Take away a department that is empty and has never used anything."""
    await lock_organization(session, org_id)
    found = await _department(session, org_id, department_id)
    if found.parent_id is None:
        raise Conflict("The root department stands for the whole organisation; it cannot be deleted.")
    if await session.scalar(_exists(Department, Department.parent_id == department_id, org_id)):
        raise Conflict("There are departments under this one. Move or delete them first.")
    if await session.scalar(_exists(User, User.department_id == department_id, org_id)):
        raise Conflict("There are people in this department. Move them to another one first.")
    if await queries.has_usage(session, org_id=org_id, department_id=department_id):
        raise Conflict("This department has usage; move or rename it instead.")
    if await queries.has_budget(session, org_id=org_id, department_id=department_id):
        raise Conflict("This department has or had a budget, which stays in its history; move or rename it.")
    await session.delete(found)
    await session.flush()


def _exists(model: type[Department | User], where: ColumnElement[bool], org_id: UUID) -> Select[tuple[bool]]:
    return select(select(model.id).where(model.org_id == org_id, where).exists())


async def _department(session: AsyncSession, org_id: UUID, department_id: UUID) -> Department:
    found = await queries.department(session, org_id=org_id, department_id=department_id)
    if found is None:
        raise NotFound("There is no such department.")
    return found


def _check_move(tree: Tree, department_id: UUID, parent_id: UUID) -> None:
    """D1: nothing is put under itself or under what is below it."""
    if department_id == tree.root_id:
        raise Conflict("The root department stands for the whole organisation; it cannot be moved.")
    if parent_id not in tree:
        raise NotFound("There is no such department to put it under.")
    if any(node.id == department_id for node in tree.upward(parent_id)):
        raise Conflict("A department cannot be moved to itself or to a department below it.")


def _check_place(tree: Tree, parent_id: Key | None, name: str, *, moved: UUID | None = None) -> None:
    """D1, D2: there is room under the parent, and nobody there has the name."""
    if reason := wrong_department_name(name):
        raise Invalid(reason, field="name")
    if parent_id is None:
        return
    if tree.child(parent_id, name) not in (None, moved):
        raise name_taken()
    height = 0 if moved is None else tree.height(moved)
    if tree.depth(parent_id) + 1 + height > DEEPEST:
        raise Conflict(f"Departments go at most {DEEPEST} levels deep.")
