"""How many tokens a request to a host typically takes: what to ask for before its size is known.

U1: between FEWEST and MOST, whatever came before; FIRST for a host not seen yet.
U2: at most MOST_HOSTS are remembered; the one not seen for longest is forgotten.
"""

from dataclasses import dataclass, field
from typing import Final

FIRST: Final = 1_000
FEWEST: Final = 100
MOST: Final = 1_000_000
MOST_HOSTS: Final = 256
_SHARE = 8  # a new figure counts an eighth: the last dozen or so make up most of it


@dataclass(slots=True)
class Typical:
    """A running figure for each host."""

    _figures: dict[str, int] = field(default_factory=dict)

    def of(self, host: str) -> int:
        """In tokens, input and output together."""
        return self._figures.get(host, FIRST)

    def learn(self, host: str, tokens: int) -> None:
        """A request to this host took about so many."""
        before = self._figures.pop(host, FIRST)
        moved = before + round((tokens - before) / _SHARE)
        self._figures[host] = min(max(moved, FEWEST), MOST)
        if len(self._figures) > MOST_HOSTS:
            del self._figures[next(iter(self._figures))]
