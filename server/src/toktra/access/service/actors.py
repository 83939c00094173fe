"""From a user to the actor who acts with their rights."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.rules import EVERYONE, Reach, Role
from toktra.people import queries as people


async def reach_of(
    session: AsyncSession, *, org_id: UUID, user_id: UUID, role: Role, department_id: UUID
) -> Reach:
    """Admins reach everyone, managers their department and all below it, members themselves."""
    if role in (Role.OWNER, Role.ADMIN):
        return EVERYONE
    if role is Role.MANAGER:
        below = await people.department_and_below(session, org_id=org_id, department_id=department_id)
        return Reach(department_ids=below)
    return Reach(user_id=user_id)
