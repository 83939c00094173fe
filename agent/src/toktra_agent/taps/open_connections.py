"""The connections of one tap: how many there may be, and the look at those that are quiet.

N1: at most 4,096 at once; one more is turned away in words.
"""

import asyncio
import contextlib
import sys
from collections.abc import Callable

from toktra_agent.taps.connection import Connection, Serve
from toktra_agent.taps.sight import Sight
from toktra_agent.taps.splice import End

MOST = 4096
_FILES = 2 * MOST + 256
_LOOK_SECONDS = 30
_SECONDS_TO_STOP = 2


class OpenConnections:
    """Those of one tap, while it runs."""

    def __init__(self, sight: Sight, most: int = MOST) -> None:
        self.sight = sight
        self.most = most
        self._open: set[Connection] = set()
        self._looking: asyncio.Task[None] | None = None
        self._empty: asyncio.Event | None = None

    def accept(self, serve: Serve, turn_away: Callable[[End], None]) -> End:
        """The client's end of a new one. Where there is no room, it is turned away."""
        if len(self._open) >= self.most:
            return End(_unheard, made=turn_away)
        made = Connection(self.sight, serve, self._ended)
        self._open.add(made)
        return made.client

    def start(self) -> None:
        """Look after them from now on."""
        allow_files(_FILES)
        self._looking = asyncio.create_task(self._look())

    async def stop(self) -> None:
        """End all of them; what was seen of them is told."""
        if self._looking is not None:
            self._looking.cancel()
        if not self._open:
            return
        self._empty = asyncio.Event()
        for one in list(self._open):
            one.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._empty.wait(), _SECONDS_TO_STOP)

    def _ended(self, one: Connection) -> None:
        self._open.discard(one)
        if not self._open and self._empty is not None:
            self._empty.set()

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            for one in list(self._open):
                if one.passage is not None:
                    one.passage.look()


def _unheard(chunk: bytes) -> None:
    """What somebody says who is turned away."""


def allow_files(wanted: int) -> None:
    """Each connection takes two open files; most systems allow a process 1,024 unless it asks for more."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
