"""When a budget's use is worth a word. Pure.

T1: each threshold speaks once in a period; when a higher limit takes it back, it can speak again.
"""

from collections.abc import Collection
from typing import Literal

Severity = Literal["info", "warning", "critical"]

DEFAULT_THRESHOLDS = (70, 90)
THE_LIMIT = 100


def passed(*, limit: int, used: int, thresholds: Collection[int]) -> set[int]:
    """The percentages that are reached, the limit itself among them."""
    if used <= 0:
        return set()
    return {percent for percent in {*thresholds, THE_LIMIT} if used * 100 >= percent * limit}


def highest_passed(*, limit: int, used: int, thresholds: Collection[int]) -> int | None:
    """The highest percentage that is reached."""
    reached: int | None = None
    for percent in (*thresholds, THE_LIMIT):
        if used * 100 >= percent * limit and (reached is None or percent > reached):
            reached = percent
    return reached if used > 0 else None


def severity(percent: int) -> Severity:
    """How much a threshold matters: the limit itself is critical, the last tenth a warning."""
    if percent >= THE_LIMIT:
        return "critical"
    return "warning" if percent >= 90 else "info"
