"""From a device's key to a short-lived token (RFC 7523), and from that token back to the device.

T1: only the device's own key, in time, once, and while device, certificate and user are good.
T2: only who holds the key learns why it was refused.
"""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Select, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access import service as access
from toktra.access.rules import DEVICE_SCOPES, Actor
from toktra.access.service import InvalidGrant, IssuedToken
from toktra.devices.model import Device, DeviceCertificate
from toktra.devices.proofs import Claims, named_device, signed_claims
from toktra.devices.queries import caller_behind
from toktra.devices.rules import CLOCK_LEEWAY, SEEN_EVERY, TOKEN_LIFETIME, in_time, worth_noting
from toktra.people import queries as people

_CERTIFICATES_TRIED = 20


async def proof_grant(session: AsyncSession, *, assertion: str, issuer: str, now: datetime) -> IssuedToken:
    """A device token for a device's proof; InvalidGrant when the proof is not good (T1)."""
    device, certificate, claims = await _signer(session, assertion, issuer)
    _check_certificate(device, certificate, now)
    _check_time(claims, now)
    await _check_user(session, device)
    good_until = datetime.fromtimestamp(claims.exp, UTC) + CLOCK_LEEWAY
    if not await access.use_proof(
        session, device_id=device.id, proof_id=claims.jti, expires_at=good_until, now=now
    ):
        raise InvalidGrant("This proof was used before. Sign a new one, with a new jti, for each request.")
    issued = await access.issue_token(
        session,
        org_id=device.org_id,
        scopes=DEVICE_SCOPES,
        now=now,
        device_id=device.id,
        lifetime=TOKEN_LIFETIME,
    )
    await _note_seen(session, device.org_id, device.id, now, unless_since=now)
    return issued


async def resolve_token(session: AsyncSession, hashed: bytes, now: datetime) -> Actor | None:
    """The device behind a device token, while it may speak."""
    caller = await caller_behind(session, hashed, now)
    if caller is None:
        return None
    if worth_noting(caller.last_seen_at, now):
        await _note_seen(session, caller.actor.org_id, caller.device_id, now, unless_since=now - SEEN_EVERY)
    return caller.actor


async def _signer(
    session: AsyncSession, assertion: str, issuer: str
) -> tuple[Device, DeviceCertificate, Claims]:
    """The device, and the newest certificate whose key has signed the proof, be it good or not (T2)."""
    device_id = named_device(assertion)
    rows = [] if device_id is None else (await session.execute(_keys_of(device_id))).all()
    for device, certificate in rows:
        claims = signed_claims(assertion, certificate.public_key)
        if claims is not None and claims.speak_of(device.id, issuer):
            return device, certificate, claims
    raise InvalidGrant(
        "This proof is not good. It must be a JWT signed (EdDSA or ES256) with the key of an enrolled "
        f"device, with iss and sub naming the device, aud {issuer}, exp and a jti."
    )


def _keys_of(device_id: UUID) -> Select[Device, DeviceCertificate]:
    """By id alone: a proof names no organisation, and a device's id is unique across all of them."""
    return (
        select(Device, DeviceCertificate)
        .join(
            DeviceCertificate,
            (DeviceCertificate.org_id == Device.org_id) & (DeviceCertificate.device_id == Device.id),
        )
        .where(Device.id == device_id)
        .order_by(DeviceCertificate.not_after.desc())
        .limit(_CERTIFICATES_TRIED)
    )


def _check_certificate(device: Device, certificate: DeviceCertificate, now: datetime) -> None:
    if device.revoked_at is not None or certificate.revoked_at is not None:
        raise InvalidGrant(
            "This device was revoked. Ask an admin of your organisation for a new enrolment token."
        )
    if certificate.not_after <= now:
        raise InvalidGrant(
            "The device's certificate has expired. "
            "Ask an admin of your organisation for a new enrolment token."
        )


def _check_time(claims: Claims, now: datetime) -> None:
    if not in_time(now, exp=claims.exp, iat=claims.iat, nbf=claims.nbf):
        raise InvalidGrant(
            f"The proof's times do not fit: here it is {now:%Y-%m-%d %H:%M:%S} UTC, and exp must be ahead of "
            "that by at most 5 minutes. Set the device's clock and sign a new proof."
        )


async def _check_user(session: AsyncSession, device: Device) -> None:
    user = await people.user(session, org_id=device.org_id, user_id=device.user_id)
    if user is None or user.status != "active":
        raise InvalidGrant(
            "The user of this device is not active any more. Ask an admin of your organisation."
        )


async def _note_seen(
    session: AsyncSession, org_id: UUID, device_id: UUID, now: datetime, *, unless_since: datetime
) -> None:
    """Only forwards; and of many requests at once, one writes."""
    await session.execute(
        update(Device)
        .where(Device.org_id == org_id, Device.id == device_id)
        .where(or_(Device.last_seen_at.is_(None), Device.last_seen_at < unless_since))
        .values(last_seen_at=now)
    )
