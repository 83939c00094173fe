"""Jobs and schedules, run by `toktra worker`. One of three composition roots.

J1: a job is a row in the same transaction as its cause, so it is run exactly when that was committed.
J2: telling people and programs has queues of its own, so that slow receivers hold up nothing else.
J3: what a worker that died had begun is begun again.
"""

import asyncio
from datetime import timedelta

from procrastinate import App, JobContext, PsycopgConnector, RetryStrategy
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from toktra.access.housekeeping import forget_what_ended
from toktra.budgets.housekeeping import keep_house
from toktra.kit.clock import utc_now
from toktra.kit.database import (
    connection_options,
    conninfo,
    locate,
    make_engine,
    make_sessions,
    raw_connection,
)
from toktra.kit.log import log
from toktra.kit.settings import Settings, SettingsError
from toktra.kit.work import forget_answers
from toktra.metering import partitions
from toktra.notify import jobs as notify
from toktra.perks import jobs as perks
from toktra.policies import jobs as policies
from toktra.risks.service.storing import forget as forget_risks

_HOUSE = "default"
_AT_ONCE = {_HOUSE: 4, **notify.QUEUES, **policies.QUEUES}


def make_jobs(settings: Settings) -> tuple[App, AsyncEngine]:
    """The job queue with every schedule, and the engine its jobs use."""
    databases = locate(settings)
    engine = make_engine(databases.corporate, pool_size=settings.database_pool_size)
    connector = PsycopgConnector(
        conninfo=conninfo(databases.corporate),
        kwargs={"options": connection_options()},
        min_size=1,
        max_size=10,
    )
    jobs = App(connector=connector)
    _schedule(jobs, engine, settings)
    notify.add_jobs(jobs, engine, make_sessions(engine), settings)
    policies.add_jobs(jobs, engine, make_sessions(engine))
    perks.add_jobs(jobs, make_sessions(engine), settings)
    return jobs, engine


def _schedule(jobs: App, engine: AsyncEngine, settings: Settings) -> None:
    sessions = make_sessions(engine)
    again = RetryStrategy(max_attempts=5, exponential_wait=5)

    @jobs.periodic(cron="7 * * * *")
    @jobs.task(name="metering.partitions", queueing_lock="metering.partitions", retry=again)
    async def keep_partitions(timestamp: int) -> None:
        """Make the coming days' partitions, and drop those past the retention."""
        async with raw_connection(engine) as connection:
            await partitions.make(connection, now=utc_now())
            await partitions.drop(connection, now=utc_now(), keep_days=settings.retention_days)

    @jobs.periodic(cron="*/15 * * * *")
    @jobs.task(name="access.housekeeping", queueing_lock="access.housekeeping", retry=again)
    async def forget(timestamp: int) -> None:
        """Drop sessions, tokens, proofs, counts and remembered answers whose time is over."""
        async with sessions.begin() as session:
            await forget_what_ended(session, now=utc_now())
            await forget_answers(session, now=utc_now())
            oldest = utc_now() - timedelta(days=settings.retention_days)
            await forget_risks(
                session, events_before=oldest, deliveries_before=utc_now() - timedelta(days=30)
            )

    @jobs.periodic(cron="* * * * *")
    @jobs.task(name="budgets.housekeeping", queueing_lock="budgets.housekeeping", retry=again)
    async def keep_budgets(timestamp: int) -> None:
        """Sweep lapsed holds, expire requests for exemptions, forget old checks."""
        async with sessions.begin() as session:
            await keep_house(engine, session, now=utc_now())

    @jobs.periodic(cron="* * * * *")
    @jobs.task(name="worker.begin_again", queueing_lock="worker.begin_again", pass_context=True)
    async def begin_again(context: JobContext, timestamp: int) -> None:
        """Queue anew what workers that are not heard of any more had begun (J3)."""
        for job in await context.app.job_manager.get_stalled_jobs():
            await context.app.job_manager.retry_job(job)


async def _check_migrated(engine: AsyncEngine) -> None:
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1 FROM alembic_version"))
    except SQLAlchemyError as missing:
        raise SettingsError(
            "The database does not answer, or has not been migrated: run `toktra migrate`."
        ) from missing


async def run(settings: Settings) -> None:
    """Run jobs until told to stop; jobs under way are finished first."""
    jobs, engine = make_jobs(settings)
    try:
        await _check_migrated(engine)
        async with jobs.open_async():
            log.info("worker_ready")
            await _work(jobs)
    finally:
        await engine.dispose()


async def _work(jobs: App) -> None:
    """A worker for each queue in this process (J2); they end together."""
    working = {
        asyncio.create_task(_worker(jobs, queue, at_once, heeds_signals=queue == _HOUSE))
        for queue, at_once in _AT_ONCE.items()
    }
    try:
        await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in working:
            one.cancel()
        await asyncio.wait(working)
    for one in working:
        if not one.cancelled():
            one.result()


async def _worker(jobs: App, queue: str, at_once: int, *, heeds_signals: bool) -> None:
    await jobs.run_worker_async(
        queues=[queue],
        concurrency=at_once,
        delete_jobs="successful",
        shutdown_graceful_timeout=40,
        install_signal_handlers=heeds_signals,
    )
