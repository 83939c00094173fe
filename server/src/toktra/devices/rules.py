"""What a device is, and when its words count. Pure: no clock, no database, no settings.

V1: a device's status follows from its row and the time; nothing has to run for it to change.
V2: a proof is believed only while its own times hold, give or take CLOCK_LEEWAY.
V3: a code is read as people write it: in small letters, with blanks, O for 0, I or L for 1.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

CERTIFICATE_LIFETIME = timedelta(days=90)
BACKDATED = timedelta(minutes=5)
AUTHORITY_LIFETIME = timedelta(days=3650)
MOST_LIVE_CERTIFICATES = 5
TOKEN_LIFETIME = timedelta(minutes=15)

ENROLLMENT_LIFETIME = timedelta(days=7)
LONGEST_ENROLLMENT = timedelta(days=365)
CODE_LIFETIME = timedelta(minutes=15)
_CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: none is taken for another
_CODE_HALF = 5
_READ_AS = str.maketrans("OIL", "011", "- \t\n\r")

CLOCK_LEEWAY = timedelta(seconds=30)
LONGEST_PROOF = timedelta(minutes=5)

SILENT_AFTER = timedelta(hours=24)
SEEN_EVERY = timedelta(minutes=1)


class Status(StrEnum):
    """Where a device stands."""

    PENDING = "pending"
    ENROLLED = "enrolled"
    REVOKED = "revoked"
    EXPIRED = "expired"


def status_of(
    *, revoked_at: datetime | None, certificate_not_after: datetime | None, now: datetime
) -> Status:
    """V1. `queries.standing` says the same in SQL."""
    if revoked_at is not None:
        return Status.REVOKED
    if certificate_not_after is None:
        return Status.PENDING
    return Status.ENROLLED if now < certificate_not_after else Status.EXPIRED


def is_silent(status: Status, last_seen_at: datetime | None, now: datetime) -> bool:
    """An enrolled device that nothing was heard of for a day."""
    return status is Status.ENROLLED and (last_seen_at is None or now - last_seen_at >= SILENT_AFTER)


def worth_noting(last_seen_at: datetime | None, now: datetime) -> bool:
    """Whether a device's last sign of life is old enough to be written anew."""
    return last_seen_at is None or now - last_seen_at > SEEN_EVERY


def new_code(choose: Callable[[Sequence[str]], str]) -> str:
    """A code such as `K7QM2-XHD4T`: 50 random bits, as `choose` draws them."""
    halves = ("".join(choose(_CODE_LETTERS) for _ in range(_CODE_HALF)) for _ in range(2))
    return "-".join(halves)


def read_code(text: str) -> str | None:
    """The code that someone typed (V3); None for what is none."""
    letters = text.upper().translate(_READ_AS)
    if len(letters) != 2 * _CODE_HALF or any(letter not in _CODE_LETTERS for letter in letters):
        return None
    return f"{letters[:_CODE_HALF]}-{letters[_CODE_HALF:]}"


def in_time(now: datetime, *, exp: float, iat: float | None = None, nbf: float | None = None) -> bool:
    """V2. Times in seconds since 1970: not over, not longer than LONGEST_PROOF, not from the future."""
    present, leeway = now.timestamp(), CLOCK_LEEWAY.total_seconds()
    if not present - leeway < exp <= present + LONGEST_PROOF.total_seconds() + leeway:
        return False
    return all(begins is None or begins <= present + leeway for begins in (iat, nbf))
