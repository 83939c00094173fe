"""One organisation's policies, as those who judge events must know them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.budgets.queries import standing
from toktra.budgets.queries.standing import WatchedBudget
from toktra.budgets.rules import kind_of
from toktra.kit.database import driver_of
from toktra.people import queries as people
from toktra.policies.model import Policy
from toktra.policies.rules.baseline import Baseline
from toktra.policies.rules.judging import Rule, RuleSet
from toktra.policies.rules.meters import BudgetLine, Meter, Places, Unit
from toktra.policies.rules.policy import (
    LIVE,
    Content,
    DepartmentThreshold,
    IpRiskEvent,
    TokenBudgetExceeded,
    UnusualUsage,
)

FiringKey = tuple[int, Meter]
"""Place of the rule, and the meter: subject and window."""


@dataclass(slots=True)
class Rulebook:
    """What is judged by: policies of usage, policies of risk events, and what things are called."""

    org_id: UUID
    zone: ZoneInfo
    usage: RuleSet
    risks: tuple[Rule, ...]
    budgets: Mapping[UUID, WatchedBudget]
    departments: Mapping[UUID, str]
    thresholds: Mapping[tuple[str, Unit], Sequence[tuple[int, UUID | None, int]]]
    """Of departments, by period and unit: place of the rule, department (None: each), sum."""
    percents: Sequence[tuple[int, UUID | None, int]]
    """Of budgets: place of the rule, budget (None: each), percentage."""
    fired: dict[FiringKey, UUID] = field(default_factory=dict)
    """Firings that are stored already, as far as this process knows."""
    baselines: dict[tuple[UUID, date], Baseline | None] = field(default_factory=dict)

    @property
    def watches_usage(self) -> bool:
        return bool(self.usage.rules)


async def live_rulebook(session: AsyncSession, *, org_id: UUID) -> Rulebook:
    """The rulebook of all policies that are published or on trial."""
    live = select(Policy).where(
        Policy.org_id == org_id, Policy.status.in_(LIVE), Policy.archived_at.is_(None)
    )
    rules = [
        Rule(one.id, one.version, one.name, content_of(one.content), one.status == "shadow")
        for one in await session.scalars(live.order_by(Policy.id))
    ]
    return await rulebook_of(session, org_id=org_id, rules=rules)


async def rulebook_of(session: AsyncSession, *, org_id: UUID, rules: Sequence[Rule]) -> Rulebook:
    """The rulebook of these policies alone."""
    usage = tuple(one for one in rules if not isinstance(one.content.trigger, IpRiskEvent))
    zone = ZoneInfo(await people.time_zone(session, org_id=org_id))
    parents = await people.parents(session, org_id=org_id) if rules else {}
    budgets = await standing.watched(await driver_of(session), org_id=org_id) if usage else []
    labels = await people.labels(session, org_id=org_id, user_ids=(), department_ids=parents)
    return Rulebook(
        org_id=org_id,
        zone=zone,
        usage=RuleSet(usage, places_of(usage, zone, parents, budgets)),
        risks=tuple(one for one in rules if isinstance(one.content.trigger, IpRiskEvent)),
        budgets={one.id: one for one in budgets},
        departments=labels.departments,
        thresholds=_thresholds(usage),
        percents=[
            (place, trigger.budget_id, trigger.percent)
            for place, rule in enumerate(usage)
            if isinstance(trigger := rule.content.trigger, TokenBudgetExceeded)
        ],
    )


def _thresholds(
    rules: Sequence[Rule],
) -> dict[tuple[str, Unit], list[tuple[int, UUID | None, int]]]:
    found: dict[tuple[str, Unit], list[tuple[int, UUID | None, int]]] = {}
    for place, rule in enumerate(rules):
        trigger = rule.content.trigger
        if isinstance(trigger, DepartmentThreshold):
            limit = trigger.limit_tokens if trigger.limit_tokens is not None else trigger.limit_micros
            key = (trigger.period, unit_of(trigger))
            found.setdefault(key, []).append((place, trigger.department_id, limit or 0))
    return found


def places_of(
    rules: Sequence[Rule],
    zone: ZoneInfo,
    parents: Mapping[UUID, UUID | None],
    budgets: Sequence[WatchedBudget],
) -> Places:
    """Where events have to be added up for these policies, and nowhere else."""
    triggers = [rule.content.trigger for rule in rules]
    watched = {one.budget_id for one in triggers if isinstance(one, TokenBudgetExceeded)}
    return Places(
        zone=zone,
        parents=parents,
        budgets=tuple(_line(one) for one in budgets if None in watched or one.id in watched),
        departments=frozenset(
            (one.department_id, one.period, unit_of(one))
            for one in triggers
            if isinstance(one, DepartmentThreshold)
        ),
        users=any(isinstance(one, UnusualUsage) for one in triggers),
    )


def unit_of(trigger: DepartmentThreshold) -> Unit:
    """What a threshold is measured in."""
    return "tokens" if trigger.limit_tokens is not None else "micros"


def content_of(stored: dict[str, Any]) -> Content:
    """What a policy says, as it is stored."""
    return msgspec.convert(stored, Content)


def _line(budget: WatchedBudget) -> BudgetLine:
    return BudgetLine(
        budget.id,
        kind_of(budget.period),
        "tokens" if budget.unit == "tokens" else "micros",
        budget.department_id,
        budget.user_id,
    )
