"""Holds that end without usage: cancelled by whoever asked, or lapsed.

H1: a hold ends once; ending it again changes nothing.
H2: what it took is given back in the same transaction.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.rules import Actor
from toktra.budgets.model import Preflight
from toktra.kit.database import driver_of
from toktra.kit.errors import NotFound
from toktra.kit.groups import Connection
from toktra.people import queries as people

_MOST_SWEPT = 1_000
_END = """
    WITH ended AS MATERIALIZED (
        UPDATE preflights SET ended_at = %(now)s, outcome = %(outcome)s
        WHERE ended_at IS NULL AND (org_id, id) IN (
            SELECT * FROM unnest(%(org_id)s::uuid[], %(id)s::uuid[]))
        RETURNING *
    ), freed AS (
        SELECT e.org_id, f.budget_id, f.starts_at,
               sum(f.amount)::bigint AS held, sum(f.exempt)::bigint AS exempt
        FROM ended e CROSS JOIN LATERAL unnest(e.budget_ids, e.period_starts, e.amounts, e.exempt_amounts)
            AS f (budget_id, starts_at, amount, exempt)
        GROUP BY 1, 2, 3
    ), locked AS MATERIALIZED (
        SELECT f.* FROM budget_periods p JOIN freed f USING (org_id, budget_id, starts_at)
        ORDER BY p.org_id, p.budget_id, p.starts_at FOR UPDATE OF p
    ), changed AS (
        UPDATE budget_periods p SET held = p.held - l.held, exempt_held = p.exempt_held - l.exempt
        FROM locked l
        WHERE p.org_id = l.org_id AND p.budget_id = l.budget_id AND p.starts_at = l.starts_at
        RETURNING p.org_id
    ), returned AS (
        SELECT e.org_id, d.id, sum(d.tokens)::bigint AS tokens
        FROM ended e CROSS JOIN LATERAL unnest(e.exemption_ids, e.exemption_tokens) AS d (id, tokens)
        GROUP BY 1, 2
    ), locked_exemptions AS MATERIALIZED (
        SELECT r.* FROM budget_exemptions x JOIN returned r USING (org_id, id)
        ORDER BY x.org_id, x.id FOR UPDATE OF x
    ), exempted AS (
        UPDATE budget_exemptions x SET held = x.held - l.tokens
        FROM locked_exemptions l WHERE x.org_id = l.org_id AND x.id = l.id
    )
    SELECT count(*) FROM changed
"""
_LAPSED = """
    SELECT org_id, id FROM preflights WHERE ended_at IS NULL AND expires_at <= %s
    ORDER BY org_id, id LIMIT %s FOR UPDATE SKIP LOCKED
"""


async def sweep(connection: Connection, *, now: datetime) -> bool:
    """End holds that have lapsed, in a transaction of its own; whether there may be more."""
    async with connection.transaction():
        lapsed = await (await connection.execute(_LAPSED, [now, _MOST_SWEPT])).fetchall()
        await _end(connection, lapsed, outcome="lapsed", now=now)
    return len(lapsed) == _MOST_SWEPT


async def cancel(session: AsyncSession, *, actor: Actor, hold_id: UUID, now: datetime) -> None:
    """Give back the room of a request that is not made after all (H1)."""
    found = await session.scalar(
        select(Preflight).where(
            Preflight.org_id == actor.org_id,
            Preflight.id == hold_id,
            Preflight.outcome.is_distinct_from("blocked"),
        )
    )
    if found is None or not await _may_end(session, actor, found):
        raise NotFound(
            "There is no such hold of yours. A hold ends with the device and user it was made for."
        )
    await _end(await driver_of(session), [(actor.org_id, hold_id)], outcome="cancelled", now=now)


async def _may_end(session: AsyncSession, actor: Actor, found: Preflight) -> bool:
    if actor.device_id is not None or actor.reach.user_id is not None:
        return found.user_id == actor.user_id and found.device_id == actor.device_id
    user = await people.user(session, org_id=actor.org_id, user_id=found.user_id)
    return user is not None and actor.reach.covers(user_id=user.id, department_id=user.department_id)


async def _end(
    connection: Connection, holds: Collection[tuple[UUID, UUID]], *, outcome: str, now: datetime
) -> None:
    if holds:
        org_ids, ids = zip(*holds, strict=True)
        values = {"now": now, "outcome": outcome, "org_id": list(org_ids), "id": list(ids)}
        await connection.execute(_END, values)
