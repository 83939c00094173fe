"""The department tree: whole, or the names that lead to some departments."""

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from msgspec import structs
from sqlalchemy import ARRAY, String, and_, cast, func, literal, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.rules import Actor, Role
from toktra.kit.database import among
from toktra.kit.errors import NotFound
from toktra.people.answers import DepartmentAnswer, DepartmentNode
from toktra.people.model import Department, User


async def department_paths(
    session: AsyncSession, *, org_id: UUID, department_ids: Collection[UUID]
) -> dict[UUID, tuple[str, ...]]:
    """The names from the root down to each of these departments, in one query."""
    names = cast(array([Department.name]), ARRAY(String))
    wanted = among(Department.id, set(department_ids))
    leaves = select(Department.id.label("leaf"), Department.parent_id, names.label("names"))
    up = leaves.where(Department.org_id == org_id, wanted).cte("up", recursive=True)
    above = select(up.c.leaf, Department.parent_id, func.array_prepend(Department.name, up.c.names))
    above = above.where(Department.org_id == org_id, Department.id == up.c.parent_id)
    whole = up.union_all(above)
    rows = await session.execute(select(whole.c.leaf, whole.c.names).where(whole.c.parent_id.is_(None)))
    return {row.leaf: tuple(row.names) for row in rows}


async def managers_above(
    session: AsyncSession, *, org_id: UUID, department_ids: Collection[UUID], limit: int
) -> dict[UUID, list[str]]:
    """The e-mails of active managers of each of these departments and those above it, the nearest first."""
    leaves = select(
        Department.id.label("leaf"), Department.id, Department.parent_id, literal(0).label("height")
    )
    up = leaves.where(Department.org_id == org_id, among(Department.id, department_ids)).cte(recursive=True)
    above = select(up.c.leaf, Department.id, Department.parent_id, up.c.height + 1)
    whole = up.union_all(above.where(Department.org_id == org_id, Department.id == up.c.parent_id))
    nearest = func.row_number().over(partition_by=whole.c.leaf, order_by=(whole.c.height, User.email))
    managing = and_(User.role == Role.MANAGER, User.status == "active")
    ranked = (
        select(whole.c.leaf, User.email, nearest.label("place"))
        .join(User, and_(User.org_id == org_id, User.department_id == whole.c.id, managing))
        .subquery()
    )
    found: dict[UUID, list[str]] = defaultdict(list)
    wanted = select(ranked.c.leaf, ranked.c.email).where(ranked.c.place <= limit)
    for leaf, email in await session.execute(wanted.order_by(ranked.c.leaf, ranked.c.place)):
        found[leaf].append(email)
    return found


async def department_answer(session: AsyncSession, *, department: Department) -> DepartmentAnswer:
    """One department as the API shows it."""
    paths = await department_paths(session, org_id=department.org_id, department_ids=[department.id])
    path = " / ".join(paths[department.id])
    return DepartmentAnswer(department.id, department.name, department.parent_id, path)


async def tree(session: AsyncSession, *, actor: Actor) -> DepartmentNode:
    """The departments in reach: for a manager from their own down, for a member only their own."""
    people = await _people(session, actor.org_id)
    nodes, root_id = _grown(await _departments_above_first(session, actor.org_id), people)
    if actor.reach.everyone:
        return nodes[root_id]
    own = nodes.get(actor.department_id)
    if own is None:
        raise NotFound("Your department is not there any more. Sign in again.")
    return own if actor.reach.user_id is None else structs.replace(own, children=[])


async def _departments_above_first(session: AsyncSession, org_id: UUID) -> list[Department]:
    found = await session.scalars(
        select(Department)
        .where(Department.org_id == org_id)
        .order_by(func.lower(Department.name), Department.id)
    )
    below: dict[UUID | None, list[Department]] = defaultdict(list)
    for department in found:
        below[department.parent_id].append(department)
    ordered = below[None]
    for department in ordered:  # grows while it is walked
        ordered.extend(below[department.id])
    return ordered


def _grown(ordered: list[Department], people: dict[UUID, int]) -> tuple[dict[UUID, DepartmentNode], UUID]:
    nodes: dict[UUID, DepartmentNode] = {}
    for found in ordered:
        above = nodes[found.parent_id] if found.parent_id is not None else None
        path = found.name if above is None else f"{above.path} / {found.name}"
        nodes[found.id] = DepartmentNode(
            found.id, found.name, found.parent_id, path, people.get(found.id, 0), []
        )
        if above is not None:
            above.children.append(nodes[found.id])
    return nodes, ordered[0].id


async def _people(session: AsyncSession, org_id: UUID) -> dict[UUID, int]:
    counted = await session.execute(
        select(User.department_id, func.count())
        .where(User.org_id == org_id, User.status == "active")
        .group_by(User.department_id)
    )
    return {row[0]: row[1] for row in counted}
