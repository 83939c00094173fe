"""One tap in a process of its own, with a watcher that writes down what it is told.

`python -m e2e.agent.tapping TAP FOLDER`: requests go to FOLDER/requests.jsonl; while FOLDER/blocked exists,
no request is admitted. Says one line when it is ready: the proxy's port, or 0.
"""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import uvloop

from e2e.agent.names import WATCHED
from toktra_agent.core.watching import Admission, Request
from toktra_agent.taps.passive import passive
from toktra_agent.taps.proxy import proxy
from toktra_agent.taps.redirection import MARK
from toktra_agent.taps.sight import Sight
from toktra_agent.taps.transparent import transparent
from toktra_wire.config import ProviderHost


@asynccontextmanager
async def both(sight: Sight) -> AsyncIterator[int]:
    """The proxy, on a device where the transparent tap runs too."""
    async with transparent(sight), proxy(sight, 0) as port:
        yield port


TAPS: dict[str, Callable[[Sight], AbstractAsyncContextManager[Any]]] = {
    "proxy": lambda sight: proxy(sight, 0),
    "transparent": transparent,
    "passive": passive,
    "proxy and transparent": lambda sight: both(replace(sight, mark=MARK)),
}
REFUSED = "The budget of Engineering is used up."


@dataclass
class Writing:
    """A watcher."""

    folder: Path
    asks_application: bool = False
    held: set[UUID] = field(default_factory=set)

    def watches(self, host: str, application: str | None = None) -> bool:
        return True

    async def admit(self, host: str, application: str | None = None) -> Admission:
        (self.folder / "asked").touch()
        if (self.folder / "blocked").exists():
            return Admission("block", REFUSED, exemption_url="https://toktra.example/ask")
        admission = Admission("allow", hold_id=uuid4())
        self.held.add(admission.hold_id or UUID(int=0))
        return admission

    def release(self, admission: Admission) -> None:
        self._settle(admission)

    def note(self, request: Request) -> None:
        """Only what is over is looked at."""

    def keep(self, request: Request) -> None:
        self._settle(request.admission)
        line = {
            "host": request.host,
            "got": request.request_bytes,
            "sent": request.response_bytes,
            "http2": request.http2,
        }
        with (self.folder / "requests.jsonl").open("a") as out:
            out.write(json.dumps(line) + "\n")

    def _settle(self, admission: Admission) -> None:
        """Each admission ends once; the passive tap has none."""
        if admission.hold_id is not None:
            self.held.remove(admission.hold_id)


async def main(tap: str, folder: str) -> None:
    """Until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    watcher = Writing(Path(folder))
    sight = Sight(watcher, [ProviderHost(pattern, provider) for pattern, provider in WATCHED.items()])
    async with TAPS[tap](sight) as ready:
        print(ready if isinstance(ready, int) else 0, flush=True)
        await stop.wait()
    assert not watcher.held, "an admission was neither kept nor released"


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
