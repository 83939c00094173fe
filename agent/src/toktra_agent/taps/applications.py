"""Which program a local connection comes from."""

import asyncio
from typing import Any

import psutil


async def application_of(peer: tuple[Any, ...] | None) -> str | None:
    """The name of the program whose socket has this address; None where the system does not tell."""
    return await asyncio.to_thread(find_application, tuple(peer[:2])) if peer else None


def find_application(address: tuple[Any, ...]) -> str | None:
    """The same, at once."""
    try:
        for one in psutil.net_connections("tcp"):
            if one.pid and one.laddr and tuple(one.laddr) == address:
                return str(psutil.Process(one.pid).name())
    except (psutil.Error, OSError):
        return None
    return None
