"""What is carried from one period into the next. Pure.

R1: carried = unused x cap, rounded down; 8 M used of 10 M with a cap of 50% carries 1 M.
R2: unused never exceeds the period's own limit: what was carried in is used first, and is not carried twice.
R3: events that arrive within a day of the period's end still change what is carried; then it is fixed.
"""

from datetime import datetime, timedelta

GRACE = timedelta(days=1)


def unused(*, limit: int, rolled_over: int, used: int) -> int:
    """What is left of the period's own limit (R2)."""
    return max(0, min(limit, limit + rolled_over - used))


def carried(*, limit: int, rolled_over: int, used: int, cap_percent: int) -> int:
    """What goes into the next period, in the budget's unit (R1)."""
    return unused(limit=limit, rolled_over=rolled_over, used=used) * cap_percent // 100


def is_fixed(ended_at: datetime, now: datetime) -> bool:
    """Whether what is carried out of a period that ended then can no longer change (R3)."""
    return now >= ended_at + GRACE
