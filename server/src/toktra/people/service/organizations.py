"""Organisations: made with their root department, and changed as long as nothing depends on it."""

from datetime import datetime
from functools import cache
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from msgspec import UNSET, UnsetType
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.kit.errors import Conflict, Invalid
from toktra.kit.zones import filed_at
from toktra.people import queries
from toktra.people.model import Department, Organization
from toktra.people.rules import CURRENCIES, REGIONS, separated, tidy, wrong_name
from toktra.people.service.locking import lock_organization
from toktra_wire.ids import new_id

_zones = cache(available_timezones)
_KNOWN = "SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = :zone)"
_DAYS = """
    SELECT day::date AS day, day::date::timestamp AT TIME ZONE :zone AS begins_at
    FROM generate_series(current_date - 730, current_date + 730, interval '1 day') day
"""


async def create_organization(
    session: AsyncSession, *, name: str, time_zone: str, currency: str, region: str, now: datetime
) -> Organization:
    """A new organisation with its root department, which is named like it."""
    _check(name=name, currency=currency, region=region)
    await _check_zone(session, time_zone)
    organization = Organization(
        id=new_id(), name=tidy(name), time_zone=time_zone, currency=currency, region=region, created_at=now
    )
    session.add(organization)
    await session.flush()
    session.add(
        Department(org_id=organization.id, id=new_id(), parent_id=None, name=separated(name), created_at=now)
    )
    await session.flush()
    return organization


async def change_organization(
    session: AsyncSession,
    *,
    org_id: UUID,
    name: str | UnsetType = UNSET,
    time_zone: str | UnsetType = UNSET,
    currency: str | UnsetType = UNSET,
    region: str | UnsetType = UNSET,
) -> Organization:
    """Change what is given. A root department that is named like the organisation follows its name."""
    organization = await lock_organization(session, org_id)
    _check(name=name, currency=currency, region=region)
    if name is not UNSET:
        await _rename(session, organization, tidy(name))
    if region is not UNSET:
        organization.region = region
    if time_zone is not UNSET and time_zone != organization.time_zone:
        await _move_to(session, organization, time_zone)
    await session.flush()
    return organization


async def _rename(session: AsyncSession, organization: Organization, name: str) -> None:
    root = await queries.root_department(session, org_id=organization.id)
    if root.name == separated(organization.name):
        root.name = separated(name)
    organization.name = name


async def _move_to(session: AsyncSession, organization: Organization, time_zone: str) -> None:
    await _check_zone(session, time_zone)
    if await queries.has_usage(session, org_id=organization.id):
        raise Conflict(
            "There is usage already, counted by the days of the present time zone: it stays as it is.",
            time_zone=organization.time_zone,
        )
    if await queries.has_budget(session, org_id=organization.id):
        raise Conflict(
            "There are budgets already, with periods of the present time zone: it stays as it is.",
            time_zone=organization.time_zone,
        )
    organization.time_zone = time_zone


def _check(*, name: str | UnsetType, currency: str | UnsetType, region: str | UnsetType) -> None:
    if name is not UNSET and (reason := wrong_name(name)):
        raise Invalid(reason, field="name")
    if currency is not UNSET and currency not in CURRENCIES:
        raise Invalid("Prices are published in USD, so USD is the only currency for now.", field="currency")
    if region is not UNSET and region not in REGIONS:
        raise Invalid(f"The region can be {', '.join(REGIONS)}.", field="region")


async def _check_zone(session: AsyncSession, time_zone: str) -> None:
    """A zone that both Python and PostgreSQL know, and whose days both begin at the same instants.

    They differ for CET, EET, MET and WET, which PostgreSQL reads as fixed offsets.
    """
    if time_zone not in _zones() or not await session.scalar(text(_KNOWN), {"zone": time_zone}):
        raise Invalid(
            "This is not a time zone. Give an IANA name such as Europe/Berlin or UTC.", field="time_zone"
        )
    zone = ZoneInfo(time_zone)
    days = await session.execute(text(_DAYS), {"zone": time_zone})
    if any(filed_at(row.day, zone) != row.begins_at for row in days):
        raise Invalid(
            "The server and its database disagree on when days begin in this time zone. Give the name of a "
            "place with the same time, such as Europe/Berlin in place of CET.",
            field="time_zone",
        )
