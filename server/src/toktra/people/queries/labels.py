"""Names for ids, for screens that count by user and department."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.kit.database import among
from toktra.people.model import Department, User


@dataclass(frozen=True, slots=True)
class Labels:
    """What the ids of one answer are called. An id that is not in the organisation has no label."""

    user_emails: dict[UUID, str]
    user_names: dict[UUID, str]
    departments: dict[UUID, str]


async def labels(
    session: AsyncSession, *, org_id: UUID, user_ids: Collection[UUID], department_ids: Collection[UUID]
) -> Labels:
    """The labels of some users and departments, in two queries however many there are, or in one."""
    named = select(User.id, User.email, User.name)
    people = (await session.execute(named.where(User.org_id == org_id, among(User.id, user_ids)))).all()
    departments = await _department_names(session, org_id, department_ids) if department_ids else {}
    return Labels(
        user_emails={row.id: row.email for row in people},
        user_names={row.id: row.name for row in people},
        departments=departments,
    )


async def _department_names(
    session: AsyncSession, org_id: UUID, department_ids: Collection[UUID]
) -> dict[UUID, str]:
    found = await session.execute(
        select(Department.id, Department.name).where(
            Department.org_id == org_id, among(Department.id, department_ids)
        )
    )
    return {row.id: row.name for row in found}
