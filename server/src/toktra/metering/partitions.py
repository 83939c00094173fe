"""Daily partitions of raw events: made ahead, and dropped whole when their time is over."""

from datetime import datetime, timedelta
from typing import Any

import psycopg

from toktra.metering.rules import OLDEST

AHEAD = timedelta(days=14)


async def make(connection: psycopg.AsyncConnection[Any], *, now: datetime, back: timedelta = OLDEST) -> None:
    """Make the partitions that events can fall into from `back` ago to two weeks ahead."""
    first, last = (now - back).date() - timedelta(days=1), (now + AHEAD).date()
    async with connection.transaction():
        await connection.execute("SELECT make_event_partitions(%s, %s)", [first, last])


async def drop(connection: psycopg.AsyncConnection[Any], *, now: datetime, keep_days: int) -> None:
    """Drop the partitions of days more than `keep_days` ago; roll-ups stay."""
    async with connection.transaction():
        await connection.execute(
            "SELECT drop_event_partitions(%s)", [(now - timedelta(days=keep_days)).date()]
        )
