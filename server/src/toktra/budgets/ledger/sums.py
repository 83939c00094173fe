"""Budgets without a limit of their own follow the budgets below them.

S2: such a budget always has one below it: its limit, and what was rolled over, are the sums of theirs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from toktra.budgets.rules import GRACE, Placed, children
from toktra.kit.errors import Conflict
from toktra.kit.groups import Connection

_BUDGETS = """
    SELECT id, department_id, unit, period, name, limit_amount FROM budgets
    WHERE org_id = %s AND department_id IS NOT NULL AND archived_at IS NULL ORDER BY id
"""
_PARENTS = "SELECT id, parent_id FROM departments WHERE org_id = %s"
_ROWS = """
    SELECT budget_id, starts_at, limit_amount, rolled_over FROM budget_periods
    WHERE org_id = %s AND budget_id = ANY(%s) AND ends_at > %s
    ORDER BY budget_id, starts_at FOR UPDATE
"""
_CHANGE = """
    UPDATE budget_periods SET limit_amount = %s, rolled_over = %s
    WHERE org_id = %s AND budget_id = %s AND starts_at = %s
"""


@dataclass(frozen=True, slots=True)
class _Budget:
    id: UUID
    department_id: UUID
    unit: str
    period: str
    name: str
    limit_amount: int | None


async def refresh_sums(
    connection: Connection, *, org_id: UUID, now: datetime
) -> list[tuple[UUID, UUID, datetime]]:
    """Give every budget that sums those below it their sum, in each period that is not long over (S2).

    Answers the periods whose limit it changed: organisation, budget, start.
    """
    async with connection.cursor(row_factory=class_row(_Budget)) as cursor:
        await cursor.execute(_BUDGETS, [org_id])
        budgets = {budget.id: budget for budget in await cursor.fetchall()}
    if all(budget.limit_amount is not None for budget in budgets.values()):
        return []
    parents = dict(await (await connection.execute(_PARENTS, [org_id])).fetchall())
    below = children([Placed(b.id, b.department_id, b.unit, b.period) for b in budgets.values()], parents)
    found = await (await connection.execute(_ROWS, [org_id, list(budgets), now - GRACE])).fetchall()
    rows = {(row[0], row[1]): (row[2], row[3]) for row in found}
    limits = _limits(budgets, below)
    changed = []
    for budget_id, its in below.items():
        if budgets[budget_id].limit_amount is not None:
            continue
        for starts_at in [start for known, start in rows if known == budget_id]:
            summed = _sum(its, starts_at, rows, limits)
            if summed != rows[budget_id, starts_at]:
                rows[budget_id, starts_at] = summed
                await connection.execute(_CHANGE, [*summed, org_id, budget_id, starts_at])
                changed.append((org_id, budget_id, starts_at))
    return changed


def _limits(budgets: Mapping[UUID, _Budget], below: Mapping[UUID, list[UUID]]) -> dict[UUID, int]:
    """The limit of every budget, those that sum others included; the deepest are worked out first."""
    limits: dict[UUID, int] = {}
    for budget_id, its in below.items():
        budget = budgets[budget_id]
        if budget.limit_amount is None and not its:
            raise Conflict(
                f"The budget {budget.name!r} is the sum of those below it with the same unit and period, and "
                "there would be none. Give it a limit of its own first, or archive it."
            )
        own = budget.limit_amount
        limits[budget_id] = sum(limits[child] for child in its) if own is None else own
    return limits


def _sum(
    its: list[UUID],
    starts_at: datetime,
    rows: Mapping[tuple[UUID, datetime], tuple[int, int]],
    limits: Mapping[UUID, int],
) -> tuple[int, int]:
    """A child whose period nothing has opened yet counts with its limit alone."""
    parts = [rows.get((child, starts_at), (limits[child], 0)) for child in its]
    return sum(limit for limit, _ in parts), sum(rolled for _, rolled in parts)
