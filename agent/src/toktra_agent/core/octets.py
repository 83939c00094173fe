"""Walks over bytes that came from the network: big-endian numbers and counted runs, never past the end."""

from dataclasses import dataclass


class Malformed(Exception):
    """The bytes do not hold what they say they hold."""


@dataclass(slots=True)
class Octets:
    """Some bytes and how far they are read."""

    octets: bytes
    at: int = 0

    @property
    def left(self) -> int:
        return len(self.octets) - self.at

    def take(self, count: int) -> bytes:
        """The next `count` bytes, all of them or Malformed."""
        begins, ends = self.at, self.at + count
        if ends > len(self.octets):
            raise Malformed
        self.at = ends
        return self.octets[begins:ends]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size))

    def vector(self, size: int) -> bytes:
        """A run of bytes after its own length in `size` bytes (RFC 8446, 3.4)."""
        return self.take(self.number(size))

    def only_vector(self, size: int) -> "Octets":
        """A vector that ends where these bytes end."""
        content = self.vector(size)
        if self.left:
            raise Malformed
        return Octets(content)

    def varint(self) -> int:
        """A number whose first two bits say how long it is (RFC 9000, 16)."""
        first = self.number(1)
        more = (1 << (first >> 6)) - 1
        return (first & 0x3F) << (8 * more) | self.number(more)
