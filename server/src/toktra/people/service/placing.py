"""From what the rules plan in the tree to rows: departments by path, found or made.

D2: siblings have different names; the database's index has the last word.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.kit.errors import Conflict, Invalid
from toktra.people import queries
from toktra.people.model import Department
from toktra.people.rules import Ambiguous, Key, Node, NoRoom, Tree, make, names_in, wrong_path
from toktra.people.service.locking import lock_organization
from toktra_wire.ids import new_id


async def find_or_create_department(
    session: AsyncSession, *, org_id: UUID, path: str, now: datetime
) -> Department:
    """The department that a name or a path means; what is missing of it is made."""
    names = names_in(path)
    if reason := wrong_path(names):
        raise Invalid(reason, field="department")
    await lock_organization(session, org_id)
    try:
        meant, made = make(await load_tree(session, org_id), names)
    except NoRoom as full:
        raise Invalid(str(full), field="department") from full
    if isinstance(meant, Ambiguous):
        raise Invalid(str(meant), field="department", candidates=list(meant.paths))
    ids = await insert_departments(session, org_id=org_id, nodes=made, now=now)
    found = await queries.department(session, org_id=org_id, department_id=settled(meant, ids))
    assert found is not None
    return found


async def load_tree(session: AsyncSession, org_id: UUID) -> Tree:
    """The whole tree in memory, as it is now."""
    return Tree(await load_nodes(session, org_id))


async def load_nodes(session: AsyncSession, org_id: UUID) -> list[Node]:
    """Every department of the organisation, in the form that the rules read."""
    rows = await session.execute(
        select(Department.id, Department.parent_id, Department.name)
        .where(Department.org_id == org_id)
        .order_by(Department.id)
    )
    return [Node(row.id, row.parent_id, row.name) for row in rows]


async def insert_departments(
    session: AsyncSession, *, org_id: UUID, nodes: Sequence[Node], now: datetime
) -> dict[int, UUID]:
    """Make planned departments, those above first; what each planned number has become."""
    ids: dict[int, UUID] = {}
    for node in nodes:
        assert isinstance(node.id, int)
        assert node.parent_id is not None
        ids[node.id] = new_id()
        session.add(
            Department(
                org_id=org_id,
                id=ids[node.id],
                parent_id=settled(node.parent_id, ids),
                name=node.name,
                created_at=now,
            )
        )
    await flush_departments(session)
    return ids


def settled(key: Key, ids: dict[int, UUID]) -> UUID:
    """The id of a department that was there, or of one that has been made."""
    return ids[key] if isinstance(key, int) else key


def name_taken() -> Conflict:
    return Conflict("There is a department of this name in the same place. Choose another name.")


async def flush_departments(session: AsyncSession) -> None:
    """The index on siblings' names may see as equal what the rules do not."""
    try:
        await session.flush()
    except IntegrityError as refused:
        raise name_taken() from refused
