"""The device's time zone, asked anew now and then: a laptop travels while the agent runs."""

from datetime import UTC, datetime, tzinfo
from time import monotonic
from zoneinfo import ZoneInfoNotFoundError

import tzlocal

_ASKED_EVERY = 60.0
_known: list[tuple[float, tzinfo]] = []


def local_zone() -> tzinfo:
    """At most a minute old."""
    if not _known or monotonic() - _known[0][0] > _ASKED_EVERY:
        _known[:] = [(monotonic(), _asked())]
    return _known[0][1]


def _asked() -> tzinfo:
    try:
        return tzlocal.reload_localzone()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return datetime.now().astimezone().tzinfo or UTC
