"""Enrolment tokens: what lets a device in.

N1: a token lets in at most `max_uses` devices, however many ask at once; a refused enrolment uses nothing up.
N2: a code stands for its token until it ends, and lets in one device.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, false, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.rules import Actor
from toktra.devices.model import Device, EnrollmentToken
from toktra.devices.rules import ENROLLMENT_LIFETIME, LONGEST_ENROLLMENT, read_code
from toktra.kit.errors import Invalid, NotFound, Unauthorized
from toktra.kit.secrets import digest, new_secret
from toktra.people import queries as people
from toktra_wire.ids import new_id


async def create_enrollment_token(
    session: AsyncSession,
    *,
    actor: Actor,
    max_uses: int,
    expires_at: datetime | None,
    user_email: str | None,
    now: datetime,
) -> tuple[EnrollmentToken, str]:
    """A new token and its secret, shown this once. For one user: with a pending device reserved for them."""
    expires_at = expires_at or now + ENROLLMENT_LIFETIME
    if not now < expires_at <= now + LONGEST_ENROLLMENT:
        raise Invalid("A token must end in the future, within 365 days.", field="expires_at")
    if user_email is not None and max_uses != 1:
        raise Invalid("A token for one user lets in one device. Leave max_uses out.", field="max_uses")
    secret = new_secret("tk_enr")
    token = EnrollmentToken(
        org_id=actor.org_id,
        id=new_id(),
        secret_hash=digest(secret),
        device_id=None if user_email is None else await _reserve_device(session, actor, user_email, now),
        max_uses=max_uses,
        uses=0,
        expires_at=expires_at,
        created_at=now,
    )
    session.add(token)
    await session.flush()
    return token, secret


async def _reserve_device(session: AsyncSession, actor: Actor, user_email: str, now: datetime) -> UUID:
    user_id = await active_user(session, org_id=actor.org_id, email=user_email)
    device = Device(
        org_id=actor.org_id,
        id=new_id(),
        user_id=user_id,
        hostname="",
        platform="",
        agent_version="",
        created_at=now,
    )
    session.add(device)
    await session.flush()
    return device.id


async def active_user(session: AsyncSession, *, org_id: UUID, email: str) -> UUID:
    """The active user a device is to belong to; Invalid when there is none."""
    user = await people.user_by_email(session, org_id=org_id, email=email)
    if user is None or user.status != "active":
        raise Invalid(
            "No active user of this organisation has this e-mail. Add the user first, or correct the e-mail.",
            field="user_email",
        )
    return user.id


async def use_enrollment_token(session: AsyncSession, *, secret: str, now: datetime) -> EnrollmentToken:
    """Count one use (N1). The row stays locked until the enrolment is committed, or taken back with it.

    `secret` is a token's own, or its code, which then is used up (N2).
    """
    itself = EnrollmentToken.secret_hash == digest(secret)
    counting = (
        update(EnrollmentToken)
        .where(
            or_(itself, _is_code(secret, now)),
            EnrollmentToken.uses < EnrollmentToken.max_uses,
            EnrollmentToken.expires_at > now,
            EnrollmentToken.revoked_at.is_(None),
        )
        .values(
            uses=EnrollmentToken.uses + 1,
            code_hash=case((itself, EnrollmentToken.code_hash)),
            code_expires_at=case((itself, EnrollmentToken.code_expires_at)),
        )
        .returning(EnrollmentToken)
        .execution_options(populate_existing=True)
    )
    token = await session.scalar(counting)
    if token is None:
        raise no_such_token()
    return token


def _is_code(typed: str, now: datetime) -> ColumnElement[bool]:
    code = read_code(typed)
    if code is None:
        return false()
    return and_(EnrollmentToken.code_hash == digest(code), EnrollmentToken.code_expires_at > now)


def no_such_token() -> Unauthorized:
    """One answer for every reason, so that guessing learns nothing."""
    return Unauthorized(
        "This enrolment token or code is unknown, expired, revoked or used up. "
        "Ask an admin of your organisation for a new one."
    )


async def revoke_enrollment_token(
    session: AsyncSession, *, org_id: UUID, token_id: UUID, now: datetime
) -> None:
    """No more devices get in with it; those in stay. The device it reserved, if still pending, is revoked."""
    token = await lock_enrollment_token(session, org_id=org_id, token_id=token_id)
    token.revoked_at = token.revoked_at or now
    await session.execute(
        update(Device)
        .where(Device.org_id == org_id, Device.id == token.device_id)
        .where(Device.certificate_not_after.is_(None), Device.revoked_at.is_(None))
        .values(revoked_at=now)
    )


async def lock_enrollment_token(session: AsyncSession, *, org_id: UUID, token_id: UUID) -> EnrollmentToken:
    """A token that nobody else changes until the transaction ends."""
    token = await session.scalar(
        select(EnrollmentToken)
        .where(EnrollmentToken.org_id == org_id, EnrollmentToken.id == token_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if token is None:
        raise NotFound("There is no such enrolment token in your organisation.")
    return token
