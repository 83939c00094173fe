"""The transparent tap (Linux): connections to port 443 come here, are decided on by their hello, and go on.

Y1: a connection goes on to where it was going; what is not to be looked at goes on unseen.
Y2: a request that may not go out is refused by a reset, with nothing connected upstream.
Y3: a client that says nothing for 10 seconds is connected, since its server may speak first. What it says
    then is decided on all the same, before it goes on.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address

from toktra_agent.core.asked import Place
from toktra_agent.taps.connection import Connection
from toktra_agent.taps.open_connections import OpenConnections
from toktra_agent.taps.redirection import MARK, redirection
from toktra_agent.taps.sight import Sight
from toktra_agent.taps.splice import End

_SECONDS_TO_SPEAK = 10
_BACKLOG = 1024
_ORIGINAL_DESTINATION = 80  # SO_ORIGINAL_DST and IP6T_SO_ORIGINAL_DST
_LEVELS = {socket.AF_INET: (socket.IPPROTO_IP, 16), socket.AF_INET6: (socket.IPPROTO_IPV6, 28)}


@asynccontextmanager
async def transparent(sight: Sight) -> AsyncIterator["asyncio.Task[int]"]:
    """The tap runs. The task ends when its rules are lost meanwhile."""
    opened = OpenConnections(sight)
    listening = _listen()
    loop = asyncio.get_running_loop()
    servers = [
        await loop.create_server(lambda: opened.accept(_serve, End.reset), sock=one, backlog=_BACKLOG)
        for one in listening
    ]
    opened.start()
    try:
        async with redirection(listening[0].getsockname()[1]) as lost:
            yield lost
    finally:
        for server in servers:
            server.close()
        await opened.stop()


def _listen() -> list[socket.socket]:
    """One port on both loopback addresses; only on IPv4's where there is no IPv6."""
    first = _bound(socket.AF_INET, "127.0.0.1", 0)
    listening = [first]
    with contextlib.suppress(OSError):
        listening.append(_bound(socket.AF_INET6, "::1", first.getsockname()[1]))
    return listening


def _bound(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
    except OSError:
        made.close()
        raise
    return made


async def _serve(connection: Connection) -> None:
    place = _destination(connection)
    return connection.reset() if place is None else await lead_on(connection, place)


async def lead_on(connection: Connection, place: Place) -> None:
    """To where it was going, if it may."""
    try:
        async with asyncio.timeout(_SECONDS_TO_SPEAK):
            hello = await connection.hello()
    except TimeoutError:
        if await connection.reach(place.host, place.port, mark=MARK) is not None:
            return connection.reset()
        hello = await connection.hello()
    if await connection.enter(connection.sight.named("", hello)) is not None:
        return connection.reset()
    if connection.upstream is None and await connection.reach(place.host, place.port, mark=MARK) is not None:
        return connection.reset()
    return connection.splice(hello)


def _destination(connection: Connection) -> Place | None:
    """Where the connection was going before it was led here; None where nothing led it here."""
    assert connection.client.transport is not None
    plain: socket.socket = connection.client.transport.get_extra_info("socket")
    level, size = _LEVELS[plain.family]
    try:
        found = plain.getsockopt(level, _ORIGINAL_DESTINATION, size)
    except OSError:
        return None
    begin, length = (4, 4) if size == 16 else (8, 16)
    place = Place(str(ip_address(found[begin : begin + length])), struct.unpack("!H", found[2:4])[0])
    return None if (place.host, place.port) == plain.getsockname()[:2] else place
