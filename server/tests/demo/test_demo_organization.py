"""The demo organisation on real PostgreSQL: made whole, made once (O1, O2, G1, G2, H1)."""

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import msgspec
import pytest
from rich.console import Console
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from toktra.demo import fill, organization, prepare, record
from toktra.demo.limits import BUDGETS
from toktra.demo.record import BrokenRecord, Record
from toktra.kit.clock import utc_now
from toktra.kit.settings import Settings
from toktra.people import service

Sessions = async_sessionmaker[AsyncSession]
PEOPLE, DAYS = 20, 4
NAMED = "SELECT count(*) FROM organizations WHERE name = 'Aurora Instruments'"
MOVE_OUT = """
    WITH over AS (UPDATE organizations SET name = 'over' WHERE name = 'Aurora Instruments' RETURNING id)
    UPDATE users SET email = users.id || email FROM over WHERE org_id = over.id
"""


class Start:
    """`toktra demo` up to the point where it would start the server."""

    def __init__(self, engine: AsyncEngine, settings: Settings) -> None:
        self.engine, self.settings = engine, settings
        self.said = io.StringIO()

    async def __call__(self, people: int = PEOPLE, days: int = DAYS) -> Record:
        self.said = io.StringIO()
        console = Console(file=self.said, width=200)
        return await prepare.prepare(self.engine, self.settings, console, people=people, days=days)


@pytest.fixture
async def start(
    engine: AsyncEngine, sessions: Sessions, settings: Settings, tmp_path: Path
) -> AsyncIterator[Start]:
    """A data folder of its own. Afterwards the people get other addresses: no other test meets them."""
    yield Start(engine, replace(settings, data_dir=tmp_path))
    async with sessions.begin() as session:
        await session.execute(text(MOVE_OUT))


async def counted(sessions: Sessions, made: Record, query: str) -> Any:
    async with sessions() as session:
        return (await session.execute(text(query), {"org_id": made.org_id})).one()


EVENTS = "SELECT count(*), sum(input_tokens), sum(output_tokens) FROM usage_events WHERE org_id = :org_id"
ROLLED = EVENTS.replace("count(*)", "sum(requests)").replace("usage_events", "usage_hourly")
PLACES = """
    SELECT (SELECT count(*) FROM users WHERE org_id = :org_id) AS users,
           (SELECT count(*) FROM devices WHERE org_id = :org_id) AS devices,
           (SELECT count(certificate_not_after) FROM devices WHERE org_id = :org_id) AS enrolled,
           (SELECT count(*) FROM usage_events e JOIN devices d
                ON (d.org_id, d.id, d.user_id) = (e.org_id, e.device_id, e.user_id)
            WHERE e.org_id = :org_id) AS on_own_device
"""


async def test_everything_is_there_and_people_can_sign_in(
    start: Start, sessions: Sessions, client: httpx2.AsyncClient
) -> None:
    made = await start()
    events = await counted(sessions, made, EVENTS)
    assert events == await counted(sessions, made, ROLLED)
    assert events[0] > 100
    assert tuple(await counted(sessions, made, PLACES)) == (PEOPLE, PEOPLE, PEOPLE, events[0])
    for one in made.sign_ins:
        answer = await client.post("/v1/session", json={"email": one.email, "password": made.password})
        assert (answer.status_code, answer.json()["role"]) == (201, one.role)
    shown = await client.get("/v1/usage/overview", headers={"Authorization": f"Bearer {made.api_key}"})
    assert shown.json()["enrolled_devices"] == PEOPLE
    assert shown.json()["total_tokens"] == events[1] + events[2]


async def test_what_is_there_is_what_was_drawn(start: Start, sessions: Sessions) -> None:
    made = await start()
    starts_at = made.made_at - timedelta(days=DAYS)
    drawn = [
        draw
        for habits in fill.history_of(made).values()
        for draw in fill.between(habits, starts_at, made.made_at)
    ]
    sums = (len(drawn), sum(d.input_tokens for d in drawn), sum(d.output_tokens for d in drawn))
    assert tuple(await counted(sessions, made, EVENTS)) == sums


async def test_g2_a_second_start_keeps_everything_and_says_so(start: Start, sessions: Sessions) -> None:
    made = await start()
    before = await counted(sessions, made, EVENTS)
    assert await start(people=30, days=9) == made
    assert await counted(sessions, made, EVENTS) == before
    assert "Its data is kept" in start.said.getvalue()
    assert "20 people and 4 days, and stays so" in start.said.getvalue()


async def test_g1_an_interrupted_history_is_completed(start: Start, sessions: Sessions) -> None:
    whole = await start()
    complete = await counted(sessions, whole, EVENTS)
    middle = whole.made_at - timedelta(days=2)
    record.save(start.settings.data_dir, msgspec.structs.replace(whole, filled_until=None))
    async with sessions.begin() as session:
        await session.execute(
            text("DELETE FROM usage_events WHERE org_id = :org_id AND occurred_at > :middle"),
            {"org_id": whole.org_id, "middle": middle},
        )
        assert (await session.execute(text(EVENTS), {"org_id": whole.org_id})).one()[0] < complete[0]
    assert await start() == whole
    assert await counted(sessions, whole, EVENTS) == complete


async def test_o1_an_interrupted_making_leaves_nothing(
    start: Start, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted(Exception):
        pass

    def interrupt(*_: object) -> None:
        raise Interrupted

    monkeypatch.setattr(record, "save", interrupt)
    with pytest.raises(Interrupted):
        await start()
    async with sessions() as session:
        left = await session.scalar(text(NAMED))
    assert left == 0
    assert record.load(start.settings.data_dir) is None


async def test_a_record_of_an_organisation_that_is_not_there_is_replaced(
    start: Start, sessions: Sessions
) -> None:
    made = await start()
    async with sessions.begin() as session:
        await session.execute(text(MOVE_OUT))
    record.save(start.settings.data_dir, msgspec.structs.replace(made, org_id=UUID(int=1)))
    again = await start()
    assert again.org_id not in (made.org_id, UUID(int=1))
    assert record.load(start.settings.data_dir) == again


async def test_o2_with_its_record_lost_it_is_found_again(
    start: Start, sessions: Sessions, client: httpx2.AsyncClient
) -> None:
    made = await start()
    before = await counted(sessions, made, EVENTS)
    (start.settings.data_dir / "demo.json").unlink()
    again = await start()
    assert (again.org_id, again.made_at) == (made.org_id, made.made_at)
    assert await counted(sessions, made, EVENTS) == before
    signed_in = [
        (await client.post("/v1/session", json={"email": "owner@example.com", "password": word})).status_code
        for word in (again.password, made.password)
    ]
    assert signed_in == [201, 401]


async def test_days_it_was_off_are_caught_up_once(start: Start, sessions: Sessions) -> None:
    made = await start()
    before = await counted(sessions, made, EVENTS)
    earlier = made.made_at - timedelta(days=3)
    record.save(start.settings.data_dir, msgspec.structs.replace(made, filled_until=earlier))
    caught_up = await start()
    assert caught_up.filled_until is not None
    assert made.made_at <= caught_up.filled_until <= utc_now()
    assert "Usage since" in start.said.getvalue()
    after = await counted(sessions, made, EVENTS)
    assert before[0] <= after[0] < before[0] + 60


async def test_u1_budgets_and_requests_are_made_once(
    start: Start, sessions: Sessions, client: httpx2.AsyncClient
) -> None:
    made = await start()
    client.headers["Authorization"] = f"Bearer {made.api_key}"
    budgets = (await client.get("/v1/budgets?limit=100")).json()["items"]
    assert len(budgets) == len(BUDGETS)
    assert all(one["used_percent"] < 70 for one in budgets if one["hard_cap"])
    (rolling,) = [one for one in budgets if one["rollover_cap_percent"]]
    carried = (await client.get(f"/v1/budgets/{rolling['id']}/rollovers")).json()["items"]
    assert [one["rolled_over"] for one in carried] == [rolling["rolled_over"]]
    asked = (await client.get("/v1/budget-exemptions")).json()["items"]
    assert sorted(one["status"] for one in asked) == ["approved", "denied", "pending"]
    for one in budgets:
        assert (await client.delete(f"/v1/budgets/{one['id']}")).status_code == 204
    await start()
    assert (await client.get("/v1/budgets")).json()["items"] == []


async def test_h1_filling_again_adds_nothing(start: Start, engine: AsyncEngine) -> None:
    made = await start()
    starts_at = made.made_at - timedelta(days=DAYS)
    assert await fill.fill(engine, made, starts_at=starts_at, ends_at=made.made_at) == 0


async def test_another_organisation_with_the_same_addresses_is_not_taken_for_it(
    session: AsyncSession,
) -> None:
    now = utc_now()
    other = await service.create_organization(
        session, name="Not the demo", time_zone="UTC", currency="USD", region="eu", now=now
    )
    await service.create_user(
        session, org_id=other.id, email="owner@example.com", name="Owner", department=None, now=now
    )
    found = await organization.find_again(session, people=PEOPLE, days=DAYS, secret_key="k" * 40, now=now)
    assert found is None


def test_files_are_their_owners_alone_and_a_broken_one_says_what_to_do(tmp_path: Path) -> None:
    key = record.secret_key(tmp_path)
    assert record.secret_key(tmp_path) == key
    assert len(key) >= 32
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    (tmp_path / "demo.json").write_text("{")
    with pytest.raises(BrokenRecord, match="Delete it"):
        record.load(tmp_path)
