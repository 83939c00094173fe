"""What time does to budgets' records: holds lapse, counts are noted, requests for exemptions expire.

K2: nothing here changes what anyone may spend: that follows from the time itself.
"""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from toktra.budgets.service import expire_exemptions, sweep
from toktra.kit.database import raw_connection

KEPT_FOR = timedelta(hours=24)
KEPT_WITH_EXEMPTION = timedelta(days=400)
_NOTE_WAITING = """
    UPDATE blocked_requests SET noted_at = :now, requests = waiting, waiting = 0
    WHERE waiting > 0 AND noted_at <= :now - interval '1 minute'
"""
_FORGET_BLOCKED = "DELETE FROM blocked_requests WHERE waiting = 0 AND noted_at <= :now - interval '1 day'"
# What an exemption covered is worked out from the hold again when counters are recounted: its figures stay.
_BLANK_CHECKS = """
    UPDATE preflights SET key = id::text, device_id = NULL, provider = '', model = '', answer = ''
    WHERE ended_at <= :soon AND answer <> ''
"""
_FORGET_CHECKS = """
    DELETE FROM preflights
    WHERE ended_at <= :soon AND (exemption_ids = '{}' OR ended_at <= :late)
"""


async def keep_house(engine: AsyncEngine, session: AsyncSession, *, now: datetime) -> None:
    """Sweep lapsed holds, note blocked requests that still wait to be, expire requests, forget old checks."""
    async with raw_connection(engine) as connection:
        while await sweep(connection, now=now):
            pass
    await session.execute(text(_NOTE_WAITING), {"now": now})
    await session.execute(text(_FORGET_BLOCKED), {"now": now})
    await expire_exemptions(session, now=now)
    old = {"soon": now - KEPT_FOR, "late": now - KEPT_WITH_EXEMPTION}
    await session.execute(text(_FORGET_CHECKS), old)
    await session.execute(text(_BLANK_CHECKS), {"soon": old["soon"]})
