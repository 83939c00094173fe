"""Spans of time in an organisation's zone. Pure.

S1: spans are half-open, and filed where PostgreSQL's date_trunc(span, instant, zone) says (kit/zones.py).
S2: `cover` parts a range of days into whole months, weeks and days: every day once, none beside.
"""

from datetime import date, timedelta
from typing import Literal

Span = Literal["hour", "day", "week", "month"]


def cover(first: date, last: date) -> list[tuple[Span, date]]:
    """Whole months, weeks (Monday to Sunday) and days that make up first to last, both included."""
    parts: list[tuple[Span, date]] = []
    day = first
    while day <= last:
        span, ends = _longest_from(day, last)
        parts.append((span, day))
        day = ends
    return parts


def months_of(first: date, last: date) -> list[date]:
    """The first days of all months that have a day from first to last."""
    months = [first.replace(day=1)]
    while (following := _month_after(months[-1])) <= last:
        months.append(following)
    return months


def _longest_from(day: date, last: date) -> tuple[Span, date]:
    if day.day == 1 and (next_month := _month_after(day)) <= last + timedelta(days=1):
        return "month", next_month
    if day.weekday() == 0 and day + timedelta(days=6) <= last and not _month_fits_sooner(day, last):
        return "week", day + timedelta(days=7)
    return "day", day + timedelta(days=1)


def _month_fits_sooner(day: date, last: date) -> bool:
    """Whether a whole month begins inside this week: then its days are better left to the month."""
    next_month = _month_after(day)
    return next_month < day + timedelta(days=7) and _month_after(next_month) <= last + timedelta(days=1)


def _month_after(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
