"""Organisations: made with a root, and changed as long as nothing depends on it."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.kit.errors import Conflict, Invalid, NotFound
from toktra.people import queries, service
from toktra.people.model import Organization
from toktra_wire.ids import new_id

GOOD = {"name": "Acme", "time_zone": "UTC", "currency": "USD", "region": "us"}


async def test_an_organization_has_a_root_department_of_its_name(
    session: AsyncSession, now: datetime
) -> None:
    made = await service.create_organization(session, **(GOOD | {"name": " R/D  Labs "}), now=now)
    root = await queries.root_department(session, org_id=made.id)
    assert (made.name, root.name, root.parent_id) == ("R/D Labs", "R-D Labs", None)
    assert await queries.organization(session, org_id=made.id) is made


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("name", "a\x00"),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "europe/berlin"),
        ("time_zone", "../etc/passwd"),
        ("time_zone", "\x00"),
        ("currency", "EUR"),
        ("region", "mars"),
    ],
)
async def test_what_cannot_be_is_refused(
    session: AsyncSession, now: datetime, field: str, value: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await service.create_organization(session, **(GOOD | {field: value}), now=now)
    assert refused.value.details["field"] == field


async def test_the_root_follows_the_name_until_it_has_its_own(
    session: AsyncSession, acme: Organization
) -> None:
    root = await queries.root_department(session, org_id=acme.id)
    await service.change_organization(session, org_id=acme.id, name="Acme Corp")
    assert root.name == "Acme Corp"
    await service.change_department(session, org_id=acme.id, department_id=root.id, name="Everyone")
    await service.change_organization(session, org_id=acme.id, name="Acme Inc", region="ca")
    assert (root.name, acme.name, acme.region) == ("Everyone", "Acme Inc", "ca")


async def test_the_time_zone_is_kept_once_there_is_usage(
    session: AsyncSession, acme: Organization, add_usage: Any
) -> None:
    await service.change_organization(session, org_id=acme.id, time_zone="Asia/Tokyo")
    assert acme.time_zone == "Asia/Tokyo"
    await add_usage(acme.id, (await queries.root_department(session, org_id=acme.id)).id)
    await service.change_organization(session, org_id=acme.id, time_zone="Asia/Tokyo", name="Same zone")
    with pytest.raises(Conflict):
        await service.change_organization(session, org_id=acme.id, time_zone="UTC")
    assert acme.time_zone == "Asia/Tokyo"


async def test_nobodys_organization_is_not_found(session: AsyncSession) -> None:
    for ask in (queries.organization, queries.root_department, service.change_organization):
        with pytest.raises(NotFound):
            await ask(session, org_id=new_id())


@pytest.mark.parametrize("zone", ["CET", "EET", "MET", "WET"])
async def test_a_zone_that_server_and_database_read_differently_is_refused(
    session: AsyncSession, now: datetime, zone: str
) -> None:
    with pytest.raises(Invalid, match="disagree"):
        await service.create_organization(
            session, name="Acme", time_zone=zone, currency="USD", region="eu", now=now
        )
