"""Who may change what an organisation's budgets stand on, while others count.

L1: whoever counts usage or opens a period shares the organisation's tree; whoever changes the tree or the
    list of budgets owns it alone. So usage is counted on the tree from before a change, or from after it.
L2: the tree is locked first, then rows of periods, by organisation, budget and start.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from toktra.kit.groups import Connection

_SHARE = """
    SELECT pg_advisory_xact_lock_shared(hashtextextended('budgets of ' || org_id, 0))
    FROM unnest(%s::uuid[]) AS o (org_id)
"""
_OWN = "SELECT pg_advisory_xact_lock(hashtextextended('budgets of ' || %s::uuid, 0))"


async def share_tree(connection: Connection, org_ids: Collection[UUID]) -> None:
    """Until the transaction ends, the trees and lists of budgets of these organisations stay as they are."""
    await connection.execute(_SHARE, [sorted(set(org_ids))], prepare=True)


_PERIODS = """
    SELECT FROM budget_periods WHERE org_id = %s AND ends_at > %s
    ORDER BY org_id, budget_id, starts_at FOR UPDATE
"""


async def lock_periods(connection: Connection, org_id: UUID, *, since: datetime) -> None:
    """Every period of the organisation that ends later, in the order of L2: whoever changes some of them."""
    await connection.execute(_PERIODS, [org_id, since])


async def own_tree(connection: Connection, org_id: UUID) -> None:
    """Until the transaction ends, nobody counts in this organisation."""
    await connection.execute(_OWN, [org_id])
