"""What has to be done now and then: the status for screens, the spool in order.

H1: the status is written when it changed, and at most once a second.
"""

import asyncio
import contextlib
import os
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from toktra_agent import VERSION
from toktra_agent.store import status
from toktra_agent.store.keys import Identity
from toktra_agent.store.status import Status
from toktra_agent.watch import Watch

SETTLE_EVERY: Final = 30
AGE_EVERY: Final = 3600
_SENT: Final = ("accepted", "duplicates")


@dataclass(slots=True)
class Housekeeping:
    """One per agent."""

    watch: Watch
    identity: Identity
    started_at: datetime
    _written: Status | None = None

    async def keep_house(self) -> None:
        """For as long as this runs, second by second (H1)."""
        second = 0
        while True:
            if second % AGE_EVERY == 0:
                self.watch.spool.drop_too_old(self.watch.contact.now())
            if second % SETTLE_EVERY == 0:
                self.watch.spool.settle()
            self.write_status()
            second += 1
            await asyncio.sleep(1)

    def end(self) -> None:
        """The last words."""
        self.watch.spool.close()
        self.write_status()

    def write_status(self) -> None:
        """A disk that does not take it is told of by what is written next."""
        found = status_of(self.watch, self.identity, self.started_at)
        if found != self._written:
            with contextlib.suppress(OSError):
                status.write(self.watch.folder, found)
                self._written = found


def status_of(watch: Watch, identity: Identity, started_at: datetime) -> Status:
    """What the agent knows of itself now."""
    contact, kept, counts = watch.contact, watch.kept, watch.spool.counts
    config = None if kept is None else kept.config
    return Status(
        pid=os.getpid(),
        version=VERSION,
        started_at=_text(started_at),
        server=identity.server,
        device_id=identity.device_id,
        spooled=len(watch.spool),
        sent={name: counts[name] for name in _SENT if counts[name]},
        dropped={name: number for name, number in counts.items() if name not in _SENT and number},
        unknown_hosts=watch.unknown_hosts,
        last_contact_at=None if contact.last_at is None else _text(contact.last_at),
        error=contact.worst,
        config_from=None if kept is None else kept.came_at,
        watched_patterns=0 if config is None else len(config.hosts),
        preflight=config is not None and config.enforcement.preflight,
        when_unsure="allow" if config is None else config.enforcement.when_unsure,
        paused=watch.is_private(contact.clock()),
        remaining=watch.gate.last,
    )


def _text(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds")
