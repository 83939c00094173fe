"""What taps ask of the agent and tell it: the one Watcher there is.

Z1: a host that is not watched is never remembered, in Privacy Hours none is.
Z2: an event is in the spool before anything else is done with its request.
Z3: whatever the server, the disk or the desktop do, a tap gets its answer.
"""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from toktra_agent.core.hosts import Hosts
from toktra_agent.core.meter import event_of
from toktra_agent.core.watching import UNKNOWN_HOST, Admission, Request
from toktra_agent.server.admitting import Gate
from toktra_agent.server.configuring import Kept
from toktra_agent.server.contact import Contact
from toktra_agent.server.outbox import Outbox
from toktra_agent.store import choices, liveness
from toktra_agent.store.spool import Spool
from toktra_wire.ids import id_at


@dataclass(slots=True)
class Watch:
    """Implements `core.watching.Watcher`."""

    folder: Path
    contact: Contact
    spool: Spool
    gate: Gate
    outbox: Outbox
    kept: Kept | None = None
    hosts: Hosts = field(default_factory=lambda: Hosts([]))
    unknown_hosts: int = 0

    def __post_init__(self) -> None:
        if self.kept is not None:
            self.use(self.kept)

    def use(self, kept: Kept) -> None:
        """A configuration is in force from now on."""
        self.kept, self.hosts = kept, Hosts(kept.config.hosts)

    @property
    def asks_application(self) -> bool:
        return liveness.any_alive(self.folder, self.contact.clock())

    def watches(self, host: str, application: str | None = None) -> bool:
        """Z1. A host that the handshake hides is counted, not watched."""
        hidden = host == UNKNOWN_HOST
        if not hidden and self.hosts.provider_of(host) is None:
            return False
        now = self.contact.clock()
        if self.is_private(now):
            return False
        self.unknown_hosts += hidden
        return not hidden and not liveness.extension_covers(self.folder, application, host, now)

    async def admit(self, host: str, application: str | None = None) -> Admission:
        return await self.gate.admit(host, self.hosts.provider_of(host) or "")

    def release(self, admission: Admission) -> None:
        self.gate.release(admission)

    def keep(self, request: Request) -> None:
        """Estimate and spool a request; forget it where any of its time was in Privacy Hours (Z1, Z2)."""
        if self._was_private(request.began_at) or self.kept is None:
            self.gate.release(request.admission)
            return
        occurred_at = request.began_at + self.contact.ahead
        event = event_of(
            request,
            event_id=id_at(occurred_at),
            occurred_at=occurred_at,
            hold_id=self.gate.hold_of(request.admission),
            parameters=self.kept.config.estimator,
        )
        self.spool.keep(event)
        self.outbox.note()
        self.gate.typical.learn(request.host, event.estimated_input_tokens + event.estimated_output_tokens)

    def _was_private(self, since: datetime) -> bool:
        chosen = choices.load(self.folder)
        hours = chosen.privacy_hours
        return chosen.mode == "personal" or hours.covers_any_of(since, self.contact.clock())

    def uses_privacy_hours(self) -> bool:
        """All that the server may learn of them."""
        return choices.load(self.folder).privacy_hours.in_use(self.contact.clock())

    def is_private(self, instant: datetime) -> bool:
        """Whether nothing may be captured at this instant, as the employee chose."""
        chosen = choices.load(self.folder)
        return chosen.mode == "personal" or chosen.privacy_hours.covers(instant)
