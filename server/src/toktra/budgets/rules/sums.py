"""Budgets that have no limit of their own, but that of the budgets below them together. Pure.

S1: a budget counts towards exactly one above it: the nearest with the same unit and period.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Placed:
    """A department's budget, and its place in the tree."""

    id: UUID
    department_id: UUID
    unit: str
    period: str


def children(budgets: Collection[Placed], parents: Mapping[UUID, UUID | None]) -> dict[UUID, list[UUID]]:
    """The budgets right below each budget (S1). Those deepest in the tree come first."""
    deepest_first = sorted(budgets, key=lambda one: -_depth(one.department_id, parents))
    at = {(one.department_id, one.unit, one.period): one.id for one in deepest_first}
    below: dict[UUID, list[UUID]] = {one.id: [] for one in deepest_first}
    for one in deepest_first:
        above = parents.get(one.department_id)
        while above is not None and (above, one.unit, one.period) not in at:
            above = parents.get(above)
        if above is not None:
            below[at[above, one.unit, one.period]].append(one.id)
    return below


def _depth(department_id: UUID, parents: Mapping[UUID, UUID | None]) -> int:
    depth, at = 0, parents.get(department_id)
    while at is not None:
        depth, at = depth + 1, parents.get(at)
    return depth
