"""Lists of devices: the filters say what the rules say, and nobody sees past their reach."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from toktra.access.rules import EVERYONE, Reach
from toktra.devices import queries, service
from toktra.devices.model import Device
from toktra.devices.queries import DeviceFilter
from toktra.devices.rules import SILENT_AFTER, Status, status_of
from toktra.kit.errors import Invalid, NotFound
from toktra.kit.secrets import digest
from toktra_wire.ids import new_id

SECOND = timedelta(seconds=1)


async def add(fleet: Any, user: Any = None, **columns: Any) -> Device:
    device = Device(
        org_id=fleet.organization.id,
        id=new_id(),
        user_id=(user or fleet.organization.member).id,
        created_at=fleet.now,
        **{
            "hostname": "laptop",
            "platform": "linux",
            "agent_version": "1",
            "certificate_not_after": fleet.now + SECOND,
            **columns,
        },
    )
    fleet.session.add(device)
    await fleet.session.flush()
    return device


async def listed(fleet: Any, *, reach: Reach = EVERYONE, limit: int = 100, **wanted: Any) -> list[Any]:
    page = await queries.list_devices(
        fleet.session,
        lambda owned: owned.device.id,
        org_id=fleet.organization.id,
        reach=reach,
        wanted=DeviceFilter(**wanted),
        now=fleet.now,
        cursor=None,
        limit=limit,
    )
    assert page.total_count == len(page.items)
    return page.items


async def test_the_status_filter_says_what_the_rule_says(fleet: Any) -> None:
    ends = [None, fleet.now - SECOND, fleet.now, fleet.now + SECOND]
    devices = [
        await add(fleet, certificate_not_after=end, revoked_at=revoked)
        for end, revoked in product(ends, [None, fleet.now - SECOND])
    ]
    for status in Status:
        said = [
            device.id
            for device in reversed(devices)
            if status
            is status_of(
                revoked_at=device.revoked_at,
                certificate_not_after=device.certificate_not_after,
                now=fleet.now,
            )
        ]
        assert said
        assert await listed(fleet, status=status) == said
    counted = await queries.counted(
        fleet.session, org_id=fleet.organization.id, reach=EVERYONE, now=fleet.now
    )
    assert counted.enrolled == len(await listed(fleet, status=Status.ENROLLED)) == 1


async def test_only_enrolled_devices_that_are_not_silent_count_as_reporting(fleet: Any) -> None:
    lately = fleet.now - SILENT_AFTER + SECOND
    await add(fleet, last_seen_at=lately)
    await add(fleet, last_seen_at=fleet.now - SILENT_AFTER)
    await add(fleet)
    await add(fleet, last_seen_at=lately, revoked_at=fleet.now)
    await add(fleet, last_seen_at=lately, certificate_not_after=fleet.now)
    counted = {
        reach: await queries.counted(fleet.session, org_id=fleet.organization.id, reach=reach, now=fleet.now)
        for reach in (EVERYONE, Reach(user_id=fleet.organization.owner.id))
    }
    assert [one.reporting for one in counted.values()] == [1, 0]
    assert [one.enrolled for one in counted.values()] == [3, 0]


async def test_filters_of_user_and_hostname(fleet: Any) -> None:
    mine = await add(fleet, hostname="Anna_100%-Mac")
    other = await add(fleet, fleet.organization.manager, hostname="berlin-7")
    assert await listed(fleet) == [other.id, mine.id]
    assert await listed(fleet, user_id=fleet.organization.member.id) == [mine.id]
    assert await listed(fleet, user_id=new_id()) == []
    assert await listed(fleet, hostname_part="anna") == [mine.id]
    assert await listed(fleet, hostname_part="100%-") == [mine.id]
    assert await listed(fleet, hostname_part="A_1") == [mine.id]
    assert await listed(fleet, hostname_part="%") == [mine.id]
    assert await listed(fleet, hostname_part="n_7") == []
    assert await listed(fleet, hostname_part="\\") == []


async def test_reach_says_whose_devices_are_seen(fleet: Any) -> None:
    organization = fleet.organization
    members = await add(fleet)
    admins = await add(fleet, organization.admin)
    seen = {
        Reach(user_id=organization.member.id): [members.id],
        Reach(user_id=organization.owner.id): [],
        Reach(department_ids=frozenset({organization.member.department_id})): [members.id],
        Reach(department_ids=frozenset({organization.root_id})): [admins.id],
        Reach(department_ids=frozenset()): [],
        EVERYONE: [admins.id, members.id],
    }
    for reach, expected in seen.items():
        assert await listed(fleet, reach=reach) == expected
        counted = await queries.counted(fleet.session, org_id=organization.id, reach=reach, now=fleet.now)
        assert counted.enrolled == len(expected)
        actor = replace(fleet.admin, reach=reach)
        for device in (members, admins):
            if device.id in expected:
                assert (
                    await queries.device(fleet.session, actor=actor, device_id=device.id)
                ).device is device
            else:
                with pytest.raises(NotFound):
                    await queries.device(fleet.session, actor=actor, device_id=device.id)


async def test_other_organisations_have_other_devices(fleet: Any, other_organization: Any) -> None:
    device = await add(fleet)
    other = replace(fleet, organization=other_organization)
    assert await listed(other) == []
    counted = await queries.counted(
        fleet.session, org_id=other_organization.id, reach=EVERYONE, now=fleet.now
    )
    assert counted.enrolled == counted.reporting == 0
    with pytest.raises(NotFound):
        await queries.device(fleet.session, actor=other.admin, device_id=device.id)


async def test_walking_the_pages_shows_every_device_once(fleet: Any) -> None:
    devices = [(await add(fleet)).id for _ in range(7)]
    seen, cursor = [], None
    while True:
        page = await queries.list_devices(
            fleet.session,
            lambda owned: owned.device.id,
            org_id=fleet.organization.id,
            reach=EVERYONE,
            wanted=DeviceFilter(),
            now=fleet.now,
            cursor=cursor,
            limit=3,
        )
        assert page.total_count == 7
        assert page.has_more == (page.next_cursor is not None)
        seen += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == devices[::-1]


@contextmanager
def counted_queries(engine: AsyncEngine) -> Iterator[list[str]]:
    sent: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine.sync_engine, "before_cursor_execute", note)


async def test_a_list_takes_two_queries_however_long_it_is(fleet: Any, engine: AsyncEngine) -> None:
    for _ in range(20):
        await add(fleet)
    with counted_queries(engine) as sent:
        await listed(fleet)
    assert len(sent) == 2


async def test_a_device_token_is_resolved_in_one_query(fleet: Any, engine: AsyncEngine) -> None:
    laptop = await fleet.enroll()
    token = (await fleet.grant(laptop.proof(fleet.now))).token
    with counted_queries(engine) as sent:
        await service.resolve_token(fleet.session, digest(token), fleet.now)
    assert len(sent) == 1


async def test_a_cursor_of_another_list_is_refused(fleet: Any) -> None:
    with pytest.raises(Invalid):
        await queries.list_devices(
            fleet.session,
            lambda owned: owned.device.id,
            org_id=fleet.organization.id,
            reach=EVERYONE,
            wanted=DeviceFilter(),
            now=fleet.now,
            cursor="bm90IGEgY3Vyc29y",
            limit=3,
        )
