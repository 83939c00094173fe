"""A connection to a watched host: what is asked before its requests go out, and what is told of them.

P1: no request's first byte goes on before the request is admitted; the first is admitted with the connection,
    and anew where it comes more than SPARE_FOR after that.
P2: a request that is not watched when it begins (Privacy Hours, or left to the browser extension) is never
    told of, whatever is watched when it ends; the next one of the connection is asked about anew.
P3: an admission goes into a Request that is kept, or is released (T3), also when the connection ends early.
"""

from datetime import datetime, timedelta

from toktra_agent.core.flow import Flow
from toktra_agent.core.watching import Admission
from toktra_agent.taps.sight import Sight

SPARE_FOR = timedelta(seconds=10)


class Passage:
    """One connection's. Made before it is known whether it may go upstream."""

    __slots__ = (
        "_closed",
        "_early_counts",
        "_flow",
        "_sight",
        "_spare",
        "_spare_since",
        "_waits",
        "application",
        "host",
    )

    def __init__(self, sight: Sight, host: str, application: str | None) -> None:
        self.host = host
        self.application = application
        self._sight = sight
        self._flow: Flow | None = None
        self._spare: Admission | None = None
        self._spare_since: datetime = sight.clock()
        self._closed = self._waits = self._early_counts = False

    async def enter(self) -> Admission | None:
        """Ask for the connection's first request. The refusal, where it may not go out."""
        self._early_counts = self._watched()
        if not self._early_counts:
            return None
        admission = await self._sight.watcher.admit(self.host, self.application)
        if admission.decision == "block":
            return admission
        self._spare, self._spare_since = admission, self._sight.clock()
        if self._closed:
            self._release()
        return None

    def begin(self, *, http2: bool) -> None:
        """The client's first bytes are there, and are passed on from now."""
        self._flow = Flow(
            self.host, http2=http2, application=self.application, early_counts=self._early_counts
        )

    def sent(self, chunk: bytes) -> bool:
        """The client's bytes. Whether they may go on at once; else `again` says."""
        assert self._flow is not None
        step = self._flow.sent(chunk, self._sight.clock())
        if step.over is not None:
            self._sight.watcher.keep(step.over)
        if not step.begun or self._settled():
            return True
        self._waits = True
        return False

    def received(self, chunk: bytes) -> None:
        """The server's bytes."""
        if self._flow is None:
            return
        step = self._flow.received(chunk, self._sight.clock())
        if step.over is not None:
            self._sight.watcher.keep(step.over)
        if step.begun and not self._settled(went_out=True):
            self._flow.forget()  # it went out while nothing was watched

    async def again(self) -> bool:
        """Ask for the request that begins now on a connection that is open already. Whether it may go on."""
        assert self._flow is not None
        admission = await self._sight.watcher.admit(self.host, self.application)
        if self._closed:
            self._sight.watcher.release(admission)
            return False
        self._waits = False
        if admission.decision == "block":
            self._flow.forget()
            return False
        self._flow.admitted(admission)
        return True

    def look(self) -> None:
        """Tell of a request after which nothing came for long, and of how far another has come."""
        if self._flow is None or self._waits:
            return
        if over := self._flow.quiet(self._sight.clock()):
            self._sight.watcher.keep(over)
        elif so_far := self._flow.so_far():
            self._sight.watcher.note(so_far)

    def close(self) -> None:
        """The connection is over, or was not made."""
        if self._closed:
            return
        self._closed = True
        self._release()
        if self._flow is None:
            return
        if self._waits:
            self._flow.forget()
        over = self._flow.closed(self._sight.clock())
        if over is not None:
            self._sight.watcher.keep(over)

    def _settled(self, *, went_out: bool = False) -> bool:
        """Whether the request that began needs no asking: it is not watched, or the first and comes soon."""
        assert self._flow is not None
        if not self._watched():
            self._release()
            self._flow.forget()
            return True
        waited = self._sight.clock() - self._spare_since
        if not went_out and not timedelta() <= waited <= SPARE_FOR:
            self._release()
        spare, self._spare = self._spare, None
        if spare is None:
            return False
        self._flow.admitted(spare)
        return True

    def _watched(self) -> bool:
        return self._sight.watcher.watches(self.host, self.application)

    def _release(self) -> None:
        spare, self._spare = self._spare, None
        if spare is not None:
            self._sight.watcher.release(spare)
