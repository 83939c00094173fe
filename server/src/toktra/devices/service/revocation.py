"""Revocation: a device is out for good; to come back it enrols as a new one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access import service as access
from toktra.access.rules import Actor
from toktra.devices import queries
from toktra.devices.model import Device, DeviceCertificate
from toktra.devices.queries import OwnedDevice


async def revoke_device(
    session: AsyncSession, *, actor: Actor, device_id: UUID, now: datetime
) -> OwnedDevice:
    """Revoke a device, its certificates and its tokens; doing it again changes nothing."""
    owned = await queries.device(session, actor=actor, device_id=device_id)
    await session.execute(
        update(Device)
        .where(Device.org_id == actor.org_id, Device.id == device_id, Device.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    await session.execute(
        update(DeviceCertificate)
        .where(DeviceCertificate.org_id == actor.org_id, DeviceCertificate.device_id == device_id)
        .where(DeviceCertificate.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    await access.revoke_device_tokens(session, org_id=actor.org_id, device_id=device_id)
    await session.refresh(owned.device)
    return owned
