"""What every tap is given: whom it asks and tells, which hosts to look at, and the clock.

T1: of a host that no pattern names, a tap keeps nothing and asks nobody.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from toktra_agent.core.hello import Hello
from toktra_agent.core.hosts import Hosts, host_of
from toktra_agent.core.watching import UNKNOWN_HOST, Watcher
from toktra_wire.config import ProviderHost


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Sight:
    """One for all taps of the agent.

    `mark`: the proxy puts it on its connections where the transparent tap runs too, which lets them pass.
    """

    watcher: Watcher
    patterns: Sequence[ProviderHost]
    clock: Callable[[], datetime] = utc_now
    mark: int = 0
    hosts: Hosts = field(init=False)

    def __post_init__(self) -> None:
        self.know(self.patterns)

    def know(self, patterns: Sequence[ProviderHost]) -> None:
        """The server told other hosts. Connections that are open stay what they are."""
        self.patterns, self.hosts = patterns, Hosts(patterns)

    def concerns(self, host: str) -> bool:
        """Whether connections to this host are looked at."""
        return host == UNKNOWN_HOST or self.hosts.provider_of(host) is not None

    def named(self, asked: str, hello: Hello | None) -> str:
        """The host of a connection: what its hello names, else what the client asked for."""
        name = host_of(hello, self.hosts) if hello is not None else ""
        return asked if name in ("", UNKNOWN_HOST) and asked else name
