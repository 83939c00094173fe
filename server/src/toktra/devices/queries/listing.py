"""Devices and enrolment tokens as screens show them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.rules import Actor, Reach
from toktra.devices.model import Device, EnrollmentToken
from toktra.devices.queries.clauses import of_user, standing, users, within
from toktra.devices.rules import SILENT_AFTER, Status
from toktra.kit.errors import NotFound
from toktra.kit.pages import COUNT_LIMIT, Page, decode_cursor, page_by_id, page_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DeviceFilter:
    """Which devices a list shows; None shows all."""

    status: Status | None = None
    user_id: UUID | None = None
    hostname_part: str | None = None


@dataclass(frozen=True, slots=True)
class OwnedDevice:
    """A device and the e-mail of its user."""

    device: Device
    user_email: str


@dataclass(frozen=True, slots=True)
class Counted:
    """Devices with an active certificate, and those of them that were heard from lately."""

    enrolled: int
    reporting: int


async def list_devices(
    session: AsyncSession,
    shape: Callable[[OwnedDevice], T],
    *,
    org_id: UUID,
    reach: Reach,
    wanted: DeviceFilter,
    now: datetime,
    cursor: str | None,
    limit: int,
) -> Page[T]:
    """A page of the devices within reach, newest first."""
    statement = _owned(org_id, reach).where(*_filters(wanted, now))
    capped = statement.with_only_columns(Device.id).limit(COUNT_LIMIT).subquery()
    total = await session.scalar(select(func.count()).select_from(capped))
    if cursor is not None:
        statement = statement.where(Device.id < decode_cursor(cursor, UUID))
    rows = await session.execute(statement.order_by(Device.id.desc()).limit(limit + 1))
    found = [OwnedDevice(device, email) for device, email in rows]
    return page_of(found, shape, limit=limit, position=lambda owned: owned.device.id, total=total or 0)


async def device(session: AsyncSession, *, actor: Actor, device_id: UUID) -> OwnedDevice:
    """One device within the actor's reach; NotFound for any other id."""
    row = (await session.execute(_owned(actor.org_id, actor.reach).where(Device.id == device_id))).first()
    if row is None:
        raise NotFound("There is no such device in your organisation, or it is not yours to see.")
    return OwnedDevice(row[0], row[1])


async def certificate_end(session: AsyncSession, *, actor: Actor) -> datetime:
    """When the calling device's newest certificate ends."""
    ends = await session.scalar(
        select(Device.certificate_not_after).where(
            Device.org_id == actor.org_id, Device.id == actor.device_id
        )
    )
    if ends is None:
        raise NotFound("This device is not there any more. Enrol it again.")
    return ends


async def list_enrollment_tokens(
    session: AsyncSession,
    shape: Callable[[EnrollmentToken], T],
    *,
    org_id: UUID,
    cursor: str | None,
    limit: int,
) -> Page[T]:
    """A page of the organisation's enrolment tokens, newest first."""
    statement = select(EnrollmentToken).where(EnrollmentToken.org_id == org_id)
    return await page_by_id(session, statement, EnrollmentToken.id, shape, cursor=cursor, limit=limit)


async def counted(session: AsyncSession, *, org_id: UUID, reach: Reach, now: datetime) -> Counted:
    """How many devices within reach have an active certificate, and were heard from lately."""
    lately = func.count().filter(Device.last_seen_at > now - SILENT_AFTER)
    enrolled = _owned(org_id, reach).where(standing(Status.ENROLLED, now))
    return Counted(*(await session.execute(enrolled.with_only_columns(func.count(), lately))).one())


def _owned(org_id: UUID, reach: Reach) -> Select[Device, str]:
    owned = select(Device, users.c.email).join(users, of_user)
    return owned.where(Device.org_id == org_id, within(reach))


def _filters(wanted: DeviceFilter, now: datetime) -> list[ColumnElement[bool]]:
    filters = []
    if wanted.status is not None:
        filters.append(standing(wanted.status, now))
    if wanted.user_id is not None:
        filters.append(Device.user_id == wanted.user_id)
    if wanted.hostname_part is not None:
        filters.append(Device.hostname.icontains(wanted.hostname_part, autoescape=True))
    return filters
