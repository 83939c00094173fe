"""The worker's jobs for policies: trying one on history."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from procrastinate import App
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from toktra.kit.clock import utc_now
from toktra.kit.database import raw_connection
from toktra.kit.log import log
from toktra.metering import past
from toktra.policies.model import PolicyTest
from toktra.policies.queries.rulebook import Rulebook, rulebook_of
from toktra.policies.results import result_of
from toktra.policies.rules.judging import Rule
from toktra.policies.rules.policy import Content
from toktra.policies.service import testing
from toktra.policies.trial import Trial, first_of, try_on_risks, try_out
from toktra.risks.service import storing as risk_events

QUEUES = {testing.QUEUE: 1}
"""One at a time: a test is work for one core."""
_TELL_EVERY = 50_000
_MOST_RISKS = 100_000


def add_jobs(jobs: App, engine: AsyncEngine, sessions: async_sessionmaker[AsyncSession]) -> None:
    """Every job of this slice, and its schedule."""

    @jobs.task(name=testing.TASK, queue=testing.QUEUE)
    async def test(org_id: str, test_id: str) -> None:
        """Try a policy on history; what fails is said in the test's own row."""
        where = (UUID(org_id), UUID(test_id))
        try:
            await _test(engine, sessions, where)
        except Exception as failed:
            log.error("policy_test_failed", test_id=test_id, exc_info=failed)
            await _note(sessions, where, status="failed")

    @jobs.periodic(cron="23 * * * *")
    @jobs.task(name="policies.housekeeping", queueing_lock="policies.housekeeping")
    async def keep_house(timestamp: int) -> None:
        """Forget old tests."""
        async with sessions.begin() as session:
            await testing.forget(session, now=utc_now())


async def _test(
    engine: AsyncEngine, sessions: async_sessionmaker[AsyncSession], where: tuple[UUID, UUID]
) -> None:
    now = utc_now()
    async with sessions.begin() as session:
        test = await session.scalar(
            select(PolicyTest).where(PolicyTest.org_id == where[0], PolicyTest.id == where[1])
        )
        if test is None:
            return
        days = test.days
        rule = Rule(where[1], 1, "", msgspec.convert(test.content, Content))
        book = await rulebook_of(session, org_id=where[0], rules=[rule])
    if book.risks:
        await _test_on_risks(sessions, where, book, days, now)
        return
    async with raw_connection(engine) as connection, connection.transaction():
        await connection.execute("SET LOCAL statement_timeout = '10min'")
        first = first_of(book, days, now)
        events = await past.how_many(connection, org_id=where[0], first=first, before=now)
        await _note(sessions, where, status="running", events_all=events)
        told = 0

        async def progress(done: int) -> None:
            nonlocal told
            if done - told >= _TELL_EVERY:
                told = done
                await _note(sessions, where, events_done=done)

        trial = await try_out(connection, book=book, days=days, now=now, progress=progress)
    await _end(sessions, where, book, trial, days, now)


async def _test_on_risks(
    sessions: async_sessionmaker[AsyncSession],
    where: tuple[UUID, UUID],
    book: Rulebook,
    days: int,
    now: datetime,
) -> None:
    async with sessions.begin() as session:
        risks = await risk_events.seen_between(
            session, org_id=where[0], first=first_of(book, days, now), before=now, limit=_MOST_RISKS
        )
    await _end(sessions, where, book, try_on_risks(book, risks), days, now)


async def _end(
    sessions: async_sessionmaker[AsyncSession],
    where: tuple[UUID, UUID],
    book: Rulebook,
    trial: Trial,
    days: int,
    now: datetime,
) -> None:
    async with sessions.begin() as session:
        result = await result_of(session, book=book, trial=trial, days=days, now=now)
    await _note(
        sessions,
        where,
        status="done",
        events_done=trial.events,
        events_all=trial.events,
        result=msgspec.to_builtins(result),
    )


async def _note(sessions: async_sessionmaker[AsyncSession], where: tuple[UUID, UUID], **changes: Any) -> None:
    async with sessions.begin() as session:
        await session.execute(
            update(PolicyTest)
            .where(PolicyTest.org_id == where[0], PolicyTest.id == where[1])
            .values(**changes)
        )
