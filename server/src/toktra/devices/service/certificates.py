"""Certificates: the organisation's CA, and what it signs.

R1: an organisation has one CA; whoever is first makes it.
R2: a key belongs to one device of an organisation, for ever.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.rules import Actor
from toktra.devices.authority import (
    Authority,
    DeviceKey,
    certify,
    from_pem,
    new_authority,
    private_pem,
    requested_key,
    to_pem,
)
from toktra.devices.model import Device, DeviceAuthority, DeviceCertificate
from toktra.devices.rules import (
    AUTHORITY_LIFETIME,
    CERTIFICATE_LIFETIME,
    MOST_LIVE_CERTIFICATES,
    Status,
    status_of,
)
from toktra.kit.errors import Conflict, Unauthorized
from toktra.kit.secrets import seal, unseal
from toktra.people import queries as people


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What a device gets: its id, its certificate and the CA's, both as PEM."""

    device_id: UUID
    certificate: str
    ca_certificate: str
    not_after: datetime


async def renew_certificate(
    session: AsyncSession, *, actor: Actor, csr: str, secret_key: str, now: datetime
) -> Enrolled:
    """One more certificate for an enrolled device; the ones before stay good until their own end."""
    key = requested_key(csr)
    device = await session.scalar(
        select(Device)
        .where(Device.org_id == actor.org_id, Device.id == actor.device_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if device is None or not _enrolled(device, now):
        raise Unauthorized("This device was revoked, or its certificate has expired. Enrol it again.")
    await _check_room(session, device, now)
    return await give_certificate(session, device=device, key=key, secret_key=secret_key, now=now)


async def give_certificate(
    session: AsyncSession, *, device: Device, key: DeviceKey, secret_key: str, now: datetime
) -> Enrolled:
    """Sign and note a certificate for a key that no other device has (R2)."""
    public_key = to_pem(key)
    await _claim_key(session, device, public_key)
    organization = (await people.organization(session, org_id=device.org_id)).name
    authority = await authority_of(
        session, org_id=device.org_id, organization=organization, secret_key=secret_key, now=now
    )
    certificate = certify(authority, device_id=device.id, key=key, organization=organization, now=now)
    not_after = certificate.not_valid_after_utc
    session.add(
        DeviceCertificate(
            org_id=device.org_id,
            serial=f"{certificate.serial_number:x}",
            device_id=device.id,
            public_key=public_key,
            not_before=certificate.not_valid_before_utc,
            not_after=not_after,
        )
    )
    device.certificate_not_after = not_after
    device.last_seen_at = now
    await session.flush()
    return Enrolled(device.id, to_pem(certificate), to_pem(authority.certificate), not_after)


async def authority_of(
    session: AsyncSession, *, org_id: UUID, organization: str, secret_key: str, now: datetime
) -> Authority:
    """The organisation's CA, made on first use (R1), and anew before it would end under a certificate."""
    purpose = f"device CA:{org_id}"
    too_old = now - (AUTHORITY_LIFETIME - CERTIFICATE_LIFETIME)
    current = select(DeviceAuthority).where(
        DeviceAuthority.org_id == org_id, DeviceAuthority.created_at > too_old
    )
    row = await session.scalar(current)
    if row is None:
        made = new_authority(organization, now)
        values = {
            "certificate": to_pem(made.certificate),
            "sealed_key": seal(secret_key, purpose, private_pem(made)),
            "created_at": now,
        }
        await session.execute(
            insert(DeviceAuthority)
            .values(org_id=org_id, **values)
            .on_conflict_do_update(
                index_elements=[DeviceAuthority.org_id],
                set_=values,
                where=DeviceAuthority.created_at <= too_old,
            )
        )
        row = (await session.scalars(current, execution_options={"populate_existing": True})).one()
    return from_pem(row.certificate, unseal(secret_key, purpose, row.sealed_key))


async def _claim_key(session: AsyncSession, device: Device, public_key: str) -> None:
    """R2, also for two enrolments at once: they take turns over the key until one is committed."""
    hashed = hashlib.sha256(device.org_id.bytes + public_key.encode()).digest()
    await session.execute(select(func.pg_advisory_xact_lock(int.from_bytes(hashed[:8], signed=True))))
    taken = await session.scalar(
        select(DeviceCertificate.device_id)
        .where(DeviceCertificate.org_id == device.org_id, DeviceCertificate.public_key == public_key)
        .where(DeviceCertificate.device_id != device.id)
        .limit(1)
    )
    if taken is not None:
        raise Conflict("Another device has this key. Make a new key on this device and ask again.")


async def _check_room(session: AsyncSession, device: Device, now: datetime) -> None:
    live = await session.scalar(
        select(func.count())
        .select_from(DeviceCertificate)
        .where(DeviceCertificate.org_id == device.org_id, DeviceCertificate.device_id == device.id)
        .where(DeviceCertificate.revoked_at.is_(None), DeviceCertificate.not_after > now)
    )
    if (live or 0) >= MOST_LIVE_CERTIFICATES:
        raise Conflict(
            f"This device has {MOST_LIVE_CERTIFICATES} live certificates already. "
            "Use the newest one; renew when one of them has ended."
        )


def _enrolled(device: Device, now: datetime) -> bool:
    status = status_of(
        revoked_at=device.revoked_at, certificate_not_after=device.certificate_not_after, now=now
    )
    return status is Status.ENROLLED
