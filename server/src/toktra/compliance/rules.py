"""When a chain of audit entries is whole. Pure: no clock, no database, no settings.

R1: an entry that was altered, one that is missing anywhere, and one that was put in are each found.
R2: a chain that was written anew, its head with it, is found by a head that was written down before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as its chain sees it. `computed`: the hash that its content has now."""

    seq: int
    previous_hash: bytes
    hash: bytes
    computed: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a chain; `seq` 0 and no hash before the first."""

    seq: int = 0
    hash: bytes = b""


@dataclass(slots=True)
class Chain:
    """Follows one chain from its first entry to its head, and stops at the first break.

    `expected`: hashes by `seq` that were written down before (R2).
    """

    expected: Mapping[int, bytes] = field(default_factory=dict)
    last: Head = Head()
    broken: str | None = None

    def follow(self, link: Link) -> None:
        """Take the next entry, in the order of `seq`."""
        if self.broken is None:
            self.broken = self._wrong(link)
        if self.broken is None:
            self.last = Head(link.seq, link.hash)

    def end(self, head: Head | None) -> None:
        """There are no more entries. `head`: what is kept as the last one."""
        if self.broken is None:
            self.broken = self._wrong_end(head)

    def _wrong(self, link: Link) -> str | None:
        if link.seq != self.last.seq + 1:
            return missing(self.last.seq + 1, link.seq - 1)
        if link.computed != link.hash:
            return f"entry {link.seq} was altered"
        if link.previous_hash != self.last.hash:
            return f"entry {link.seq} does not follow the one before it: one of the two was replaced"
        if self.expected.get(link.seq, link.hash) != link.hash:
            return f"entry {link.seq} is not the one that was written down: it or an earlier one was replaced"
        return None

    def _wrong_end(self, head: Head | None) -> str | None:
        last = max([self.last.seq, *self.expected])
        if head is not None and head.seq > last:
            last = head.seq
        if last > self.last.seq:
            return missing(self.last.seq + 1, last) + ", at the end"
        if head is None:
            return "its head is missing"
        if head != self.last:
            return f"its head, entry {head.seq}, is not its last entry, {self.last.seq}"
        return None


def missing(first: int, last: int) -> str:
    """Which entries are not there."""
    return f"entry {first} is missing" if first == last else f"entries {first} to {last} are missing"
