"""Puts one direction of a TCP connection in order, as far as it was captured.

I1: a byte that was sent twice comes out once.
I2: what came too early waits for what is missing: at most 32 segments and 128 kB. Then the gap is given up,
    and comes out as a number of bytes that nobody saw.
"""

MOST_SEGMENTS = 32
MOST_BYTES = 128 * 1024

_WRAP = 1 << 32
_HALF = 1 << 31

Piece = bytes | int
"""Bytes in order, or how many of them were missed."""


class InOrder:
    """`following`: the sequence number of the first byte."""

    __slots__ = ("_ahead", "_following", "_waiting")

    def __init__(self, following: int) -> None:
        self._following = following % _WRAP
        self._ahead: dict[int, tuple[bytes, int]] = {}
        self._waiting = 0

    def take(self, sequence: int, content: bytes, length: int) -> list[Piece]:
        """A segment came: so many bytes from this number on, the first of which were captured."""
        gap = self._gap(sequence)
        if gap > 0:
            return self._wait(sequence, content, length)
        pieces = self._next(content[-gap:], length + gap)
        return pieces + self._caught_up() if self._ahead else pieces

    def _gap(self, sequence: int) -> int:
        """Bytes missing before it; negative where it was here before."""
        return (sequence - self._following + _HALF) % _WRAP - _HALF

    def _next(self, content: bytes, length: int) -> list[Piece]:
        if length <= 0:
            return []
        self._following = (self._following + length) % _WRAP
        content = content[:length]
        missed = length - len(content)
        return [one for one in (content, missed) if one]

    def _wait(self, sequence: int, content: bytes, length: int) -> list[Piece]:
        if sequence not in self._ahead and length:
            self._ahead[sequence] = (content, length)
            self._waiting += len(content)
        if len(self._ahead) <= MOST_SEGMENTS and self._waiting <= MOST_BYTES:
            return []
        gap = min(map(self._gap, self._ahead))
        self._following = (self._following + gap) % _WRAP
        return [gap, *self._caught_up()]

    def _caught_up(self) -> list[Piece]:
        """Those that waited and are not ahead any more."""
        pieces: list[Piece] = []
        while self._ahead:
            first = min(self._ahead, key=self._gap)
            gap = self._gap(first)
            if gap > 0:
                break
            content, length = self._ahead.pop(first)
            self._waiting -= len(content)
            pieces += self._next(content[-gap:], length + gap)
        return pieces
