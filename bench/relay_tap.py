"""The agent's proxy alone, with a watcher that lets everything go out. `python -m bench.relay_tap` says its port."""

import asyncio

import uvloop

from bench.relay_ends import HOST
from toktra_agent.core.watching import OPEN, Admission, Request
from toktra_agent.taps.proxy import proxy
from toktra_agent.taps.sight import Sight
from toktra_wire.config import ProviderHost


class Open:
    """Watches, and holds nothing back."""

    asks_application = False

    def watches(self, host: str, application: str | None = None) -> bool:
        return True

    async def admit(self, host: str, application: str | None = None) -> Admission:
        return OPEN

    def release(self, admission: Admission) -> None:
        """Nothing was held."""

    def keep(self, request: Request) -> None:
        """Nothing is kept."""


async def main() -> None:
    """Relay until killed."""
    async with proxy(Sight(Open(), [ProviderHost(HOST, "here")]), 0) as port:
        print(port, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
