"""Telling every server that levels of budgets have moved, cheaply enough for the paths that move them.

N1: an organisation's levels are told at most once a second by one process; who hears it looks again later.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from time import monotonic
from uuid import UUID

from toktra.kit.groups import Connection

LEVELS_CHANNEL = "toktra_levels"
_EVERY_SECONDS = 1.0
_MOST_ORGANIZATIONS = 10_000
_TELL = f"SELECT pg_notify('{LEVELS_CHANNEL}', org_id) FROM unnest(%s::text[]) AS t (org_id)"  # noqa: S608


@dataclass(slots=True)
class Teller:
    """What one process has told when."""

    _told: dict[UUID, float] = field(default_factory=dict)

    async def tell(self, connection: Connection, org_ids: Iterable[UUID]) -> None:
        """Tell of these organisations, with the transaction's commit, unless it was done lately (N1)."""
        now = monotonic()
        due = [one for one in org_ids if now - self._told.get(one, -_EVERY_SECONDS) >= _EVERY_SECONDS]
        if not due:
            return
        if len(self._told) >= _MOST_ORGANIZATIONS:
            self._told.clear()
        self._told.update(dict.fromkeys(due, now))
        await connection.execute(_TELL, [[str(one) for one in due]])


teller = Teller()
"""The process's own: the writer and the desk of one server tell through it together."""
