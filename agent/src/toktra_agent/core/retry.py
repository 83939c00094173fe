"""How long to wait before asking the server again: doubling waits, each cut at random (full jitter).

Y1: without a word from the server a wait is between nothing and LONGEST_SECONDS.
Y2: a wait is never shorter than the server asks for, up to LONGEST_ASKED_SECONDS.
Y3: waits are durations. A date in Retry-After is measured from the same answer's own Date: no device's clock
    is asked, so one that is wrong or jumps changes nothing.
"""

from email.utils import parsedate_to_datetime

FIRST_SECONDS = 1.0
LONGEST_SECONDS = 300.0
LONGEST_ASKED_SECONDS = 3600.0


def wait_seconds(failures: int, asked_seconds: float, chance: float) -> float:
    """The wait after so many failures in a row (from 1). `chance` is from 0 to 1."""
    backoff = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(max(0, failures - 1), 30))
    return min(max(0.0, asked_seconds), LONGEST_ASKED_SECONDS) + backoff * chance


def asked_seconds(retry_after: str | None, date: str | None) -> float:
    """What an answer's Retry-After header (RFC 9110, 10.2.3) asks for; 0 where it asks for nothing."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])
    try:
        wanted, said = parsedate_to_datetime(text), parsedate_to_datetime(date or "")
        return max(0.0, (wanted - said).total_seconds())
    except (ValueError, TypeError):
        return 0.0
