"""What a tap may ask of the agent, and what it tells it. Taps know nothing else of the agent.

T1: a host that is not watched is never told of: a tap asks `watches` first and then forgets the host.
T2: nothing of a connection's content is in any of these shapes; there is no field it could go in.
T3: an admission ends in exactly one of two ways: a `Request` that carries it is kept, or it is released.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

UNKNOWN_HOST = "unknown host"
"""In a host's place where the handshake hides it (an encrypted client hello)."""

Decision = Literal["allow", "warn", "block"]


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a request may go out. `message`: for the person, when it is a warning or a refusal."""

    decision: Decision
    message: str = ""
    hold_id: UUID | None = None
    reason: str = ""
    resets_at: str | None = None
    exemption_url: str | None = None


OPEN = Admission("allow")
"""Nothing stands above the user: nobody was asked and nothing is held."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request to an LLM host, as seen from outside the encryption. Totals only, never a sequence.

    `request_bytes`, `response_bytes`: of TLS application data without the records' own overhead (of an
    unencrypted connection: all bytes). `record_count`: application-data records, both ways; 0 where there
    are none. `application`: the program's name, where it is known. `id`: the same whenever it is told of.
    """

    host: str
    began_at: datetime
    duration_ms: int
    request_bytes: int
    response_bytes: int
    record_count: int
    http2: bool = False
    application: str | None = None
    admission: Admission = field(default=OPEN)
    id: UUID = field(default=UUID(int=0), compare=False)


class Watcher(Protocol):
    """The agent, as a tap sees it."""

    @property
    def asks_application(self) -> bool:
        """Whether the program behind a connection matters: only where a browser extension may come."""
        ...

    def watches(self, host: str, application: str | None = None) -> bool:
        """Whether requests to this host are watched now: an LLM host, outside Privacy Hours, and not left to
        the browser extension. Asked anew for every request: a window may begin or end between two."""
        ...

    async def admit(self, host: str, application: str | None = None) -> Admission:
        """May one more request to this host go out? Answers within the limit whatever the server does."""
        ...

    def release(self, admission: Admission) -> None:
        """The admitted request is not made after all: what was held is given back."""
        ...

    def note(self, request: Request) -> None:
        """A request whose answer has begun, as far as it has come. It counts where the agent is killed before
        `keep` tells of the whole of it."""
        ...

    def keep(self, request: Request) -> None:
        """A request is over. It is estimated and spooled; dropped where Privacy Hours began meanwhile."""
        ...
