"""The nftables rules that lead this device's connections to port 443 through the agent (Linux).

D1: the rules live as long as the process that owns their table (`flags owner`), and that one ends with the
    agent, however the agent ends: without the agent, traffic flows as if it had never been there.
D2: what carries the agent's own mark passes, and so does what stays on this device: no loop.
D3: QUIC (UDP 443) is rejected, so that browsers come back over TCP: it would go by uncounted, past any cap.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

MARK = 0x746B
TABLE = "inet toktra"
_SECONDS = 5
_NEEDS = "Watching all connections of this device needs nftables 1.0, Linux 5.12 and root rights"


class NoRedirection(Exception):
    """The rules could not be made; the message says what is missing."""


def rules(port: int) -> str:
    """What `nft` is told."""
    told = (
        f"add table {TABLE} {{ flags owner; }}",
        f"add chain {TABLE} redirected {{ type nat hook output priority -100; policy accept; }}",
        f"add rule {TABLE} redirected meta mark {MARK} accept",
        f'add rule {TABLE} redirected oifname "lo" accept',
        f"add rule {TABLE} redirected tcp dport 443 redirect to :{port}",
        f"add chain {TABLE} without_quic {{ type filter hook output priority 0; policy accept; }}",
        f'add rule {TABLE} without_quic oifname "lo" accept',
        f"add rule {TABLE} without_quic udp dport 443 reject",
    )
    return "\n".join(told) + "\n"


@asynccontextmanager
async def redirection(port: int) -> AsyncIterator["asyncio.Task[int]"]:
    """The rules hold inside. The task ends when they are lost meanwhile."""
    if shutil.which("nft") is None:
        raise NoRedirection(f"{_NEEDS}; there is no `nft` here.")
    quiet = asyncio.subprocess.DEVNULL
    piped = asyncio.subprocess.PIPE
    owner = await asyncio.create_subprocess_exec("nft", "-i", stdin=piped, stdout=quiet, stderr=quiet)
    ended = asyncio.create_task(owner.wait())
    try:
        assert owner.stdin is not None
        owner.stdin.write(rules(port).encode())
        await _wait_until_they_hold(port, ended)
        yield ended
    finally:
        assert owner.stdin is not None
        owner.stdin.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(ended), _SECONDS)
        if not ended.done():
            owner.kill()
            await ended


async def _wait_until_they_hold(port: int, ended: "asyncio.Task[int]") -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(_SECONDS):
            while not ended.done():
                if f"redirect to :{port}\n" in await _listed():
                    return
                await asyncio.sleep(0.02)
    raise NoRedirection(f"{_NEEDS}; `nft` did not take the rules.")


async def _listed() -> str:
    listing = await asyncio.create_subprocess_exec(
        "nft",
        "list",
        "table",
        *TABLE.split(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    said, _ = await listing.communicate()
    return said.decode()
