"""The rate limit: one count per credential and minute, in the database, so that it holds across servers."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from toktra.access.model import RateCount

# Built once: each request counts, and building it takes longer than sending it.
_COUNT = (
    insert(RateCount)
    .values(credential_id=bindparam("credential_id"), minute=bindparam("minute"), requests=1)
    .on_conflict_do_update(
        index_elements=[RateCount.credential_id, RateCount.minute],
        set_={"requests": RateCount.requests + 1},
    )
    .returning(RateCount.requests)
)


async def count_request(engine: AsyncEngine, credential_id: UUID, now: datetime) -> int:
    """Count one more request of this minute, and answer how many there are.

    `engine` commits each statement: the count stands whatever becomes of the request.
    """
    minute = now.replace(second=0, microsecond=0)
    async with engine.connect() as connection:
        counted = await connection.execute(_COUNT, {"credential_id": credential_id, "minute": minute})
        return counted.scalar_one()


def seconds_left(now: datetime) -> int:
    """Seconds until the minute ends and the count begins anew."""
    return 60 - now.second


async def forget_counts(session: AsyncSession, *, now: datetime) -> None:
    """Drop the counts of minutes long over."""
    await session.execute(delete(RateCount).where(RateCount.minute < now - timedelta(minutes=5)))
