"""Which hosts are watched, and what host a hello stands for.

O1: a host is watched only where a pattern of the server's list says so; the server matches in the same way.
O2: a watched name counts as it stands, also beside an encrypted hello: browsers send one that nobody can open
    with every real name (RFC 9849, GREASE), so that it means nothing by itself.
O3: where an encrypted hello hides the name, since there is none in the clear or only that of the front which
    can open it, the host is UNKNOWN_HOST: it is not guessed.
"""

from collections.abc import Sequence

from toktra_agent.core.hello import Hello
from toktra_agent.core.watching import UNKNOWN_HOST
from toktra_wire.config import ProviderHost
from toktra_wire.hosts import matcher

FRONTS = frozenset({"cloudflare-ech.com"})
"""Names that stand in the clear where the real name is in an encrypted hello (the `public_name`)."""


class Hosts:
    """The server's list. Of patterns that match, the first counts."""

    def __init__(self, patterns: Sequence[ProviderHost]) -> None:
        self._known = [(matcher(each.pattern), each.provider) for each in patterns]

    def provider_of(self, host: str) -> str | None:
        """The provider a host belongs to; None for a host that is not watched."""
        plain = host.lower().rstrip(".")
        return next((provider for matches, provider in self._known if matches(plain)), None)


def host_of(hello: Hello, hosts: Hosts) -> str:
    """The host a connection goes to; empty where a hello that hides nothing names none."""
    name = hello.server_name or ""
    if name and hosts.provider_of(name):
        return name
    return UNKNOWN_HOST if hello.encrypted and (not name or name in FRONTS) else name
