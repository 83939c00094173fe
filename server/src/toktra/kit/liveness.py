"""A pooled connection is checked before it is handed out, mostly without asking the server.

V1: a connection whose server has ended it is replaced, never handed out: then its socket has something to
    read, or its end. Idle, it has nothing to read.
V2: one that has rested for RESTED or longer is asked, since a network can drop it without a word.
"""

import select
from time import monotonic
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine

RESTED = 10.0
_USED_AT = "used_at"


def check_at_checkout(engine: AsyncEngine) -> None:
    """Check each connection of this engine's pool when it is taken from it."""
    dialect = engine.sync_engine.dialect

    def note_use(_connection: Any, record: Any) -> None:
        record.info[_USED_AT] = monotonic()

    def check(connection: Any, record: Any, _handed_out: Any) -> None:
        used_at = record.info.get(_USED_AT)
        if used_at is None or (monotonic() - used_at < RESTED and _is_silent(record.driver_connection)):
            return
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as gone:
            raise InvalidatePoolError from gone

    event.listen(engine.sync_engine, "checkin", note_use)
    event.listen(engine.sync_engine, "checkout", check)


def _is_silent(connection: Any) -> bool:
    """Whether a connection is open and has nothing to read."""
    if connection.closed:
        return False
    socket = select.poll()
    socket.register(connection.pgconn.socket, select.POLLIN)
    return not socket.poll(0)
