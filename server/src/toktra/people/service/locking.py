"""Writers of one organisation take turns, so that what they read before writing stays true."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.kit.errors import NotFound
from toktra.people.model import Organization


async def lock_organization(session: AsyncSession, org_id: UUID) -> Organization:
    """Hold the organisation's row until the transaction ends.

    Without `FOR UPDATE`'s full strength: rows of other slices that refer to the organisation need not wait.
    """
    organization = await session.scalar(
        select(Organization)
        .where(Organization.id == org_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if organization is None:
        raise NotFound("There is no such organisation.")
    return organization
