"""One connection through the proxy or the transparent tap: its first bytes, its two ends, its passage.

C1: until its ends are joined, at most one chunk and 64 KiB of the client's bytes wait here.
C2: whatever ends it, its passage is closed and both ends are.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import TypeVar

from toktra_agent.core.hello import Hello, read_client_hello
from toktra_agent.core.outcome import NEED_MORE, Need, Refused
from toktra_agent.core.watching import Admission
from toktra_agent.taps.applications import application_of
from toktra_agent.taps.dial import Unreached, dial
from toktra_agent.taps.passage import Passage
from toktra_agent.taps.sight import Sight
from toktra_agent.taps.splice import ADMISSION, GATHERING, End, join

Found = TypeVar("Found")
Serve = Callable[["Connection"], Coroutine[None, None, None]]

_MOST_WAITING = 64 * 1024
_HELLO_STARTS = 0x16


class Connection:
    """`serve`: what is to be done until the ends are joined; `ended` is called when the client's is lost."""

    __slots__ = (
        "_arrivals",
        "_ended",
        "_gathered",
        "_gone",
        "_serve",
        "_task",
        "client",
        "passage",
        "sight",
        "upstream",
    )

    def __init__(self, sight: Sight, serve: Serve, ended: Callable[["Connection"], None]) -> None:
        self.sight = sight
        self.client = End(self._gather, made=self._begin, lost=self._client_lost)
        self.upstream: End | None = None
        self.passage: Passage | None = None
        self._serve = serve
        self._ended = ended
        self._gathered = bytearray()
        self._arrivals: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None
        self._gone = False

    async def until(self, read: Callable[[bytearray], Found | Need | Refused]) -> Found | Refused:
        """What is read from the client's first bytes, once enough are there."""
        while (found := read(self._gathered)) is NEED_MORE:
            if self._gone:
                return Refused("gone")
            if len(self._gathered) >= _MOST_WAITING:
                return Refused("too_long")
            self._arrivals = asyncio.get_running_loop().create_future()
            await self._arrivals
        assert not isinstance(found, Need)
        return found

    def consume(self, size: int) -> None:
        """So many of the client's bytes were for us."""
        del self._gathered[:size]

    async def enter(self, host: str) -> Admission | None:
        """This is the connection's host: ask for its first request. The refusal, where there is one (P1)."""
        if self.passage is not None:
            self.passage.close()
            self.passage = None
        if self._gone or not self.sight.concerns(host):
            return None
        application = await self._application() if self.sight.watcher.asks_application else None
        self.passage = Passage(self.sight, host, application)
        if self._gone:
            self.passage.close()
            return None
        return await self.passage.enter()

    async def reach(self, host: str, port: int, *, mark: int = 0) -> Unreached | None:
        """Connect upstream. What comes from there goes to the client from now on."""
        return await dial(host, port, lambda: End(self.client.write, made=self._stands), mark=mark)

    async def hello(self) -> Hello | None:
        """What the client says first, where that is TLS."""
        if not self._gathered:
            await self.until(lambda came: True if came else NEED_MORE)
        if self._gone or self._gathered[0] != _HELLO_STARTS:
            return None
        found = await self.until(read_client_hello)
        return found if isinstance(found, Hello) else None

    def splice(self, hello: Hello | None) -> None:
        """From now on bytes go through, those first that waited."""
        if self._gone or self.upstream is None:
            return
        waited, self._gathered = bytes(self._gathered), bytearray()
        if self.passage is None:
            self.client.arrived = self.upstream.write
        else:
            self.passage.begin(http2=hello is not None and "h2" in hello.alpn)
            self.client.arrived, self.upstream.arrived = self._up, self._down
        self.client.arrived(waited)
        self.client.let_go(GATHERING)

    @property
    def gone(self) -> bool:
        return self._gone

    def close(self) -> None:
        """End it now."""
        self.client.end(at_once=True)
        if self.upstream is not None:
            self.upstream.end(at_once=True)

    def reset(self) -> None:
        """End it so that the client sees a reset."""
        self.client.reset()
        if self.upstream is not None:
            self.upstream.end(at_once=True)

    def _gather(self, chunk: bytes) -> None:
        self._gathered += chunk
        if len(self._gathered) >= _MOST_WAITING:
            self.client.hold(GATHERING)
        self._wake()

    def _wake(self) -> None:
        if self._arrivals is not None and not self._arrivals.done():
            self._arrivals.set_result(None)

    def _up(self, chunk: bytes) -> None:
        assert self.passage is not None
        assert self.upstream is not None
        if self.passage.sent(chunk):
            self.upstream.write(chunk)
            return
        self.client.hold(ADMISSION)
        self._run(self._admit(self.passage, self.upstream, chunk))

    async def _admit(self, passage: Passage, upstream: End, chunk: bytes) -> None:
        if await passage.again():
            upstream.write(chunk)
            self.client.let_go(ADMISSION)
        else:
            self.close()

    def _down(self, chunk: bytes) -> None:
        assert self.passage is not None
        self.passage.received(chunk)
        self.client.write(chunk)

    async def _application(self) -> str | None:
        assert self.client.transport is not None
        return await application_of(self.client.transport.get_extra_info("peername"))

    def _stands(self, upstream: End) -> None:
        """A connection upstream: the first one is taken (L1)."""
        if self._gone or self.upstream is not None:
            upstream.end(at_once=True)
            return
        self.upstream = upstream
        join(self.client, upstream)

    def _client_lost(self) -> None:
        self._gone = True
        self._wake()
        if self.passage is not None:
            self.passage.close()
        self._ended(self)

    def _begin(self, client: End) -> None:
        self._run(self._serve(self))

    def _run(self, doing: Coroutine[None, None, None]) -> None:
        self._task = asyncio.get_running_loop().create_task(doing)
        self._task.add_done_callback(self._served)

    def _served(self, task: "asyncio.Task[None]") -> None:
        """A failure nobody expected ends this connection, and is seen."""
        with contextlib.suppress(asyncio.CancelledError):
            if task.exception() is not None:
                self.close()
                task.result()
