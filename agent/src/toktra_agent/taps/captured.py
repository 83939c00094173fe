"""Captured packets become requests: the passive tap's table of connections. It asks nobody, blocks nothing.

Q1: a connection is looked at from its beginning; one that was there before, or is to a host that no pattern
    names, is not in the table.
Q2: at most 4,096 connections are in it. When one more comes, the one that has been in it longest is let go:
    what was counted of it is told.
"""

from datetime import datetime

from toktra_agent.core.packets import Address, Packet, read_packet
from toktra_agent.core.watching import Request
from toktra_agent.taps.seen import SeenQuic, SeenTcp
from toktra_agent.taps.sight import Sight

MOST = 4096
PORT = 443

_LONG_HEADER = 0x80

Ends = tuple[Address, Address]


class Captured:
    """One for a capture, whatever it captures with."""

    def __init__(self, sight: Sight, most: int = MOST) -> None:
        self._sight = sight
        self._most = most
        self._seen: dict[Ends, SeenTcp | SeenQuic] = {}

    def packet(self, link: int, captured: bytes, at: datetime) -> None:
        """One packet of any kind."""
        packet = read_packet(link, captured)
        if packet is None:
            return
        up = packet.target[1] == PORT
        ends = (packet.source, packet.target) if up else (packet.target, packet.source)
        seen = self._seen.get(ends)
        if up and _begins(packet, seen):
            seen = self._begin(ends, packet, at)
        if seen is not None and not seen.packet(packet, at, up=up):
            self._end(ends, at)

    def look(self, now: datetime) -> None:
        """Tell of requests after which nothing came for long."""
        for seen in self._seen.values():
            self._keep(seen.quiet(now))

    def close(self, at: datetime) -> None:
        """The capture ends: tell of all that runs."""
        for ends in list(self._seen):
            self._end(ends, at)

    @property
    def connections(self) -> int:
        """How many are in the table."""
        return len(self._seen)

    def _begin(self, ends: Ends, packet: Packet, at: datetime) -> SeenTcp | SeenQuic:
        if ends in self._seen:
            self._end(ends, at)
        if len(self._seen) >= self._most:
            self._end(next(iter(self._seen)), at)
        made = SeenTcp(self._sight, packet) if packet.tcp else SeenQuic(self._sight)
        self._seen[ends] = made
        return made

    def _end(self, ends: Ends, at: datetime) -> None:
        self._keep(self._seen.pop(ends).closed(at))

    def _keep(self, over: Request | None) -> None:
        if over is not None:
            self._sight.watcher.keep(over)


def _begins(packet: Packet, seen: SeenTcp | SeenQuic | None) -> bool:
    """Whether it is the first of a connection; not where the same SYN came once more."""
    if packet.tcp:
        again = isinstance(seen, SeenTcp) and seen.began_with == packet.sequence
        return packet.begins and not again
    return seen is None and bool(packet.content) and bool(packet.content[0] & _LONG_HEADER)
