"""What is carried into an open period follows the events of the period before, for a day after its end.

R3: after that day it is fixed: later events change what was used then, and not what was carried.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from toktra.budgets.ledger.sums import refresh_sums
from toktra.budgets.rules import GRACE, carried
from toktra.kit.groups import Connection

_PAIRS = """
    SELECT n.org_id, n.budget_id, n.starts_at, n.carried_cap_percent, n.rolled_over,
           p.limit_amount, p.rolled_over, greatest(0, p.used - p.exempt_used)
    FROM unnest(%s::uuid[], %s::uuid[], %s::timestamptz[]) AS w (org_id, budget_id, starts_at)
    JOIN budget_periods p USING (org_id, budget_id, starts_at)
    JOIN budget_periods n ON n.org_id = p.org_id AND n.budget_id = p.budget_id AND n.starts_at = p.ends_at
    WHERE p.ends_at > %s AND n.carried_cap_percent IS NOT NULL
    ORDER BY n.org_id, n.budget_id, n.starts_at FOR UPDATE OF n
"""
_CHANGE = """
    UPDATE budget_periods
    SET rolled_over = %s, carried_limit = %s, carried_used = %s, carried_rolled_over = %s
    WHERE org_id = %s AND budget_id = %s AND starts_at = %s
"""


async def refresh_rollovers(
    connection: Connection, closed: Collection[tuple[UUID, UUID, datetime]], *, now: datetime
) -> None:
    """Work out anew what these closed periods (by their start) carry into the next, where it is not fixed."""
    columns = [list(column) for column in zip(*closed, strict=True)] or [[], [], []]
    pairs = await (await connection.execute(_PAIRS, [*columns, now - GRACE])).fetchall()
    orgs = set()
    for org_id, budget_id, starts_at, cap, before, limit, earlier, used in pairs:
        rolled = carried(limit=limit, rolled_over=earlier, used=used, cap_percent=cap)
        await connection.execute(_CHANGE, [rolled, limit, used, earlier, org_id, budget_id, starts_at])
        if rolled != before:
            orgs.add(org_id)
    for org_id in sorted(orgs):
        await refresh_sums(connection, org_id=org_id, now=now)
