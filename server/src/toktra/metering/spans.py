"""Spans of time in an organisation's zone. Pure.

S1: spans are half-open, and filed where PostgreSQL's date_trunc(span, instant, zone) says. Where midnight
    comes twice (the Azores, in October) a day starts at the first and is filed at the second.
S2: `cover` parts a range of days into whole months, weeks and days: every day once, none beside.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Span = Literal["hour", "day", "week", "month"]


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a day in a zone, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def filed_at(day: date, zone: ZoneInfo) -> datetime:
    """Where the roll-ups of a day, or of the week or month it begins, are filed (S1)."""
    return max(start_of(day, zone), datetime.combine(day, time(fold=1), zone).astimezone(UTC))


def cover(first: date, last: date) -> list[tuple[Span, date]]:
    """Whole months, weeks (Monday to Sunday) and days that make up first to last, both included."""
    parts: list[tuple[Span, date]] = []
    day = first
    while day <= last:
        span, ends = _longest_from(day, last)
        parts.append((span, day))
        day = ends
    return parts


def _longest_from(day: date, last: date) -> tuple[Span, date]:
    if day.day == 1 and (next_month := (day + timedelta(days=31)).replace(day=1)) <= last + timedelta(days=1):
        return "month", next_month
    if day.weekday() == 0 and day + timedelta(days=6) <= last and not _month_fits_sooner(day, last):
        return "week", day + timedelta(days=7)
    return "day", day + timedelta(days=1)


def _month_fits_sooner(day: date, last: date) -> bool:
    """Whether a whole month begins inside this week: then its days are better left to the month."""
    first_of_next = (day + timedelta(days=31)).replace(day=1)
    begins_in_week = day < first_of_next < day + timedelta(days=7)
    return begins_in_week and (first_of_next + timedelta(days=31)).replace(day=1) <= last + timedelta(days=1)
