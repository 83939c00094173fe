"""What was found, in the words and ids that are stored: who, which window, why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from toktra.budgets.rules import PeriodKind, period_at
from toktra.policies.queries.rulebook import FiringKey, Rulebook
from toktra.policies.rules.baseline import usual_at, words
from toktra.policies.rules.judging import FoundBy, Rule
from toktra.policies.rules.meters import Meter
from toktra.policies.rules.policy import DepartmentThreshold, TokenBudgetExceeded
from toktra.policies.standings import baseline_of

_THIS = {
    PeriodKind.DAILY: "today",
    PeriodKind.WEEKLY: "this week",
    PeriodKind.MONTHLY: "this month",
    PeriodKind.QUARTERLY: "this quarter",
    PeriodKind.ANNUAL: "this year",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A policy's trigger holds for a subject in a window, and these events matched its conditions.

    `user_id`: whose event was the first; `users`: of whom they all were; `meter_id`: the budget, department
    or user whose sum it is, or the subject of a risk event.
    """

    rule: Rule
    subject_kind: Literal["user", "department"]
    subject_id: UUID
    meter_id: UUID
    starts_at: datetime
    ends_at: datetime
    user_id: UUID | None
    users: frozenset[UUID]
    reason: str
    events: int
    tokens: int
    risk_event_id: UUID | None = None


def sorted_keys(found: FoundBy) -> list[FiringKey]:
    """In the order in which hits are made of them."""
    return sorted(found, key=lambda key: (key[0], found[key].first, key[1]))


def hits_of(book: Rulebook, found: FoundBy, reached: Mapping[Meter, int]) -> list[Hit]:
    """What is to be stored of what was found in a group of events. `reached`: the meters after them."""
    hits = []
    for place, meter in sorted_keys(found):
        one = found[place, meter]
        rule = book.usage.rules[place]
        kind, subject_id = subject_of(book, meter)
        hits.append(
            Hit(
                rule=rule,
                subject_kind=kind,
                subject_id=subject_id,
                meter_id=meter.id,
                starts_at=meter.starts_at,
                ends_at=window_end(book, meter),
                user_id=one.of.who[one.of.who_of[one.first]][0],
                users=one.users,
                reason=reason_of(book, rule, meter, reached[meter]),
                events=len(one.events),
                tokens=one.tokens,
            )
        )
    return hits


def window_end(book: Rulebook, meter: Meter) -> datetime:
    """When the window of a meter ends."""
    if not isinstance(meter.period, PeriodKind):
        return meter.starts_at + timedelta(hours=1)
    return period_at(meter.period, meter.starts_at, book.zone).ends_at


def subject_of(book: Rulebook, meter: Meter) -> tuple[Literal["user", "department"], UUID]:
    """Whom a meter is about."""
    if meter.kind == "budget":
        budget = book.budgets[meter.id]
        if budget.user_id is not None:
            return "user", budget.user_id
        assert budget.department_id is not None
        return "department", budget.department_id
    return ("user" if meter.kind == "user" else "department"), meter.id


def reason_of(book: Rulebook, rule: Rule, meter: Meter, reached: int) -> str:
    """Why a policy fired, in a few words."""
    trigger = rule.content.trigger
    if isinstance(trigger, TokenBudgetExceeded):
        budget = book.budgets[meter.id]
        how_far = "is used up" if trigger.percent == 100 else f"is used to {trigger.percent}% or more"
        return f"{budget.name}: the {meter.period} budget {how_far}"
    if isinstance(trigger, DepartmentThreshold):
        assert isinstance(meter.period, PeriodKind)
        name = book.departments.get(meter.id, "The department")
        return f"{name} has used {_limit(trigger)} or more {_THIS[meter.period]}"
    known = baseline_of(book, meter)
    local = meter.starts_at.astimezone(book.zone)
    usual = usual_at(known, local) if known else 0
    return words(local, reached, usual)


def _limit(trigger: DepartmentThreshold) -> str:
    if trigger.limit_tokens is not None:
        return f"{trigger.limit_tokens:,} tokens"
    return f"${(trigger.limit_micros or 0) / 1_000_000:,.2f}"
