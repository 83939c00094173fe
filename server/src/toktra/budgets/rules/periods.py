"""Periods of a budget, derived from the time. Pure.

P1: periods are half-open, follow each other without a gap, and begin at midnight of the organisation's zone.
P2: a period is known by the instant it is filed at (kit/zones.py), the same in Python and PostgreSQL.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from toktra.kit.zones import filed_at


class PeriodKind(StrEnum):
    """How long a budget's period is. Weeks begin on Monday (ISO 8601)."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    ANNUAL = "annual"

    @property
    def unit(self) -> str:
        """The span as PostgreSQL's date_trunc names it."""
        return _UNITS[self]


_UNITS = {
    PeriodKind.DAILY: "day",
    PeriodKind.WEEKLY: "week",
    PeriodKind.MONTHLY: "month",
    PeriodKind.QUARTERLY: "quarter",
    PeriodKind.ANNUAL: "year",
}
_MONTHS = {PeriodKind.MONTHLY: 1, PeriodKind.QUARTERLY: 3, PeriodKind.ANNUAL: 12}


@dataclass(frozen=True, slots=True)
class Period:
    """One period: from `starts_at` up to, and without, `ends_at`."""

    starts_at: datetime
    ends_at: datetime


def kind_of(unit: str) -> PeriodKind:
    """The kind whose span PostgreSQL names so."""
    return next(kind for kind, name in _UNITS.items() if name == unit)


def period_at(kind: PeriodKind, instant: datetime, zone: ZoneInfo) -> Period:
    """The period that an instant falls into (P1, P2)."""
    first = _first_day(kind, instant.astimezone(zone).date())
    return Period(filed_at(first, zone), filed_at(_next(kind, first), zone))


def period_before(kind: PeriodKind, starts_at: datetime, zone: ZoneInfo) -> Period:
    """The period right before the one that starts then."""
    first = _first_day(kind, starts_at.astimezone(zone).date() - timedelta(days=1))
    return Period(filed_at(first, zone), starts_at)


def _first_day(kind: PeriodKind, day: date) -> date:
    match kind:
        case PeriodKind.DAILY:
            return day
        case PeriodKind.WEEKLY:
            return day - timedelta(days=day.weekday())
        case _:
            months = _MONTHS[kind]
            return day.replace(month=(day.month - 1) // months * months + 1, day=1)


def _next(kind: PeriodKind, first: date) -> date:
    match kind:
        case PeriodKind.DAILY:
            return first + timedelta(days=1)
        case PeriodKind.WEEKLY:
            return first + timedelta(days=7)
        case _:
            month = first.month - 1 + _MONTHS[kind]
            return first.replace(year=first.year + month // 12, month=month % 12 + 1)
