"""Walks the headers of TLS records over chunks of any size (RFC 8446, 5.1). The payload is stepped over.

R1: what is kept between chunks is four integers, never a byte of payload.
R2: however a stream is cut into chunks, the same records are found.
R3: bytes that are no TLS record end the walk for good (`lost`), and so do unseen bytes in which a header was.
"""

from typing import Final

APPLICATION_DATA: Final = 23
HANDSHAKE: Final = 22

_HEADER = 5
_KINDS = range(20, 25)
_MAJOR = 3
_LONGEST = (1 << 14) + 2048

Record = tuple[int, int]
"""Content type and length of the payload, as the header says them."""


class Records:
    """One direction of one connection."""

    __slots__ = ("_begun", "_have", "_left", "lost")

    def __init__(self) -> None:
        self._left = 0  # of the payload that is being stepped over
        self._begun = 0  # the bytes of a header that came so far, as one number
        self._have = 0  # how many
        self.lost = False

    def walk(self, chunk: bytes | bytearray | memoryview) -> list[Record]:
        """The records whose headers end in this chunk."""
        found: list[Record] = []
        size = len(chunk)
        at = self._left
        if not self._have:
            while at + _HEADER <= size and not self.lost:
                record = self._found(chunk[at], chunk[at + 1], chunk[at + 3] << 8 | chunk[at + 4], found)
                at += _HEADER + record
        return self._walk_slowly(chunk, at, found)

    def skip(self, size: int) -> None:
        """So many bytes were not seen."""
        if self._have or size > self._left:
            self.lost = True
        self._left -= size

    def _walk_slowly(
        self, chunk: bytes | bytearray | memoryview, at: int, found: list[Record]
    ) -> list[Record]:
        """The rest, where a header is cut by the chunk's end or was by its beginning."""
        size = len(chunk)
        while at < size and not self.lost:
            self._begun = self._begun << 8 | chunk[at]
            self._have += 1
            at += 1
            if self._have == _HEADER:
                begun, self._begun, self._have = self._begun, 0, 0
                self._left = at + self._found(begun >> 32, begun >> 24 & 0xFF, begun & 0xFFFF, found)
                return found + self.walk(chunk) if not self.lost else found
        self._left = at - size
        return found

    def _found(self, kind: int, major: int, length: int, found: list[Record]) -> int:
        if kind not in _KINDS or major != _MAJOR or length > _LONGEST:
            self.lost = True
            return 0
        found.append((kind, length))
        return length
