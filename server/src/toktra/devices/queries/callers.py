"""Who is behind a device token: one query, asked for almost every request of a device."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, LargeBinary, Row, Uuid, and_, column, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.rules import DEVICE_SCOPES, Actor, Reach
from toktra.devices.model import Device
from toktra.devices.queries.clauses import of_user, standing, users
from toktra.devices.rules import Status

_access_tokens = table(
    "access_tokens",
    column("token_hash", LargeBinary()),
    column("org_id", Uuid()),
    column("device_id", Uuid()),
    column("expires_at", DateTime(timezone=True)),
)
_of_device = and_(_access_tokens.c.org_id == Device.org_id, _access_tokens.c.device_id == Device.id)


@dataclass(frozen=True, slots=True)
class Caller:
    """The device behind a token, and when it was last heard of."""

    actor: Actor
    device_id: UUID
    last_seen_at: datetime | None


async def caller_behind(session: AsyncSession, token_hash: bytes, now: datetime) -> Caller | None:
    """The device that a live token speaks for, while device, certificate and user are all good."""
    statement = (
        select(Device.org_id, Device.id, Device.user_id, users.c.department_id, Device.last_seen_at)
        .join(_access_tokens, _of_device)
        .join(users, of_user)
        .where(_access_tokens.c.token_hash == token_hash, _access_tokens.c.expires_at > now)
        .where(standing(Status.ENROLLED, now), users.c.status == "active")
    )
    row = (await session.execute(statement)).first()
    return None if row is None else Caller(_actor(row), row.id, row.last_seen_at)


def _actor(row: Row[Any]) -> Actor:
    return Actor(
        org_id=row.org_id,
        kind="device",
        credential_id=row.id,
        scopes=DEVICE_SCOPES,
        reach=Reach(user_id=row.user_id),
        user_id=row.user_id,
        department_id=row.department_id,
        device_id=row.id,
    )
