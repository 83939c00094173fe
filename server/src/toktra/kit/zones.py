"""Days of a time zone as instants. Pure.

V1: a day starts at its first midnight, and is filed where PostgreSQL's date_trunc('day', instant, zone) says.
    The two differ where midnight comes twice (the Azores, in October): there a day is filed at the second.
"""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a day in a zone, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def filed_at(day: date, zone: ZoneInfo) -> datetime:
    """Where a day, or the week or month it begins, is filed (V1)."""
    return max(start_of(day, zone), datetime.combine(day, time(fold=1), zone).astimezone(UTC))
