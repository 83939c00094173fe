"""Single things, and what hangs below a department."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.rules import Role
from toktra.kit.database import among
from toktra.kit.errors import NotFound
from toktra.people.model import Department, Organization, User


async def organization(session: AsyncSession, *, org_id: UUID) -> Organization:
    """The organisation; NotFound when there is none with this id."""
    found = await session.get(Organization, org_id)
    if found is None:
        raise NotFound("There is no such organisation.")
    return found


async def time_zone(session: AsyncSession, *, org_id: UUID) -> str:
    """The name of the organisation's time zone; NotFound when there is no such organisation."""
    found = await session.scalar(select(Organization.time_zone).where(Organization.id == org_id))
    if found is None:
        raise NotFound("There is no such organisation.")
    return found


async def user(session: AsyncSession, *, org_id: UUID, user_id: UUID) -> User | None:
    return await session.get(User, (org_id, user_id))


async def users_by_id(session: AsyncSession, *, org_id: UUID, user_ids: Collection[UUID]) -> list[User]:
    """The users among these ids that are in the organisation."""
    return list(await session.scalars(select(User).where(User.org_id == org_id, among(User.id, user_ids))))


async def user_by_email(session: AsyncSession, *, org_id: UUID, email: str) -> User | None:
    return await session.scalar(select(User).where(User.org_id == org_id, User.email == email.lower()))


async def users_by_email_anywhere(session: AsyncSession, *, email: str, limit: int = 5) -> list[User]:
    """Users with this e-mail in any organisation: for sign-in, which does not know it yet."""
    statement = select(User).where(User.email == email.lower()).order_by(User.org_id).limit(limit)
    return list(await session.scalars(statement))


async def department(session: AsyncSession, *, org_id: UUID, department_id: UUID) -> Department | None:
    return await session.get(Department, (org_id, department_id))


async def root_department(session: AsyncSession, *, org_id: UUID) -> Department:
    """The department that stands for the whole organisation."""
    root = await session.scalar(
        select(Department).where(Department.org_id == org_id, Department.parent_id.is_(None))
    )
    if root is None:
        raise NotFound("There is no such organisation.")
    return root


async def department_and_below(
    session: AsyncSession, *, org_id: UUID, department_id: UUID
) -> frozenset[UUID]:
    """A department's id and those of all departments under it; nothing when there is no such department."""
    top = select(Department.id).where(Department.org_id == org_id, Department.id == department_id)
    below = top.cte("below", recursive=True)
    under = select(Department.id).where(Department.org_id == org_id, Department.parent_id == below.c.id)
    return frozenset(await session.scalars(select(below.union(under).c.id)))


async def department_and_above(
    session: AsyncSession, *, org_id: UUID, department_id: UUID
) -> frozenset[UUID]:
    """A department's id and those of all departments above it, up to the root."""
    bottom = select(Department.id, Department.parent_id).where(
        Department.org_id == org_id, Department.id == department_id
    )
    above = bottom.cte("above", recursive=True)
    over = select(Department.id, Department.parent_id).where(
        Department.org_id == org_id, Department.id == above.c.parent_id
    )
    return frozenset(await session.scalars(select(above.union(over).c.id)))


_ANY_USAGE = "SELECT EXISTS (SELECT FROM usage_rollups WHERE org_id = :org_id)"
_USAGE_OF_DEPARTMENT = (
    "SELECT EXISTS (SELECT FROM usage_rollups WHERE org_id = :org_id AND department_id = :department_id)"
)


async def has_usage(session: AsyncSession, *, org_id: UUID, department_id: UUID | None = None) -> bool:
    """Whether the organisation, or one department itself, has ever used anything.

    SQL instead of a model: the ledger of usage belongs to a slice above this one.
    """
    if department_id is None:
        return bool(await session.scalar(text(_ANY_USAGE), {"org_id": org_id}))
    named = {"org_id": org_id, "department_id": department_id}
    return bool(await session.scalar(text(_USAGE_OF_DEPARTMENT), named))


_ANY_BUDGET = "SELECT EXISTS (SELECT FROM budgets WHERE org_id = :org_id)"
_BUDGET_OF_DEPARTMENT = (
    "SELECT EXISTS (SELECT FROM budgets WHERE org_id = :org_id AND department_id = :department_id)"
)


async def has_budget(session: AsyncSession, *, org_id: UUID, department_id: UUID | None = None) -> bool:
    """Whether the organisation, or one department itself, has a budget, archived or not.

    SQL for the same reason as `has_usage`.
    """
    if department_id is None:
        return bool(await session.scalar(text(_ANY_BUDGET), {"org_id": org_id}))
    named = {"org_id": org_id, "department_id": department_id}
    return bool(await session.scalar(text(_BUDGET_OF_DEPARTMENT), named))


async def user_and_above(session: AsyncSession, *, user: User) -> frozenset[UUID]:
    """A user's id and those of everyone they report to, directly or not."""
    up = select(User.id, User.manager_id).where(User.org_id == user.org_id, User.id == user.id)
    chain = up.cte("chain", recursive=True)
    above = select(User.id, User.manager_id).where(User.org_id == user.org_id, User.id == chain.c.manager_id)
    return frozenset(await session.scalars(select(chain.union(above).c.id)))


async def parents(session: AsyncSession, *, org_id: UUID) -> dict[UUID, UUID | None]:
    """The tree as the parent of each department; the root has none."""
    rows = await session.execute(
        select(Department.id, Department.parent_id).where(Department.org_id == org_id)
    )
    return {row.id: row.parent_id for row in rows}


async def admin_emails(session: AsyncSession, *, org_id: UUID, limit: int) -> list[str]:
    """Whom people can turn to: active admins, then owners."""
    admins = select(User.email).where(
        User.org_id == org_id, User.status == "active", User.role.in_((Role.ADMIN, Role.OWNER))
    )
    return list(await session.scalars(admins.order_by(User.role, User.id).limit(limit)))
