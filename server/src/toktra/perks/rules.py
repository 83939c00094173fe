"""Who gets how much, and for what. Pure.

T1: a voucher is of a month as budgets have it, in the organisation's time zone.
T2: a tier without a cap lets all that is unused roll over.
T3: a rule grants a bonus for what it names, as often as its limits say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from toktra.budgets.rules import PeriodKind, period_at

State = Literal["invited", "enrolled", "withdrawn"]
Trigger = Literal["training_completed", "certification_completed", "program_joined", "efficiency_score"]
Reported = Literal["training_completed", "certification_completed", "program_joined"]
INVITE_QUEUE, INVITE_TASK = "mails", "perks.invite"


@dataclass(frozen=True, slots=True)
class Span:
    """A calendar month: its name, as in `2026-11`, and its instants, half-open (T1)."""

    month: str
    starts_at: datetime
    ends_at: datetime


def month_at(instant: datetime, zone: ZoneInfo) -> Span:
    """The month that it is then and there (T1)."""
    period = period_at(PeriodKind.MONTHLY, instant, zone)
    return Span(f"{period.starts_at.astimezone(zone):%Y-%m}", period.starts_at, period.ends_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What is granted for what. `subject`: None for any; limits: None for none."""

    id: UUID
    name: str
    trigger: Trigger
    subject: str | None
    min_score: int | None
    bonus_tokens: int
    limit_per_month: int | None
    limit_total: int | None


def grants(
    rule: Rule, *, kind: Trigger, subject: str, score: int | None, months: Sequence[str], month: str
) -> bool:
    """Whether a rule grants its bonus now (T3). `months`: of the bonuses this user had of it before."""
    if rule.trigger != kind or (rule.subject is not None and rule.subject.lower() != subject.lower()):
        return False
    if rule.min_score is not None and (score is None or score < rule.min_score):
        return False
    if rule.limit_total is not None and len(months) >= rule.limit_total:
        return False
    return rule.limit_per_month is None or months.count(month) < rule.limit_per_month
