"""Whether Privacy Hours are in use: the device says so about itself, and nobody else can."""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.rules import Actor
from toktra.devices.model import Device


async def note_privacy_hours(session: AsyncSession, *, actor: Actor, in_use: bool) -> None:
    """Note it for the calling device. When they began or end is neither asked nor kept."""
    await session.execute(
        update(Device)
        .where(Device.org_id == actor.org_id, Device.id == actor.device_id)
        .where(Device.privacy_hours_in_use != in_use)
        .values(privacy_hours_in_use=in_use)
    )
