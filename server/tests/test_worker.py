"""The worker's jobs, run by a real worker on the real queue."""

import asyncio
import os
import signal
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from toktra.access import service as access
from toktra.access.rules import Scope
from toktra.kit.clock import utc_now
from toktra.kit.database import Databases
from toktra.kit.settings import Settings
from toktra.worker import make_jobs, run


async def run_job(settings: Settings, name: str) -> str:
    """Defer a job, let a worker run what waits, and answer what became of it."""
    jobs, engine = make_jobs(settings)
    async with jobs.open_async():
        job_id = await jobs.tasks[name].defer_async(timestamp=0)
        await jobs.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)
        status = (await jobs.job_manager.get_job_status_async(job_id)).value
    await engine.dispose()
    return str(status)


@pytest.fixture
def settings_of_worker(settings: Settings, database: Databases) -> Settings:
    return settings


async def test_what_has_ended_is_forgotten_and_what_has_not_is_kept(
    settings_of_worker: Settings, sessions: async_sessionmaker[AsyncSession], organization: Any
) -> None:
    async with sessions.begin() as session:
        client, _ = await access.create_client(
            session,
            org_id=organization.id,
            created_by=organization.owner.id,
            name="reporting",
            scopes=[Scope.USAGE_READ],
            now=utc_now(),
        )
        for lifetime in (timedelta(seconds=-1), timedelta(hours=1)):
            await access.issue_token(
                session,
                org_id=organization.id,
                scopes=[Scope.USAGE_READ],
                now=utc_now(),
                client_id=client.id,
                lifetime=lifetime,
            )
    assert await run_job(settings_of_worker, "access.housekeeping") == "succeeded"
    async with sessions() as session:
        left = text("SELECT expires_at > now() FROM access_tokens WHERE client_id = :client")
        assert (await session.scalars(left, {"client": client.id})).all() == [True]


async def test_partitions_are_made_ahead_and_dropped_when_their_time_is_over(
    settings_of_worker: Settings, sessions: async_sessionmaker[AsyncSession]
) -> None:
    long_ago = utc_now().date() - timedelta(days=settings_of_worker.retention_days + 3)
    async with sessions.begin() as session:
        make = text("SELECT make_event_partitions(:day, :day)")
        assert await session.scalar(make, {"day": long_ago}) == 1
    assert await run_job(settings_of_worker, "metering.partitions") == "succeeded"
    async with sessions() as session:
        assert not await is_there(session, long_ago)
        assert await is_there(session, utc_now().date() + timedelta(days=13))


async def is_there(session: AsyncSession, day: date) -> bool:
    named = text("SELECT to_regclass(:name) IS NOT NULL")
    return bool(await session.scalar(named, {"name": f"corporate.usage_events_{day:%Y%m%d}"}))


async def test_the_corporate_role_cannot_drop_young_events(
    session: AsyncSession, database: Databases
) -> None:
    with pytest.raises(Exception, match="never dropped"):
        await session.execute(text("SELECT drop_event_partitions(current_date - 5)"))


async def test_what_a_worker_that_died_had_begun_is_begun_again(
    settings_of_worker: Settings, sessions: async_sessionmaker[AsyncSession]
) -> None:
    """J3: a job under way in a worker that nobody hears of. Its task is unknown, so it fails at once."""
    begun = "INSERT INTO procrastinate_jobs (task_name, queue_name, status) VALUES ('t', 'dead', 'doing')"
    async with sessions.begin() as session:
        job_id = await session.scalar(text(f"{begun} RETURNING id"))
    assert await run_job(settings_of_worker, "worker.begin_again") == "succeeded"
    async with sessions.begin() as session:
        after = text("DELETE FROM procrastinate_jobs WHERE id = :id RETURNING status")
        assert await session.scalar(after, {"id": job_id}) == "failed"


async def test_a_worker_told_to_stop_stops_with_all_its_queues(
    settings_of_worker: Settings, sessions: async_sessionmaker[AsyncSession]
) -> None:
    """J2: one for each queue, of which one heeds the signal."""
    before = asyncio.all_tasks()
    working = asyncio.create_task(run(settings_of_worker))
    async with sessions() as session:
        count = text("SELECT count(*) FROM procrastinate_workers")
        while await session.scalar(count) < 4 or signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            assert not working.done()
            await session.rollback()
            await asyncio.sleep(0.01)
    os.kill(os.getpid(), signal.SIGTERM)
    await working
    assert {task.get_coro() for task in asyncio.all_tasks() - before} == set()
