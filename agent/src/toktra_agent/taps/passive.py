"""The passive tap: sees packets go by and counts. It never blocks, changes or delays anything.

With libpcap on Linux and macOS; on Windows with WinDivert (a WFP driver) in sniff mode. Tested live on Linux.
What differs on macOS and Windows, the link types, is tested with recorded packets only; where they come from
there is not tested.
"""

import asyncio
import contextlib
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from toktra_agent.core.packets import RAW
from toktra_agent.taps.captured import Captured
from toktra_agent.taps.sight import Sight

FILTER = "port 443 and (tcp or udp)"
_WINDIVERT_FILTER = "tcp.DstPort == 443 or tcp.SrcPort == 443 or udp.DstPort == 443 or udp.SrcPort == 443"
_WHOLE = 262_144  # a record's header may be anywhere in a packet, and packets are put together up to 64 kB
_MILLISECONDS = 100
_PACKETS_AT_ONCE = 200
_LOOK_SECONDS = 30

Take = Callable[[int, bytes, datetime], None]


class NoCapture(Exception):
    """Packets can't be captured here; the message says why."""


@asynccontextmanager
async def passive(sight: Sight, device: str | None = None) -> AsyncIterator[None]:
    """The tap runs. `device`: one interface, instead of all (Linux) or the first that is up (macOS)."""
    captured = Captured(sight)
    capture = _windivert if sys.platform == "win32" else _libpcap
    async with capture(captured.packet, device):
        looking = asyncio.create_task(_look(captured, sight))
        try:
            yield
        finally:
            looking.cancel()
            captured.close(sight.clock())


async def _look(captured: Captured, sight: Sight) -> None:
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        captured.look(sight.clock())


@asynccontextmanager
async def _libpcap(take: Take, device: str | None) -> AsyncIterator[None]:
    import pcapy

    try:
        name = device or ("any" if sys.platform == "linux" else pcapy.findalldevs()[0])
        reader = pcapy.open_live(name, _WHOLE, False, _MILLISECONDS)
        reader.setfilter(FILTER)
        reader.setnonblock(True)
    except pcapy.PcapError as failed:
        raise NoCapture(f"Packets can't be captured: {failed}. This needs root rights.") from failed
    link, loop = reader.datalink(), asyncio.get_running_loop()

    def one(header: Any, content: bytes) -> None:
        seconds, microseconds = header.getts()
        take(link, content, datetime.fromtimestamp(seconds + microseconds / 1e6, UTC))

    loop.add_reader(reader.getfd(), lambda: reader.dispatch(_PACKETS_AT_ONCE, one))
    try:
        yield
    finally:
        loop.remove_reader(reader.getfd())
        reader.dispatch(-1, one)
        reader.close()


@asynccontextmanager
async def _windivert(take: Take, device: str | None) -> AsyncIterator[None]:
    """WinDivert gives packets to a thread. Each is handed over before the next is taken: none pile up."""
    import pydivert

    loop = asyncio.get_running_loop()
    diverted = pydivert.WinDivert(_WINDIVERT_FILTER, flags=pydivert.Flag.SNIFF)

    async def hand_over(content: bytes) -> None:
        take(RAW, content, datetime.now(UTC))

    def read() -> None:
        with contextlib.suppress(OSError, RuntimeError):
            for packet in diverted:
                asyncio.run_coroutine_threadsafe(hand_over(bytes(packet.raw)), loop).result()

    try:
        diverted.open()
    except OSError as failed:
        raise NoCapture(f"Packets can't be captured: {failed}. This needs administrator rights.") from failed
    threading.Thread(target=read, name="windivert", daemon=True).start()
    try:
        yield
    finally:
        diverted.close()
