"""Being told to stop: what must end is told in time, and the server hears of it as before."""

import asyncio
import signal

from toktra.kit.leaving import on_leaving


async def test_a_signal_is_heard_beside_the_server_s_own_handler() -> None:
    heard: list[str] = []
    told = asyncio.Event()
    before = signal.signal(signal.SIGTERM, lambda *_: heard.append("server"))
    try:
        with on_leaving(told.set):
            signal.raise_signal(signal.SIGTERM)
            await asyncio.wait_for(told.wait(), 5)
        assert heard == ["server"]
        told.clear()
        signal.raise_signal(signal.SIGTERM)
        await asyncio.sleep(0)
        assert heard == ["server", "server"]
        assert not told.is_set()
    finally:
        signal.signal(signal.SIGTERM, before)
