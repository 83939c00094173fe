"""Who reports to whom, without circles."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice


@dataclass(frozen=True, slots=True)
class Circle:
    """Someone's way round: through `members`, which all of the circle share, from the one at `begins`."""

    members: tuple[str, ...]
    begins: int

    def __iter__(self) -> Iterator[str]:
        length = len(self.members)
        return (self.members[(self.begins + step) % length] for step in range(length + 1))

    def __str__(self) -> str:
        shown = list(islice(self, 6))
        return " → ".join(shown if len(self.members) < 6 else [*shown[:5], "…", shown[0]])


def cycles(managers: Mapping[str, str | None]) -> dict[str, Circle]:
    """Everyone who would report to themself, with the circle they are in."""
    found: dict[str, Circle] = {}
    seen: set[str] = set()
    for start in managers:
        chain: dict[str, int] = {}
        at: str | None = start
        while at is not None and at not in seen:
            seen.add(at)
            chain[at] = len(chain)
            at = managers.get(at)
        if at is not None and at in chain:
            members = tuple(chain)[chain[at] :]
            found |= {one: Circle(members, begins) for begins, one in enumerate(members)}
    return found
