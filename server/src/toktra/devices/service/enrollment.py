"""Enrolment: a token and a signing request in, a device with a certificate out. All of it, or nothing."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.devices.authority import requested_key
from toktra.devices.model import Device
from toktra.devices.service.certificates import Enrolled, give_certificate
from toktra.devices.service.enrollment_tokens import active_user, no_such_token, use_enrollment_token
from toktra.kit.errors import Invalid
from toktra_wire.ids import new_id


@dataclass(frozen=True, slots=True)
class EnrollmentAsk:
    """What a device says about itself when it asks to be let in."""

    token: str
    csr: str
    hostname: str
    platform: str
    agent_version: str
    user_email: str


async def enroll(session: AsyncSession, *, ask: EnrollmentAsk, secret_key: str, now: datetime) -> Enrolled:
    """Let a device in: count the token's use, find whose it is, give it a certificate."""
    token = await use_enrollment_token(session, secret=ask.token, now=now)
    key = requested_key(ask.csr)
    user_id = await active_user(session, org_id=token.org_id, email=ask.user_email)
    if token.device_id is None:
        device = Device(org_id=token.org_id, id=new_id(), user_id=user_id, created_at=now)
        session.add(device)
    else:
        device = await _reserved_device(session, token.org_id, token.device_id, user_id)
    device.hostname, device.platform, device.agent_version = ask.hostname, ask.platform, ask.agent_version
    await session.flush()
    return await give_certificate(session, device=device, key=key, secret_key=secret_key, now=now)


async def _reserved_device(session: AsyncSession, org_id: UUID, device_id: UUID, user_id: UUID) -> Device:
    device = await session.scalar(
        select(Device)
        .where(Device.org_id == org_id, Device.id == device_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if device is None or device.revoked_at is not None:
        raise no_such_token()
    if device.user_id != user_id:
        raise Invalid("This token is for another user. Ask an admin for one of your own.", field="user_email")
    return device
