"""The one place that reads the clock. Below the edge, `now` is an argument."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)
