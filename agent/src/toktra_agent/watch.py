"""What taps ask of the agent and tell it: the one Watcher there is.

Z1: a host that is not watched is never remembered, in Privacy Hours none is.
Z2: an event is in the spool before anything else is done with its request.
Z3: whatever the server, the disk or the desktop do, a tap gets its answer.
Z4: a request whose answer goes on is drafted, so that no SIGKILL loses it. It is one event all the same.
Z5: a request is left to the browser's extension also where that is heard of only while it runs: when the
    browser has just started, or the device has just woken.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from toktra_agent.core.hosts import Hosts
from toktra_agent.core.meter import event_of
from toktra_agent.core.watching import UNKNOWN_HOST, Admission, Request
from toktra_agent.server.admitting import Gate
from toktra_agent.server.configuring import Kept
from toktra_agent.server.contact import Contact
from toktra_agent.server.outbox import Outbox
from toktra_agent.store import choices, liveness
from toktra_agent.store.spool import Spool
from toktra_wire.estimator import Parameters
from toktra_wire.event import UsageEvent
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
    _drafted: dict[UUID, UUID] = field(default_factory=dict)
    _withdrawn: set[UUID] = field(default_factory=set)

    def __post_init__(self) -> None:
        if self.kept is not None:
            self.use(self.kept)

    def use(self, kept: Kept) -> None:
        """A configuration is in force from now on."""
        self.kept, self.hosts = kept, Hosts(kept.config.hosts)

    @property
    def asks_application(self) -> bool:
        return liveness.is_expected(self.folder)

    def watches(self, host: str, application: str | None = None) -> bool:
        """Z1. A host that the handshake hides is counted, not watched."""
        hidden = host == UNKNOWN_HOST
        if not hidden and self.hosts.provider_of(host) is None:
            return False
        if self.is_private(self.contact.clock()):
            return False
        self.unknown_hosts += hidden
        return not hidden and not self._is_extensions(host, application)

    async def admit(self, host: str, application: str | None = None) -> Admission:
        return await self.gate.admit(host, self.hosts.provider_of(host) or "")

    def release(self, admission: Admission) -> None:
        self.gate.release(admission)

    def note(self, request: Request) -> None:
        """Draft the event of a request that goes on (Z4)."""
        if self.kept is None or self._is_not_ours(request):
            self._withdraw(request)
            return
        hold_id = self.gate.hold_so_far(request.admission)
        event = self._event(request, self.kept.config.estimator, hold_id)
        self._drafted[request.id] = event.id
        self.spool.draft(event)

    def keep(self, request: Request) -> None:
        """Estimate and spool a request; forget it where any of its time was in Privacy Hours (Z1, Z2, Z5)."""
        if self.kept is None or self._is_not_ours(request):
            self._withdraw(request)
            self.gate.release(request.admission)
            self._withdrawn.discard(request.id)
            return
        hold_id = self.gate.hold_of(request.admission)
        event = self._event(request, self.kept.config.estimator, hold_id)
        self._drafted.pop(request.id, None)
        self.spool.keep(event)
        self.outbox.note()
        self.gate.typical.learn(request.host, event.estimated_input_tokens + event.estimated_output_tokens)

    def _event(self, request: Request, parameters: Parameters, hold_id: UUID | None) -> UsageEvent:
        """Under the id it was drafted with, where it was."""
        occurred_at = request.began_at + self.contact.ahead
        return event_of(
            request,
            event_id=self._drafted.get(request.id) or id_at(occurred_at),
            occurred_at=occurred_at,
            hold_id=hold_id,
            parameters=parameters,
        )

    def _withdraw(self, request: Request) -> None:
        self._withdrawn.add(request.id)
        drafted = self._drafted.pop(request.id, None)
        if drafted is not None:
            self.spool.withdraw(drafted)

    def _is_not_ours(self, request: Request) -> bool:
        return self._was_private(request) or self._is_extensions(request.host, request.application)

    def _is_extensions(self, host: str, application: str | None) -> bool:
        return liveness.extension_covers(self.folder, application, host, self.contact.clock())

    def _was_private(self, request: Request) -> bool:
        """Also where what was chosen meanwhile no longer says so."""
        if request.id in self._withdrawn:
            return True
        chosen = choices.load(self.folder)
        ended_at = request.began_at + timedelta(milliseconds=request.duration_ms)
        return chosen.mode == "personal" or chosen.privacy_hours.covers_any_of(request.began_at, ended_at)

    def uses_privacy_hours(self) -> bool:
        """All that the server may learn of them."""
        return choices.load(self.folder).privacy_hours.in_use(self.contact.clock())

    def is_private(self, instant: datetime) -> bool:
        """Whether nothing may be captured at this instant, as the employee chose."""
        chosen = choices.load(self.folder)
        return chosen.mode == "personal" or chosen.privacy_hours.covers(instant)
