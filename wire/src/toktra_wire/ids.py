"""Event ids: UUIDv7 (RFC 9562), made where the event is made.

The server files an event by the time inside its id, so one id can only ever live in one place.
"""

from datetime import UTC, datetime
from uuid import UUID

import uuid_utils.compat

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def new_id() -> UUID:
    """A fresh UUIDv7; ids made by one process sort in the order they were made."""
    return uuid_utils.compat.uuid7()


def id_at(instant: datetime) -> UUID:
    """A UUIDv7 that carries `instant`, to the millisecond."""
    return uuid_utils.compat.uuid7(nanoseconds=unix_milliseconds(instant) * 1_000_000)


def unix_milliseconds(instant: datetime) -> int:
    """Whole milliseconds since 1970, without going through a float."""
    since = instant - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


def milliseconds_of(event_id: UUID) -> int | None:
    """The Unix time in milliseconds inside a UUIDv7; None for any other kind of UUID."""
    number = event_id.int
    if (number >> 76) & 0xF != 7 or (number >> 62) & 0x3 != 0b10:
        return None
    return number >> 80


def lowest_id_at(instant: datetime) -> UUID:
    """The lower bound of all UUIDv7 made at `instant` or later."""
    return UUID(int=unix_milliseconds(instant) << 80)
